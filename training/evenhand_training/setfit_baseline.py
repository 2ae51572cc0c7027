"""What a user of few-shot learning would train: SetFit (Tunstall et al. 2022) on the model's pre-trained encoder.

SetFit draws pairs of texts, trains the encoder to bring texts of one label together and others apart, and fits logistic
regressions on its embeddings. Its own heads take neither weights nor level sets, so the heads are `linear_heads`.
"""

from __future__ import annotations

from collections.abc import Sequence
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

import numpy as np
import torch

from evenhand.errors import MissingExtraError
from evenhand.text import normalise
from evenhand_training.baselines import Floats, linear_heads
from evenhand_training.encoder import encoder_directory
from evenhand_training.examples import Example
from evenhand_training.metrics import Predictions

if TYPE_CHECKING:
    from sentence_transformers import SentenceTransformer

# Of 16 pairs, SetFit's own batch. On one left-out fold of development 120 graded no better and lost .10 of issue
# micro-F1, for a step teaches severity alone.
MOST_STEPS = 60
INVENTED_STEP = 4  # every so manieth invented row: to embed all of them takes most of a fit


def setfit(training: Sequence[Example], rows: Sequence[Example], *, seed: int) -> Predictions:
    """SetFit on pairs of published rows of equal and unequal severity, then `linear_heads` on its embeddings.

    Raises:
        MissingExtraError: setfit or the encoder is not installed.
    """
    published, invented = [row for row in training if row.levels], [row for row in training if not row.levels]
    training = published + invented[::INVENTED_STEP]
    graded = [row for row in published if row.severity]
    encoder = pretrained()
    # Nearly twice as quick where the processor has bfloat16; embeddings keep a cosine of .9999 with those in full.
    with torch.autocast("cpu", torch.bfloat16):
        texts, grades = [normalise(row.text) for row in graded], [row.severity for row in graded]
        tune(encoder, texts, grades, seed=seed, steps=MOST_STEPS)
        features = _embeddings(encoder, [row.text for row in (*training, *rows)])
    return linear_heads(training, _spread_out(features, len(training)), seed=seed)


def pretrained() -> SentenceTransformer:
    """The encoder as SetFit starts from it.

    Raises:
        MissingExtraError: setfit is not installed.
    """
    try:
        from sentence_transformers import SentenceTransformer
        from setfit import logging
    except ImportError as error:
        message = "this baseline needs the package setfit: pip install 'evenhand[baselines]'"
        raise MissingExtraError(message) from error
    from transformers.utils import logging as loading

    logging.set_verbosity_error()  # it reports every step otherwise
    loading.disable_progress_bar()  # type: ignore[no-untyped-call]
    return SentenceTransformer(str(encoder_directory()), device="cpu", local_files_only=True)


def tune(
    encoder: SentenceTransformer, texts: Sequence[str], labels: Sequence[object], *, seed: int, steps: int
) -> None:
    """Contrastive training in place; what the trainer writes goes to a folder that is removed."""
    from setfit import SetFitModel, Trainer, TrainingArguments
    from transformers import PrinterCallback, ProgressCallback

    order = np.random.default_rng(seed).permutation(len(texts))  # SetFit draws pairs in an order that no seed changes
    with TemporaryDirectory() as folder:
        arguments = TrainingArguments(
            output_dir=folder,
            max_steps=steps,
            seed=seed,
            logging_strategy="no",
            save_strategy="no",
            report_to="none",
            show_progress_bar=False,
        )
        trainer = Trainer(SetFitModel(model_body=encoder), arguments)
        trainer.st_trainer.args.dataloader_pin_memory = False  # warns without an accelerator
        for callback in (ProgressCallback, PrinterCallback):
            trainer.remove_callback(callback)
        shuffled = [texts[place] for place in order], [labels[place] for place in order]
        trainer.train_embeddings(*shuffled, args=arguments)


def _embeddings(encoder: SentenceTransformer, texts: Sequence[str]) -> Floats:
    """Embeddings of length 1, shape (texts, 384)."""
    found = encoder.encode([normalise(text) for text in texts], show_progress_bar=False, convert_to_numpy=True)
    return np.asarray(found, dtype=np.float64)


def _spread_out(embeddings: Floats, learnt: int) -> Floats:
    """Every dimension with the same variance over the first `learnt` rows, 1 in all.

    Tuning draws embeddings together, to an eighth of their variance, and the penalty of `linear_heads` is for rows of
    about length 1.
    """
    centre, scale = embeddings[:learnt].mean(axis=0), embeddings[:learnt].std(axis=0)
    spread_out: Floats = (embeddings - centre) / (scale * np.sqrt(embeddings.shape[1]))
    return spread_out
