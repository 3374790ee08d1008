"""What is told of embeddings: how far equal and different samples are apart, where they lie, and what is taken for what."""

from __future__ import annotations

from typing import Any

import numpy as np

from studio.evaluation.result import Example
from studio.settings.likeness import Likeness, distances, nearest

NEIGHBOURS = 6
"""Nearest samples that are kept of each."""
MOST_EXAMPLES = 50
BINS = 40
CURVE_POINTS = 120
MAPPED = 1000
"""Samples on the map; of more those of some classes, drawn by chance."""
FEWEST_MAPPED = 10
"""Fewer samples are put on the map by their two main directions, without t-SNE."""
SEED = 0
ROWS = 500


def of_identities(
    rows: np.ndarray, truth: np.ndarray, embeddings: np.ndarray, classes: tuple[str, ...]
) -> tuple[dict[str, Any], dict[str, np.ndarray]]:
    """Facts of an Evaluation, and the arrays to keep, for embeddings.

    Args:
        truth: Class indices, shape (samples,).
        embeddings: Shape (samples, numbers).
        classes: The names of all classes.
    """
    likeness = Likeness.of(truth, embeddings)
    places, away = nearest(embeddings, embeddings, NEIGHBOURS, np.arange(len(rows)))
    own, other = _gaps(truth, embeddings)
    order = np.argsort(-(own - other), kind="stable")
    compared = [place for place in order if np.isfinite(own[place]) and np.isfinite(other[place])]
    error, threshold = likeness.pairs.equal_error
    details = {
        "classes": len(np.unique(truth)),
        "ways": likeness.ways,
        "threshold": threshold,
        "equal_error_rate": error,
        "recall_at_5": likeness.recall(5),
        "wrong": int(sum(own[place] > other[place] for place in compared)),
        "pairs": {"same": len(likeness.pairs.same), "different": len(likeness.pairs.different)},
        "histogram": _histogram(likeness),
        "curve": [[_short(false), _short(true)] for false, true in likeness.pairs.curve(CURVE_POINTS)],
        "map": _mapped(rows, truth, embeddings, classes),
    }
    facts: dict[str, Any] = {
        "details": details,
        "examples": [
            Example(row=int(rows[place]), place=int(place), scores={"distance_same": float(own[place]), "distance_other": float(other[place])})
            for place in compared[:MOST_EXAMPLES]
        ],
    }
    return facts, {
        "rows": rows,
        "truth": truth.astype(np.int32),
        "values": embeddings.astype(np.float32),
        "neighbour_rows": rows[places],
        "neighbour_codes": truth[places].astype(np.int32),
        "neighbour_distances": away,
    }


def _gaps(truth: np.ndarray, embeddings: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """How far the nearest other sample of the same class is, and the nearest of another; infinite where there is none."""
    own, other = (np.full(len(truth), np.inf, np.float32) for _ in range(2))
    for start in range(0, len(truth), ROWS):
        rows = np.arange(start, min(start + ROWS, len(truth)))
        away = distances(embeddings[rows], embeddings)
        same = truth[rows][:, None] == truth[None, :]
        other[rows] = np.where(same, np.inf, away).min(axis=1)
        away[np.arange(len(rows)), rows] = np.inf
        own[rows] = np.where(same, away, np.inf).min(axis=1)
    return own, other


def _histogram(likeness: Likeness) -> dict[str, list[float]]:
    """How the distances of equal and of different pairs are spread, each as shares."""
    pairs = likeness.pairs
    largest = max(float(each[-1]) if len(each) else 0.0 for each in (pairs.same, pairs.different))
    edges = np.linspace(0.0, largest or 1.0, BINS + 1)
    shares = {name: np.histogram(each, edges)[0] / max(1, len(each)) for name, each in (("same", pairs.same), ("different", pairs.different))}
    return {"edges": [_short(edge) for edge in edges], **{name: [_short(share) for share in each] for name, each in shares.items()}}


def _mapped(rows: np.ndarray, truth: np.ndarray, embeddings: np.ndarray, classes: tuple[str, ...]) -> dict[str, Any]:
    """Samples on a plane, neighbours near each other: x and y from 0 to 1, the class and the row of each."""
    chosen = np.arange(len(rows))
    if len(rows) > MAPPED:
        found, counts = np.unique(truth, return_counts=True)
        order = np.random.default_rng(SEED).permutation(len(found))
        kept = found[order[: max(1, int((np.cumsum(counts[order]) <= MAPPED).sum()))]]
        chosen = np.flatnonzero(np.isin(truth, kept))[:MAPPED]
    plane = _on_a_plane(embeddings[chosen])
    low, high = plane.min(axis=0), plane.max(axis=0)
    plane = (plane - low) / np.maximum(high - low, 1e-9)
    names, codes = np.unique(truth[chosen], return_inverse=True)
    points = [[round(float(x), 4), round(float(y), 4), int(code), int(row)] for (x, y), code, row in zip(plane, codes, rows[chosen], strict=True)]
    return {"points": points, "classes": [classes[name] for name in names]}


def _on_a_plane(embeddings: np.ndarray) -> np.ndarray:
    """Two numbers for each embedding.

    Source: van der Maaten and Hinton (2008), jmlr.org/papers/v9/vandermaaten08a.html (t-SNE, begun from the two main directions).
    """
    values = np.nan_to_num(embeddings.astype(np.float64))
    if len(values) >= FEWEST_MAPPED and values.std() > 0:
        from sklearn.manifold import TSNE

        return np.asarray(TSNE(perplexity=min(30.0, (len(values) - 1) / 3), init="pca", random_state=SEED).fit_transform(values))
    centred = values - values.mean(axis=0)
    directions = np.linalg.svd(centred, full_matrices=False)[2][:2]
    plane = centred @ directions.T
    return np.pad(plane, ((0, 0), (0, 2 - plane.shape[1])))


def _short(value: Any) -> float:
    return float(f"{float(value):.5g}")
