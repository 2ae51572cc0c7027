"""Codings as W3C Web Annotations in JSON-LD (Web Annotation Data Model, Recommendation of 23 February 2017).

A file is an Annotation Collection with one page (sections 5.1 and 5.2), each coding an Annotation (3.1): a body for
each code (3.2.4), who made it and when (3.3.1, 3.3.2), and the text, or a stretch of it, as its target (4). Positions
count Unicode code points, as the model has it: "The selection of the text MUST be in terms of unicode code points", not
of code units (4.2.4, to which 4.2.5 refers), which is also how Python counts. What the model has no place for stands
under the prefix "evenhand", and the texts are embedded in the collection. `web_annotation_reading` reads.
"""

from __future__ import annotations

import json
import re
from typing import Any
from urllib.parse import quote
from uuid import NAMESPACE_URL, uuid5

from evenhand.annotate.json_lines import coding_fields, time_text
from evenhand.annotate.records import Annotation, Annotations, Coder, Unit
from evenhand.annotate.web_annotation_reading import CODING, ONE_CODE, PREFIX, TEXT, read

__all__ = ["CONTEXT", "read", "written"]

ANNO = "http://www.w3.org/ns/anno.jsonld"
_TERMS = "urn:evenhand:term:"
_XSD = "http://www.w3.org/2001/XMLSchema#"
CONTEXT: list[str | dict[str, Any]] = [
    ANNO,
    {
        "evenhand": _TERMS,
        f"{PREFIX}texts": {"@id": f"{_TERMS}texts", "@container": "@list"},
        f"{PREFIX}decides": {"@id": f"{_TERMS}decides", "@type": "@id", "@container": "@list"},
        f"{PREFIX}confidence": {"@id": f"{_TERMS}confidence", "@type": f"{_XSD}double"},
        f"{PREFIX}rank": {"@id": f"{_TERMS}rank", "@type": f"{_XSD}nonNegativeInteger"},
    },
]
_AROUND = 32  # characters of a quotation's prefix and suffix: enough to tell repeated words apart
# Ids that other tools made are web addresses or UUIDs, and stay what they are; any other becomes a URN of ours.
_ADDRESS = re.compile(r"(?:https?://|urn:uuid:)[A-Za-z0-9._~:/?#\[\]@!$&'()*+,;=%-]+")


def written(collection: Annotations) -> str:
    """A collection as JSON-LD; `read` gives the same again."""
    texts = {unit.id: unit.text for unit in collection.units}
    items = [_annotation(coding, texts[coding.unit]) for coding in collection.codings]
    resources = [_text(unit) for unit in collection.units]
    name = uuid5(NAMESPACE_URL, json.dumps([resources, items]))
    told: dict[str, Any] = {
        "@context": CONTEXT,
        "id": f"urn:evenhand:collection:{name}",
        "type": "AnnotationCollection",
        "label": f"Codings of texts: {len(items)} of {len(resources)}",
        "total": len(items),
        f"{PREFIX}scheme": collection.scheme,
        f"{PREFIX}texts": resources,
    }
    if items:  # a page without any is not allowed
        page = f"urn:evenhand:page:{name}:1"
        told["first"] = {
            "id": page,
            "type": "AnnotationPage",
            "partOf": told["id"],
            "startIndex": 0,
            "items": items,
        }
        told["last"] = page
    return json.dumps(told, ensure_ascii=False, indent=1) + "\n"


def _iri(kind: str, name: str) -> str:
    return name if _ADDRESS.fullmatch(name) else kind + quote(name, safe="")


def _text(unit: Unit) -> dict[str, Any]:
    told: dict[str, Any] = {"id": _iri(TEXT, unit.id), "type": "Text", "format": "text/plain", "value": unit.text}
    if unit.document:
        told[f"{PREFIX}document"] = unit.document
    if unit.data:
        told[f"{PREFIX}data"] = [{"label": key, "value": value} for key, value in unit.data.items()]
    return told


def _annotation(coding: Annotation, text: str) -> dict[str, Any]:
    told: dict[str, Any] = {
        "id": _iri(CODING, coding.id),
        "type": "Annotation",
        "motivation": "classifying",
        "creator": _creator(coding.coder),
        "created": time_text(coding.made),
    }
    bodies = _bodies(coding)
    if bodies:
        told["body"] = bodies
    told["target"] = {"type": "SpecificResource", "source": _iri(TEXT, coding.unit)}
    if coding.start is not None and coding.end is not None:
        told["target"]["selector"] = _selectors(text, coding.start, coding.end)
    if coding.confidence is not None:
        told[f"{PREFIX}confidence"] = coding.confidence
    if coding.decides:
        told[f"{PREFIX}decides"] = [_iri(CODING, one) for one in coding.decides]
    return told


def _creator(coder: Coder) -> dict[str, str]:
    name = f"urn:evenhand:coder:{coder.kind}:{quote(coder.name, safe='')}"
    if coder.kind == "person":
        return {"id": name, "type": "Person", "name": coder.name}
    name += f":{quote(coder.version, safe='')}"
    return {"id": name, "type": "Software", "name": coder.name, "schema:softwareVersion": coder.version}


def _bodies(coding: Annotation) -> list[dict[str, Any]]:
    """A body for each code: `evenhand:part` says of what, `evenhand:rank` its place, as bodies have no order."""
    fields = coding_fields(coding)
    bodies = [_body("level", f"level:{level}") for level in fields["levels"]]
    bodies += [_body("issue", f"issue:{issue}", rank) for rank, issue in enumerate(fields["issues"], 1)]
    bodies += [_body(part, f"{part}:{fields[part]}") for part in ONE_CODE if fields[part] is not None]
    bodies += [_body("other", code, rank) for rank, code in enumerate(coding.other, 1)]
    if coding.note:
        bodies.append(_body("note", coding.note))
    return bodies


def _body(part: str, value: str, rank: int | None = None) -> dict[str, Any]:
    purpose = {"issue": "tagging", "other": "tagging", "note": "commenting"}.get(part, "classifying")
    told: dict[str, Any] = {"type": "TextualBody", "purpose": purpose, "format": "text/plain", "value": value}
    told[f"{PREFIX}part"] = part
    return told if rank is None else {**told, f"{PREFIX}rank": rank}


def _selectors(text: str, start: int, end: int) -> list[dict[str, Any]]:
    """The same stretch twice: by position, and by its words, which survive when the text before it changes."""
    quoted = {"exact": text[start:end], "prefix": text[max(0, start - _AROUND) : start]}
    return [
        {"type": "TextPositionSelector", "start": start, "end": end},
        {"type": "TextQuoteSelector", **quoted, "suffix": text[end : end + _AROUND]},
    ]
