"""Whatever dies or is closed, a training goes on or says why it does not: page process, trainer, tabs."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from studio import runs
from studio.runs import Run
from studio.workspace import Workspace
from tests.browser.conftest import Site
from tests.browser.training_page import PATIENT, expect_status, start
from tests.processes import spares_of

pytestmark = [pytest.mark.browser, pytest.mark.slow]


@pytest.fixture
def own(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Site]:
    """A page process of the test's own, with and without a spare trainer."""
    site = Site(tmp_path / "workspace", warm=request.param)
    yield site
    site.stop()
    for run in runs.all_runs(Workspace(site.folder)):
        if run.status().is_alive and (pid := run.status().pid):
            os.kill(pid, signal.SIGTERM)


@pytest.fixture
def tab(browser: Browser) -> Iterator[Callable[[], Page]]:
    """Opens tabs, each with memory of its own."""
    contexts = []

    def open_tab() -> Page:
        context = browser.new_context(viewport={"width": 1440, "height": 900}, locale="en-US")
        context.set_default_timeout(60_000)
        contexts.append(context)
        return context.new_page()

    yield open_tab
    for context in contexts:
        context.close()


def train(page: Page, site: Site, **training: Any) -> Run:
    """Presses Train for a draft of these settings; the run, once its curves are drawn."""
    made = page.request.post(f"{site.address}/api/drafts", data={"recipe": {"dataset": "digits", "training": {"early_stopping": False, **training}}})
    page.goto(f"{site.address}/train?draft={made.json()['id']}")
    if site.warm:
        wait_for(lambda: bool(spares_of(site.process.pid)))
        spare = spares_of(site.process.pid)[0].pid
    name = start(page)
    expect_status(page, name, "running")
    page.locator(".s-curve .uplot").first.wait_for(timeout=PATIENT)
    run = runs.get(Workspace(site.folder), name)
    wait_for(lambda: run.status().epoch >= 3)
    assert not site.warm or run.status().pid == spare, "the spare did not take the run"
    return run


def wait_for(condition: Callable[[], bool], seconds: float = 120.0) -> None:
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.1)


def expect_to_move(page: Page) -> None:
    """The status says that it runs, and the step and the curves go on."""
    expect(page.get_by_test_id("run-status")).to_have_attribute("data-status", "running", timeout=PATIENT)
    page.locator(".s-curve .uplot").first.wait_for(timeout=PATIENT)
    figure = page.locator(".s-figure").nth(1)
    expect(figure).not_to_have_text(figure.inner_text(), timeout=30_000)
    curve = page.locator(".s-curve canvas").first
    before = curve.evaluate("canvas => canvas.toDataURL()")
    wait_for(lambda: curve.evaluate("canvas => canvas.toDataURL()") != before, 30)


def points(page: Page, site: Site, run: Run) -> int:
    """Points of the longest curve that a page gets which sees the run for the first time."""
    groups = page.request.get(f"{site.address}/api/runs/{run.id}/metrics").json()["groups"]
    assert all(group["step"][0] > 0 for group in groups)
    return max(len(group["step"]) for group in groups)


@pytest.mark.parametrize("own", [False, True], ids=["cold", "warm"], indirect=True)
def test_a_killed_page_process_is_replaced_and_the_training_never_notices(own: Site, tab: Callable[[], Page]) -> None:
    first = tab()
    run = train(first, own, epochs=100_000)
    pid, step, seen = run.status().pid, run.status().step, points(first, own, run)
    own.kill()
    wait_for(lambda: run.status().step > step + 200)
    assert (run.status().status, run.status().pid) == ("running", pid)

    own.start()
    expect_to_move(first)  # the tab that was open all the time
    second = tab()
    second.goto(f"{own.address}/train?run={run.id}")
    expect_to_move(second)
    assert points(second, own, run) > seen
    second.reload()
    expect_to_move(second)
    first.context.close()
    third = tab()
    third.goto(f"{own.address}/runs")
    expect(third.get_by_role("row").filter(has_text=run.id).first).to_contain_text("Running", timeout=PATIENT)
    expect_to_move(second)

    second.get_by_role("button", name="Stop").click()
    expect(second.get_by_test_id("run-status")).to_have_attribute("data-status", "stopped", timeout=PATIENT)
    expect(third.get_by_role("row").filter(has_text=run.id).first).to_contain_text("Stopped", timeout=PATIENT)
    assert run.status().pid == pid
    assert set(run.results()) == {"train", "validation", "test"}


@pytest.mark.parametrize("own", [False], ids=["cold"], indirect=True)
def test_a_killed_trainer_is_shown_with_its_reason_and_resumed_to_the_end(own: Site, tab: Callable[[], Page]) -> None:
    page = tab()
    run = train(page, own, epochs=40)
    pid = run.status().pid
    assert pid is not None
    os.kill(pid, signal.SIGKILL)
    status = page.get_by_test_id("run-status")
    expect(status).to_have_attribute("data-status", "crashed", timeout=10_000)
    expect(page.locator(".s-reason")).to_contain_text("ended from outside at step")
    page.reload()
    expect(status).to_have_attribute("data-status", "crashed", timeout=PATIENT)
    page.get_by_role("button", name="Resume").click()
    expect(status).to_have_attribute("data-status", "running", timeout=PATIENT)
    expect(status).to_have_attribute("data-status", "finished", timeout=PATIENT)
    assert (run.status().epoch, run.status().epochs) == (40, 40)
    steps = [point.step for point in run.metrics()[0] if point.split == "validation" and point.name == "loss"]
    assert len(steps) == len(set(steps)) == 40, "an epoch was lost or measured twice"
