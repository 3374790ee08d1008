"""The Train page as tests drive it: a dataset is chosen, Train is pressed, and a run comes out."""

from __future__ import annotations

import re

from playwright.sync_api import Page, expect

PATIENT = 180_000


def use(page: Page) -> None:
    """Makes the dataset that the Data page shows the draft's."""
    page.get_by_role("button", name="Use this dataset").click()
    expect(page.locator(".s-using")).to_be_visible(timeout=PATIENT)


def run_name(page: Page) -> str:
    """The run that the address names."""
    found = re.search(r"[?&]run=([^&#]+)", page.url)
    assert found is not None, page.url
    return found[1]


def start(page: Page) -> str:
    """Presses Train on the Train page; the name of the run, once the page shows it instead of an earlier one."""
    with page.expect_response(lambda answer: answer.request.method == "POST" and answer.url.endswith("/train"), timeout=PATIENT) as begun:
        page.get_by_role("button", name=re.compile("^Train")).click(timeout=PATIENT)
    run = str(begun.value.json()["run"])
    page.wait_for_url(re.compile(rf"[?&]run={run}(&|#|$)"), timeout=PATIENT)
    return run


def expect_status(page: Page, run: str, status: str) -> None:
    """Waits until the page says this of a run."""
    shown = page.get_by_role("region", name=f"Run {run}")
    expect(shown.get_by_test_id("run-status")).to_have_attribute("data-status", status, timeout=PATIENT)


def finish(page: Page) -> str:
    """Presses Train, and waits for the end of the run; its name."""
    run = start(page)
    expect_status(page, run, "finished")
    return run


def train(page: Page, epochs: int) -> str:
    """Trains the draft for so many epochs, from any page; the name of the finished run."""
    page.get_by_role("link", name="Train", exact=True).click()
    page.get_by_label("Epochs", exact=True).fill(str(epochs))
    return finish(page)
