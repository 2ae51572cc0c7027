"""What a short text says, as words: content words without their endings, and the qualifiers that move a level."""

from __future__ import annotations

import re
from functools import cache, lru_cache
from typing import Protocol

_WORD = re.compile(r"[a-z0-9]+")
# Grammar, which carries no content here.
_GRAMMAR = (
    "a an the of or and to in on with for is are be has have by at as it its that this which who whose his her their"
    " they s being been from"
)
# Who a text is about, in documents that are about children and families throughout, and verbs of having and undergoing.
_LIGHT = (
    "child children young person people family families cyp experience experiences experienced"
    " experiencing subject subjected victim suffer suffers suffering live lives living reside resides there"
    " situation circumstances"
)
_PASSED_OVER = frozenset(f"{_GRAMMAR} {_LIGHT}".split())
# Words of the field that two areas use for one thing; each counts as the first of its line.
_SAME = (
    "housing house home accommodation property dwelling",
    "drug substance",
    "difficulty problem issue hard struggle struggling",
    "serious severe",
    "persistent chronic ongoing sustained repeated",
    "worry concern",
    "education school",
    "abuse violence",
    "misuse use",
    "illness ill",
    "income money finance",
    "unsuitable inadequate",
    "teen teenage teenager",
    "frequent regular",
    "substantial significant",
    "reach meet met",
    "fixed short",
)
_ITEMS = re.compile(r",|;|/| or | and ")

# Words by what they say of a situation. Two texts of which one has a word of a kind and the other has none do not
# describe the same situation, however alike they are otherwise.
_KINDS: dict[str, str] = {
    "degree": "severe severely serious seriously significant significantly extreme extremely profound substantial"
    " substantive acute gross grossly high grave major very markedly considerable critical",
    "mild": "some minor mild mildly low slight slightly early emerging beginning isolated single once few lower little"
    " moderate",
    "often": "persistent persistently persists persist repeated repeatedly repeat frequent frequently often regular"
    " regularly routinely usually constant constantly always continual continually ongoing chronic entrenched prolonged"
    " sustained recurring recurrent long continuing continues",
    "seldom": "occasional occasionally intermittent sometimes sporadic infrequent rare rarely isolated once now",
    "worse": "escalating escalate escalates increasing increasingly worsening worse deteriorating growing grows",
    "several": "complex multiple many several number",
    "danger": "threatening imminent immediate immediately urgent",
    "possible": "risk risks might may could suspected suspicion possible possibly likely potential potentially"
    " vulnerable danger alleged allegation allegations would fear feared believed signs indicators if thought",
    "concern": "concern concerns concerned worry worries worried",
    "past": "history historic historical previous previously past former formerly was were had ended resolved",
    "not": "no not never without none nor neither cannot unable lack lacks lacking non",
    "adult": "parent parents parental mother father maternal carer carers adult adults mum dad partner",
    "peer": "sibling siblings brother sister friend friends peer peers",
    "others": "others",
}
_KIND_OF: dict[str, frozenset[str]] = {
    word: frozenset(kind for kind, words in _KINDS.items() if word in words.split())
    for words in _KINDS.values()
    for word in words.split()
}


@lru_cache(maxsize=65536)  # each text meets many others
def words(text: str) -> tuple[str, ...]:
    """The words of a text in order, in lower case and without signs."""
    return tuple(_WORD.findall(text.lower()))


@lru_cache(maxsize=65536)
def content(text: str) -> frozenset[str]:
    """The stems of a text's content words, words of the field by one name.

    >>> sorted(content("Child experiencing severe bullying"))
    ['bulli', 'serious']
    """
    stems = (stem(word) for word in _WORD.findall(text.lower()) if word not in _PASSED_OVER)
    return frozenset(_names().get(found, found) for found in stems)


@lru_cache(maxsize=65536)
def qualifiers(text: str) -> frozenset[str]:
    """Kinds of qualifiers that a text has, and its numbers.

    >>> sorted(qualifiers("Persistent absence, below 50%"))
    ['50', 'often']
    """
    words = _WORD.findall(text.lower())
    kinds = {kind for word in words for kind in _KIND_OF.get(word, ())}
    return frozenset(kinds | {word for word in words if word.isdecimal()})


@lru_cache(maxsize=65536)
def items(text: str) -> int:
    """How many things a text lists: parts between commas, slashes, "and" and "or"."""
    return len(_ITEMS.split(text.lower()))


@cache
def stem(word: str) -> str:
    """A word without its endings, by Porter's algorithm for English (Snowball)."""
    return _stemmer().stemWord(word)


class _Stemmer(Protocol):
    def stemWord(self, word: str) -> str: ...  # noqa: N802 - the library's name


@cache
def _stemmer() -> _Stemmer:
    from snowballstemmer import stemmer  # imported here, as most commands need none

    found: _Stemmer = stemmer("english")
    return found


@cache
def _names() -> dict[str, str]:
    return {stem(word): stem(line.split()[0]) for line in _SAME for word in line.split()}
