"""The Model page as tests drive it: nodes, ports and edges of the canvas, the fields beside it, and the network that is saved."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from typing import Any, Literal

from playwright.sync_api import FloatRect, Locator, Page, ViewportSize, expect

from blocks import Graph

PATIENT = 120_000
SOON_SECONDS = 30.0
PHONE = ViewportSize(width=390, height=844)
FOCUSED = "(document.activeElement.dataset.testid ?? document.activeElement.getAttribute('aria-label') ?? '')"

CHAIN: dict[str, Any] = Graph.model_validate(
    {
        "nodes": {
            "image": {"block": "Input"},
            "conv1": {"block": "Conv2D", "params": {"filters": 6, "padding": "same"}, "inputs": ["image"]},
            "relu1": {"block": "ReLU", "inputs": ["conv1"]},
            "pool1": {"block": "MaxPooling2D", "inputs": ["relu1"]},
            "flat": {"block": "Flatten", "inputs": ["pool1"]},
            "label": {"block": "Output", "inputs": ["flat"]},
        }
    }
).document()
STAGED: dict[str, Any] = Graph.model_validate(
    {
        "nodes": {
            "image": {"block": "Input"},
            "conv1": {"block": "Conv2D", "params": {"filters": 6, "padding": "same"}, "inputs": ["image"]},
            "stage": {"block": "Residual", "params": {"filters": 6}, "inputs": ["conv1"]},
            "flat": {"block": "Flatten", "inputs": ["stage"]},
            "label": {"block": "Output", "inputs": ["flat"]},
        }
    }
).document()


def node(page: Page, path: str) -> Locator:
    return page.get_by_test_id(f"node-{path}")


def tool(page: Page, name: str) -> Locator:
    return page.get_by_role("toolbar", name="Network").get_by_role("button", name=name, exact=True)


def drafted(page: Page, site: str, graph: dict[str, Any] | None, dataset: str = "digits") -> str:
    """A new draft with this network (None: what the data choose); its id."""
    recipe = {"dataset": dataset, **({"graph": graph} if graph is not None else {})}
    made = page.request.post(f"{site}/api/drafts", data={"recipe": recipe})
    assert made.ok, made.text()
    return str(made.json()["id"])


def visit(page: Page, site: str, draft: str) -> None:
    """Opens the Model page of a draft, and waits until its network is drawn and judged."""
    page.goto(f"{site}/model?draft={draft}")
    expect(page.locator(".s-tool").first).to_be_visible(timeout=PATIENT)
    expect(page.get_by_test_id("palette-Conv2D")).to_be_visible(timeout=PATIENT)
    expect(page.locator(".s-node").first).to_be_visible(timeout=PATIENT)
    judged(page)


def judged(page: Page) -> None:
    """Waits until the figures of the network are there."""
    expect(page.locator(".s-below")).to_have_attribute("aria-busy", "false", timeout=PATIENT)


def opened(page: Page, site: str, graph: dict[str, Any] | None, dataset: str = "digits") -> str:
    """The Model page of a new draft; its id."""
    draft = drafted(page, site, graph, dataset)
    visit(page, site, draft)
    return draft


def exported(page: Page, site: str, draft: str) -> dict[str, Any]:
    """The draft's network as the button Export gives it."""
    answer = page.request.get(f"{site}/api/model/graph?draft={draft}")
    assert answer.ok, answer.text()
    found: dict[str, Any] = json.loads(answer.text())
    return found


def recipe_graph(page: Page, site: str, draft: str) -> Any:
    """The network of a draft as its recipe says it: a graph, or the order of a preset."""
    return page.request.get(f"{site}/api/drafts/{draft}").json()["recipe"].get("graph")


def soon(page: Page, what: Callable[[], object], wanted: object) -> None:
    """Waits until a function gives this value."""
    end = time.monotonic() + SOON_SECONDS
    while (found := what()) != wanted:
        if time.monotonic() > end:
            assert found == wanted
        page.wait_for_timeout(80)


def wires(page: Page, site: str, draft: str) -> dict[str, list[str]]:
    """The inputs of every node of the draft as it is saved, in the order of the document."""
    return {name: document.get("inputs", []) for name, document in exported(page, site, draft)["nodes"].items()}


def expect_wires(page: Page, site: str, draft: str, **wanted: list[str]) -> None:
    """Waits until the saved network has these nodes in this order, with these inputs."""
    soon(page, lambda: list(wires(page, site, draft).items()), list(wanted.items()))


def expect_params(page: Page, site: str, draft: str, name: str, wanted: dict[str, Any]) -> None:
    """Waits until a node of the saved network has these parameters."""
    soon(page, lambda: exported(page, site, draft)["nodes"][name].get("params", {}), wanted)


def expect_chosen(page: Page, *paths: str) -> None:
    """Waits until exactly these nodes are chosen."""
    pressed = "all => all.map((each) => each.dataset.testid.replace('node-', '')).sort()"
    soon(page, lambda: page.locator(".s-canvas [aria-pressed=true][data-testid^=node-]").evaluate_all(pressed), sorted(paths))


def chosen(page: Page) -> str:
    """The id of the chosen node."""
    return page.get_by_test_id("node-id").input_value()


def focused(page: Page) -> str:
    """The test id, or else the name, of what has the focus."""
    return str(page.evaluate(FOCUSED))


def expect_focus(page: Page, wanted: str) -> None:
    soon(page, lambda: focused(page), wanted)


def box(locator: Locator) -> FloatRect:
    found = locator.bounding_box()
    assert found is not None
    return found


def resting(locator: Locator) -> FloatRect:
    """The box of what may be on its way: an answer of the server arranges the canvas anew."""
    end = time.monotonic() + SOON_SECONDS
    found = box(locator)
    while True:
        locator.page.wait_for_timeout(100)
        last, found = found, box(locator)
        if last == found or time.monotonic() > end:
            return found


def center(locator: Locator) -> tuple[float, float]:
    found = box(locator)
    return found["x"] + found["width"] / 2, found["y"] + found["height"] / 2


def between(page: Page, upper: str, lower: str) -> tuple[float, float]:
    """The middle of the edge from one node to the one right below it."""
    first, second = box(node(page, upper)), box(node(page, lower))
    return first["x"] + first["width"] / 2, (first["y"] + first["height"] + second["y"]) / 2


def drag(page: Page, start: tuple[float, float], end: tuple[float, float]) -> None:
    """Presses the mouse at one point, and lets go at another."""
    page.mouse.move(*start)
    page.mouse.down()
    page.mouse.move((start[0] + end[0]) / 2, (start[1] + end[1]) / 2, steps=4)
    page.mouse.move(*end, steps=4)
    page.mouse.up()


def also(page: Page, path: str, key: Literal["Shift", "ControlOrMeta"] = "Shift") -> None:
    """Clicks a node while a key is held, so that it is chosen beside the others."""
    node(page, path).click(modifiers=[key])


def connect(page: Page, source: str, target: str, port: int = 0) -> None:
    """Drags an edge from one node's output to another's input."""
    ports = page.get_by_test_id(f"port-out-{source}-0"), page.get_by_test_id(f"port-in-{target}-{port}")
    for each in ports:
        resting(each)
    drag(page, *map(center, ports))


def drop(page: Page, block: str, x: float, y: float) -> None:
    """Drags a block from the palette to a point of the page that lies on the canvas."""
    canvas = page.locator(".s-canvas")
    frame = box(canvas)
    page.get_by_test_id("palette-search").fill(block)
    page.get_by_test_id(f"palette-{block}").drag_to(canvas, target_position={"x": x - frame["x"], "y": y - frame["y"]})


def choose(page: Page, search: str, block: str) -> None:
    """Chooses a block in the dialog that is open."""
    page.get_by_test_id("choice-search").fill(search)
    page.get_by_test_id(f"choice-{block}").click()
    expect(page.get_by_role("dialog")).to_have_count(0)


def places(page: Page, *paths: str) -> dict[str, tuple[int, int]]:
    """Where nodes stand on the page, in whole pixels."""
    found = {path: box(node(page, path)) for path in paths}
    return {path: (round(each["x"]), round(each["y"])) for path, each in found.items()}
