"""Recurrent blocks: what their formulas say, states that are handed on, stacks of cells, grids and padding."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest

import blocks
from blocks import Graph, InvalidValueError, analyse, build
from blocks.code import keras_code
from blocks.explanation import explain
from blocks.recurrent import GRU, LSTM, RNN, Bidirectional
from blocks.spec import AnySpec, Spec
from tests.blocks.block_checks import check_layer, check_weight_paths
from tests.blocks.samples import graph_of

RANDOM = np.random.default_rng(4)
SEQUENCE = Spec((5, 3))
CELLS = ("SimpleRNN", "GRU", "LSTM")
PARTS = {"SimpleRNN": 1, "GRU": 1, "LSTM": 2}
GRIDS = {"ConvLSTM1D": (4, 6, 2), "ConvLSTM2D": (4, 6, 5, 2), "ConvLSTM3D": (3, 4, 4, 4, 2)}


def sigmoid(x: Any) -> Any:
    return 1 / (1 + np.exp(-x))


def errors(name: str, params: dict[str, Any], *specs: AnySpec) -> list[str]:
    return [message.text for message in analyse(graph_of(name, params, list(specs))).errors]


def weights_of(layer: Any) -> list[Any]:
    for variable in layer.weights:
        variable.assign(RANDOM.normal(size=variable.shape) / 2)
    return [variable.numpy().astype("float64") for variable in layer.weights]


def sequence(*shape: int) -> Any:
    return RANDOM.normal(size=(2, *shape)).astype("float32")


def stepped(name: str, x: Any, kernel: Any, recurrent: Any, bias: Any, after: bool = True) -> Any:
    """The formulas of the docstrings, step by step."""
    units = recurrent.shape[0]
    h = c = np.zeros((len(x), units))
    for now in x.astype("float64").transpose(1, 0, 2):
        if name == "SimpleRNN":
            h = np.tanh(now @ kernel + h @ recurrent + bias)
        elif name == "LSTM":
            i, f, new, o = np.split(now @ kernel + h @ recurrent + bias, 4, axis=1)
            c = sigmoid(f) * c + sigmoid(i) * np.tanh(new)
            h = sigmoid(o) * np.tanh(c)
        else:
            of_x, of_h = bias if after else (bias, np.zeros_like(bias))
            xz, xr, xn = np.split(now @ kernel + of_x, 3, axis=1)
            hz, hr, hn = np.split(h @ recurrent + of_h, 3, axis=1)
            z, r = sigmoid(xz + hz), sigmoid(xr + hr)
            new = np.tanh(xn + (r * hn if after else (r * h) @ recurrent[:, 2 * units :]))
            h = z * h + (1 - z) * new
    return h


@pytest.mark.parametrize(("name", "after"), [("SimpleRNN", True), ("LSTM", True), ("GRU", True), ("GRU", False)])
def test_the_formula_is_what_the_layer_does(name: str, after: bool) -> None:
    block = blocks.get(name).read({"units": 4, **({} if after else {"reset_after": False})})
    layer = block.make()  # type: ignore[attr-defined]
    x = sequence(5, 3)
    layer.build(x.shape)
    kernel, recurrent, bias = weights_of(layer)
    np.testing.assert_allclose(layer(x), stepped(name, x, kernel, recurrent, bias, after), atol=1e-5)


@pytest.mark.parametrize("cell", CELLS)
def test_a_stack_is_a_chain_of_layers(cell: str) -> None:
    stack = RNN.read({"cell": cell, "units": [4, 2, 3], "return_sequences": True}).make("stack")
    x = sequence(5, 3)
    stack.build(x.shape)
    weights_of(stack)
    parts = len(stack.weights) // 3
    y: Any = x
    for number, units in enumerate((4, 2, 3)):
        layer = getattr(keras.layers, cell)(units, return_sequences=True)
        layer.build(y.shape)
        layer.set_weights(stack.get_weights()[number * parts : (number + 1) * parts])
        y = layer(y)
    np.testing.assert_allclose(stack(x), y, atol=1e-5)
    assert [variable.path for variable in stack.weights][::parts] == [f"stack/cells/cell{number}/kernel" for number in (1, 2, 3)]


def test_cells_of_one_size_start_with_different_weights() -> None:
    layer = RNN(units=(3, 3)).make()
    layer.build((None, 5, 3))
    first, second = (cell.kernel.numpy() for cell in layer.cell.cells)
    assert not np.allclose(first, second)


@pytest.mark.parametrize(
    ("cell", "sizes", "directions"),
    [("SimpleRNN", (4, 2), 1), ("GRU", (4,), 1), ("GRU", (4, 2), 1), ("LSTM", (4,), 1), ("LSTM", (4, 2), 1), ("GRU", (4,), 2), ("LSTM", (4, 2), 2)],
)
def test_states_come_and_go(cell: str, sizes: tuple[int, ...], directions: int, tmp_path: Path) -> None:
    """Handing on the state after three steps gives what reading all steps at once gives; built, saved, and as code."""
    params: dict[str, Any] = {"cell": cell, "units": sizes, "return_state": True}
    inner = RNN.read(params)
    states = [Spec((units,)) for _ in range(directions) for units in sizes for _ in range(PARTS[cell])]
    name, params = ("RNN", params) if directions == 1 else ("Bidirectional", Bidirectional.around(inner).params())
    check_layer(name, params, [SEQUENCE])
    check_layer(name, params, [SEQUENCE, *states])

    nodes: dict[str, Any] = {"first": {"block": "Input", "params": {"shape": [3, 3]}}, "second": {"block": "Input", "params": {"shape": [2, 3]}}}
    nodes["reader"] = {"block": name, "params": params, "inputs": ["first"]}
    nodes["writer"] = {"block": name, "params": params, "inputs": ["second", *(f"reader:{number}" for number in range(1, len(states) + 1))]}
    graph = Graph.model_validate({"nodes": nodes})
    assert not analyse(graph).errors
    model = build(graph)
    model.get_layer("writer").set_weights(model.get_layer("reader").get_weights())
    x = sequence(5, 3)
    given = {"first": x[:, :3], "second": x[:, 3:]}
    found = model(given)
    if directions == 1:
        whole = inner.model_copy(update={"return_state": False}).make()
        whole.build(x.shape)
        whole.set_weights(model.get_layer("reader").get_weights())
        np.testing.assert_allclose(found, whole(x), atol=1e-5)
    model.save(tmp_path / "model.keras")
    np.testing.assert_allclose(keras.models.load_model(tmp_path / "model.keras")(given), found, atol=1e-6)
    space: dict[str, Any] = {}
    exec(compile(keras_code(model), "code", "exec"), space)  # noqa: S102 - the code under test
    space["model"].set_weights(model.get_weights())
    assert [variable.path for variable in space["model"].weights] == [variable.path for variable in model.weights]
    np.testing.assert_allclose(space["model"](given), found, atol=1e-6)
    if len(sizes) == 1:
        model.compile("adam", "mse")
        model.train_on_batch(given, np.zeros(found.shape))


@pytest.mark.parametrize("name", GRIDS)
@pytest.mark.parametrize("params", [{}, {"padding": "same", "strides": 2}, {"kernel_size": 2, "dilation_rate": 2}], ids=str)
def test_states_of_grids(name: str, params: dict[str, Any]) -> None:
    given = {"filters": 3, "return_state": True, "return_sequences": True, **params}
    specs: list[AnySpec] = [Spec(GRIDS[name])]
    state = analyse(graph_of(name, given, specs)).nodes["block"].output_shapes[1]
    check_layer(name, given, [*specs, Spec(state), Spec(state)])
    wrapped = {"block": {"block": name, "params": given}}
    check_layer("Bidirectional", wrapped, [*specs, *[Spec(state)] * 4])
    check_weight_paths("Bidirectional", wrapped, specs, build(graph_of("Bidirectional", wrapped, specs)))


def test_wrong_states_are_refused_with_a_reason() -> None:
    assert errors("LSTM", {"units": 4}, SEQUENCE, Spec((4,)), Spec((4,))) == []
    assert errors("LSTM", {}, SEQUENCE, Spec((64,)))[0] == "It needs one input (the sequence) or 3 (then the state), but 2 are connected."
    assert errors("GRU", {"units": 4}, SEQUENCE, Spec((5,))) == ["GRU: invalid state. Expected: 4 numbers. Received: 5."]
    assert errors("GRU", {"units": 4}, SEQUENCE, Spec((4,), "string")) == ["GRU: invalid state. Expected: 4 numbers. Received: string."]
    assert errors("Bidirectional", {"block": "GRU"}, SEQUENCE, Spec((64,)))[0].startswith("It needs one input (the sequence) or 3")
    assert "or 5 (then the state)" in errors("RNN", {}, SEQUENCE, Spec((64,)))[0]
    assert errors("LSTM", {}, Spec((5, None))) == ["LSTM: invalid input. Expected: a known number of features. Received: one that varies."]


def test_grids_that_do_not_fit_are_refused_with_a_reason() -> None:
    name = "ConvLSTM2D"
    assert errors(name, {}, Spec((5, 2, 8, 3))) == [f"{name}: invalid input. Expected: at least 3 x 3 in each step. Received: 2 x 8."]
    assert errors(name, {"padding": "same"}, Spec((5, 2, 8, 3))) == []
    assert "known sizes of all axes but the steps" in errors(name, {}, Spec((5, None, 8, 3)))[0]
    assert errors(name, {}, Spec((None, 8, 8, 3))) == []
    found = analyse(graph_of(name, {}, [Spec((5, 8, 3))])).errors[0]
    assert "Expected: a sequence of pictures (steps, height, width, channels). Received: 5 x 8 x 3." in found.text
    assert found.fix == "Insert Reshape before it, or use ConvLSTM1D."
    with pytest.raises(InvalidValueError, match="strides and dilation_rate can't both be above 1"):
        blocks.get(name).read({"strides": 2, "dilation_rate": 2})


def test_sizes_and_weights_are_explained() -> None:
    params = {"return_sequences": True, "filters": 8}
    found = analyse(graph_of("ConvLSTM2D", params, [Spec((5, 16, 20, 3))])).nodes["block"]
    lines = {line.label: line.text for line in explain(blocks.get("ConvLSTM2D").read(params), found)}
    assert lines["Height"] == "floor((16 - 3) / 1) + 1 = 14"
    assert lines["Weights"] == "4 * (9 * (3 + 8) + 1) * 8 = 3,200"
    assert "Receptive field so far" not in lines  # every place of the last state depends on all steps
    found = analyse(graph_of("ConvLSTM1D", {}, [Spec((5, 16, 3))])).nodes["block"]
    assert explain(blocks.get("ConvLSTM1D").read({}), found)[1].label == "Rows"
    found = analyse(graph_of("Bidirectional", {}, [SEQUENCE])).nodes["block"]
    lines = {line.label: line.text for line in explain(Bidirectional(), found)}
    assert lines["Weights"] == "2 * 17408 = 34,816"


def test_no_receptive_field_behind_a_recurrent_block() -> None:
    for params in ({}, {"return_sequences": True}):
        assert analyse(graph_of("LSTM", params, [SEQUENCE])).nodes["block"].receptive_field is None


def test_huge_stacks_are_analysed_without_memory() -> None:
    found = analyse(graph_of("RNN", {"units": [10_000_000] * 16}, [SEQUENCE]))
    assert found.weights == 4 * ((3 + 10_000_000) + 15 * 20_000_000 + 16) * 10_000_000
    for units in ([], [1] * 17):
        with pytest.raises(InvalidValueError, match="Name 1 to 16 sizes"):
            RNN.read({"units": units})


def padded(block: str, params: dict[str, Any]) -> Graph:
    nodes = {
        "input": {"block": "Input", "params": {"shape": [6, 3]}},
        "masking": {"block": "Masking", "params": {"mask_value": -1.0}, "inputs": ["input"]},
        "reader": {"block": block, "params": params, "inputs": ["masking"]},
    }
    return Graph.model_validate({"nodes": nodes})


@pytest.mark.parametrize("block", [*CELLS, "RNN", "Bidirectional"])
@pytest.mark.parametrize("zeros", [False, True])
def test_padding_is_skipped(block: str, zeros: bool, tmp_path: Path) -> None:
    """The last output is that of the last real step, also where padding is to give zeros."""
    params = {"block": "LSTM"} if block == "Bidirectional" else {"zero_output_for_mask": zeros}
    model = build(padded(block, params))
    x = sequence(6, 3)
    x[:, 4:] = -1
    np.testing.assert_allclose(model(x), model.get_layer("reader")(x[:, :4]), atol=1e-5)
    model.save(tmp_path / "model.keras")
    np.testing.assert_allclose(keras.models.load_model(tmp_path / "model.keras")(x), model(x), atol=1e-6)
    space: dict[str, Any] = {}
    exec(compile(keras_code(model), "code", "exec"), space)  # noqa: S102 - the code under test
    space["model"].set_weights(model.get_weights())
    np.testing.assert_allclose(space["model"](x), model(x), atol=1e-6)


@pytest.mark.parametrize("zeros", [False, True])
def test_outputs_at_padding(zeros: bool) -> None:
    """As chosen: zeros, or the output of the step before; the code says it too."""
    model = build(padded("LSTM", {"return_sequences": True, "zero_output_for_mask": zeros}))
    x = sequence(6, 3)
    x[:, 4:] = -1
    found = model(x).numpy()
    np.testing.assert_allclose(found[:, 5], 0 if zeros else found[:, 3], atol=1e-6)
    assert ("zero_output_for_mask=True" in keras_code(model)) == zeros


def test_a_bidirectional_reads_the_inner_block_forwards() -> None:
    with pytest.raises(InvalidValueError, match="go_backwards must be off in the block inside"):
        Bidirectional.around(LSTM(go_backwards=True))
    assert Bidirectional.around(GRU(units=3), "sum").params() == {"block": {"block": "GRU", "params": {"units": 3}}, "merge_mode": "sum"}
    both = analyse(graph_of("Bidirectional", {"merge_mode": None}, [SEQUENCE])).nodes["block"]
    assert both.output_shapes == ((64,), (64,))
    check_layer("Bidirectional", {"merge_mode": None}, [SEQUENCE])
