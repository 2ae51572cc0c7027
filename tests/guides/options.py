"""Do the parts exist that a command names: its options, make targets, extras, files?"""

from __future__ import annotations

import re
import shlex
import tomllib
from functools import cache
from typing import Any

from tests.guides.pages import ROOT

_WORDS_END = {"|", ">", "<", "&&", "||", ";", "&"}  # of one command in a shell


@cache
def _roots() -> dict[str, Any]:
    """Both commands as click has them."""
    import typer

    import evenhand_serve.cli  # noqa: F401 - it adds its commands to the app of evenhand
    from evenhand.cli_shared import app
    from evenhand_training.cli import app as training

    return {
        "evenhand": typer.main.get_command(app),
        "evenhand-training": typer.main.get_command(training),
    }


def unknown_parts(command: str) -> list[str]:
    """Subcommands and options of `evenhand` or `evenhand-training` in a line that there are not."""
    words = _words(command)
    starts = [place for place, word in enumerate(words) if word in _roots() and not _is_value(words, place)]
    return [wrong for place in starts for wrong in _unknown(words[place:])]


def _is_value(words: list[str], place: int) -> bool:
    """Whether a word is the value of an option: a user may be called evenhand too."""
    return place > 0 and words[place - 1].startswith("-")


def _words(command: str) -> list[str]:
    """Words of a line, each program by its name alone, whatever folder it is in."""
    try:
        words = shlex.split(command.replace("\\", "/"))
    except ValueError:  # a placeholder of running text with an apostrophe
        words = command.split()
    return [re.sub(r"^.*/(evenhand(?:-training)?)$", r"\1", word) for word in words]


def _unknown(words: list[str]) -> list[str]:
    command, wrong = _roots()[words[0]], []
    for place, word in enumerate(words[1:]):
        if word in _WORDS_END:
            break
        subcommands = getattr(command, "commands", None)
        if subcommands is not None and word in subcommands:
            command = subcommands[word]
        elif word.startswith("-") and len(word) > 1:
            name = word.split("=")[0]
            if name not in {
                option for part in command.params for option in (*part.opts, *part.secondary_opts, "--help")
            }:
                wrong.append(f"{' '.join(words[:1])} has no option {name} in {command.name}")
        elif subcommands is not None and place < 2 and word.islower():
            wrong.append(f"{words[0]} has no command {word}")
            break
    return wrong


def missing_targets(command: str) -> list[str]:
    """Targets of `make` in a line that the Makefile does not have."""
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    targets = [word for word in shlex.split(command)[1:] if "=" not in word]
    return [f"no make target {name}" for name in targets if not re.search(rf"^{name}:", makefile, re.MULTILINE)]


def missing_extras(command: str) -> list[str]:
    """Extras that pyproject.toml does not have, and files that a line of pip names and that are not there."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    asked = [name for names in re.findall(r"\[([\w,]+)\]", command) for name in names.split(",")]
    wrong = [f"no extra {name}" for name in asked if name not in project["optional-dependencies"]]
    files = re.findall(r"(?:--constraint|-r) (\S+)", command)
    return wrong + [f"no file {name}" for name in files if not (ROOT / name).is_file()]


def missing_files(command: str) -> list[str]:
    """Files of the repository that a line of docker compose names and that are not there."""
    files = re.findall(r"-f (\S+)", command)
    return [f"no file {name}" for name in files if not (ROOT / name).is_file()]


def nothing(_: str) -> list[str]:
    """For lines of which nothing can be checked."""
    return []
