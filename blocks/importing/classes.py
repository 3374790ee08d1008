"""From the class of a layer to the block that makes it."""

from __future__ import annotations

from functools import cache

from blocks.base import LayerBlock, registry
from blocks.importing.document import Entry

KERAS_LAYERS = "keras.layers."
OWN_PACKAGE = "blockstudio>"
"""What the registered names of the layers that this program adds to Keras begin with."""

CODE = "it holds Python code, which is never run"
UNSAFE = {
    "Lambda": f"{CODE}. Write what it does with blocks, such as Rescaling or Activation.",
    "TFSMLayer": "it would load and run another model file.",
    "TorchModuleWrapper": f"{CODE}.",
    "JaxLayer": f"{CODE}.",
    "FlaxLayer": f"{CODE}.",
}
"""Classes that are refused for what they would do, whatever their values."""

DIFFERENT = {
    "MelSpectrogram": "the block of that name gives steps before bands, Keras's layer bands before steps.",
    "RandomCrop": "the block of that name keeps the size of the picture, Keras's layer changes it. Use CenterCrop, or Resizing.",
}
"""Layers of Keras whose namesakes among the blocks give something else."""

MENDED = "a layer of this program stands in for that of Keras; values may differ a little."
STOOD_IN_FOR = ("Equalization", "ContrastLimitedAdaptiveHistogramEqualization")
"""Layers of Keras whose namesakes compute in another way."""

APPLICATIONS = {
    ("keras.src.applications.convnext", "LayerScale"): "LayerScale",
    ("keras.src.applications.convnext", "StochasticDepth"): "StochasticDepth",
}
"""Layers that Keras keeps for some of its ready networks, and the blocks that compute the same."""


@cache
def _by_layer() -> dict[str, list[type[LayerBlock]]]:
    """The blocks by the path of the layer that they make. Several make the same one with other values."""
    found: dict[str, list[type[LayerBlock]]] = {}
    for block in registry.all().values():
        if issubclass(block, LayerBlock) and block.layer:
            found.setdefault(block.layer, []).append(block)
    return found


def makers(kind: str, own: bool) -> list[type[LayerBlock]]:
    """The blocks that make a layer of this class.

    Args:
        own: Whether it is one of the layers that this program adds to Keras.
    """
    if own:
        return [block for path, blocks in _by_layer().items() if path.startswith("blocks.") and path.endswith(f".{kind}") for block in blocks]
    return _by_layer().get(KERAS_LAYERS + kind, [])


def block_of(entry: Entry) -> type[LayerBlock] | None:
    """The block of a layer's class, before its values are looked at; None where there is none.

    A layer of Keras whose block makes a layer of our own becomes that block, which has its name and its parameters.
    """
    known = registry.all()
    application = APPLICATIONS.get((entry.module, entry.kind))
    if application:
        found = known.get(application)
        return found if found is not None and issubclass(found, LayerBlock) else None
    own, kind = is_own(entry), kind_of(entry)
    if not own and (not _is_keras(entry) or kind in DIFFERENT):
        return None
    listed = makers(kind, own)
    named = known.get(kind)
    if named is not None and issubclass(named, LayerBlock) and (named in listed or (not own and not listed)):
        return named
    return listed[0] if listed else None


def is_own(entry: Entry) -> bool:
    """Whether it is one of the layers that this program adds to Keras."""
    return entry.registered.startswith(OWN_PACKAGE)


def kind_of(entry: Entry) -> str:
    """The name of a layer's class."""
    return entry.registered.removeprefix(OWN_PACKAGE) if is_own(entry) else entry.kind


def _is_keras(entry: Entry) -> bool:
    return entry.module in ("keras.layers", "keras") or entry.module.startswith("keras.src.layers.")


def why_not(entry: Entry) -> str:
    """Why a layer without a block can't be imported."""
    if entry.kind in UNSAFE:
        return UNSAFE[entry.kind]
    if _is_keras(entry) and entry.kind in DIFFERENT:
        return DIFFERENT[entry.kind]
    if _is_keras(entry) or entry.module.startswith("keras."):
        return "there is no block for it."
    return "it is no layer of Keras, and code from elsewhere is never run."
