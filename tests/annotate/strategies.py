"""Collections of codings, as hypothesis makes them: odd texts, overlapping stretches, several coders of one name."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import strategies as st

from evenhand.annotate import Annotation, Annotations, Coder, Unit
from evenhand.framing.scheme import CATEGORIES
from evenhand.scheme import ASSERTIONS, FRAMES, ISSUES, LEVELS

# No half characters, which cannot be written at all; everything else, with what breaks formats more often than chance.
TEXTS = st.text(
    st.one_of(
        st.characters(exclude_categories=["Cs"]),
        st.sampled_from("\r\n\t\0\x0b\x1f\x7f\x85\u2028\ufeff\ufffe\U0001f642e\u0301<>&\"'=+-@;,|\\_x"),
    ),
    max_size=60,
)
LINES = st.text(
    st.characters(exclude_categories=["Cs", "Cc", "Cf", "Zl", "Zp", "Co", "Cn", "Zs"]), min_size=1, max_size=20
)
NOTES = st.text(
    st.one_of(
        st.characters(exclude_categories=["Cs", "Cc"], exclude_characters="\ufffe\uffff"),
        st.sampled_from("\n\t <>&\"'=+-@"),
    ),
    max_size=40,
)
TIMES = st.datetimes(datetime(1970, 1, 1), datetime(2100, 1, 1), timezones=st.just(UTC)).map(  # noqa: DTZ001
    lambda made: made - timedelta(microseconds=made.microsecond % 1000)
)
CODERS = st.one_of(
    st.builds(Coder, LINES),
    st.builds(Coder, LINES, st.just("model"), LINES),
    st.sampled_from([Coder("Aldermoor"), Coder("evenhand", "model", "0.3.1"), Coder("evenhand", "model", "0.3")]),
)
LEVEL_SETS = st.tuples(st.integers(0, 4), st.integers(0, 4)).map(lambda ends: LEVELS[min(ends) : max(ends) + 1])


@st.composite
def units(draw: st.DrawFn, number: int) -> Unit:
    return Unit(
        id=f"{draw(LINES)}{number}",
        text=draw(TEXTS),
        document=draw(st.one_of(st.just(""), LINES)),
        data=draw(st.dictionaries(LINES, NOTES, max_size=3)),
    )


@st.composite
def codings(draw: st.DrawFn, number: int, unit: Unit) -> Annotation:
    start = end = None
    if unit.text and draw(st.booleans()):
        start = draw(st.integers(0, len(unit.text) - 1))
        end = draw(st.integers(start + 1, len(unit.text)))
    return Annotation(
        id=f"{draw(LINES)}{number}",
        unit=unit.id,
        coder=draw(CODERS),
        made=draw(TIMES),
        confidence=draw(st.one_of(st.none(), st.floats(0, 1))),
        start=start,
        end=end,
        levels=draw(st.one_of(st.just(()), LEVEL_SETS)),
        severity=draw(st.one_of(st.none(), st.integers(1, 6).map(float), st.floats(1, 6))),
        issues=tuple(draw(st.lists(st.sampled_from(ISSUES), unique=True, max_size=4))),
        assertion=draw(st.one_of(st.none(), st.sampled_from(ASSERTIONS))),
        frame=draw(st.one_of(st.none(), st.sampled_from(FRAMES))),
        framing=draw(st.one_of(st.none(), st.sampled_from(CATEGORIES))),
        other=tuple(draw(st.lists(LINES, unique=True, max_size=2))),
        note=draw(NOTES),
        decides=tuple(draw(st.lists(LINES, unique=True, max_size=2))),
    )


@st.composite
def collections(draw: st.DrawFn) -> Annotations:
    """Up to four texts with up to four codings each; some have none."""
    made = [draw(units(number)) for number in range(draw(st.integers(0, 4)))]
    coded: list[Annotation] = []
    for unit in made:
        coded += [draw(codings(len(coded) + place, unit)) for place in range(draw(st.integers(0, 4)))]
    return Annotations(tuple(made), tuple(coded))
