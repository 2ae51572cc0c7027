"""Where somebody lives or goes to school: postcodes, addresses, schools. Standard library only.

Postcodes follow the form of BS 7666 with the closed list of postcode areas of Great Britain, Northern Ireland and islands.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from evenhand.privacy.findings import Finding, Kind
from evenhand.privacy.words import is_english

_AREAS = (
    "A[BL]|B[ABDHLNRSTX]?|C[ABFHMORTVW]|D[ADEGHLNTY]|E[CHNX]?|F[KY]|G[LUY]?|H[ADGPRSUX]|I[GMPV]|JE|K[ATWY]|L[ADELNSU]?"
    "|M[EKL]?|N[EGNPRW]?|O[LX]|P[AEHLOR]|R[GHM]|S[AEGKLMNOPRSTWY]?|T[ADFNQRSW]|UB|W[ACDFNRSV]?|YO|ZE"
)
_POSTCODE = re.compile(
    rf"(?<![A-Za-z\d£])(?:(?:{_AREAS})\s?(?:\d\d?|\d[A-HJKMNP-Z])[ \t.-]{{0,2}}[\dO][ABD-HJLNP-UW-Z]{{2}}|(?-i:(?:{_AREAS})\s?\d[\dA-Z]?\s\d[A-Z]{{2}})|GIR\s?0AA)"
    r"(?![A-Za-z\d])",
    re.IGNORECASE,
)
# "b1 2hr", "e4 3rd", "s2 1st" in small letters are doses, gestations and ordinals.
_NOT_INWARD = re.compile(r"\d(?:st|nd|rd|th|hr|yr|lb|ft|pt|ds|gp|px|ab|ad|bd|dl|ed|eg|es|et|is|on|up|us|we|he|as|at|to|or|an)$")

_STRONG_TYPES = (
    r"street|str|road|rd|avenue|ave|lane|close|drive|crescent|cres|terrace|terr|grove|gardens|gdns|mews|parade|boulevard"
    r"|wharf|cl|ln|st|dr|hwy|ter|cresc|avenu|raod|rode|strret|steet|stret|gr"
)
_WEAK_TYPES = (
    r"way|court|ct|place|pl|square|sq|walk|row|hill|rise|green|park|view|mount|croft|path|gate|gates|broadway|vale|end|heath"
    r"|mead|meads|meadow|meadows|field|fields|bank|bottom|quay|estate|house|heights|tower|towers|villas|circus|bridge|yard"
    r"|passage|alley|approach|dene|garth|fold|chase|wood|woods|common|point|lodge|cottage|cottages|farm|mill|brow|side|edge"
    r"|drift|spinney|copse|paddock|orchard|buildings|mansions|flats|avenue|hall|manor|barn|gables|top|steps|cross|lea|nook"
    r"|holme|ridge|ride|brook|glebe|link|loke|wynd|hey|strand|parklands|reach|island|maltings|site|caravan park|stables|ville"
)
_NUMBER = r"(?:n[o°]s?\.?\s?|number\s)?(?<![\w£.:/+-])\d{1,4}\s?(?:[a-hA-H]\b)?(?:\s?[-/&–]\s?\d{1,4}[a-hA-H]?\b)?"
_WORD = r"[^\W\d_][\w'’.-]{0,30}"
_CAPITAL = r"(?:[A-Z][\w'’-]{0,30}|St\.)"
# No street's name holds these between its number and its type.
_NEVER_BETWEEN = frozenset(
    """a an and are as at away be been but by can child children cm could days day did do does down for from g girls boys had
    has have her him his hour hours hrs hr if in into is it kg km left m men mg mile miles min mins minute minutes ml mm month
    months more mths mum my night nights no not o'clock of off on or other our out over p pages people per person persons
    pm am rooms she sites so some stairs steps than that their them then they this times to too under unit units until up
    was we week weeks went were when which who will with women worker workers wk wks x year years yr yrs you your bed bedroom
    bedrooms bedroomed bed-roomed storey floor seater older younger siblings adults families family nd rd th st other different
    local nearby main busy few police officers cars car buses bus metres yards feet phone school schools weekly daily
    hourly half full last next first second third every each both all any pints cans bottles units grams tablets sessions
    dogs cats males females lads youths vehicles properties houses flats homes addresses doses calls visits percent""".split()
)
_NUMBERED = re.compile(
    rf"{_NUMBER}[\s,]{{1,3}}(?P<street>(?:(?:the|st\.?|old|great|little|upper|lower|north|south|east|west)\s{{1,2}})?"
    rf"(?:{_WORD}\s{{1,2}}){{1,3}}?(?P<type>{_STRONG_TYPES}|{_WEAK_TYPES}))(?![\w'’-])",
    re.IGNORECASE,
)
_NUMBERED_THE = re.compile(rf"{_NUMBER}[\s,]{{1,3}}(?:The|THE)\s{_CAPITAL}(?:\s{_CAPITAL}){{0,2}}")
_UNIT = re.compile(
    r"(?<![A-Za-z])(?i:flat|flt|apartment|apt|maisonette|plot|pitch|caravan|unit|room|rm|bedsit|studio|basement flat"
    r"|ground floor flat|top floor flat|first floor flat|penthouse)\s?(?:no\.?\s)?"
    rf"(?:\d{{1,4}}\s?[A-Za-z]?|[A-Za-z])\b(?:\s?[,/]\s?|\s{{1,2}}(?:at\s|in\s)?)"
    rf"(?P<rest>(?:\d{{1,4}}[a-z]?[\s,]{{1,2}})?(?:The\s)?{_CAPITAL}(?:\s{_CAPITAL}){{0,3}}(?:\s(?:site|estate|house|flats))?)",
)
_UNIT_ANY_CASE = re.compile(
    r"(?<![a-z])(?:flat|flt|apartment|apt|maisonette|plot|pitch|bedsit)\s?(?:no\.?\s)?\d{1,4}\s?[a-z]?[\s,]{1,3}"
    rf"(?P<rest>(?:\d{{1,4}}[a-z]?[\s,]{{1,2}})?(?:{_WORD}\s){{1,3}}?(?:{_STRONG_TYPES}|house|court|heights|tower|towers|point))"
    r"(?![a-z])",
    re.IGNORECASE,
)
_HOUSES = (
    r"Cottages?|House|Farm|Farmhouse|Lodge|Villas?|Barn|Rectory|Vicarage|Manor|Bungalow|Mansions?|Towers?|Heights|Forge|Mill"
    r"|Hall|Court|Grange|Stables|Gatehouse|Coach House|Schoolhouse|Chapel|Croft|Point|Oasthouse|Maltings|Wharf|Foyer|Hostel"
)
_NAMED_HOUSE = re.compile(
    rf"(?:(?:The|THE)\s)?(?:{_CAPITAL}\s){{0,3}}(?:{_HOUSES}|{_HOUSES.upper()})(?:,\s?|\s(?:on|in|at|off)\s)(?:the\s)?"
    rf"(?P<rest>(?:{_CAPITAL}\s){{1,3}}(?:{_CAPITAL}))",
)
_TYPES_CAPITAL = (
    r"Street|Road|Rd|Avenue|Ave|Lane|Close|Drive|Crescent|Terrace|Grove|Gardens|Mews|Parade|Way|Walk|Row|Rise|Hill|Court|Place|Yard|Wharf|Croft|View|Buildings|Fold"
)
_NAME_AND_ROAD = re.compile(
    rf"(?<![\w'’.-]){_CAPITAL}(?:\s{_CAPITAL})?,\s?(?:{_CAPITAL}\s){{1,2}}(?:{_TYPES_CAPITAL}|{_TYPES_CAPITAL.upper()})(?!\w)"
)
_STREET_ALONE = re.compile(
    r"(?<![\w'’-])(?P<name>(?:[A-Z][a-z'’]{1,20}\s){1,2})(?P<type>Street|Road|Rd|Avenue|Ave|Lane|Close|Crescent|Terrace|Grove"
    r"|Gardens|Mews|Drive|St)(?![\w'’])"
)
_LABEL = re.compile(
    r"(?<![a-z])(?:home address|address|addr|add|lives at|living at|live at|lived at|resides at|residing at|staying at|moved to"
    r"|property at|resident at|placed at|visited at|attended at)\s?(?:is|was)?\s?[:=–-]?\s{0,2}"
    rf"(?P<rest>{_NUMBER}[\s,]{{1,3}}{_CAPITAL}(?:\s{_CAPITAL}){{0,3}})",
    re.IGNORECASE,
)
_NOT_STREETS = frozenset({"high", "downing", "coronation", "sesame", "harley", "main", "wall", "the", "fleet", "quality"})


def find_places(text: str) -> Iterator[Finding]:
    """Postcodes and addresses."""
    for match in _POSTCODE.finditer(text):
        if not _NOT_INWARD.search(match[0]):
            yield Finding(*match.span(), Kind.POSTCODE)
    for match in _NUMBERED.finditer(text):
        if _is_street(match):
            yield Finding(*match.span(), Kind.ADDRESS)
    for pattern in (_NUMBERED_THE, _UNIT, _NAMED_HOUSE, _NAME_AND_ROAD, _UNIT_ANY_CASE, _LABEL):
        for match in pattern.finditer(text):
            if not _plain(match):
                yield Finding(*match.span(), Kind.ADDRESS)
    for match in _STREET_ALONE.finditer(text):
        first = match["name"].split()[0].lower()
        if first not in _NOT_STREETS and first not in _NEVER_BETWEEN:
            yield Finding(*match.span(), Kind.ADDRESS)


def _is_street(match: re.Match[str]) -> bool:
    """Whether number, words and type are an address: capitals, or small letters without a word that no street has."""
    *words, kind = match["street"].split()
    if any(word.lower().strip(".") in _NEVER_BETWEEN for word in words):
        return False
    if kind.lower() in ("st", "dr", "gr", "cl", "ct", "pl", "sq", "ter") and kind.islower() and not words[-1][0].isupper():
        return len(words) <= 1 and not words[-1].endswith((".", ","))
    if all(word[0].isupper() for word in words):
        return True
    return bool(re.fullmatch(_STRONG_TYPES, kind, re.IGNORECASE)) and len(words) <= 2


def _plain(match: re.Match[str]) -> bool:
    """Whether what follows the number is only words of the field: "Unit 3 Assessment", "Room 2 Reception"."""
    rest = match.groupdict().get("rest")
    if rest is None:
        return False
    words = re.findall(r"[^\W\d_][\w'’-]*", rest)
    return bool(words) and words[0].lower() in _NEVER_BETWEEN
