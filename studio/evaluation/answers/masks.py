"""Answers that are masks: a class for each pixel."""

from __future__ import annotations

import io
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from PIL import Image

from blocks.features import Feature
from studio.datasets.report import listed
from studio.evaluation.answers.base import Answering, Facts
from studio.evaluation.errors import EvaluationError
from studio.evaluation.mask_figures import of_masks
from studio.evaluation.prediction import Prediction
from studio.networks import covered

if TYPE_CHECKING:
    from studio.evaluation.opened import Answered


class Masks(Answering):
    """Probabilities over classes at every place, of which the largest is the answer."""

    kinds = ("mask",)
    main = "probabilities"
    draws = True
    imported = True

    def as_known(self, found: list[Feature], known: list[Feature]) -> list[Feature]:  # noqa: ARG002
        target = next(feature for feature in found if feature.role == "target")
        strange = [name for name in target.classes or () if name not in self.classes]
        if strange:
            raise EvaluationError(
                f"The masks have classes that the network does not know: {listed(strange, shown=8)}. It knows {listed(self.classes, shown=8)}. "
                "A file classes.txt beside the masks can name them."
            )
        numbers = [self.classes.index(name) for name in target.classes or ()]
        as_trained = target.model_copy(update={"classes": self.classes, "statistics": {**target.statistics, "numbers": numbers}})
        return [as_trained if feature is target else feature for feature in found]

    def read(self, outputs: np.ndarray) -> np.ndarray:
        return outputs

    def facts(self, rows: np.ndarray, parts: Iterable[Answered]) -> Facts:
        entries, truth, said = [], [], []
        for part in parts:  # of each batch the classes are kept, not the probabilities
            entries.append(part.entries)
            truth.append(part.targets[self.head.target.name])
            said.append(part.outputs[self.head.output].argmax(axis=-1).astype(np.uint8))
        order = np.argsort(np.concatenate(entries), kind="stable")
        return self._facts(rows, np.concatenate(truth)[order], np.concatenate(said)[order])

    def measured(self, rows: np.ndarray, truth: np.ndarray, said: np.ndarray) -> Facts:
        return self._facts(rows, truth, said.argmax(axis=-1).astype(np.uint8))

    def _facts(self, rows: np.ndarray, truth: np.ndarray, predicted: np.ndarray) -> Facts:
        facts, shown = of_masks(rows, truth, predicted, self.classes)
        facts["details"]["colours"] = ["#{:02x}{:02x}{:02x}".format(*colour) for colour in self.colours]
        seen = self._seen(predicted.shape[1:])
        return facts, {"rows": rows[shown], "masks": np.stack([covered.put_back(predicted[place], seen) for place in shown])}

    def tensors(self, found: Any) -> dict[str, Any]:
        import tensorflow as tf

        return {"mask": tf.argmax(found, axis=-1, output_type=tf.int32), "probabilities": found}

    def whole(self, found: Any) -> Any:
        return found

    def asked(self, values: Mapping[str, Any]) -> dict[str, np.ndarray]:
        """The sizes of the pictures, to which their masks are brought."""
        encoded = next((value for value in values.values() if len(value) and isinstance(value[0], bytes)), None)
        return {} if encoded is None else {"sizes": np.array([_size(content) for content in encoded])}

    def told(self, names: Sequence[str], outputs: Mapping[str, np.ndarray]) -> list[Prediction]:
        found = []
        for place, (name, probabilities) in enumerate(zip(names, outputs["probabilities"], strict=True)):
            size = outputs["sizes"][place] if "sizes" in outputs else probabilities.shape[:2]
            mask = enlarged(probabilities, self._seen(probabilities.shape[:2]), (int(size[0]), int(size[1])))
            counted = np.bincount(mask.reshape(-1), minlength=len(self.classes)) / mask.size
            shares = {name: float(share) for name, share in zip(self.classes, counted, strict=True)}
            found.append(Prediction(name, shares=shares, pictures={"mask": self.png(mask)}))
        return found

    @property
    def colours(self) -> list[list[int]]:
        """RGB of every class."""
        found: list[list[int]] = self.head.target.statistics.get("colours") or [[0, 0, 0], *([255, 255, 255] for _ in self.classes[1:])]
        return found

    def png(self, mask: np.ndarray) -> bytes:
        """A mask as a PNG whose pixels are class indices and whose palette has the colours of the classes."""
        image = Image.fromarray(mask.astype(np.uint8))
        image.putpalette([level for colour in self.colours for level in colour])
        out = io.BytesIO()
        image.save(out, "PNG")
        return out.getvalue()

    def _seen(self, given: Sequence[int]) -> tuple[int, int]:
        seen = self.head.seen[:2]
        height, width = seen if len(seen) == 2 else given
        return int(height or given[0]), int(width or given[1])

    def printed(self) -> str:
        given = (int(self.head.given[0] or 0), int(self.head.given[1] or 0))
        seen = self._seen(given)
        rest = tuple((start, whole - start - length) for (start, length), whole in zip(covered.parts(seen, given), seen, strict=True))
        pad = "" if rest == ((0, 0), (0, 0)) else f"    mask = tf.pad(mask, {rest})  # a border that the network says nothing about\n"
        return (
            '    mask = answer["mask"][row]\n'
            f"{pad}"
            "    size = tf.shape(tf.io.decode_image(tf.io.read_file(name), expand_animations=False))[:2]\n"
            '    mask = tf.cast(tf.image.resize(mask[..., None], size, "nearest"), tf.uint8)  # places in labels.txt\n'
            '    file = f"{pathlib.Path(name).stem}_mask.png"\n'
            "    tf.io.write_file(file, tf.io.encode_png(mask))\n"
            '    labels = (folder / "labels.txt").read_text("utf-8").splitlines()\n'
            '    shares = {label: round(float(tf.reduce_mean(tf.cast(mask == place, "float32"))), 3) for place, label in enumerate(labels)}\n'
            "    print(name, file, shares)"
        )

    def explained(self) -> str:
        return (
            'Outputs: "mask" (int32, a class for each place: its line in labels.txt, from 0) and "probabilities" '
            f"(float32, {len(self.classes)} numbers for each place in the order of labels.txt)."
        )

    def printed_whole(self) -> str:
        return (
            "mask = answer.argmax(axis=-1).astype('uint8')  # places in labels.txt\n"
            "    tf.io.write_file(f'{pathlib.Path(name).stem}_mask.png', tf.io.encode_png(mask[..., None]))\n"
            "    print(name, {label: round(float((mask == place).mean()), 3) for place, label in enumerate(labels)})"
        )

    def explained_whole(self) -> str:
        return "probabilities for each place (batch, height, width, classes) in the order of labels.txt"


def _size(content: bytes) -> tuple[int, int]:
    with Image.open(io.BytesIO(content)) as image:
        return image.height, image.width


def enlarged(probabilities: np.ndarray, seen: tuple[int, int], size: tuple[int, int]) -> np.ndarray:
    """The mask of a picture of any size, from probabilities (height, width, classes) at the places of an output.

    Probabilities are interpolated before the largest is chosen, so that edges have no steps. Where the output lacks a border,
    the nearest answer is taken.
    """
    if probabilities.shape[:2] == size == seen:
        return np.asarray(probabilities.argmax(axis=-1), np.uint8)
    given = probabilities.shape[:2]
    (top, height), (left, width) = covered.parts(seen, given)
    boxes = [
        ((0 - start) * own / length, (whole - start) * own / length)
        for start, length, own, whole in zip((top, left), (height, width), given, seen, strict=True)
    ]
    rows, columns = (
        np.linspace(low, high, count, endpoint=False) + (high - low) / (2 * count) - 0.5 for (low, high), count in zip(boxes, size, strict=True)
    )
    best = np.full(size, -1.0, np.float32)
    mask = np.zeros(size, np.uint8)
    for place in range(probabilities.shape[-1]):
        values = _between(_between(probabilities[..., place], rows, 0), columns, 1)
        larger = values > best
        best[larger], mask[larger] = values[larger], place
    return mask


def _between(values: np.ndarray, places: np.ndarray, axis: int) -> np.ndarray:
    """Values at places between whole ones along an axis, linearly; outside, the outermost ones."""
    inside = np.clip(places, 0, values.shape[axis] - 1)
    lower = np.floor(inside).astype(np.int64)
    upper = np.minimum(lower + 1, values.shape[axis] - 1)
    share = (inside - lower).astype(np.float32)
    share = share[:, None] if axis == 0 else share[None, :]
    return np.asarray(np.take(values, lower, axis) * (1 - share) + np.take(values, upper, axis) * share)
