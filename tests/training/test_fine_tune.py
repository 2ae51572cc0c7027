"""A released model goes on learning from own rows: what is taught, what is written, and what a gate stops."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import pytest
from tokenizers import Tokenizer

import evenhand
from evenhand.annotate.json_lines import written
from evenhand.annotate.records import Annotation, Annotations, Coder, Unit
from evenhand.bundle import read_bundle
from evenhand.decoder import Decoder, logistic
from evenhand.errors import EvenhandError, InputError, ModelError, OutputError, PrivacyError
from evenhand.privacy import load_checker
from evenhand_training import behaviour, cli
from evenhand_training.config import TrainConfig
from evenhand_training.consistency_limits import Limits
from evenhand_training.corpus import Corpus, Splits
from evenhand_training.dataset import to_dataset
from evenhand_training.encoder import encoder_directory
from evenhand_training.examples import Example, authored_examples, development_rows
from evenhand_training.fine_tuning import account, judging
from evenhand_training.fine_tuning.gates import Gate
from evenhand_training.fine_tuning.learning import Lesson, go_on, restored, targets, to_replay
from evenhand_training.fine_tuning.making import fine_tune, name_of
from evenhand_training.fine_tuning.own_rows import OwnRow
from evenhand_training.fine_tuning.preparing import FineTuneInputs
from evenhand_training.fine_tuning.settings import FineTuneSettings
from evenhand_training.integers import export_integers
from evenhand_training.metrics import resample_groups
from evenhand_training.network import LadderNetwork
from evenhand_training.reading import CutPoints, read_off
from evenhand_training.rebuild_integers import rebuild_integers
from evenhand_training.release import ENCODER_NOTICE, seal

CONFIGS = Path(__file__).parents[2] / "training" / "configs"
OWN_TEXTS = 48
COUNT = 24  # texts that set the steps here
BROKEN = Gate("own.severity_qwk", "at most 0 lower than before", 0.9, 0.1, kept=False)


@dataclass(frozen=True, slots=True)
class Made:
    """What a fine-tuning left."""

    inputs: FineTuneInputs
    model: Path
    log: Path
    texts: list[str]


@pytest.fixture(scope="module")
def settings() -> FineTuneSettings:
    asked = FineTuneSettings.read(CONFIGS / "fine-tune.toml")
    few = asked.rows.model_copy(update={"least": 20, "least_of_an_issue": 4})
    short = asked.fit.model_copy(update={"epochs": 1, "replay_share": 0.5, "head_rate": 1e-3})
    # Figures of a tiny network over a dozen rows may go anywhere.
    open_gates = asked.gates.model_copy(update=dict.fromkeys(type(asked.gates).model_fields, 9))
    return asked.model_copy(update={"rows": few, "fit": short, "gates": open_gates})


@pytest.fixture(scope="module")
def base(
    tmp_path_factory: pytest.TempPathFactory,
    tiny_config: TrainConfig,
    eight_bit: onnx.ModelProto,
    decoder: Decoder,
    small: Any,  # noqa: ANN401 - a Small of conftest.py
) -> Path:
    """The tiny network as a released model."""
    folder = tmp_path_factory.mktemp("models") / "evenhand-9.0"
    folder.mkdir()
    (folder / "model.onnx").write_bytes(eight_bit.SerializeToString())
    (folder / "tokenizer.json").write_bytes((encoder_directory() / "tokenizer.json").read_bytes())
    (folder / "decoder.json").write_text(json.dumps(decoder.to_json()), "utf-8")
    (folder / "CARD.md").write_text("# Tiny\n", "utf-8")
    (folder / "LICENSE.encoder").write_text(ENCODER_NOTICE, "utf-8")
    told = ("encoder", "licence", "language", "intended_use", "not_for")
    manifest = {"name": "evenhand", "version": "9.0", "format": 1, "scheme_version": "1.0", **dict.fromkeys(told, "x")}
    manifest |= {"corpus_version": small.corpus.version, "config": tiny_config.model_dump(mode="json")}
    seal(folder, manifest, {"headline": {}})
    return folder


@pytest.fixture(scope="module")
def own_rows(corpus: Corpus, splits: Splits) -> list[Example]:
    """Authored rows of the validation part, of every grade, as texts of a user's."""
    rows = [row for row in authored_examples(corpus, splits, "validation") if row.source == "authored"]
    return [row for row in rows if row.severity][:OWN_TEXTS]


@pytest.fixture(scope="module")
def own_file(own_rows: list[Example], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The rows in twelve documents, each coded by two invented people."""
    units = tuple(Unit(f"u{n}", row.text, f"note-{n % 12}", {"area": f"A{n % 2}"}) for n, row in enumerate(own_rows))
    codings = tuple(
        Annotation(
            f"{unit.id}-{name}",
            unit.id,
            Coder(name),
            datetime(2026, 3, 2, tzinfo=UTC),
            severity=row.severity,
            issues=row.issues or (),
        )
        for unit, row in zip(units, own_rows, strict=True)
        for name in ("coder-1", "coder-2")
    )
    path = tmp_path_factory.mktemp("own") / "ours.jsonl"
    path.write_text(written(Annotations(units, codings)), "utf-8")
    return path


@pytest.fixture(scope="module")
def inputs(base: Path, own_file: Path, small: Any, settings: FineTuneSettings) -> FineTuneInputs:  # noqa: ANN401
    told = {"mode": "off", "names": "not checked"}
    asked = Limits.read(CONFIGS / "consistency.toml")
    none = asked.model_copy(
        update={
            "areas": asked.areas.model_copy(
                update={key: None for key in type(asked.areas).model_fields if not key.endswith(("_from", "ance"))}
            ),
            "behaviour": asked.behaviour.model_copy(update=dict.fromkeys(type(asked.behaviour).model_fields)),
        }
    )
    return FineTuneInputs(base, own_file, small.corpus, small.splits, settings, none, None, told)


@pytest.fixture(scope="module")
def quick(published: list[Example]) -> Iterator[None]:
    """Few resamples and few texts that set the steps; parity has tests of its own."""
    agree: dict[str, Any] = {"eight_bit_against_single": {"equal": {"level": 1.0}, "differing": []}}
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(judging, "resample_groups", partial(resample_groups, resamples=12))
        patch.setattr(judging, "area_figures", lambda *_: {})
        patch.setattr(behaviour, "RESAMPLES", 12)
        making = "evenhand_training.fine_tuning.making"
        patch.setattr(f"{making}.step_texts", lambda *_: [row.text for row in published][:COUNT])
        patch.setattr(f"{making}.compare_exports", lambda *_: agree)
        patch.setattr(f"{making}.export_onnx", lambda _: None)
        yield


@pytest.fixture(scope="module")
def made(
    inputs: FineTuneInputs, own_rows: list[Example], quick: None, tmp_path_factory: pytest.TempPathFactory
) -> Made:
    place = tmp_path_factory.mktemp("made")
    model = fine_tune(inputs, place / "ours-0.1", log=place / "log.jsonl")
    return Made(inputs, model, place / "log.jsonl", [row.text for row in own_rows])


def test_the_derivative_loads_and_codes_under_its_own_name(made: Made) -> None:
    model = evenhand.load(made.model)
    assert model.name == "ours-0.1"
    assert model.code("Dad hit him with a belt and he has bruises.").model == "ours-0.1"


def test_manifest_and_card_say_what_it_is_made_of(made: Made) -> None:
    bundle = read_bundle(made.model)
    base = read_bundle(made.inputs.base)
    assert bundle.manifest["derived_from"] == {
        "name": "evenhand-9.0",
        "model_sha256": base.manifest["files"]["model.onnx"]["sha256"],
    }
    told = bundle.manifest["fine_tune"]
    assert told["taught"] + told["held_out"] == OWN_TEXTS
    assert told["settings"] == made.inputs.settings.model_dump(mode="json")
    card = (made.model / "CARD.md").read_text(encoding="utf-8")
    assert card.startswith("# Model card: ours 0.1, a derivative of evenhand-9.0")
    assert "not a released Evenhand model" in card


def test_the_report_compares_before_and_after_with_intervals(made: Made) -> None:
    report = json.loads(made.model.with_name("ours-0.1.report.json").read_text(encoding="utf-8"))
    known = development_rows(made.inputs.corpus, made.inputs.splits).values()
    for part, rows in (("own", report["rows"]["held_out"]), ("development", sum(bool(row.group) for row in known))):
        found = report[part]["measures"]["severity_qwk"]
        assert report[part]["rows"] == rows
        assert found["change"]["value"] == pytest.approx(found["after"]["value"] - found["before"]["value"], abs=2e-4)
        assert found["change"]["low"] <= found["change"]["high"]
    page = made.model.with_name("ours-0.1.report.md").read_text(encoding="utf-8")
    assert "## Held-out own texts" in page
    assert "| severity QWK |" in page


def test_one_line_is_logged_where_the_user_asks_and_no_text_is_kept_anywhere(made: Made) -> None:
    (line,) = map(json.loads, made.log.read_text(encoding="utf-8").splitlines())
    assert (line["kind"], line["model"], line["base"]) == ("fine_tune", "ours-0.1", "evenhand-9.0")
    pages = [path for path in made.model.parent.rglob("*") if path.suffix in {".md", ".json", ".jsonl"}]
    assert len(pages) > 5
    held = "".join(path.read_text(encoding="utf-8") for path in pages if path.name != "tokenizer.json")
    assert [text for text in made.texts if text in held] == []


def test_cut_points_and_decoder_stay_those_of_the_base(made: Made) -> None:
    derived, base = read_bundle(made.model), read_bundle(made.inputs.base)
    assert derived.files["decoder.json"] == base.files["decoder.json"]
    assert derived.files["model.onnx"] != base.files["model.onnx"]


def test_a_broken_gate_leaves_report_and_log_and_no_model(
    inputs: FineTuneInputs, quick: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(account, "judge_gates", lambda *_: [BROKEN])
    target, log = tmp_path / "ours-0.2", tmp_path / "log.jsonl"
    with pytest.raises(ModelError, match=r"broken: own\.severity_qwk"):
        fine_tune(inputs, target, log=log)
    assert {path.name for path in tmp_path.iterdir()} == {"ours-0.2.report.md", "ours-0.2.report.json", "log.jsonl"}
    assert json.loads(log.read_text(encoding="utf-8"))["model"] == "ours-0.2-candidate"

    fine_tune(inputs, target, log=log, despite="for a trial of our own")
    assert read_bundle(target).manifest["fine_tune"]["broken"] == ["own.severity_qwk"]
    assert "the reason given: for a trial of our own" in (target / "CARD.md").read_text(encoding="utf-8")


def test_a_guard_refuses_before_anything_is_fitted(
    inputs: FineTuneInputs, own_rows: list[Example], tmp_path: Path
) -> None:
    lines = [
        {"text": row.text, "issues": ["neglect"], "severity": 6, "doc_id": f"n{n % 9}"}
        for n, row in enumerate(own_rows)
    ]
    path = tmp_path / "grave.jsonl"
    path.write_text("".join(json.dumps(line) + "\n" for line in lines), "utf-8")
    with pytest.raises(InputError, match="Severity: Jensen-Shannon"):
        fine_tune(replace(inputs, own=path), tmp_path / "ours-0.1", log=tmp_path / "log.jsonl")
    assert [found.name for found in tmp_path.iterdir()] == ["grave.jsonl"]


def test_texts_that_look_identifiable_do_not_teach(inputs: FineTuneInputs, tmp_path: Path) -> None:
    path = tmp_path / "named.jsonl"
    path.write_text('{"text": "Ring his gran on 07700 900123.", "issues": [], "severity": 2}\n', "utf-8")
    checked = replace(inputs, own=path, checker=load_checker(names=False))
    with pytest.raises(PrivacyError, match="look identifiable"):
        fine_tune(checked, tmp_path / "ours-0.1", log=tmp_path / "log.jsonl")


def test_codings_of_another_scheme_do_not_teach(inputs: FineTuneInputs, tmp_path: Path) -> None:
    path = tmp_path / "old.jsonl"
    path.write_text(written(Annotations((Unit("a", "No heating."),), scheme="0.9")), "utf-8")
    with pytest.raises(InputError, match=r"coded by scheme 0\.9"):
        fine_tune(replace(inputs, own=path), tmp_path / "ours-0.1", log=tmp_path / "log.jsonl")


def test_a_derivative_is_not_fitted_further(made: Made, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="start from the released model"):
        fine_tune(replace(made.inputs, base=made.model), tmp_path / "ours-0.1", log=tmp_path / "log.jsonl")


@pytest.mark.parametrize("name", ["evenhand-0.4", "Evenhand-0.4", "ours", "ours-new"])
def test_a_derivative_has_a_name_and_version_of_its_own(tmp_path: Path, name: str) -> None:
    with pytest.raises(OutputError, match="NAME-VERSION"):
        name_of(tmp_path / name)


@pytest.mark.parametrize("two_digit_blocks", [0, 7])
def test_a_model_on_integers_is_rebuilt_as_it_reads(
    rounded: LadderNetwork,
    tiny_config: TrainConfig,
    tokenizer: Tokenizer,
    published: list[Example],
    two_digit_blocks: int,
) -> None:
    texts = [row.text for row in published]
    model = export_integers(rounded, tokenizer, texts, two_digit_blocks=two_digit_blocks)
    rebuilt = rebuild_integers(model, tiny_config.encoder)
    was, now = (read_off(each, tokenizer, texts)["theta"] for each in (rounded, rebuilt))
    assert np.abs(was - now).max() < 0.1 * was.std()


def test_another_form_is_not_rebuilt(single: onnx.ModelProto, tiny_config: TrainConfig) -> None:
    with pytest.raises(ModelError, match="can be rebuilt"):
        rebuild_integers(single, tiny_config.encoder)


@pytest.fixture(scope="module")
def lesson(inputs: FineTuneInputs, published: list[Example], tiny_config: TrainConfig) -> Lesson:
    rows = [
        OwnRow(row.text, row.id, None, 2, False, (row.severity or 1, 6), (frozenset(row.issues or ()), frozenset()))
        for row in published
    ]
    few = tuple(issue for issue in evenhand.Issue if issue is not evenhand.Issue.NEGLECT)
    return Lesson(rows, few, published, inputs.settings.going_on(tiny_config))


def test_coders_are_shares_and_few_issues_stay_as_the_base_reads_them(
    network: LadderNetwork, lesson: Lesson, tokenizer: Tokenizer
) -> None:
    taught = targets(network, lesson, tokenizer)
    reads = logistic(read_off(network, tokenizer, [row.text for row in lesson.rows])["issues"])
    neglect = list(evenhand.Issue).index(evenhand.Issue.NEGLECT)
    for number, row in enumerate(lesson.rows):
        found = taught[f"own-{number}"]
        assert found.severity[row.grades[0] - 1] == (0.5 if row.grades[0] < 6 else 1.0)
        assert found.issues[neglect] == (0.5 if evenhand.Issue.NEGLECT in row.issues[0] else 0.0)
        others = np.delete(found.issues, neglect) - np.delete(reads[number], neglect)
        assert np.abs(others).max() == 0.0


def test_no_row_teaches_a_level_and_no_cut_point_moves(
    base: Path, lesson: Lesson, decoder: Decoder, tokenizer: Tokenizer, tiny_config: TrainConfig
) -> None:
    replayed = to_replay(lesson.fitted_to, len(lesson.rows), lesson.config)
    assert replayed
    rows = to_dataset(replayed, tokenizer, areas={})
    assert rows["levels"][:] == rows["visible"][:]
    start = restored(read_bundle(base), tiny_config, decoder)
    learned = go_on(start, lesson, decoder, tokenizer, None)
    assert np.array_equal(CutPoints.of(learned).severity, CutPoints.of(start).severity)
    texts = [row.text for row in lesson.rows]
    was, now = (read_off(each, tokenizer, texts)["theta"] for each in (start, learned))
    assert np.abs(was - now).max() > 1e-3


def run(monkeypatch: pytest.MonkeyPatch, *arguments: object) -> Callable[[], None]:
    monkeypatch.setattr("sys.argv", ["evenhand-training", "fit", *map(str, arguments)])
    return lambda: cli.app(standalone_mode=False)


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("--to", "ours-0.1"), "go with --from"),
        (("--from", "nowhere-1.0", "--corpus", "."), "is a file of coded texts"),
        (("--from", "nowhere-1.0", "--corpus", "x.jsonl", "--to", "evenhand-2.0"), "it is a derivative"),
        (("--from", "nowhere-1.0", "--corpus", "x.jsonl", "--privacy", "redact"), "refuse, patterns or off"),
        (("--from", "nowhere-1.0", "--corpus", "x.jsonl", "--despite", " "), "give the reason"),
    ],
    ids=["no base", "a folder", "the released name", "privacy", "no reason"],
)
def test_the_command_says_what_is_wrong(monkeypatch: pytest.MonkeyPatch, arguments: tuple[str, ...], told: str) -> None:
    with pytest.raises(EvenhandError, match=told):
        run(monkeypatch, *arguments)()
