"""Twins of training texts that name their own outcome: without it, or with another.

A text that says what was decided about it ("CIN assessment started") tells the answer. A fair reader grades the facts.
"""

from __future__ import annotations

import random
import re

from evenhand.text import split_sentences

# What a service decided or began: an answer to the text, which a fair reader does not take from it. A status that was
# there before ("is on a child protection plan") is a fact and stays.
_RESPONSE = (
    r"(?:section (?:17|47)|s\.? ?(?:17|47)|strategy (?:meeting|discussion)"
    r"|(?:initial |single |cin |c&f |family )*assessment|early help(?: assessment| referral)?"
    r"|(?:cp|child protection) (?:enquir\w+|conference|medical)|icpc|police protection"
    r"|emergency protection order|epo|referral(?: to (?:mash|social care|children's services|early help))?"
    r"|(?:cin|child in need) (?:visits?|assessment)|nfa|no further action|stepp?(?:ed)?[ -](?:up|down))"
)
_DECIDED = (
    r"(?:initiated|started|begins?|began|begun|held|opened|agreed|convened|requested|closed|offered|made|sent|submitted"
    r"|accepted|commenced|recommended|proposed|arranged|booked|under way|underway)"
)
_WHEN = r"(?:at once|today|now|tomorrow|yesterday|this (?:morning|afternoon|week)|within (?:the|an) hour|on \w+day)"
# The whole sentence is the decision: "S47 enquiries initiated today.", "Outcome: NFA", "Agreed to open an assessment."
_OUTCOME = re.compile(
    rf"\W*(?:(?:outcome|decision|action|actions|agreed|result|plan)\W+)?{_RESPONSE}(?: enquir\w+)?"
    rf"(?:\W+(?:has been|have been|was|were|is|being|to be|will be))?(?:\W+{_DECIDED})?(?:\W+{_WHEN})?\W*"
    rf"|\W*{_DECIDED}(?: (?:to|a|an|the|for|open|start|begin|hold|make))*\W+{_RESPONSE}(?:\W+{_WHEN})?\W*",
    re.IGNORECASE,
)
_OTHER_OUTCOMES = (
    "NFA.",
    "No further action agreed.",
    "Early help assessment opened.",
    "CIN assessment started.",
    "Strategy meeting held.",
    "S47 enquiries initiated.",
    "Stepped down.",
    "Referral to MASH made today.",
    "Child protection conference booked.",
)


def other_outcome(text: str, chooser: random.Random) -> str | None:
    """The text with a sentence about what a service decided left out or exchanged; None where there is none."""
    spans = split_sentences(text)
    named = [(start, end) for start, end in spans if _OUTCOME.fullmatch(text[start:end])]
    if not named or len(named) == len(spans):
        return None
    start, end = named[0]
    put = chooser.choice(("", chooser.choice(_OTHER_OUTCOMES)))
    return " ".join(part for part in (text[:start].strip(), put, text[end:].strip()) if part)
