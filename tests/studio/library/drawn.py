"""Networks drawn at random: any text, any JSON value, and names from a small stock, so that two of them have some in common."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

from blocks.graph import Graph

IDENTIFIERS = ("a", "b", "conv1", "Dense_2", "no", "on", "null", "x" * 120)
BLOCKS = ("Conv2D", "Dense", "Add", "module:Stem", "module:a", "", "片段", "- x: *y")
LARGEST = 2**53 - 1

numbers = st.integers(-LARGEST, LARGEST) | st.floats(allow_nan=False, allow_infinity=False)
values = st.recursive(
    st.none() | st.booleans() | numbers | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=10), inner, max_size=3),
    max_leaves=6,
)
params = st.dictionaries(st.sampled_from(("filters", "units", "name", "1", "<<")) | st.text(max_size=10), values, max_size=3)
references = st.sampled_from(IDENTIFIERS) | st.sampled_from(("a:1", "conv1:12", "@0", "@3"))


def nodes() -> st.SearchStrategy[dict[str, Any]]:
    """The nodes of one level as documents; references may lead nowhere, and in circles."""
    rest = st.fixed_dictionaries({}, optional={"trainable": st.booleans(), "title": st.text(max_size=20)})
    inputs = st.lists(references, max_size=3)
    block = st.fixed_dictionaries({"block": st.sampled_from(BLOCKS), "params": params, "inputs": inputs})
    reuse = st.fixed_dictionaries({"reuse": st.sampled_from(IDENTIFIERS), "inputs": inputs})
    node = st.tuples(block | reuse, rest).map(lambda parts: {**parts[0], **parts[1]})
    return st.dictionaries(st.sampled_from(IDENTIFIERS), node, max_size=5)


def fragments() -> st.SearchStrategy[dict[str, Any]]:
    """The inside of a module as a document."""
    return st.fixed_dictionaries({"nodes": nodes(), "outputs": st.lists(references, max_size=2)})


@st.composite
def graphs(draw: st.DrawFn) -> Graph:
    """A network that has the form of one, whether or not it can be built."""
    place = st.tuples(st.floats(-1e6, 1e6), st.floats(-1e6, 1e6))
    return Graph.model_validate(
        {
            "name": draw(st.text(max_size=40)),
            "nodes": draw(nodes()),
            "modules": draw(st.dictionaries(st.sampled_from(("Stem", "a", "Head")), fragments(), max_size=2)),
            "layout": draw(st.dictionaries(st.sampled_from(IDENTIFIERS) | st.text(max_size=10), place, max_size=3)),
        }
    )
