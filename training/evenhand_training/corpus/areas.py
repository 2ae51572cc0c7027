"""Which areas stay together in splits, and which stay out; decided by reading documents, before any model."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True)
class AreaJoin:
    """Areas that must fall on the same side of every split, and why."""

    group: str
    areas: tuple[str, ...]
    reason: str


@dataclass(frozen=True)
class AreaGroup:
    """A connected group of areas."""

    id: str
    areas: tuple[str, ...]
    reason: str | None


# Areas are joined where one lies within the other or a joint document names both, and where two areas publish
# the same text under two names (three quarters of the shorter list, or the whole procedure). Neighbours
# without a document in common stay apart.
AREA_JOINS = (
    AreaJoin(
        "bedfordshire",
        ("Bedford", "Bedford, Central Bedfordshire and Luton", "Central Bedfordshire"),
        "joint Bedfordshire procedures",
    ),
    AreaJoin(
        "devon-torbay",
        ("Devon", "South Devon and Torbay", "Torbay"),
        "joint health protocol for South Devon and Torbay",
    ),
    AreaJoin("kent-medway", ("Kent", "Kent and Medway"), "joint Kent and Medway procedures"),
    AreaJoin(
        "kensington-chelsea-lewisham",
        ("Kensington and Chelsea", "Lewisham"),
        "the same eligibility list for disabled children",
    ),
    AreaJoin(
        "leicestershire",
        ("Leicester", "Leicester, Leicestershire and Rutland"),
        "joint procedures with the county",
    ),
    AreaJoin(
        "newcastle-gateshead",
        ("Gateshead", "Newcastle upon Tyne"),
        "neighbours with the same eligibility criteria for disabled children",
    ),
    AreaJoin(
        "staffordshire",
        ("Staffordshire", "Stoke-on-Trent and Staffordshire"),
        "joint Staffordshire and Stoke matrix",
    ),
    AreaJoin(
        "sussex-peterborough",
        (
            "Brighton & Hove",
            "Cambridgeshire and Peterborough",
            "East Sussex",
            "Peterborough",
            "Sussex (Brighton & Hove, East Sussex, West Sussex)",
            "West Sussex",
        ),
        "joint Sussex procedures; Peterborough publishes the Sussex procedure on self-harm, and a joint list "
        "with Cambridgeshire",
    ),
    AreaJoin(
        "blackpool-lancashire",
        ("Blackpool", "Lancashire, Blackburn with Darwen and Blackpool"),
        "joint Lancashire guidance",
    ),
)

# A document of many areas shares its text with each of them, so on either side of a split it would leak.
LEFT_OUT = {
    "London (pan-London)": "covers areas on both sides of every split",
    "Greater Manchester": "covers areas on both sides of every split",
    "Liverpool City Region (hospital trust's amalgam)": "covers areas on both sides of every split",
    "Scottish Borders": "outside England: its levels rest on other law",
}


def group_areas(areas: Iterable[str]) -> list[AreaGroup]:
    """Connected groups of the given areas without those left out, sorted by group id."""
    present = set(areas) - set(LEFT_OUT)
    groups = []
    for join in AREA_JOINS:
        members = tuple(area for area in join.areas if area in present)
        if members:
            groups.append(AreaGroup(join.group, members, join.reason))
            present -= set(members)
    groups.extend(AreaGroup(_slug(area), (area,), None) for area in present)
    return sorted(groups, key=lambda group: group.id)


def _slug(area: str) -> str:
    plain = area.split("(")[0].lower().replace("&", "and").replace(",", " ")
    return "-".join(plain.split())
