"""The line under the bar: in reach on a phone, and Train disabled with the reason beside it for a network with errors."""

from __future__ import annotations

import re
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect

pytestmark = [pytest.mark.browser, pytest.mark.slow]
PATIENT = 120_000
PHONE = {"width": 390, "height": 844}


def draft_with(page: Page, site: str, kernel_size: int) -> str:
    """A draft whose network begins with a convolution of that size, for pictures of 8 x 8 pixels."""
    nodes: dict[str, Any] = {
        "image": {"block": "Input"},
        "conv1": {"block": "Conv2D", "params": {"filters": 4, "kernel_size": kernel_size, "padding": "valid"}, "inputs": ["image"]},
        "flat": {"block": "Flatten", "inputs": ["conv1"]},
        "label": {"block": "Output", "inputs": ["flat"]},
    }
    made = page.request.post(f"{site}/api/drafts", data={"recipe": {"dataset": "digits", "graph": {"format": "studio.graph/1", "nodes": nodes}}})
    assert made.ok, made.text()
    return str(made.json()["id"])


def train_button(page: Page) -> Locator:
    return page.get_by_role("button", name=re.compile("^Train"))


def test_a_network_with_errors_says_so_beside_train_and_one_without_does_not(page: Page, site: str) -> None:
    page.goto(f"{site}/train?draft={draft_with(page, site, 31)}")
    expect(train_button(page)).to_be_disabled(timeout=PATIENT)
    reason = page.locator("#studio-train-reason")
    expect(reason).to_contain_text("conv1: ")
    expect(reason.get_by_role("link")).to_have_attribute("href", re.compile("/model"))
    page.goto(f"{site}/train?draft={draft_with(page, site, 3)}")
    expect(page.get_by_role("region", name="What would be trained now")).to_contain_text("weights", timeout=PATIENT)
    expect(train_button(page)).to_be_enabled()


@pytest.mark.parametrize("path", ["", "data", "model", "train", "runs", "evaluate", "predict", "export"])
def test_on_a_phone_train_stays_in_sight_and_nothing_is_wider_than_the_screen(page: Page, site: str, path: str) -> None:
    page.set_viewport_size(PHONE)
    draft = draft_with(page, site, 3)
    page.goto(f"{site}/{path}?draft={draft}")
    expect(train_button(page)).to_have_count(1)
    expect(page.get_by_role("region", name="What would be trained now")).to_contain_text("epochs", timeout=PATIENT)
    page.locator("[data-mount] > *").first.wait_for(timeout=PATIENT)
    page.evaluate("window.scrollTo(0, document.documentElement.scrollHeight)")
    box = train_button(page).bounding_box()
    assert box is not None
    assert 0 <= box["y"] < PHONE["height"] / 2
    assert box["height"] >= 40
    assert box["x"] + box["width"] <= PHONE["width"]
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
    cut = "Array.from(document.querySelectorAll('.s-line-value')).filter((each) => each.scrollWidth > each.clientWidth + 1).length"
    assert page.evaluate(cut) == 0
