"""What a language model sees in texts: presidio's analyzer over spaCy's small English model, all as installed.

Imports presidio and spaCy, so import this module only to look for names. Nothing is downloaded: presidio is given an
engine that holds the loaded model, and none of its recognisers that ask for a list of domain suffixes.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from importlib.metadata import version

import spacy
from presidio_analyzer import AnalyzerEngine, BatchAnalyzerEngine, RecognizerRegistry, RecognizerResult
from presidio_analyzer.context_aware_enhancers import ContextAwareEnhancer
from presidio_analyzer.nlp_engine import NerModelConfiguration, NlpArtifacts, SpacyNlpEngine
from presidio_analyzer.predefined_recognizers import SpacyRecognizer
from spacy.language import Language
from spacy.tokens import Doc

from evenhand.privacy.pinned import MODEL, check_model
from evenhand.privacy.readings import Hints
from evenhand.privacy.words import given_names, plain_names, stems, surnames

VERSION = f"presidio-analyzer {version('presidio-analyzer')}, spacy {version('spacy')}, {MODEL} {version(MODEL)}"
PERSON, PLACE = "PERSON", "LOCATION"
# People and places are all that is asked of the model; its part for them needs none of the others.
_UNUSED = ("tok2vec", "tagger", "parser", "lemmatizer", "attribute_ruler", "senter")
_OTHER_LABELS = [
    "CARDINAL", "DATE", "EVENT", "FAC", "LANGUAGE", "LAW", "MONEY", "NORP", "ORDINAL", "ORG", "PERCENT", "PRODUCT",
    "QUANTITY", "TIME", "WORK_OF_ART",
]  # fmt: skip
# The analyzer compares each finding of a piece with every other: pieces as long as a long referral keep that small.
LONGEST_PIECE = 4000
_BATCH = 64


class LanguageModel:
    """People and places, by a model that is loaded once."""

    def __init__(self) -> None:
        check_model()
        nlp = spacy.load(MODEL, disable=list(_UNUSED))
        self._dictionary = _dictionary(nlp)
        self._analyzer = BatchAnalyzerEngine(_analyzer(nlp))

    def hints(self, texts: Sequence[str]) -> list[Hints]:
        """What the model says of each text; offsets are those of the text given."""
        pieces = [(row, start, piece) for row, text in enumerate(texts) for start, piece in cut(text)]
        found = self._analyzer.analyze_iterator(
            [piece for _, _, piece in pieces], language="en", batch_size=_BATCH, entities=[PERSON, PLACE]
        )
        seen: list[dict[str, set[int]]] = [{PERSON: set(), PLACE: set()} for _ in texts]
        for (row, start, piece), results in zip(pieces, found, strict=True):
            for result in results:
                words = re.finditer(r"[^\W\d_]+(?:['’-][^\W\d_]+)*", piece[result.start : result.end])
                seen[row][result.entity_type].update(start + result.start + word.start() for word in words)
        return [Hints(frozenset(one[PERSON]), frozenset(one[PLACE]), self._knows) for one in seen]

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


def _dictionary(nlp: Language) -> frozenset[str]:
    """The model's own dictionary (WordNet's words, which its lemmatiser uses) without names."""
    index = nlp.get_pipe("lemmatizer").lookups.get_table("lemma_index")  # type: ignore[attr-defined]
    names = plain_names() | given_names() | surnames()
    return frozenset(word for words in index.values() for word in words if word not in names)


def _analyzer(nlp: Language) -> AnalyzerEngine:
    mapping = {"PERSON": PERSON, "GPE": PLACE, "LOC": PLACE}
    engine = _Engine(
        models=[{"lang_code": "en", "model_name": MODEL}],
        ner_model_configuration=NerModelConfiguration(
            labels_to_ignore=_OTHER_LABELS, model_to_presidio_entity_mapping=mapping
        ),
    )
    # presidio would download a model that it does not find; this one is loaded.
    engine.nlp = {"en": nlp}  # type: ignore[assignment]
    recognisers = [SpacyRecognizer(supported_entities=[PERSON, PLACE])]
    return AnalyzerEngine(
        registry=RecognizerRegistry(recognizers=recognisers),
        nlp_engine=engine,
        supported_languages=["en"],
        context_aware_enhancer=_NoContext(0, 0, 0, 0),
    )


class _Engine(SpacyNlpEngine):
    """presidio's engine without what nobody asks it for: lemmas, keywords, places of words."""

    def _doc_to_nlp_artifact(self, doc: Doc, language: str) -> NlpArtifacts:
        entities, scores = self._get_updated_entities(list(doc.ents), [1.0] * len(doc.ents))
        return NlpArtifacts(entities, doc, [], [], self, language, scores)


class _NoContext(ContextAwareEnhancer):
    """Context is weighed by our own rules, over words that presidio's lemmas do not have."""

    def enhance_using_context(
        self, text: str, raw_results: list[RecognizerResult], *_: object, **__: object
    ) -> list[RecognizerResult]:
        """The results as they are."""
        return raw_results
