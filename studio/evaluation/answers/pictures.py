"""Answers that are pictures: restored ones, and ones that are to be as they were."""

from __future__ import annotations

import io
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from PIL import Image

from studio.datasets.readers.pictures import encode_png
from studio.evaluation.answers.base import Answering, Facts
from studio.evaluation.prediction import Prediction
from studio.evaluation.result import Example

if TYPE_CHECKING:
    from studio.evaluation.opened import Answered

SHOWN_SIDE = 192
"""Pixels of the part of a picture that is kept to be looked at."""
MOST_EXAMPLES = 24
ERROR_BINS = 30
LEVELS = 255.0


class Pictures(Answering):
    """Pictures from 0 to 1."""

    kinds = ("image",)
    main = "picture"
    most_checked = 8
    draws = True
    imported = True

    @property
    def scale(self) -> int:
        """How many times larger than its input a picture is."""
        return int(self.head.target.statistics.get("scale", 1))

    @property
    def is_copy(self) -> bool:
        """Whether the input itself is to come out."""
        return self.head.target.column is not None

    @property
    def before(self) -> str:
        """The score of what there was before the network; "" where that is the truth."""
        return "" if self.is_copy else "psnr_bicubic" if self.scale > 1 else "psnr_input"

    def read(self, outputs: Any) -> Any:
        return outputs

    def measured(self, rows: np.ndarray, truth: np.ndarray, said: np.ndarray) -> Facts:
        """Of pictures of one size, without what entered the network."""
        keeper = _Keeper(self)
        keeper.add(np.arange(len(truth)), truth, said, None)
        return keeper.facts(rows)

    def facts(self, rows: np.ndarray, parts: Iterable[Answered]) -> Facts:
        keeper = _Keeper(self)
        for part in parts:
            seen = next(iter(part.inputs.values()))
            keeper.add(part.entries, part.targets[self.head.target.name], part.outputs[self.head.output], seen)
        return keeper.facts(rows)

    def difference(self, found: Any, expected: Any) -> float:
        """Of rounded pictures, how far the unrounded ones must have been apart at the least; of unrounded ones how far they are."""
        worst = 0.0
        for answer, own in zip(found, expected, strict=True):
            said = _pixels(answer, own.shape[-1])
            if said.shape != own.shape:
                return float("inf")
            if said.dtype == np.uint8:
                apart = np.abs(said - np.clip(own, 0.0, 1.0).astype(np.float64) * LEVELS) - 0.5
                worst = max(worst, float(apart.max(initial=0.0)) / LEVELS)
            else:
                worst = max(worst, float(np.abs(said.astype(np.float64) - own).max(initial=0.0)))
        return worst

    def tensors(self, found: Any) -> dict[str, Any]:
        import tensorflow as tf

        encoded = tf.map_fn(tf.io.encode_png, self.pixel_tensors(found)["picture"], fn_output_signature=tf.TensorSpec((), tf.string))
        return {"picture": encoded}

    def tensors_beside(self, found: Any, entered: Any) -> dict[str, Any]:
        import tensorflow as tf

        said = self.tensors(found)
        if not self.is_copy or entered.dtype != tf.uint8:
            return said
        error = tf.reduce_mean((tf.cast(entered, tf.float32) / LEVELS - found) ** 2, axis=(1, 2, 3))
        return {**said, "error": error}

    def pixel_tensors(self, found: Any) -> dict[str, Any]:
        import tensorflow as tf

        return {"picture": tf.cast(tf.round(tf.clip_by_value(found, 0.0, 1.0) * LEVELS), tf.uint8)}

    def whole(self, found: Any) -> Any:
        return found

    def told(self, names: Sequence[str], outputs: Mapping[str, np.ndarray]) -> list[Prediction]:
        errors = outputs["error"].tolist() if "error" in outputs else [None] * len(names)
        return [
            Prediction(name, value=error, pictures={"picture": bytes(picture)})
            for name, picture, error in zip(names, outputs["picture"], errors, strict=True)
        ]

    def printed(self) -> str:
        error = ', float(answer["error"][row])' if self.is_copy else ""
        return (
            f'    target = pathlib.Path(str(name)).stem + "-{self.suffix}.png"\n'
            '    pathlib.Path(target).write_bytes(answer["picture"][row].numpy())\n'
            f"    print(name, target{error})"
        )

    @property
    def suffix(self) -> str:
        """What is added to the name of a file."""
        return "copy" if self.is_copy else f"x{self.scale}" if self.scale > 1 else "clean"

    def explained(self) -> str:
        size = f", {self.scale} times as large as the picture given" if self.scale > 1 else ""
        error = '; "error" (float32), the mean squared error of the pixels from 0 to 1: large for pictures unlike those of the training'
        return (
            f'Output: "picture" (string), the bytes of a PNG{size}{error if self.is_copy else ""}. The signature "pixels" gives "picture" '
            "as pixels, uint8 (batch, height, width, channels)."
        )

    def printed_whole(self) -> str:
        return (
            f'target = pathlib.Path(str(name)).stem + "-{self.suffix}.png"; '
            'pixels = tf.cast(tf.round(tf.clip_by_value(answer, 0, 1) * 255), "uint8"); '
            "pathlib.Path(target).write_bytes(tf.io.encode_png(pixels).numpy()); print(name, target)"
        )

    def explained_whole(self) -> str:
        return "pictures (batch, height, width, channels) from 0 to 1" + (f", {self.scale} times as large as those given" if self.scale > 1 else "")


@dataclass(frozen=True)
class _Shown:
    """A part of a picture to be looked at: as it was before the network, as it came out, as it is."""

    place: int
    scores: dict[str, float]
    views: dict[str, np.ndarray]


class _Keeper:
    """Scores of all pictures, and parts of the worst ones."""

    def __init__(self, answering: Pictures) -> None:
        self.answering = answering
        self.scores: dict[str, list[float]] = {}
        self.places: list[int] = []
        self.kept: list[_Shown] = []

    def add(self, places: np.ndarray, truth: np.ndarray, said: np.ndarray, seen: np.ndarray | None) -> None:
        """Takes in a batch of pictures of one size.

        Args:
            places: Where they stand among all.
            seen: What entered the network.
        """
        from studio.settings import keras_picture_metrics as of

        scale = self.answering.scale
        true, made = truth.astype(np.float32), np.round(np.clip(said, 0.0, 1.0) * LEVELS).astype(np.float32)
        border = scale if scale > 1 else 0
        lumas = [of.without_border(of.luma(pictures), border) for pictures in (true, made)]
        scores = {"psnr": np.asarray(of.decibels(*lumas)), "ssim": np.asarray(of.similarity(*lumas))}
        before: np.ndarray | None = None
        if self.answering.is_copy:
            scores = {"mse": ((said - true / LEVELS) ** 2).mean(axis=(1, 2, 3)), **scores}
        elif seen is not None and seen.dtype == np.uint8:
            before = np.asarray(of.resized(seen.astype(np.float32), truth.shape[1], truth.shape[2], 1.0)) if scale > 1 else seen
            scores[self.answering.before] = np.asarray(of.decibels(lumas[0], of.without_border(of.luma(before.astype(np.float32)), border)))
        for name, values in scores.items():
            self.scores.setdefault(name, []).extend(values.tolist())
        for number in self._worst_of(scores):
            views = {"truth": truth[number], "after": made[number].astype(np.uint8)}
            if before is not None:
                views["before"] = before[number].astype(np.uint8)
            own = {name: float(values[number]) for name, values in scores.items()}
            self.kept.append(_Shown(int(places[number]), own, _part(views)))
        self.kept = sorted(self.kept, key=self._quality)[:MOST_EXAMPLES]
        self.places += places.tolist()

    @staticmethod
    def _worst_of(scores: Mapping[str, np.ndarray]) -> list[int]:
        quality = -scores["mse"] if "mse" in scores else scores["psnr"]
        found: list[int] = np.argsort(quality, kind="stable")[:MOST_EXAMPLES].tolist()
        return found

    @staticmethod
    def _quality(shown: _Shown) -> float:
        return -shown.scores["mse"] if "mse" in shown.scores else shown.scores["psnr"]

    def facts(self, rows: np.ndarray) -> Facts:
        """Fields of an evaluation, and what is kept beside it."""
        order = np.argsort(self.places, kind="stable")
        arrays = {"rows": rows, **{name: np.array(values, np.float32)[order] for name, values in self.scores.items()}}
        for shown in self.kept:
            arrays |= {f"{name}_{shown.place}": np.frombuffer(encode_png(view), np.uint8) for name, view in shown.views.items()}
        details: dict[str, Any] = {"scale": self.answering.scale, "copy": self.answering.is_copy}
        before = self.answering.before
        if before in self.scores:
            gains = np.array(self.scores["psnr"]) - np.array(self.scores[before])
            details |= {before: float(np.mean(self.scores[before])), "gain": float(gains.mean()), "better": int((gains > 0).sum())}
        if self.answering.is_copy:
            counts, edges = np.histogram(self.scores["mse"], bins=ERROR_BINS)
            details["errors"] = {"edges": edges.tolist(), "counts": counts.tolist()}
        examples = [Example(row=int(rows[shown.place]), place=shown.place, scores=shown.scores) for shown in self.kept]
        return {"examples": examples, "details": details}, arrays


def _part(views: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    """The square in which the network is furthest off, out of each view."""
    error = np.abs(views["truth"].astype(np.int32) - views["after"]).sum(axis=-1)
    height, width = error.shape
    sums = np.zeros((height + 1, width + 1), np.int64)
    sums[1:, 1:] = error.cumsum(axis=0).cumsum(axis=1)
    tall, broad = min(height, SHOWN_SIDE), min(width, SHOWN_SIDE)
    inside = sums[tall:, broad:] - sums[:-tall, broad:] - sums[tall:, :-broad] + sums[:-tall, :-broad]
    top, left = np.unravel_index(int(inside.argmax()), inside.shape)
    return {name: np.ascontiguousarray(view[top : top + tall, left : left + broad]) for name, view in views.items()}


def _pixels(answer: Any, channels: int) -> np.ndarray:
    """What an export says as pixels: bytes of a PNG, or an array."""
    if not isinstance(answer, bytes):
        return np.asarray(answer)
    with Image.open(io.BytesIO(answer), formats=("PNG",)) as picture:
        pixels = np.asarray(picture)
    return pixels[..., None] if channels == 1 else pixels
