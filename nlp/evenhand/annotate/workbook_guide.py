"""What the columns and codes of a table of codings mean, in plain English; for the people who fill it in."""

from __future__ import annotations

from evenhand.framing.scheme import CATEGORY_NAMES
from evenhand.scheme import LEVEL_MEANINGS, LEVELS, SEVERITY_MEANINGS, Assertion, Frame, Issue, Level

COLUMN_MEANINGS = {
    "unit": "What you call the text, for instance R-017. Every row of the same text has the same name here.",
    "text": "The text as it was coded. It may be left empty on all rows of a text but one.",
    "document": "Where the text comes from, if you want to keep that.",
    "data": "What else is known of the text. A program writes it; columns of your own are kept too.",
    "id": "The name of the coding. Leave it empty in rows that you add.",
    "coder": "Who coded: your name or initials, always written the same way.",
    "coder_kind": "person or model. Left empty, it is a person.",
    "coder_version": "Of a model; empty for a person.",
    "made": "When, in universal time, as 2026-03-31T09:05:00Z. It may be left empty.",
    "confidence": "How sure the coder is, from 0 to 1. Empty if not said.",
    "start": "Where a coded stretch begins: the number of characters before it. Empty for the whole text.",
    "end": "Where the stretch ends: the number of characters up to its end. Empty for the whole text.",
    "levels": "The level of help or protection; two or more neighbouring ones, with spaces between, where both fit.",
    "issues": "What the text is about, the most important first, with spaces between.",
    "severity": "How severe the situation is by itself, from 1 to 6.",
    "assertion": "Whether the text says that something is so.",
    "frame": "How the text tells it.",
    "framing": "How a few words frame a person, a family or a worry.",
    "other": "Codes of other schemes. A program writes them.",
    "note": "Anything that you want to say.",
    "decides": "Ids of the codings that an adjudicator decided between. A program writes them.",
    "scheme": "Version of this guide's codes. The same in every row.",
}
ISSUE_MEANINGS = {
    Issue.DOMESTIC_ABUSE: "abuse between adults at home, also seen or heard by the child",
    Issue.SELF_HARM: "self-harm or suicidal thoughts",
    Issue.HOUSING: "bad or overcrowded housing, homelessness",
    Issue.BULLYING: "bullying, also online",
    Issue.PHYSICAL_ABUSE: "physical abuse",
    Issue.SEXUAL_ABUSE: "sexual abuse",
    Issue.EMOTIONAL_ABUSE: "emotional abuse",
    Issue.NEGLECT: "neglect: basic care, supervision, safety at home",
    Issue.EXPLOITATION: "sexual or criminal exploitation, gangs, county lines, trafficking",
    Issue.HARMFUL_PRACTICES: "female genital mutilation, forced marriage, abuse linked to honour or belief",
    Issue.RADICALISATION: "radicalisation or extremism",
    Issue.MISSING: "going missing from home, care or school",
    Issue.PARENTAL_SUBSTANCE_USE: "a parent's use of drugs or alcohol",
    Issue.CHILD_SUBSTANCE_USE: "the child's use of drugs or alcohol",
    Issue.PARENTAL_MENTAL_HEALTH: "a parent's mental health",
    Issue.CHILD_MENTAL_HEALTH: "the child's mental health",
    Issue.DISABILITY_SEN: "the child's disability or special educational needs",
    Issue.HEALTH_DEVELOPMENT: "the child's health, milestones, medical appointments",
    Issue.EDUCATION: "attendance, exclusion, attainment, not in education or work",
    Issue.BEHAVIOUR_OFFENDING: "behaviour that is hard to manage, or offending",
    Issue.SEXUAL_BEHAVIOUR: "early or harmful sexual behaviour, teenage pregnancy",
    Issue.YOUNG_CARER: "the child cares for somebody",
    Issue.POVERTY: "income, debt, food, heating, unemployment",
    Issue.PARENTING: "attachment, warmth, boundaries, consistency",
    Issue.FAMILY_RELATIONSHIPS: "conflict, separation, bereavement, a parent in prison",
    Issue.PARENTAL_HEALTH_DISABILITY: "a parent's health, disability or learning difficulty",
    Issue.DISCRIMINATION_IDENTITY: "harassment, isolation, identity",
    Issue.MIGRATION: "asylum, no recourse to public funds, unaccompanied children",
    Issue.UNBORN: "worries before a child is born",
    Issue.CARE_STATUS: "private fostering, return from care, adoption, special guardianship",
    Issue.ENGAGEMENT: "refusing or avoiding services",
    Issue.PROTECTIVE: "a strength, or the absence of concern",
}
ASSERTION_MEANINGS = {
    Assertion.PRESENT: "it is so now, or likely now",
    Assertion.NEGATED: "it is said not to be so",
    Assertion.HISTORICAL: "it was so, it is over, and nothing has happened since",
    Assertion.HYPOTHETICAL: "it would be so if something else happened",
    Assertion.OTHER_PERSON: "it is so of somebody outside the family and the child's life",
}
FRAME_MEANINGS = {
    Frame.EVIDENCE: "what was seen, said or done",
    Frame.RISK: "person or family as a danger, threat or worry",
    Frame.BLAME: "somebody's fault or bad character",
    Frame.NEED: "what the family needs, lacks or asks for",
    Frame.STRENGTH: "what they can do, or what protects the child",
}
# Columns with a closed list of codes, and whether one has to be chosen; several issues may stand in a cell.
CHOICES = {"coder_kind": True, "levels": True, "issues": False, "assertion": True, "frame": True, "framing": True}


def guide() -> list[tuple[str, str, str]]:
    """Rows of the guide, header first: a column with its meaning, then its codes with theirs."""
    codes: dict[str, dict[str, str]] = {
        "coder_kind": {"person": "somebody", "model": "a program, with its version beside it"},
        "levels": _sets(),
        "issues": {str(code): meaning for code, meaning in ISSUE_MEANINGS.items()},
        "severity": {str(code): meaning for code, meaning in SEVERITY_MEANINGS.items()},
        "assertion": {str(code): meaning for code, meaning in ASSERTION_MEANINGS.items()},
        "frame": {str(code): meaning for code, meaning in FRAME_MEANINGS.items()},
        "framing": {str(code): meaning for code, meaning in CATEGORY_NAMES.items()},
    }
    rows = [("column", "code", "meaning")]
    for column, meaning in COLUMN_MEANINGS.items():
        rows.append((column, "", meaning))
        rows += [(column, code, told) for code, told in codes.get(column, {}).items()]
    return rows


def _sets() -> dict[str, str]:
    """Sets of levels, one level first, with their meaning."""
    runs = sorted((LEVELS[a:b] for a in range(len(LEVELS)) for b in range(a + 1, len(LEVELS) + 1)), key=len)
    return {" ".join(run): _meaning(run) for run in runs}


def _meaning(run: tuple[Level, ...]) -> str:
    return LEVEL_MEANINGS[run[0]] if len(run) == 1 else f"any of {', '.join(run[:-1])} and {run[-1]} fits"
