"""Lines of the documentation that the tests do not run, each with the reason and what is checked all the same.

Also what has to happen before a line, and lines that are meant to fail.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import NamedTuple

from tests.guides.options import missing_extras, missing_files, missing_targets, nothing, unknown_parts


class NotRun(NamedTuple):
    """Lines that match `pattern` are not run."""

    pattern: str
    reason: str
    check: Callable[[str], list[str]]


NOT_RUN = (
    NotRun(r"^make (demo|serve|docs)\b", "makes an environment and installs into it", missing_targets),
    NotRun(r"^make test\b", "runs all tests, these among them", missing_targets),
    NotRun(r"^pip (install|wheel)\b", "installs, or builds what is installed", missing_extras),
    NotRun(r"^\S*python3\.11 -m venv\b", "makes an environment", nothing),
    NotRun(r"^\. \.venv/bin/activate$", "only makes an environment's commands known", nothing),
    NotRun(r"^\S+/bin/(python -m )?pip install\b", "installs", missing_extras),
    NotRun(r"^\.venv-test/bin/ruff\b", "runs all tests, these among them", nothing),
    NotRun(r"^py -3\.11 -m venv\b", "for Windows", nothing),
    NotRun(r"^\.venv\S*\\Scripts\\(python|activate)\b", "for Windows", missing_extras),
    NotRun(r"^\.venv\S*\\Scripts\\evenhand\b", "for Windows", unknown_parts),
    NotRun(r"^evenhand serve\b", "runs until it is stopped; the tests start one", unknown_parts),
    NotRun(r"^evenhand-training ", "takes minutes to hours; tests/training runs each on little", unknown_parts),
    NotRun(r"--model my-models/", "needs the model that the line before it trains", unknown_parts),
    NotRun(r"^evenhand compare -o report\.html$", "takes 15 seconds; a guide runs the same", unknown_parts),
    NotRun(r'^evenhand where "Family of five', "takes 8 seconds; the researcher's guide runs another", unknown_parts),
    NotRun(r"^docker\b", "needs Docker; tests/serve/test_deployment.py checks what the files say", missing_files),
    NotRun(r"^export EVENHAND_NAME=", "belongs to the lines of Docker below it", nothing),
    NotRun(r"^(useradd|install|runuser) ", "changes the users and folders of a machine", unknown_parts),
)  # fmt: skip
# Blocks that are not run, by what stands in them.
BLOCKS_NOT_RUN = (
    NotRun(r"^from evenhand\.spark import score$", "starts Java; tests/spark runs the same function", nothing),
)
# Exit status of lines that are to fail: the guide shows what they say.
STATUS = {
    "evenhand score calls.csv -o calls.jsonl --privacy patterns": 1,
    "evenhand score broken.csv -o broken.jsonl --privacy patterns": 3,
}


def listed(line: str) -> NotRun | None:
    """Why a line is not run; None for one that is."""
    return next((one for one in NOT_RUN if re.search(one.pattern, line)), None)


def listed_block(text: str) -> NotRun | None:
    """Why a whole block is not run; None for one that is."""
    return next((one for one in BLOCKS_NOT_RUN if re.search(one.pattern, text, re.MULTILINE)), None)


def asks_for_names(line: str) -> bool:
    """Whether a line loads the language model that looks for names, which takes five seconds."""
    gated = re.match(r"evenhand (score|flag \S+\.csv|annotate (export|import|start))\b", line)
    return gated is not None and "--privacy" not in line
