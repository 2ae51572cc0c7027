"""Fine-tuning for peers: MiniLM with a linear head for levels and issues, and SetFit's contrastive tuning."""

from __future__ import annotations

import random
import sys
from collections.abc import Container, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from tests.benchmarks.batch.heads import Floats, Heads
from tests.benchmarks.batch.networks import MAX_TOKENS
from tests.benchmarks.batch.rows import KINDS, Coded, Kind

from evenhand.scheme import ISSUES, LEVELS
from evenhand_training.setfit_baseline import MOST_STEPS, pretrained, tune

# As the released model's own stages have them, see training/configs/base.toml.
RATE, HEAD_RATE, WARMUP, BATCH, DECAY = 1.5e-4, 1e-3, 0.1, 32, 0.01
EPOCHS = 4
DRAWN_SHARE = 0.5  # of authored sentences, which outnumber notes by eight to one
ISSUE_WEIGHT = 32.0  # mean over issues brought back to a sum, so that 32 small losses count beside one of five levels
TOLD_EVERY = 100  # steps, on standard error
SORT_WINDOW = 20  # batches sorted by length together: little padding, yet another mix every epoch


def finetune(rows: Sequence[Coded], folder: Path, *, drawn: Container[str], seed: int) -> None:
    """Fine-tune and write `network/`, as transformers reads it.

    Rows whose group is in `drawn` are too many for every epoch: each draws `DRAWN_SHARE` of them.
    """
    import torch
    from torch.nn import functional
    from transformers import AutoModelForSequenceClassification, AutoTokenizer

    from evenhand_training.encoder import encoder_directory, load_tokenizer
    from evenhand_training.fit import pad, warm_up_and_decay

    torch.manual_seed(seed)
    names = [*map(str, LEVELS), *map(str, ISSUES)]
    network = AutoModelForSequenceClassification.from_pretrained(
        encoder_directory(),
        num_labels=len(names),
        id2label=dict(enumerate(names)),
        attn_implementation="eager",  # a quarter faster to train here than the fused form
    )
    tokens = [found.ids for found in load_tokenizer(MAX_TOKENS).encode_batch([row.text for row in rows])]
    right = torch.tensor([[float(place in row.levels) for place in range(len(LEVELS))] for row in rows])
    issues = torch.tensor([[float(place in row.issues) for place in range(len(ISSUES))] for row in rows])
    weights = torch.tensor([row.weight for row in rows])
    head = [parameter for name, parameter in network.named_parameters() if name.startswith("classifier")]
    body = [parameter for name, parameter in network.named_parameters() if not name.startswith("classifier")]
    optimiser = torch.optim.AdamW([{"params": body, "lr": RATE}, {"params": head, "lr": HEAD_RATE}], weight_decay=DECAY)
    always = [place for place, row in enumerate(rows) if row.group not in drawn]
    others = [place for place, row in enumerate(rows) if row.group in drawn]
    lengths = list(map(len, tokens))
    epochs = [_batches(always, others, lengths, random.Random(f"{seed}-{epoch}")) for epoch in range(EPOCHS)]
    schedule = torch.optim.lr_scheduler.LambdaLR(optimiser, warm_up_and_decay(sum(map(len, epochs)), WARMUP))
    network.train()
    steps = [batch for batches in epochs for batch in batches]
    for step, batch in enumerate(steps, start=1):
        ids, mask = pad([tokens[place] for place in batch])
        with torch.autocast("cpu", torch.bfloat16):
            logits = network(input_ids=ids, attention_mask=mask).logits
        logits = logits.float()
        found = functional.log_softmax(logits[:, : len(LEVELS)], dim=-1)
        # A row of several levels is right with any of them.
        level = -torch.logsumexp(found.masked_fill(right[batch] == 0, float("-inf")), dim=-1)
        about = functional.binary_cross_entropy_with_logits(
            logits[:, len(LEVELS) :], issues[batch], reduction="none"
        ).mean(dim=-1)
        loss = ((level + ISSUE_WEIGHT * about) * weights[batch]).sum() / weights[batch].sum()
        optimiser.zero_grad(set_to_none=True)
        loss.backward()  # type: ignore[no-untyped-call]
        torch.nn.utils.clip_grad_norm_(network.parameters(), 1.0)
        optimiser.step()
        schedule.step()
        if step % TOLD_EVERY == 0:
            print(f"  step {step} of {len(steps)}, loss {float(loss.detach()):.2f}", file=sys.stderr, flush=True)
    network.eval()
    network.save_pretrained(folder / "network")
    AutoTokenizer.from_pretrained(encoder_directory()).save_pretrained(folder / "network")


def refit_heads(source: Path, rows: Mapping[Kind, Sequence[Coded]], folder: Path) -> None:
    """Fit a head for each kind of text to the tuned network's pooled states, and write it with both as `network/`.

    Logistic regressions, as for embeddings. In the few epochs of tuning the head learns issues less than they do: on
    left-out notes this raised the right levels from .49 to .60 and the micro-F1 of issues from .36 to .43.
    """
    import torch
    from transformers import AutoModelForSequenceClassification, AutoTokenizer

    network = AutoModelForSequenceClassification.from_pretrained(source)
    network.eval()
    names = [f"{kind}: {label}" for kind in KINDS for label in (*LEVELS, *ISSUES)]
    classifier = torch.nn.Linear(network.config.hidden_size, len(names))
    made = [Heads.fitted(_pooled(network, rows[kind]), rows[kind]) for kind in KINDS]
    with torch.no_grad():
        classifier.weight.copy_(torch.from_numpy(np.concatenate([heads.weights for heads in made], axis=1).T))
        classifier.bias.copy_(torch.from_numpy(np.concatenate([heads.bias for heads in made])))
    network.classifier = classifier
    network.num_labels = network.config.num_labels = len(names)
    network.config.id2label = dict(enumerate(names))
    network.config.label2id = {name: place for place, name in enumerate(names)}
    network.save_pretrained(folder / "network")
    AutoTokenizer.from_pretrained(source).save_pretrained(folder / "network")


def _pooled(network: Any, rows: Sequence[Coded]) -> Floats:  # noqa: ANN401 - a module of transformers
    """What the head of a tuned network reads, shape (rows, 384)."""
    import torch

    from evenhand_training.encoder import load_tokenizer
    from evenhand_training.fit import pad

    tokens = [found.ids for found in load_tokenizer(MAX_TOKENS).encode_batch([row.text for row in rows])]
    order = sorted(range(len(tokens)), key=lambda place: len(tokens[place]))
    found = np.empty((len(rows), network.config.hidden_size))
    with torch.inference_mode():
        for at in range(0, len(order), BATCH):
            ids, mask = pad([tokens[place] for place in order[at : at + BATCH]])
            found[order[at : at + BATCH]] = network.bert(input_ids=ids, attention_mask=mask).pooler_output.numpy()
    return found


def _batches(
    always: Sequence[int], others: Sequence[int], lengths: Sequence[int], shuffler: random.Random
) -> list[list[int]]:
    order = [*always, *shuffler.sample(others, round(DRAWN_SHARE * len(others)))]
    shuffler.shuffle(order)
    found = []
    for start in range(0, len(order), BATCH * SORT_WINDOW):
        window = sorted(order[start : start + BATCH * SORT_WINDOW], key=lengths.__getitem__)
        found += [window[at : at + BATCH] for at in range(0, len(window), BATCH)]
    shuffler.shuffle(found)
    return found


def tune_setfit(rows: Sequence[Coded], body: Path, *, seed: int, steps: int = MOST_STEPS) -> None:
    """Tune MiniLM on pairs of equal and unequal level, as SetFit does, and write it as sentence-transformers reads it.

    Steps and precision as in `evenhand_training.setfit_baseline`, which says why.
    """
    import torch

    encoder = pretrained()
    single = [row for row in rows if len(row.levels) == 1]
    with torch.autocast("cpu", torch.bfloat16):
        tune(encoder, [row.text for row in single], [row.levels[0] for row in single], seed=seed, steps=steps)
    encoder.save(str(body))
