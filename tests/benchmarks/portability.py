"""Whether a model reads the same on processors with AVX512-VNNI and without, to the last bit.

Runs the model's ONNX file here and under `qemu-x86_64` (Debian package qemu-user), which emulates other processors
and none of AVX-512, on descriptors, sentences and whole notes of the corpus; prints a Markdown table. Processors before
2013 have no fused multiply-add, so that single precision rounds otherwise there: the table shows by how much. Takes
about two seconds a text for each processor.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

EMULATOR = "qemu-x86_64"
# With AVX2 and fused multiply-add: of Intel from 2013, of AMD from 2017. Without: of Intel from 2011 and 2008.
PROCESSORS = ("Haswell", "EPYC", "SandyBridge", "Nehalem")
TEXTS = 60
CORPUS = Path(__file__).parents[2] / "annotations"


def texts(count: int = TEXTS) -> list[str]:
    """Evenly spaced descriptors, sentences of notes and whole notes, `count` in all."""
    with (CORPUS / "descriptors.jsonl").open(encoding="utf-8") as lines:
        descriptors = [json.loads(line)["text"] for line in lines]
    with (CORPUS / "narratives.jsonl").open(encoding="utf-8") as lines:
        notes = [[sentence["text"] for sentence in json.loads(line)["sentences"]] for line in lines]
    kinds = [descriptors, [sentence for note in notes for sentence in note], [" ".join(note) for note in notes]]
    share = [count // 2, count // 4, count - count // 2 - count // 4]
    return [
        text
        for kind, most in zip(kinds, share, strict=True)
        for text in kind[:: max(1, len(kind) // max(1, most))][:most]
    ]


def read_here(model: Path, given: list[str]) -> NDArray[np.float64]:
    """All that the model reads off each text on this processor, (texts, readings); latent severity first."""
    from evenhand.bundle import read_bundle
    from evenhand.encoder import OUTPUTS, Encoder

    bundle = read_bundle(model)
    encoder = Encoder(
        bundle.files["model.onnx"],
        bundle.files["tokenizer.json"],
        max_tokens=bundle.json("decoder.json")["max_tokens"],
        workers=1,
    )
    read = encoder.read(given)
    return np.column_stack([getattr(read, name) for name in OUTPUTS])


def read_on(processor: str, model: Path, given: list[str]) -> NDArray[np.float64]:
    """The same on an emulated processor."""
    command = [EMULATOR, "-cpu", processor, sys.executable, __file__, "--reader", str(model)]
    # One thread: the emulator is slow to switch between them.
    environment = {**os.environ, "OMP_NUM_THREADS": "1", "TOKENIZERS_PARALLELISM": "false"}
    done = subprocess.run(command, input=json.dumps(given), capture_output=True, text=True, check=True, env=environment)
    return np.array(json.loads(done.stdout), dtype=np.float64)


def levels(model: Path, read: NDArray[np.float64]) -> NDArray[np.intp]:
    """The level of each text by its latent severity."""
    from evenhand.bundle import read_bundle
    from evenhand.decoder import Decoder, middle_level

    decoder = Decoder.from_json(read_bundle(model).json("decoder.json"))
    return middle_level(decoder.level_probabilities(read[:, 0]))


def main() -> None:
    """Compare and print a Markdown table; exit 2 without the emulator."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("model", type=Path, nargs="?", help="A model's folder; none for the newest.")
    parser.add_argument("--texts", type=int, default=TEXTS)
    parser.add_argument("--reader", action="store_true", help="Read texts from stdin as JSON and print readings.")
    asked = parser.parse_args()
    if asked.reader:
        print(json.dumps(read_here(asked.model, json.load(sys.stdin)).tolist()))
        return
    if shutil.which(EMULATOR) is None:
        sys.exit(f"{EMULATOR} is not installed; it is in the Debian package qemu-user")
    from evenhand.bundle import find_model

    model = find_model(asked.model)
    given = texts(asked.texts)
    here = read_here(model, given)
    print(f"{model.name}, {len(given)} texts, against this processor:\n")
    print("| processor | equal to the last bit | equal levels | largest difference in latent severity |")
    print("|---|---|---|---|")
    for processor in PROCESSORS:
        there = read_on(processor, model, given)
        equal = (there == here).all(axis=1).mean()
        same = (levels(model, there) == levels(model, here)).mean()
        print(f"| {processor} | {equal:.1%} | {same:.1%} | {np.abs(there - here)[:, 0].max():.2g} |", flush=True)


if __name__ == "__main__":
    main()
