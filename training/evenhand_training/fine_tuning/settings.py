"""The settings of fine-tuning, from `configs/fine-tune.toml`: what rows must bring, how they teach, what must hold."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

from pydantic import Field

from evenhand_training.config import Section, TrainConfig

# Cut-points stay where the decoder has them: a step of this size is below the last bit of single precision.
NO_RATE = 1e-12


class RowSettings(Section):
    """How many rows are needed, and how they are held out."""

    least: int = Field(ge=8)
    """Fewer coded texts are refused."""
    least_documents: int = Field(ge=2)
    """Fewer documents are refused: they are held out whole."""
    least_of_an_issue: int = Field(ge=1)
    """Taught texts with the issue; with fewer, own rows say nothing of it."""
    held_out: float = Field(gt=0, lt=1)
    """Share of texts that judge and do not teach."""
    widest_severity: int = Field(ge=0, le=5)
    """Grades between two coders; where they are further apart, the text's severity is taken as unknown."""


class ShiftSettings(Section):
    """How far labels may lie from those of the corpus: Jensen-Shannon divergence in bits, 0 to 1."""

    by_chance: float = Field(gt=0, lt=1)
    """Quantile of what samples of the corpus as large as the own rows show; beyond it a shift is no chance."""
    severity: float = Field(gt=0, le=1)
    level: float = Field(gt=0, le=1)
    issues: float = Field(gt=0, le=1)


class AgreementSettings(Section):
    """What coders must agree on: Krippendorff's alpha."""

    least_texts: int = Field(ge=2)
    """Coded by two or more people; with fewer, agreement is unknown."""
    tentative: float = Field(gt=0, lt=1)
    """Below it conclusions are not even tentative (Krippendorff 2004): a warning."""


class FitSettings(Section):
    """How the network goes on."""

    seed: int = Field(ge=0)
    epochs: int = Field(ge=1)
    batch_size: int = Field(ge=2)
    encoder_rate: float = Field(gt=0)
    head_rate: float = Field(gt=0)
    replay_share: float = Field(ge=0)
    """Units of the shipped corpus mixed into each epoch, as a multiple of the own rows."""


class GateSettings(Section):
    """How much worse the new model may be than the base model."""

    own_severity_qwk: float = Field(ge=0)
    own_issue_micro_f1: float = Field(ge=0)
    development_severity_qwk: float = Field(ge=0)
    development_issue_micro_f1: float = Field(ge=0)
    development_level_in_set: float = Field(ge=0)
    development_missed_harm: float = Field(ge=0)
    consistency_share: float = Field(ge=0)
    """Of a limit of consistency that is a share and that the base model breaks as well."""
    consistency_grades: float = Field(ge=0)
    """The same of one in grades."""
    consistency_units: int = Field(ge=0)
    """A share over few pairs or sets may be worse by so many of them."""


class FineTuneSettings(Section):
    """All settings of fine-tuning."""

    rows: RowSettings
    shift: ShiftSettings
    agreement: AgreementSettings
    fit: FitSettings
    gates: GateSettings

    @classmethod
    def read(cls, path: Path) -> FineTuneSettings:
        """Read a TOML file.

        Raises:
            InputError: the file is missing, is not TOML, or a key is missing, unknown or out of range.
        """
        return cls.read_toml(
            path, what="settings", one="setting", instead="a file like training/configs/fine-tune.toml"
        )

    def digest(self) -> str:
        """SHA-256 over the settings in canonical JSON."""
        canonical = json.dumps(self.model_dump(mode="json"), sort_keys=True, separators=(",", ":"))
        return hashlib.sha256(canonical.encode()).hexdigest()

    def going_on(self, base: TrainConfig) -> TrainConfig:
        """The base model's configuration with these rates and epochs, without the level and with still cut-points."""
        told = self.fit
        rates = told.model_dump(include={"epochs", "batch_size", "encoder_rate", "head_rate"})
        return base.model_copy(
            update={
                "name": "fine-tune",
                "seed": told.seed,
                "row_limit": 0,
                "optimiser": base.optimiser.model_copy(update={**rates, "cut_rate": NO_RATE}),
                "adapt": base.adapt.model_copy(update={"replay_share": told.replay_share}),
                "loss": base.loss.model_copy(update={"level": 0.0}),
            }
        )
