"""The sample that is looked at: one of a dataset, or a person's own."""

from __future__ import annotations

import hashlib
import io
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from PIL import Image
from pydantic import BaseModel, Field

from blocks.features import TABLE_INPUT, Feature
from blocks.ports import DTYPES, Input
from blocks.spec import Spec, TableSpec
from studio.datasets.manifest import Split
from studio.datasets.readers.pictures import FORMATS, PictureError, quiet, read_picture
from studio.datasets.tokens import before
from studio.evaluation import asking
from studio.evaluation.asking import Port
from studio.evaluation.asking.tables import of_records
from studio.evaluation.asking.texts import of_texts
from studio.inspection.errors import PreviewError
from studio.networks.arrays import raw_values

if TYPE_CHECKING:
    from studio.datasets.dataset import Dataset

MOST_PIXELS = 25_000_000
"""Height times width of a picture that is looked at; larger ones are refused undecoded."""
MOST_FILE_BYTES = 50_000_000


class SampleOrder(BaseModel):
    """Which sample: one of a split, or one's own in the form in which it comes.

    Args:
        index: Place in the split, or in a file of several samples, from 0.
        file: A picture, text, table or array file.
        picture: An encoded picture.
        record: A row of a table by column name: numbers or texts, None for a gap.
    """

    split: Split = "validation"
    index: int = Field(0, ge=0)
    file: str | None = None
    picture: bytes | None = None
    text: str | None = Field(None, max_length=1_000_000)
    record: dict[str, Any] | None = None

    @property
    def is_own(self) -> bool:
        return not (self.file is None and self.picture is None and self.text is None and self.record is None)


@dataclass(frozen=True)
class Sample:
    """One sample as it is stored or was handed over.

    Args:
        key: Different for different samples.
        values: By feature, with the batch axis: numbers, texts, encoded pictures (a list), or under "columns" those of a table.
        facts: What is told of it: `split`, `index`, `row`, `count` (samples of the split), `label` (class or number), or `name` of one's own.
        notes: What was left out of one's own.
    """

    key: str
    values: Mapping[str, Any]
    facts: dict[str, Any] = field(default_factory=dict)
    notes: tuple[str, ...] = ()

    def at(self, feature: str) -> Any:
        """The value of a feature.

        Raises:
            PreviewError: The sample has none.
        """
        columns = self.values.get(TABLE_INPUT, {})
        if feature not in self.values and feature not in columns:
            raise PreviewError(f"The sample has nothing for the feature {feature!r}; choose one of the dataset.")
        return self.values[feature] if feature in self.values else columns[feature]


def chosen(dataset: Dataset, order: SampleOrder) -> Sample:
    """The sample that is asked for.

    Raises:
        StudioError: There is no such sample, or it can't be read.
    """
    return own(dataset.features, order) if order.is_own else stored(dataset, order.split, order.index)


def stored(dataset: Dataset, split: Split, index: int) -> Sample:
    """A sample of a dataset, by its place in a split.

    Raises:
        PreviewError: The split is shorter.
    """
    rows = dataset.rows(split)
    if not 0 <= index < len(rows):
        has = f"it has 0 to {len(rows) - 1:,}" if len(rows) else "it is empty"
        raise PreviewError(f"There is no sample {index:,} in the {split} split; {has}.")
    row = int(rows[index])
    alone = dataset.with_splits(np.where(np.arange(len(dataset)) == row, split, ""))
    features = [feature for feature in dataset.features if feature.role == "input"]
    names = [feature.name for feature in features if not feature.is_column] + [TABLE_INPUT] * any(feature.is_column for feature in features)
    facts = {"split": split, "index": index, "row": row, "count": len(rows), "label": _label(dataset, row)}
    kept = {feature.name: feature for feature in features}
    values = {name: _heard(kept.get(name), raw_values(alone, name, split)) for name in names}
    return Sample(f"{dataset.manifest.hash}/{row}", values, facts)


def _heard(feature: Feature | None, values: Any) -> Any:
    """Files whose content has one shape, whatever the file's own, in that shape (sounds); all else as it is."""
    kinds = asking.registry.all()
    if feature is None or feature.kind not in kinds:
        return values
    port = _port([feature])
    plain = asking.of(feature.kind).plain(port)
    return values if plain is None or None in plain.shape else asking.of(feature.kind).decoded(port, values)


def own(features: list[Feature], order: SampleOrder) -> Sample:
    """What a person handed over, read as the Predict page reads it.

    Raises:
        StudioError: It is no sample of the dataset's kind, or too large.
    """
    port = _port(features)
    path = _file(order)
    if port.kind == "image":
        content = path.read_bytes() if path else order.picture
        if content is None:
            raise PreviewError("The network takes pictures: send a picture.")
        return _of_batch({next(iter(port.names)): [_picture(content)]}, path.name if path else "picture", ())
    if path is not None:
        batches = asking.of_files([path], port, features)
        batch, place = batches[0], order.index
    elif order.text is not None:
        batch, place = of_texts([order.text], port), 0
    elif order.record is not None:
        batch, place = of_records([order.record], port, features), 0
    else:
        raise PreviewError("The network does not take pictures: send a text, a row or a file, as its dataset has them.")
    if place >= len(batch):
        raise PreviewError(f"There is no sample {place:,} in the file; it has 0 to {len(batch) - 1:,}.")
    given = next((feature for feature in features if feature.role == "input" and not feature.is_column), None)
    values = {name: _heard(given, column[place : place + 1]) for name, column in batch.values.items()}
    name = path.name if path and len(batch) == 1 else batch.names[place] if path else "text" if order.text is not None else "row"
    return _of_batch({TABLE_INPUT: values} if port.kind == "columns" else {**values, **_nothing_written(features)}, name, tuple(batch.warnings))


def _nothing_written(features: list[Feature]) -> dict[str, Any]:
    """What is already written of texts, before the first token."""
    own_inputs = [feature for feature in features if feature.role == "input" and not feature.is_given]
    return {feature.name: before(np.zeros((1, feature.shape[0] or 1), np.int32)) for feature in own_inputs}


def entered(block: Input, sample: Sample) -> Any:
    """The sample as it leaves an Input: a tensor with a batch axis of 1, or the columns of a table.

    Raises:
        PreviewError: The Input takes nothing of the dataset, or the picture is too large.
    """
    import tensorflow as tf

    spec = block.spec()
    if block.feature is None or spec is None:
        raise PreviewError("The Input takes no feature of the dataset, so no sample can enter. Choose its feature.")
    values = sample.at(block.feature)
    if isinstance(spec, TableSpec):
        return {name: tf.convert_to_tensor(values[name], dtype) for name, dtype in spec.columns}
    if isinstance(values, list):
        return _pixels(values[0], spec)[None]
    return tf.convert_to_tensor(values, spec.dtype)


def _pixels(content: bytes, spec: Spec) -> Any:
    """A picture as the training reads it; one's own is brought to the size of the dataset's pictures, where they have one."""
    import tensorflow as tf

    from studio.evaluation.pictures import decoded
    from studio.networks.entering.pictures import resized

    _check_size(content)
    height, width, channels = spec.shape
    try:
        return resized(decoded(tf.constant(content), channels or 3), height, width)
    except tf.errors.OpError as error:
        raise PreviewError("The picture can't be read: damaged or cut off.") from error


def _check_size(content: bytes) -> None:
    try:
        with quiet(), Image.open(io.BytesIO(content), formats=FORMATS) as image:
            width, height = image.size
    except (OSError, SyntaxError, ValueError, Image.DecompressionBombError) as error:
        raise PreviewError("The picture can't be read: not a PNG, JPEG, GIF, BMP or WebP picture, or damaged.") from error
    if width * height > MOST_PIXELS:
        text = f"The picture has {width:,} x {height:,} pixels, more than a preview decodes ({MOST_PIXELS / 1e6:.0f} million)."
        raise PreviewError(f"{text} Make it smaller.")


def _picture(content: bytes) -> bytes:
    _check_size(content)
    try:
        with quiet():
            return read_picture(content, MOST_PIXELS, look_for_colour=False).data
    except PictureError as error:
        raise PreviewError(f"The picture can't be read: {error}.") from error


def _port(features: list[Feature]) -> Port:
    """What one's own sample has to be: a picture, a text, an array, or a row."""
    given = [feature for feature in features if feature.role == "input" and feature.is_given]
    special = [feature for feature in given if not feature.is_column]
    if not special:
        names = {feature.name: feature.name for feature in given}
        return Port("", "columns", names, {feature.name: DTYPES[feature.kind] for feature in given})
    if len(given) > 1:
        raise PreviewError("The dataset has several inputs, so only samples of the dataset can be looked at.")
    feature = special[0]
    kind: Any = feature.kind if feature.kind in asking.registry.all() else "text"
    return Port("", kind, {feature.name: feature.name}, {feature.name: feature.dtype}, feature.shape, feature)


def _file(order: SampleOrder) -> Path | None:
    if order.file is None:
        return None
    path = Path(order.file).expanduser()
    if not path.is_file():
        raise PreviewError(f"There is no file {path.name!r}.")
    if path.stat().st_size > MOST_FILE_BYTES:
        raise PreviewError(f"{path.name} is larger than {MOST_FILE_BYTES / 1e6:.0f} MB, more than a preview reads.")
    return path


def _of_batch(values: dict[str, Any], name: str, notes: tuple[str, ...]) -> Sample:
    digest = hashlib.sha256()
    for feature, value in values.items():
        digest.update(feature.encode())
        parts = value.items() if isinstance(value, dict) else [("", value)]
        for column, content in parts:
            digest.update(column.encode())
            digest.update(content[0] if isinstance(content, list) else repr(content.tolist()).encode())
    return Sample(f"own/{digest.hexdigest()}", values, {"name": name}, notes)


def _label(dataset: Dataset, row: int) -> str | float | None:
    target = next((feature for feature in dataset.features if feature.role == "target"), None)
    if target is None:
        return None
    value = dataset.table([target.name], rows=[row])[target.name].iloc[0]
    return str(value) if target.classes else float(value) if np.ndim(value) == 0 else None
