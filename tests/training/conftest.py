"""Shared by the tests of training: the corpus, a small cut of it, a tiny network and its exports."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import onnx
import pytest
import torch
from tokenizers import Tokenizer

from evenhand.decoder import Decoder
from evenhand.scheme import Assertion, Frame, Issue, Level
from evenhand_training.calibrate import Calibration, LevelReading
from evenhand_training.config import AdaptConfig, EncoderConfig, LossConfig, OptimiserConfig, TeacherConfig, TrainConfig
from evenhand_training.corpus import FOLDS, REPEATS, Corpus, Splits, files, refresh_derived
from evenhand_training.corpus.splits import AuthoredParts
from evenhand_training.encoder import load_tokenizer
from evenhand_training.examples import Example
from evenhand_training.export import export_onnx
from evenhand_training.integers import export_integers
from evenhand_training.network import LadderNetwork
from evenhand_training.quantise import round_weights
from evenhand_training.reading import CutPoints

ROOT = Path(__file__).parents[2]
# Five development areas, one a fold, with few rows that say something about level; and one test area.
SMALL_AREAS = ("Bristol", "Essex", "Hertfordshire", "Leeds", "Trafford")
SMALL_TEST_AREA = "Merton"
AREA_ROWS = 8
KIND_ROWS = 9


@dataclass(frozen=True, slots=True)
class Small:
    """A corpus of a few rows."""

    folder: Path
    corpus: Corpus
    splits: Splits


@pytest.fixture(scope="session", autouse=True)
def _one_thread() -> Iterator[None]:
    """Networks this small are slowed by threads, and results are then equal on every machine."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(threads)


@pytest.fixture(scope="session", name="annotations")
def annotations_folder() -> Path:
    return ROOT / "annotations"


@pytest.fixture(scope="session")
def configs() -> Path:
    return ROOT / "training" / "configs"


@pytest.fixture(scope="session")
def corpus(annotations: Path) -> Corpus:
    return Corpus.read(annotations)


@pytest.fixture(scope="session")
def splits(annotations: Path) -> Splits:
    return Splits.read(annotations)


@pytest.fixture(scope="session")
def small(annotations: Path, corpus: Corpus, splits: Splits, tmp_path_factory: pytest.TempPathFactory) -> Small:
    """A folder of a few rows of the corpus that passes its checks; copy it before changing anything."""
    folder = tmp_path_factory.mktemp("small") / "annotations"
    folder.mkdir()
    for name in (*files.PROSE, files.VERSION, files.LEVEL_SYNONYMS, files.DFE_CODES):
        (folder / name).write_bytes((annotations / name).read_bytes())
    areas = (*SMALL_AREAS, SMALL_TEST_AREA)
    descriptors = [
        row for area in areas for row in [row for row in corpus.descriptors if corpus.area(row) == area][:AREA_ROWS]
    ]
    kept = {row.id for row in descriptors}
    lines = {
        files.DOCUMENTS: [files.row_line(row) for row in corpus.documents if row.area in areas],
        files.DESCRIPTORS: [files.row_line(row) for row in sorted(descriptors, key=lambda row: row.id)],
        files.SECOND_CODINGS: [files.row_line(row) for row in corpus.second_codings if row.descriptor_id in kept],
    }
    for name in (
        *files.AUTHORED_FILES,
        files.SITUATION_PAIRS,
        *files.MARKED_FILES,
        files.LEXICON,
        files.REFERRAL_ELEMENTS,
    ):
        lines[name] = files.read_lines(annotations / name)[:KIND_ROWS]
    for name, coded, key in (
        (files.NARRATIVE_MARKS, files.NARRATIVES, "narrative_id"),
        (files.FRAMING_PAIR_CODINGS, files.FRAMING_PAIRS, "pair_id"),
    ):  # codings of what is kept alone
        there = {json.loads(row)["id"] for row in lines[coded]}
        lines[name] = [row for row in lines[name] if json.loads(row)[key] in there]
    # Of one attribute, so that test and folds have the same ones: tables of behaviour show them side by side.
    templates = files.read_lines(annotations / files.COUNTERFACTUAL_TEMPLATES)
    lines[files.COUNTERFACTUAL_TEMPLATES] = [row for row in templates if '"attribute": "gender"' in row][:KIND_ROWS]
    for name, rows in lines.items():
        (folder / name).write_text("".join(row + "\n" for row in rows), encoding="utf-8")
    read = Corpus.read(folder)
    cut = _cut(splits, read)
    cut.write(folder)
    refresh_derived(folder)
    return Small(folder, Corpus.read(folder), Splits.read(folder))


def _cut(splits: Splits, corpus: Corpus) -> Splits:
    groups = []
    for group in splits.groups:
        if group.areas == (SMALL_TEST_AREA,):
            groups.append(group.model_copy(update={"split": "test", "folds": ()}))
        elif len(group.areas) == 1 and group.areas[0] in SMALL_AREAS:
            fold = SMALL_AREAS.index(group.areas[0]) % FOLDS
            groups.append(group.model_copy(update={"split": "development", "folds": (fold,) * REPEATS}))
    units = [row.id for row in corpus.authored_units()]
    tested = frozenset(row.id for row in corpus.descriptors if corpus.area(row) == SMALL_TEST_AREA)
    only_taught = (*corpus.authored, *corpus.whole_notes, *corpus.contrast_sets)
    judged = set(units) - {row.id for row in only_taught}
    return splits.model_copy(
        update={
            "groups": tuple(groups),
            "left_out": (),
            "removed": frozenset(),
            "authored": AuthoredParts(
                validation=frozenset(units[::3]),
                test=frozenset(units[1::3]),
                folds={row: place % FOLDS for place, row in enumerate(row for row in units[2::3] if row in judged)},
            ),
            "test_rows": tested,
        }
    )


ENCODER = EncoderConfig(name="all-MiniLM-L6-v2", max_tokens=24, freeze_embeddings=True, frozen_layers=0, layers=1)
TEACHER = TeacherConfig(
    share=0.0, encoder=ENCODER.model_copy(update={"layers": 2}), epochs=1, batch_size=6, encoder_rate=1e-4
)


@pytest.fixture(scope="session")
def tiny_config() -> TrainConfig:
    """One layer, short texts, a few steps."""
    return TrainConfig(
        name="tiny",
        seed=3,
        row_limit=0,
        encoder=ENCODER,
        optimiser=OptimiserConfig(
            epochs=2,
            batch_size=6,
            encoder_rate=1e-4,
            head_rate=1e-2,
            cut_rate=1e-2,
            weight_decay=0.01,
            warmup_share=0.1,
            gradient_norm=1.0,
            dropout=0.1,
            encoder_dropout=0.1,
            bfloat16=False,
        ),
        teacher=TEACHER,
        adapt=AdaptConfig(epochs=1, encoder_rate=1e-4, head_rate=1e-2, replay_share=0.5, level=0.5),
        loss=LossConfig(
            severity=1.0,
            level=0.5,
            issues=20.0,
            assertion=0.5,
            frame=0.3,
            class_balance=0.5,
            same=0.5,
            order=0.5,
            area_shift_sd=0.75,
            area_gap_sd=0.3,
            national_gap_sd=0.5,
        ),
    )


@pytest.fixture(scope="session")
def tokenizer(tiny_config: TrainConfig) -> Tokenizer:
    return load_tokenizer(tiny_config.encoder.max_tokens)


TEXTS = {
    1: ["Home is warm and the family eat together.", "She does well at school and has good friends."],
    2: ["Late for school twice a week.", "He is sometimes tired in lessons."],
    3: ["Parents argue most nights and he cannot sleep.", "Misses a day of school in most weeks."],
    4: ["Mum is too low to get up, so he cooks and washes.", "There has been no heating since November."],
    5: ["Dad was drunk and she had to hide from him.", "Left alone overnight with a younger brother."],
    6: ["Dad hit him with a belt and he has bruises.", "She was locked in a room without food."],
}
ISSUES_OF = {
    1: (Issue.PROTECTIVE,),
    2: (Issue.EDUCATION,),
    3: (Issue.FAMILY_RELATIONSHIPS,),
    4: (Issue.NEGLECT,),
    5: (Issue.NEGLECT, Issue.PARENTAL_SUBSTANCE_USE),
    6: (Issue.PHYSICAL_ABUSE,),
}
LEVELS_OF = {
    1: (Level.NONE,),
    2: (Level.A,),
    3: (Level.B,),
    4: (Level.C, Level.D),
    5: (Level.C, Level.D),
    6: (Level.C, Level.D),
}


@pytest.fixture(scope="session")
def published() -> list[Example]:
    """Invented rows in the form of published ones: two areas, every severity."""
    return [
        Example(
            id=f"p{severity}{number}",
            text=text,
            source="descriptors",
            severity=severity,
            issues=ISSUES_OF[severity],
            levels=LEVELS_OF[severity],
            visible_sets=tuple(dict.fromkeys(LEVELS_OF.values())),
            group=f"g{number}",
            area=f"Area {number}",
            assertions=tuple(Assertion),
        )
        for severity, texts in TEXTS.items()
        for number, text in enumerate(texts)
    ]


@pytest.fixture(scope="session")
def authored(published: list[Example]) -> list[Example]:
    """The same texts as authored ones, with assertion and frame."""
    return [
        replace(
            row,
            id=f"a{row.id}",
            source="authored",
            levels=(),
            visible_sets=(),
            group=None,
            area=None,
            assertions=(Assertion.PRESENT,),
            frame=Frame.STRENGTH if row.severity == 1 else Frame.EVIDENCE,
        )
        for row in published
    ]


@pytest.fixture(scope="session")
def network(tiny_config: TrainConfig, tokenizer: Tokenizer) -> LadderNetwork:
    """One pre-trained layer under random heads whose readings are spread over the whole scale; never trained."""
    torch.manual_seed(5)
    made = LadderNetwork(tiny_config.encoder, areas=3, dropout=0.1)
    texts = [text for texts in TEXTS.values() for text in texts]
    encodings = tokenizer.encode_batch(texts)
    made.eval()
    with torch.no_grad():
        for parameter in (made.offsets.shift.weight, made.offsets.stretch.weight):
            parameter.normal_(std=0.3)
        made.log_slope.fill_(0.2)
        for head in (made.theta, made.issues, made.assertion, made.frame):
            read = torch.cat(
                [
                    head(made.encoder(ids).last_hidden_state.mean(dim=1))
                    for ids in (torch.tensor([encoding.ids]) for encoding in encodings)
                ]
            )
            scale = 3.0 / read.std(dim=0)
            head.weight.mul_(scale.unsqueeze(1))
            head.bias.copy_((head.bias - read.mean(dim=0)) * scale)
    return made


@pytest.fixture(scope="session")
def single(network: LadderNetwork) -> onnx.ModelProto:
    """The network as ONNX in single precision."""
    return export_onnx(network)


@pytest.fixture(scope="session")
def rounded(network: LadderNetwork) -> LadderNetwork:
    """The network with weights as an export on integers stores them."""
    return round_weights(network).eval()


@pytest.fixture(scope="session")
def eight_bit(rounded: LadderNetwork, tokenizer: Tokenizer, published: list[Example]) -> onnx.ModelProto:
    """The network as ONNX on integers."""
    return export_integers(rounded, tokenizer, [row.text for row in published])


@pytest.fixture(scope="session")
def decoder(network: LadderNetwork) -> Decoder:
    """A decoder of the tiny network under a made-up calibration."""
    calibration = Calibration(
        severity_scale=0.9,
        level=LevelReading(slope=2.0, first=-1.0, log_gaps=(-0.5, -0.5, -0.5), area_sd=0.2),
        issue_scale=1.0,
        issue_threshold=0.5,
        top_issue_threshold=0.3,
        set_mass=0.8,
    )
    return calibration.decoder(CutPoints.of(network))


def interval(value: float) -> dict[str, float]:
    return {"value": value, "low": value - 0.05, "high": value + 0.05}


@pytest.fixture
def evaluations() -> dict[str, dict[str, Any]]:
    """One made-up line of the log of each kind."""
    measures = {
        "level_in_set": 0.71,
        "level_in_set_informative": 0.68,
        "level_distance": 0.41,
        "rps": 0.11,
        "missed_harm": 0.06,
        "severity_qwk": 0.83,
        "severity_exact": 0.52,
        "issue_micro_f1": 0.74,
        "issue_macro_f1": 0.66,
        "issue_macro_f1_common": 0.70,
        "rank_correlation": 0.72,
    }
    methods: dict[str, dict[str, dict[str, float]]] = {
        name: {key: interval(value - step / 10) for key, value in measures.items()}
        for step, name in enumerate(("evenhand", "tfidf_linear", "majority", "always_b", "true_severity"))
    }
    del methods["majority"]["severity_qwk"]
    methods["evenhand"] |= {
        "set_coverage": interval(0.91),
        "set_width": interval(2.3),
        "set_containment": interval(0.64),
    }
    pair = {key: {"difference": 0.12, "low": 0.02, "high": 0.22, "share_not_better": 0.01} for key in measures}
    counts = dict.fromkeys(map(str, Level), 3.0)
    published = {
        "date": "2026-01-31",
        "corpus_version": "2026.1",
        "rows": 120,
        "groups": 12,
        "repeats": 1,
        "methods": methods,
        "paired": pair,
        "paired_with": {"tfidf_linear": pair, "majority": pair},
        "informative_rows": 55,
        "calibration_slope": {"value": 0.94, "low": 0.81, "high": 1.07},
        "coverage_by_area": {"Manyshire": {"rows": 31, "overlap": 0.8387}},
        "rank_by_area": {"Anyshire": {"rows": 13, "rho": 0.755}},
        "missed_harm": {"missed": 2.0, "rows": 34, "upper_bound": 0.174},
        "predicted_levels": counts,
        "by_level": {"C+D": {"rows": 17, "in_set": 0.88, "predicted": counts}},
        "by_area": {"Anyshire": {"rows": 13, "level_in_set": 0.77, "severity_qwk": 0.81, "issue_micro_f1": 0.69}},
        "by_issue": {"neglect": {"f1": 0.725, "rows": 31}},
    }
    folds = {
        **published,
        "kind": "cross_validation",
        "split": "development, grouped cross-validation",
        "repeats": 2,
    }
    share = {"value": 0.91, "low": 0.84, "high": 0.95}
    framing = {"rows": 107, "level_unchanged": share, "severity_difference": interval(0.17)}
    flips = {"rows": 61, "flips": {"value": 0.013, "low": 0.0, "high": 0.041}, "severity_difference": interval(0.08)}
    judged = {"framing": framing, "counterfactuals": {"gender": flips, "all": flips}}
    return {
        "cross_validation": folds,
        "behaviour": {
            "kind": "behaviour",
            "date": "2026-01-31",
            "model": "evenhand-0.7",
            "test": judged,
            "cross_validation": judged,
            "note_readings": {"learned": {"framing": framing}, "whole note": {"framing": framing}},
        },
        "test": {**published, "kind": "test", "split": "frozen test"},
        "authored": {
            "kind": "authored",
            "assertion": {"rows": 210, "accuracy": 0.953},
            "frame": {"rows": 190, "accuracy": 0.871},
            "codable": {
                "uncoded_sentences": 57,
                "refused": 0.877,
                "coded_sentences": 301,
                "wrongly_refused": 0.0133,
            },
            "notes": {
                "rows": 32,
                "level_in_set": 0.78,
                "severity_qwk": 0.84,
                "issue_micro_f1": 0.79,
                "uncoded": 1,
            },
        },
    }
