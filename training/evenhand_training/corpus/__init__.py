"""The annotated corpus: rows, reader, splits, near repeats, and the checks that a corpus folder must pass."""

from evenhand_training.corpus.agreement import SecondCodingAgreement, second_coding_agreement
from evenhand_training.corpus.check import check_corpus
from evenhand_training.corpus.derived import refresh_derived
from evenhand_training.corpus.make_splits import is_informative, make_splits
from evenhand_training.corpus.near_repeats import NEAR_REPEAT_THRESHOLD, near_repeats
from evenhand_training.corpus.problem import Problem
from evenhand_training.corpus.reader import Corpus
from evenhand_training.corpus.schema import (
    AccumulationPart,
    AccumulationSet,
    AssertionSet,
    AuthoredText,
    Claim,
    ContrastSet,
    ContrastText,
    CounterfactualTemplate,
    Descriptor,
    Document,
    DocumentLevel,
    FramingPair,
    LexiconEntry,
    Narrative,
    NarrativeSentence,
    Provenance,
    ReferralElement,
    Row,
    SecondCoding,
    SeverityPair,
    SituationPair,
    WholeNote,
)
from evenhand_training.corpus.splits import FOLDS, REPEATS, Part, Splits

__all__ = [
    "FOLDS",
    "NEAR_REPEAT_THRESHOLD",
    "REPEATS",
    "AccumulationPart",
    "AccumulationSet",
    "AssertionSet",
    "AuthoredText",
    "Claim",
    "ContrastSet",
    "ContrastText",
    "Corpus",
    "CounterfactualTemplate",
    "Descriptor",
    "Document",
    "DocumentLevel",
    "FramingPair",
    "LexiconEntry",
    "Narrative",
    "NarrativeSentence",
    "Part",
    "Problem",
    "Provenance",
    "ReferralElement",
    "Row",
    "SecondCoding",
    "SecondCodingAgreement",
    "SeverityPair",
    "SituationPair",
    "Splits",
    "WholeNote",
    "check_corpus",
    "is_informative",
    "make_splits",
    "near_repeats",
    "refresh_derived",
    "second_coding_agreement",
]
