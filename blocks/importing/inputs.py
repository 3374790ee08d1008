"""Where a model's data enter: InputLayers as Input nodes."""

from __future__ import annotations

import re
from typing import Any

from blocks.graph import NodeDocument
from blocks.importing.document import Entry, Model, Tensor
from blocks.importing.errors import UnsaidError
from blocks.importing.plain_values import is_mapping, read_shape

KINDS = ("float32", "uint8", "int32", "string")
"""What an Input can let in."""
OTHER_KINDS = {
    **dict.fromkeys(("float16", "bfloat16", "float64"), "float32"),
    **dict.fromkeys(("int8", "int16", "int64", "uint16", "uint32", "uint64", "bool"), "int32"),
}
"""What lets in the same numbers, within its range."""
TABLE = "ColumnEncoding"


def input_document(entry: Entry, wanted: str, notes: list[str]) -> NodeDocument:
    """The node of an InputLayer.

    Args:
        wanted: The kind that all that takes its values wants; "" for any.

    Raises:
        UnsaidError: Its shape is not known, or it lets in something else than numbers or texts.
    """
    shape = read_shape(entry.config.get("batch_shape"))
    if not shape:
        raise UnsaidError("the file does not say the shape of its input; build the model, or give it an Input, and save it again")
    if entry.config.get("sparse") or entry.config.get("ragged"):
        raise UnsaidError("it lets in sparse or ragged tensors")
    if shape[0] is not None:
        notes.append(f"the batch size {shape[0]} is left out: any number of samples enters.")
    kind = _kind_of(entry, wanted, notes)
    params: dict[str, Any] = {"shape": [size or 0 for size in shape[1:]]}
    return NodeDocument(block="Input", params=params if kind == "float32" else {**params, "dtype": kind})


def _kind_of(entry: Entry, wanted: str, notes: list[str]) -> str:
    """What an Input is to let in.

    Raises:
        UnsaidError: There is no such kind.
    """
    given = entry.config.get("dtype") or wanted or "float32"
    if is_mapping(given):
        config = given.get("config")
        given = config.get("name") if is_mapping(config) else None
    kind = OTHER_KINDS.get(given, given) if isinstance(given, str) else None
    if kind not in KINDS:
        raise UnsaidError(f"it lets in {str(given)[:40]}, not numbers or texts")
    if kind == "float32" and wanted == "int32":
        notes.append("it lets in whole numbers (int32), which is what an Embedding wants.")
        return wanted
    if kind != given:
        notes.append(f"it lets in {kind}, not {given}.")
    return str(kind)


def table_of(model: Model, entry: Entry) -> dict[str, Tensor] | None:
    """The columns that a ColumnEncoding takes, by their names; None for anything else."""
    if entry.kind != TABLE or len(entry.calls) != 1 or len(entry.calls[0].arguments) != 1:
        return None
    columns = entry.calls[0].arguments[0]
    if not is_mapping(columns) or not columns:
        return None
    if not all(isinstance(each, Tensor) and model.entries[each.layer].is_input for each in columns.values()):
        return None
    return dict(sorted(columns.items(), key=lambda column: _number_of(column[1].layer)))


def _number_of(name: str) -> int:
    digits = re.search(r"\d{1,9}$", name)
    return int(digits[0]) if digits else 0


def table_name(columns: dict[str, Tensor]) -> str:
    """What the inputs of a table are called together: theirs without the number."""
    return next(iter(columns.values())).layer.rpartition("_")[0] or "columns"


def table_document(model: Model, columns: dict[str, Tensor]) -> NodeDocument:
    """The node that lets in all columns."""
    listed = [[name, str(model.entries[tensor.layer].config.get("dtype"))] for name, tensor in columns.items()]
    return NodeDocument(block="Input", params={"columns": listed})
