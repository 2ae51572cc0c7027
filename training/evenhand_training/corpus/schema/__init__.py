"""The rows of the corpus, one class for each kind; see `annotations/README.md` for the files."""

from evenhand_training.corpus.schema.accumulation_part import AccumulationPart
from evenhand_training.corpus.schema.accumulation_set import AccumulationSet
from evenhand_training.corpus.schema.assertion_set import AssertionSet
from evenhand_training.corpus.schema.authored_text import AuthoredText
from evenhand_training.corpus.schema.claim import Claim
from evenhand_training.corpus.schema.contrast_set import ContrastSet, ContrastText
from evenhand_training.corpus.schema.counterfactual_template import CounterfactualTemplate
from evenhand_training.corpus.schema.descriptor import Descriptor
from evenhand_training.corpus.schema.document import Document
from evenhand_training.corpus.schema.document_level import DocumentLevel
from evenhand_training.corpus.schema.framing_pair import FramingPair
from evenhand_training.corpus.schema.lexicon_entry import LexiconEntry
from evenhand_training.corpus.schema.narrative import Narrative
from evenhand_training.corpus.schema.narrative_sentence import NarrativeSentence
from evenhand_training.corpus.schema.referral import (
    EvidenceSentence,
    FramingPairCoding,
    Mark,
    NarrativeElements,
    NarrativeMarks,
    PlainText,
    Referral,
    ReferralCoding,
    ReferralSentence,
    SentenceCoding,
    TellingSentence,
)
from evenhand_training.corpus.schema.referral_element import ReferralElement
from evenhand_training.corpus.schema.row import NOT_APPLICABLE, Provenance, Row
from evenhand_training.corpus.schema.second_coding import SecondCoding
from evenhand_training.corpus.schema.severity_pair import SeverityPair
from evenhand_training.corpus.schema.situation_pair import SituationPair
from evenhand_training.corpus.schema.whole_note import WholeNote

__all__ = [
    "NOT_APPLICABLE",
    "AccumulationPart",
    "AccumulationSet",
    "AssertionSet",
    "AuthoredText",
    "Claim",
    "ContrastSet",
    "ContrastText",
    "CounterfactualTemplate",
    "Descriptor",
    "Document",
    "DocumentLevel",
    "EvidenceSentence",
    "FramingPair",
    "FramingPairCoding",
    "LexiconEntry",
    "Mark",
    "Narrative",
    "NarrativeElements",
    "NarrativeMarks",
    "NarrativeSentence",
    "PlainText",
    "Provenance",
    "Referral",
    "ReferralCoding",
    "ReferralElement",
    "ReferralSentence",
    "Row",
    "SecondCoding",
    "SentenceCoding",
    "SeverityPair",
    "SituationPair",
    "TellingSentence",
    "WholeNote",
]
