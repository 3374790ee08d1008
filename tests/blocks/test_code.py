"""Generated Keras code: it runs with Keras alone and gives the same network."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest
from hypothesis import HealthCheck, given, reject, settings
from hypothesis import strategies as st

import blocks
import presets
from blocks import Graph, InvalidValueError, analyse
from blocks.build import build
from blocks.code import keras_code
from blocks.graph_code import graph_code
from blocks.inference import shape_only
from blocks.spec import AnySpec
from studio.networks.front import bound, split
from tests.blocks import drawing
from tests.blocks.networks import MEASURED, assert_same_answers, described, run, small
from tests.blocks.samples import KEPT, graph_of, inputs_for, params_for
from tests.presets.ready import first_variants

INNER = [name for name in blocks.all() if name not in ("Input", "Output")]

ALONE = """
import json, math, pathlib, sys

class Nothing:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in ("blocks", "presets", "studio", "pydantic", "gradio", "sklearn", "pyarrow"):
            raise ModuleNotFoundError(name)

sys.meta_path.insert(0, Nothing())
import keras

found = {}
for path in sorted(pathlib.Path(sys.argv[1]).glob("*.py")):
    space = {}
    try:
        exec(compile(path.read_text("utf-8"), path.name, "exec"), space)
        model = space["model"]
        found[path.stem] = sum(math.prod(weight.shape) for weight in model.trainable_weights)
    except Exception as error:
        found[path.stem] = f"{type(error).__name__}: {error}"[:300]
print(json.dumps(found))
"""


def check_same_form(graph: Graph) -> None:
    """Both ways to the code give the configuration of the network, names included."""
    with shape_only():
        model = build(graph)
        made, written = run(keras_code(model)), run(graph_code(graph))
    assert described(made) == described(model)
    assert described(written, without=MEASURED) == described(model, without=MEASURED)


@pytest.mark.parametrize("name", first_variants())
def test_the_code_of_every_family_has_its_form(name: str) -> None:
    check_same_form(presets.get(name).graph())


@pytest.mark.parametrize("name", first_variants())
def test_the_code_of_every_family_gives_the_same(name: str) -> None:
    graph = small(name)
    assert_same_answers(run(graph_code(graph)), build(graph))


@pytest.mark.parametrize("name", first_variants())
def test_the_code_of_what_is_trained(name: str) -> None:
    with shape_only():
        model = build(split(bound(small(name), [])).network)
        assert described(run(keras_code(model))) == described(model)


@pytest.mark.parametrize("name", INNER)
def test_the_code_of_every_block_has_its_form(name: str) -> None:
    block = blocks.get(name)
    for specs in inputs_for(block):
        check_same_form(graph_of(name, params_for(block, specs), specs))


@pytest.mark.slow
@pytest.mark.parametrize("name", INNER)
def test_drawn_parameters_reach_the_code(name: str) -> None:
    """What is left out of the code is what Keras would take anyway."""
    block = blocks.get(name)

    @settings(max_examples=6, deadline=None, derandomize=True, database=None, suppress_health_check=list(HealthCheck))
    @given(drawing.params(block), st.sampled_from(inputs_for(block)))
    def draw(params: dict[str, Any], specs: list[AnySpec]) -> None:
        chosen = {**params_for(block, specs), **params, **KEPT.get(name, {})}
        try:
            block.read(chosen)
        except InvalidValueError:
            reject()
        graph = graph_of(name, chosen, specs)
        if analyse(graph).errors:
            reject()
        check_same_form(graph)

    draw()


def test_a_difference_is_noticed() -> None:
    graph = presets.get("LeNet5").graph()
    code = graph_code(graph)
    with shape_only():
        model = build(graph)
        for before, after in (
            ('activation="tanh", name="dense2"', 'name="dense2"'),
            ('name="flatten")(x)', 'name="flatten")(image)'),
            ('name="conv2"', 'name="conv3"'),
        ):
            assert before in code
            other = run(code.replace(before, after))
            assert described(other) != described(model)


@pytest.mark.slow
def test_everything_runs_with_keras_alone(tmp_path: Path) -> None:
    """A preset of every family and every block, in a process that can't import this program or what it needs beside Keras.

    That the code has the network's form, layer by layer, is tested above.
    """
    expected: dict[str, Any] = {}
    graphs = {f"preset_{name}": small(name) for name in first_variants()}
    for name in INNER:
        specs = inputs_for(blocks.get(name))[-1]
        graphs[f"block_{name}"] = graph_of(name, params_for(blocks.get(name), specs), specs)
    for name, graph in graphs.items():
        (tmp_path / f"{name}.py").write_text(graph_code(graph), "utf-8")
        expected[name] = analyse(graph).trainable_weights
    done = subprocess.run([sys.executable, "-c", ALONE, str(tmp_path)], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-2000:]
    found = json.loads(done.stdout.splitlines()[-1])
    assert {name: found.get(name) for name in expected if found.get(name) != expected[name]} == {}


def test_shared_and_merged_layers_are_written_once() -> None:
    graph = Graph.model_validate(
        {
            "nodes": {
                "a": {"block": "Input", "params": {"shape": [4]}},
                "b": {"block": "Input", "params": {"shape": [4]}},
                "tower": {"block": "Dense", "params": {"units": 3, "activation": "tanh"}, "inputs": ["a"]},
                "again": {"reuse": "tower", "inputs": ["b"]},
                "both": {"block": "Concatenate", "inputs": ["tower", "again"]},
                "out": {"block": "Output", "params": {"units": 2, "activation": "softmax"}, "inputs": ["both"]},
            }
        }
    )
    model = build(graph)
    for code in (keras_code(model), graph_code(graph)):
        assert code.count("units=3") == 1
        made = run(code)
        assert described(made) == described(model)
        made.set_weights(model.get_weights())
        values = {"a": np.ones((2, 4), "float32"), "b": np.zeros((2, 4), "float32")}
        np.testing.assert_array_equal(made(values), model(values))


def test_a_second_use_may_need_what_comes_later() -> None:
    values = keras.Input((4,), name="values")
    shared = keras.layers.Dense(4, name="shared")
    model = keras.Model(values, shared(keras.layers.ReLU(name="relu")(shared(values))), name="loop")
    code = keras_code(model)
    assert code.splitlines()[2:] == [
        'values = keras.Input(shape=(4,), name="values")',
        'shared = keras.layers.Dense(units=4, name="shared")',
        "x = shared(values)",
        'x = keras.layers.ReLU(name="relu")(x)',
        "shared_output = shared(x)",
        "",
        'model = keras.Model(inputs=values, outputs=shared_output, name="loop")',
    ]
    assert described(run(code)) == described(model)
