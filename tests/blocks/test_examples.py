"""Every block at work on a sample: the figures are those of the layer that is really built."""

from __future__ import annotations

import pytest

import blocks
from blocks.base import Composite
from blocks.errors import InvalidValueError
from blocks.examples import NODE, NoExampleError, _graph, example


@pytest.mark.parametrize("name", blocks.all())
def test_every_block_has_an_example(name: str) -> None:
    found = example(blocks.get(name))
    labels = [line.label for line in found.lines]
    assert labels[0] == "Shape"
    assert "Weights" in labels
    assert all(line.text for line in found.lines)
    assert bool(found.parts) == issubclass(blocks.get(name), Composite)
    assert sum(part.weights for part in found.parts) in (0, found.found.weights)


def test_a_convolution_with_its_numbers() -> None:
    found = example(blocks.get("Conv2D"), {"filters": 6, "kernel_size": 5}, [(28, 28, 1)])
    told = {line.label: line.text for line in found.lines}
    assert told["Shape"] == "28 x 28 x 1 -> 24 x 24 x 6"
    assert told["Height, width"] == "floor((28 - 5) / 1) + 1 = 24"
    assert told["Weights"].endswith("= 156")
    assert told["Multiply-adds"].endswith("= 86,400")


def test_the_figures_are_those_of_a_real_layer() -> None:
    for name in ("Dense", "SeparableConv2D", "GRU", "Residual"):
        found = example(blocks.get(name))
        inputs = [{"shape": list(shape), "dtype": "float32"} for shape in found.found.input_shapes]
        model = blocks.build(_graph(found.block, inputs))
        assert model.count_params() == found.found.weights, name
        assert model.output_shape[1:] == found.found.output_shapes[0], name
        assert NODE not in found.block.params()


def test_a_block_that_saves_products_shows_how_many() -> None:
    for name in ("DepthwiseConv2D", "SeparableConv2D"):
        assert "Saving" in [line.label for line in example(blocks.get(name)).lines], name


def test_the_parts_of_a_composite_are_those_of_its_expansion() -> None:
    found = example(blocks.get("Residual"), {"filters": 8}, [(8, 8, 8)])
    assert [(part.node, part.block) for part in found.parts] == [
        ("conv1", "Conv2D"), ("norm1", "BatchNormalization"), ("relu1", "ReLU"), ("conv2", "Conv2D"), ("norm2", "BatchNormalization"),
        ("add", "Add"), ("relu2", "ReLU"),
    ]  # fmt: skip
    assert sum(part.multiply_adds for part in found.parts) == found.found.multiply_adds


def test_one_shape_stands_for_all_inputs_and_several_for_one_each() -> None:
    assert example(blocks.get("Add"), shapes=[(4, 4, 2)]).found.input_shapes == ((4, 4, 2), (4, 4, 2))
    assert example(blocks.get("Concatenate"), shapes=[(4,), (5,), (6,)]).found.output_shapes == ((15,),)


def test_what_does_not_fit_is_said() -> None:
    with pytest.raises(InvalidValueError, match="invalid filters"):
        example(blocks.get("Conv2D"), {"filters": 0})
    with pytest.raises(NoExampleError, match="smaller than the window"):
        example(blocks.get("Conv2D"), shapes=[(2, 2, 1)])
    with pytest.raises(NoExampleError, match="Expected: a picture"):
        example(blocks.get("Conv2D"), shapes=[(5,)])
