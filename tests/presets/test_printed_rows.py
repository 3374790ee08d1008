"""Every network of a table of weights and products that others have counted: a preset reproduces it, or it is named here why none does."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

import presets
from presets import Golden

TABLE = Path(__file__).resolve().parents[2].parent / "shared" / "reference" / "architectures.tsv"
ROWS = list(csv.DictReader(TABLE.open(encoding="utf-8"), delimiter="\t")) if TABLE.is_file() else []
GOLDEN = [golden for family in presets.families().values() for golden in family.golden]
UNITS = {"M": 1e6, "G": 1e9}
PORTS = {
    ("RiR", "CIFAR-100, weiaicunzai (extra 3x3 conv + 2 dense head)"): "a port with an end of its own",
    (
        "Residual Attention",
        "attention56 CIFAR-100, weiaicunzai (ImageNet widths)",
    ): "a port for small pictures with the widths for large ones",
    ("Residual Attention", "attention92 CIFAR-100, weiaicunzai"): "a port for small pictures with the widths for large ones",
    ("Residual Attention", "Attention-92 CIFAR-10"): "rounded, and its layers are not printed",
    ("Residual Attention", "Attention-236 CIFAR-10"): "rounded, and its layers are not printed",
    ("Residual Attention", "Attention-452 CIFAR-10"): "rounded, and its layers are not printed",
    ("Transformer", "base encoder+decoder stack only"): "no network by itself; counted in test_transformer.py",
    ("Transformer", "big encoder+decoder stack only"): "no network by itself; counted in test_transformer.py",
}
"""Networks that no preset makes."""
COUNTED_OTHERWISE = {
    ("GoogLeNet", "torchvision BN, aux"): "without the heads in the middle, which we count",
    ("Inception v3", "torchvision aux"): "without the head in the middle, which we count",
    ("Siamese", "Koch 2015 (Omniglot)"): "one branch of two",
}
"""Networks whose weights are the same, but not what was counted of their products."""


def is_made(row: dict[str, str], products: bool = True) -> bool:
    """Whether a printed figure of a preset is that of a row."""
    alike = [golden for golden in GOLDEN if str(golden.trainable_weights) == row["params_trainable"]]
    return any(not products or agrees(golden, row["macs"]) for golden in alike)


def agrees(golden: Golden, printed: str) -> bool:
    """Whether the products agree to 1 % or to the last digit that is printed."""
    if not printed:
        return True
    number, unit = printed.split(maxsplit=1)[0][:-1], UNITS[printed.split(maxsplit=1)[0][-1]]
    digit = unit * 10.0 ** -len(number.partition(".")[2])
    return golden.multiply_adds is not None and abs(golden.multiply_adds - float(number) * unit) <= max(0.01 * float(number) * unit, digit / 2)


@pytest.mark.skipif(not ROWS, reason="the table of counted architectures is not beside this checkout; every preset has figures of its own")
def test_every_row_is_made_or_named() -> None:
    assert {(row["name"], row["variant"]) for row in ROWS if not is_made(row, products=False)} == set(PORTS)
    assert {(row["name"], row["variant"]) for row in ROWS if not is_made(row)} - set(PORTS) == set(COUNTED_OTHERWISE)


def test_a_row_that_none_makes_is_noticed() -> None:
    row = {"params_trainable": "25557032", "macs": "4.089G"}
    assert is_made(row)
    assert not is_made({**row, "params_trainable": "25557033"})
    assert not is_made({**row, "macs": "4.2G"})
    assert is_made({**row, "macs": "4.2G"}, products=False)
