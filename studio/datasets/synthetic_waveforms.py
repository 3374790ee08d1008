"""The built-in sequences: noisy waves of three forms, drawn by rule. `python -m studio.datasets.synthetic_waveforms FILE.csv` writes them."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np

SEED = 2026
COUNT = 180
STEPS = (32, 48)
PERIOD = (12.0, 20.0)
NOISE = 0.2
FORMS = ("sine", "square", "triangle")


def table() -> str:
    """A CSV with a row per step: sequence, step, value, form."""
    rng = np.random.default_rng(SEED)
    lines = ["sequence,step,value,form"]
    for number in range(1, COUNT + 1):
        form = FORMS[(number - 1) % len(FORMS)]
        steps = int(rng.integers(STEPS[0], STEPS[1] + 1))
        turns = np.arange(steps) / rng.uniform(*PERIOD) + rng.uniform()
        wave = np.sin(2 * np.pi * turns)
        plain = {"sine": wave, "square": np.sign(wave), "triangle": 2 / np.pi * np.arcsin(wave)}[form]
        values = plain * rng.uniform(0.8, 1.2) + rng.normal(0, NOISE, steps)
        lines += [f"{number},{step},{value:.2f},{form}" for step, value in enumerate(values)]
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    Path(sys.argv[1]).write_text(table(), "utf-8")
