"""Every rule about networks on the Model page: what it finds is listed at its node, and one click mends it; Undo brings it back."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from blocks.features import Feature
from blocks.lint.base import Example, registry
from studio.datasets.manifest import Manifest
from studio.workspace import Workspace
from tests.browser.conftest import fresh

pytestmark = [pytest.mark.browser, pytest.mark.slow]
PATIENT = 120_000
NO_TARGET = tuple(Feature(name=name, role="target", kind="category", classes=("a", "b", "c")) for name in ("one", "another"))
"""Two targets, so that no Output binds to one by itself: for examples that say all sizes themselves."""


@pytest.fixture(scope="module")
def context(browser: Browser) -> Iterator[BrowserContext]:
    """One person who meets all of them: the program is loaded once."""
    yield from fresh(browser)


def dataset(folder: Path, name: str, example: Example) -> str:
    """A dataset with the features of an example, as far as networks are judged: its manifest."""
    place = Workspace(folder).datasets / f"for-{name}"
    place.mkdir()
    features = list(example.features) or list(NO_TARGET)
    splits = {"train": 700, "validation": 150, "test": 150}
    Manifest(name=place.name, title=name, kind="arrays", samples=1000, features=features, splits=splits, split_origin="made", hash=name).save(place)
    return place.name


def recipe(name: str, example: Example) -> dict[str, Any]:
    situation = example.situation
    training = {"batch_size": situation.batch_size, "loss": situation.loss} if situation else {}
    given = {key: value for key, value in training.items() if value is not None}
    return {"dataset": name, "graph": example.graph.document(), **({"training": given} if given else {})}


@pytest.mark.parametrize("name", list(registry.all()))
def test_found_mended_and_undone(page: Page, site: str, workspace_folder: Path, name: str) -> None:
    example = registry.all()[name].example()
    made = page.request.post(f"{site}/api/drafts", data={"recipe": recipe(dataset(workspace_folder, name, example), example)})
    assert made.ok, made.text()
    draft = made.json()["id"]
    page.goto(f"{site}/model?draft={draft}")
    page.get_by_role("tab", name="Problems").click(timeout=PATIENT)
    found = page.locator(f".s-below [data-rule='{name}']")
    expect(found).to_have_count(1, timeout=PATIENT)
    if example.node:
        found.get_by_role("button", name=example.node, exact=True).click()
        expect(page.get_by_test_id(f"inspector-{example.node}")).to_be_visible()
        expect(page.get_by_test_id(f"node-{example.node}").locator(".s-message-sign")).to_be_visible()
    fix = found.locator(".s-fix")
    if fix.count() == 0:
        return
    before = page.request.get(f"{site}/api/drafts/{draft}").json()["recipe"]["graph"]
    fix.click()
    expect(found).to_have_count(0)
    after = page.request.get(f"{site}/api/drafts/{draft}").json()["recipe"]["graph"]
    assert after != before
    page.get_by_role("button", name="Undo", exact=True).click()
    expect(found).to_have_count(1)
    assert json.dumps(page.request.get(f"{site}/api/drafts/{draft}").json()["recipe"]["graph"]) == json.dumps(before)
