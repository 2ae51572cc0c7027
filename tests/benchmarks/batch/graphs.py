"""Exported networks and what runs them: ONNX Runtime and OpenVINO, as they are and in 8 bits.

The packages through which sentence-transformers and transformers export (optimum-onnx, optimum-intel) want transformers
below 4.58 and 5.6, so the same graphs are made here with the tools that these packages call: the exporter of PyTorch
with ONNX Runtime's fusion of attention, ONNX Runtime's dynamic quantisation, and NNCF for OpenVINO. OpenVINO runs as it
comes: what is not in 8 bits is in bfloat16 where the processor has it.
"""

from __future__ import annotations

import sys
import warnings
from collections.abc import Sequence
from importlib import import_module
from pathlib import Path
from typing import Any, Literal, Protocol

import numpy as np
from numpy.typing import NDArray

Runtime = Literal["onnx", "onnx_int8", "openvino", "openvino_int8"]
_FILES: dict[Runtime, str] = {
    "onnx": "fused.onnx",
    "onnx_int8": "fused-int8.onnx",
    "openvino": "plain.onnx",
    "openvino_int8": "openvino-int8.xml",
}
INPUTS = ("input_ids", "attention_mask", "token_type_ids")
_OPSET = 17  # the newest whose exporter leaves attention in the form that ONNX Runtime fuses
_HEADS, _WIDTH = 12, 384  # of MiniLM-L6


class Run(Protocol):
    """A network that is ready to run."""

    def __call__(self, *inputs: NDArray[np.int64]) -> NDArray[np.float32]:
        """Its only output, given the three inputs of BERT, each (n, tokens)."""


def export_graphs(network: Any, samples: Sequence[dict[str, NDArray[np.int64]]], folder: Path) -> None:  # noqa: ANN401 - a module of transformers
    """Write a network of transformers for every runtime; `samples` are padded batches to find 8-bit ranges with."""
    import torch
    from onnx import TensorProto
    from onnxruntime.quantization import QuantType, quantize_dynamic
    from onnxruntime.transformers import optimizer

    class FirstOutput(torch.nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.network = network

        def forward(self, ids: torch.Tensor, mask: torch.Tensor, types: torch.Tensor) -> Any:  # noqa: ANN401
            return self.network(input_ids=ids, attention_mask=mask, token_type_ids=types)[0]

    network.eval()
    network.set_attn_implementation("eager")
    plain, fused = folder / _FILES["openvino"], folder / _FILES["onnx"]
    example = tuple(torch.from_numpy(samples[0][name]) for name in INPUTS)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # PyTorch has a newer exporter, whose graphs ONNX Runtime cannot fuse
        torch.onnx.export(
            FirstOutput(),
            example,
            str(plain),
            dynamo=False,
            opset_version=_OPSET,
            input_names=list(INPUTS),
            output_names=["output"],
            dynamic_axes={name: {0: "batch", 1: "tokens"} for name in INPUTS},
        )
    found = optimizer.optimize_model(str(plain), model_type="bert", num_heads=_HEADS, hidden_size=_WIDTH, opt_level=0)
    found.save_model_to_file(str(fused))
    # As sentence-transformers asks of optimum for processors with AVX512-VNNI: a scale for each column.
    quantize_dynamic(
        fused,
        folder / _FILES["onnx_int8"],
        per_channel=True,
        weight_type=QuantType.QInt8,
        # Shapes cannot be inferred behind fused nodes; all of these values are in single precision.
        extra_options={"DefaultTensorType": TensorProto.FLOAT},
    )
    _export_openvino_int8(plain, samples, folder / _FILES["openvino_int8"])


def _export_openvino_int8(plain: Path, samples: Sequence[dict[str, NDArray[np.int64]]], path: Path) -> None:
    openvino, nncf = _openvino(), import_module("nncf")
    quantised = nncf.quantize(
        openvino.Core().read_model(plain), nncf.Dataset(list(samples)), model_type=nncf.ModelType.TRANSFORMER
    )
    openvino.save_model(quantised, path, compress_to_fp16=False)


def load_run(runtime: Runtime, folder: Path, cores: int) -> Run:
    """A network that `export_graphs` wrote."""
    path = folder / _FILES[runtime]
    return _OpenvinoRun(path, cores) if runtime.startswith("openvino") else _OnnxRun(path, cores)


class _OnnxRun:
    def __init__(self, path: Path, cores: int) -> None:
        import onnxruntime

        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = cores
        self._session = onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])

    def __call__(self, *inputs: NDArray[np.int64]) -> NDArray[np.float32]:
        found: NDArray[np.float32] = self._session.run(None, dict(zip(INPUTS, inputs, strict=True)))[0]
        return found


class _OpenvinoRun:
    def __init__(self, path: Path, cores: int) -> None:
        # What the library picks by itself for one request after another, which is how batches come.
        settings = {"INFERENCE_NUM_THREADS": cores, "PERFORMANCE_HINT": "LATENCY"}
        self._network = _openvino().Core().compile_model(path, "CPU", settings)

    def __call__(self, *inputs: NDArray[np.int64]) -> NDArray[np.float32]:
        found: NDArray[np.float32] = self._network(list(inputs))[0]
        return found


def _openvino() -> Any:  # noqa: ANN401 - not installed where types are checked
    # Neither OpenVINO nor NNCF may report from a machine that reads case notes; without this package they cannot.
    sys.modules.setdefault("openvino_telemetry", None)  # type: ignore[arg-type] # so Python marks a missing module
    return import_module("openvino")
