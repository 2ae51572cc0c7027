"""Small files that the pages name and a reader would bring: made where a page's commands run."""

from __future__ import annotations

import csv
import gzip
import json
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

import openpyxl
import pyarrow as pa
import pyarrow.parquet as pq
from tests.guides.pages import ROOT

from evenhand.annotate import Annotations
from evenhand.annotate.formats import read_annotations, write_annotations
from evenhand.annotate.sources import TableOptions, read_sources
from evenhand.annotate.store import Store
from evenhand.scheme import Issue, Level

ROWS = 3  # of a file to score: enough to see that each is kept
AREAS = 40  # of a table of areas to pick 37 from
THRESHOLDS = ROOT / "examples" / "thresholds"
_TEXTS = (
    "Dad shouts at [CHILD] most evenings.",
    "There has been no hot water since March.",
    "Thank you for your call.",
)
Make = Callable[[Path], None]


def _text_rows(column: str = "text") -> list[dict[str, str]]:
    return [{"id": str(place), column: text} for place, text in enumerate(_TEXTS)]


def _csv(path: Path, rows: Sequence[dict[str, str]]) -> None:
    path.parent.mkdir(exist_ok=True)
    with path.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.DictWriter(stream, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)


def _referrals(folder: Path) -> None:
    """The first examples."""
    with (ROOT / "examples" / "referrals.csv").open(encoding="utf-8", newline="") as stream:
        rows = [row for _, row in zip(range(ROWS), csv.DictReader(stream), strict=False)]
    _csv(folder / "referrals.csv", rows)


def _notes(folder: Path) -> None:
    pq.write_table(pa.Table.from_pylist(_text_rows("note")), folder / "notes.parquet")
    _csv(folder / "notes.csv", _text_rows())
    (folder / "note.txt").write_text(" ".join(_TEXTS), encoding="utf-8")


def _year(folder: Path) -> None:
    for month in ("01", "02"):
        _csv(folder / "month.csv", _text_rows())
        with gzip.open(folder / f"2026-{month}.csv.gz", "wb") as stream:
            stream.write((folder / "month.csv").read_bytes())
    (folder / "month.csv").unlink()


def _documents(folder: Path) -> None:
    """Threshold documents under the names that pages give them."""
    made = ROOT / "tests" / "documents" / "made"
    (folder / "threshold-documents").mkdir()
    for name, at in (("hallowby.pdf", "ours.pdf"), ("hallowby.pdf", "threshold-document.pdf")):
        shutil.copy(made / name, folder / at)
    shutil.copy(made / "quillbridge.pdf", folder / "threshold-documents")
    shutil.copy(THRESHOLDS / "larkmere-2026.docx", folder / "theirs.docx")
    shutil.copy(THRESHOLDS / "ottermarsh.html", folder / "page.html")


def _code(folder: Path, out: str, *names: str) -> None:
    sources = [str(THRESHOLDS / name) for name in names]
    command = [sys.executable, "-c", "from evenhand_serve.cli import main; main()", "code", *sources]
    subprocess.run(
        [*command, "-o", out, "--quiet"], cwd=folder, check=True
    )  # not every caller has `evenhand` on its PATH


def _coded(folder: Path) -> None:
    """What `evenhand code` wrote before."""
    _code(folder, "coded.xlsx", "larkmere-2026.docx", "ottermarsh.html")
    _code(folder, "coded-2019.jsonl", "larkmere-2023.docx")
    _code(folder, "coded-2025.jsonl", "larkmere-2026.docx")


def _areas(folder: Path) -> None:
    names = ("North", "South", "East")
    rows = [
        {"area": f"Area {place}", "region": names[place % 3], "children": str(20_000 + 1_000 * place)}
        for place in range(AREAS)
    ]
    _csv(folder / "areas.csv", rows)


def _from_label_studio(folder: Path) -> None:
    """What comes back of tasks that two people coded."""
    texts = read_sources([folder / "examples" / "referrals.csv"], TableOptions())
    codings = read_annotations(folder / "examples" / "codings.csv").codings
    write_annotations(Annotations(texts.units, codings), folder / "done.json")


def _from_nvivo(folder: Path) -> None:
    """The project that went out, as nobody coded there yet."""
    write_annotations(read_sources([folder / "examples" / "referrals.csv"], TableOptions()), folder / "project.qdpx")


# What stands in the folder of each page besides `examples/`.
FILES: dict[str, tuple[Make, ...]] = {
    "README.md": (_referrals, _notes, _year, _documents, _coded, _areas, _from_label_studio, _from_nvivo),
    "training/README.md": (_from_label_studio,),
    "serve/README.md": (_documents, _referrals),
    "nlp/guides/researcher.md": (_from_label_studio,),
    "nlp/guides/analyst.md": (_notes,),
    "nlp/guides/data-team.md": (_notes,),
}


def put(page: Path, folder: Path) -> None:
    """Put into a folder what the commands of a page need."""
    shutil.copytree(ROOT / "examples", folder / "examples")
    for make in FILES.get(str(page.relative_to(ROOT)), ()):
        make(folder)


def edit(sheet: Path, change: Callable[[dict[str, object]], dict[str, object]]) -> None:
    """Change cells of a sheet of descriptors as somebody does in a spreadsheet."""
    book = openpyxl.load_workbook(sheet)
    rows = book["descriptors"]
    names = [cell.value for cell in rows[1]]
    for cells in rows.iter_rows(min_row=2):
        before = {str(name): cell.value for name, cell in zip(names, cells, strict=True)}
        for name, value in change(before).items():
            cells[names.index(name)].value = value
    book.save(sheet)


def _review(folder: Path) -> None:
    edit(folder / "coded.xlsx", lambda row: {"severity": 4} if row["text"] == "Family is about to be evicted" else {})


def _code_blind(folder: Path) -> None:
    edit(folder / "blind.xlsx", lambda _: {"issues": "poverty", "severity": 3})


def _code_together(folder: Path) -> None:
    """Two people code two texts on the pages, and differ on one."""
    store = Store(folder / "ours.sqlite")
    for unit, anna, ben in (("EX-01", Level.A, Level.A), ("EX-02", Level.A, Level.B)):
        for coder, level in (("Anna", anna), ("Ben", ben)):
            store.add(coder, unit, levels=(level,), issues=(Issue.POVERTY,), severity=3.0)


def _set_a_level(folder: Path) -> None:
    """What a reader changes in the file of levels; the command then keeps it."""
    path = folder / "coded.xlsx.levels.toml"
    told = path.read_text(encoding="utf-8").replace('levels = ["B", "C"]', 'levels = ["B", "C"] # as proposed')
    path.write_text(told, encoding="utf-8")


_BOTH = "examples/thresholds/larkmere-2026.docx examples/thresholds/ottermarsh.html"
# What a reader does by hand before a line, by how the line begins.
BY_HAND: dict[str, Callable[[Path], None]] = {
    "evenhand code coded.xlsx --from-review": _review,
    "evenhand annotate standing ours.sqlite": _code_together,
    "evenhand code blind.xlsx --from-review": _code_blind,
    f"evenhand code {_BOTH} -o coded.xlsx --overwrite": _set_a_level,
}  # fmt: skip


def clear(text: str, folder: Path) -> None:
    """Remove what a block is about to write: on a page of reference each block begins anew."""
    for name in re.findall(r"(?:-o|--html) (\S+)", text):
        for path in folder.glob(f"{name}*"):
            path.unlink()


def by_hand(line: str, folder: Path) -> None:
    """Do what a reader does by hand before a line."""
    for begins, do in BY_HAND.items():
        if line.startswith(begins):
            do(folder)


def own_token(line: str, folder: Path) -> str:
    """A line that revokes an example's token, with the id of one that there is in its place."""
    if "revoke 1a2b3c4d" not in line:
        return line
    kept = json.loads((folder / "tokens.json").read_text(encoding="utf-8"))
    return line.replace("1a2b3c4d", kept["tokens"][0]["id"])
