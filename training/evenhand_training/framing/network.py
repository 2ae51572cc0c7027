"""The framing network in torch: an encoder over whole notes, and one linear reading of each token for everything.

A sentence's reading is the mean over its tokens, which for a linear reading is the reading of their mean: so tokens and
sentences share the weights' place in one table, and an export gives one number a token for each.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn
from transformers import BertModel
from transformers.utils import logging

from evenhand.framing.decoding import READINGS
from evenhand_training.encoder import encoder_directory

# Logit of about one in nine: few tokens are marked, and few sentences show any one element.
_START = -2.0


class FramingReader(nn.Module):
    """Encoder and readings.

    Args:
        dropout: Probability with which states are dropped in training, inside the encoder too.
        start: Weights of an encoder to begin with; None for the packaged ones.
    """

    def __init__(self, *, dropout: float, start: dict[str, Tensor] | None = None) -> None:
        super().__init__()
        logging.set_verbosity_error()  # type: ignore[no-untyped-call] # the package carries a pooling layer that is not used
        logging.disable_progress_bar()  # type: ignore[no-untyped-call]
        self.encoder = BertModel.from_pretrained(
            str(encoder_directory()),
            add_pooling_layer=False,
            hidden_dropout_prob=dropout,
            attention_probs_dropout_prob=dropout,
        )
        if start is not None:
            self.encoder.load_state_dict(start)
        # 11.7 of 22.6 million weights; most words of the vocabulary do not occur in the corpus.
        self.encoder.embeddings.word_embeddings.weight.requires_grad_(False)
        self.dropout = nn.Dropout(dropout)
        self.readings = nn.Linear(self.encoder.config.hidden_size, READINGS)
        nn.init.constant_(self.readings.bias, _START)

    def forward(self, input_ids: Tensor, attention_mask: Tensor) -> Tensor:
        """Logits of each token, (n, tokens, READINGS), of a padded batch; both arguments have shape (n, tokens)."""
        # In bfloat16 an epoch takes two thirds of the time, and what is read is in single precision.
        with torch.autocast(input_ids.device.type, dtype=torch.bfloat16, enabled=self.training):
            hidden = self.encoder(input_ids=input_ids, attention_mask=attention_mask).last_hidden_state
        read: Tensor = self.readings(self.dropout(hidden.float()))
        return read
