"""What is measured in the end on texts that the network writes itself."""

from __future__ import annotations

from studio.networks import writing
from studio.networks.arrays import Samples, bound_inputs, bound_outputs
from studio.networks.views.written import Written
from studio.training.ready import Ready

MOST_TEXTS, MOST_TOKENS = 1000, 20_000
"""Texts of a split that are written, and tokens of all of them should each be the longest; evenly chosen. An evaluation writes them all."""


def spelled(made: Ready, samples: Samples, batch: int) -> dict[str, float]:
    """Figures of written texts, by name; none where the network writes none."""
    if not isinstance(samples, Written) or not any(head.spelled for head in made.model.heads):
        return {}
    found: dict[str, float] = {}
    for pen in writing.pens(made.dataset.features, bound_inputs(made.whole), made.parts.cuts, bound_outputs(made.whole)):
        head = next(head for head in made.model.heads if head.output == pen.output)
        chosen = samples.some(max(1, min(MOST_TEXTS, MOST_TOKENS // pen.length)))
        writer = writing.Writer(made.model.network, pen, made.dataset.feature(head.target))
        for entries in chosen.batches(batch):
            inputs, targets = chosen.gather(entries)
            texts, _ = writer(inputs)
            for metric in head.spelled.values():
                metric.update_state(targets[writing.spelled(head.target)], texts)
        prefix = f"{head.target}_" if len(made.model.measured) > 1 else ""
        found |= {f"{prefix}{name}": metric.result() for name, metric in head.spelled.items()}
        for metric in head.spelled.values():
            metric.reset_state()
    return found
