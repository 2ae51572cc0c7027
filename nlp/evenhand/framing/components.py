"""Components for spaCy pipelines: `evenhand_framing` and `evenhand_coder`.

    nlp = spacy.blank("en")
    nlp.add_pipe("evenhand_framing")

Spans are in `doc.spans["evenhand_framing"]`, labelled by category, and `doc.spans["evenhand_needs"]`; everything that
flagging says is in `doc._.evenhand_flags`, everything that coding says in `doc._.evenhand_coding`, both as plain JSON
types, so that they are kept when a document is written to disk. Models are loaded with the first text.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator
from itertools import islice
from typing import TYPE_CHECKING, Any

from spacy.language import Language
from spacy.tokens import Doc, Span

from evenhand.errors import ModelError

if TYPE_CHECKING:
    from evenhand.framing.flagger import Flagger
    from evenhand.model import Model

FRAMING_SPANS, NEED_SPANS = "evenhand_framing", "evenhand_needs"
_BATCH = 64  # texts flagged or coded at once in `nlp.pipe`

for _name in ("evenhand_flags", "evenhand_coding"):
    if not Doc.has_extension(_name):
        Doc.set_extension(_name, default=None)
for _name in ("why", "suggestion"):
    if not Span.has_extension(_name):
        Span.set_extension(_name, default=None)


class _Component(ABC):
    """What both have in common: settings that are kept on disk, and batches."""

    def __init__(self, model: str | None) -> None:
        self._path = model
        self.identity: str | None = None

    def __call__(self, doc: Any) -> Any:  # noqa: ANN401 - spaCy is compiled without types
        """Add to a document."""
        return next(self.pipe([doc]))

    def pipe(self, stream: Iterable[Any], batch_size: int = _BATCH) -> Iterator[Any]:
        """Add to documents, some at a time."""
        documents = iter(stream)
        while batch := list(islice(documents, batch_size)):
            self._add(batch)
            yield from batch

    def to_bytes(self, **_: object) -> bytes:
        """Which model was used, so that a pipeline that is loaded elsewhere uses no other without a word."""
        return (self.identity or "").encode()

    def from_bytes(self, stored: bytes, **_: object) -> _Component:
        """Take up what `to_bytes` gave."""
        self.identity = stored.decode() or None
        return self

    def to_disk(self, path: Any, **_: object) -> None:  # noqa: ANN401
        """The same in a file."""
        path.write_bytes(self.to_bytes())

    def from_disk(self, path: Any, **_: object) -> _Component:  # noqa: ANN401
        """Take up what `to_disk` wrote."""
        return self.from_bytes(path.read_bytes())

    @abstractmethod
    def _add(self, documents: list[Any]) -> None:
        """Add to some documents."""

    def _same(self, identity: str) -> None:
        """Remember which model it is.

        Raises:
            ModelError: the pipeline was kept with another.
        """
        if self.identity not in (None, identity):
            message = (
                f"this pipeline was kept with {self.identity}, and {identity} is installed; install that version, "
            )
            message += "or add the component anew"
            raise ModelError(message)
        self.identity = identity


class FramingComponent(_Component):
    """Flags framing in documents."""

    _flagger: Flagger | None = None

    def _add(self, documents: list[Any]) -> None:
        if self._flagger is None:
            from evenhand.framing.flagger import load_flagger

            self._flagger = load_flagger(self._path)
        self._same(self._flagger.identity)
        from evenhand.framing.contract import flag_fields

        for doc, flags in zip(documents, self._flagger.flag_many([doc.text for doc in documents]), strict=True):
            doc._.evenhand_flags = flag_fields(flags)
            doc.spans[FRAMING_SPANS] = [_span(doc, span.start, span.end, span.category) for span in flags.framing]
            for span, marked in zip(doc.spans[FRAMING_SPANS], flags.framing, strict=True):
                span._.why, span._.suggestion = marked.why, marked.suggestion
            doc.spans[NEED_SPANS] = [
                _span(doc, need.start, need.end, f"{need.need}.{how}")
                for how, needs in (("unasked", flags.unmet_needs), ("asked", flags.met_needs))
                for need in needs
            ]


class CoderComponent(_Component):
    """Codes documents by level and issue."""

    _model: Model | None = None

    def _add(self, documents: list[Any]) -> None:
        if self._model is None:
            from evenhand.model import load

            self._model = load(self._path)
        self._same(self._model.identity)
        from evenhand.tables.values import coding_fields

        for doc, coding in zip(documents, self._model.code_many(doc.text for doc in documents), strict=True):
            doc._.evenhand_coding = coding_fields(coding)


@Language.factory(FRAMING_SPANS, default_config={"model": None}, assigns=["doc._.evenhand_flags"])
def make_framing(nlp: Language, name: str, model: str | None) -> FramingComponent:
    """The component `evenhand_framing`; `model` is a folder, None for the installed one."""
    return FramingComponent(model)


@Language.factory("evenhand_coder", default_config={"model": None}, assigns=["doc._.evenhand_coding"])
def make_coder(nlp: Language, name: str, model: str | None) -> CoderComponent:
    """The component `evenhand_coder`; `model` is a folder, None for the installed one."""
    return CoderComponent(model)


def _span(doc: Any, start: int, end: int, label: str) -> Any:  # noqa: ANN401
    """A span of tokens that has all of some characters."""
    return doc.char_span(start, end, label=str(label), alignment_mode="expand")
