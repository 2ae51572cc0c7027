"""Fit a released network further: own rows every epoch, rows that it was fitted to mixed in, cut-points as they are.

Latent severity keeps its scale, for severity cut-points are those of the decoder and do not move, and replayed rows
hold it in place. So the base model's calibration, its level cut-points and its reading of notes go on to hold as far
as the gates show, and nothing is calibrated on texts that judge.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import onnx
import torch
from tokenizers import Tokenizer

from evenhand.bundle import Bundle
from evenhand.decoder import Array, Decoder, logistic
from evenhand.errors import ModelError
from evenhand.scheme import ASSERTIONS, ISSUES, SEVERITIES, Issue
from evenhand_training.config import TrainConfig
from evenhand_training.dataset import Reading, Teaching, to_dataset
from evenhand_training.examples import Example
from evenhand_training.fine_tuning.own_rows import OwnRow
from evenhand_training.fit import Progress, fit
from evenhand_training.network import LadderNetwork
from evenhand_training.reading import CutPoints, read_off
from evenhand_training.rebuild import rebuild
from evenhand_training.rebuild_integers import is_on_integers, rebuild_integers

CLOSE = 1e-5  # cut-points in single precision beside the decoder's nine digits


@dataclass(frozen=True, slots=True)
class Lesson:
    """What a network is taught.

    Attributes:
        rows: Own rows that teach.
        few: Issues of which own rows say nothing.
        fitted_to: Rows that the base model was fitted to.
        config: The whole configuration of the fit.
    """

    rows: Sequence[OwnRow]
    few: Sequence[Issue]
    fitted_to: Sequence[Example]
    config: TrainConfig


def restored(bundle: Bundle, config: TrainConfig, decoder: Decoder) -> LadderNetwork:
    """The network of a released model in single precision, with the decoder's severity cut-points.

    Raises:
        ModelError: its ONNX file is of a form that cannot be rebuilt.
    """
    model = onnx.load_from_string(bundle.files["model.onnx"])
    network = (rebuild_integers if is_on_integers(model) else rebuild)(model, config.encoder)
    cuts = torch.tensor(decoder.severity_cuts, dtype=torch.float32)
    with torch.no_grad():
        network.severity_cuts.first.copy_(cuts[:1])
        network.severity_cuts.log_gaps.copy_((cuts[1:] - cuts[:-1]).log())
    return network


def go_on(
    network: LadderNetwork, lesson: Lesson, decoder: Decoder, tokenizer: Tokenizer, progress: Progress | None
) -> LadderNetwork:
    """A network that has learned from own rows; the given one stays as it is.

    Raises:
        ModelError: a cut-point moved, so that the decoder would not read the network.
    """
    own = [as_example(row, number) for number, row in enumerate(lesson.rows)]
    replayed = to_replay(lesson.fitted_to, len(own), lesson.config)
    dataset = to_dataset(
        [*own, *replayed],
        tokenizer,
        areas={},
        replayed={row.id for row in replayed},
        teaching=Teaching(1.0, targets(network, lesson, tokenizer)),
    )
    fitted = fit(dataset, lesson.config, areas=0, start=network, progress=progress).network
    if not np.allclose(CutPoints.of(fitted).severity, decoder.severity_cuts, atol=CLOSE):
        message = "severity cut-points moved while fitting, so that the decoder does not hold; lower the rates"
        raise ModelError(message)
    return fitted


def as_example(row: OwnRow, number: int) -> Example:
    """An own row as a training row; it never informs the level, and what somebody graded is codable."""
    return Example(
        id=f"own-{number}",
        text=row.text,
        source="own",
        severity=row.severity,
        issues=row.agreed_issues,
        assertions=(row.assertion,) if row.assertion is not None else tuple(ASSERTIONS),
        frame=row.frame,
    )


def targets(network: LadderNetwork, lesson: Lesson, tokenizer: Tokenizer) -> dict[str, Reading]:
    """What each own row is taught, by id: the share of coders for each grade and issue.

    Of an issue that few own rows have, it is what the network reads already (Li and Hoiem 2016, Learning without
    Forgetting).
    """
    reads: Array = logistic(read_off(network, tokenizer, [row.text for row in lesson.rows])["issues"])
    kept = np.array([issue in lesson.few for issue in ISSUES], dtype=np.bool_)
    found = {}
    for number, row in enumerate(lesson.rows):
        grades = [row.grades.count(grade) / max(1, len(row.grades)) for grade in SEVERITIES]
        given = [sum(issue in said for said in row.issues) / max(1, len(row.issues)) for issue in ISSUES]
        found[f"own-{number}"] = Reading(np.array(grades), np.where(kept, reads[number], np.array(given)))
    return found


def to_replay(rows: Sequence[Example], own: int, config: TrainConfig) -> list[Example]:
    """As many units as all epochs draw, chosen by the seed, without what they say of levels."""
    units: dict[str, list[Example]] = {}
    for row in rows:
        units.setdefault(row.unit if row.is_compared else row.id, []).append(row)
    most = round(config.optimiser.epochs * config.adapt.replay_share * own)
    names = sorted(units)
    drawn = random.Random(config.seed).sample(names, min(most, len(names)))  # noqa: S311 - training rows, no secret
    # Level cut-points of the network are not in the file, and the decoder's stay: levels would have nothing to fit.
    return [replace(row, levels=(), visible_sets=(), area=None) for name in sorted(drawn) for row in units[name]]
