"""Measures the canvas of the Model page: `python -m benchmarks.canvas`.

A page process and a real Chromium; networks of plain chains of Conv2D, BatchNormalization and ReLU on the built-in digits.

- Edit: from the typed character in a field to the new shape drawn on the edge behind the node.
- Opening: from the order to put a network of 500 nodes in place of another, to the frame in which its first and last node are drawn.
- Frames: while the canvas of 500 nodes is dragged and zoomed.
"""

from __future__ import annotations

import argparse
import statistics
import tempfile
from pathlib import Path
from typing import Any

from playwright.sync_api import Page

from benchmarks.page import chromium, served

EDITS = 20
WAIT_MILLISECONDS = 60_000
WATCH_EDGE = """
(edge) => {
  const label = () => document.querySelector(`[data-testid="edge-${edge}-0"] .s-wire-shape`)?.textContent ?? '';
  const field = document.querySelector('[data-testid="param-filters"]');
  window.__took = null;
  field.addEventListener('input', () => {
    const start = performance.now();
    const before = label();
    const look = () => {
      if (label() !== before) window.__took = performance.now() - start;
      else requestAnimationFrame(look);
    };
    requestAnimationFrame(look);
  }, { once: true });
}
"""
COUNT_FRAMES = """
() => {
  window.__frames = [];
  window.__counting = true;
  let last = performance.now();
  const frame = () => {
    const now = performance.now();
    window.__frames.push(now - last);
    last = now;
    if (window.__counting) requestAnimationFrame(frame);
  };
  requestAnimationFrame(frame);
}
"""
OPEN = """
async ([nodes, first, last]) => {
  const drawn = (id) => document.querySelector(`[data-testid="node-${id}"]`);
  const start = performance.now();
  const transfer = new DataTransfer();
  transfer.items.add(new File([JSON.stringify({ format: 'studio.graph/1', nodes })], 'network.json'));
  const input = document.querySelector('input[aria-label="Import"]');
  input.files = transfer.files;
  input.dispatchEvent(new Event('change', { bubbles: true }));
  return await new Promise((done) => {
    const look = () => {
      if (drawn(first) && drawn(last)) requestAnimationFrame(() => done(performance.now() - start));
      else requestAnimationFrame(look);
    };
    requestAnimationFrame(look);
  });
}
"""


def main() -> None:
    """Measures and prints."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--edits", type=int, default=EDITS)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder, chromium() as browser, served(Path(folder)) as address:
        page = browser.new_page(viewport={"width": 1440, "height": 900})
        page.set_default_timeout(WAIT_MILLISECONDS)
        for layers in (30, 150):
            times = edit_times(page, address, layers, arguments.edits)
            print(f"edit, {layers} layers: median {statistics.median(times):.0f} ms, worst {max(times):.0f} ms", flush=True)
        print(f"opening 500 nodes: {opening(page, address):.0f} ms", flush=True)
        for name, frames in moving(page).items():
            print(
                f"{name}: median frame {statistics.median(frames):.1f} ms, 95 % within {sorted(frames)[int(len(frames) * 0.95)]:.1f} ms", flush=True
            )


def chain(layers: int) -> dict[str, Any]:
    """The nodes of a network with so many layers between Input and Output."""
    nodes: dict[str, Any] = {"image": {"block": "Input"}}
    last = "image"
    for number in range(layers - 1):
        block = ("Conv2D", "BatchNormalization", "ReLU")[number % 3]
        nodes[f"n{number}"] = {"block": block, "params": {"filters": 8, "padding": "same"} if block == "Conv2D" else {}, "inputs": [last]}
        last = f"n{number}"
    nodes["pool"] = {"block": "GlobalAveragePooling2D", "inputs": [last]}
    nodes["label"] = {"block": "Output", "inputs": ["pool"]}
    return nodes


def shown(page: Page, address: str, nodes: dict[str, Any]) -> None:
    """Opens the Model page of a new draft and waits until it is analysed."""
    recipe = {"dataset": "digits", "graph": {"format": "studio.graph/1", "nodes": nodes}}
    draft = page.request.post(f"{address}/api/drafts", data={"recipe": recipe}).json()["id"]
    page.goto(f"{address}/model?draft={draft}")
    page.locator(".s-wire-shape").first.wait_for()
    page.wait_for_timeout(1500)


def edit_times(page: Page, address: str, layers: int, edits: int) -> list[float]:
    """Milliseconds from each typed value to its shape on the canvas: the filters of a convolution in the middle."""
    shown(page, address, chain(layers))
    middle = 3 * (layers // 6)
    page.get_by_role("tab", name="Layers").click()
    page.get_by_test_id(f"layer-n{middle}").get_by_role("button").first.click()
    page.get_by_test_id("param-filters").wait_for()
    found = []
    for number in range(edits + 1):
        page.evaluate(WATCH_EDGE, f"n{middle + 1}")
        page.get_by_test_id("param-filters").fill(str(4 + number))
        page.wait_for_function("window.__took !== null")
        found.append(float(page.evaluate("window.__took")))
        page.wait_for_timeout(400)
    return found[1:]  # the first one warms up what a session warms up once


def opening(page: Page, address: str) -> float:
    """Milliseconds until a network of 500 nodes is drawn in the place of a small one."""
    shown(page, address, chain(10))
    page.get_by_role("tab", name="Problems").click()  # the table of layers stays out of it
    return float(page.evaluate(OPEN, [chain(498), "n0", "n496"]))


def moving(page: Page) -> dict[str, list[float]]:
    """Milliseconds of each frame while the canvas is dragged, and while it is zoomed."""
    page.wait_for_timeout(2000)
    box = page.locator(".s-canvas").bounding_box()
    assert box is not None
    left, top = box["x"] + 60, box["y"] + 300
    page.mouse.move(left, top)
    page.mouse.down()
    page.evaluate(COUNT_FRAMES)
    for step in range(90):
        page.mouse.move(left + (step % 30) * 4, top - step * 4)
        page.wait_for_timeout(10)
    dragged = frames(page)
    page.mouse.up()
    page.evaluate(COUNT_FRAMES)
    for step in range(60):
        page.mouse.wheel(0, 40 if step < 30 else -40)
        page.wait_for_timeout(16)
    return {"dragging": dragged, "zooming": frames(page)}


def frames(page: Page) -> list[float]:
    """Ends the counting."""
    found: list[float] = page.evaluate("() => { window.__counting = false; return window.__frames; }")
    return found[2:]


if __name__ == "__main__":
    main()
