"""Modules that are kept for other networks."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from blocks.graph import Graph
from tests.browser.library_page import document, opened, said, small, tool

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.usefixtures("empty_library")]
TOWER = {
    "Unit": {"nodes": {"c": {"block": "Conv2D", "params": {"filters": 4, "padding": "same"}, "inputs": ["@0"]}}, "outputs": ["c"]},
    "Tower": {"nodes": {"u": {"block": "module:Unit", "inputs": ["@0"]}}, "outputs": ["u"]},
}


def test_a_module_is_kept_and_used_in_another_network(page: Page, site: str) -> None:
    graph = small("Towers", modules=TOWER)
    graph["nodes"]["tower"] = {"block": "module:Tower", "params": {}, "inputs": ["conv1"]}
    graph["nodes"]["flat"]["inputs"] = ["tower"]
    first = opened(page, site, Graph.model_validate(graph).document())
    page.get_by_role("tab", name="Modules").click()
    entry = page.get_by_test_id("palette-module:Tower")
    expect(entry).to_contain_text("1 node · 1 input · 1 output")
    expect(entry).to_contain_text("used once")
    page.get_by_role("button", name="Rename the module Tower").click()
    field = page.get_by_role("textbox", name="Name of the module")
    field.fill("Spire")
    field.press("Enter")
    expect(page.get_by_test_id("palette-module:Spire")).to_be_visible()
    assert document(page, site, first)["nodes"]["tower"]["block"] == "module:Spire"
    page.get_by_role("button", name="Keep Spire for other networks").click()
    said(page, "Spire is kept for other networks")

    second = opened(page, site, small("Plain"))
    page.get_by_role("tab", name="Modules").click()
    page.get_by_test_id("node-conv1").click()
    page.get_by_test_id("palette-kept:Spire").click()
    expect(page.get_by_test_id("palette-module:Spire")).to_be_visible()
    found = document(page, site, second)
    assert list(found["modules"]) == ["Unit", "Spire"]
    (name,) = set(found["nodes"]) - {"image", "conv1", "flat", "label"}
    assert found["nodes"][name]["inputs"] == ["conv1"]
    assert found["nodes"]["flat"]["inputs"] == [name]
    tool(page, "Undo").click()
    expect(page.get_by_test_id("palette-module:Spire")).to_have_count(0)
    assert document(page, site, second) == small("Plain"), "the module and its node are one step"

    page.get_by_test_id("palette-kept:Spire").drag_to(page.locator(".s-canvas"), target_position={"x": 60, "y": 60})
    expect(page.get_by_test_id("palette-module:Spire")).to_be_visible()
    page.get_by_role("button", name="Delete the kept module Spire").click()
    page.get_by_role("button", name="Yes, delete").click()
    expect(page.get_by_test_id("palette-kept:Spire")).to_have_count(0)
    assert "Spire" in document(page, site, second)["modules"], "what uses it keeps it"
