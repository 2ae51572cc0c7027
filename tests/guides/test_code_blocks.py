"""Every block of code on every page is run as it stands there, parsed, or listed with a reason in `exceptions`."""

from __future__ import annotations

import configparser
import json
import shutil
import tomllib
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import pytest
from tests.guides import exceptions, files
from tests.guides.options import missing_targets, unknown_parts
from tests.guides.pages import GUIDES, PAGES, ROOT, Block, blocks, commands, inline
from tests.guides.running import ADDRESS, PageError, missing_lines, run_line, run_python, service

SHELL = {"", "bash", "sh", "bat"}
PYTHON = {"python", "py"}
TEXT = "text"


class Services:
    """What pages share: one service, started when the first asks for it, and whether names were looked for yet."""

    def __init__(self, folder: Path) -> None:
        self.stack, self.names_seen, self._folder, self._address = ExitStack(), False, folder, ""

    def address(self) -> str:
        """Where it answers."""
        if not self._address:
            self._address = self.stack.enter_context(service(self._folder))
        return self._address


@pytest.fixture(scope="session")
def services(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Services]:
    made = Services(tmp_path_factory.mktemp("service"))
    with made.stack:
        yield made


@dataclass
class Run:
    """What the blocks of one page are run with.

    The first line of all pages that looks for names is run so; later ones look for patterns, to save the loading.
    """

    services: Services
    folder: Path

    def block(self, block: Block) -> str | None:
        """Run or parse a block; what it printed, None for one that prints nothing to be shown."""
        if block.language in SHELL:
            return "".join([self._line(line) for line in commands(block.text)])
        if block.language in PYTHON:
            return None if exceptions.listed_block(block.text) else run_python(self._told(block.text), self.folder)
        if block.language == "json":
            json.loads(block.text)
        elif block.language == "toml":
            tomllib.loads(block.text)
        elif block.language == "ini":
            configparser.RawConfigParser(strict=False).read_string(block.text)
        else:
            message = f"{block.language!r} is no language of which anything is checked"
            raise PageError(message)
        return None

    def _line(self, line: str) -> str:
        if found := exceptions.listed(line):
            if wrong := found.check(line):
                raise PageError("; ".join(wrong))
            return ""
        files.by_hand(line, self.folder)
        told = files.own_token(self._told(line), self.folder)
        if exceptions.asks_for_names(line):
            told += " --privacy patterns" if self.services.names_seen else ""
            self.services.names_seen = True
        return run_line(told, self.folder, status=exceptions.STATUS.get(line, 0))

    def _told(self, code: str) -> str:
        return code.replace(ADDRESS, self.services.address()) if ADDRESS in code else code


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_block_of_a_page_does_what_the_page_says(page: Path, tmp_path: Path, services: Services) -> None:
    """Blocks of a guide are run one after the other in one folder; those of other pages each by itself."""
    printed, wrong, given, run = None, list[str](), tmp_path / "given", Run(services, tmp_path)
    every = blocks(page)
    files.put(page, given)
    for number, block in enumerate(every):
        if page not in GUIDES or not number:
            run.folder = tmp_path / str(number)
            shutil.copytree(given, run.folder)
            files.clear(block.text, run.folder)
        try:
            if block.language == TEXT:
                absent = ["nothing was run before it"] if printed is None else missing_lines(block.text, printed)
                wrong += [f"{block.place}: not printed: {line}" for line in absent]
            else:
                printed = run.block(block)
        except (PageError, ValueError, configparser.Error) as error:
            wrong.append(f"{block.place}: {error}")
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_commands_in_running_text_have_the_options_that_they_name(page: Path) -> None:
    named = [token.content for token in inline(page, "code_inline")]
    wrong = [
        fault for text in named if text.startswith(("evenhand ", "evenhand-training ")) for fault in unknown_parts(text)
    ]
    wrong += [fault for text in named if text.startswith("make ") for fault in missing_targets(text)]

    assert not wrong, "\n".join(wrong)


def test_what_is_listed_as_not_run_stands_on_some_page() -> None:
    every = [block for page in PAGES for block in blocks(page)]
    lines = [line for block in every if block.language in SHELL for line in commands(block.text)]
    used = {exceptions.listed(line) for line in lines} | {exceptions.listed_block(block.text) for block in every}

    assert {*exceptions.NOT_RUN, *exceptions.BLOCKS_NOT_RUN} - used == set()
    assert set(exceptions.STATUS) - set(lines) == set()
    assert all(any(line.startswith(begins) for line in lines) for begins in files.BY_HAND)
    assert set(files.FILES) <= {str(page.relative_to(ROOT)) for page in PAGES}


@pytest.mark.parametrize(
    ("line", "wrong"),
    [
        ("evenhand score a.csv -o b.jsonl --tabel", "--tabel"),
        ("evenhand annotate exprot a.csv", "exprot"),
        ("cat a.csv | evenhand flag --fil note.txt", "--fil"),
        (".venv\\Scripts\\evenhand score --privcy off", "--privcy"),
    ],
)
def test_a_part_that_a_command_does_not_have_is_noticed(line: str, wrong: str) -> None:
    assert wrong in "".join(unknown_parts(line))


def test_a_line_that_was_not_printed_is_noticed_and_seconds_do_not_matter() -> None:
    printed = "28 rows read; 7.4 s; written\nLevel        D\n"

    assert missing_lines("28 rows read; 9 s\nLevel ... D\n", printed) == []
    assert missing_lines("Level D\n28 rows read\n", printed) == ["28 rows read"]
    assert missing_lines("29 rows read\n", printed) == ["29 rows read"]
