"""`make docs`: every public name of the library is on its page with what its docstring says."""

from __future__ import annotations

import html
import inspect
import re
from importlib import import_module
from pathlib import Path

import pytest
from tests.guides.reference import GUIDES, MODULES, ROOT, build


@pytest.fixture(scope="module")
def pages(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """All pages; building them raises on any warning."""
    out = tmp_path_factory.mktemp("docs")
    build(out)
    return out


def public_names() -> list[tuple[str, str]]:
    """Modules with the names that they offer."""
    every = [(module, import_module(module)) for module in MODULES]
    return [(module, name) for module, found in every for name in getattr(found, "__all__", ())]


def told(page: Path) -> str:
    """Words of a page."""
    text = re.sub(r"<[^>]+>", "", page.read_text(encoding="utf-8"))
    return " ".join(re.sub(r"[`*\\]", "", html.unescape(text)).split())


@pytest.mark.parametrize(("module", "name"), public_names())
def test_a_public_name_is_shown_with_its_docstring(pages: Path, module: str, name: str) -> None:
    value = getattr(import_module(module), name)
    page = pages / (module.replace(".", "/") + ".html")
    if (own := page.with_suffix("") / f"{name}.html").exists():
        page = own  # `where` is a function in a module of that name: pdoc shows it there

    assert re.search(rf'id="{name}"', page.read_text(encoding="utf-8"))
    if inspect.isclass(value) or inspect.isfunction(value):
        assert value.__doc__, f"{module}.{name} has no docstring"
        first = " ".join(inspect.cleandoc(value.__doc__).split("\n\n")[0].split())
        assert re.sub(r"[`*\\]", "", first) in told(page)


@pytest.mark.parametrize("module", MODULES)
def test_a_module_is_shown_with_what_it_is_for(pages: Path, module: str) -> None:
    doc = import_module(module).__doc__ or ""
    first = " ".join(inspect.cleandoc(doc).split("\n\n")[0].split())

    assert first
    assert re.sub(r"[`*\\]", "", first) in told(pages / (module.replace(".", "/") + ".html"))


def test_every_guide_is_beside_them_and_its_links_lead_to_files(pages: Path) -> None:
    for page in GUIDES.glob("*.md"):
        made = (pages / "guides" / page.with_suffix(".html").name).read_text(encoding="utf-8")
        for link in re.findall(r'(?:href|src)="([^"#]+)', made):
            if "://" not in link:
                at = (pages / "guides" / link).resolve()
                assert at.exists(), f"{page.name}: {link}"


def test_every_module_that_the_developers_guide_names_has_a_page() -> None:
    text = (ROOT / "nlp" / "guides" / "developer.md").read_text(encoding="utf-8")
    named = set(re.findall(r"`(evenhand\.[a-z_.]+)", text))
    shown = {module for module in named if any(module == one or module.rpartition(".")[0] == one for one in MODULES)}

    assert named
    assert named == shown
