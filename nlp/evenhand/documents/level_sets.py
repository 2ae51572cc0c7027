"""Which legal codes the sentences that define a document's levels support, and the sets that fit best together.

Levels follow one another, so their sets do too: what one level claims the next does not have.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator, Mapping, Sequence

from evenhand.errors import InputError, VocabularyError
from evenhand.scheme import LEVELS, Level, level_set

_MOST_EVIDENCE = 2.0  # for a code: said often is not said more surely
MOST_DEFINING = 8  # sentences of a definition that count; what comes later is about other things
NAME_WEIGHT = 1.0  # of the level's name, which counts as a sentence of its own
LEAST_EVIDENCE = 0.6  # for a code to be worth having in a set
_UNCOVERED = 0.3  # for each code that no level has: documents cover the scale
_SURE = 0.35  # by how much the best sets must beat those that differ at a level
# Words that decide, and what each is worth for which codes.
_CUES: tuple[tuple[Mapping[Level, float], str], ...] = (
    ({Level.NONE: 0.8}, r"\buniversal(?! plus| credit)(?:ly)?\b"),
    ({Level.NONE: 1.0}, r"\bno (?:additional|extra|identified|unmet) (?:needs?|support|help|concerns?)\b"),
    ({Level.NONE: 0.7}, r"\b(?:all|every|most) (?:child|children|famil(?:y|ies))\b|\beveryone\b"),
    ({Level.NONE: 0.7}, r"\b(?:everyday|ordinary|mainstream) (?:help|support|services?)\b"),
    ({Level.NONE: 0.7}, r"\bneeds are (?:fully |being )?met\b"),
    ({Level.A: 0.6}, r"\buniversal plus\b|\badditional (?:needs?|support|help)\b|\bextra (?:help|support)\b"),
    ({Level.A: 1.0}, r"\b(?:single|one)[ -](?:agency|service|setting|organisation|professional|practitioner)\b"),
    ({Level.A: 0.8}, r"\bwithin (?:the|their|your|its|a) (?:own )?(?:setting|school|service|agency|organisation)\b"),
    ({Level.A: 0.8}, r"\bwithin (?:the|their|your|its) own resources\b"),
    ({Level.A: 0.4, Level.B: 0.4}, r"\bearly help\b"),
    ({Level.B: 1.0}, r"\bmulti[ -]?agency\b|\bmultiple agenc"),
    ({Level.B: 1.0}, r"\b(?:more than one|several|two or more|different) (?:agenc|service)"),
    ({Level.B: 1.0}, r"\blead (?:professional|practitioner|worker)\b|\bteam around the\b|\bTA[FC]\b|\bco-?ordinated\b"),
    ({Level.B: 0.8}, r"\btargeted\b|\bpartnership plus\b|\bintensive (?:family )?(?:help|support)\b"),
    ({Level.B: 0.7, Level.C: 0.5}, r"\bfamily help\b"),
    ({Level.C: 1.0}, r"\b(?:section|s\.?) ?17\b|\bchild(?:ren)? in need\b|\bCIN\b"),
    (
        {Level.C: 0.5, Level.D: 0.3},
        r"\bsocial work(?:er)?s?\b|\bchildren'?s social care\b|\bstatutory\b|\bspecialist\b",
    ),
    ({Level.C: 0.8}, r"\bunlikely to (?:achieve|reach|maintain)\b|\bsignificantly impaired\b"),
    ({Level.D: 1.0}, r"\b(?:section|s\.?) ?47\b|\bsignificant harm\b|\bchild(?:ren)? protection\b"),
    ({Level.D: 1.0}, r"\bstrategy (?:discussion|meeting)\b"),
    ({Level.D: 0.8}, r"\bin need of protection\b|\b(?:emergency|police) protection\b|\bcare proceedings\b"),
    ({Level.D: 0.8}, r"\blooked after\b"),
    ({Level.D: 0.5}, r"\bimmediate(?:ly)? (?:danger|risk|protection|action)\b|\bacute\b"),
)
_COMPILED = tuple((re.compile(pattern, re.IGNORECASE), worth) for worth, pattern in _CUES)
# Behind these a sentence speaks of what the level is not, or of the next one.
_ELSEWHERE = re.compile(
    r"\b(?:do(?:es)? not|did not|cannot|not (?:meet|require|need|reach)|no need|without|rather than|instead of|below"
    r"|step(?:s|ped|ping)? (?:up|down)|escalat\w*|before|if (?:needs|concerns|things|this|it)|unless|in addition to"
    r"|as well as|beyond|where (?:needs|concerns) (?:increase|escalate))\b[^.;]*",
    re.IGNORECASE,
)
Sets = tuple[tuple[Level, ...], ...]


def evidence_of(sentences: Sequence[tuple[str, float]]) -> dict[Level, float]:
    """How much sentences with their weights say for each code, up to a limit."""
    found = dict.fromkeys(LEVELS, 0.0)
    for sentence, weight in sentences:
        for code, worth in _worth(sentence).items():
            found[code] = min(_MOST_EVIDENCE, found[code] + weight * worth)
    return found


def decides(evidence: Mapping[Level, float]) -> bool:
    """Whether evidence is enough for one code at least."""
    return max(evidence.values()) >= LEAST_EVIDENCE


def _worth(sentence: str) -> dict[Level, float]:
    told = _ELSEWHERE.sub(" ", sentence)
    found: dict[Level, float] = {}
    for pattern, worth in _COMPILED:
        if pattern.search(told):
            for code, value in worth.items():
                found[code] = max(found.get(code, 0.0), value)
    return found


def deciding_sentence(sentences: Sequence[tuple[str, float]], levels: Sequence[Level]) -> str:
    """The sentence with the most to say for the chosen codes."""
    told_of = ((_worth(sentence), weight, sentence) for sentence, weight in sentences)
    scored = [(weight * sum(worth.get(code, 0.0) for code in levels), sentence) for worth, weight, sentence in told_of]
    name, told = scored[0], scored[1:]
    # The name alone decides only where no sentence does.
    best, sentence = max(told, default=name, key=lambda found: found[0])
    if best <= 0:
        best, sentence = name
    return sentence if best > 0 else "nothing in the document says who responds at this level"


def best_sets(evidence: Sequence[Mapping[Level, float]]) -> tuple[Sets, tuple[bool, ...]]:
    """The sets that fit best together, and for each level whether any other set fits clearly less well."""
    scored = sorted(((_fit(sets, evidence), sets) for sets in _possible(len(evidence))), key=lambda found: -found[0])
    best, choice = scored[0]
    sure = []
    for place, own in enumerate(choice):
        other = max((score for score, sets in scored if sets[place] != own), default=float("-inf"))
        sure.append(best - other >= _SURE)
    return choice, tuple(sure)


def worth_of(evidence: Sequence[Mapping[Level, float]]) -> float:
    """How well the best sets fit the evidence of neighbouring levels."""
    return max(_fit(sets, evidence) for sets in _possible(len(evidence)))


def _fit(sets: Sets, evidence: Sequence[Mapping[Level, float]]) -> float:
    told = sum(own[code] - LEAST_EVIDENCE for codes, own in zip(sets, evidence, strict=True) for code in codes)
    covered = {code for codes in sets for code in codes}
    return told - _UNCOVERED * (len(LEVELS) - len(covered))


def _possible(count: int) -> Iterator[Sets]:
    """Ways to lay `count` runs of codes behind one another; each has at least one code where there are enough."""
    if count > len(LEVELS):
        # More levels than codes: neighbours may share one.
        for starts in itertools.combinations_with_replacement(range(len(LEVELS)), count):
            yield tuple((LEVELS[start],) for start in starts)
        return
    for firsts in itertools.combinations(range(len(LEVELS)), count):
        bounds = (*firsts[1:], len(LEVELS))
        for lasts in itertools.product(*(range(first, bound) for first, bound in zip(firsts, bounds, strict=True))):
            yield tuple(LEVELS[first : last + 1] for first, last in zip(firsts, lasts, strict=True))


def checked_set(codes: Sequence[str], where: str) -> tuple[Level, ...]:
    """A set of levels as a person gave it, mildest first; none given is () and says that it is not known.

    Raises:
        InputError: an unknown code or a gap, with `where` it stands.
    """
    try:
        return level_set(codes) if codes else ()
    except VocabularyError as error:
        message = f"{where}: {error}"
        raise InputError(message) from error
