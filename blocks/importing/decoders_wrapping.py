"""Layers around layers: wrappers, and recurrent layers of cells."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from blocks.importing import values
from blocks.importing.document import Entry
from blocks.importing.errors import UnsaidError
from blocks.importing.plain_values import is_mapping
from blocks.importing.reading import Reading
from blocks.recurrent import MOST_CELLS

CELLS = {"LSTMCell": "LSTM", "GRUCell": "GRU", "SimpleRNNCell": "SimpleRNN"}


def entry_within(value: Any) -> Entry:
    """The layer that an argument holds.

    Raises:
        UnsaidError: It holds something else.
    """
    if not is_mapping(value) or not isinstance(value.get("class_name"), str):
        raise UnsaidError("the layer inside is not written down")
    config, module, registered = value.get("config"), value.get("module"), value.get("registered_name")
    return Entry(
        name=value["class_name"],
        kind=value["class_name"],
        module=module if isinstance(module, str) else "",
        registered=registered if isinstance(registered, str) else "",
        config=config if is_mapping(config) else {},
        calls=(),
    )


def _wrapper(reading: Reading) -> None:
    inner = entry_within(reading.rest.pop("layer", None))
    shape = reading.shape
    if reading.block.__name__ == "TimeDistributed" and shape is not None:
        shape = shape[1:]
    reading.params["block"] = _inner(reading, inner, shape)


def _inner(reading: Reading, inner: Entry, shape: tuple[int | None, ...] | None) -> dict[str, Any]:
    found = reading.inner(inner, shape)
    if found.problems:
        reading.problems += [f"the {inner.kind[:80]} inside: {problem}" for problem in found.problems]
        return {"block": inner.kind}
    reading.notes += found.notes
    params = dict(found.params)
    if inner.config.get("trainable") is False:
        reading.rest["trainable"] = False
    if params.get("dtype") == _precision(reading):
        params.pop("dtype", None)
    return {"block": found.block.__name__, "params": params}


def _precision(reading: Reading) -> str | None:
    name = values.policy(reading.rest.get("dtype"))
    return None if name == values.STANDARD_POLICY else name


def _bidirectional(reading: Reading) -> None:
    forward, backward = entry_within(reading.rest.pop("layer", None)), reading.rest.pop("backward_layer", None)
    if backward is not None and not _mirrored(forward, entry_within(backward)):
        raise UnsaidError("backward_layer: the two directions differ")
    # The wrapper sets it by itself.
    config = {name: value for name, value in forward.config.items() if name != "zero_output_for_mask"}
    reading.params["block"] = _inner(reading, Entry(forward.name, forward.kind, forward.module, forward.registered, config, ()), reading.shape)


def _mirrored(forward: Entry, backward: Entry) -> bool:
    """Whether a layer is the other one, run backwards."""

    def comparable(entry: Entry) -> dict[str, Any]:
        return {name: _without_ids(value) for name, value in entry.config.items() if name not in ("name", "go_backwards", "zero_output_for_mask")}

    turned = forward.config.get("go_backwards", False) != backward.config.get("go_backwards", False)
    return forward.kind == backward.kind and turned and comparable(forward) == comparable(backward)


def _without_ids(value: Any) -> Any:
    if isinstance(value, list):
        return [_without_ids(each) for each in value]
    if is_mapping(value):
        return {key: _without_ids(each) for key, each in value.items() if key not in ("shared_object_id", "build_config", "seed")}
    return value


def _rnn(reading: Reading) -> None:
    cell = entry_within(reading.rest.pop("cell", None))
    cells = [cell]
    if cell.kind == "StackedRNNCells":
        listed = cell.config.get("cells")
        cells = [entry_within(each) for each in listed] if isinstance(listed, list) else []
    if not 1 <= len(cells) <= MOST_CELLS:
        raise UnsaidError(f"cell: the block takes 1 to {MOST_CELLS} cells, not {len(cells)}")
    unknown = [each.kind for each in cells if each.kind not in CELLS or not each.module.startswith("keras.")]
    if unknown:
        raise UnsaidError(f"cell: there is no cell {unknown[0][:80]} here")
    first, *others = cells
    if any(each.kind != first.kind or _alike(each) != _alike(first) for each in others):
        raise UnsaidError("cell: the cells differ in more than their units")
    reading.params |= {"cell": CELLS[first.kind], "units": [each.config.get("units") for each in cells]}
    for name, value in first.config.items():
        if name not in ("name", "units", "trainable", "dtype"):
            reading.rest.setdefault(name, value)


def _alike(cell: Entry) -> dict[str, Any]:
    return {name: _without_ids(value) for name, value in cell.config.items() if name not in ("name", "units", "seed", "dtype", "trainable")}


WRAPPING_DECODERS: dict[str, Callable[[Reading], None]] = {
    "Bidirectional": _bidirectional,
    "RNN": _rnn,
    "SpectralNormalization": _wrapper,
    "TimeDistributed": _wrapper,
}
