"""The networks of keras.applications: what each is called, looks at, and keeps its weights in."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from blocks.errors import closest
from studio.workspace import StudioError

Preparation = Literal["caffe", "tf", "torch", "v2"]
"""How pixels from 0 to 255 become what the network was trained on, by the names of `keras.applications.imagenet_utils`; "v2": as the
larger networks of EfficientNetV2 begin by themselves."""

CLASSES = 1000
"""Those of ImageNet."""


class PretrainedError(StudioError, ValueError):
    """Weights that there are not, that can't be had, or that don't fit."""


@dataclass(frozen=True)
class Application:
    """A network of keras.applications.

    Args:
        name: Ours: that of the preset where it is one.
        constructor: What keras.applications calls it.
        size: Height and width of the pictures that it was trained on, in pixels.
        stem: What the names of its weight files begin with.
        headless: What stands behind it in the name of the file without the last layers.
        arguments: Of the constructor.
        is_preset: Whether it is one of the presets; otherwise its graph is made from its configuration.
    """

    name: str
    constructor: str
    size: int
    preparation: Preparation
    stem: str
    headless: str = "_notop"
    arguments: dict[str, Any] = field(default_factory=dict)
    is_preset: bool = True

    def file(self, complete: bool = True) -> Path:
        """Where Keras keeps the weights once they have been downloaded.

        Args:
            complete: With the layers that tell the 1,000 classes of ImageNet.
        """
        return cache_folder() / f"{self.stem}{'' if complete else self.headless}.h5"


def cache_folder() -> Path:
    """The folder of downloaded weights: that of Keras."""
    home = os.environ.get("KERAS_HOME")
    return (Path(home) if home else Path.home() / ".keras") / "models"


def all() -> dict[str, Application]:  # noqa: A001 - as the other registries have it
    """Every network of keras.applications by name."""
    return {application.name: application for application in _applications()}


def get(name: str) -> Application:
    """One of them.

    Raises:
        PretrainedError: There is none of that name; the message names the closest one.
    """
    known = all()
    if name in known:
        return known[name]
    near = closest(name, known)
    advice = f"Did you mean {near!r}?" if near else "`studio pretrained` lists the networks that have."
    raise PretrainedError(f"There are no pretrained weights for {name[:80]!r}. {advice}")


def _applications() -> Iterator[Application]:
    kernels = "{}_weights_tf_dim_ordering_tf_kernels"
    for depth in (16, 19):
        yield Application(f"VGG{depth}", f"VGG{depth}", 224, "caffe", kernels.format(f"vgg{depth}"))
    for depth in (50, 101, 152):
        yield Application(f"ResNet{depth}", f"ResNet{depth}", 224, "caffe", kernels.format(f"resnet{depth}"))
        yield Application(f"ResNet{depth}V2", f"ResNet{depth}V2", 224, "tf", kernels.format(f"resnet{depth}v2"))
    for depth in (121, 169, 201):
        yield Application(f"DenseNet{depth}", f"DenseNet{depth}", 224, "torch", kernels.format(f"densenet{depth}"))
    for name, stem in (("InceptionV3", "inception_v3"), ("InceptionResNetV2", "inception_resnet_v2"), ("Xception", "xception")):
        yield Application(name, name, 299, "tf", kernels.format(stem))
    yield from _mobile()
    for scale, size in enumerate((224, 240, 260, 300, 380, 456, 528, 600)):
        yield Application(f"EfficientNetB{scale}", f"EfficientNetB{scale}", size, "torch", f"efficientnetb{scale}")
    for name in ("Tiny", "Small", "Base", "Large", "XLarge"):
        yield Application(f"ConvNeXt{name}", f"ConvNeXt{name}", 224, "torch", f"convnext_{name.lower()}")
    for name, size in {"B0": 224, "B1": 240, "B2": 260, "B3": 300, "S": 384, "M": 480, "L": 480}.items():
        preparation: Preparation = "torch" if name.startswith("B") else "v2"
        yield Application(f"EfficientNetV2{name}", f"EfficientNetV2{name}", size, preparation, f"efficientnetv2-{name.lower()}")
    for name, size in (("Mobile", 224), ("Large", 331)):
        yield Application(f"NASNet{name}", f"NASNet{name}", size, "tf", f"nasnet_{name.lower()}", "_no_top", is_preset=False)


def _mobile() -> Iterator[Application]:
    for width, text in {1.0: "1_0", 0.75: "7_5", 0.5: "5_0", 0.25: "2_5"}.items():
        yield Application(_widened("MobileNet", width), "MobileNet", 224, "tf", f"mobilenet_{text}_224_tf", "_no_top", {"alpha": width})
    for width in (1.0, 0.35, 0.5, 0.75, 1.3, 1.4):
        stem = f"mobilenet_v2_weights_tf_dim_ordering_tf_kernels_{width}_224"
        yield Application(_widened("MobileNetV2", width), "MobileNetV2", 224, "tf", stem, "_no_top", {"alpha": width})
    for form in ("Small", "Large"):
        for width in (1.0, 0.75):
            name = f"MobileNetV3{form}"
            stem = f"weights_mobilenet_v3_{form.lower()}_224_{width}_float"
            yield Application(_widened(name, width), name, 224, "tf", stem, "_no_top_v2", {"alpha": width})


def _widened(name: str, width: float) -> str:
    """The name of a variant, as the presets have it."""
    return name if width == 1 else f"{name}_{width:.2f}".replace(".", "_")
