"""Two writers at once, in one process and in several: no version is lost, none is written twice."""

from __future__ import annotations

import subprocess
import sys
import threading
from collections import Counter
from pathlib import Path

import pytest

from blocks.graph import Graph
from studio.library import graphs, modules
from studio.library.graphs import StaleGraphError
from studio.workspace import Workspace

ROOT = Path(__file__).parents[3]
SAVING = """
import sys
from blocks.graph import Graph
from studio.library import graphs
from studio.library.graphs import StaleGraphError
from studio.workspace import Workspace

workspace, writer, times = Workspace(sys.argv[1]), sys.argv[2], int(sys.argv[3])
print("ready", flush=True)
sys.stdin.readline()
for turn in range(times):
    if sys.argv[4] == "append":
        graphs.save(workspace, Graph.model_validate({"nodes": {f"{writer}_{turn}": {"block": "Dense"}}}), "shared")
        continue
    while True:  # read, add a node, save; when somebody was quicker, again
        seen = graphs.load(workspace, "shared")
        node = {f"{writer}_{turn}": {"block": "Dense"}}
        grown = Graph.model_validate({"nodes": {**seen.graph.document()["nodes"], **node}})
        try:
            graphs.save(workspace, grown, "shared", based_on=seen.version)
        except StaleGraphError as error:
            assert error.current.version > seen.version
            continue
        break
"""


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    return Workspace(tmp_path / "workspace")


def dense(units: int) -> Graph:
    return Graph.model_validate({"nodes": {"dense": {"block": "Dense", "params": {"units": units}}}})


def run_writers(workspace: Workspace, writers: int, times: int, mode: str) -> None:
    """Starts processes that save, lets them all go at once, and waits for their end."""
    started = [
        subprocess.Popen(
            [sys.executable, "-c", SAVING, str(workspace.folder), f"writer{number}", str(times), mode],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            cwd=ROOT,
        )
        for number in range(writers)
    ]
    try:
        for each in started:
            assert each.stdout is not None
            assert each.stdout.readline() == "ready\n"
        for each in started:
            assert each.stdin is not None
            each.stdin.write("go\n")
            each.stdin.flush()
        for each in started:
            _, errors = each.communicate(timeout=120)
            assert each.returncode == 0, errors[-500:]
    finally:
        for each in started:
            each.kill()
            each.communicate()


def run_threads(count: int, act: object) -> None:
    threads = [threading.Thread(target=act, args=(number,)) for number in range(count)]  # type: ignore[arg-type]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def test_processes_that_save_at_once_lose_no_version(workspace: Workspace) -> None:
    run_writers(workspace, 3, 8, "append")
    (entry,) = graphs.listed(workspace)
    assert (entry.name, entry.versions) == ("shared", 24)
    assert [each.version for each in graphs.versions(workspace, "shared")] == list(range(24, 0, -1))
    kept = Counter(node for number in range(1, 25) for node in graphs.load(workspace, "shared", number).graph.nodes)
    assert kept == {f"writer{writer}_{turn}": 1 for writer in range(3) for turn in range(8)}


def test_processes_that_build_on_what_they_have_seen_lose_no_change(workspace: Workspace) -> None:
    graphs.save(workspace, Graph(), "shared")
    run_writers(workspace, 2, 8, "build")
    newest = graphs.load(workspace, "shared")
    assert newest.version == 17
    assert set(newest.graph.nodes) == {f"writer{writer}_{turn}" for writer in range(2) for turn in range(8)}


def test_of_many_saves_based_on_one_version_exactly_one_is_taken(workspace: Workspace) -> None:
    graphs.save(workspace, dense(1), "net")
    taken: list[int] = []
    refused: list[StaleGraphError] = []

    def save(number: int) -> None:
        try:
            graphs.save(workspace, dense(number + 10), "net", based_on=1)
        except StaleGraphError as error:
            refused.append(error)
        else:
            taken.append(number)

    run_threads(8, save)
    assert len(taken) == 1
    assert {error.current.version for error in refused} == {2}
    assert {error.current.graph.nodes["dense"].params["units"] for error in refused} == {taken[0] + 10}
    assert len(refused) == 7


def test_threads_that_name_a_new_network_alike_make_one(workspace: Workspace) -> None:
    saved: list[graphs.Saved] = []
    run_threads(6, lambda number: saved.append(graphs.save(workspace, dense(number + 1), "new net")))
    assert {each.name for each in saved} == {"new-net"}
    assert sorted(each.version for each in saved) == [1, 2, 3, 4, 5, 6]


def test_threads_whose_names_have_one_slug_make_several(workspace: Workspace) -> None:
    names = ["a b", "a-b", "a/b", "a\\b", "a+b", "a  -b"]
    run_threads(6, lambda number: graphs.save(workspace, dense(number + 1), names[number]))
    assert {entry.title for entry in graphs.listed(workspace)} == {"a b", "a-b", "a/b", "a\\b", "a+b", "a -b"}
    for number, name in enumerate(names):
        assert graphs.load(workspace, name).graph == dense(number + 1)


def test_a_reader_never_sees_a_part(workspace: Workspace) -> None:
    graphs.save(workspace, dense(1), "net")
    done = threading.Event()
    seen: list[int] = []
    problems: list[str] = []

    def read() -> None:
        while not done.is_set():
            (entry,) = graphs.listed(workspace)
            problems.append(entry.newest.problem)
            seen.append(graphs.load(workspace, "net").version)

    reader = threading.Thread(target=read)
    reader.start()
    for number in range(30):
        graphs.save(workspace, dense(number + 2), "net")
    done.set()
    reader.join()
    assert set(problems) == {""}
    assert seen == sorted(seen)


def test_threads_that_keep_modules_of_one_slug_make_several(workspace: Workspace) -> None:
    def keep(number: int) -> None:
        inside = {"nodes": {"c": {"block": "Dense", "params": {"units": number + 1}, "inputs": ["@0"]}}, "outputs": ["c"]}
        modules.save(workspace, Graph.model_validate({"modules": {"M": inside}}), "M", f"a{' -/+'[number]}b")

    run_threads(4, keep)
    assert [each.to_json()["title"] for each in modules.listed(workspace)] == ["a b", "a+b", "a-b", "a/b"]
