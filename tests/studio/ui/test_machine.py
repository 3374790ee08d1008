"""The device chip."""

from __future__ import annotations

from studio.ui import machine


def test_lines_of_the_driver_are_read() -> None:
    cards = machine.parse_cards("NVIDIA L4, 1024, 23034, 37\nNVIDIA GB, special, 512, 1024, [N/A]\nnonsense\n")
    assert cards == [
        {"kind": "gpu", "name": "NVIDIA L4", "used_bytes": 2**30, "total_bytes": 23034 * 2**20, "load": 0.37},
        {"kind": "gpu", "name": "NVIDIA GB, special", "used_bytes": 2**29, "total_bytes": 2**30, "load": 0.0},
    ]


def test_there_is_always_a_device() -> None:
    device = machine.device()
    assert device["kind"] in ("cpu", "gpu")
    assert 0 < device["used_bytes"] <= device["total_bytes"]
    assert device["count"] >= 1
