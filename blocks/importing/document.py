"""A Keras configuration as values with known types: layers, their calls, and what goes from one to the other."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

from blocks.importing.errors import refused
from blocks.importing.places import Places
from blocks.importing.plain_values import FORM, is_mapping, read_shape

MODELS = ("Functional", "Model", "Sequential")


class Tensor(NamedTuple):
    """One output of one call of a layer, both counted from 0.

    Args:
        shape: With the batch axis; None where the file doesn't say.
        dtype: "" where the file doesn't say.
    """

    layer: str
    call: int
    output: int
    shape: tuple[int | None, ...] | None = None
    dtype: str = ""


class Call(NamedTuple):
    """One call of a layer: its arguments, with `Tensor` where a tensor goes in."""

    arguments: list[Any]
    keywords: dict[str, Any]


@dataclass(frozen=True)
class Entry:
    """One layer, operation or inner model as the file has it.

    Args:
        kind: Its class.
        module: Where Keras had the class.
        registered: The name under which a class from elsewhere was registered; "" for Keras's own.
        input_shape: The shape that it was built for, with the batch axis; None where the file doesn't say.
        said: Its name for people, behind those of the models around it (`encoder/conv1`).
        place: Where its weights stand in a weight file; "" for a function.
    """

    name: str
    kind: str
    module: str
    registered: str
    config: dict[str, Any]
    calls: tuple[Call, ...]
    input_shape: tuple[int | None, ...] | None = None
    said: str = ""
    place: str = ""

    @property
    def is_operation(self) -> bool:
        """Whether it is a function and no layer."""
        return self.module.startswith(("keras.src.ops.", "keras.ops")) and not self.registered.partition(">")[2]

    @property
    def is_model(self) -> bool:
        """Whether layers stand inside it."""
        return self.kind in MODELS and self.module.partition(".")[0] == "keras" and "layers" in self.config

    @property
    def is_input(self) -> bool:
        return self.kind == "InputLayer" and self.module.partition(".")[0] == "keras"


@dataclass(frozen=True)
class Model:
    """A whole configuration.

    Args:
        entries: In the order of the file, by name.
        inputs: The tensors that enter, in Keras's order; the keys of a dictionary in alphabetical order.
        outputs: The tensors that leave, likewise.
        output_names: The keys of a dictionary of outputs; otherwise "".
    """

    name: str
    kind: str
    trainable: bool
    entries: dict[str, Entry]
    inputs: list[Tensor]
    outputs: list[Tensor]
    output_names: list[str]


def read_model(kind: str, config: Any, input_shape: Any = None, said: str = "", place: str = "") -> Model:
    """The layers of a functional or sequential model.

    Args:
        input_shape: What a Sequential was built for, where it has no InputLayer.
        said: Its name for people, where it stands within another; "" for the outermost.
        place: Where its weights stand in a weight file.

    Raises:
        KerasImportError: It has another form.
    """
    if not is_mapping(config) or not isinstance(config.get("layers"), list):
        raise refused(f"{FORM}: there is no list of layers.")
    if kind == "Sequential" or "input_layers" not in config:
        return _sequential(config, input_shape, said, place)
    entries = _by_name([_entry(value) for value in config["layers"]], said, place)
    numbering = _Numbering(entries)
    inputs, outputs = (_ends(config.get(key), key) for key in ("input_layers", "output_layers"))
    counted = numbering.counted([tensor for _, tensor in (*inputs, *outputs)], least=1)
    inputs, outputs = ([(key, numbering.linked(tensor, counted)) for key, tensor in ends] for ends in (inputs, outputs))
    counted = numbering.counted([tensor for entry in entries.values() for call in entry.calls for tensor in tensors([*call])], least=0)
    entries = {
        name: replace(entry, calls=tuple(Call(*numbering.linked([*call], counted)) for call in entry.calls)) for name, entry in entries.items()
    }
    return Model(
        name=str(config.get("name") or ""),
        kind="Functional",
        trainable=config.get("trainable") is not False,
        entries=entries,
        inputs=[tensor for _, tensor in inputs],
        outputs=[tensor for _, tensor in outputs],
        output_names=[key for key, _ in outputs],
    )


def _by_name(entries: list[Entry], said: str, place: str) -> dict[str, Entry]:
    found: dict[str, Entry] = {}
    places = Places(place)
    for entry in entries:
        if entry.name in found:
            raise refused(f"{FORM}: two layers are named {entry.name[:80]!r}.")
        name = f"{said}/{entry.name}" if said else entry.name
        found[entry.name] = replace(entry, said=name, place="" if entry.is_operation else places.next(entry.kind))
    return found


def _entry(value: Any) -> Entry:
    if not is_mapping(value) or not isinstance(value.get("class_name"), str):
        raise refused(f"{FORM}: a layer has no class.")
    config = value.get("config")
    config = config if is_mapping(config) else {}
    name = value.get("name") or config.get("name") or value["class_name"]
    if not isinstance(name, str):
        raise refused(f"{FORM}: a layer has no name.")
    calls = value.get("inbound_nodes") or []
    if not isinstance(calls, list):
        raise refused(f"{FORM}: the calls of {name[:80]!r} are no list.")
    return Entry(
        name=name,
        kind=value["class_name"],
        module=value["module"] if isinstance(value.get("module"), str) else "",
        registered=value["registered_name"] if isinstance(value.get("registered_name"), str) else "",
        config=config,
        calls=tuple(_call(call, name) for call in calls),
        input_shape=_built_for(value),
    )


def _built_for(value: dict[str, Any]) -> tuple[int | None, ...] | None:
    built = value.get("build_config")
    return read_shape(built.get("input_shape")) if is_mapping(built) else None


def _call(value: Any, layer: str) -> Call:
    if not is_mapping(value) or not isinstance(value.get("args"), list) or not is_mapping(value.get("kwargs")):
        raise refused(f"{FORM}: the calls of {layer[:80]!r} are written as by Keras 2. Load the file with Keras 3 and save it again as .keras.")
    return Call([_argument(each) for each in value["args"]], {key: _argument(each) for key, each in value["kwargs"].items()})


def _argument(value: Any) -> Any:
    if isinstance(value, list):
        return [_argument(each) for each in value]
    if not is_mapping(value):
        return value
    if value.get("class_name") != "__keras_tensor__":
        return value if "class_name" in value else {key: _argument(each) for key, each in value.items()}
    config = value.get("config")
    if not is_mapping(config):
        raise refused(f"{FORM}: a tensor does not say where it comes from.")
    dtype = config.get("dtype")
    return _tensor(config.get("keras_history"), read_shape(config.get("shape")), dtype if isinstance(dtype, str) else "")


def _tensor(value: Any, shape: tuple[int | None, ...] | None = None, dtype: str = "") -> Tensor:
    if _is_place(value):
        return Tensor(value[0], value[1], value[2], shape, dtype)
    raise refused(f"{FORM}: a tensor does not say where it comes from.")


def _is_place(value: Any) -> bool:
    if not isinstance(value, list) or len(value) != 3 or not isinstance(value[0], str):
        return False
    return all(isinstance(number, int) and not isinstance(number, bool) and number >= 0 for number in value[1:])


class _Numbering:
    """From the calls that tensors name to calls that are counted from 0.

    A functional model has been called once when it was made. Keras counts that call where it writes down what leaves a model, and,
    depending on its version, where it writes down arguments.
    """

    def __init__(self, entries: dict[str, Entry]) -> None:
        self._entries = entries

    def counted(self, named: list[Tensor], least: int) -> set[str]:
        """The models whose first call is counted in these tensors.

        Args:
            least: The number of their first call in the newest version.
        """
        numbers: dict[str, list[int]] = {}
        for tensor in named:
            entry = self._entries.get(tensor.layer)
            if entry is not None and entry.is_model and entry.kind != "Sequential":
                numbers.setdefault(tensor.layer, []).append(tensor.call)
        return {name for name, calls in numbers.items() if min(calls) >= least and (least or max(calls) >= len(self._entries[name].calls))}

    def linked_calls(self, entry: Entry, counted: set[str]) -> tuple[Call, ...]:
        """The calls of a layer, whose tensors name calls that exist."""
        return tuple(Call(*self.linked([*call], counted)) for call in entry.calls)

    def linked(self, value: Any, counted: set[str]) -> Any:
        """An argument whose tensors name calls that exist.

        Raises:
            KerasImportError: One does not.
        """
        if isinstance(value, Tensor):
            entry = self._entries.get(value.layer)
            call = value.call - (value.layer in counted)
            if entry is None or not 0 <= call < (1 if entry.is_input else len(entry.calls)):
                raise refused(f"{FORM}: it names call {value.call} of the layer {value.layer[:80]!r}, which is not there.")
            return value._replace(call=call)
        if isinstance(value, list):
            return [self.linked(each, counted) for each in value]
        if isinstance(value, dict) and "class_name" not in value:
            return {key: self.linked(each, counted) for key, each in value.items()}
        return value


def _ends(value: Any, key: str) -> list[tuple[str, Tensor]]:
    """Input or output tensors with their keys, in the order of Keras's `tree.flatten`."""
    found = list(_flat_ends(value, ""))
    if not found:
        raise refused(f"{FORM}: {key} is empty.")
    return found


def _flat_ends(value: Any, key: str) -> Iterator[tuple[str, Tensor]]:
    if _is_place(value):
        yield key, _tensor(value)
    elif isinstance(value, list):
        for each in value:
            yield from _flat_ends(each, key)
    elif is_mapping(value):
        for name in sorted(value):
            yield from _flat_ends(value[name], name)
    else:
        raise refused(f"{FORM}: its inputs and outputs are not written down.")


def _sequential(config: dict[str, Any], input_shape: Any, said: str, place: str) -> Model:
    """A chain written as calls; it begins with an InputLayer, which is made up where the file has none."""
    listed = [_entry(value) for value in config["layers"]]
    if not listed or not listed[0].is_input:
        shape = read_shape(config.get("build_input_shape")) or read_shape(input_shape) or (listed[0].input_shape if listed else None)
        names = {entry.name for entry in listed}
        free = next(name for name in ("input", *(f"input_{number}" for number in range(2, len(names) + 3))) if name not in names)
        first = Entry(free, "InputLayer", "keras.layers", "", {"name": free, "batch_shape": shape and list(shape), "dtype": ""}, ())
        listed.insert(0, first)
    chained = [listed[0]]
    for entry in listed[1:]:
        before = chained[-1]
        tensor = Tensor(before.name, 0, 0, entry.input_shape)
        chained.append(Entry(entry.name, entry.kind, entry.module, entry.registered, entry.config, (Call([tensor], {}),), entry.input_shape))
    last = chained[-1]
    return Model(
        name=str(config.get("name") or ""),
        kind="Sequential",
        trainable=config.get("trainable") is not False,
        entries=_by_name(chained, said, place),
        inputs=[Tensor(chained[0].name, 0, 0)],
        outputs=[Tensor(last.name, 0, 0)],
        output_names=[""],
    )


def tensors(value: Any) -> Iterator[Tensor]:
    """All tensors within an argument, in the order of Keras's `tree.flatten`."""
    if isinstance(value, Tensor):
        yield value
    elif isinstance(value, list):
        for each in value:
            yield from tensors(each)
    elif isinstance(value, dict) and "class_name" not in value:
        for key in sorted(value):
            yield from tensors(value[key])
