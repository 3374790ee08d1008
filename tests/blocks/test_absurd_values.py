"""Slips of the finger: the largest values that a declaration allows are analysed or refused at once, without memory; what is above is refused."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

import blocks
from blocks import Graph, InvalidValueError, LayerBlock, analyse, registry
from blocks.spec import AnySpec, Spec
from tests.blocks.absurd_values import ALL, HUGE, Case, Found, cases, forget_peak, largest, peak_megabytes, tried, whole_numbers

SECONDS = 2.0
MEGABYTES = 200


@pytest.fixture(scope="module")
def offences() -> dict[str, list[str]]:
    """What took too long or too much, by block."""
    everything = cases()
    found: dict[str, list[str]] = {name: [] for name in ALL}
    start = 0
    while start < len(everything):
        command = [sys.executable, "-m", "tests.blocks.absurd_values", str(start)]
        done = subprocess.run(command, capture_output=True, text=True, check=False, env={**os.environ, "TF_CPP_MIN_LOG_LEVEL": "3"})
        results = [Found(**json.loads(line)) for line in done.stdout.splitlines() if line.startswith("{")]
        for result in results:
            if result.problem or result.seconds > SECONDS or result.megabytes > MEGABYTES:
                case = everything[result.case]
                found[case.block].append(f"{case.words}: {result.seconds:.1f} s, {result.megabytes:.0f} MB {result.problem}".rstrip())
        following = results[-1].case + 1 if results else start
        if done.returncode and (not results or results[-1].problem != "given up"):  # it broke off without a word
            case = everything[following]
            found[case.block].append(f"{case.words}: the process ended with {done.returncode}: {done.stderr[-300:]}")
            following += 1
        start = following if done.returncode else len(everything)
    return found


@pytest.mark.slow
@pytest.mark.parametrize("name", ALL)
def test_the_largest_values_are_analysed_or_refused_at_once_and_without_memory(name: str, offences: dict[str, list[str]]) -> None:
    assert offences[name] == []


@pytest.mark.parametrize("name", ALL)
def test_every_whole_number_has_a_limit(name: str) -> None:
    """Limits are such that the next numbers, and a thousand million, are refused in one sentence."""
    block = blocks.get(name)
    for field, values in whole_numbers(block).items():
        for value in values:
            number = first_of(value)
            for absurd in (number + 1, *(huge for huge in HUGE if huge > number)):
                began = time.process_time()
                with pytest.raises(InvalidValueError) as caught:
                    block.read({field: filled(value, absurd)})
                assert time.process_time() - began < SECONDS
                sentence = str(caught.value)
                assert "\n" not in sentence
                assert sentence.startswith(f"{name}: "), sentence


def first_of(value: Any) -> int:
    """The first whole number in lists within lists."""
    return first_of(value[0]) if isinstance(value, list | tuple) else int(value)


def filled(value: Any, number: int) -> Any:
    """The same form with another number everywhere."""
    return [filled(part, number) for part in value] if isinstance(value, list | tuple) else number


def test_a_thousand_million_units_get_a_clear_message() -> None:
    for name, field in (("Dense", "units"), ("LSTM", "units"), ("Conv2D", "filters"), ("Embedding", "output_dim"), ("Output", "units")):
        with pytest.raises(InvalidValueError) as caught:
            blocks.get(name).read({field: 10**9})
        wanted = "a whole number from 1 to 10,000,000" + " or nothing" * (name == "Output")
        assert str(caught.value) == (f"{name}: invalid {field}. Expected: {wanted}. Received: 1000000000. The nearest allowed value is 10,000,000.")


@pytest.mark.parametrize("shape", [[10**9], [10**9, 10**9, 3], [10**18] * 4, [10**40], [-1, 3], [3] * 200, [2**31, 1]], ids=str)
def test_an_absurd_input_is_refused_in_one_sentence(shape: list[int]) -> None:
    with pytest.raises(InvalidValueError, match=r"^Input: invalid shape\. Expected: whole numbers, such as 3 or 3, 3 or nothing\. Received: .+\.$"):
        blocks.get("Input").read({"shape": shape})


@pytest.mark.parametrize("shape", [[10**7], [10**7] * 3, [10**7] * 8, [0] * 4, [0, 10**7], []], ids=str)
@pytest.mark.parametrize("behind", ["Dense", "Flatten", "Conv2D", "GlobalAveragePooling2D", "LSTM", "Reshape", "LayerNormalization", "Output"])
def test_the_largest_inputs_are_analysed_or_refused_at_once_and_without_memory(shape: list[int], behind: str) -> None:
    params = {"Reshape": {"target_shape": [-1, 10]}, "Output": {"units": 10}}.get(behind, {})
    nodes = {"input": {"block": "Input", "params": {"shape": shape}}, "behind": {"block": behind, "params": params, "inputs": ["input"]}}
    graph = Graph.model_validate({"nodes": nodes})
    analyse(Graph.model_validate({"nodes": {"input": nodes["input"], "behind": {"block": "ReLU", "params": {}, "inputs": ["input"]}}}))  # loads Keras
    forget_peak()
    before, began = peak_megabytes(), time.process_time()
    found = analyse(graph)
    assert time.process_time() - began < SECONDS
    assert peak_megabytes() - before < MEGABYTES
    assert all(message.node == "behind" and message.text for message in found.errors), found.errors


@pytest.fixture
def wrong() -> Iterator[str]:
    """A block that fills the memory when it looks at its input, in the registry for the time of one test."""

    class Wasteful(LayerBlock):
        category, layer = "wrong", "keras.layers.ReLU"
        size: int = 0

        def problem(self, inputs: list[AnySpec]) -> tuple[str, str] | None:  # noqa: ARG002
            np.ones(self.size, "uint8")
            return [][self.size] if self.size == 1 else None

    yield Wasteful.__name__
    registry.remove(Wasteful.__name__)


def test_what_wastes_memory_or_breaks_off_is_found(wrong: str) -> None:
    def found(size: int) -> Found:
        return tried(0, Case(wrong, "", {"size": size}, (Spec((6,)),)))

    assert found(0).problem == ""
    assert found(1).problem.startswith("IndexError")
    assert found(400 * 2**20).megabytes > MEGABYTES
    assert list(largest(int | None, [])) == [10**9]
