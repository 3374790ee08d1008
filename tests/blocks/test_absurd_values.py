"""Slips of the finger: the largest values that a declaration allows are analysed or refused at once, without memory; what is above is refused."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time

import pytest

import blocks
from blocks import InvalidValueError
from tests.blocks.absurd_values import ALL, HUGE, Found, cases, forget_peak, peak_megabytes, whole_numbers

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
            number = value[0] if isinstance(value, list) else value
            for absurd in (number + 1, *(huge for huge in HUGE if huge > number)):
                given = [absurd] * len(value) if isinstance(value, list) else absurd
                began = time.perf_counter()
                with pytest.raises(InvalidValueError) as caught:
                    block.read({field: given})
                assert time.perf_counter() - began < SECONDS
                sentence = str(caught.value)
                assert "\n" not in sentence
                assert sentence.startswith(f"{name}: "), sentence


def test_a_thousand_million_units_get_a_clear_message() -> None:
    for name, field in (("Dense", "units"), ("LSTM", "units"), ("Conv2D", "filters"), ("Embedding", "output_dim"), ("Output", "units")):
        with pytest.raises(InvalidValueError) as caught:
            blocks.get(name).read({field: 10**9})
        wanted = "a whole number from 1 to 10,000,000" + " or nothing" * (name == "Output")
        assert str(caught.value) == (f"{name}: invalid {field}. Expected: {wanted}. Received: 1000000000. The nearest allowed value is 10,000,000.")


@pytest.mark.parametrize("shape", [[10**9], [10**9, 10**9, 3], [10**18] * 4, [10**40], [-1, 3], [3] * 200, [2**31, 1], [0] * 6, []], ids=str)
@pytest.mark.parametrize("behind", ["Dense", "Flatten", "Conv2D", "GlobalAveragePooling2D", "LSTM", "Reshape"])
def test_an_absurd_input_is_analysed_or_refused(shape: list[int], behind: str) -> None:
    from blocks import Graph, analyse

    params = {"target_shape": [-1, 3]} if behind == "Reshape" else {}
    nodes = {"input": {"block": "Input", "params": {"shape": shape}}, "behind": {"block": behind, "params": params, "inputs": ["input"]}}
    graph = Graph.model_validate({"nodes": nodes})
    forget_peak()
    before, began = peak_megabytes(), time.perf_counter()
    found = analyse(graph)
    assert time.perf_counter() - began < SECONDS + 10 * (before < 400)  # Keras is loaded with the first one
    assert peak_megabytes() - before < (MEGABYTES if before > 400 else 1000)
    assert all(message.text.strip() for message in found.messages)
    refused = any(message.node == "input" for message in found.errors)
    assert refused == any(not 0 <= size <= 10**9 for size in shape) or not found.errors
