"""The weights of keras.applications by the names of our graphs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from blocks.build import build
from blocks.inference import shape_only
from studio.pretrained.applications import CLASSES, Application, PretrainedError, cache_folder, get
from studio.pretrained.graphs import constructed, graph
from studio.pretrained.order import in_order

if TYPE_CHECKING:
    import keras

UNREACHED = "URL fetch failure on "
"""How Keras begins what it says when a download fails."""
UNNAMED = "variable"
"""What the names of variables begin with that nobody named."""


def arrays(name: str, model: keras.Model) -> dict[str, np.ndarray]:
    """The weights of a network that was trained on ImageNet, for a model built of its graph.

    They are taken from Keras's cache, or downloaded into it. A model that doesn't end in the 1,000 classes of ImageNet gets those of
    the layers before its head.

    Args:
        model: `blocks.build(graph(name, features))`, or one that was made of it: what has kept its name is served.

    Returns:
        By path (`conv1/kernel`); the shapes are those of the published network, which may be others than the model's.

    Raises:
        PretrainedError: There is no such network, its weights can't be had, or the model has none of its layers.
    """
    application = get(name)
    found = mapped(application, loaded(application, complete=_complete(application, model)))
    here = {variable.path for variable in model.weights}
    kept = {path: array for path, array in found.items() if path in here}
    if not kept:
        raise PretrainedError(f"The network has no layer of {name}, so none of its weights fit. Begin with the network that {name} is.")
    return kept


def _complete(application: Application, model: keras.Model) -> bool:
    """Whether to take the file with the head: where the model ends in its classes, or where the other would have to be fetched first."""
    at_hand = application.file().is_file() and not application.file(complete=False).is_file()
    return at_hand or model.output_shape[-1] == CLASSES


def mapped(application: Application, source: keras.Model) -> dict[str, np.ndarray]:
    """The weights of a network of keras.applications by the paths of our graph.

    Args:
        source: The network; without its last layers it gives the weights of those that it has.

    Raises:
        PretrainedError: The two are not the same network.
    """
    theirs, ours = in_order(source), in_order(outline(application.name))
    whole = len(source.output_shape) == 2
    if len(theirs) > len(ours) or (whole and len(theirs) < len(ours)):
        raise PretrainedError(f"{application.name} of keras.applications has {len(theirs)} weights, ours {len(ours)}: they are not the same network.")
    found: dict[str, np.ndarray] = {}
    for variable, own in zip(theirs, ours, strict=whole):
        if (variable.name != own.name and not variable.name.startswith(UNNAMED)) or _size(variable) != _size(own):
            raise PretrainedError(f"{application.name}: {variable.path} {variable.shape} of keras.applications is no {own.path} {own.shape}.")
        found[own.path] = variable.numpy().reshape(own.shape)
    if application.preparation == "caffe":
        first = next(iter(found))
        found[first] = np.ascontiguousarray(found[first][:, :, ::-1])
    return found


def _size(variable: Any) -> list[int]:
    """A shape without axes of one entry: what is a Dense here may be a 1x1 Conv2D there."""
    return [size for size in variable.shape if size != 1]


def outline(name: str) -> keras.Model:
    """Our network as it was published, with the names and shapes of its weights, but without the memory for them."""
    with shape_only():
        return build(graph(name))


def loaded(application: Application, complete: bool) -> keras.Model:
    """The network of keras.applications with its published weights.

    Raises:
        PretrainedError: They can't be downloaded, or the file isn't theirs.
    """
    shape = (application.size, application.size, 3)
    file = application.file(complete)
    try:
        return constructed(application, weights="imagenet", include_top=complete, input_shape=shape)
    except (OSError, ValueError, KeyError) as error:
        said = (str(error).splitlines() or [type(error).__name__])[0].rstrip(".")
        raise PretrainedError(f"The weights of {application.name} could not be read from {file}: {said}. Delete that file and try again.") from error
    except Exception as error:
        address, _, reason = str(error).removeprefix(UNREACHED).partition(": ")
        if not str(error).startswith(UNREACHED):
            raise
        raise PretrainedError(
            f"The weights of {application.name} could not be downloaded: {reason.rpartition(' -- ')[2]}. "
            f"With a connection, fetch {address} and put it into {cache_folder()} as {file.name}."
        ) from error
