"""A second output for a released network: the pooled state of a text, from which all its readings are taken.

Released ONNX files name four outputs; the mean of a text's token states is a value inside. An output is a value that
the graph lists as one, so listing it is enough. A protocol buffer that follows another of the same kind is merged into
it (protobuf encoding guide, "Last One Wins"), so the entry is appended to the file as it is, and nothing in it changes.
"""

from __future__ import annotations

POOLED = "div"  # the exporter's name for the mean of token states; the readings' linear layers take it as input

_GRAPH, _OUTPUT, _NAME, _TYPE, _TENSOR, _ELEMENT = 7, 12, 1, 2, 1, 1  # field numbers of onnx.proto3
_FLOAT = 1  # TensorProto.FLOAT
_NUMBER, _BYTES = 0, 2  # wire types


def with_pooled(onnx: bytes) -> bytes:
    """The same network, which also gives the pooled state as the output `POOLED`, (batch, size)."""
    tensor = _tag(_ELEMENT, _NUMBER) + _varint(_FLOAT)
    value = _field(_NAME, POOLED.encode()) + _field(_TYPE, _field(_TENSOR, tensor))
    return onnx + _field(_GRAPH, _field(_OUTPUT, value))


def _field(number: int, payload: bytes) -> bytes:
    return _tag(number, _BYTES) + _varint(len(payload)) + payload


def _tag(number: int, wire: int) -> bytes:
    return _varint(number << 3 | wire)


def _varint(number: int) -> bytes:
    """Seven bits a byte, the least first, with the highest bit set on all but the last."""
    found = bytearray()
    while number > 127:
        found.append(number & 127 | 128)
        number >>= 7
    return bytes([*found, number])
