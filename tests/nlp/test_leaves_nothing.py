"""What using the library leaves behind on the machine of its user: nothing."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path


def test_coding_a_text_leaves_nothing_in_the_home_folder(tmp_path: Path) -> None:
    environment = {name: value for name, value in os.environ.items() if name != "ORT_DISABLE_TELEMETRY"}
    code = "import evenhand; evenhand.load().code('Dad shouts at him most evenings.')"

    subprocess.run([sys.executable, "-c", code], env={**environment, "HOME": str(tmp_path)}, check=True)

    assert list(tmp_path.iterdir()) == []
