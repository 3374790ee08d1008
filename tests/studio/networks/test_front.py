"""Where a graph is cut in two: what runs once over the data, and what is trained."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import presets
from blocks.features import Feature
from blocks.graph import Graph, NodeDocument
from studio.networks import front
from studio.networks.arrays import branch

TEXT = [
    Feature(name="text", role="input", kind="text", dtype="string"),
    Feature(name="label", role="target", kind="category", dtype="int32", classes=("a", "b")),
]


def graph(**nodes: tuple[str, dict[str, Any], tuple[str, ...]]) -> Graph:
    made = {name: NodeDocument(block=block, params=params, inputs=inputs) for name, (block, params, inputs) in nodes.items()}
    return Graph(name="g", nodes=made)


PICTURE = ("Input", {"shape": [8, 8, 3], "dtype": "uint8"}, ())
HALVED = ("Rescaling", {"scale": 0.5}, ("x",))
SHRUNK = ("Resizing", {"height": 4, "width": 4}, ("x",))
END = ("Output", {"units": 2, "activation": "softmax"}, ("flat",))


def test_branches_that_meet_again_are_one_front() -> None:
    whole = front.bound(presets.get("TextNGrams", letters=50, words=30).graph(features=TEXT), TEXT)
    parts = front.split(whole)
    assert parts.cuts == {"text": "both"}
    assert set(parts.front.nodes) == {"text", "letters", "words", "worth", "both"}
    assert parts.network.nodes["both"].params["shape"] == [80]
    assert set(branch(parts, "text").nodes) == set(parts.front.nodes)
    texts = ["the cat sat", "the dog ran", "a cat ran"]
    learned = front.adapted(whole, lambda *_: np.array(texts, dtype=object))
    assert set(learned.nodes["words"].params["vocabulary"]) == {"the", "cat", "sat", "dog", "ran", "a"}
    assert {"t h e", "c a", "o"} <= set(learned.nodes["letters"].params["vocabulary"])


@pytest.mark.parametrize(
    ("nodes", "cut"),
    [
        ({"x": PICTURE, "y": HALVED, "flat": ("Flatten", {}, ("y",)), "end": END}, "x"),
        ({"x": PICTURE, "y": SHRUNK, "z": ("Rescaling", {"scale": 0.5}, ("y",)), "flat": ("Flatten", {}, ("z",)), "end": END}, "y"),
        # What a trained node reads as well stays outside.
        ({"x": PICTURE, "y": HALVED, "z": ("Concatenate", {}, ("x", "y")), "flat": ("Flatten", {}, ("z",)), "end": END}, "x"),
        ({"x": PICTURE, "y": HALVED, "z": ("Conv2D", {"filters": 3}, ("x",)), "a": ("Flatten", {}, ("z",)), "b": ("Flatten", {}, ("y",)),
          "flat": ("Concatenate", {}, ("a", "b")), "end": END}, "x"),
    ],
)  # fmt: skip
def test_the_cut_is_where_a_number_takes_least(nodes: dict[str, Any], cut: str) -> None:
    parts = front.split(graph(**nodes))
    assert parts.cuts == {"x": cut}
    assert parts.network.nodes[cut].block == "Input"


@pytest.mark.parametrize("samples", [1, front.SAMPLES, 3 * front.SAMPLES + 5])
def test_samples_behind_a_front_keep_their_order(samples: int) -> None:
    values = np.arange(samples, dtype="float32")
    found = front.run(lambda batch, training: batch * 2 + training, values)
    np.testing.assert_array_equal(found, values * 2)


def test_what_goes_wrong_in_a_later_batch_is_told() -> None:
    def picky(batch: Any, training: bool) -> Any:
        if batch[0] > front.SAMPLES:
            raise ValueError("too large")
        return batch

    with pytest.raises(ValueError, match="too large"):
        front.run(picky, np.arange(3 * front.SAMPLES, dtype="float32"))
