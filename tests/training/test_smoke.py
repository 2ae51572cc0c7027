"""The smoke run through the command: killed in its first stage, it goes on and ends like an uninterrupted one."""

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
from evenhand_training.fit import CHECKPOINT
from evenhand_training.stages import Stages, final_rows, run_folder, shared_rows

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
    folder = run_folder(tmp_path, config, corpus)
    checkpoint = run_folder(tmp_path, config.starting(), corpus) / "shared" / CHECKPOINT

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
    assert "first stage" in told
    assert "all rows" in told
    history = json.loads(torch.load(checkpoint, weights_only=True)["history"])
    assert len(history) == config.optimiser.epochs
    assert sum(history[-1].values()) < sum(history[0].values())
    saved = torch.load(folder / "final" / CHECKPOINT, weights_only=True)
    assert len(json.loads(saved["history"])) == config.adapt.epochs

    stages = Stages.of(corpus, splits, config, tmp_path / "again", lambda _: None)
    shared = stages.first(shared_rows(corpus, splits), None)
    dataset = stages.rows_of_second(final_rows(corpus, splits))
    uninterrupted = stages.second(dataset, shared, tmp_path / "again" / "final", None).state_dict()
    assert set(saved["network"]) == set(uninterrupted)
    for name, value in uninterrupted.items():
        assert torch.allclose(saved["network"][name], value, rtol=1e-5, atol=1e-6), name
