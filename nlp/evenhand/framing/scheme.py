"""Closed vocabularies of framing: categories of spans, material needs, elements of a good referral.

The coding guide (annotations/CODING-GUIDE.md, section 8) has the meaning of each.
"""

from __future__ import annotations

from enum import StrEnum


class Category(StrEnum):
    """How a few words frame a person, a family or a worry."""

    RISK_ESCALATION = "risk_escalation"
    VICTIM_BLAMING = "victim_blaming"
    PARENT_BLAMING = "parent_blaming"
    DEFICIT = "deficit"
    STIGMATISING = "stigmatising"
    VAGUE = "vague"
    NEED_FRAMED = "need_framed"
    STRENGTH_BASED = "strength_based"


CATEGORIES: tuple[Category, ...] = tuple(Category)


class Group(StrEnum):
    """Categories by the frame that they belong to; those without one (guide, section 6) are wording."""

    RISK = "risk"
    BLAME = "blame"
    WORDING = "wording"
    NEED = "need"
    STRENGTH = "strength"


GROUPS: dict[Category, Group] = {
    Category.RISK_ESCALATION: Group.RISK,
    Category.VICTIM_BLAMING: Group.BLAME,
    Category.PARENT_BLAMING: Group.BLAME,
    Category.DEFICIT: Group.WORDING,
    Category.STIGMATISING: Group.WORDING,
    Category.VAGUE: Group.WORDING,
    Category.NEED_FRAMED: Group.NEED,
    Category.STRENGTH_BASED: Group.STRENGTH,
}
# What a writer may want to say otherwise; the other two are to be welcomed.
FLAGGED: frozenset[Category] = frozenset(CATEGORIES) - {Category.NEED_FRAMED, Category.STRENGTH_BASED}

CATEGORY_NAMES: dict[Category, str] = {
    Category.RISK_ESCALATION: "escalates risk",
    Category.VICTIM_BLAMING: "blames the child",
    Category.PARENT_BLAMING: "blames the parent",
    Category.DEFICIT: "names a deficit",
    Category.STIGMATISING: "labels people",
    Category.VAGUE: "says too little",
    Category.NEED_FRAMED: "tells a need",
    Category.STRENGTH_BASED: "tells a strength",
}


class Need(StrEnum):
    """What a family is short of that money, hands or a house could mend."""

    INCOME = "income"
    FOOD = "food"
    HEATING = "heating"
    HOUSING = "housing"
    RESPITE = "respite"
    CHILDCARE = "childcare"
    PRACTICAL_HELP = "practical_help"
    DEBT_ADVICE = "debt_advice"
    TRANSPORT = "transport"


NEEDS: tuple[Need, ...] = tuple(Need)


class Element(StrEnum):
    """What a sentence of a good referral says."""

    HARM_DESCRIBED = "harm_described"
    LIKELIHOOD = "likelihood"
    IMPACT_ON_CHILD = "impact_on_child"
    FREQUENCY_DURATION = "frequency_duration"
    EVIDENCE_NOT_OPINION = "evidence_not_opinion"
    INFORMATION_SOURCE = "information_source"
    CHILDS_VOICE = "childs_voice"
    PARENTS_VIEWS = "parents_views"
    CONSENT = "consent"
    TRIED_FIRST = "tried_first"
    TOOLS_USED = "tools_used"
    STRENGTHS = "strengths"
    OUTCOME_WANTED = "outcome_wanted"
    IDENTITY_NEEDS = "identity_needs"
    HISTORY = "history"


ELEMENTS: tuple[Element, ...] = tuple(Element)

ELEMENT_NAMES: dict[Element, str] = {
    Element.HARM_DESCRIBED: "harm or impairment described",
    Element.LIKELIHOOD: "how likely harm is, and why",
    Element.IMPACT_ON_CHILD: "what it does to the child day by day",
    Element.FREQUENCY_DURATION: "how often, since when",
    Element.EVIDENCE_NOT_OPINION: "what was seen, apart from what is thought",
    Element.INFORMATION_SOURCE: "who knows or told it",
    Element.CHILDS_VOICE: "the child's words, wishes or feelings",
    Element.PARENTS_VIEWS: "the parents' or carers' views",
    Element.CONSENT: "consent, or why it was not sought",
    Element.TRIED_FIRST: "what was tried, or is in place",
    Element.TOOLS_USED: "tools or assessments used",
    Element.STRENGTHS: "strengths and protective factors",
    Element.OUTCOME_WANTED: "what is asked for, and what would be different",
    Element.IDENTITY_NEEDS: "language, faith, culture, communication needs",
    Element.HISTORY: "earlier contacts, plans, moves",
}


class Found(StrEnum):
    """Whether a text says an element."""

    FOUND = "found"
    UNCLEAR = "unclear"
    NOT_FOUND = "not_found"
