"""The whole configuration of a training run: typed, read from TOML, saved with the run; unknown keys fail."""

from __future__ import annotations

import hashlib
import json
import tomllib
from pathlib import Path
from typing import Literal, Self

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    ValidationError,
    ValidationInfo,
    field_validator,
    model_validator,
)

from evenhand.errors import InputError
from evenhand_training.encoder import ENCODER, LARGER_ENCODER


class Section(BaseModel):
    """A part of a file of settings, or all of it; frozen, and an unknown key is an error."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    @classmethod
    def read_toml(cls, path: Path, *, what: str, one: str, instead: str) -> Self:
        """Read a TOML file.

        Args:
            path: The file.
            what: What it holds, for messages.
            one: What a single key of it is, for messages.
            instead: What to give where it cannot be read.

        Raises:
            InputError: the file is missing, is not TOML, or a key is missing, unknown or out of range.
        """
        try:
            return cls.model_validate(tomllib.loads(path.read_text(encoding="utf-8")))
        except OSError as error:
            message = f"{path}: cannot read the {what} ({error.strerror}); give {instead}"
            raise InputError(message) from error
        except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
            message = f"{path}: not a TOML file ({error})"
            raise InputError(message) from error
        except ValidationError as error:
            first = error.errors()[0]
            where = ".".join(str(part) for part in first["loc"])
            message = f"{path}: {one} {where!r}: {first['msg']}; {error.error_count()} problem(s) in all"
            raise InputError(message) from error


class EncoderConfig(Section):
    """The pre-trained encoder and how much of a text it reads."""

    name: Literal["all-MiniLM-L6-v2", "all-mpnet-base-v2"]
    max_tokens: int = Field(ge=8, le=512)
    freeze_embeddings: bool
    frozen_layers: int = Field(ge=0, le=12)
    """How many of the lowest layers stay as they were pre-trained, but for the position bias that MPNet shares."""
    layers: int = Field(ge=1, le=12)
    """How many of the encoder's layers are used; fewer than it has only in the smoke run."""

    @field_validator("layers")
    @classmethod
    def _no_more_than_there_are(cls, layers: int, told: ValidationInfo) -> int:
        most = 12 if told.data.get("name") == LARGER_ENCODER else 6
        if layers > most:
            message = f"the encoder has {most} layers"
            raise ValueError(message)
        return layers


class OptimiserConfig(Section):
    """AdamW with linear warm-up and decay, one learning rate for each kind of parameter."""

    epochs: int = Field(ge=1)
    batch_size: int = Field(ge=2)
    encoder_rate: float = Field(gt=0)
    head_rate: float = Field(gt=0)
    cut_rate: float = Field(gt=0)
    """For cut-points, slope and area offsets: at the encoder's rate they hardly leave their start."""
    weight_decay: float = Field(ge=0)
    warmup_share: float = Field(ge=0, lt=1)
    gradient_norm: float = Field(gt=0)
    dropout: float = Field(ge=0, lt=1)
    """Of pooled features."""
    encoder_dropout: float = Field(ge=0, lt=1)
    """Inside the encoder; drawing it takes a seventh of a training step."""
    bfloat16: bool
    """Run the encoder in bfloat16 while training: quicker on a processor that has it, slower on one that has not."""


class AdaptConfig(Section):
    """The second stage: published rows of some areas, with invented rows mixed in, on the network of the first stage.

    The first stage knows no area that is ever left out, so that every fold starts from the same network.
    """

    epochs: int = Field(ge=0)
    encoder_rate: float = Field(gt=0)
    head_rate: float = Field(gt=0)
    replay_share: float = Field(ge=0)
    """Units of the first stage mixed into each epoch, newly drawn, as a multiple of the published rows."""
    level: float = Field(ge=0)
    """How much the level counts in this stage, which has nearly all rows that inform it."""


class TeacherConfig(Section):
    """A larger network whose reading of a text is mixed into what the text's codes teach (Hinton et al. 2015).

    It is fitted to the rows of the first stage, so that it knows no area that is ever judged.
    """

    share: float = Field(ge=0, lt=1)
    """Of the teacher's probabilities in the targets for severity and issues; 0 for no teacher."""
    encoder: EncoderConfig
    epochs: int = Field(ge=1)
    batch_size: int = Field(ge=2)
    encoder_rate: float = Field(gt=0)


class LossConfig(Section):
    """How much each part of the loss counts, and how strongly area offsets are pooled."""

    severity: float = Field(ge=0)
    level: float = Field(ge=0)
    issues: float = Field(ge=0)
    assertion: float = Field(ge=0)
    frame: float = Field(ge=0)
    class_balance: float = Field(ge=0, le=1)
    """How far assertion and frame classes are brought to equal weight, see `losses.class_weights`."""
    same: float = Field(ge=0)
    """Of the squared difference in latent severity between texts that tell the same."""
    order: float = Field(ge=0)
    """Of texts that are not graver than the milder text of their set."""
    area_shift_sd: float = Field(gt=0)
    """Prior standard deviation of an area's shift of all its cut-points, on the scale of latent severity."""
    area_gap_sd: float = Field(gt=0)
    """Prior standard deviation of an area's change of each log gap between neighbouring cut-points."""
    national_gap_sd: float = Field(gt=0)
    """Prior standard deviation of the national log gaps between level cut-points around their start."""


class TrainConfig(Section):
    """Everything that decides what a run produces, apart from the corpus."""

    name: str
    seed: int = Field(ge=0)
    row_limit: int = Field(ge=0)
    """Use only so many training rows (0 for all); for the smoke run."""
    encoder: EncoderConfig
    optimiser: OptimiserConfig
    teacher: TeacherConfig
    adapt: AdaptConfig
    loss: LossConfig

    @model_validator(mode="after")
    def _released_encoder(self) -> TrainConfig:
        if self.encoder.name != ENCODER:
            message = f"encoder.name: only {ENCODER} is exported; a larger one can teach (teacher.encoder)"
            raise ValueError(message)
        return self

    @classmethod
    def read(cls, path: Path) -> TrainConfig:
        """Read a TOML file.

        Raises:
            InputError: the file is missing, is not TOML, or a key is missing, unknown or out of range.
        """
        return cls.read_toml(path, what="configuration", one="setting", instead="a file of training/configs")

    def adapting(self) -> TrainConfig:
        """The same with the epochs, rates and level weight of the second stage."""
        second = self.adapt.model_dump(include={"epochs", "encoder_rate", "head_rate"})
        return self.model_copy(
            update={
                "optimiser": self.optimiser.model_copy(update=second),
                "loss": self.loss.model_copy(update={"level": self.adapt.level}),
            }
        )

    def starting(self) -> TrainConfig:
        """The same without a second stage, so that a change of the second leaves the first as it is."""
        none = self.adapt.model_copy(
            update={
                "epochs": 0,
                "encoder_rate": 1.0,
                "head_rate": 1.0,
                "replay_share": 0.0,
                "level": 0.0,
            }
        )
        return self.model_copy(update={"adapt": none})

    def of_teacher(self) -> TrainConfig:
        """The configuration of the teacher, the same whatever its share and the second stage are."""
        size = self.teacher.model_dump(include={"epochs", "batch_size", "encoder_rate"})
        return self.starting().model_copy(
            update={
                "encoder": self.teacher.encoder,
                "optimiser": self.optimiser.model_copy(update=size),
                "teacher": self.teacher.model_copy(update={"share": 0.0}),
                "loss": self.loss.model_copy(update={"same": 0.0, "order": 0.0}),  # no descriptor is in a pair
            }
        )

    def digest(self) -> str:
        """SHA-256 over the settings in canonical JSON, so that a run can be told from another."""
        canonical = json.dumps(self.model_dump(mode="json"), sort_keys=True, separators=(",", ":"))
        return hashlib.sha256(canonical.encode()).hexdigest()
