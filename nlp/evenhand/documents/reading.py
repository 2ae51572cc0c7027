"""A file to what it says: its levels, its descriptors, what was left unread, and what a person should look at."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from evenhand.documents.collected import Found
from evenhand.documents.descriptors import find_descriptors
from evenhand.documents.layout import Box, Layout, Trouble, joined_rows
from evenhand.documents.levels import NativeLevel, overridden, propose_levels
from evenhand.documents.schemes import find_levels
from evenhand.errors import InputError, MissingExtraError
from evenhand.scheme import Level

PDF, WORD, WEB, TEXT = "PDF", "Word document", "web page", "text file"
_SUFFIXES = {
    ".pdf": PDF,
    ".docx": WORD,
    ".html": WEB,
    ".htm": WEB,
    ".xhtml": WEB,
    ".txt": TEXT,
    ".md": TEXT,
}
_MOST_BYTES = 500_000_000  # a threshold document has a few; beyond this the wrong file was given
OnPage = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class Descriptor:
    """Which concern a document puts at which level.

    Attributes:
        text: As the document has it, on one line.
        native_level: The document's own level.
        levels: Legal codes of that level; () where the document does not tell.
        section: Nearest heading or row head that names no level; "" for none.
        page: From 1; None where the file has no pages.
        box: Where it begins on its page; None where the file does not say.
        running: Whether it stands in running text.
    """

    text: str
    native_level: str
    levels: tuple[Level, ...]
    section: str
    page: int | None
    box: Box | None
    running: bool


@dataclass(frozen=True, slots=True)
class Coverage:
    """Words of a page, and how many of them are in descriptors.

    Attributes:
        page: From 1; None for a file without pages.
        words: All that were read on it, running heads and feet left out.
        used: Those in a descriptor.
    """

    page: int | None
    words: int
    used: int


@dataclass(frozen=True, slots=True)
class Document:
    """A threshold document as read.

    Attributes:
        name: Of the file.
        kind: PDF, Word document, web page or text file.
        pages: How many; None where the file has none.
        levels: Mildest first; () where no scheme of levels was found.
        descriptors: In reading order.
        troubles: What a person should look at.
        coverage: By page.
        read_whole: Whether every page was read in full, no list stood behind one that was not, and something was found
            at each level. What stands at no level is left out all the same; `coverage` says how much.
        layout: What the file holds, before anything was made of it.
    """

    name: str
    kind: str
    pages: int | None
    levels: tuple[NativeLevel, ...]
    descriptors: tuple[Descriptor, ...]
    troubles: tuple[Trouble, ...]
    coverage: tuple[Coverage, ...]
    read_whole: bool
    layout: Layout


def read(
    path: str | Path,
    *,
    levels: Mapping[str, Sequence[Level]] | None = None,
    progress: OnPage | None = None,
) -> Document:
    """Read a threshold document.

    Args:
        path: A PDF, .docx, .html or .txt file.
        levels: Legal codes by level key that a person has set; they go before what the document says.
        progress: Told pages done and pages in all.

    Raises:
        InputError: the file is missing, empty, of another kind, encrypted or broken.
        MissingExtraError: the extra `documents` is not installed.
    """
    file = Path(path)
    kind = kind_of(file)
    layout = _layout(file, kind, progress)
    layout = replace(layout, blocks=tuple(joined_rows(layout.blocks)))
    scheme = find_levels(layout)
    if scheme is None:
        none = Trouble(None, "no levels were found: neither headings nor tables name two or more; nothing was coded")
        return Document(
            file.name, kind, layout.pages, (), (), (*layout.troubles, none), _coverage(layout, []), False, layout
        )
    named = overridden(propose_levels(layout, scheme), levels or {})
    found, guesses = find_descriptors(layout, scheme)
    by_key = {level.key: level for level in named}
    descriptors = tuple(_descriptor(one, by_key[one.key]) for one in found)
    troubles = (*layout.troubles, *guesses, *_level_troubles(named, found))
    coverage = _coverage(layout, found)
    return Document(
        name=file.name,
        kind=kind,
        pages=layout.pages,
        levels=named,
        descriptors=descriptors,
        troubles=troubles,
        coverage=coverage,
        read_whole=not (layout.troubles or guesses) and {one.key for one in found} == set(by_key),
        layout=layout,
    )


def kind_of(path: Path) -> str:
    """What kind of document a file is, by its suffix and its first bytes.

    Raises:
        InputError: it is missing, empty, too large or of another kind.
    """
    if not path.exists():
        message = f"{path}: no such file"
        raise InputError(message)
    if path.is_dir():
        message = f"{path}: a folder; name the files in it"
        raise InputError(message)
    size = path.stat().st_size
    if size == 0:
        message = f"{path}: the file is empty"
        raise InputError(message)
    if size > _MOST_BYTES:
        message = f"{path}: {size / 1e6:,.0f} MB, more than a threshold document can have; is it the right file?"
        raise InputError(message)
    with path.open("rb") as stream:
        begin = stream.read(8)
    if begin.startswith(b"%PDF"):
        return PDF
    kind = _SUFFIXES.get(path.suffix.lower())
    if kind is None or (kind == WORD and not begin.startswith(b"PK")):
        known = ", ".join(sorted(_SUFFIXES))
        message = f"{path}: not a document that can be read; give one of {known} (an old .doc has to be saved as .docx)"
        raise InputError(message)
    if kind == PDF:
        message = f"{path}: is named .pdf but is not a PDF; get it again from where it was published"
        raise InputError(message)
    return kind


def _layout(path: Path, kind: str, progress: OnPage | None) -> Layout:
    try:
        if kind == PDF:
            from evenhand.documents.pdf import read_pdf

            return read_pdf(path, progress=progress)
        if kind == WORD:
            from evenhand.documents.word import read_word

            return read_word(path)
        if kind == WEB:
            from evenhand.documents.web import read_html

            return read_html(path)
    except ModuleNotFoundError as error:
        message = f"reading a {kind} needs {error.name}: pip install 'evenhand[documents]'"
        raise MissingExtraError(message) from error
    from evenhand.documents.plain import read_plain

    return read_plain(path)


def _descriptor(found: Found, level: NativeLevel) -> Descriptor:
    return Descriptor(
        text=found.text,
        native_level=level.native,
        levels=level.levels,
        section=found.section,
        page=found.piece.page,
        box=found.piece.box,
        running=found.running,
    )


def _level_troubles(levels: Sequence[NativeLevel], found: Sequence[Found]) -> list[Trouble]:
    troubles = [
        Trouble(
            None, f"{level.native}: its legal codes are not clear from the document; look at them in the levels file"
        )
        for level in levels
        if not level.sure
    ]
    used = {one.key for one in found}
    return troubles + [
        Trouble(None, f"{level.native}: named as a level, and no descriptor was found at it")
        for level in levels
        if level.key not in used
    ]


def _coverage(layout: Layout, found: Sequence[Found]) -> tuple[Coverage, ...]:
    words, used = Counter[int | None](), Counter[int | None]()
    for piece in layout.pieces():
        words[piece.page] += len(piece.text.split())
    for one in found:
        used[one.piece.page] += len(one.text.split())
    return tuple(
        Coverage(page, words[page], min(used[page], words[page])) for page in sorted(words, key=lambda page: page or 0)
    )
