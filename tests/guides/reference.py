"""Build the pages of `make docs`: every public name of the library from its docstring, and the guides beside them.

    PYTHONPATH=. python tests/guides/reference.py [FOLDER]

Begin with `FOLDER/evenhand.html`. pdoc reads docstrings (Google form) and signatures; nothing is kept twice.
"""

from __future__ import annotations

import html
import os
import shutil
import sys
import warnings
from importlib.util import find_spec
from pathlib import Path

from markdown_it import MarkdownIt
from markdown_it.token import Token

ROOT = Path(__file__).parents[2]
GUIDES = ROOT / "nlp" / "guides"
OUT = ROOT / ".docs"
# The package first, then what guides and READMEs name; a name that a module only imports is shown where it is from.
MODULES = (
    "evenhand",
    "evenhand.agreement",
    "evenhand.annotate",
    "evenhand.annotate.formats",
    "evenhand.annotate.records",
    "evenhand.batch",
    "evenhand.consistency",
    "evenhand.consistency.report",
    "evenhand.documents",
    "evenhand.errors",
    "evenhand.framing",
    "evenhand.framing.components",
    "evenhand.model",
    "evenhand.privacy",
    "evenhand.result",
    "evenhand.scheme",
    "evenhand.search_terms",
    "evenhand.spark",
    "evenhand.tables",
    "evenhand.text",
)
_STYLE = (
    "body{font-family:sans-serif;line-height:1.5;max-width:60rem;margin:2rem auto;padding:0 1rem}"
    "pre{background:#f3f2f1;padding:.7rem;overflow:auto}table{border-collapse:collapse}"
    "td,th{border:1px solid #b1b4b6;padding:.3rem .6rem;text-align:left;vertical-align:top}img{max-width:100%}"
)


def build(out: Path) -> None:
    """Write all pages into a folder.

    Raises:
        Warning: pdoc has one, for instance of a name that it cannot find.
    """
    import pdoc

    with warnings.catch_warnings():
        warnings.simplefilter("error")
        # Types of `evenhand.spark` need a package of 0.4 GB, which `make docs` does without: they are shown as written.
        if find_spec("pyspark") is None:
            warnings.filterwarnings("ignore", r".* for evenhand\.spark\.score")
        pdoc.render.configure(
            docformat="google", show_source=False, footer_text="Evenhand never decides about a child."
        )
        pdoc.pdoc(*MODULES, output_directory=out)
    guides = out / "guides"
    guides.mkdir(exist_ok=True)
    for page in sorted(GUIDES.glob("*.md")):
        (guides / page.with_suffix(".html").name).write_text(guide(page, guides), encoding="utf-8")
    shutil.copytree(GUIDES / "pictures", guides / "pictures", dirs_exist_ok=True)


def guide(page: Path, folder: Path) -> str:
    """A guide as a web page in `folder`; links to guides lead to their web pages, others to files of the clone."""
    renderer = MarkdownIt("commonmark").enable("table")
    tokens = renderer.parse(page.read_text(encoding="utf-8"))
    for place, token in enumerate(tokens):
        if token.type == "heading_open":
            token.attrs["id"] = "".join(
                c for c in tokens[place + 1].content.lower() if c.isalnum() or c in " -"
            ).replace(" ", "-")
        for child in token.children or ():
            if child.type == "link_open":
                child.attrs["href"] = _target(str(child.attrs["href"]), page, folder)
    title = html.escape(_title(tokens))
    body = renderer.renderer.render(tokens, renderer.options, {})
    return (
        f'<!doctype html>\n<html lang="en"><head><meta charset="utf-8"><title>{title}</title>\n'
        f"<style>{_STYLE}</style></head>\n"
        f'<body><p><a href="README.html">Guides</a> · <a href="../evenhand.html">API</a></p>\n{body}</body></html>\n'
    )


def _title(tokens: list[Token]) -> str:
    return next(tokens[place + 1].content for place, token in enumerate(tokens) if token.type == "heading_open")


def _target(href: str, page: Path, folder: Path) -> str:
    if "://" in href or href.startswith("#"):
        return href
    path, _, anchor = href.partition("#")
    at = (page.parent / path).resolve()
    if at.parent == GUIDES and at.suffix == ".md":
        found = at.with_suffix(".html").name
    else:
        found = Path(os.path.relpath(at, folder)).as_posix()
    return f"{found}#{anchor}" if anchor else found


if __name__ == "__main__":
    build(Path(sys.argv[1]).resolve() if len(sys.argv) > 1 else OUT)
