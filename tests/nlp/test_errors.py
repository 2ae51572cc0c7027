"""The error tree can be caught whole or by kind, and vocabulary errors suggest."""

from __future__ import annotations

import inspect

import pytest

from evenhand import errors
from evenhand.errors import EvenhandError, MissingExtraError, VocabularyError, did_you_mean

KINDS = [
    kind
    for _, kind in inspect.getmembers(errors, inspect.isclass)
    if issubclass(kind, Exception) and kind.__module__ == errors.__name__
]


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
def test_every_error_is_caught_as_an_evenhand_error(kind: type[Exception]) -> None:
    message = "what and where"
    with pytest.raises(EvenhandError, match=message):
        raise kind(message)


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
def test_the_module_docstring_names_every_error(kind: type[Exception]) -> None:
    assert kind.__name__ in (errors.__doc__ or "")


@pytest.mark.parametrize(
    ("kind", "builtin"),
    [(VocabularyError, ValueError), (MissingExtraError, ImportError)],
    ids=["value", "import"],
)
def test_an_error_with_a_builtin_counterpart_is_one(kind: type[Exception], builtin: type[Exception]) -> None:
    with pytest.raises(builtin):
        raise kind


@pytest.mark.parametrize("value", ["self harm", "Self-Harm", "selfharm", "SELF_HARM"])
def test_a_near_word_is_suggested_whatever_its_spelling(value: str) -> None:
    assert did_you_mean(value, ["housing", "self_harm"]) == "; did you mean 'self_harm'?"


def test_all_words_are_listed_where_none_is_near() -> None:
    assert did_you_mean("zzz", ["housing", "neglect"]) == "; expected one of housing, neglect"
