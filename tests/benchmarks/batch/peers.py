"""Everything that is compared, under one face: texts in, levels and issues out. A worker process loads one of them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from importlib import import_module
from multiprocessing import get_context
from pathlib import Path
from typing import Protocol

import numpy as np
from tests.benchmarks.batch.graphs import Runtime
from tests.benchmarks.batch.heads import NO_LEVEL, Floats, Heads, Said, Thresholds, of_kind
from tests.benchmarks.batch.networks import Embeddings, Exported, Pipeline
from tests.benchmarks.batch.rows import KINDS, Kind
from tests.benchmarks.batch.textcat import Textcat
from tests.benchmarks.batch.tfidf import Tfidf

from evenhand.scheme import ISSUES, LEVELS

_TUNED = ("finetuned", "refitted")
SIZES = (8, 32, 128)  # batch sizes among which a warm-up searches


class Peer(Protocol):
    """What is compared."""

    def score(self, texts: Sequence[str], kind: Kind, batch: int) -> Said:
        """Of texts in order."""


@dataclass(frozen=True, slots=True)
class Setting:
    """How a peer is to be loaded.

    Attributes:
        root: Folder of the fitted peers.
        cores: How many it may use.
        model: Folder of the released model; None for the installed one.
    """

    root: Path
    cores: int
    model: Path | None = None


@dataclass(frozen=True, slots=True)
class Entry:
    """A peer by name.

    Attributes:
        load: Makes it ready.
        steps: The steps of fitting that it needs, in order.
        sizes: Batch sizes to search among; one where it batches by itself.
    """

    load: Callable[[Setting], Peer]
    steps: tuple[str, ...] = ()
    sizes: tuple[int, ...] = SIZES


class _Reads(Protocol):
    def logits(self, texts: Sequence[str], batch: int) -> Floats: ...


class _Fitted:
    """A fitted peer, with thresholds of its own for each kind of text."""

    def __init__(self, folder: Path, readers: dict[Kind, _Reads]) -> None:
        self._readers = readers
        self._thresholds = {kind: Thresholds.read(folder / kind) for kind in KINDS}

    def score(self, texts: Sequence[str], kind: Kind, batch: int) -> Said:
        return self._thresholds[kind].decide(self._readers[kind].logits(texts, batch))


class _OfKind:
    """A network with a head for each kind of text, of which one counts."""

    def __init__(self, reader: _Reads, kind: Kind) -> None:
        self._reader, self._kind = reader, kind

    def logits(self, texts: Sequence[str], batch: int) -> Floats:
        return of_kind(self._reader.logits(texts, batch), self._kind)


class _WithHeads:
    """Embeddings and the linear heads of one kind of text."""

    def __init__(self, encoder: Embeddings, folder: Path) -> None:
        self._encoder, self._heads = encoder, Heads.read(folder)

    def logits(self, texts: Sequence[str], batch: int) -> Floats:
        return self._heads.logits(self._encoder.features(texts, batch))


class _Shared:
    """A peer that uses one core, as many times as there are cores, each with its part of the texts."""

    def __init__(self, peer: Peer, cores: int) -> None:
        global _forked
        _forked = peer
        self._cores = cores
        self._pool = ProcessPoolExecutor(cores, mp_context=get_context("fork"))
        list(self._pool.map(_score_forked, [([""], KINDS[0], 1)] * cores))

    def score(self, texts: Sequence[str], kind: Kind, batch: int) -> Said:
        parts = [(texts[place :: self._cores], kind, batch) for place in range(min(self._cores, len(texts)))]
        levels, issues = np.empty(len(texts), dtype=np.intp), np.empty((len(texts), len(ISSUES)), dtype=np.bool_)
        for place, said in enumerate(self._pool.map(_score_forked, parts)):
            levels[place :: self._cores], issues[place :: self._cores] = said.levels, said.issues
        return Said(levels, issues)


_forked: Peer | None = None  # inherited by the processes of `_Shared`


def _score_forked(part: tuple[Sequence[str], Kind, int]) -> Said:
    assert _forked is not None
    return _forked.score(*part)


class _Evenhand:
    """This library, also with the privacy gate before it."""

    def __init__(self, setting: Setting, *, gate: str | None = None) -> None:
        import evenhand

        self._model, self._checker = evenhand.load(setting.model), None
        if gate is not None:
            self._checker = import_module("evenhand.privacy").load_checker(names=gate == "names")

    def score(self, texts: Sequence[str], kind: Kind, batch: int) -> Said:
        if self._checker is not None:
            self._checker.check_many(texts)
        codings = self._model.code_many(texts)
        levels = [NO_LEVEL if coding.level is None else LEVELS.index(coding.level) for coding in codings]
        issues = [[issue in coding.issues for issue in ISSUES] for coding in codings]
        return Said(np.array(levels, dtype=np.intp), np.array(issues, dtype=np.bool_).reshape(-1, len(ISSUES)))


def _ours(*, gate: str | None = None) -> Entry:
    return Entry(lambda setting: _Evenhand(setting, gate=gate), sizes=(0,))


def _pipeline(setting: Setting) -> Peer:
    folder = setting.root / "refitted"
    reader = Pipeline(folder, setting.cores)
    return _Fitted(folder, {kind: _OfKind(reader, kind) for kind in KINDS})


def _exported(runtime: Runtime) -> Entry:
    def load(setting: Setting) -> Peer:
        folder = setting.root / "refitted"
        reader = Exported(folder, setting.cores, runtime)
        return _Fitted(folder, {kind: _OfKind(reader, kind) for kind in KINDS})

    return Entry(load, _TUNED)


def _embeddings(step: str, runtime: Runtime | None = None) -> Entry:
    def load(setting: Setting) -> Peer:
        folder = setting.root / step
        encoder = Embeddings(folder / "body", setting.cores, runtime)
        return _Fitted(folder, {kind: _WithHeads(encoder, folder / kind) for kind in KINDS})

    return Entry(load, (step,))


def _single_core(step: str, made: Callable[[Path], _Reads]) -> Callable[[Setting], Peer]:
    def load(setting: Setting) -> Peer:
        folder = setting.root / step
        peer = _Fitted(folder, {kind: made(folder / kind) for kind in KINDS})
        return peer if setting.cores == 1 else _Shared(peer, setting.cores)

    return load


PEERS: dict[str, Entry] = {
    "transformers_pipeline": Entry(_pipeline, _TUNED),
    "finetuned_onnx": _exported("onnx"),
    "finetuned_onnx_int8": _exported("onnx_int8"),
    "finetuned_openvino": _exported("openvino"),
    "finetuned_openvino_int8": _exported("openvino_int8"),
    "embeddings_torch": _embeddings("embedding"),
    "embeddings_onnx": _embeddings("embedding", "onnx"),
    "embeddings_onnx_int8": _embeddings("embedding", "onnx_int8"),
    "embeddings_openvino": _embeddings("embedding", "openvino"),
    "embeddings_openvino_int8": _embeddings("embedding", "openvino_int8"),
    "setfit": _embeddings("setfit"),
    "spacy_textcat": Entry(_single_core("textcat", Textcat), ("textcat",)),
    "tfidf_linear": Entry(_single_core("tfidf", Tfidf), ("tfidf",), sizes=(0,)),
    "evenhand": _ours(),
    "evenhand_patterns": _ours(gate="patterns"),
    "evenhand_names": _ours(gate="names"),
}
OURS = "evenhand"
