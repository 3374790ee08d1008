"""Which classes masks have, however they are written down."""

from __future__ import annotations

import io
from typing import Any

import numpy as np
import pytest
from PIL import Image

from blocks.features import IGNORED
from studio.datasets.errors import DatasetError
from studio.datasets.kinds.mask_classes import Seen, Table, find, usual_colours
from studio.datasets.kinds.mask_names import Names, read_entry
from studio.datasets.readers.masks import read_mask
from studio.datasets.readers.pictures import PictureError
from studio.datasets.report import Report

PLAIN = np.zeros((12, 10), np.uint8)
PLAIN[3:8, 2:9] = 1
THREE = PLAIN.copy()
THREE[9:, :4] = 2
RED, GREEN, BLUE, BLACK, WHITE = (255, 0, 0), (0, 255, 0), (0, 0, 255), (0, 0, 0), (255, 255, 255)


def encoded(image: Image.Image, form: str = "PNG", **settings: Any) -> bytes:
    out = io.BytesIO()
    image.save(out, form, **settings)
    return out.getvalue()


def grey(mask: np.ndarray, *values: int) -> bytes:
    """A mask in grey values, one per class."""
    return encoded(Image.fromarray(np.array(values, np.uint8)[mask]))


def coloured(mask: np.ndarray, *colours: tuple[int, int, int]) -> bytes:
    """A mask in colours."""
    return encoded(Image.fromarray(np.array(colours, np.uint8)[mask]))


def palette(mask: np.ndarray, *colours: tuple[int, int, int]) -> bytes:
    """A mask whose pixels are places in a palette."""
    image = Image.fromarray(mask)
    image.putpalette([level for colour in colours for level in colour])
    return encoded(image)


def table_of(*masks: bytes, names: Names | None = None, report: Report | None = None) -> tuple[Table, list[np.ndarray]]:
    """The classes of some masks, and the masks as class indices."""
    read = [read_mask(mask, 10**6) for mask in masks]
    table = find([Seen.of(mask) for mask in read], names or Names(), report or Report())
    found = [table.classes(mask) for mask in read]
    for mask, classes in zip(read, found, strict=True):
        assert table.counts(Seen.of(mask)).tolist() == np.bincount(classes[classes != IGNORED], minlength=len(table.names)).tolist()
    return table, found


@pytest.mark.parametrize(
    "masks",
    [
        [grey(PLAIN, 0, 255), grey(PLAIN, 0, 1)],
        [grey(PLAIN, 0, 255), palette(PLAIN, BLACK, RED), coloured(PLAIN, BLACK, WHITE), grey(PLAIN, 0, 1)],
        [coloured(PLAIN, BLACK, RED), grey(PLAIN, 0, 255), palette(PLAIN, BLACK, RED)],
        [coloured(PLAIN, WHITE, RED)],
        [encoded(Image.fromarray(PLAIN * 255).convert("1"))],
        [encoded(Image.fromarray(PLAIN.astype(np.uint16) * 65535))],
        [encoded(Image.fromarray(np.dstack([np.full((12, 10, 3), 90, np.uint8), PLAIN * 255])))],
        [encoded(Image.fromarray(np.dstack([PLAIN * 255, PLAIN * 255, PLAIN * 0, PLAIN * 0 + 255])))],
        [encoded(Image.fromarray(np.kron(PLAIN, np.ones((4, 4), np.uint8)) * 255), "JPEG", quality=60)],
        [encoded(Image.fromarray(PLAIN * 255).convert("P"), "GIF")],
        [grey(PLAIN, 0, 77), grey(PLAIN * 0, 0)],
    ],
)
def test_an_object_before_a_background_is_one_class_in_every_form(masks: list[bytes]) -> None:
    table, found = table_of(*masks)
    assert table.names == ("background", "object")
    assert table.colours[0] == BLACK
    wanted = np.kron(PLAIN, np.ones((found[0].shape[0] // 12,) * 2, np.uint8))
    assert (found[0] == wanted).mean() > 0.99
    assert all((each == found[0]).all() or not each.any() for each in found)


@pytest.mark.parametrize(
    ("masks", "names"),
    [
        ([grey(THREE, 0, 1, 2)], ("background", "class 1", "class 2")),
        ([grey(THREE, 0, 128, 255)], ("background", "class 128", "class 255")),
        ([grey(THREE, 1, 2, 3)], ("class 1", "class 2", "class 3")),
        ([palette(THREE, BLACK, RED, GREEN), palette(PLAIN, BLACK, RED)], ("background", "class 1", "class 2")),
        ([coloured(THREE, BLACK, GREEN, RED)], ("background", "class 1", "class 2")),
        ([palette(THREE, BLACK, RED, GREEN), coloured(PLAIN, BLACK, RED)], ("background", "class 1", "class 2")),
        ([palette(THREE, BLACK, GREEN, RED), palette(np.array([0, 2, 1], np.uint8)[THREE], BLACK, RED, GREEN)], ("background", "class 1", "class 2")),
    ],
)
def test_several_classes(masks: list[bytes], names: tuple[str, ...]) -> None:
    table, found = table_of(*masks)
    assert table.names == names
    assert (found[0] == THREE).all()
    assert all((each == THREE).all() or (each == PLAIN).all() for each in found)


def test_colours_come_from_the_masks_or_can_be_told_apart() -> None:
    assert table_of(palette(THREE, BLACK, RED, GREEN))[0].colours == (BLACK, RED, GREEN)
    assert table_of(coloured(PLAIN, BLACK, RED))[0].colours == (BLACK, RED)
    plain = table_of(grey(THREE, 0, 1, 2))[0].colours
    assert plain[0] == BLACK
    assert len({*plain, *usual_colours(30)}) == 31


@pytest.mark.parametrize(("values", "void"), [((0, 1, 255), True), ((0, 2, 255), True), ((0, 60, 255), False)])
def test_255_beside_small_numbers_is_no_class(values: tuple[int, ...], void: bool) -> None:
    report = Report()
    table, (found,) = table_of(grey(THREE, *values), report=report)
    assert ((found == IGNORED) == (THREE == 2)).all() == void
    assert len(table.names) == (2 if void else 3)
    assert any("255 in the masks stands for pixels without a class" in each for each in report.warnings()) == void


def test_smoothed_edges_are_no_classes() -> None:
    rows, columns = np.mgrid[0:760, 0:600]
    large = np.where((rows - 300) ** 2 + (columns - 260) ** 2 < 180**2, 1, np.where(rows + columns > 1100, 2, 0)).astype(np.uint8)
    image = Image.fromarray(np.array([BLACK, RED, BLUE], np.uint8)[large]).resize((300, 380), Image.Resampling.BICUBIC)
    report = Report()
    table, (found,) = table_of(encoded(image), report=report)
    assert set(table.colours) == {BLACK, RED, BLUE}
    sharp = np.asarray(Image.fromarray(large).resize((300, 380), Image.Resampling.NEAREST))
    place = np.array([table.colours.index(colour) for colour in (BLACK, RED, BLUE)])
    assert (found == place[sharp]).mean() > 0.97
    assert "smoothed or blurred" in " ".join(report.warnings())


def test_many_classes_with_numbers_one_after_the_other_are_not_taken_for_smoothing() -> None:
    many = np.random.default_rng(0).integers(0, 60, (80, 80)).astype(np.uint8)
    many[:30] = 0
    table, (found,) = table_of(encoded(Image.fromarray(many)))
    assert len(table.names) == 60
    assert (found == many).all()


@pytest.mark.parametrize(
    ("masks", "words"),
    [
        ([grey(PLAIN * 0, 0)], "so there is nothing to tell apart"),
        ([grey(PLAIN * 0, 7)], "hold one value only"),
        ([coloured(THREE, BLACK, RED, GREEN), grey(THREE, 0, 1, 2)], "don't fit together: 1 in colours, 1 in grey values"),
        ([encoded(Image.fromarray(np.random.default_rng(0).integers(0, 256, (40, 40, 3), np.uint8)))], "as photographs do"),
        ([encoded(Image.fromarray(np.random.default_rng(0).integers(0, 256, (40, 40), np.uint8)), "JPEG")], "as photographs do"),
        ([encoded(Image.fromarray(np.arange(900, dtype=np.uint16).reshape(30, 30)))], "different values"),
    ],
)
def test_what_has_no_classes_is_refused_in_one_sentence(masks: list[bytes], words: str) -> None:
    with pytest.raises(DatasetError, match=words) as refusal:
        table_of(*masks)
    assert "\n" not in str(refusal.value)
    assert "Expected" in str(refusal.value) or "Save" in str(refusal.value)


@pytest.mark.parametrize("content", [b"", b"text", grey(PLAIN, 0, 255)[:40], encoded(Image.fromarray(PLAIN), "TIFF")])
def test_files_that_are_no_masks(content: bytes) -> None:
    with pytest.raises(PictureError):
        read_mask(content, 10**6)


def test_too_many_pixels_are_not_decoded() -> None:
    with pytest.raises(PictureError, match="more than 100 pixels"):
        read_mask(grey(PLAIN, 0, 255), 100)


def named(*lines: str) -> Names:
    return Names("classes.txt", tuple(entry for line in lines if (entry := read_entry(line)) is not None))


@pytest.mark.parametrize(
    ("mask", "lines", "names"),
    [
        (grey(THREE, 0, 1, 2), ["ground", "cat", "dog"], ("ground", "cat", "dog")),
        (grey(THREE, 0, 1, 2), ["cat", "dog"], ("background", "cat", "dog")),
        (grey(THREE, 0, 3, 4), ["ground", "a", "b", "cat", "dog"], ("ground", "cat", "dog")),
        (grey(THREE, 0, 1, 2), ["0: ground", "1: cat", "2: big dog"], ("ground", "cat", "big dog")),
        (grey(THREE, 0, 5, 9), ["id,name", "0,ground", "5,cat", "9,dog"], ("ground", "cat", "dog")),
        (grey(PLAIN, 0, 255), ["ground", "cat"], ("ground", "cat")),
        (coloured(THREE, BLACK, RED, GREEN), ["name,r,g,b", "cat,255,0,0", "dog,0,255,0", "ground,0,0,0"], ("ground", "dog", "cat")),
        (coloured(THREE, BLACK, RED, GREEN), ["# label:rgb", "cat:255,0,0::", "dog:0,255,0::", "ground:0,0,0::"], ("ground", "dog", "cat")),
        (palette(THREE, BLACK, RED, GREEN), ["255 0 0\tcat", "0 255 0\tdog", "0 0 0\tground"], ("ground", "cat", "dog")),
        (grey(THREE, 0, 1, 2), ["cat"], ("background", "class 1", "class 2")),
        (grey(THREE, 0, 1, 2), ["cat", "cat", "cat"], ("cat", "cat (1)", "cat (2)")),
    ],
)
def test_a_file_beside_the_masks_names_the_classes(mask: bytes, lines: list[str], names: tuple[str, ...]) -> None:
    report = Report()
    table, _ = table_of(mask, names=named(*lines), report=report)
    assert table.names == names
    assert bool(report.warnings()) == (len(lines) == 1)
