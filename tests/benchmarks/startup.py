"""How long a start takes: `import evenhand`, and `evenhand score` on one line, each beside `python -c pass`.

Every round runs each command once in a fresh process, so that a machine that slows down slows all of them. Prints the
median and the slowest run of each, and the ratio of its median to that of the bare interpreter.
"""

from __future__ import annotations

import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROUNDS = 11  # odd, so that the median is a run

EVENHAND = [sys.executable, "-c", "from evenhand.cli import main; main()"]
ONE_SENTENCE = "Her partner hit her on Friday while the boys were in the room.\n"
TWO_SENTENCES = "Attendance has fallen to 70%. She says she is hungry most mornings.\n"


def _timed(command: list[str]) -> float:
    begin = time.perf_counter()
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    return time.perf_counter() - begin


def main() -> None:
    """Measure and print a Markdown table."""
    with tempfile.TemporaryDirectory() as folder:
        one, two = Path(folder) / "one.txt", Path(folder) / "two.txt"
        one.write_text(ONE_SENTENCE, encoding="utf-8")
        two.write_text(TWO_SENTENCES, encoding="utf-8")
        commands = {
            "python -c pass": [sys.executable, "-c", "pass"],
            "import evenhand": [sys.executable, "-c", "import evenhand"],
            "evenhand score, one sentence": [*EVENHAND, "score", str(one)],
            "evenhand score, two sentences": [*EVENHAND, "score", str(two)],
            "evenhand --help": [*EVENHAND, "--help"],
        }
        times: dict[str, list[float]] = {name: [] for name in commands}
        for command in commands.values():
            _timed(command)  # the first run of each fills the file cache
        for _ in range(ROUNDS):
            for name, command in commands.items():
                times[name].append(_timed(command))
    bare = statistics.median(times["python -c pass"])
    print("| start | median, s | slowest, s | ratio to `python -c pass` |")
    print("|---|---|---|---|")
    for name, found in times.items():
        median = statistics.median(found)
        print(f"| `{name}` | {median:.3f} | {max(found):.3f} | {median / bare:.1f} |")


if __name__ == "__main__":
    main()
