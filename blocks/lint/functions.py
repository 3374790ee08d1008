"""Which function a layer applies at its end, and what can be said of functions."""

from __future__ import annotations

from blocks.activation import Activation
from blocks.convolution import Conv1D, Conv2D, Conv3D
from blocks.dense import Dense
from blocks.lint.base import Edit, Fix
from blocks.lint.network import Network, Part

LAYERS = {"ReLU": "relu", "LeakyReLU": "leaky_relu", "ELU": "elu", "Softmax": "softmax", "Sparsemax": "softmax"}
"""The functions of activation layers whose class does not name it."""
PROBABILITIES = ("softmax", "sigmoid", "hard_sigmoid", "sparse_sigmoid")
"""Functions that give values from 0 to 1."""
SIGMOIDS = ("sigmoid", "hard_sigmoid", "sparse_sigmoid")
LOGARITHMS = ("log_softmax", "log_sigmoid")
ANY_NUMBER = ("linear", "leaky_relu", "tanh_shrink", "hard_shrink", "soft_shrink")
"""Functions that reach every number."""
FULL = (Dense, Conv1D, Conv2D, Conv3D)
"""Blocks that mix all their channels, with an activation of their own."""
_SAME_NUMBERS = ("Flatten", "Reshape", "Permute", "Identity", "Linear", "Dropout", "AlphaDropout", "GaussianDropout", "GaussianNoise")


def function_of(part: Part) -> str:
    """The function that a part applies to its sums: "linear" for none, "" where the question makes no sense."""
    if part.name in LAYERS:
        return LAYERS[part.name]
    if isinstance(part.block, (*FULL, Activation)):
        return str(part.block.activation)
    return str(getattr(part.block, "function", ""))


def scores_of(network: Network, part: Part) -> Part | None:
    """The part whose numbers arrive at this one, through blocks that only rearrange them."""
    found = network.source(part)
    while found is not None and found.name in _SAME_NUMBERS:
        found = network.source(found)
    return found


def without_function(part: Part) -> Fix:
    """Takes the function off a part: a layer of its own goes, otherwise its activation becomes linear."""
    if isinstance(part.block, FULL):
        return set_to([part.path], "activation", "linear")
    return Fix("Remove it", ({"do": "remove", "nodes": [part.path]},))


def set_to(paths: list[str], parameter: str, value: object) -> Fix:
    """Sets one parameter of nodes."""
    edit: Edit = {"do": "set", "nodes": paths, "params": {parameter: value}}
    return Fix(f"Set {parameter} to {written(value)}", (edit,))


def written(value: object) -> str:
    """A value as a person writes it into a form."""
    if isinstance(value, bool):
        return str(value).lower()
    return ", ".join(map(str, value)) if isinstance(value, list | tuple) else str(value)


def reset(path: str, parameter: str) -> Fix:
    """Sets a parameter back to its default."""
    return Fix(f"Reset {parameter}", ({"do": "set", "nodes": [path], "unset": [parameter]},))
