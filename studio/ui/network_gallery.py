"""The gallery of networks: every family of presets with its ready variants, and what they would be on a dataset."""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import Any

import presets
from blocks.errors import BlocksError
from presets.base import Preset
from presets.figures import read as known_figures
from presets.tasks import TASKS, task_of
from studio import defaults, hub, pretrained
from studio.datasets.dataset import Dataset
from studio.lint import meant
from studio.recipe import PresetOrder, Recipe
from studio.ui import forms
from studio.ui.counts import Counts
from studio.ui.network_view import family_of, refused_fields
from studio.workspace import StudioError

MOST_ORDERS = 64
"""Networks that one question may ask to count."""


def gallery(dataset: Dataset) -> dict[str, Any]:
    """Every family of presets by task, those that fit the dataset first, then by year; nothing is counted.

    Returns:
        `tasks` in their order, the usual `batch_size`, and `presets`: per family its names, task, year, paper and form, whether one of
        its variants `fits` (and the `reason` why none does), the `params` to begin with, and its `variants`, each with name,
        parameters, `reason`, `figures` at the size of its paper (None for one that was never counted), and `imagenet`: whether there are
        weights from ImageNet ("no"), which are "here" already or a "download".
    """
    first = defaults.network(dataset.features, dataset.manifest.splits["train"])
    found = [_card(name, family, dataset, first) for name, family in presets.families().items()]
    found.sort(key=lambda each: (TASKS.index(each["task"]), not each["fits"], each["year"], each["name"]))
    return {"tasks": list(TASKS), "batch_size": usual_batch(dataset), "presets": found}


def _card(name: str, family: type[Preset], dataset: Dataset, first: PresetOrder) -> dict[str, Any]:
    figures = known_figures()
    variants: list[dict[str, Any]] = [
        {
            "name": each,
            "params": params,
            "reason": family.read(params).misfit(dataset.features),
            "figures": figures.get(each),
            "imagenet": _imagenet(each),
        }
        for each, params in (family.variants or {name: {}}).items()
    ]
    fitting = [variant for variant in variants if not variant["reason"]]
    begin = (fitting or variants)[0]
    return {
        **forms.described(name, family),
        "task": task_of(family),
        "year": family.year,
        "paper": family.paper,
        "fits": bool(fitting),
        "reason": begin["reason"],
        "params": first.params if family_of(first)[0] == name else begin["params"],
        "variants": variants,
    }


def _imagenet(variant: str) -> str:
    application = pretrained.all().get(variant)
    if application is None:
        return "no"
    return "here" if application.file().is_file() or application.file(complete=False).is_file() else "download"


def of_hub() -> dict[str, Any]:
    """The networks of keras-hub that can be begun with.

    Returns:
        `prefix`, what stands before a name; `install`, the command that brings keras-hub, "" where it is here; and `networks`, each with
        `name`, `parameters` (of the complete network), and `here`, whether it has been downloaded.
    """
    found = hub.all().values() if hub.is_installed() else ()
    networks = [{"name": each.name, "parameters": each.parameters, "here": each.is_here} for each in found]
    return {"prefix": hub.PREFIX, "install": "" if hub.is_installed() else hub.EXTRA, "networks": networks}


def usual_batch(dataset: Dataset) -> int:
    """How many samples a training on the dataset takes at a time, unless a person says otherwise."""
    situation = meant(Recipe.read({}), dataset)
    return situation.batch_size if situation and situation.batch_size else defaults.SMALLEST_BATCH


def counted(counts: Counts, dataset: Dataset, orders: Sequence[PresetOrder], wait_seconds: float) -> list[dict[str, Any]]:
    """What networks would be on the dataset, in the order in which they are asked for.

    Returns:
        For each `{"counting": True}` while it is not known, `problem` and `field_problems` where it can't be made, and otherwise its
        figures (`presets.figures.Figures`) with `training_bytes`, what the usual batch needs in training.
    """
    if len(orders) > MOST_ORDERS:
        raise StudioError(f"At most {MOST_ORDERS} networks can be counted at once. Received: {len(orders)}.")
    batch = usual_batch(dataset)
    end = time.monotonic() + wait_seconds
    for order in orders:
        _asked(counts, dataset, order, batch, 0)  # all are under way before the first is waited for
    return [_asked(counts, dataset, order, batch, max(0.0, end - time.monotonic())) for order in orders]


def _asked(counts: Counts, dataset: Dataset, order: PresetOrder, batch: int, wait_seconds: float) -> dict[str, Any]:
    try:
        graph = presets.get(order.preset, **order.params).graph(features=dataset.features)
        found = counts.of(graph, dataset, batch, wait_seconds)
    except (BlocksError, StudioError) as error:
        return {"counting": False, "problem": str(error), "field_problems": refused_fields(error)}
    return {"counting": True} if found is None else {"counting": False, **found}
