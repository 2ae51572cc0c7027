"""Every record as text, from its template and the figures of a release; written to its place, or compared with it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from importlib import resources
from pathlib import Path
from string import Template

from evenhand.errors import InputError, OutputError
from evenhand_training import results
from evenhand_training.corpus import Corpus
from evenhand_training.corpus.derived import refresh_derived
from evenhand_training.records.corpus_figures import corpus_figures
from evenhand_training.records.energy import energy_figures
from evenhand_training.records.failures import failures_page, framing_failures, known_failures
from evenhand_training.records.figures import (
    coding_figures,
    framing_figures,
    newest,
    privacy_figures,
    speed_figures,
)

FOLDER = "records"  # in the folder of models
# Which template becomes which file of that folder.
PAGES = {
    "model-card.md": "MODEL-CARD.md",
    "atrs-tier-1.md": "ATRS-TIER-1.md",
    "atrs-tier-2.md": "ATRS-TIER-2.md",
    "dpia-evidence.md": "DPIA-EVIDENCE.md",
}
DATASHEET = "datasheet.md"  # becomes DATASHEET.md of the corpus


@dataclass(frozen=True, slots=True)
class RecordInputs:
    """Where a release lies.

    Attributes:
        models: The folder of released models with `results.jsonl`; of each model the newest release is told of.
        corpus: The corpus folder.
    """

    models: Path
    corpus: Path


def render(inputs: RecordInputs) -> dict[Path, str]:
    """The text of every record by the path where it belongs.

    Raises:
        InputError: a model, an evaluation or the corpus is missing, or a known failure is none any more.
        MissingExtraError: the framing model needs the extra `framing`.
    """
    figures = _figures(inputs)
    pages = {inputs.models / FOLDER / name: _filled(template, figures) for template, name in PAGES.items()}
    return {**pages, inputs.corpus / "DATASHEET.md": _filled(DATASHEET, figures)}


def write_records(inputs: RecordInputs) -> list[Path]:
    """Write every record that differs, and the corpus's checksums if its datasheet does; return what was written.

    Raises:
        InputError: as `render` does.
        OutputError: a file cannot be written.
    """
    pages = render(inputs)
    stale = _stale(pages)
    try:
        (inputs.models / FOLDER).mkdir(exist_ok=True)
        for path in stale:
            path.write_text(pages[path], encoding="utf-8", newline="\n")
        if any(path.parent == inputs.corpus for path in stale):
            refresh_derived(inputs.corpus)
    except OSError as error:
        message = f"{error.filename}: the records cannot be written ({error.strerror}); make the folder writable"
        raise OutputError(message) from error
    return stale


def stale_records(inputs: RecordInputs) -> list[Path]:
    """Those records that are missing or differ from what would be written; raises as `render` does."""
    return _stale(render(inputs))


def newest_release(models: Path, name: str) -> Path:
    """The folder of a model's highest released version, `<name>-<version>`.

    Raises:
        InputError: there is none.
    """
    found = {path.parent for path in models.glob(f"{name}-[0-9]*/manifest.json")}
    if not found:
        message = f"{models}: no released model {name}-<version>; give the folder of released models with --models"
        raise InputError(message)
    # By release number: 0.10 comes after 0.9.
    return max(found, key=lambda path: [int(part) for part in path.name.removeprefix(f"{name}-").split(".")])


def _stale(pages: Mapping[Path, str]) -> list[Path]:
    return [path for path, text in pages.items() if not path.exists() or path.read_text(encoding="utf-8") != text]


def _figures(inputs: RecordInputs) -> dict[str, str]:
    import evenhand
    from evenhand.bundle import read_bundle
    from evenhand.framing import load_flagger

    lines = results.read(inputs.models / "results.jsonl")
    coding, framing = newest_release(inputs.models, "evenhand"), newest_release(inputs.models, "evenhand-framing")
    coder, flagger = read_bundle(coding), read_bundle(framing)
    figures = {
        **corpus_figures(Corpus.read(inputs.corpus), inputs.corpus),
        **coding_figures(coder.manifest, coder.json("metrics.json"), lines),
        **framing_figures(flagger.manifest, flagger.json("metrics.json")),
        **privacy_figures(newest(lines, "privacy")),
        **speed_figures(newest(lines, "speed")),
        **energy_figures(newest(lines, "energy"), trials=sum(line["kind"] == "trial" for line in lines)),
    }
    classes, framing_cases = known_failures()
    return {
        **figures,
        "failures": failures_page(classes, evenhand.load(coding), figures),
        "framing_failures": framing_failures(framing_cases, load_flagger(framing)),
    }


def _filled(template: str, figures: Mapping[str, str]) -> str:
    """A template with its figures.

    Raises:
        KeyError: the template asks for a figure that there is not, which is a fault of ours.
    """
    text = resources.files(__package__).joinpath(template).read_text(encoding="utf-8")
    return Template(text).substitute(figures)
