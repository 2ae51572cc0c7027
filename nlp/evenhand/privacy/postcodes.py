"""Postcodes in every case and spacing, made-up areas among them. Standard library only.

They follow the form of BS 7666; areas outside the closed list of Britain, Northern Ireland and the
islands need clearer writing.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from evenhand.privacy.findings import Finding, Kind

_AREAS = (
    "A[BL]|B[ABDHLNRSTX]?|C[ABFHMORTVW]|D[ADEGHLNTY]|E[CHNX]?|F[KY]|G[LUY]?|H[ADGPRSUX]|I[GMPV]|JE|K[ATWY]|L[ADELNSU]?"
    "|M[EKL]?|N[EGNPRW]?|O[LX]|P[AEHLOR]|R[GHM]|S[AEGKLMNOPRSTWY]?|T[ADFNQRSW]|UB|W[ACDFNRSV]?|YO|ZE"
)
# The inner half is rare, so it is looked for first and the outer half before it.
_INWARD = re.compile(r"(?:(?<![A-Za-z])|(?<=\d[A-Za-z]))[\dOIl][A-Z]\s?[A-Z](?![A-Za-z\d])", re.IGNORECASE)
_OUTWARD = re.compile(
    rf"(?<![A-Za-z\d£])(?:(?P<known>(?:{_AREAS})\s?(?:[\dOIl]\d?|\dO|\d[A-HJKMNP-Z])|GIR)"
    r"|[A-Z]{1,2}(?:\d[\dO]?|\d[A-HJKMNP-Z]))"
    r"(?P<gap>\s{1,3}|\s?[.,/_–-]\s?|)$",
    re.IGNORECASE,
)
_LONGEST_OUTWARD = 9
# "HollinCourtXX12AB", "XX12ABXX1 2AB": no space to either side.
_GLUED_POSTCODE = re.compile(
    rf"(?<=[a-z])(?:{_AREAS})\d[\dA-Z]?\s?\d[ABD-HJLNP-UW-Z]{{2}}(?![a-z\d])"
    rf"|(?<![A-Za-z\d])(?:{_AREAS})\d[\dA-Z]?\s?\d[ABD-HJLNP-UW-Z]{{2}}(?=[A-Z][a-z]|(?:{_AREAS})\d)"
)
# "postcode is LS8", "post code: hx59": half a postcode where it is called one.
_HALF_POSTCODE = re.compile(
    r"(?<![a-z])(?:post\s?codes?|p/?code)(?:\s?(?:is|was|area|starts?|begins?|beginning|starting|with"
    r"|of|:|=|-|–)){0,3}\s?(?P<half>[A-Z]{1,2}\d[\dA-Z]?(?:\s\d(?:[A-Z]{1,2})?)?)(?!\w)",
    re.IGNORECASE,
)
_STRICT_INWARD = re.compile(r"[\dO][ABD-HJLNP-UW-Z]{2}", re.IGNORECASE)
# "b1 2hr", "e4 3rd", "s2 1st" in small letters are doses, gestations and ordinals.
_NOT_INWARD = re.compile(
    r"1st$|2nd$|3rd$|[04-9]th$|\d(?:hr|yr|lb|ft|pt|ds|gp|px|ab|ad|bd|dl|ed|eg|es|et|is|on|up|us|we|he|as|at|to|or|an"
    r"|pm|am|mg|ml|kg|cm|mm|km|wk|dr|xx|in|of|by|if|it|my|no|so|x[a-z])$"
)
_SHORT_OUTWARD = 2  # "b1": a grade or a class as well
_INWARD_SIGNS = 3


def find_postcodes(text: str) -> Iterator[Finding]:
    """Postcodes, whole or where half of one is called so."""
    for match in _HALF_POSTCODE.finditer(text) if "ode" in text.lower() else ():
        yield Finding(*match.span("half"), Kind.POSTCODE)
    for match in _GLUED_POSTCODE.finditer(text):
        yield Finding(*match.span(), Kind.POSTCODE)
    for match in _INWARD.finditer(text):
        begin = max(0, match.start() - _LONGEST_OUTWARD)
        outward = _OUTWARD.search(text[begin : match.start()])
        if outward is None:
            continue
        whole = outward[0] + match[0]
        digits = sum(sign.isdigit() for sign in whole)
        long = outward["gap"] and len(outward[0].strip()) > _SHORT_OUTWARD
        strict = _STRICT_INWARD.fullmatch(re.sub(r"\s", "", match[0])) or (outward["gap"] and (whole.isupper() or long))
        if not outward["gap"].isspace() and outward["gap"] and not (outward["known"] and whole.isupper()):
            strict = strict and outward["known"] and " " not in outward["gap"]
        if not outward["gap"] and outward["known"] and digits > 1 and not _NOT_INWARD.search(whole):
            strict = True
        odd = len(match[0]) > _INWARD_SIGNS or not match[0][0].isdigit()
        if (odd and not whole.replace("l", "1").isupper()) or not (outward["known"] or long or whole.isupper()):
            continue
        doubtful = outward["gap"] and _NOT_INWARD.search(whole)
        if doubtful and whole[1].isalpha() and whole[-1] not in "dht" and _STRICT_INWARD.fullmatch(match[0]):
            doubtful = None
        if strict and digits and (digits > 1 or whole.isupper()) and not doubtful:
            yield Finding(begin + outward.start(), match.end(), Kind.POSTCODE)
