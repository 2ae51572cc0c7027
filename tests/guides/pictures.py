"""Make the pictures of `nlp/guides/`, by hand when what they show has changed: needs Chromium and all extras.

    PYTHONPATH=. python tests/guides/pictures.py [NAME...]

Each command that is pictured is one that its guide has. Look at every picture afterwards, at full size.
"""

from __future__ import annotations

import io
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from PIL import Image, ImageOps
from playwright.sync_api import Page, sync_playwright
from rich.console import Console
from rich.text import Text
from tests.guides.pages import ROOT, blocks

PICTURES = ROOT / "nlp" / "guides" / "pictures"
COLUMNS = 100  # of the terminals: as wide as the tables of `evenhand`
COLOURS = 128  # of a PNG: pages have few, and a picture is then a third of its size
WIDTH = 1000  # pixels of a page's picture, which guides show at that width at most
MARGIN = 24  # pixels around a part of a page
MOST_BYTES = 150_000
PATIENCE = 180.0  # seconds until a service has to be ready
_BROWSERS = ("chromium", "chromium-browser", "google-chrome")
_FONT = re.compile(r"@font-face \{.*?\}\s*", re.DOTALL)  # rich's are loaded from elsewhere


class Shot(NamedTuple):
    """A picture of a page: what makes it, which file or address is shown, and how many pixels of its height."""

    commands: tuple[str, ...]
    shown: str
    height: int
    before: Callable[[Page], None] | None = None
    part: str = ""  # CSS selector, for a part of the page alone


class Terminal(NamedTuple):
    """A picture of a terminal after a command; `before` is not shown."""

    before: tuple[str, ...]
    shown: tuple[str, ...]
    title: str
    most_lines: int = 60


def _read_a_text(page: Page) -> None:
    """Send the first example text of the service's first page."""
    text = "Mum fails to engage. The meter ran out on Sunday and they sat in the dark. [CHILD] was hungry on Monday."
    page.fill("textarea", text)
    page.click("form:has(textarea) button[type=submit], form:has(textarea) .govuk-button")
    page.wait_for_url("**/text/**")
    page.wait_for_load_state("networkidle")


def _code_a_text(page: Page) -> None:
    """Say who codes, and begin with the second text."""
    page.fill("#coder", "Anna")
    page.click("text=Begin")
    page.goto(page.url + "/2")
    page.wait_for_load_state("networkidle")
    for key in "b4":
        page.keyboard.press(key)


_T = "examples/thresholds"
PICTURED: dict[str, Shot | Terminal] = {
    "marked": Shot((f"evenhand code {_T}/larkmere-2026.docx -o marked.html",), "marked.html", 900),
    "situations": Shot(
        (
            f"evenhand code {_T}/larkmere-2026.docx {_T}/ottermarsh.html -o coded.xlsx",
            f"evenhand compare coded.xlsx --documents {_T}/documents.csv -o areas.html",
        ),
        "areas.html",
        900,
        part="#situations",
    ),
    "agreement": Shot(("evenhand annotate agree examples/codings.csv --html agreement.html",), "agreement.html", 1100),
    "report": Shot(
        (
            "evenhand flag examples/contacts.csv -o flagged.jsonl --html report --by agency --by received:month"
            " --no-rewrites",
        ),
        "report.html",
        1310,
    ),
    "page": Shot((), "/", 1395, _read_a_text),
    "coding": Shot(("evenhand annotate start examples/referrals.csv -o ours.sqlite",), "/code", 1000, _code_a_text),
    "score": Terminal((), ("evenhand score examples/referrals.csv -o scored.jsonl --table",), "data team", 40),
    "flag": Terminal(
        (),
        (
            'evenhand flag "Mum fails to engage and is in denial. '
            'The meter ran out on Sunday and they sat in the dark."',
        ),
        "analyst",
        34,
    ),
    "python": Terminal((), ("python first.py",), "developer"),
}


def run(command: str, folder: Path, *, width: int = COLUMNS) -> str:
    """Run a command as a colour terminal would; both outputs, in their order."""
    environment = {**os.environ, "FORCE_COLOR": "1", "COLUMNS": str(width), "TERM": "xterm-256color"}
    done = subprocess.run(
        ["bash", "-c", command],
        cwd=folder,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    if done.returncode:
        raise SystemExit(done.stdout)
    return done.stdout


def first_program() -> str:
    """The first program of the developer's guide."""
    found = blocks(ROOT / "nlp" / "guides" / "developer.md")
    return next(block.text for block in found if block.language == "python")


def terminal(made: Terminal, folder: Path, path: Path) -> None:
    """Write what commands print as SVG that loads nothing from elsewhere."""
    for command in made.before:
        run(command, folder)
    console = Console(record=True, width=COLUMNS, file=io.StringIO(), force_terminal=True, color_system="truecolor")
    lines = [line for command in made.shown for line in [f"$ {command}", *run(command, folder).splitlines()]]
    for line in lines[: made.most_lines]:
        console.print(Text.from_ansi(line), soft_wrap=False)
    if len(lines) > made.most_lines:
        console.print("…")
    path.write_text(_FONT.sub("", console.export_svg(title=made.title)), encoding="utf-8")


@contextmanager
def service(folder: Path) -> Iterator[str]:
    """A service on a free port, ready to read."""
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        port = found.getsockname()[1]
    address = f"http://127.0.0.1:{port}"
    project = ["--project", "ours.sqlite"] if (folder / "ours.sqlite").exists() else []
    command = ["evenhand", "serve", "--port", str(port), *project]
    process = subprocess.Popen(command, cwd=folder, stderr=subprocess.DEVNULL)
    try:
        end = time.monotonic() + PATIENCE
        while time.monotonic() < end and not _ready(address):
            time.sleep(1.0)
        yield address
    finally:
        process.send_signal(signal.SIGINT)
        process.wait(timeout=60)


def _ready(address: str) -> bool:
    try:
        with urllib.request.urlopen(f"{address}/readyz") as answer:  # noqa: S310 - our own service
            return answer.status == 200 and b'"areas": "ready"' in answer.read().replace(b'":"', b'": "')
    except (urllib.error.URLError, ConnectionError):
        return False


def shot(made: Shot, folder: Path, path: Path, page: Page) -> None:
    """Write the top of a page as PNG of few colours."""
    for command in made.commands:
        run(command, folder)
    if made.shown.startswith("/"):
        with service(folder) as address:
            page.goto(address + made.shown)
            _picture(made, page, path)
    else:
        page.goto((folder / made.shown).as_uri())
        _picture(made, page, path)


def _picture(made: Shot, page: Page, path: Path) -> None:
    if made.before:
        made.before(page)
    whole = page.locator(made.part).screenshot() if made.part else page.screenshot(full_page=True)
    picture = Image.open(io.BytesIO(whole)).convert("RGB")
    picture = picture.crop((0, 0, picture.width, min(made.height, picture.height)))
    if made.part:
        picture = ImageOps.expand(picture, MARGIN, "white")
    picture.quantize(COLOURS, dither=Image.Dither.NONE).save(path, optimize=True)


def main() -> None:
    """Make all pictures, or those named."""
    names = sys.argv[1:] or list(PICTURED)
    browser_path = next(filter(None, map(shutil.which, _BROWSERS)), None)
    PICTURES.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as made_in, sync_playwright() as play:
        browser = play.chromium.launch(executable_path=browser_path, args=["--no-sandbox"])
        page = browser.new_page(viewport={"width": WIDTH, "height": 800})
        for name in names:
            folder = Path(made_in) / name
            shutil.copytree(ROOT / "examples", folder / "examples")
            (folder / "first.py").write_text(first_program(), encoding="utf-8")
            made = PICTURED[name]
            path = PICTURES / f"{name}.{'svg' if isinstance(made, Terminal) else 'png'}"
            if isinstance(made, Terminal):
                terminal(made, folder, path)
            else:
                shot(made, folder, path, page)
            size = path.stat().st_size
            print(f"{path.name}: {size:,} bytes{' (too large)' if size > MOST_BYTES else ''}")


if __name__ == "__main__":
    main()
