"""The residual attention module, stacked as the networks of the paper."""

from __future__ import annotations

import pytest

from blocks import analyse
from blocks.base import Block
from blocks.composite.attention_module import ResidualAttentionModule
from blocks.composite.pre_activation import PreActivationBottleneck
from blocks.spec import Spec
from tests.blocks.composite.counting import classifier, figures, giga, imagenet_stem, normalised
from tests.blocks.samples import graph_of


@pytest.mark.parametrize(("modules", "weights", "billions"), [((1, 1, 1), 31_810_728, 6.271), ((1, 2, 3), 52_466_344, 10.534)])
def test_attention_56_and_92(modules: tuple[int, ...], weights: int, billions: float) -> None:
    """fwang91/residual-attention-network, the authors' files; the paper's table says 31.9 million and 6.2 thousand million for the first."""
    made: list[Block] = []
    for number, count in enumerate(modules):
        made.append(PreActivationBottleneck(filters=64 * 2**number, strides=1 if number == 0 else 2))
        made += [ResidualAttentionModule(mask_depth=3 - number)] * count
    made += [PreActivationBottleneck(filters=512, strides=2), *[PreActivationBottleneck(filters=512)] * 2]
    found = figures((224, 224, 3), *imagenet_stem(), *made, *normalised(), *classifier())
    assert found.trainable_weights == weights
    assert giga(found) == billions


@pytest.mark.parametrize(
    ("shape", "field", "received"), [((12, 16, 8), "input", "12 x 16 x 8"), ((16, 14, 8), "input", "16 x 14 x 8"), ((8, 8, 6), "expansion", "4")]
)
def test_what_does_not_fit_is_one_problem(shape: tuple[int, ...], field: str, received: str) -> None:
    (message,) = analyse(graph_of("ResidualAttentionModule", {"mask_depth": 3}, [Spec(shape)])).errors
    assert message.text.startswith(f"ResidualAttentionModule: invalid {field}. Expected: ")
    assert f"Received: {received}." in message.text
