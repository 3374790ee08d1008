"""Long orders that a page gave, and what the page process imports for them."""

from __future__ import annotations

import subprocess
import sys
import threading
from concurrent.futures import Future

import pytest

from studio.ui import engine_tasks
from studio.ui.work import Work
from studio.workspace import StudioError
from tests.studio.ui.trained.stand_in import StandInEngine, wait_for


def test_an_order_under_way_is_not_given_twice() -> None:
    ready = threading.Event()
    engine = StandInEngine({"wait": None})
    future: Future[None] = Future()
    engine.submit = lambda function, *args: (engine.asked.append((function.__name__, args)), future)[1]  # type: ignore[method-assign, assignment, func-returns-value]
    work = Work(lambda: engine, idle_seconds=0.05)  # type: ignore[arg-type, return-value]

    def wait() -> None:
        ready.wait()

    work.begin("a", wait)
    work.begin("a", wait)
    wait_for(lambda: engine.asked)
    assert work.state("a")["working"] is not None
    assert work.under_way("a") == "a"
    future.set_result(None)
    wait_for(lambda: work.state("a")["working"] is None)
    assert len(engine.asked) == 1
    wait_for(lambda: engine.closed)


def test_a_helper_that_waits_for_nothing_is_warmed_once_and_closed() -> None:
    engine = StandInEngine()
    work = Work(lambda: engine, idle_seconds=0.05)  # type: ignore[arg-type, return-value]
    work.warm()
    work.warm()
    assert engine.warmed == 1
    wait_for(lambda: engine.closed)


def test_whatever_goes_wrong_is_told() -> None:
    work = Work(lambda: StandInEngine({"broken": ZeroDivisionError("division by zero")}))  # type: ignore[arg-type, return-value]

    def broken() -> None:
        """Never called: the stand-in fails."""

    work.begin("a", broken)
    assert wait_for(lambda: work.state("a")["problem"]) == "ZeroDivisionError: division by zero"
    work.close()


def test_an_answer_that_takes_too_long_is_told() -> None:
    with pytest.raises(StudioError, match="no answer within"):
        engine_tasks.answer(Future(), 0.01)


def test_the_pages_import_neither_keras_nor_scikit_learn_nor_pandas() -> None:
    code = (
        "import sys; import studio.ui.pages.evaluate, studio.ui.pages.predict, studio.ui.pages.export, studio.ui.pages.runs;"
        "from studio.ui import export_view; export_view.formats();"
        "print([name for name in ('keras', 'tensorflow', 'sklearn', 'pandas') if name in sys.modules])"
    )
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.strip() == "[]"
