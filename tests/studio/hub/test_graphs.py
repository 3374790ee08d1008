"""The graphs of networks of keras-hub on data."""

from __future__ import annotations

import re
from pathlib import Path

import h5py
import keras
import pytest

pytest.importorskip("keras_hub", reason="keras-hub is an extra; the development group brings it")

from benchmarks.hub import SIDE, saved
from blocks import analyse, build
from studio import hub
from studio.hub import HubError, catalog, preset
from studio.hub.graphs import taken
from studio.networks.front import bound, split
from studio.pretrained import PretrainedError
from tests.studio.hub.conftest import RESNET, Write, pictures


@pytest.fixture(scope="module")
def folders(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """A network of pictures of any size, and one of pictures of one size."""
    return {form: str(saved(form, tmp_path_factory.mktemp("presets") / form).folder) for form in ("ResNet", "ViT")}


@pytest.mark.parametrize("form", ["ResNet", "ViT"])
def test_coloured_grey_and_varying_pictures_are_taken(form: str, folders: dict[str, str]) -> None:
    for shape, also in (((48, 40, 3), []), ((48, 40, 1), ["colours"]), ((None, None, 3), [])):
        features = pictures(*shape)
        graph = hub.graph(folders[form], features)
        found = analyse(graph, features)
        assert found.messages == []
        assert found.nodes["label"].output_shapes == ((3,),)
        resizing = ["resizing"] if form == "ViT" or None in shape else []
        assert list(graph.nodes) == ["image", *resizing, *also, "normalization", "body", "label"]
        assert split(bound(graph, features)).cuts == {"image": (resizing or ["image"])[0]}


def test_positions_keep_the_size_that_they_were_trained_on(folders: dict[str, str]) -> None:
    graph = hub.graph(folders["ViT"], pictures(28, 28, 1))
    assert graph.nodes["resizing"].params == {"height": SIDE, "width": SIDE}
    assert graph.nodes["resizing"].title == f"The network was trained on pictures of {SIDE} x {SIDE} pixels."
    assert "resizing" not in hub.graph(folders["ViT"], pictures(SIDE, SIDE, 3)).nodes


@pytest.mark.parametrize("form", ["ResNet", "ViT"])
def test_names_do_not_depend_on_what_was_built_before(form: str, folders: dict[str, str]) -> None:
    assert hub.graph(folders[form]).document() == hub.graph(folders[form]).document()


def test_nothing_is_left_behind_for_what_is_built_next(folders: dict[str, str]) -> None:
    """Keras gives variables that wait for their values some at the end of the next scope, whoever they belong to."""
    backbone = taken(preset.read(folders["ViT"])).backbone
    with keras.StatelessScope():
        pass
    assert all(variable._value is None for variable in backbone.variables)


def test_pictures_of_other_channels_and_tables_are_refused(folders: dict[str, str]) -> None:
    with pytest.raises(PretrainedError, match="ResNet was trained on coloured pictures; these have 4 channels"):
        hub.graph(folders["ResNet"], pictures(32, 32, 4))
    text = pictures(32, 32, 3)[0].model_copy(update={"kind": "text", "shape": (), "dtype": "string"})
    assert hub.misfit(folders["ResNet"], [text, pictures(32, 32, 3)[1]]) == "ResNet takes pictures; the dataset has texts."
    assert hub.misfit(folders["ResNet"], pictures(32, 32, 3)) == ""


def test_what_a_class_refuses_is_said(written: Write) -> None:
    with pytest.raises(HubError, match=r"^mine: ResNetBackbone of keras-hub refuses its config\.json: .*block_type"):
        hub.graph(str(written(arguments={**RESNET, "block_type": "lambda x: x"})))
    with pytest.raises(HubError, match=r"^mine: ResNetBackbone of keras-hub refuses its config\.json: "):
        hub.graph(str(written(arguments={})))


def test_a_network_that_memory_can_not_hold_is_refused_before_it_is_built(written: Write) -> None:
    wide = {**RESNET, "stackwise_num_filters": [64, 60_000], "stackwise_num_blocks": [1, 1], "stackwise_num_strides": [1, 2]}
    with pytest.raises(HubError, match=r"^The weights of mine would take [\d,]+ bytes; networks here have at most"):
        hub.graph(str(written(arguments=wide)))


def test_weights_of_another_network_are_noticed(tmp_path: Path) -> None:
    folder = saved("ResNet", tmp_path / "one").folder
    model = build(hub.graph(str(folder)))
    other = saved("ResNet vd", tmp_path / "other").folder
    (folder / catalog.WEIGHTS).write_bytes((other / catalog.WEIGHTS).read_bytes())
    with pytest.raises(HubError, match=r"^The weights of one are those of another network: for "):
        hub.arrays(str(folder), model)


def test_weights_in_other_files_are_not_opened(tmp_path: Path) -> None:
    folder = saved("ResNet", tmp_path / "one").folder
    model = build(hub.graph(str(folder)))
    with h5py.File(folder / catalog.WEIGHTS, "r+") as file:
        place = "layers/conv2d/vars/0"
        shape, size = file[place].shape, file[place].nbytes
        elsewhere = tmp_path / "elsewhere.bin"
        elsewhere.write_bytes(bytes(size))
        del file[place]
        file.create_dataset(place, shape, "float32", external=[(str(elsewhere), 0, size)])
    with pytest.raises(HubError, match="the file has nothing"):
        hub.arrays(str(folder), model)


def test_an_unknown_name_gets_the_closest_and_one_without_blocks_its_layer() -> None:
    with pytest.raises(HubError, match="Did you mean 'resnet_50_imagenet'"):
        hub.graph("resnet_50_imagnet")
    with pytest.raises(HubError, match=r"swin_tiny_patch4_window7_224 can't be taken: its layer SwinTransformerBlock"):
        hub.graph("swin_tiny_patch4_window7_224")


def test_without_a_connection_it_says_what_to_fetch(cache: Path) -> None:
    with pytest.raises(HubError) as caught:
        hub.graph("resnet_50_imagenet", pictures(32, 32, 3))
    said = str(caught.value)
    assert "\n" not in said
    assert "config.json of resnet_50_imagenet could not be downloaded from Kaggle" in said
    assert re.search(r"fetch config\.json, .* from https://www\.kaggle\.com/models/keras/resnetv1/keras/resnet_50_imagenet and put them into ", said)
    assert str(cache / "models" / "keras" / "resnetv1" / "keras" / "resnet_50_imagenet") in said
    assert said.endswith("everything else works offline.")


def test_the_cache_is_that_of_kagglehub(cache: Path) -> None:
    from kagglehub.cache import get_cached_path
    from kagglehub.handle import parse_model_handle

    found = hub.get("resnet_50_imagenet")
    assert str(found.folder) == get_cached_path(parse_model_handle(found.handle))
