"""One layer while it is read: from its configuration to the parameters of a block."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from blocks.base import LayerBlock
from blocks.errors import BlocksError
from blocks.importing import values
from blocks.importing.document import Entry
from blocks.importing.errors import UnsaidError
from blocks.importing.plain_values import plain
from blocks.recurrence import WithStates
from blocks.spec import Shape

WITHOUT_EFFECT = {
    "name", "trainable", "autocast", "implementation", "unroll", "use_cudnn", "batch_input_shape", "input_shape", "vocabulary_size",
    "vocabulary_dtype",
}  # fmt: skip
"""What a configuration says besides that changes nothing that a network computes."""

USUAL: dict[str, tuple[Any, ...]] = {
    "data_format": (None, "channels_last"),
    "stateful": (False, None),
    "sparse": (False, None),
    "ragged": (False, None),
    "activity_regularizer": (None,),
    "quantization_config": (None,),
    "lora_rank": (None,),
    "lora_alpha": (None,),
    "flash_attention": (None, False),
    "rms_scaling": (False,),
    "renorm": (False,),
    "renorm_clipping": (None, {}),
    "noise_shape": (None,),
    "bounding_box_format": (None,),
    "factor": (None,),
    "invert": (False,),
    "reverse_dtype": (None,),
    "fill_mode": (None, "constant"),
    "encoding": (None, "utf-8"),
    "oov_method": (None, "floormod"),
    "salt": (None,),
}
"""Values that have no field in some blocks, and what they have to be: what such a block does."""

ACTIVATIONS = ("activation", "recurrent_activation")


@dataclass
class Reading:
    """What is known of a layer, and what has become of it so far.

    Args:
        block: May be exchanged, as `Activation("glu")` for GLU.
        rest: Values that nobody has taken yet.
        shape: Of the first input, without the batch; None where the file doesn't say.
        inner: Reads a layer that stands inside this one.
    """

    block: type[LayerBlock]
    rest: dict[str, Any]
    shape: Shape | None
    inner: Callable[[Entry, Shape | None], Reading]
    params: dict[str, Any] = field(default_factory=dict)
    problems: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    @property
    def trainable(self) -> bool:
        """Whether training changes its weights; a layer that only prepares data has none."""
        return self.rest.get("trainable") is not False or self.block.preprocessing

    @property
    def rank(self) -> int | None:
        """Axes of the first input, without the batch."""
        return None if self.shape is None else len(self.shape)

    def take(self, name: str, default: Any = None) -> Any:
        """A value of the configuration, which is then done with.

        Raises:
            UnsaidError: It holds code, or an object.
        """
        return plain(self.rest.pop(name, default))

    def spatial_axes(self) -> int:
        """Axes of the input beside the channels.

        Raises:
            UnsaidError: The file doesn't say.
        """
        if self.rank is None:
            raise UnsaidError("the file does not say the shape of its input")
        return self.rank - 1


def finish(reading: Reading) -> dict[str, Any]:
    """Takes what is left by the names of the fields, and checks all of it; problems are noted, not raised."""
    for name, value in reading.rest.items():
        try:
            _take_by_name(reading, name, value)
        except UnsaidError as error:
            reading.problems.append(f"{name}: {error}.")
    if reading.problems:
        return {}
    try:
        return reading.block.read(reading.params).params()
    except BlocksError as error:
        reading.problems += str(error).splitlines()
        return {}


def _take_by_name(reading: Reading, name: str, value: Any) -> None:
    block = reading.block
    if name in reading.params or name in WITHOUT_EFFECT:
        return
    if name == "seed":
        if value is not None:
            reading.notes.append("its own seed is left out: chance follows the seed of the training.")
    elif name == "dtype":
        _take_precision(reading, value)
    elif name in block.settings():
        if values.chance_of(value):
            reading.notes.append("the seed of an initializer is left out: chance follows the seed of the training.")
        reading.params[name] = values.setting(block.settings()[name], value)
    elif name in ACTIVATIONS and name in block.model_fields:
        reading.params[name] = values.activation(value)
    elif name in block.model_fields:
        found = values.field_value(value, block.model_fields[name])
        reading.params[name] = counted_axes(found, reading.rank) if name == "axis" else found
    elif name == "dilation_rate" and _all_ones(value):
        return
    elif name not in USUAL or plain(value) not in USUAL[name]:
        raise UnsaidError(f"{block.__name__} has nothing for the value {_shown(value)}")


def _take_precision(reading: Reading, value: Any) -> None:
    name = values.policy(value)
    if name == values.STANDARD_POLICY:
        return
    if "dtype" in reading.block.model_fields:
        reading.params["dtype"] = name
    elif name in values.POLICIES and not issubclass(reading.block, WithStates):
        reading.notes.append(f"it computes in float32 here, not in {name}.")


def counted_axes(value: Any, rank: int | None) -> Any:
    """Axes as blocks count them: from 1, or -1 for the last; Keras also counts back from the end.

    Raises:
        UnsaidError: The file doesn't say how many axes there are.
    """
    if isinstance(value, list):
        return [_from_the_front(axis, rank) for axis in value] if len(value) > 1 else [counted_axes(axis, rank) for axis in value]
    return value if not isinstance(value, int) or value >= -1 else _from_the_front(value, rank)


def _from_the_front(axis: Any, rank: int | None) -> Any:
    if not isinstance(axis, int) or axis >= 0:
        return axis
    if rank is None:
        raise UnsaidError("the file does not say how many axes its input has")
    return rank + 1 + axis


def _all_ones(value: Any) -> bool:
    return all(each == 1 for each in (value if isinstance(value, list) else [value]))


def _shown(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= 80 else f"{text[:77]}..."
