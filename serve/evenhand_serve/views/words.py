"""Levels, issues, shares and counts in the words of the pages; pure functions, no I/O."""

from __future__ import annotations

import re
from collections.abc import Sequence

from evenhand.consistency.report.words import ISSUE_WORDS
from evenhand.scheme import Assertion, Frame, Issue, Level

# What the legal codes mean, for somebody who does not know them.
LEVEL_NAMES: dict[Level, str] = {
    Level.NONE: "Universal services",
    Level.A: "Early help by universal services",
    Level.B: "Early help with more",
    Level.C: "Child in need",
    Level.D: "Child protection",
}
LEVEL_LAW: dict[Level, str] = {
    Level.NONE: "Schools, GPs and other services for everyone meet the need. Nothing more is called for.",
    Level.A: "A service that the family already knows, such as a school or health visitor, leads the help."
    " It needs the family's consent.",
    Level.B: "Several services help together, often with a lead worker and a plan. It needs the family's consent.",
    Level.C: "Section 17 of the Children Act 1989: without services the child is unlikely to reach or keep a reasonable"
    " standard of health or development, or is disabled. The council assesses, with consent.",
    Level.D: "Section 47 of the Children Act 1989: the council has reasonable cause to suspect that the child is"
    " suffering, or is likely to suffer, significant harm, and must make enquiries.",
}
ASSERTION_WORDS: dict[Assertion, str] = {
    Assertion.PRESENT: "about now",
    Assertion.NEGATED: "said not to be so",
    Assertion.HISTORICAL: "so in the past",
    Assertion.HYPOTHETICAL: "not said to be so, but possible",
    Assertion.OTHER_PERSON: "about somebody else",
}
FRAME_MEANINGS: dict[Frame, str] = {
    Frame.EVIDENCE: "what was seen, said or done",
    Frame.RISK: "what might happen",
    Frame.BLAME: "a verdict on the child or the parents",
    Frame.NEED: "what the family or the child lacks",
    Frame.STRENGTH: "what goes well or protects",
}
NEED_WORDS: dict[str, str] = {"practical_help": "practical help", "debt_advice": "advice on debt"}

_ISSUES = {**ISSUE_WORDS, Issue.DISABILITY_SEN: "disability and special educational needs"}
# Whom a letter after the number of a factor means, where it means a person.
_CHILD = "the child"
_PARENT = "a parent or carer"
_OTHER = "another person in the household"
_BY_PERSON = {
    "1": "alcohol misuse",
    "2": "drug misuse",
    "3": "domestic abuse",
    "4": "mental health",
    "5": "learning disability",
    "6": "physical disability or illness",
}
# Names of factors in the guide to the children in need census 2023 to 2024, section 4.10.
_DFE: dict[str, str] = {
    "7A": "young carer",
    "8B": "privately fostered: overseas, intends to return",
    "8C": "privately fostered: overseas, intends to stay",
    "8D": "privately fostered: from the UK, in an educational placement",
    "8E": "privately fostered: from the UK, alternative family arrangements",
    "8F": "privately fostered: other",
    "9A": "unaccompanied asylum-seeking child",
    "10A": "missing",
    "11A": "child sexual exploitation",
    "12A": "trafficking",
    "13A": "gangs",
    "14A": "socially unacceptable behaviour",
    "15A": "self-harm",
    "16A": "neglect",
    "17A": "emotional abuse",
    "18B": "physical abuse, child on child",
    "18C": "physical abuse, adult on child",
    "19B": "sexual abuse, child on child",
    "19C": "sexual abuse, adult on child",
    "20": "other",
    "21": "no factors identified",
    "22A": "female genital mutilation",
    "23A": "abuse linked to faith or belief",
    "24A": "child criminal exploitation",
}
# What a page cannot show, and marks that would turn the direction of what follows them.
_UNSEEN = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069\ud800-\udfff\ufffe\uffff]"
)
_LEAST = 0.005  # below it a share rounds to 0%, which would say more than the model can
_KINDS = {
    "nhs_number": "NHS number",
    "national_insurance": "National Insurance number",
    "upn": "unique pupil number",
    "email": "e-mail address",
    "phone": "phone number",
    "school": "name of a school",
    "social_media": "social media account",
}


def shown(text: str) -> str:
    """A text as a page can hold it: each character that cannot be shown becomes one that can, so offsets stay."""
    return _UNSEEN.sub("\ufffd", text)


def web_address(url: str | None) -> str:
    """An address that may stand in a link; "" for none, and for what a browser would not take for a page."""
    return url if url is not None and url.startswith(("https://", "http://")) else ""


def issue_name(issue: str) -> str:
    """An issue in words, with a small first letter.

    >>> issue_name("self_harm"), issue_name("domestic_abuse"), issue_name("new_one")
    ('self-harm', 'domestic abuse', 'new one')
    """
    known = {str(one): words for one, words in _ISSUES.items()}
    return known.get(issue, issue.replace("_", " "))


def need_name(need: str) -> str:
    """A material need in words."""
    return NEED_WORDS.get(need, need.replace("_", " "))


def dfe_name(code: str) -> str:
    """What a factor code of the children in need census means.

    >>> dfe_name("3B"), dfe_name("18C")
    ('domestic abuse: a parent or carer', 'physical abuse, adult on child')
    """
    if code in _DFE:
        return _DFE[code]
    what, who = _BY_PERSON.get(code[:-1]), {"A": _CHILD, "B": _PARENT, "C": _OTHER}.get(code[-1:])
    return f"{what}: {who}" if what and who else "not in our list of factors"


def percent(share: float) -> str:
    """A share as a whole percentage; never 0% or 100% of what a model is not that sure of.

    >>> percent(0.6646), percent(0.0002), percent(0.0), percent(0.998), percent(1.0)
    ('66%', 'under 1%', '0%', 'over 99%', '100%')
    """
    if 0 < share < _LEAST:
        return "under 1%"
    if 1 - _LEAST < share < 1:
        return "over 99%"
    return f"{share:.0%}"


def percents(low: float, high: float) -> str:
    """The ends of an interval of shares.

    >>> percents(0.1584, 0.7627)
    '16% to 76%'
    """
    return f"{low:.0%} to {high:.0%}"


def count(number: int, one: str, many: str | None = None) -> str:
    """A number with its noun.

    >>> count(1, "area"), count(1378, "descriptor"), count(2, "body", "bodies")
    ('1 area', '1,378 descriptors', '2 bodies')
    """
    return f"{number:,} {one if number == 1 else many or one + 's'}"


def either(codes: Sequence[str]) -> str:
    """Codes of a set, any of which may hold.

    >>> either(["none", "A", "B"]), either(["D"]), either([])
    ('none, A or B', 'D', 'not known')
    """
    *first, last = list(codes) or ["not known"]
    return f"{', '.join(first)} or {last}" if first else last


def set_words(codes: Sequence[str]) -> str:
    """A level set in words: "Child in need or child protection".

    >>> set_words(["C", "D"]), set_words([])
    ('Child in need or child protection', 'Not known')
    """
    names = [LEVEL_NAMES[Level(code)] for code in codes if code in LEVEL_NAMES]
    told = either([name[0].lower() + name[1:] for name in names])
    return told[0].upper() + told[1:]


def balanced(words: str) -> str:
    """A sentence without a quotation mark at its end whose other is in a sentence beside it.

    >>> balanced("I hid.”"), balanced("She said: “I hid."), balanced("“I hid.”"), balanced("“I hid. He came.")
    ('I hid.', 'She said: “I hid.', '“I hid.”', 'I hid. He came.')
    """
    opened, closed = words.count("“"), words.count("”")
    if closed > opened:
        return words.removesuffix("”")
    return words.removeprefix("“") if opened > closed else words


def sentence_case(words: str) -> str:
    """With a capital first letter; the rest stays."""
    return words[:1].upper() + words[1:]


def kind_name(kind: str) -> str:
    """What looks identifiable, by its kind.

    >>> kind_name("upn"), kind_name("name"), kind_name("date_of_birth")
    ('unique pupil number', 'name', 'date of birth')
    """
    return _KINDS.get(kind, str(kind).replace("_", " "))
