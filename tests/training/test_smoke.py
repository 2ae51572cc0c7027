"""The smoke run through the command: killed in its second epoch, it goes on and ends like an uninterrupted one."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import torch

from evenhand_training.config import TrainConfig
from evenhand_training.corpus import Corpus, Splits
from evenhand_training.crossvalidate import fit_rows, run_folder
from evenhand_training.examples import authored_examples, split_published
from evenhand_training.fit import CHECKPOINT

PATIENCE = 120.0  # seconds; on two idle cores the whole test takes about twenty


def start(arguments: list[str]) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", "from evenhand_training.cli import main; main()", *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        # One thread, as in this process: sums then come out the same to the last bit.
        env={
            **os.environ,
            "PYTHONPATH": os.pathsep.join(path for path in sys.path if path),
            "OMP_NUM_THREADS": "1",
        },
    )


def test_the_smoke_run_can_be_killed_and_resumed(
    annotations: Path, configs: Path, corpus: Corpus, splits: Splits, tmp_path: Path
) -> None:
    smoke = configs / "smoke.toml"
    arguments = ["fit", "--corpus", str(annotations), "--config", str(smoke), "--run", str(tmp_path)]
    config = TrainConfig.read(smoke)
    checkpoint = run_folder(tmp_path, config, corpus) / "final" / CHECKPOINT

    first = start(arguments)
    given_up = time.monotonic() + PATIENCE
    while not checkpoint.exists() and first.poll() is None and time.monotonic() < given_up:
        time.sleep(0.02)
    first.send_signal(signal.SIGKILL)
    _, told = first.communicate()
    assert first.returncode == -signal.SIGKILL, told
    assert len(json.loads(torch.load(checkpoint, weights_only=True)["history"])) == 1

    second = start(arguments)
    printed, told = second.communicate(timeout=PATIENCE)
    assert second.returncode == 0, told
    assert printed == ""  # progress goes to stderr
    assert "all rows" in told
    saved = torch.load(checkpoint, weights_only=True)
    history = json.loads(saved["history"])
    assert len(history) == config.optimiser.epochs
    assert sum(history[-1].values()) < sum(history[0].values())

    training = split_published(corpus, splits)[0] + authored_examples(corpus, splits, "train")
    uninterrupted = fit_rows(training, config).state_dict()
    assert set(saved["network"]) == set(uninterrupted)
    for name, value in uninterrupted.items():
        assert torch.allclose(saved["network"][name], value, rtol=1e-5, atol=1e-6), name
