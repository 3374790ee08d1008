"""Classes whose values a block spells in another way: for each, what undoes the block's `arguments`."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from blocks.base import LayerBlock, registry
from blocks.einsum_dense import Equation, read_equation
from blocks.importing import values
from blocks.importing.decoders_vocabulary import VOCABULARY_DECODERS
from blocks.importing.decoders_wrapping import WRAPPING_DECODERS
from blocks.importing.errors import UnsaidError
from blocks.importing.plain_values import is_mapping
from blocks.importing.reading import Reading

Decoder = Callable[[Reading], None]


def _named(name: str) -> type[LayerBlock]:
    found = registry.get(name)
    assert issubclass(found, LayerBlock)  # noqa: S101 - the names here are those of layers
    return found


def _activation(reading: Reading) -> None:
    """The function decides on the block: some aren't choices of Activation, since they change the channels."""
    name = values.activation(reading.rest.pop("activation", None))
    if name in values.FUNCTIONS:
        reading.block = _named("Activation")
        reading.params["activation"] = name
    elif name in ("glu", "sparsemax"):
        reading.block = _named({"glu": "GLU", "sparsemax": "Sparsemax"}[name])
        if name == "sparsemax":
            reading.notes.append("its probabilities add up to 1 here, which those of Keras 3.15 don't.")
    else:
        raise UnsaidError(f"there is no activation {name[:80]!r} here")


def _parametric_activation(reading: Reading) -> None:
    function, given = reading.take("function"), reading.take("arguments", {})
    found = [block for block in registry.all().values() if getattr(block, "function", None) == function and block.layer == reading.block.layer]  # type: ignore[attr-defined]
    if not found or not is_mapping(given):
        raise UnsaidError(f"there is no block for the function {str(function)[:80]!r}")
    reading.block = found[0]  # type: ignore[assignment]
    reading.params |= given


def _adaptive_pooling(reading: Reading) -> None:
    kind = {"average": "Average", "max": "Max"}.get(str(reading.take("pooling")), "Average")
    reading.block = _named(f"Adaptive{kind}Pooling{min(max(reading.spatial_axes(), 1), 3)}D")


def _batch_normalization(reading: Reading) -> None:
    limits = reading.take("renorm_clipping")
    if is_mapping(limits):
        reading.params |= {name: limits[name] for name in ("rmin", "rmax", "dmax") if limits.get(name) is not None}
    if not reading.rest.get("renorm"):
        reading.rest.pop("renorm_momentum", None)


def _pooling(reading: Reading) -> None:
    """Windows that don't overlap, which is what an empty field says."""
    if reading.rest.get("strides") == reading.rest.get("pool_size"):
        reading.rest.pop("strides", None)


def _noise_shape(reading: Reading) -> None:
    shape = reading.take("noise_shape")
    if shape is None:
        return
    if not isinstance(shape, list) or not shape or shape[0] is not None:
        raise UnsaidError("noise_shape: it names a number of samples")
    reading.params["noise_shape"] = [size or 0 for size in shape[1:]]


def _prelu(reading: Reading) -> None:
    axes = reading.take("shared_axes")
    spatial = list(range(1, reading.spatial_axes() + 1))
    if axes is not None and sorted(axes) != spatial:
        raise UnsaidError(f"shared_axes: factors are shared along all axes but the last, or along none; not along {axes}")
    reading.params["shared_axes"] = "all" if axes is not None or not spatial else "none"


def _resizing(reading: Reading) -> None:
    crop, pad = reading.take("crop_to_aspect_ratio"), reading.take("pad_to_aspect_ratio")
    reading.params["fit"] = "crop" if crop else "pad" if pad else "stretch"


def _normalization(reading: Reading) -> None:
    axis, mean, variance = reading.take("axis", -1), reading.take("mean"), reading.take("variance")
    axes = axis if isinstance(axis, list) else [axis]
    if len(axes) > 1:
        raise UnsaidError("axis: it has a mean for each pair of places on several axes")
    reading.params["axis"] = axes[0] if axes else None
    if mean is None or variance is None or (mean == 0 and variance == 1):
        return
    channels = 1 if reading.params["axis"] is None else _size_of(reading, reading.params["axis"])
    reading.params["mean"], reading.params["variance"] = _per_channel(mean, channels), _per_channel(variance, channels)


def _size_of(reading: Reading, axis: Any) -> int:
    shape = reading.shape or ()
    place = axis if isinstance(axis, int) and axis < 0 else axis - 1
    size = shape[place] if shape and -len(shape) <= place < len(shape) else None
    if size is None:
        raise UnsaidError("the file does not say how many channels its input has")
    return size


def _per_channel(value: Any, channels: int) -> list[Any]:
    while isinstance(value, list) and len(value) == 1 and isinstance(value[0], list):
        value = value[0]
    found = value if isinstance(value, list) else [value]
    return found * channels if len(found) == 1 else found


def _discretization(reading: Reading) -> None:
    ends, bins = reading.take("bin_boundaries"), reading.take("num_bins")
    reading.rest.pop("epsilon", None)  # how exactly the ends were measured
    if ends is None:
        reading.params["num_bins"] = bins
    elif ends == [float(number) for number in range(1, len(ends) + 1)]:
        reading.params["num_bins"] = len(ends) + 1
    elif bins is None:
        reading.params["bin_boundaries"] = ends
    else:
        reading.params |= {"num_bins": bins, "measured": ends}


def _multi_head_attention(reading: Reading) -> None:
    if reading.rest.get("value_dim") == reading.rest.get("key_dim"):
        reading.rest.pop("value_dim", None)
    axes = reading.take("attention_axes")
    if axes is None:
        return
    axes = axes if isinstance(axes, list) else [axes]
    counted = [axis if axis > 0 else (reading.rank or 0) + 1 + axis for axis in axes]
    if reading.rank is not None and sorted(counted) == list(range(1, reading.rank)):
        return
    if len(counted) != 1:
        raise UnsaidError(f"attention_axes: places are compared along one axis or along all, not along {axes}")
    reading.params["attention_axes"] = counted[0]


def _mel_spectrogram(reading: Reading) -> None:
    """Keras writes down what follows from other values where none was given."""
    if reading.rest.get("sequence_length") == reading.rest.get("fft_length"):
        reading.rest.pop("sequence_length", None)
    if reading.rest.get("max_freq") == reading.rest.get("sampling_rate", 0) / 2:
        reading.rest.pop("max_freq", None)


def _einsum_dense(reading: Reading) -> None:
    """Axes that only pass through are written as dots, which is how the block was most likely written before its layer was built."""
    equation, shape = reading.take("equation"), reading.take("output_shape")
    sizes = [size or 0 for size in (shape if isinstance(shape, list) else [shape])]
    reading.params |= {"equation": equation, "output_shape": sizes}
    try:
        parts = read_equation(str(equation).replace(" ", ""))
    except ValueError:
        return  # which the block will say
    kept = parts.kernel + (reading.rest.get("bias_axes") or "")
    passing = 0
    while (
        passing < min(len(parts.inputs), len(parts.outputs))
        and parts.inputs[passing] == parts.outputs[passing]
        and parts.inputs[passing] not in kept
        and not parts.dots
    ):
        passing += 1
    if passing and passing < min(len(parts.inputs), len(parts.outputs)):
        short = Equation(parts.inputs[passing:], parts.kernel, parts.outputs[passing:])
        reading.params |= {"equation": f"...{short.inputs},{short.kernel}->...{short.outputs}", "output_shape": sizes[passing - 1 :]}


def _one_end(name: str) -> Decoder:
    """Of the two ends between which Keras draws, the one that a single number stands for."""

    def decode(reading: Reading) -> None:
        value = reading.take(name)
        if isinstance(value, list) and len(value) == 2:
            low, high = value
            if low not in (0, high, -high):
                raise UnsaidError(f"{name}: it is drawn from {low} to {high}; the block takes one number")
            value = high
        if value is not None:
            reading.params[name] = value

    return decode


def _both(*decoders: Decoder) -> Decoder:
    def decode(reading: Reading) -> None:
        for each in decoders:
            each(reading)

    return decode


def _posterization(reading: Reading) -> None:
    """Keras never draws the larger end."""
    value = reading.take("factor")
    if isinstance(value, list) and len(value) == 2 and value[0] < value[1]:
        value = [value[0], value[1] - 1]
    reading.params["factor"] = value[0] if isinstance(value, list) and len(set(value)) == 1 else value


def _layer_scale(reading: Reading) -> None:
    """Keras's own for ConvNeXt calls it otherwise."""
    if "init_values" in reading.rest:
        reading.params["initial_value"] = reading.take("init_values")
        reading.rest.pop("projection_dim", None)


def _stochastic_depth(reading: Reading) -> None:
    if "drop_path_rate" in reading.rest:
        reading.params["rate"] = reading.take("drop_path_rate")


DECODERS: dict[str, Decoder] = {
    "Activation": _activation,
    "ParametricActivation": _parametric_activation,
    "AdaptivePooling": _adaptive_pooling,
    "BatchNormalization": _batch_normalization,
    "Discretization": _discretization,
    "EinsumDense": _einsum_dense,
    "LayerScale": _layer_scale,
    "MelSpectrogram": _mel_spectrogram,
    "MultiHeadAttention": _multi_head_attention,
    "Normalization": _normalization,
    "PReLU": _prelu,
    "Resizing": _resizing,
    "StochasticDepth": _stochastic_depth,
    **dict.fromkeys(("Dropout", "AlphaDropout"), _noise_shape),
    **{f"{kind}Pooling{axes}D": _pooling for kind in ("Max", "Average") for axes in (1, 2, 3)},
    "MaxPoolingWithIndices2D": _pooling,
    "RandomPosterization": _posterization,
    **{name: _one_end("factor") for name in ("AugMix", "RandAugment", "RandomContrast", "RandomGrayscale")},
    "RandomColorJitter": _one_end("contrast_factor"),
    "Solarization": _both(_one_end("addition_factor"), _one_end("threshold_factor")),
    **VOCABULARY_DECODERS,
    **WRAPPING_DECODERS,
}
"""By the class of the layer."""
