"""What the benchmark ran on: the processor and the versions of everything that was timed."""

from __future__ import annotations

import importlib.metadata
import os
import platform
from pathlib import Path
from typing import Any

# What a reader needs to judge 8-bit speed by.
_FLAGS = ("avx2", "avx512f", "avx512_vnni", "avx_vnni", "avx512_bf16", "amx_int8", "asimddp", "i8mm")
_PACKAGES = (
    "evenhand",
    "numpy",
    "onnxruntime",
    "tokenizers",
    "torch",
    "transformers",
    "sentence-transformers",
    "setfit",
    "spacy",
    "scikit-learn",
    "openvino",
    "nncf",
    "presidio-analyzer",
)


def machine() -> dict[str, Any]:
    """Processor, cores that may be used, memory and what of 8-bit and 16-bit arithmetic the processor has."""
    cpu = Path("/proc/cpuinfo")
    told = cpu.read_text(encoding="utf-8") if cpu.exists() else ""
    lines = dict(line.split(":", 1) for line in told.splitlines() if ":" in line)
    facts = {name.strip(): value.strip() for name, value in lines.items()}
    flags = facts.get("flags", facts.get("Features", "")).split()
    pages, size = os.sysconf("SC_PHYS_PAGES"), os.sysconf("SC_PAGE_SIZE")
    return {
        "processor": facts.get("model name", platform.processor() or platform.machine()),
        "cores": len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count(),
        "memory_gb": round(pages * size / 2**30),
        "has": [flag for flag in _FLAGS if flag in flags],
        "load_before": round(os.getloadavg()[0], 2),
        "system": platform.system(),
        "python": platform.python_version(),
    }


def versions() -> dict[str, str]:
    """Installed versions of what is timed; what is not installed is left out."""
    found = {}
    for name in _PACKAGES:
        try:
            found[name] = importlib.metadata.version(name)
        except importlib.metadata.PackageNotFoundError:
            continue
    return found
