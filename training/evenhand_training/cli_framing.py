"""Commands that make the framing model: `fit-framing` and `release-framing`, and `agree-framing` of its coders."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any

import typer

from evenhand_training.cli_shared import (
    CORPUS,
    MODELS,
    RUN,
    CorpusOption,
    ModelsOption,
    RunOption,
    bar,
    bars_of_progress,
    tell,
)

_FITTED = "framing.pt"


def fit_framing_command(
    corpus: CorpusOption = CORPUS,
    run: RunOption = RUN,
    start: Annotated[
        Path | None,
        typer.Option(help="A released model of 0.1 to 0.3 whose encoder is gone on from; by default the packaged one."),
    ] = None,
    seed: Annotated[int, typer.Option(help="Of everything random.")] = 1,
) -> None:
    """Fit the framing network to a corpus, on the CPU in an hour."""
    import torch

    from evenhand_training.corpus import Corpus, Splits
    from evenhand_training.framing.fit import FramingConfig, fit_framing
    from evenhand_training.framing.texts import framing_texts

    config = FramingConfig(seed=seed)
    texts = framing_texts(Corpus.read(corpus), Splits.read(corpus))
    with bars_of_progress() as bars:
        shown: dict[str, Callable[[int, int, dict[str, float]], None]] = {}

        def show(name: str, step: int, steps: int, loss: float) -> None:
            if name not in shown:
                shown[name] = bar(bars, name)
            shown[name](step, steps, {"loss": loss})

        network = fit_framing(
            texts.fit,
            config,
            plain=texts.plain,
            start=None if start is None else _encoder_of(start),
            progress=show,
        )
    run.mkdir(parents=True, exist_ok=True)
    torch.save({"state": network.state_dict(), "config": config.to_dict()}, run / _FITTED)
    tell(f"fitted to {len(texts.fit) + len(texts.plain)} texts; release-framing goes on from {run / _FITTED}")


def release_framing_command(
    version: Annotated[str, typer.Argument(help="Of the model, for instance 0.1.")],
    corpus: CorpusOption = CORPUS,
    run: RunOption = RUN,
    models: ModelsOption = MODELS,
) -> None:
    """Export the fitted framing network, set its thresholds, judge it and write its directory."""
    import torch

    from evenhand_training.corpus import Corpus, Splits
    from evenhand_training.framing.fit import FramingConfig
    from evenhand_training.framing.network import FramingReader
    from evenhand_training.framing.release import FramingRelease, release_framing

    fitted = torch.load(run / _FITTED, weights_only=True)
    config = FramingConfig(**fitted["config"])
    network = FramingReader(dropout=config.dropout)
    network.load_state_dict(fitted["state"])
    inputs = FramingRelease(network.eval(), config, Corpus.read(corpus), Splits.read(corpus))
    print(release_framing(inputs, version=version, models=models, progress=tell))


def agree_framing_command(corpus: CorpusOption = CORPUS, models: ModelsOption = MODELS) -> None:
    """Log how well two codings of the same referrals agree."""
    from evenhand_training.corpus import Corpus
    from evenhand_training.framing.evaluate import coders_agreement
    from evenhand_training.framing.tables import CODERS_KIND
    from evenhand_training.results import append, stamp

    read = Corpus.read(corpus)
    agreement = coders_agreement(read)
    log = models / "results.jsonl"
    append(log, {"kind": CODERS_KIND, **stamp(), "corpus_version": read.version, "agreement": agreement})
    tell(f"{agreement['documents']} referrals that two coded; see {log}")


def _encoder_of(released: Path) -> dict[str, Any]:
    """Weights of a released model's encoder."""
    import onnx

    from evenhand.bundle import read_bundle
    from evenhand_training.config import EncoderConfig
    from evenhand_training.rebuild import rebuild

    bundle = read_bundle(released)
    config = EncoderConfig.model_validate(bundle.manifest["config"]["encoder"])
    return rebuild(onnx.load_model_from_string(bundle.files["model.onnx"]), config).encoder.state_dict()
