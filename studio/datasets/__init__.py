"""Datasets: uploads that were checked and copied into the workspace.

`store` adds, lists, loads and removes them; `Dataset` reads one. `readers` turn files into plain values, `kinds` turn
those into samples with features, classes and splits. A dataset's folder holds `manifest.json`, `data.parquet` (one row per
sample with `row`, `split`, the target and the columns, texts or encoded pictures) and, for arrays, `data.npy`. Nothing in
it changes after the import; whatever is decoded, resized or adapted from it is a cache elsewhere.

To add a kind: one module in `kinds` with a subclass of `Importer`, and its test. Nothing here imports Keras or TensorFlow.
"""

from __future__ import annotations

from studio.datasets.dataset import Dataset
from studio.datasets.errors import DatasetError, DatasetInUseError
from studio.datasets.manifest import Manifest
from studio.datasets.options import ImportOptions
from studio.datasets.store import add, load, manifests, names, remove, sweep

__all__ = ["Dataset", "DatasetError", "DatasetInUseError", "ImportOptions", "Manifest", "add", "load", "manifests", "names", "remove", "sweep"]
