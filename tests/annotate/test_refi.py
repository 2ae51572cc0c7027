"""REFI-QDA projects: nothing is lost, other programs' edits decide, foreign and hostile files are read or refused."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path
from uuid import uuid4
from xml.etree import ElementTree as ET
from zipfile import ZIP_DEFLATED, ZipFile

import pytest
from hypothesis import given, settings
from lxml import etree
from tests.annotate.strategies import collections

from evenhand.annotate import Annotation, Annotations, Coder, Unit, refi_archive
from evenhand.annotate.refi import codebook, left_out, read, written
from evenhand.errors import InputError
from evenhand.framing.scheme import CATEGORIES, Category
from evenhand.scheme import ASSERTIONS, FRAMES, ISSUES, LEVELS, SEVERITIES, Assertion, Frame, Issue, Level

SCHEMAS = Path(__file__).parent / "schemas"
PROJECT = etree.XMLSchema(etree.parse(SCHEMAS / "Project.xsd"))
CODEBOOK = etree.XMLSchema(etree.parse(SCHEMAS / "Codebook.xsd"))
NAMESPACE = "urn:QDA-XML:project:1.0"
IN = f"{{{NAMESPACE}}}"
MARKED = "Zq7marker"
MADE = datetime(2026, 3, 31, 9, 5, 7, 123000, tzinfo=UTC)
LATER = datetime(2026, 4, 1, 12, 0, tzinfo=UTC)
PERSON, MODEL = Coder("Aldermoor"), Coder("evenhand", "model", "0.3.1")

UNIT = Unit("t1", f"\ufeff{MARKED} was late.\r\nMum 🙂 shouted.\0", "Plan 7", {"area": "North"})
MODELLED = Annotation(
    id="c1",
    unit="t1",
    coder=MODEL,
    made=MADE,
    confidence=0.87,
    levels=(Level.C, Level.D),
    severity=4.23,
    issues=(Issue.NEGLECT, Issue.HOUSING, Issue.BULLYING),
    assertion=Assertion.PRESENT,
    frame=Frame.RISK,
    other=("Local/Tier 3", "urgent"),
)
SPOKEN = Annotation(
    id="c2", unit="t1", coder=PERSON, made=MADE, start=11, end=14, framing=Category.VAGUE, note="Late\n for what?"
)
SAMPLE = Annotations((UNIT, Unit("t0", "")), (MODELLED, SPOKEN, Annotation("c3", "t0", PERSON, MADE)))


def tree(content: bytes) -> ET.Element:
    return ET.fromstring(content)  # noqa: S314 - made by these tests


def parts_of(content: bytes) -> dict[str, bytes]:
    with ZipFile(BytesIO(content)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def packed(parts: dict[str, bytes]) -> bytes:
    stream = BytesIO()
    with ZipFile(stream, "w", ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return stream.getvalue()


def changed(content: bytes, change: Callable[[ET.Element], object]) -> bytes:
    parts = parts_of(content)
    root = tree(parts["project.qde"])
    change(root)
    return packed({**parts, "project.qde": ET.tostring(root)})


def selection(root: ET.Element, coding: str) -> ET.Element:
    for each in root.iter(f"{IN}PlainTextSelection"):
        if f'"id": "{coding}"' in (each.findtext(f"{IN}Description") or ""):
            return each
    raise KeyError(coding)


def code(root: ET.Element, group: str, name: str) -> str:
    found = root.find(f".//{IN}Code[@name='{group}']/{IN}Code[@name='{name}']")
    assert found is not None
    return found.get("guid") or ""


def add(holder: ET.Element, target: str, user: str, made: datetime = LATER) -> None:
    who = {"creatingUser": user, "creationDateTime": made.isoformat()}
    coding = ET.SubElement(holder, f"{IN}Coding", {"guid": str(uuid4()), **who})
    ET.SubElement(coding, f"{IN}CodeRef", targetGUID=target)


def take(root: ET.Element, coding: str, target: str) -> None:
    holder = selection(root, coding)
    for each in holder.findall(f"{IN}Coding"):
        if each[0].get("targetGUID") == target:
            holder.remove(each)


def new_user(root: ET.Element, name: str) -> str:
    users = root.find(f"{IN}Users")
    assert users is not None
    return ET.SubElement(users, f"{IN}User", guid=str(uuid4()).upper(), name=name).get("guid") or ""


def user_of(root: ET.Element, name: str) -> str:
    found = root.find(f"{IN}Users/{IN}User[@name='{name}']")
    assert found is not None
    return found.get("guid") or ""


@settings(max_examples=400)
@given(collections())
def test_what_is_written_is_valid_and_read_again(collection: Annotations) -> None:
    content = written(collection)
    PROJECT.assertValid(etree.fromstring(parts_of(content)["project.qde"]))
    assert read(content, "x.qdpx") == collection


@settings(max_examples=100)
@given(collections())
def test_order_of_elements_and_case_of_names_do_not_matter(collection: Annotations) -> None:
    def shuffled(root: ET.Element) -> None:
        for parent in root.iter():
            named = {f"{IN}User", f"{IN}Note", f"{IN}TextSource", f"{IN}PlainTextSelection", f"{IN}Coding"}
            moving = [each for each in parent if each.tag in named]
            for each in moving:
                parent.remove(each)
            parent.extend(reversed(moving))
        for each in root.iter():
            for name in ("guid", "targetGUID", "creatingUser"):
                if name in each.attrib:
                    each.set(name, f"{{{each.attrib[name].upper()}}}")

    assert read(changed(written(collection), shuffled), "x.qdpx") == collection


def test_the_same_collection_gives_the_same_bytes() -> None:
    assert written(SAMPLE) == written(SAMPLE)


def test_texts_are_files_byte_by_byte() -> None:
    parts = parts_of(written(SAMPLE))
    root = tree(parts.pop("project.qde"))
    paths = [each.get("plainTextPath", "") for each in root.iter(f"{IN}TextSource")]
    assert [parts[path.replace("internal://", "sources/")] for path in paths] == [UNIT.text.encode(), b""]


def test_people_read_in_words_what_the_format_has_no_place_for() -> None:
    root = tree(parts_of(written(SAMPLE))["project.qde"])
    notes = {each.get("name"): each.findtext(f"{IN}PlainTextContent") or "" for each in root.iter(f"{IN}Note")}
    first = notes["Coding c1"].split("\n")[0]
    assert first == (
        "Coded by evenhand 0.3.1 (model). Confidence 0.87. Severity 4.23. Issues in order: neglect, housing, bullying."
        " Please leave the last line: Evenhand reads it."
    )
    assert notes["Coding c2"].split("\n")[1:3] == ["Late", " for what?"]
    assert notes["Text t1"].startswith("Document: Plan 7.")


def test_machines_and_people_are_told_apart_among_the_users() -> None:
    root = tree(parts_of(written(SAMPLE))["project.qde"])
    users = [(each.get("name"), each.get("id")) for each in root.iter(f"{IN}User")]
    assert users == [("Aldermoor", "Aldermoor"), ("evenhand 0.3.1 (model)", "evenhand 0.3.1")]


def test_a_removed_code_is_gone_and_the_rest_stays() -> None:
    content = changed(written(SAMPLE), lambda root: take(root, "c1", code(root, "Issue", "housing")))
    expected = replace(MODELLED, issues=(Issue.NEGLECT, Issue.BULLYING))
    assert read(content, "x.qdpx").by_unit()["t1"][0] == expected


def test_an_exact_severity_holds_while_its_code_does() -> None:
    def graver(root: ET.Element) -> None:
        take(root, "c1", code(root, "Severity", "4"))
        add(selection(root, "c1"), code(root, "Severity", "5"), user_of(root, MODEL.label))

    found = read(changed(written(SAMPLE), graver), "x.qdpx").by_unit()["t1"][0]
    assert found == replace(MODELLED, severity=5.0, made=LATER)


def test_a_code_of_another_user_is_a_coding_of_theirs() -> None:
    def added(root: ET.Element) -> None:
        add(selection(root, "c2"), code(root, "Frame", "blame"), new_user(root, "Birchwood"))

    collection = read(changed(written(SAMPLE), added), "x.qdpx")
    assert set(SAMPLE.codings) < set_of(collection)
    (new,) = set_of(collection) - set(SAMPLE.codings)
    assert (new.coder, new.start, new.end, new.frame, new.made) == (Coder("Birchwood"), 11, 14, Frame.BLAME, LATER)
    assert new.confidence is None
    assert new.note == ""


def set_of(collection: Annotations) -> set[Annotation]:
    return set(collection.codings)


def test_a_new_selection_is_a_coding_of_its_user() -> None:
    def added(root: ET.Element) -> None:
        source = root.find(f".//{IN}TextSource[@name='t1']")
        assert source is not None
        places = {"guid": str(uuid4()), "startPosition": "1", "endPosition": "10"}
        holder = ET.Element(f"{IN}PlainTextSelection", places)
        add(holder, code(root, "Level", "B"), user_of(root, "Aldermoor"))
        add(holder, code(root, "Level", "A"), user_of(root, "Aldermoor"))
        source.insert(1, holder)

    collection = read(changed(written(SAMPLE), added), "x.qdpx")
    (new,) = set_of(collection) - set(SAMPLE.codings)
    assert (new.coder, new.start, new.end, new.levels) == (PERSON, 1, 10, (Level.A, Level.B))


def test_a_deleted_selection_takes_its_coding_along() -> None:
    def deleted(root: ET.Element) -> None:
        source = root.find(f".//{IN}TextSource[@name='t1']")
        assert source is not None
        source.remove(selection(root, "c1"))

    assert read(changed(written(SAMPLE), deleted), "x.qdpx").by_unit()["t1"] == [SPOKEN]


def test_words_added_to_a_note_are_the_coders_note() -> None:
    def noted(root: ET.Element) -> None:
        for each in root.iter(f"{IN}PlainTextContent"):
            if each.text and each.text.startswith("Coded by Aldermoor") and '"c2"' in each.text:
                each.text = each.text.replace("for what?", "for school.")

    found = read(changed(written(SAMPLE), noted), "x.qdpx")
    assert found.by_unit()["t1"][1] == replace(SPOKEN, note="Late\n for school.")


def test_a_renamed_code_is_still_that_code() -> None:
    def renamed(root: ET.Element) -> None:
        found = root.find(f".//{IN}Code[@guid='{code(root, 'Level', 'C')}']")
        assert found is not None
        found.set("name", "C, child in need")

    assert read(changed(written(SAMPLE), renamed), "x.qdpx") == SAMPLE


def test_one_coding_copied_to_another_place_is_a_coding_of_its_own() -> None:
    def copied(root: ET.Element) -> None:
        source = root.find(f".//{IN}TextSource[@name='t1']")
        assert source is not None
        twin = tree(ET.tostring(selection(root, "c2")))
        twin.set("endPosition", "15")
        source.insert(1, twin)

    codings = read(changed(written(SAMPLE), copied), "x.qdpx").by_unit()["t1"]
    assert [(each.id, each.start, each.end) for each in codings] == [
        ("c1", None, None),
        *sorted([(codings[1].id, 11, 14), (codings[2].id, 11, 15)], key=lambda one: one[2]),
    ]
    assert {codings[1].id, codings[2].id} == {"c2", "c2 (2)"}


def as_qualcoder(root: ET.Element) -> None:
    """New identifiers, a selection for each coding, descriptions kept, notes and times of codings dropped."""
    fresh: dict[str, str] = {}
    for each in root.iter():
        for name in ("guid", "targetGUID", "creatingUser"):
            if name in each.attrib:
                each.set(name, fresh.setdefault(each.attrib[name], str(uuid4())))
    root.remove(next(root.iter(f"{IN}Notes")))
    for source in root.iter(f"{IN}TextSource"):
        for each in source.findall(f"{IN}PlainTextSelection"):
            each.set("creationDateTime", "2026-03-31T09:05:07Z")
            for coding in each.findall(f"{IN}Coding"):
                del coding.attrib["creationDateTime"]
                alone = ET.Element(each.tag, {**each.attrib, "guid": str(uuid4())})
                alone.extend([*each.findall(f"{IN}Description"), coding])
                source.insert(list(source).index(each), alone)
            if each.find(f"{IN}Coding") is not None:
                source.remove(each)


def test_nothing_is_lost_on_the_way_through_qualcoder() -> None:
    content = changed(written(SAMPLE), as_qualcoder)
    parts = {
        name: part if name.endswith(".qde") else b"\xef\xbb\xbf" + part for name, part in parts_of(content).items()
    }
    assert read(packed(parts), "x.qdpx") == SAMPLE


def test_without_any_note_codes_coders_and_places_are_left() -> None:
    def bare(root: ET.Element) -> None:
        as_qualcoder(root)
        for each in root.iter():
            for description in each.findall(f"{IN}Description"):
                each.remove(description)

    plain = replace(SAMPLE, units=(replace(UNIT, text=UNIT.text.replace("\ufeff", " ")), SAMPLE.units[1]))
    found = read(changed(written(plain), bare), "x.qdpx").by_unit()["t1"]
    assert [each.coder for each in found] == [MODEL, PERSON]
    assert found[0].levels == MODELLED.levels
    assert (found[0].severity, set(found[0].issues), found[0].other) == (4.0, set(MODELLED.issues), MODELLED.other)
    assert (found[1].start, found[1].end, found[1].framing) == (11, 14, Category.VAGUE)


def guid(number: int) -> str:
    return f"00000000-0000-4000-8000-{number:012}"


CODES = f"""<CodeBook><Codes>
  <Code guid="{guid(1)}" name="Issue" isCodable="false">
    <Code guid="{guid(2)}" name="Domestic abuse" isCodable="true"/>
    <Code guid="{guid(3)}" name="Weather" isCodable="true"/>
  </Code>
  <Code guid="{guid(4)}" name="Ours" isCodable="true"><Code guid="{guid(5)}" name="LEVEL" isCodable="false">
    <Code guid="{guid(6)}" name="None" isCodable="true"/><Code guid="{guid(7)}" name="b" isCodable="true"/>
  </Code></Code>
  <Code guid="{guid(8)}" name="severity" isCodable="false">
    <Code guid="{guid(9)}" name="4" isCodable="true"/><Code guid="{guid(10)}" name="5" isCodable="true"/>
  </Code>
</Codes></CodeBook>"""


def coded(number: int, user: int | None = 20, made: str = "2026-03-31T09:05:00Z") -> str:
    who = "" if user is None else f' creatingUser="{guid(user)}"'
    when = f' creationDateTime="{made}"' if made else ""
    return f'<Coding guid="{uuid4()}"{who}{when}><CodeRef targetGUID="{guid(number)}"/></Coding>'


def selected(start: object, end: object, *inside: str) -> str:
    return (
        f'<PlainTextSelection guid="{uuid4()}" startPosition="{start}" endPosition="{end}">'
        f"{''.join(inside)}</PlainTextSelection>"
    )


def source(*inside: str, path: str = "internal://a.txt") -> str:
    where = f' plainTextPath="{path}"' if path else ""
    return f'<TextSource guid="{guid(30)}" name="Interview 1"{where}>{"".join(inside)}</TextSource>'


def foreign(sources: str, *, files: dict[str, bytes] | None = None, origin: str = "NVivo", more: str = "") -> bytes:
    users = f'<Users><User guid="{guid(20)}" name="Ashdown"/><User guid="{guid(21)}"/></Users>'
    xml = (
        f'<?xml version="1.0" encoding="utf-8"?><Project name="p" origin="{origin}" xmlns="{NAMESPACE}">'
        f"{users}{CODES}<Sources>{sources}</Sources>{more}</Project>"
    )
    PROJECT.assertValid(etree.fromstring(xml.encode()))
    given = {"Sources/A.txt": b"Zq7marker was late. Nothing else."} if files is None else files
    return packed({"Environment.qde": xml.encode(), **given})


def test_a_foreign_project_is_read_by_the_names_of_its_codes() -> None:
    content = foreign(source(selected(0, 9, coded(2), coded(3)), selected(0, 9, coded(7)), selected(3, 9, coded(9))))
    first, second = read(content, "x.qdpx").codings
    assert (first.coder, first.start, first.end) == (Coder("Ashdown"), 0, 9)
    assert first.made == datetime(2026, 3, 31, 9, 5, tzinfo=UTC)
    assert (first.issues, first.other, first.levels) == ((Issue.DOMESTIC_ABUSE,), ("Issue/Weather",), (Level.B,))
    assert second.severity == 4.0


def test_what_cannot_stand_together_is_kept_under_its_name() -> None:
    (found,) = read(foreign(source(selected(0, 9, *(coded(each) for each in (6, 7, 9, 10))))), "x.qdpx").codings
    assert (found.levels, found.severity) == ((), None)
    assert found.other == ("Level/none", "Level/B", "Severity/4", "Severity/5")


def test_codings_of_a_source_or_of_all_of_it_are_of_the_whole_text() -> None:
    collection = read(foreign(source(selected(0, 33, coded(7)), coded(9))), "x.qdpx")
    (found,) = collection.codings
    assert (found.start, found.levels, found.severity) == (None, (Level.B,), 4.0)


def test_codings_of_nobody_and_of_no_time_are_told_as_such() -> None:
    content = foreign(
        source(selected(0, 9, coded(7, None, "")), selected(1, 9, coded(7, 21)), selected(2, 9, coded(7, 99)))
    )
    codings = read(content, "x.qdpx").codings
    assert {each.coder for each in codings} == {Coder("unknown")}
    assert codings[0].made == datetime(1970, 1, 1, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "files"),
    [
        (source("<PlainTextContent>Zq7marker was late. Nothing else.</PlainTextContent>", path=""), {}),
        (source(path="relative:///A.txt"), {"a.txt": b"Zq7marker was late. Nothing else."}),
        (source(), {"sources/a.txt": "\ufeffZq7marker was late. Nothing else.".encode()}),
        (source(), {"SOURCES\\A.TXT": "Zq7marker was late. Nothing else.".encode("utf-16")}),
    ],
    ids=["in the XML", "relative", "with a mark", "as UTF-16"],
)
def test_texts_are_found_wherever_programs_put_them(text: str, files: dict[str, bytes]) -> None:
    (unit,) = read(foreign(text, files=files), "x.qdpx").units
    assert unit == Unit("Interview 1", "Zq7marker was late. Nothing else.")


def test_sources_of_one_name_are_two_texts() -> None:
    units = read(foreign(source() + source()), "x.qdpx").units
    assert [each.id for each in units] == ["Interview 1", "Interview 1 (2)"]


def test_atlas_counts_a_line_end_of_two_characters_as_one() -> None:
    text = source(selected(4, 7, coded(7)))
    files = {"sources/a.txt": b"One\r\nTwo\r\n"}
    for origin, start, end in (("ATLAS.ti", 5, 8), ("NVivo", 4, 7)):
        (found,) = read(foreign(text, files=files, origin=origin), "x.qdpx").codings
        assert (found.start, found.end) == (start, end)


def test_descriptions_and_notes_are_what_coders_noted() -> None:
    note = f'<Note guid="{guid(40)}"><PlainTextContent>Ask again</PlainTextContent></Note>'
    placed = f'<Note guid="{guid(41)}" name="n">{{}}{selected(2, 5)}</Note>'.format(
        "<PlainTextContent>By a note</PlainTextContent>"
    )
    text = source(
        selected(0, 9, "<Description>Odd</Description>", coded(7), f'<NoteRef targetGUID="{guid(40)}"/>'),
        selected(1, 4, "<Description>No\tcode\x7f</Description>"),
        selected(1, 2),
        f'<NoteRef targetGUID="{guid(41)}"/>',
    )
    codings = read(foreign(text, more=f"<Notes>{note}{placed}</Notes>"), "x.qdpx").codings
    assert [(each.start, each.end, each.note) for each in codings] == [
        (0, 9, "Odd\nAsk again"),
        (1, 4, "No\tcode"),
        (2, 5, "By a note"),
    ]


def test_texts_coded_with_a_case_keep_it_as_a_code() -> None:
    case = f'<Cases><Case guid="{guid(50)}" name="Family 3"/></Cases>'
    content = foreign(source(selected(0, 9, coded(50))))
    parts = parts_of(content)
    parts["Environment.qde"] = parts["Environment.qde"].replace(b"<Sources>", case.encode() + b"<Sources>")
    (found,) = read(packed(parts), "x.qdpx").codings
    assert found.other == ("Case/Family 3",)


PICTURE = f'<PictureSource guid="{guid(60)}" name="Photo"/><PDFSource guid="{guid(61)}" name="Plan"/>'
RICH = f'<TextSource guid="{guid(62)}" name="Letter" richTextPath="internal://a.docx"/>'


def test_sources_that_are_no_texts_are_left_out_by_name() -> None:
    content = foreign(source() + PICTURE + RICH)
    assert left_out(content) == ["Photo", "Plan", "Letter"]
    assert [each.id for each in read(content, "x.qdpx").units] == ["Interview 1"]
    with pytest.raises(InputError, match=r"ours\.qdpx: has no plain texts, only 2 other sources"):
        read(foreign(PICTURE), "ours.qdpx")


def test_the_codebook_is_valid_and_has_every_code() -> None:
    content = codebook()
    CODEBOOK.assertValid(etree.fromstring(content))
    names = {
        group.get("name"): [each.get("name") for each in group.findall("{*}Code")]
        for group in tree(content).findall("{*}Codes/{*}Code")
    }
    assert names == {
        "Level": [str(each) for each in LEVELS],
        "Severity": [str(each) for each in SEVERITIES],
        "Issue": [str(each) for each in ISSUES],
        "Assertion": [str(each) for each in ASSERTIONS],
        "Frame": [str(each) for each in FRAMES],
        "Framing": [str(each) for each in CATEGORIES],
    }
    assert "child in need (section 17)" in content.decode()


def encrypted(content: bytes) -> bytes:
    return content.replace(b"PK\x01\x02\x14\x03\x14\x00\x00", b"PK\x01\x02\x14\x03\x14\x00\x01")


def qde(xml: str) -> bytes:
    return packed({"project.qde": xml.encode()})


def tampered(old: str, new: str) -> bytes:
    parts = parts_of(written(SAMPLE))
    text = parts["project.qde"].decode()
    assert old in text
    return packed({**parts, "project.qde": text.replace(old, new).encode()})


LAUGHS = '<!DOCTYPE Project [<!ENTITY a "Zq7marker"><!ENTITY b "&a;&a;&a;">]><Project name="&b;"/>'
OUTSIDE = '<!DOCTYPE Project [<!ENTITY a SYSTEM "file:///etc/passwd">]><Project name="p">&a;</Project>'


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"", "is no REFI-QDA project"),
        (b"Zq7marker", "is no REFI-QDA project"),
        (written(SAMPLE)[:-40], "is no REFI-QDA project"),
        (encrypted(written(SAMPLE)), "protected by a password"),
        (packed({"a.txt": b"Zq7marker"}), "has no .qde file"),
        (qde("<Project>Zq7marker"), r"is no XML \(line 1\)"),
        (qde("<Other>Zq7marker</Other>"), "is no REFI-QDA project"),
        (qde('<?xml version="1.0" encoding="klingon"?><Project/>'), "unknown encoding|is no XML"),
        (qde(LAUGHS), "declares a document type"),
        (qde(OUTSIDE), "declares a document type"),
        (qde("<Project>" + "<Code>" * 300 + "</Code>" * 300 + "</Project>"), "in each other"),
        (foreign(source(), files={}), "the file of source Interview 1 is not in the archive"),
        (foreign(source(path="internal://../../etc/passwd")), "the file of source Interview 1 is not in the archive"),
        (foreign(source(path="absolute:///etc/passwd")), "the file of source Interview 1 is not in the archive"),
        (foreign(source(), files={"sources/a.txt": b"Zq7marker \xff"}), "is not UTF-8"),
        (foreign(source(selected(3, 34, coded(7)))), "source Interview 1: 3 to 34 is no stretch of its 33 characters"),
        (foreign(source(selected(-2, 4, coded(7)))), "-2 to 4 is no stretch"),
        (foreign(source(selected(9, 9, coded(7)))), "9 to 9 is no stretch"),
        (foreign(source(selected(-2, 4, coded(7))), origin="ATLAS.ti"), "-2 to 4 is no stretch"),
        (foreign(source(selected(0, 9, coded(77)))), "whose code is not in the codebook"),
        (tampered('startPosition="11"', 'startPosition="Zq7marker"'), r"\? to 14 is no stretch"),
        (tampered('DateTime="2026-03-31T09:05:07.123000Z"', 'DateTime="Zq7marker"'), "2026-03-31T09:05:00Z"),
        (tampered('"confidence": 0.87', '"confidence": "Zq7marker"'), "changed line"),
        (tampered('"confidence": 0.87', '"confidence": 7'), "changed line"),
        (tampered('"levels": ["C"', '"levels": ["Zq7marker"'), "changed line"),
        (tampered('"confidence": 0.87', '"confidence": Zq7marker'), "damaged line"),
        (tampered('"document": "Plan 7"', '"document": 7'), "changed line"),
        (tampered('"refi/1"', '"refi/2"'), "newer version"),
    ],
)
def test_what_is_wrong_is_told_without_a_text(content: bytes, told: str) -> None:
    with pytest.raises(InputError, match=told) as caught:
        read(content, "ours.qdpx")
    assert str(caught.value).startswith("ours.qdpx: ")
    assert MARKED not in str(caught.value)
    assert caught.value.__suppress_context__ or caught.value.__context__ is None


@pytest.mark.parametrize(
    ("bound", "most", "told"),
    [
        ("_MOST_PARTS", 2, "more than 2 parts"),
        ("_MOST_XML", 1000, "its .qde file unpacks to more than 1,000 bytes"),
        ("_MOST_ELEMENTS", 20, "over 20 elements"),
        ("_MOST_TEXT", 20, "the file of source t1 unpacks to more than 20 bytes"),
        ("_MOST_READ", 20, "unpacks to more than"),
    ],
)
def test_what_unpacks_to_too_much_is_refused(monkeypatch: pytest.MonkeyPatch, bound: str, most: int, told: str) -> None:
    content = written(SAMPLE)
    monkeypatch.setattr(refi_archive, bound, most)
    with pytest.raises(InputError, match=told):
        read(content, "ours.qdpx")


@pytest.mark.parametrize("bound", ["_MOST_PARTS", "_MOST_XML", "_MOST_ELEMENTS"])
def test_nothing_is_written_that_could_not_be_read(monkeypatch: pytest.MonkeyPatch, bound: str) -> None:
    monkeypatch.setattr(refi_archive, bound, 2)
    with pytest.raises(InputError, match=r"use \.jsonl"):
        written(SAMPLE)


def test_many_sources_of_one_file_do_not_exhaust_a_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    content = foreign(source() * 200)
    assert len(read(content, "x.qdpx").units) == 200
    monkeypatch.setattr(refi_archive, "_MOST_READ", len(parts_of(content)["Environment.qde"]) + 100 * 33)
    with pytest.raises(InputError, match="the file of source Interview 1 unpacks to more"):
        read(content, "x.qdpx")


def test_a_part_that_lies_about_its_size_is_refused() -> None:
    content = bytearray(foreign(source(), files={"sources/a.txt": b"0" * 100_000}))
    for place in (at for at in range(len(content)) if content[at : at + 4] == b"\xa0\x86\x01\x00"):
        content[place : place + 4] = b"\x09\x00\x00\x00"
    with pytest.raises(InputError, match="the file of source Interview 1 is damaged"):
        read(bytes(content), "x.qdpx")
