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
    r"(?:section (?:17|47)|s\.? ?(?:17|47)|strategy (?:meeting|discussion)|(?:initial |single |cin |c&f "
    r"|child in need |family )*assessment|early help|cp (?:enquir\w+|conference)"
    r"|child protection (?:enquir\w+|conference|medical)|icpc|police protection|emergency protection order"
    r"|epo|referral to (?:mash|social care|children's services)|child in need (?:visits?|plan)|nfa"
    r"|no further action|step(?:ped)?[ -](?:up|down))"
)
_DECIDED = (
    r"(?:initiated|started|begins?|began|begun|held|opened|agreed|convened|requested|closed|close|offered"
    r"|made|sent|submitted|accepted|declined|commenced|recommended|proposed|arranged|booked|under way"
    r"|underway|in place|put in|today|now|tomorrow)"
)
_OUTCOME = re.compile(
    rf"\b{_RESPONSE}\b[^.!?]*\b{_DECIDED}\b|\b{_DECIDED}\b[^.!?]*\b{_RESPONSE}\b|^\W*{_RESPONSE}\W*$", re.IGNORECASE
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
# Help that was refused or broke off says something of the family.
_ANSWERED = re.compile(r"refus|turned down|cancel|declin|withdr|missed|reject|consent|agrees|[£\d]{3}", re.IGNORECASE)
_MOST_WORDS = 14  # a longer sentence tells more than the outcome


def other_outcome(text: str, chooser: random.Random) -> str | None:
    """The text with a sentence about what a service decided left out or exchanged; None where there is none."""
    spans = split_sentences(text)
    named = [
        (start, end)
        for start, end in spans
        if _OUTCOME.search(text[start:end])
        and not _ANSWERED.search(text[start:end])
        and len(text[start:end].split()) <= _MOST_WORDS
    ]
    if not named or len(named) == len(spans):
        return None
    start, end = named[0]
    put = chooser.choice(("", chooser.choice(_OTHER_OUTCOMES)))
    return " ".join(part for part in (text[:start].strip(), put, text[end:].strip()) if part)
