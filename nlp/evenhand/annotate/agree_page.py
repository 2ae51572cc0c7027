"""What a comparison of coders came to, in words and as a page."""

from __future__ import annotations

from collections.abc import Mapping
from importlib import resources
from math import isnan

from evenhand import __version__
from evenhand.agreement import RESAMPLES, Agreement
from evenhand.annotate.agree import Compared, Measure
from evenhand.annotate.distances import NONE_GIVEN
from evenhand.errors import MissingExtraError
from evenhand.scheme import LEVELS, SCHEME_VERSION

_SHOWN = 200  # disagreements on the page; JSON has all
_TOO_FEW = 10  # codings that have a code; with fewer, intervals hold the true alpha far less often than they say
_FEW = 30  # texts: the interval of an alpha is then so wide that hardly anything can be said


def told(found: Compared) -> str:
    """Lines for a terminal."""
    lines = [f"{found.units:,} texts of {found.documents:,} documents, coded by two or more:"]
    lines += [f"  {name}: {units:,} texts" for name, _, units in found.coders]
    lines += ["", *map(_line, found.overall), "", "By level:", *map(_line, found.levels)]
    lines += ["", "By issue:", *map(_line, found.issues)]
    lines += ["", f"They differ on {len(found.disagreements):,} texts; --html PAGE or --json lists them."]
    lines += [f"Left out: {count:,} codings {why}." for why, count in found.left_out.items()]
    return "\n".join(lines)


def methods(found: Compared) -> str:
    """A paragraph to put into a paper."""
    people = sum(kind == "person" for _, kind, _ in found.coders)
    models = [name for name, kind, _ in found.coders if kind == "model"]
    who = f"{people} {'person' if people == 1 else 'people'}"
    who += f" and {' and '.join(models)}" if models else ""
    figures = "; ".join(f"{one.what} {alpha_text(one.all)} ({interval(one.all)})" for one in found.overall)
    resampled = "documents" if any(one.all.documents for one in found.overall) else "texts"
    told_people = "; ".join(
        f"{one.what} {alpha_text(one.people)}" for one in found.overall if one.people is not None and one.people.units
    )
    return (
        f"{found.units:,} texts from {found.documents:,} documents were coded by two or more of {who}, under version"
        f" {SCHEME_VERSION} of the Evenhand coding scheme. Agreement is Krippendorff's alpha (Krippendorff 2011):"
        f" ordinal for level and severity, where a set of levels counts as the middle between its ends and severity as"
        f" the nearest grade; with the MASI distance (Passonneau 2006) for sets of issues; nominal for assertion and"
        f" frame. Intervals are 95% from {RESAMPLES:,} resamples of {resampled}. Alpha was {figures}."
        + (f" Among people alone it was {told_people}." if told_people else "")
    )


def page(found: Compared, texts: Mapping[str, str] | None = None) -> str:
    """The comparison as one HTML page, with styles in it and nothing else to load.

    Args:
        found: What to show.
        texts: By id, to show them beside disagreements; the page then holds texts.

    Raises:
        MissingExtraError: jinja2 is not installed.
    """
    try:
        from jinja2 import Environment, PackageLoader, StrictUndefined
    except ImportError as error:
        message = "the page needs: pip install 'evenhand[report]'"
        raise MissingExtraError(message) from error
    environment = Environment(
        loader=PackageLoader("evenhand.annotate", "."), autoescape=True, undefined=StrictUndefined, trim_blocks=True
    )
    environment.filters |= {
        "alpha": alpha_text,
        "interval": interval,
        "named": named,
        "count": lambda number: f"{number:,}",
        "percent": lambda share: f"{share:.0%}",
        "rows": lambda pair: _in_order(pair.confusion),
        "columns": lambda pair: _in_order({column for row in pair.confusion.values() for column in row}),
    }
    style = resources.files("evenhand.framing.report").joinpath("page.css").read_text(encoding="utf-8")
    return environment.get_template("agree.html.jinja").render(
        found=found,
        texts=texts or {},
        people=any(one.people is not None for one in found.overall),
        methods=methods(found),
        shown=_SHOWN,
        too_few=_TOO_FEW,
        style=style,
        version=__version__,
        scheme=SCHEME_VERSION,
    )


def alpha_text(one: Agreement) -> str:
    """Alpha with two decimals, without the zero before the point.

    >>> alpha_text(Agreement(0.574, 0.4, 0.7, 60)), alpha_text(Agreement(-0.021, -0.2, 0.1, 60))
    ('.57', '-.02')
    """
    return "not known" if isnan(one.alpha) else _short(one.alpha)


def interval(one: Agreement, given: int | None = None) -> str:
    """The interval, or why there is none to rely on: of a code that hardly anybody gave, resamples tell nothing."""
    if isnan(one.alpha):
        return "codes do not vary" if one.units else "no texts"
    few = ", few texts" if one.units < _FEW else ""
    if given is not None and given < _TOO_FEW:
        return "too few to say"
    return "no interval" if isnan(one.low) else f"{_short(one.low)} to {_short(one.high)}{few}"


def named(what: str) -> str:
    """A question or code as a person reads it.

    >>> named("domestic_abuse"), named("level"), named("D")
    ('Domestic abuse', 'Level', 'D')
    """
    return what if what in set(LEVELS) else what[:1].upper() + what[1:].replace("_", " ")


def _line(one: Measure) -> str:
    people = "" if one.people is None else f"; people alone {alpha_text(one.people)} ({interval(one.people)})"
    given = "" if one.given is None else f", given {one.given:,} times"
    own = f"alpha {alpha_text(one.all)} ({interval(one.all, one.given)}), {one.all.units:,} texts"
    return f"  {named(one.what)}: {own}{given}{people}"


def _short(value: float) -> str:
    return f"{value:.2f}".replace("0.", ".", 1)


def _in_order(levels: Mapping[str, object] | set[str]) -> list[str]:
    ranks = {str(level): place for place, level in enumerate(LEVELS)}
    return sorted(levels, key=lambda text: [99] if text == NONE_GIVEN else [ranks[one] for one in text.split(" or ")])
