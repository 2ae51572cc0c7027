"""The form of flags in files: names, order, plain values and Arrow types; no I/O."""

from __future__ import annotations

from dataclasses import fields
from typing import Any

from evenhand.framing.result import FLAG_SCHEMA, Flags
from evenhand.framing.scheme import ELEMENTS
from evenhand.scheme import FRAMES
from evenhand.tables.contract import Contract

FLAG_FIELDS: tuple[str, ...] = tuple(field.name for field in fields(Flags))
_SHARE_DIGITS = 4  # of a share of some sentences


def flag_fields(flags: Flags) -> dict[str, Any]:
    """Return the contract's fields in order, with shares rounded."""
    plain = flags.to_dict()
    plain["balance"] = {frame: round(share, _SHARE_DIGITS) for frame, share in plain["balance"].items()}
    return plain


def _arrow() -> Any:  # noqa: ANN401 - pyarrow has no types
    import pyarrow as pa

    place = [("start", pa.int64()), ("end", pa.int64())]
    words = [(name, pa.string()) for name in ("category", "why", "suggestion", "source", "found_by")]
    needs = pa.list_(pa.struct([*place, ("need", pa.string())]))
    return pa.schema(
        [
            ("framing", pa.list_(pa.struct([*place, *words]))),
            ("quotations", pa.list_(pa.struct(place))),
            ("balance", pa.struct([(str(frame), pa.float64()) for frame in FRAMES])),
            ("unmet_needs", needs),
            ("met_needs", needs),
            (
                "checklist",
                pa.struct([(str(element), pa.struct([("state", pa.string()), *place])) for element in ELEMENTS]),
            ),
            ("rewrites", pa.list_(pa.struct([*place, ("text", pa.string())]))),
            ("sentences", pa.list_(pa.struct([*place, ("frame", pa.string())]))),
            ("truncated", pa.bool_()),
            ("model", pa.string()),
            ("reason", pa.string()),
        ]
    )


FLAGS: Contract[Flags] = Contract(FLAG_SCHEMA, FLAG_FIELDS, flag_fields, _arrow)
