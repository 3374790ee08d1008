"""The list of datasets, in a real browser: all of it in groups, folded and one below the other on a phone."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from tests.browser.model_page import PHONE
from tests.browser.training_page import PATIENT

pytestmark = [pytest.mark.browser, pytest.mark.slow]
GROUPS = ["Pictures", "Tables", "Texts", "Sounds", "With a transcript", "Time series and sequences"]


def test_the_groups_stand_one_below_the_other(page: Page, site: str) -> None:
    page.goto(f"{site}/data?dataset=iris")
    datasets = page.get_by_role("navigation", name="Datasets")
    expect(datasets.get_by_role("heading", level=3)).to_have_text(GROUPS, timeout=PATIENT)
    expect(datasets.get_by_role("region", name="Tables").get_by_role("button", name="Iris flowers")).to_have_attribute("aria-current", "true")


def test_on_a_phone_a_group_is_opened_and_what_is_chosen_in_it_comes_into_sight(page: Page, site: str) -> None:
    page.set_viewport_size(PHONE)
    page.goto(f"{site}/data?dataset=iris")
    datasets = page.get_by_role("navigation", name="Datasets")
    groups = datasets.get_by_role("region", name="Built in").get_by_role("group")
    expect(groups).to_have_count(len(GROUPS), timeout=PATIENT)
    expect(groups.nth(1)).to_contain_text("Iris flowers")
    expect(datasets.get_by_role("button", name="Wine")).to_be_hidden()
    groups.nth(1).get_by_text("Tables").click()
    chosen = datasets.get_by_role("button", name="Wine")
    expect(chosen).to_be_visible()
    assert datasets.evaluate("list => [list, ...list.querySelectorAll('ul')].every((each) => each.scrollWidth <= each.clientWidth)")
    chosen.click()
    title = page.get_by_role("heading", name="Wine", exact=True)
    expect(title).to_be_in_viewport(timeout=PATIENT)
