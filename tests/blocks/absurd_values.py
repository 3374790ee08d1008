"""Blocks with absurd parameters and inputs, analysed one by one in a process that may break off without harm."""

from __future__ import annotations

import json
import os
import sys
import threading
import time
import types
import typing
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, get_args, get_origin

import psutil

import blocks
from blocks.base import Block
from blocks.spec import AnySpec, Spec
from tests.blocks import drawing

PATIENCE_SECONDS = 60.0
"""After so long a case is given up, with the process that it runs in."""
MOST_MEGABYTES = 2000
"""What a case may take before its process is ended."""
HUGE = (10**9, 10**12, 10**18, 10**40)
WIDE = 100_000
"""The length of every axis of an absurd input."""
ALL = sorted(blocks.all())


@dataclass(frozen=True)
class Case:
    """One block with absurd parameters or an absurd input."""

    block: str
    words: str
    params: dict[str, Any]
    specs: tuple[AnySpec, ...]


@dataclass(frozen=True)
class Found:
    """What it took: seconds of the processor, so that other processes don't count, and memory."""

    case: int
    seconds: float
    megabytes: float
    problem: str = ""


def largest(annotation: Any, metadata: list[Any]) -> Iterator[Any]:
    """Values at the upper limits, in each form that a field takes; 10**9 where there is no limit. Nothing where there are no whole numbers."""
    origin = get_origin(annotation)
    if origin is typing.Annotated:
        inner, *more = get_args(annotation)
        yield from largest(inner, [*metadata, *more])
    elif origin in (typing.Union, types.UnionType):
        for part in get_args(annotation):
            yield from largest(part, list(metadata))
    elif annotation is int:
        _, most = drawing.limits(metadata)
        yield HUGE[0] if most is None else int(most)
    elif origin is tuple:
        parts = get_args(annotation)
        if parts[-1] is Ellipsis:
            for value in largest(parts[0], []):
                yield from ([value] * length for length in (1, 2, 3, 6))
        else:
            each = [list(largest(part, [])) for part in parts]
            if all(each):
                yield [values[0] for values in each]


def whole_numbers(block: type[Block]) -> dict[str, list[Any]]:
    """The fields with whole numbers, and their largest values."""
    found = {name: list(largest(info.annotation, list(info.metadata))) for name, info in block.model_fields.items() if not drawing.from_data(info)}
    return {name: values for name, values in found.items() if values}


def absurd_params(block: type[Block]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Parameters at their limits: one by one, all together, and those of blocks inside."""
    fields = whole_numbers(block)
    for name, values in fields.items():
        for value in values:
            yield f"{name}={value}", {name: value}
    if len(fields) > 1:
        yield "all at their limits", {name: values[0] for name, values in fields.items()}
    for form in block.form_fields():
        if form.control == "block":
            for choice in form.choices:
                inside = {name: values[0] for name, values in whole_numbers(blocks.get(choice)).items()}
                yield f"{form.name}={choice} at its limits", {form.name: {"block": choice, "params": inside}}
                for name, value in inside.items():
                    yield f"{form.name}={choice} with {name}={value}", {form.name: {"block": choice, "params": {name: value}}}


def cases() -> list[Case]:
    """Everything that is tried."""
    from tests.blocks.samples import KEPT, inputs_for, params_for

    found = []
    for name in ALL:
        if name == "Input":
            continue
        block = blocks.get(name)
        for specs in inputs_for(block):
            fitting = {**params_for(block, specs), **({"units": 3} if name == "Output" else {})}
            here = " and ".join("x".join(map(str, spec.shape)) or "one" for spec in specs)
            for words, params in absurd_params(block):
                found.append(Case(name, f"{words} on {here}", {**fitting, **params}, tuple(specs)))
            wide = tuple(spec._replace(shape=(WIDE,) * len(spec.shape)) if isinstance(spec, Spec) else spec for spec in specs)
            kept = {**fitting, **KEPT.get(name, {})}
            found.append(Case(name, f"an input of {WIDE:,} along each axis, {len(wide[0].shape)} axes", kept, wide))
    return found


def peak_megabytes() -> float:
    """The most memory that this process had since `forget_peak`; where the system does not say, what it has now."""
    try:
        lines = Path("/proc/self/status").read_text("ascii").splitlines()
    except OSError:
        lines = []
    for line in lines:
        if line.startswith("VmHWM:"):
            return int(line.split()[1]) / 1024
    return float(psutil.Process().memory_info().rss) / 2**20


def forget_peak() -> None:
    try:
        Path("/proc/self/clear_refs").write_text("5", "ascii")
    except OSError:
        return


def tried(number: int, case: Case) -> Found:
    """One case, analysed."""
    from blocks import analyse
    from tests.blocks.samples import graph_of

    forget_peak()
    before, began = peak_megabytes(), time.process_time()
    problem = ""
    try:
        found = analyse(graph_of(case.block, case.params, list(case.specs)))
        if any(not message.text.strip() for message in found.messages):
            problem = "a message without words"
    except Exception as error:  # noqa: BLE001 - whatever escapes is the finding
        problem = f"{type(error).__name__}: {str(error)[:200]}"
    return Found(number, time.process_time() - began, peak_megabytes() - before, problem)


def tell(found: Found) -> None:
    sys.stdout.write(json.dumps(asdict(found)) + "\n")
    sys.stdout.flush()


def work(first: int) -> None:
    """All cases from one on, in a process of their own; a line of JSON for each."""
    everything = cases()
    current: list[Any] = [first, time.perf_counter(), peak_megabytes()]

    def watch() -> None:
        while True:
            time.sleep(0.1)
            number, began, before = current
            seconds, megabytes = time.perf_counter() - began, psutil.Process().memory_info().rss / 2**20 - before
            if seconds > PATIENCE_SECONDS or megabytes > MOST_MEGABYTES:
                tell(Found(number, seconds, megabytes, "given up"))
                os._exit(1)

    known: set[str] = set()
    for number in range(first, len(everything)):
        case = everything[number]
        if number == first:
            tried(number, Case("ReLU", "", {}, (Spec((6,)),)))  # Keras is loaded
            current[:] = [number, time.perf_counter(), peak_megabytes()]
            threading.Thread(target=watch, daemon=True).start()
        if case.block not in known:  # modules of own layers are loaded
            known.add(case.block)
            current[:] = [number, time.perf_counter(), psutil.Process().memory_info().rss / 2**20]
            tried(number, Case(case.block, "", {}, case.specs))
        current[:] = [number, time.perf_counter(), psutil.Process().memory_info().rss / 2**20]
        tell(tried(number, case))


if __name__ == "__main__":
    work(int(sys.argv[1]))
