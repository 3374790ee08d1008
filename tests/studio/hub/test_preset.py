"""What the files of a preset say is checked before anything is made of it. None of these tests needs keras-hub."""

from __future__ import annotations

import math
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from typer.testing import CliRunner

from blocks.preprocessing import Normalization, Rescaling
from studio import hub
from studio.cli import app
from studio.hub import HubError, preset
from studio.ui import network_gallery
from tests.studio.hub.conftest import RESNET, Write, pictures

LAMBDA = {"module": "keras.layers", "class_name": "Lambda", "config": {"function": ["4wEAAAA=", None, None]}}


def refused(folder: Path) -> str:
    with pytest.raises(HubError) as caught:
        preset.read(str(folder))
    said = str(caught.value)
    assert "\n" not in said
    return said


def test_without_keras_hub_one_sentence_says_how_to_get_it(monkeypatch: pytest.MonkeyPatch, written: Write) -> None:
    monkeypatch.setitem(sys.modules, "keras_hub", None)
    asked: list[Any] = [
        lambda: hub.get("resnet_50_imagenet"),
        lambda: hub.graph(str(written())),
        lambda: hub.misfit("resnet_50_imagenet", pictures(32, 32, 3)),
        hub.all,
    ]
    for ask in asked:
        with pytest.raises(
            HubError, match=r"need the package keras-hub, which is not installed\. Install it with: pip install 'blockstudio\[hub\]'$"
        ):
            ask()
    assert not hub.is_installed()


def test_without_keras_hub_the_command_and_the_page_say_it_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "keras_hub", None)
    ended = CliRunner().invoke(app, ["pretrained", "--hub"])
    assert ended.exit_code == 2
    assert "pip install 'blockstudio[hub]'" in " ".join(ended.output.split())
    assert network_gallery.of_hub() == {"prefix": "hub:", "install": "pip install 'blockstudio[hub]'", "networks": []}


def test_plain_arguments_are_read(written: Write) -> None:
    found = preset.read(str(written()))
    assert (found.name, found.kind, found.arguments, found.size) == ("mine", "ResNetBackbone", RESNET, None)
    assert found.preparation == {"rescaling": Rescaling()}


def test_arguments_that_are_decided_here_are_left_out(written: Write) -> None:
    dtype = {"class_name": "DTypePolicy", "config": {"name": "float16"}}
    assert preset.read(str(written(arguments={**RESNET, "dtype": dtype, "name": "x", "trainable": False}))).arguments == RESNET


@pytest.mark.parametrize("kind", ["Lambda", "Functional", "BertBackbone", "os.system", "FAMILIES"])
def test_other_classes_are_refused(written: Write, kind: str) -> None:
    assert refused(written(kind, module="keras")).startswith(f"mine can't be taken: {kind!r} is none of CSPNetBackbone, ")


def test_a_network_without_blocks_names_the_layer(written: Write) -> None:
    assert "its layer SwinTransformerBlock computes what no block does" in refused(written("SwinTransformerBackbone"))


@pytest.mark.parametrize(
    "value", [LAMBDA, [LAMBDA], {"a": 1}, "x" * 101, 65_537, -1e9, math.inf, [[[[[1]]]]], [0] * 5_001],
    ids=["lambda", "in a list", "mapping", "long text", "large", "small", "infinite", "deep", "many"],
)  # fmt: skip
def test_arguments_that_no_backbone_has_are_refused(written: Write, value: Any) -> None:
    said = refused(written(arguments={**RESNET, "use_pre_activation": value}))
    assert said == "config.json of mine: 'use_pre_activation' is no number, short text or list of them, as backbones of keras-hub have."


def test_more_layers_than_networks_have_are_refused(written: Write) -> None:
    assert "asks for 60,000 layers of a kind" in refused(written(arguments={**RESNET, "stackwise_num_blocks": [60_000]}))
    rows = [[16, 8, 32, 900, 900, 3]]
    assert "asks for 810,000 layers of a kind" in refused(written("HGNetV2Backbone", {"stackwise_stage_filters": rows, "image_shape": [64, 64, 3]}))


@pytest.mark.parametrize("text", ["", "[]", "{}", "not JSON", '{"class_name": 3, "config": {}}', "[" * 100_000, " " * 1_000_001])
def test_other_files_are_refused(written: Write, text: str) -> None:
    folder = written()
    (folder / "config.json").write_text(text, encoding="utf-8")
    assert "mine" in refused(folder)


def test_nothing_leads_out_of_the_folder(written: Write, tmp_path: Path) -> None:
    folder = written()
    elsewhere = tmp_path / "config.json"
    (folder / "config.json").rename(elsewhere)
    (folder / "config.json").symlink_to(elsewhere)
    assert "links to other places are not followed" in refused(folder)


def test_only_one_file_of_weights_is_looked_at(written: Write) -> None:
    folder = written()
    (folder / "model.pkl").write_bytes(b"cos\nsystem\n(S'exit 1'\ntR.")
    np.save(folder / "weights.npy", np.zeros(3))
    with pytest.raises(HubError, match=r"There is no model\.weights\.h5 in mine, and no other file of weights is read"):
        preset.read(str(folder)).weights()


def test_a_folder_without_a_configuration_is_no_preset(tmp_path: Path) -> None:
    assert "there is no config.json in it" in refused(tmp_path)


def test_pixels_are_prepared_as_the_converter_says(written: Write) -> None:
    found = preset.read(str(written(converter={"image_size": [96, 64], "scale": 0.5, "offset": -1})))
    assert (found.size, found.preparation) == ((96, 64), {"rescaling": Rescaling(scale=0.5, offset=-1.0)})
    assert preset.read(str(written(converter={"image_size": None}))).preparation == {"rescaling": Rescaling(scale=1.0, offset=0.0)}


@pytest.mark.parametrize(
    "converter",
    [
        {"scale": [0.5, 0.25, 2.0], "offset": [-1.0, 0.0, 3.0]},
        {"scale": 1 / 255, "mean": [0.4, 0.5, 0.6], "variance": [0.04, 0.09, 0.16], "height": 32, "width": 32},
    ],
    ids=["of today", "of older files"],
)
def test_each_colour_has_its_own_scale(written: Write, converter: dict[str, Any]) -> None:
    block = preset.read(str(written(converter=converter))).preparation["normalization"]
    assert isinstance(block, Normalization)
    assert block.mean is not None
    assert block.variance is not None
    pixels = np.array([10.0, 100.0, 200.0])
    found = (pixels - block.mean) / np.sqrt(block.variance)
    if "mean" in converter:
        expected = (pixels * converter["scale"] - converter["mean"]) / np.sqrt(converter["variance"])
    else:
        expected = pixels * converter["scale"] + converter["offset"]
    np.testing.assert_allclose(found, expected, atol=1e-9)


@pytest.mark.parametrize(
    "converter",
    [{"scale": "x"}, {"scale": LAMBDA}, {"scale": 0}, {"scale": [1, 2]}, {"offset": math.nan}, {"image_size": [0, 5]}, {"image_size": "large"}, []],
)
def test_other_converters_are_refused(written: Write, converter: Any) -> None:
    assert refused(written(converter=converter)).startswith("image_converter.json of mine could not be read: ")
