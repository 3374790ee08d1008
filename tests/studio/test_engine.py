"""The helper process with Keras: it answers, is replaced when it dies, and never outlives the one that started it."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures.process import BrokenProcessPool

import psutil
import pytest

import presets
from studio.engine import Engine, analysis_of

SHAPE = (32, 32, 3)


@pytest.fixture
def engine() -> Iterator[Engine]:
    engine = Engine(preload=False)
    yield engine
    engine.close()


def test_runs_functions_elsewhere(engine: Engine) -> None:
    assert engine.submit(os.getpid).result(30) != os.getpid()


def test_what_a_function_raises_arrives(engine: Engine) -> None:
    with pytest.raises(ZeroDivisionError):
        engine.submit(divmod, 1, 0).result(30)
    assert engine.submit(divmod, 7, 2).result(30) == (3, 1)


def test_a_process_that_dies_is_replaced(engine: Engine) -> None:
    first = engine.submit(os.getpid).result(30)
    with pytest.raises(BrokenProcessPool):
        engine.submit(os._exit, 3).result(60)
    assert engine.submit(os.getpid).result(30) != first


def test_a_process_killed_from_outside_costs_no_answer(engine: Engine) -> None:
    first = engine.submit(os.getpid).result(30)
    answer = engine.submit(time.sleep, 2.0)
    psutil.Process(first).kill()
    assert answer.result(60) is None


def test_nothing_after_the_end(engine: Engine) -> None:
    engine.close()
    with pytest.raises(RuntimeError):
        engine.submit(os.getpid)


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no SIGKILL to send")
def test_ends_with_the_process_that_started_it() -> None:
    script = (
        "import os, sys, time\nfrom studio.engine import Engine\n"
        "if __name__ == '__main__':\n    engine = Engine(preload=False)\n"
        "    print(engine.submit(os.getpid).result(), flush=True)\n    time.sleep(60)\n"
    )
    with subprocess.Popen(
        [sys.executable, "-c", script], stdout=subprocess.PIPE, text=True, env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    ) as parent:
        assert parent.stdout is not None
        worker = psutil.Process(int(parent.stdout.readline()))
        parent.send_signal(signal.SIGKILL)
        parent.wait()
    _, alive = psutil.wait_procs([worker], timeout=10)
    assert not alive


def test_an_analysis_as_plain_values() -> None:
    found = analysis_of(presets.get("ResNet20").graph(SHAPE, 10).document(), [])
    assert found["trainable_weights"] == 269_722
    assert found["messages"] == []
    assert {"stage1", "stage1/block1"} <= set(found["levels"])
    inside = found["levels"]["stage1/block1"]
    for node in inside["nodes"]:
        assert f"stage1/block1/{node}" in found["nodes"]


def test_an_analysis_of_a_broken_graph_has_no_levels_for_what_failed() -> None:
    graph = presets.get("ResNet20").graph(SHAPE, 10)
    wrong = graph.with_node("stage1", params={"filters": -1}).document()
    found = analysis_of(wrong, [])
    assert "stage1" not in found["levels"]
    assert any(message["node"] == "stage1" for message in found["messages"])
