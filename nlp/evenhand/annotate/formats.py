"""Files of codings: which format a file has, and reading and writing of each."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path

from evenhand.annotate.records import Annotations
from evenhand.errors import InputError
from evenhand.output import check_output, replacing

_MOST_BYTES = 1 << 30  # far more than any project; read whole, so that a larger one would take all memory


@dataclass(frozen=True, slots=True)
class Format:
    """An exchange format.

    Attributes:
        name: Of it, for a person.
        module: Has `read(content, name)` and `written(collection)`, of bytes or, with `text`, of text.
        text: Whether it is UTF-8 text.
    """

    name: str
    module: str
    text: bool


FORMATS = {
    ".jsonl": Format("Evenhand's JSON Lines", "json_lines", text=True),
    ".json": Format("Label Studio", "label_studio", text=True),
    ".qdpx": Format("REFI-QDA project", "refi", text=False),
    ".jsonld": Format("W3C Web Annotation", "web_annotation", text=True),
    ".csv": Format("CSV", "tables", text=True),
    ".xlsx": Format("Excel workbook", "workbook", text=False),
}


def format_of(path: Path) -> Format:
    """The format of a file, by its suffix.

    Raises:
        InputError: there is none for it.
    """
    found = FORMATS.get(path.suffix.lower())
    if found is None:
        known = ", ".join(f"{suffix} ({each.name})" for suffix, each in FORMATS.items())
        message = f"{path}: the suffix says no format of codings; use one of {known}"
        raise InputError(message)
    return found


def read_annotations(path: Path) -> Annotations:
    """Read a file of codings.

    Raises:
        InputError: it cannot be read; the message says where, and repeats no text.
    """
    kind = format_of(path)
    try:
        if path.stat().st_size > _MOST_BYTES:
            message = f"{path} has more than {_MOST_BYTES >> 30} GiB; split it"
            raise InputError(message)
        content = path.read_bytes()
    except OSError as error:
        message = f"{path} cannot be read ({(error.strerror or 'the system refused').lower()})"
        raise InputError(message) from error
    read: Callable[..., Annotations] = import_module(f"evenhand.annotate.{kind.module}").read
    if not kind.text:
        return read(content, str(path))
    try:
        return read(content.decode("utf-8-sig"), str(path))
    except UnicodeDecodeError:
        message = f"{path} is not UTF-8; save it as UTF-8"
        raise InputError(message) from None


def write_annotations(
    collection: Annotations, path: Path, *, overwrite: bool = False, sources: Sequence[Path] = ()
) -> None:
    """Write a file of codings, whole or not at all; never in place of one of `sources`.

    Raises:
        InputError: the suffix says no format, or the format cannot hold the collection.
        OutputError: the file is there already, or cannot be written.
    """
    kind = format_of(path)
    check_output(path, sources, tuple(FORMATS), overwrite=overwrite)
    write: Callable[[Annotations], str | bytes] = import_module(f"evenhand.annotate.{kind.module}").written
    content = write(collection)
    with replacing(path, overwrite=overwrite) as part:
        part.write_bytes(content.encode() if isinstance(content, str) else content)
