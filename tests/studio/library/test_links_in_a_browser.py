"""A link is what a browser can read and write with its own means."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest
from playwright.sync_api import Page

import presets
from blocks.graph import Graph
from studio.library import exchange
from tests.chromium import chromium

READ = """async (link) => {
  const coded = link.slice(2).replace(/-/g, "+").replace(/_/g, "/");
  const packed = Uint8Array.from(atob(coded), (character) => character.charCodeAt(0));
  return await new Response(new Blob([packed]).stream().pipeThrough(new DecompressionStream("deflate-raw"))).text();
}"""
WRITE = """async (text) => {
  const stream = new Blob([text]).stream().pipeThrough(new CompressionStream("deflate-raw"));
  const packed = new Uint8Array(await new Response(stream).arrayBuffer());
  const coded = btoa(Array.from(packed, (byte) => String.fromCharCode(byte)).join(""));
  return "1." + coded.replace(/\\+/g, "-").replace(/\\//g, "_").replace(/=+$/, "");
}"""

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def page() -> Iterator[Page]:
    with chromium() as browser:
        yield browser.new_page()


@pytest.mark.parametrize(
    "graph",
    [
        presets.get("ResNet20").graph(),
        Graph(),
        Graph.model_validate({"name": "网络 🙂 \u2028", "nodes": {"a": {"block": "Dense", "params": {"x": [0.1, 1e-7, -5, None, True]}}}}),
    ],
    ids=["ResNet20", "empty", "other alphabets"],
)
def test_browsers_read_and_write_links(page: Page, graph: Graph) -> None:
    read = page.evaluate(READ, exchange.to_link(graph))
    assert Graph.model_validate(json.loads(read)).to_json() == graph.to_json()
    written = page.evaluate(WRITE, json.dumps(graph.document(), ensure_ascii=False))
    assert exchange.from_link(written).to_json() == graph.to_json()
