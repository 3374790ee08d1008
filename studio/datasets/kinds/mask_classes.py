"""Which classes the masks of a set have, however each of them writes them down."""

from __future__ import annotations

import colorsys
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from blocks.features import IGNORED
from studio.datasets.errors import DatasetError
from studio.datasets.kinds.mask_names import Names
from studio.datasets.readers.masks import Form, Labels, Mask, packed, unpacked
from studio.datasets.report import Report, counted

MOST_CLASSES = IGNORED
"""A mask holds its classes as bytes, of which the last one is kept for pixels without a class."""
BACKGROUND, OBJECT = "background", "object"
WHITE = 0xFFFFFF

Colour = tuple[int, int, int]
COLOURS: tuple[Colour, ...] = (
    (230, 159, 0), (86, 180, 233), (0, 158, 115), (204, 121, 167), (240, 228, 66), (0, 114, 178), (213, 94, 0),
)  # fmt: skip
"""Colours of classes that bring none (Okabe and Ito), which colour-blind people can tell apart; further ones go round the wheel."""

_FEW = 16
"""Up to so many labels, each is meant; of more, most may be mixtures at smoothed edges."""
_APART = 32
"""Labels nearer to a more frequent one than this, in levels, can be mixtures."""
_SMALLEST_SHARE, _SMALLEST_OF_SECOND = 0.002, 0.05
"""A label is meant if it has this share of all pixels, or this share of those of the second most frequent one ..."""
_SMALLEST_BLURRED, _SMALLEST_OF_SECOND_BLURRED = 0.01, 0.2
"""... which in a JPEG must be more, since it makes false values around edges."""
_FEWEST_PIXELS = 4
"""Pixels of each of many labels, on average; of photographs there are fewer."""
_LEAST_MEANT = 0.3
"""Share of pixels that bear the labels that are meant; of photographs, less."""
_NEARLY = 16
"""Levels by which a JPEG changes black or full ones at the most."""
_THIN = 0.0015
"""Mixtures have less than this share of all pixels, on average."""
_MOST_MIXED = 0.25
"""Share of pixels far from every label above which a set holds photographs."""


@dataclass(frozen=True)
class Seen:
    """What a mask is remembered by.

    Args:
        labels: Those that occur, ascending; `counts` says how often.
        palette: The colour of each of them, for masks with a palette.
    """

    form: Form
    labels: Labels
    counts: NDArray[np.int64]
    lossy: bool = False
    palette: Labels | None = None

    @classmethod
    def of(cls, mask: Mask) -> Seen:
        """Remembers a mask."""
        labels, counts = mask.counted
        colours = None
        if mask.palette is not None and len(mask.palette):
            colours = packed(mask.palette[np.minimum(labels, len(mask.palette) - 1).astype(np.int64)])
        return cls(mask.form, labels, counts, mask.lossy, colours)


@dataclass(frozen=True)
class Reading:
    """How the forms of a set are read.

    Args:
        palettes_by_colour: Places in palettes mean nothing, their colours do.
        greys_as_numbers: Colours of which none is one are grey values.
    """

    palettes_by_colour: bool
    greys_as_numbers: bool

    @classmethod
    def of(cls, masks: Sequence[Seen]) -> Reading:
        """The reading of a set: palettes by their places unless one place has several colours; greys as such unless others have colours."""
        by_colour = _palettes_differ(masks)
        coloured = any(not _is_grey(seen.labels) for seen in masks if seen.form == "colour")
        painted = by_colour and any(not _is_grey(seen.palette) for seen in masks if seen.palette is not None)
        return cls(by_colour, not (coloured or painted))

    def labels(self, seen: Seen) -> tuple[Form, Labels]:
        """The form by which a mask is read, and its labels in it."""
        form, labels = seen.form, seen.labels
        if self.palettes_by_colour and seen.palette is not None:
            form, labels = "colour", seen.palette
        if form == "colour" and self.greys_as_numbers:
            return "number", labels & np.uint32(255)
        return form, labels


@dataclass(frozen=True)
class Table:
    """Classes, and which label of each form means which of them.

    Args:
        colours: RGB of every class.
        meaning: By form, the class index of every label; others count as the nearest one.
    """

    names: tuple[str, ...]
    colours: tuple[Colour, ...]
    meaning: dict[Form, dict[int, int]]
    reading: Reading

    def indices(self, seen: Seen) -> NDArray[np.uint8]:
        """The class of each of a mask's labels; 255 for none."""
        form, labels = self.reading.labels(seen)
        known = np.array(sorted(self.meaning[form]), np.int64)
        classes = np.array([self.meaning[form][label] for label in known.tolist()], np.uint8)
        found: NDArray[np.uint8] = classes[_nearest(labels.astype(np.int64), known, form)]
        return found

    def counts(self, seen: Seen) -> NDArray[np.int64]:
        """Pixels of each class in a mask."""
        indices = self.indices(seen)
        kept = indices != IGNORED
        return np.bincount(indices[kept], weights=seen.counts[kept], minlength=len(self.names)).astype(np.int64)

    def classes(self, mask: Mask) -> NDArray[np.uint8]:
        """A mask as class indices (height, width); 255 where there is none."""
        return mask.replaced(self.indices(Seen.of(mask)))


@dataclass(frozen=True)
class _Keys:
    """What classes are known by before they are numbered.

    Args:
        order: Numbers of classes or their colours, in the order of the classes.
        meaning: By form, the key of every label.
        colours: Of the keys that bring one.
    """

    order: tuple[int, ...]
    meaning: dict[Form, dict[int, int]]
    colours: dict[int, int]
    are_colours: bool = False


def find(masks: Sequence[Seen], names: Names, report: Report) -> Table:
    """The classes of a set of masks.

    Grey values and places in a palette are numbers of classes; where there is one besides 0, whichever (1, 255), it is the object
    before a background. Colours are classes, black the background. Palettes that give one place different colours are read by
    their colours. Where a set mixes forms, they must mean the same: colours those of the palette, or one object everywhere.
    255 beside small numbers stands for pixels without a class.

    Args:
        names: What a file beside the masks calls the classes.

    Raises:
        DatasetError: There is one class only, there are too many, or the forms contradict each other.
    """
    reading = Reading.of(masks)
    found: dict[Form, Counter[int]] = {}
    for seen in masks:
        form, labels = reading.labels(seen)
        total = found.setdefault(form, Counter())
        for label, count in zip(labels.tolist(), seen.counts.tolist(), strict=True):
            total[label] += count
    for form, total in found.items():
        lossy = any(seen.lossy and reading.labels(seen)[0] == form for seen in masks)
        found[form] = _main_labels(total, form, lossy, report)
    both = {1, 255} <= set(found.get("number", ())) and any({1, 255} <= set(reading.labels(seen)[1].tolist()) for seen in masks)
    keys = _keys(masks, found, both, reading)
    if _has_void(masks, keys, names):
        keys = _Keys(tuple(key for key in keys.order if key != IGNORED), keys.meaning, keys.colours)
        report.note("255 in the masks stands for pixels without a class; training and figures leave them out.")
    if len(keys.order) < 2:
        raise DatasetError(_one_class(keys.order, len(masks)))
    if len(keys.order) > MOST_CLASSES:
        raise DatasetError(
            f"The masks hold {len(keys.order):,} different values, more than the {MOST_CLASSES} classes that are possible. "
            "Expected: one value or colour per class, such as 0, 1, 2 ..., not one per object."
        )
    place = {key: number for number, key in enumerate(keys.order)}
    meaning: dict[Form, dict[int, int]] = {
        form: {label: place.get(key, IGNORED) for label, key in means.items()} for form, means in keys.meaning.items()
    }
    called = names.of(keys.order, keys.colours, report) or _usual_names(keys)
    return Table(called, _colours(keys), meaning, reading)


def _is_grey(labels: Labels) -> bool:
    colours = unpacked(labels)
    return bool((colours == colours[..., :1]).all())


def _palettes_differ(masks: Sequence[Seen]) -> bool:
    """Whether one place has different colours in different palettes."""
    known: dict[int, int] = {}
    for seen in masks:
        if seen.palette is not None:
            for place, colour in zip(seen.labels.tolist(), seen.palette.tolist(), strict=True):
                if known.setdefault(place, colour) != colour:
                    return True
    return False


def _nearest(labels: NDArray[np.int64], known: NDArray[np.int64], form: Form) -> NDArray[np.int64]:
    """For each label the place of the nearest known one."""
    places = np.minimum(np.searchsorted(known, labels), len(known) - 1)
    missing = np.flatnonzero(known[places] != labels)
    there = _levels(known, form)
    for start in range(0, len(missing), 4096):
        part = missing[start : start + 4096]
        places[part] = ((_levels(labels[part], form)[:, None] - there[None]) ** 2).sum(axis=-1).argmin(axis=1)
    return places


def _levels(labels: NDArray[np.int64], form: Form) -> NDArray[np.int64]:
    return unpacked(labels) if form == "colour" else labels[:, None]


def _purified(labels: NDArray[np.int64], form: Form) -> NDArray[np.int64]:
    """Labels with nearly black or nearly full levels made so, as they were before a JPEG blurred them."""
    levels = _levels(labels, form)
    levels = np.where(levels <= _NEARLY, 0, np.where(levels >= 255 - _NEARLY, 255, levels))
    return packed(levels).astype(np.int64) if form == "colour" else levels[:, 0]


def _main_labels(total: Counter[int], form: Form, lossy: bool, report: Report) -> Counter[int]:
    """The labels that are meant: all of them, unless edges are smoothed or a JPEG blurs them.

    Raises:
        DatasetError: There are too many, and they are no mixtures.
    """
    if form == "palette" or (len(total) <= _FEW and not lossy):
        return total
    ranked = total.most_common()
    labels, counts = np.array([label for label, _ in ranked], np.int64), np.array([count for _, count in ranked], np.float64)
    values, share = _levels(labels, form), counts / counts.sum()
    smallest, of_second = (_SMALLEST_BLURRED, _SMALLEST_OF_SECOND_BLURRED) if lossy else (_SMALLEST_SHARE, _SMALLEST_OF_SECOND)
    chosen = [0]
    for number in range(1, len(labels)):
        if len(chosen) > 1 and share[number] < min(smallest, of_second * share[chosen[1]]):
            break
        if np.abs(values[chosen] - values[number]).max(axis=1).min() >= _APART:
            chosen.append(number)
    rest = np.delete(np.arange(len(labels)), chosen)
    distance = np.array([np.abs(values[chosen] - values[number]).max(axis=1).min() for number in rest])
    mixed = float(share[rest[distance >= _APART]].sum()) if len(rest) else 0.0
    thin = len(rest) > _FEW and float(share[rest].mean()) < _THIN
    if (lossy or thin) and len(chosen) > 1 and mixed <= _MOST_MIXED and share[chosen].sum() >= _LEAST_MEANT:
        if len(rest):
            report.note("The masks have smoothed or blurred edges; there a pixel counts as the class whose value is nearest.")
        meant = _purified(labels[chosen], form) if lossy else labels[chosen]
        return Counter({int(label): int(counts[number]) for label, number in zip(meant, chosen, strict=True)})
    if lossy or len(labels) > MOST_CLASSES + 1 or counts.mean() < _FEWEST_PIXELS:
        raise DatasetError(
            f"The masks hold {len(labels):,} different {'colours' if form == 'colour' else 'values'}, as photographs do. Expected: one value or "
            "colour per class; save masks as PNG, without smoothing."
        )
    return total


def _keys(masks: Sequence[Seen], found: Mapping[Form, Counter[int]], together: bool, reading: Reading) -> _Keys:
    palette: dict[int, int] = {}
    for seen in masks:
        if seen.palette is not None and not reading.palettes_by_colour:
            palette |= dict(zip(seen.labels.tolist(), seen.palette.tolist(), strict=True))
    empty = {form: _background(total, form) for form, total in found.items()}
    objects = {form: set(total) - {empty[form]} for form, total in found.items()}
    if not together and all(_is_one(objects[form], empty[form], form) for form in found):
        return _binary(found, empty, objects, palette)
    if set(found) == {"colour"}:
        return _of_colours(found["colour"], {"colour": {label: label for label in found["colour"]}})
    meaning: dict[Form, dict[int, int]] = {form: {label: label for label in total} for form, total in found.items()}
    if "colour" not in found:
        return _of_numbers(meaning, palette)
    place_of = {colour: place for place, colour in palette.items()}
    if "palette" in found and set(found["colour"]) <= set(place_of):
        return _of_numbers({**meaning, "colour": {label: place_of[label] for label in found["colour"]}}, palette)
    greys = {label: label * 0x010101 for label in found.get("number", ())}
    if "palette" not in found and set(greys.values()) <= {0, *found["colour"]}:
        return _of_colours({*found["colour"], *greys.values()}, {**meaning, "number": greys})
    words: dict[Form, str] = {"number": "{:,} in grey values", "palette": "{:,} with palettes", "colour": "{:,} in colours"}
    ways = Counter(reading.labels(seen)[0] for seen in masks)
    raise DatasetError(
        "The masks write their classes in ways that don't fit together: "
        + ", ".join(words[form].format(count) for form, count in ways.items())
        + ". Save all of them alike: as PNG with one grey value per class, 0, 1, 2 ..."
    )


def _background(total: Counter[int], form: Form) -> int | None:
    """The label that means background: 0, black, or white where nothing is black."""
    return 0 if 0 in total else WHITE if form == "colour" and WHITE in total else None


def _is_one(objects: set[int], empty: int | None, form: Form) -> bool:
    """Whether a form has one class besides a background: one label, or 1 and 255."""
    return len(objects) <= 1 or (form == "number" and empty is not None and objects == {1, 255})


def _binary(
    found: Mapping[Form, Counter[int]], empty: Mapping[Form, int | None], objects: Mapping[Form, set[int]], palette: Mapping[int, int]
) -> _Keys:
    meaning: dict[Form, dict[int, int]] = {form: {label: 0 if label == empty[form] else 1 for label in total} for form, total in found.items()}
    brought = [*objects.get("colour", ()), *(palette[label] for label in objects.get("palette", ()) if label in palette)]
    colours = {1: brought[0]} if brought and brought[0] not in (0, WHITE) else {}
    return _Keys(tuple(sorted({key for means in meaning.values() for key in means.values()})), meaning, colours)


def _of_numbers(meaning: dict[Form, dict[int, int]], palette: dict[int, int]) -> _Keys:
    return _Keys(tuple(sorted({key for means in meaning.values() for key in means.values()})), meaning, palette)


def _of_colours(labels: Counter[int] | set[int], meaning: dict[Form, dict[int, int]]) -> _Keys:
    order = tuple(sorted(labels, key=lambda label: (label != 0, label)))
    return _Keys(order, meaning, {label: label for label in order}, are_colours=True)


def _has_void(masks: Sequence[Seen], keys: _Keys, names: Names) -> bool:
    """Whether 255 stands for pixels without a class: beside small numbers, in a palette, or where a file names all others."""
    if keys.are_colours or IGNORED not in keys.order or len(keys.order) < 3:
        return False
    others = [key for key in keys.order if key not in (0, IGNORED)]
    return any(seen.form == "palette" for seen in masks) or max(others) <= 2 * len(others) + 1 or names.reach(max(others))


def _one_class(order: Sequence[int], count: int) -> str:
    what = "are empty" if list(order) == [0] else "hold one value only"
    return (
        f"All {counted(count, 'mask')} {what}, so there is nothing to tell apart. Expected: at least two classes, such as 0 for the background "
        "and 1 (or 255) for the object."
    )


def _usual_names(keys: _Keys) -> tuple[str, ...]:
    """background and object for two; else the background and the others by their numbers, colours by their places."""
    if keys.order == (0, 1):
        return BACKGROUND, OBJECT
    first = 0 if keys.order[0] == 0 else 1
    return tuple(BACKGROUND if key == 0 else f"class {number if keys.are_colours else key}" for number, key in enumerate(keys.order, start=first))


def _colours(keys: _Keys) -> tuple[Colour, ...]:
    """The colours that the masks bring, as far as they differ; else black for the background and colours that can be told apart."""
    others = [key for key in keys.order if key != 0]
    brought = [keys.colours.get(key) for key in others]
    if None not in brought and len({*brought, 0}) == len(others) + 1:
        chosen = {key: _rgb(keys.colours[key]) for key in others}
    else:
        chosen = dict(zip(others, usual_colours(len(others)), strict=True))
    return tuple(chosen.get(key, (0, 0, 0)) for key in keys.order)


def _rgb(label: int) -> Colour:
    return label >> 16, label >> 8 & 255, label & 255


def usual_colours(count: int) -> tuple[Colour, ...]:
    """As many colours as wanted that can be told apart, as far as that goes."""
    around = [colorsys.hsv_to_rgb((0.04 + number * 0.618034) % 1.0, 0.75, 0.95 if number % 2 else 0.7) for number in range(count - len(COLOURS))]
    return (*COLOURS[:count], *((round(red * 255), round(green * 255), round(blue * 255)) for red, green, blue in around))
