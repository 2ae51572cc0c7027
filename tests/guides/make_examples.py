"""Make examples that nobody could write by hand, again when what they are made from changes.

    python tests/guides/make_examples.py

The threshold documents of `examples/thresholds/` come from `thresholds.toml`: two versions of one area's document are
Word files with lists under headings, the other area's is a web page with one table. `examples/contacts.csv` has
invented referrals of the corpus, those of its training part, with agencies and made-up dates.
"""

from __future__ import annotations

import csv
import html
import json
import re
import tomllib
from datetime import date, timedelta
from pathlib import Path
from typing import NotRequired, TypedDict

import docx

from evenhand.privacy import load_checker

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
SPECS = HERE / "thresholds.toml"
EXAMPLES = ROOT / "examples" / "thresholds"
CONTACTS = ROOT / "examples" / "contacts.csv"
REFERRALS = ROOT / "annotations" / "referrals.jsonl"
# Words of a writer's role in the corpus that say which agency it is of; the first that is found counts.
AGENCIES = (
    ("emergency", r"police|pcso|constable|fire|ambulance|paramedic|probation|prison"),
    ("school", r"school|teacher|headteacher|nursery|sendco|college|education"),
    ("health", r"gp|health visitor|nurse|midwife|doctor|hospital|therapist|camhs|pharmacist|dentist|health"),
)
OF_EACH = 40  # enough that the report shows figures for each agency: smaller groups are mostly hidden
FIRST_DAY = date(2026, 1, 5)


class Level(TypedDict):
    """A level of a document: its heading, its definition, and descriptors by section."""

    name: str
    means: str
    sections: dict[str, list[str]]


class Spec(TypedDict):
    """What a document says."""

    title: str
    opening: str
    levels: list[Level]
    note: NotRequired[str]


def specs() -> dict[str, Spec]:
    """All documents by name."""
    found: dict[str, Spec] = tomllib.loads(SPECS.read_text(encoding="utf-8"))
    return found


def descriptors(spec: Spec) -> list[tuple[str, str, str]]:
    """Each descriptor as level, section and text, in the document's order."""
    return [
        (level["name"], section, text)
        for level in spec["levels"]
        for section, texts in level["sections"].items()
        for text in texts
    ]


def word(spec: Spec, path: Path) -> None:
    """Write a Word document: a heading for each level, its definition, and a bulleted list for each section."""
    document = docx.Document()
    document.add_heading(spec["title"], 0)
    document.add_paragraph(spec["opening"])
    for level in spec["levels"]:
        document.add_heading(level["name"], 1)
        document.add_paragraph(level["means"])
        for section, texts in level["sections"].items():
            document.add_heading(section, 2)
            for text in texts:
                document.add_paragraph(text, style="List Bullet")
    document.save(str(path))


def web(spec: Spec, path: Path) -> None:
    """Write a web page: definitions first, then one table with a row for each section and a column for each level."""
    sections = list(spec["levels"][0]["sections"])
    told = html.escape
    means = "".join(f"<h3>{told(level['name'])}</h3>\n<p>{told(level['means'])}</p>\n" for level in spec["levels"])
    head = "".join(f"<th>{told(level['name'])}</th>" for level in spec["levels"])
    body = "".join(
        f"<tr><th>{told(section)}</th>"
        + "".join(
            "<td><ul>" + "".join(f"<li>{told(text)}</li>" for text in level["sections"][section]) + "</ul></td>"
            for level in spec["levels"]
        )
        + "</tr>\n"
        for section in sections
    )
    page = (
        f'<!doctype html>\n<html lang="en"><head><meta charset="utf-8"><title>{told(spec["title"])}</title>\n'
        "<style>body{font-family:sans-serif} "
        "td,th{border:1px solid #999;vertical-align:top;padding:4px}</style></head>\n"
        f"<body><main><h1>{told(spec['title'])}</h1>\n<p>{told(spec['opening'])}</p>\n"
        f"<h2>What our tiers mean</h2>\n{means}<h2>Indicators of need</h2>\n"
        f"<table><thead><tr><th>Area of life</th>{head}</tr></thead>\n"
        f"<tbody>{body}</tbody></table>\n</main></body></html>\n"
    )
    path.write_text(page, encoding="utf-8")


def agency(role: str) -> str | None:
    """The agency of a writer's role; None for any other."""
    return next((name for name, words in AGENCIES if re.search(rf"\b({words})\b", role.lower())), None)


def contacts(path: Path) -> None:
    """Write referrals as a front door might export them: id, received, agency, text; in the order of their dates."""
    taken: dict[str, list[str]] = {name: [] for name, _ in AGENCIES}
    checkers = [load_checker(names=True), load_checker(names=False)]  # guides ask for either
    for line in REFERRALS.read_text(encoding="utf-8").splitlines():
        row = json.loads(line)
        name = agency(row["source_role"])
        if row["part"] == "training" and row["type"] == "referral" and name and len(taken[name]) < OF_EACH:
            text = " ".join(sentence["text"] for sentence in row["sentences"])
            taken[name] += [] if any(checker.check_many([text])[0] for checker in checkers) else [text]
    mixed = [(name, texts[place]) for place in range(OF_EACH) for name, texts in taken.items() if place < len(texts)]
    with path.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream)
        writer.writerow(["id", "received", "agency", "text"])
        for place, (name, text) in enumerate(mixed):
            day = FIRST_DAY + timedelta(days=place * 80 // len(mixed))  # within three months
            writer.writerow([f"CT-{place + 1:03}", day.isoformat(), name, text])


def main() -> None:
    """Write all of them."""
    contacts(CONTACTS)
    EXAMPLES.mkdir(exist_ok=True)
    for name, spec in specs().items():
        if name == "ottermarsh":
            web(spec, EXAMPLES / f"{name}.html")
        else:
            word(spec, EXAMPLES / f"{name}.docx")


if __name__ == "__main__":
    main()
