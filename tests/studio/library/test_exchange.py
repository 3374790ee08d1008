"""Networks as text and as links: what goes out comes back, and what was made to do harm is refused."""

from __future__ import annotations

import base64
import json
import time
import zlib
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings

import presets
from blocks.features import Feature
from blocks.graph import Graph
from studio.library import exchange
from studio.library.errors import LibraryError
from studio.library.plain import MOST_BYTES
from tests.studio.library.drawn import graphs

LENET = presets.get("LeNet5").graph()


def packed(content: bytes) -> str:
    """A link with that content, made as a browser makes it."""
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    return "1." + base64.urlsafe_b64encode(packer.compress(content) + packer.flush()).decode().rstrip("=")


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(graphs())
def test_every_graph_comes_back_byte_for_byte(graph: Graph) -> None:
    text = graph.to_json()
    assert exchange.read_text(exchange.to_text(graph, "json"), "a.json").to_json() == text
    assert exchange.read_text(exchange.to_yaml(graph), "a.yaml").to_json() == text
    assert exchange.from_link(exchange.to_link(graph)).to_json() == text


@pytest.mark.parametrize("name", sorted(presets.families()))
def test_every_family_of_presets_goes_into_text_and_link(name: str) -> None:
    graph = next(iter(presets.families()[name].variants), None)
    made = presets.get(graph or name).graph()
    assert exchange.read_text(exchange.to_yaml(made), "a.yml").to_json() == made.to_json()
    link = exchange.to_link(made)
    assert set(link) <= set("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.")
    assert exchange.from_link(f" http://localhost:7860/model?draft=x#graph={link}\n").to_json() == made.to_json()


def test_yaml_is_short_and_written_for_people() -> None:
    text = exchange.to_yaml(LENET)
    assert "  conv2:\n    block: Conv2D\n" in text
    assert "    inputs: [pool1]\n" in text
    assert "&" not in text


def test_a_recipe_gives_its_network() -> None:
    inline = f"dataset: digits\ngraph: {json.dumps(LENET.document())}\n"
    assert exchange.read_text(inline, "recipe.yaml") == LENET
    ordered = "graph: {preset: ResNet, params: {depth: 20}}\n"
    assert exchange.read_text(ordered, "recipe.yaml").to_json() == presets.get("ResNet20").graph().to_json()
    assert exchange.read_text('{"preset": "LeNet5"}', "order.json").to_json() == LENET.to_json()


def test_a_preset_of_a_recipe_follows_the_features() -> None:
    features = [
        Feature(name="image", role="input", kind="image", shape=(8, 8, 1), dtype="uint8"),
        Feature(name="digit", role="target", kind="category", shape=(), dtype="string", classes=("a", "b", "c")),
    ]
    made = exchange.read_text("graph: {preset: LeNet5}", "recipe.yaml", features)
    assert made.to_json() == presets.get("LeNet5").graph(features=features).to_json()
    assert made != LENET


def test_a_version_that_was_saved_gives_its_network() -> None:
    saved = {"format": "studio.saved/1", "version": 3, "saved": "2026-01-01T00:00:00Z", "note": "", "graph": LENET.document()}
    assert exchange.read_text(json.dumps(saved), "0003.json") == LENET


def test_files_of_editors_that_mark_utf8(tmp_path: Path) -> None:
    path = tmp_path / "net.json"
    path.write_bytes(b"\xef\xbb\xbf" + LENET.to_json().encode())
    assert exchange.read_file(path) == LENET


LAUGHS = "a: &a [x, x, x, x, x, x, x, x, x]\n" + "".join(f"{b}: &{b} [{', '.join([f'*{a}'] * 9)}]\n" for a, b in pairwise("abcdefghi"))
MERGES = "a: &a {k: 1}\n" + "".join(f"{b}: &{b} {{<<: [{', '.join([f'*{a}'] * 30)}]}}\n" for a, b in pairwise("abcdefghi"))


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (LAUGHS + "nodes: *i\n", "holds more than 1,000,000 values"),
        (MERGES + "nodes: *i\n", "holds more than 1,000,000 values"),
        ("nodes: &a {b: *a}\n", "refers to itself"),
        ("t: &t " + "x" * 4_000_000 + "\nnodes: {" + ", ".join(f"n{n}: {{title: *t}}" for n in range(2000)) + "}\n", "holds more than"),
        ("nodes: " + "[" * 100_000, "is not YAML"),
        ("nodes: " + "- " * 100_000, "is not YAML"),
        ("nodes: {a: {params: {x: 1" + ":59" * 500_000 + "}}}", "is not YAML"),
        ("nodes: {a: {params: {x: !!int abc}}}", "is not YAML"),
        ("nodes: {a: {params: {x: 2020-13-45}}}", "is not YAML"),
        ("nodes: {a: {params: {x: !!timestamp soon}}}", "is not YAML"),
        ("nodes: {a: {params: {x: !!bool maybe}}}", "is not YAML"),
        ("nodes: !!python/object/apply:os.system [touch hostile]", "is not YAML"),
        ("nodes: {a: {params: {x: 2020-01-02}}}", "2020-01-02.*put it in quotes"),
        ("nodes: {a: {params: {x: !!binary AAAA}}}", "no JSON value"),
        ("nodes: {a: {params: {x: .nan}}}", "finite"),
        ("nodes: {on: {block: Dense}}", "'True', which is no text"),
        ("- 1\n- 2\n", "not list"),
        ("", "not NoneType"),
        ("nodes: {a: {block: Dense, colour: red}}", "is not a graph: nodes.a.colour"),
        ("nodes: {a/b: {block: Dense}}", "is not a graph: nodes"),
        ("format: studio.graph/7\nnodes: {}", "newer version"),
        ("dataset: digits\n", "the data choose it"),
        ("dataset: digits\ngraph: {file: ../../secret.json}\n", "names a file for its network"),
        ("graph: {preset: LeNet}", "Did you mean 'LeNet5'"),
        ("graph: {preset: ResNet, params: {depth: 21}}", "invalid depth"),
        ("graph: {preset: ResNet, params: {name: x}}", "net.yaml"),
        ("graph: {preset: 3}", "names no preset: preset"),
        ("graph: [1]", "is not a graph"),
        ("colour: red", "holds no network"),
    ],
)
def test_yaml_that_is_no_network(text: str, reason: str) -> None:
    begun = time.perf_counter()
    with pytest.raises(LibraryError, match=reason) as refusal:
        exchange.read_text(text, "net.yaml")
    assert len(str(refusal.value)) < 500
    assert str(refusal.value).startswith("net.yaml")
    assert time.perf_counter() - begun < 20
    assert not Path("hostile").exists()


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("{", "is not JSON"),
        ("[" * 100_000, "nested too deeply"),
        ('{"nodes": {"a": {"params": {"x": ' + "[" * 80 + "]" * 80 + "}}}}", "nested too deeply"),
        ('{"nodes": {"a": {"params": {"x": NaN}}}}', "no number of JSON"),
        ('{"nodes": {"a": {"params": {"x": 1e999}}}}', "finite"),
        ('{"nodes": {"a": {"params": {"x": ' + "9" * 5000 + "}}}}", "is not JSON"),
        ('{"nodes": {"a": {"params": {"x": 9007199254740993}}}}', "takes exactly"),
        ('{"nodes": {"a": {"params": {"x": "\\ud800"}}}}', "half a character"),
        ('{"nodes": {"a": {"params": {"\\udfff": 1}}}}', "half a character"),
        ('{"layout": {"a": [1, null]}, "nodes": {}}', "layout"),
        (json.dumps({"nodes": {f"n{n}": {"block": "Add"} for n in range(20_001)}}), "at most 20000"),
        ('{"nodes": {}, "x": "' + "x" * MOST_BYTES + '"}', "larger than 20 MB"),
    ],
)
def test_json_that_is_no_network(text: str, reason: str) -> None:
    with pytest.raises(LibraryError, match=reason) as refusal:
        exchange.read_text(text, "net.json")
    assert len(str(refusal.value)) < 500


def test_files_that_are_no_networks(tmp_path: Path) -> None:
    path = tmp_path / "net.json"
    path.write_bytes(b"\xff\xfe{}")
    with pytest.raises(LibraryError, match="no text in UTF-8"):
        exchange.read_file(path)
    path.write_bytes(b'{"name": "' + "网".encode() * (MOST_BYTES // 2) + b'"}')
    with pytest.raises(LibraryError, match="larger than 20 MB"):
        exchange.read_file(path)
    with pytest.raises(LibraryError, match=r"\.json, \.yaml and \.yml"):
        exchange.read_text("{}", "net.pickle")
    with pytest.raises(LibraryError, match="larger than 5 MB"):
        exchange.read_text("x: " + "y" * 5_000_001, "net.yaml")


@pytest.mark.parametrize(
    ("link", "reason"),
    [
        ("", "carries no network"),
        ("2.abc", "carries no network"),
        ("http://localhost/model", "carries no network"),
        ("1.", "damaged"),
        ("1.网", "damaged"),
        ("1.a b", "damaged"),
        ("1.////", "damaged"),
        (exchange.to_link(LENET)[:-20], "damaged"),
        (exchange.to_link(LENET) + "AAAA", "damaged"),
        (packed(b"\xff\xfe"), "no text in UTF-8"),
        (packed(b"{"), "is not JSON"),
        (packed(b"[]"), "is not a graph"),
        (packed(b'{"nodes": 3}'), "is not a graph: nodes"),
        (packed(b"[" * 1_000_000), "nested too deeply"),
        (packed(b" " * 500_000_000), "larger than 20 MB"),
        ("1." + "A" * 1_000_001, "longer than 1,000,000"),
    ],
)
def test_links_that_carry_no_network(link: str, reason: str) -> None:
    with pytest.raises(LibraryError, match=reason) as refusal:
        exchange.from_link(link)
    assert len(str(refusal.value)) < 300


def test_what_browsers_would_cut_off_is_no_link() -> None:
    noise = "".join(chr(0x4E00 + (n * n * 7919 + n // 3) % 20_000) for n in range(400_000))
    with pytest.raises(LibraryError, match="too large for a link"):
        exchange.to_link(Graph.model_validate({"nodes": {"a": {"block": "Dense", "params": {"text": noise}}}}))


def test_parameters_that_no_file_can_hold() -> None:
    for value, reason in (
        (float("nan"), "finite"),
        (float("inf"), "finite"),
        (object(), "no JSON value"),
        (b"x", "no JSON value"),
        (2**60, "exactly"),
    ):
        graph = Graph.model_validate({"nodes": {"a": {"block": "Dense", "params": {"x": value}}}})
        for write in (exchange.to_yaml, exchange.to_link, lambda each: exchange.to_text(each, "json")):
            with pytest.raises(LibraryError, match=reason):
                write(graph)
