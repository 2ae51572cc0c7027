"""What the pages of documentation hold: blocks of code, commands in running text, links, tables of errors."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from markdown_it import MarkdownIt
from markdown_it.token import Token

ROOT = Path(__file__).parents[2]
GUIDES = sorted((ROOT / "nlp" / "guides").glob("*.md"))
PAGES = [
    ROOT / "README.md",
    ROOT / "CONTRIBUTING.md",
    ROOT / "nlp" / "README.md",
    *GUIDES,
    ROOT / "serve" / "README.md",
    ROOT / "training" / "README.md",
    *sorted((ROOT / "annotations").glob("*.md")),
    ROOT / "examples" / "README.md",
]
ERRORS = "When something goes wrong"  # heading above a table whose first column has messages
_NO_SLUG = re.compile(r"[^\w\- ]")


class Block(NamedTuple):
    """A fenced block: its language ("" where none is said), its text, and the line of the page that it begins on."""

    page: Path
    line: int
    language: str
    text: str

    @property
    def place(self) -> str:
        """Where it stands, for messages."""
        return f"{self.page.relative_to(ROOT)}:{self.line}"


def tokens(page: Path) -> list[Token]:
    """A page's parts as CommonMark with tables has them."""
    return MarkdownIt("commonmark").enable("table").parse(page.read_text(encoding="utf-8"))


def blocks(page: Path) -> list[Block]:
    """All fenced and indented blocks of a page, in their order."""
    return [
        Block(page, (token.map or [0])[0] + 1, token.info.strip(), token.content)
        for token in tokens(page)
        if token.type in {"fence", "code_block"}
    ]


def inline(page: Path, kind: str) -> Iterator[Token]:
    """Parts of running text of a kind, such as `code_inline`."""
    for token in tokens(page):
        for child in token.children or ():
            if child.type == kind:
                yield child


def commands(text: str) -> list[str]:
    """The commands of a shell block: continued lines joined, comments left out."""
    joined = re.sub(r"\s*\\\n\s*", " ", text)
    found = (re.sub(r"(^|\s+)#\s.*$", "", line).strip() for line in joined.splitlines())
    return [line for line in found if line]


def links(page: Path) -> list[str]:
    """Addresses of links and pictures."""
    found = [str(token.attrs["href"]) for token in inline(page, "link_open")]
    return found + [str(token.attrs["src"]) for token in inline(page, "image")]


def anchors(page: Path) -> set[str]:
    """What a link to a heading of the page may have behind #, as GitHub makes it."""
    every = tokens(page)
    heads = [every[place + 1].content for place, token in enumerate(every) if token.type == "heading_open"]
    return {_NO_SLUG.sub("", head.lower()).replace(" ", "-") for head in heads}


def error_messages(page: Path) -> list[str]:
    """Messages in the table of errors of a page: code in the first cell of each row."""
    found: list[str] = []
    inside, first = False, False
    every = tokens(page)
    for place, token in enumerate(every):
        if token.type == "heading_open":
            inside = every[place + 1].content == ERRORS
        first = token.type == "tr_open" or (first and token.type != "td_close")
        if inside and first and token.type == "inline" and every[place - 1].type == "td_open":
            found += [child.content for child in token.children or () if child.type == "code_inline"]
    return found
