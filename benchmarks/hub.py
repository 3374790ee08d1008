"""Backbones of keras-hub beside the graphs that become of them: `python -m benchmarks.hub [FORM ...]`.

A small network of each form, with random weights and statistics, is saved with `save_to_preset` and taken from its folder: how far what
the two give for raw pixels is apart at most, or why it is refused. keras-hub must be installed.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

SIDE = 64
"""Pixels a side."""
SHAPE = (SIDE, SIDE, 3)
SCALE, OFFSET = (0.0171, 0.0175, 0.0174), (-2.1, -2.0, -1.8)
"""Of the image converters: one per colour."""

CSP = {"stackwise_depth": [1, 2], "stackwise_strides": [2, 2], "stackwise_num_filters": [32, 64], "stem_kernel_size": 3, "image_shape": SHAPE}
HALVED = {"bottle_ratio": [0.5], "block_ratio": [0.5], "expand_ratio": [1.0]}
EFFICIENT = {
    "stackwise_num_repeats": [1, 2, 2], "stackwise_input_filters": [16, 16, 24], "stackwise_output_filters": [16, 24, 40],
    "stackwise_expansion_ratios": [1, 4, 4], "stackwise_strides": [1, 2, 2], "width_coefficient": 1.0, "depth_coefficient": 1.0, "input_shape": SHAPE,
}  # fmt: skip
RESIDUAL = {
    "input_conv_filters": [64], "input_conv_kernel_sizes": [7], "stackwise_num_filters": [64, 64], "stackwise_num_blocks": [2, 2],
    "stackwise_num_strides": [1, 2], "image_shape": SHAPE,
}  # fmt: skip
DEEP_STEM = {**RESIDUAL, "input_conv_filters": [32, 32, 64], "input_conv_kernel_sizes": [3, 3, 3]}
MOBILE = {
    "stackwise_expansion": [[40, 56], [64, 144]], "stackwise_num_blocks": [2, 2], "stackwise_num_filters": [[16, 16], [24, 24]],
    "stackwise_kernel_size": [[3, 3], [5, 5]], "stackwise_num_strides": [[2, 1], [2, 1]], "stackwise_se_ratio": [[None, None], [0.25, 0.25]],
    "stackwise_activation": [["relu", "relu"], ["hard_swish", "hard_swish"]], "stackwise_padding": [[1, 1], [2, 2]],
    "output_num_filters": 288, "depthwise_filters": 8, "depthwise_stride": 2, "depthwise_residual": False, "last_layer_filter": 32,
    "image_shape": SHAPE,
}  # fmt: skip
MOBILE_5 = {
    "stackwise_block_types": [["er"], ["uir", "uir"]], "stackwise_num_blocks": [1, 2], "stackwise_num_filters": [[24], [48, 48]],
    "stackwise_strides": [[2], [2, 1]], "stackwise_act_layers": [["relu"], ["relu", "relu"]], "stackwise_exp_ratios": [[4.0], [6.0, 6.0]],
    "stackwise_se_ratios": [[0.0], [0.0, 0.0]], "stackwise_dw_kernel_sizes": [[0], [5, 5]], "stackwise_dw_start_kernel_sizes": [[0], [0, 0]],
    "stackwise_dw_end_kernel_sizes": [[0], [0, 0]], "stackwise_exp_kernel_sizes": [[3], [0, 0]], "stackwise_pw_kernel_sizes": [[1], [0, 0]],
    "stackwise_num_heads": [[0], [0, 0]], "stackwise_key_dims": [[0], [0, 0]], "stackwise_value_dims": [[0], [0, 0]],
    "stackwise_kv_strides": [[0], [0, 0]], "stackwise_use_cpe": [[False], [False, False]], "use_msfa": False, "image_shape": SHAPE,
}  # fmt: skip
HGNET = {
    "depths": [1, 2], "embedding_size": 16, "hidden_sizes": [32, 64], "stem_channels": [3, 8, 16], "hidden_act": "relu",
    "stackwise_stage_filters": [[16, 8, 32, 1, 2, 3], [32, 16, 64, 2, 2, 5]], "apply_downsample": [False, True],
    "use_lightweight_conv_block": [False, True], "image_shape": SHAPE,
}  # fmt: skip
TRANSFORMER = {"image_shape": SHAPE, "patch_size": 16, "num_layers": 2, "num_heads": 2, "hidden_dim": 32}
DINO = {"patch_size": 16, "num_layers": 2, "hidden_dim": 32, "num_heads": 2, "intermediate_dim": 64, "image_shape": SHAPE}

FORMS: dict[str, tuple[str, dict[str, Any]]] = {
    "CSPNet, DarkNet": ("CSPNetBackbone", {**CSP, "stem_filters": 32, "stem_strides": 1, "block_type": "dark_block", "stage_type": "dark"}),
    "CSPNet, ResNeXt": (
        "CSPNetBackbone",
        {**CSP, **HALVED, "stem_filters": [16, 32], "stem_strides": 2, "block_type": "bottleneck_block", "stage_type": "csp", "groups": 2},
    ),
    "CSPNet, edge blocks": (
        "CSPNetBackbone",
        {**CSP, **HALVED, "stem_filters": 32, "stem_strides": 2, "block_type": "edge_block", "stage_type": "cs3"},
    ),
    "DeiT": ("DeiTBackbone", {**TRANSFORMER, "intermediate_dim": 64}),
    "DenseNet": ("DenseNetBackbone", {"stackwise_num_repeats": [2, 2], "image_shape": SHAPE}),
    "DINOv2": ("DINOV2Backbone", {**DINO, "position_embedding_shape": SHAPE}),
    "DINOv3": ("DINOV3Backbone", DINO),
    "EfficientNet": (
        "EfficientNetBackbone",
        {
            **EFFICIENT, "stackwise_kernel_sizes": [3, 3, 5], "stackwise_squeeze_and_excite_ratios": [0.25] * 3, "stackwise_block_types": ["v1"] * 3,
        },
    ),
    "EfficientNetV2": (
        "EfficientNetBackbone",
        {
            **EFFICIENT, "stackwise_kernel_sizes": [3, 3, 3], "stackwise_squeeze_and_excite_ratios": [0, 0, 0.25],
            "stackwise_block_types": ["cba", "fused", "unfused"],
        },
    ),
    "HGNetV2": ("HGNetV2Backbone", {**HGNET, "use_learnable_affine_block": False}),
    "HGNetV2, affine": ("HGNetV2Backbone", {**HGNET, "use_learnable_affine_block": True}),
    "MiT": (
        "MiTBackbone",
        {
            "layerwise_depths": [1, 1], "num_layers": 2, "layerwise_num_heads": [1, 2], "layerwise_sr_ratios": [2, 1], "max_drop_path_rate": 0.1,
            "layerwise_patch_sizes": [7, 3], "layerwise_strides": [4, 2], "hidden_dims": [16, 32], "image_shape": SHAPE,
        },
    ),
    "MobileNet": ("MobileNetBackbone", {**MOBILE, "squeeze_and_excite": None}),
    "MobileNetV3": ("MobileNetBackbone", {**MOBILE, "squeeze_and_excite": 0.5}),
    "MobileNetV5": ("MobileNetV5Backbone", MOBILE_5),
    "ResNet": ("ResNetBackbone", {**RESIDUAL, "block_type": "basic_block"}),
    "ResNet, bottleneck": ("ResNetBackbone", {**RESIDUAL, "block_type": "bottleneck_block"}),
    "ResNet vd": ("ResNetBackbone", {**DEEP_STEM, "block_type": "bottleneck_block_vd"}),
    "ResNetV2": ("ResNetBackbone", {**RESIDUAL, "block_type": "bottleneck_block", "use_pre_activation": True}),
    "Swin": ("SwinTransformerBackbone", {"image_shape": SHAPE, "embed_dim": 16, "depths": [2, 2], "num_heads": [2, 2], "window_size": 4}),
    "VGG": ("VGGBackbone", {"stackwise_num_repeats": [1, 2], "stackwise_num_filters": [8, 16], "image_shape": SHAPE}),
    "ViT": ("ViTBackbone", {**TRANSFORMER, "mlp_dim": 64}),
    "Xception": (
        "XceptionBackbone",
        {"stackwise_conv_filters": [[8, 16], [24, 24], [24, 24], [32, 48]], "stackwise_pooling": [False, True, False, False], "image_shape": SHAPE},
    ),
}  # fmt: skip
"""By what people call them: the class, and arguments for a small network."""


@dataclass(frozen=True)
class Saved:
    """A backbone with random weights, and its preset.

    Args:
        backbone: As keras-hub has it.
        converter: Its preparation of pixels.
        folder: What `save_to_preset` wrote.
    """

    backbone: Any
    converter: Any
    folder: Path


def saved(form: str, folder: Path) -> Saved:
    """Builds a small network, gives it random weights and statistics, and saves it."""
    import keras_hub

    kind, arguments = FORMS[form]
    backbone = randomised(getattr(keras_hub.models, kind)(**arguments))
    backbone.save_to_preset(str(folder))
    convert = getattr(keras_hub.layers, f"{kind.removesuffix('Backbone')}ImageConverter")
    converter = convert(image_size=(SIDE, SIDE), scale=SCALE, offset=OFFSET)
    converter.save_to_preset(str(folder))
    return Saved(backbone, converter, folder)


def randomised(backbone: Any) -> Any:
    """The backbone with random weights and statistics, so that two pictures give different values."""
    import numpy as np

    random = np.random.default_rng(0)
    for variable in backbone.variables:
        if variable.name in ("gamma", "scale", "moving_variance", "lambda1"):
            variable.assign(random.uniform(0.5, 1.5, variable.shape))
        elif variable.name in ("beta", "bias", "moving_mean"):
            variable.assign(random.normal(0, 0.1, variable.shape))
        elif "seed" not in variable.name:
            fan = np.prod(variable.shape[:-1]) if len(variable.shape) > 1 else 1
            variable.assign(random.standard_normal(variable.shape, "float32") * np.sqrt(2 / max(1, fan)))
    return backbone


def agreement(made: Saved) -> dict[str, float]:
    """How far the vectors of raw pixels are apart at most, how far those of two pictures are, and how many blocks the graph has."""
    import keras
    import numpy as np

    from benchmarks.pretrained import pictures
    from blocks.build import build
    from studio import hub
    from studio.networks import weights
    from studio.pretrained.fitting import BODY

    pixels = pictures(SIDE)
    name = str(made.folder)
    graph = hub.graph(name)
    model = build(graph)
    weights.assign(model.weights, {**own(model), **hub.arrays(name, model)})
    found = np.array(keras.Model(model.input, model.get_layer("label").input)(pixels, training=False))
    given = keras.tree.flatten(made.backbone(made.converter(pixels.astype("float32")), training=False))[-1]
    theirs = np.array(given).mean((1, 2)) if len(given.shape) == 4 else np.array(given)[:, 0]
    assert BODY in graph.nodes
    blocks = len(graph.nodes) + sum(len(module.nodes) for module in graph.modules.values())
    return {
        "difference": float(np.abs(theirs - found).max()), "spread": float(np.abs(theirs[0] - theirs[1]).max()), "size": float(np.abs(theirs).max()),
        "blocks": blocks,
    }  # fmt: skip


def own(model: Any) -> dict[str, Any]:
    """The weights that a model has."""
    from studio.networks import weights

    return {name: variable.numpy() for name, variable in weights.named(model.weights).items()}


def measured(form: str) -> dict[str, Any]:
    """The agreement of a form, or `refused`: what is found where its layers are opened."""
    from studio.hub import HubError
    from studio.hub.families import REFUSED

    with tempfile.TemporaryDirectory() as folder:
        made = saved(form, Path(folder) / "preset")
        try:
            return {"refused": walked(made.backbone)} if FORMS[form][0] in REFUSED else agreement(made)
        except HubError as error:
            return {"refused": str(error)}


def walked(backbone: Any) -> str:
    """Why the layers of a backbone can't be written down as blocks, whatever its class; "" where they can."""
    from blocks.errors import BlocksError
    from blocks.importing import from_config
    from studio.hub import HubError
    from studio.hub.opening import opened

    try:
        from_config(json.loads(opened(backbone).model.to_json()))
    except (HubError, BlocksError) as error:
        return str(error).splitlines()[0]
    return ""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("forms", nargs="*", help=f"Some of: {', '.join(FORMS)}; all without.")
    parser.add_argument("--inside", action="store_true", help=argparse.SUPPRESS)
    parsed = parser.parse_args()
    if parsed.inside:
        print(json.dumps({form: measured(form) for form in parsed.forms}))
        return
    said = subprocess.run([sys.executable, "-m", "benchmarks.hub", *(parsed.forms or FORMS), "--inside"], capture_output=True, text=True, check=False)
    if said.returncode:
        sys.exit(said.stderr[-2000:])
    print(f"{'form':24}{'blocks':>7}{'difference':>12}{'of values up to':>17}")
    for form, found in json.loads(said.stdout.splitlines()[-1]).items():
        numbers = "" if "refused" in found else f"{found['blocks']:7}{found['difference']:12.1e}{found['size']:17.2f}"
        print(f"{form:24}{found.get('refused', numbers)}")


if __name__ == "__main__":
    main()
