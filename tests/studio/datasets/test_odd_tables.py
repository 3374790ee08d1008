"""Tables that are odd or meant badly, each made on the spot."""

from __future__ import annotations

import datetime as dt
import decimal
import gzip
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import openpyxl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from studio.datasets import add, load
from studio.workspace import Workspace
from tests.studio.datasets.uploads import refusal

HEAD = "a,b,colour,label\n"


def lines(count: int = 40, delimiter: str = ",", point: str = ".") -> str:
    rows = ([f"{row * 1.37:.2f}".replace(".", point), str(row % 7), ("red", "blue")[row % 2], ("yes", "no")[row % 3 == 0]] for row in range(count))
    return "".join(delimiter.join(row) + "\n" for row in rows)


REFUSED = {
    "empty": (b"", "is empty"),
    "only a mark": (b"\xef\xbb\xbf", "holds no text"),
    "blank": (b"\n \n\n", "holds no text"),
    "no rows": (HEAD.encode(), "no rows below its header"),
    "two rows": ((HEAD + lines(2)).encode(), "only 2 rows"),
    "zero bytes": ((HEAD + lines(9) + "1,2,r\0d,yes\n").encode(), "zero bytes (the first in line 11)"),
    "bytes": (bytes(range(1, 32)) * 200, "is no text file"),
    "compressed": (gzip.compress(lines(500).encode()), "is no text file"),
    "json": (b'[{"a": 1, "b": 2}, {"a": 3, "b": 4}]\n', "is JSON, no table"),
    "page": (b"<!DOCTYPE html><html><p>Log in, please</p></html>", "a web page or XML"),
    "open quote in the header": (('a,b,"colour,label\n' + lines()).encode(), "In the header (row 1), a quotation mark is never closed"),
    "long header": ((f"a,b,{'x' * 1_100_000},label\n" + lines()).encode(), "In the header (row 1), a cell has more than 1,000,000 characters"),
    "many columns": ((",".join(f"c{n}" for n in range(20_001)) + "\n" + ("1," * 20_000 + "2\n") * 4).encode(), "20,001 columns; at most 20,000"),
    "one column": (b"a\n" + b"1\n2\n" * 20, "only one column"),
    "one value": ((HEAD + "1,2,red,yes\n" * 30).encode(), "same value in every row"),
    "no inputs": ((HEAD + "1,2,red,yes\n1,2,red,no\n" * 20).encode(), "Columns that have the same value in every row: a, b, colour."),
    "no target": ((HEAD + lines()).replace("yes", "").replace("no", "").encode(), "'label' is empty"),
    "wrong header": ((HEAD + "1,2\n" * 500).encode(), "names 4 columns, but most rows have 2 cells"),
}  # fmt: skip


@pytest.mark.parametrize("case", REFUSED)
def test_refused_in_one_sentence(case: str, workspace: Workspace, written: Callable[..., Path]) -> None:
    content, words = REFUSED[case]
    message = refusal(lambda: add(workspace, written(content)))
    assert words in message
    assert "\n" not in message
    assert len(message) < 400
    assert list(workspace.datasets.iterdir()) == list(workspace.incoming.iterdir()) == []


ACCEPTED: dict[str, tuple[bytes, int, str]] = {
    "utf-16": ((HEAD + lines()).encode("utf-16"), 40, ""),
    "utf-16 unmarked": ((HEAD + lines()).encode("utf-16-be"), 40, ""),
    "utf-16 cut off": ((HEAD + lines()).encode("utf-16")[:-1], 40, "can't be read as utf-16 and were replaced by \ufffd (row 41)"),
    "latin-1": ((HEAD + lines()).replace("red", "grün").encode("latin-1"), 40, "read as cp1252"),
    "shift_jis": ((HEAD + lines()).replace("red", "赤い").replace("yes", "はい").encode("shift_jis"), 40, "read as shift_jis"),
    "line ends": ((HEAD + lines(13)).replace("\n", "\r\n").encode() + lines(13).encode() + lines(14).replace("\n", "\r").encode(), 40, ""),
    "open quote": ((HEAD + lines(20) + '1,2,"red,yes\n' + lines(20)).encode(), 40, "Left out 1 row (a quotation mark is never closed): 22."),
    "long cell": ((HEAD + lines() + f"1,2,{'x' * 2_500_000},yes\n").encode(), 40, "(a cell has more than 1,000,000 characters): 42."),
    "same names": (("a,a,,label\n" + lines()).encode(), 40, "'a' to 'a_2'"),
    "own names": (("row,split,b,label\n" + lines()).encode(), 40, "the program's own"),
    "names that act": (("a\x1b[31m,<script>,\u202eb,label\n" + lines()).encode(), 40, ""),
    "infinite": ((HEAD + lines() + "inf,1,red,yes\n1e400,2,red,no\n-1e39,3,red,no\n").encode(), 43, "3 cells with an infinite or too large number"),
    "missing column": ((HEAD + lines()).replace("red", "").replace("blue", "").encode(), 40, "hold no value: colour"),
    "missing targets": ((HEAD + lines() + "1,2,red,\n3,4,red,NA\n").encode(), 40, "Left out 2 rows without a value for the target"),
    "rare class": ((HEAD + lines() + "1,2,red,maybe\n").encode(), 41, "Fewer than 5 rows in 1 class: maybe"),
    "decimal comma": ((HEAD.replace(",", ";") + lines(40, ";", ",")).encode(), 40, ""),
    "bars": ((HEAD.replace(",", "|") + lines(40, "|")).encode(), 40, ""),
    "numbers": ((HEAD + lines()).replace("label", "id").encode(), 40, ""),
}  # fmt: skip


@pytest.mark.parametrize("case", ACCEPTED)
def test_accepted_with_what_was_guessed(case: str, workspace: Workspace, written: Callable[..., Path]) -> None:
    content, rows, words = ACCEPTED[case]
    manifest = add(workspace, written(content))
    assert manifest.samples == rows
    assert words in " ".join(manifest.warnings)
    assert all(feature.name.isprintable() for feature in manifest.features)
    inputs = load(workspace, manifest.name).columns()
    assert all(np.isfinite(values[~np.isnan(values)]).all() for values in inputs.values() if values.dtype == np.float32)
    assert list(workspace.incoming.iterdir()) == []


def test_wide_tables_take_a_time_that_grows_with_the_columns(workspace: Workspace, written: Callable[..., Path]) -> None:
    """Two thousand columns once took minutes, since every one was compared with all others."""
    rows = [",".join(str(row * column % 13) for column in range(2000)) for row in range(12)]
    begin = dt.datetime.now(dt.UTC)
    manifest = add(workspace, written(",".join(f"c{column}" for column in range(2000)) + "\n" + "\n".join(rows)))
    assert len(manifest.features) == 2000
    assert len(manifest.warnings) < 10
    assert (dt.datetime.now(dt.UTC) - begin).total_seconds() < 60


def workbook(path: Path, fill: Callable[[Any], None]) -> Path:
    book = openpyxl.Workbook()
    fill(book)
    book.save(path)
    return path


def sheet(page: Any, rows: int = 20) -> None:
    page.append(["a", "b", "label"])
    for row in range(rows):
        page.append([row * 1.5, row % 7, ("yes", "no")[row % 3 == 0]])


def with_part(path: Path, name: str, change: Callable[[bytes], bytes]) -> Path:
    """A workbook one of whose parts is changed."""
    workbook(path, lambda book: sheet(book.active))
    other = path.with_name("changed.xlsx")
    with zipfile.ZipFile(path) as old, zipfile.ZipFile(other, "w", zipfile.ZIP_DEFLATED) as new:
        for part in old.namelist():
            new.writestr(part, change(old.read(part)) if part.endswith(name) else old.read(part))
    return other


def only_a_chart(book: Any) -> None:
    book.create_chartsheet("chart")
    book.remove(book.worksheets[0])


def text_named(path: Path) -> Path:
    path.write_text(HEAD + lines())
    return path


BOOK = b"<worksheet xmlns='http://schemas.openxmlformats.org/spreadsheetml/2006/main'><sheetData>%s</sheetData></worksheet>"
BOOKS: dict[str, tuple[Callable[[Path], Path], str]] = {
    "no sheet": (lambda path: workbook(path, only_a_chart), "can't be read as an Excel file"),
    "empty first sheet": (lambda path: workbook(path, lambda book: sheet(book.create_sheet("data"))), "also has the sheets data; name one"),
    "cut off": (lambda path: with_part(path, "sheet1.xml", lambda content: content[: len(content) // 2]), "can't be read as an Excel file"),
    "many rows": (lambda path: with_part(path, "sheet1.xml", lambda _: BOOK % (b"<row/>" * 1_700_000)), "more rows or columns in a sheet"),
    "wide row": (lambda path: with_part(path, "sheet1.xml", lambda _: BOOK % (b"<row>%s</row>" % (b"<c/>" * 3_000_000))), "more rows or columns"),
    "huge": (lambda path: with_part(path, "sheet1.xml", lambda _: b" " * 210_000_000), "times its size"),
    "text": (text_named, "is not an .xlsx file"),
}  # fmt: skip


@pytest.mark.parametrize("case", BOOKS)
def test_workbooks_refused_in_one_sentence(case: str, workspace: Workspace, tmp_path: Path) -> None:
    make, words = BOOKS[case]
    path = make(tmp_path / "book.xlsx")
    message = refusal(lambda: add(workspace, path))
    assert words in message
    assert "\n" not in message
    assert list(workspace.datasets.iterdir()) == list(workspace.incoming.iterdir()) == []


def test_a_cell_far_away_is_passed_over(workspace: Workspace, tmp_path: Path) -> None:
    def fill(book: Any) -> None:
        sheet(book.active)
        book.active["XFD1048576"] = "far away"
        sheet(book.create_sheet("other"))

    manifest = add(workspace, workbook(tmp_path / "book.xlsx", fill))
    assert [feature.name for feature in manifest.features] == ["a", "b", "label"]
    assert manifest.samples <= 21
    assert "Some rows have more than 3 cells; what stands to the right of the table was passed over." in manifest.warnings
    assert "Read the first sheet, 'Sheet'; the file also has other." in manifest.warnings


def parquet(path: Path, columns: list[tuple[str, Any]], **settings: Any) -> Path:
    pq.write_table(pa.table([values for _, values in columns], names=[name for name, _ in columns]), path, **settings)
    return path


def test_all_kinds_of_parquet_columns(workspace: Workspace, tmp_path: Path) -> None:
    count = 60
    moments = [dt.datetime(2024, 1, 1) + dt.timedelta(hours=7 * row) for row in range(count)]
    columns = [
        ("lists", pa.array([[row] for row in range(count)])),
        ("nested", pa.array([{"a": row, "b": {"c": "x"}} for row in range(count)])),
        ("decimal", pa.array([decimal.Decimal(f"{row % 9}.25") for row in range(count)], pa.decimal128(30, 5))),
        ("zone", pa.array(moments, pa.timestamp("us", tz="Asia/Shanghai"))),
        ("coded", pa.array(["u", "v", "w"] * 20).dictionary_encode()),
        ("coded_number", pa.array([5, 6, 5] * 20).dictionary_encode()),
        ("bytes", pa.array([b"x"] * count)),
        ("half", pa.array(np.arange(count, dtype=np.float16))),
        ("nothing", pa.nulls(count)),
        ("half", pa.array(list(range(count, 0, -1)))),
        ("label", pa.array(["a", "b"] * 30)),
    ]
    manifest = add(workspace, parquet(tmp_path / "t.parquet", columns))
    kinds = {feature.name: (feature.kind, feature.role) for feature in manifest.features}
    assert kinds["decimal"] == ("number", "input")
    assert kinds["zone"] == ("date", "input")
    assert kinds["coded"] == ("category", "input")
    assert kinds["coded_number"] == ("number", "input")
    assert {"half", "half_2"} < set(kinds)
    assert "Left out 3 columns (lists, structures and bytes are not read): lists, nested, bytes." in manifest.warnings
    assert "Columns of the same name were renamed: 'half' to 'half_2'." in manifest.warnings


def repeated(text: str, count: int) -> Any:
    return pa.DictionaryArray.from_arrays(pa.array(np.zeros(count, dtype=np.int8)), pa.array([text]))


def cut_off(path: Path) -> Path:
    parquet(path, [("x", FLAGS), ("y", FLAGS)])
    path.write_bytes(path.read_bytes()[:-9])
    return path


FLAGS = pa.array(["a", "b"] * 50_000)
PARQUETS: dict[str, tuple[Callable[[Path], Path], str]] = {
    "no text": (
        lambda path: parquet(path, [("x", pa.array([b"\xff\xfe", b"ok"] * 30).view(pa.string())), ("y", pa.array(["a", "b"] * 30))]),
        "'x' holds bytes that are no text",
    ),
    "many long texts": (lambda path: parquet(path, [("x", repeated("x" * 900_000, 100_000)), ("y", FLAGS)]), "times its size"),
    "too long a text": (lambda path: parquet(path, [("x", repeated("x" * 1_100_000, 100_000)), ("y", FLAGS)]), "'x' has a cell of 1,100,000"),
    "only lists": (lambda path: parquet(path, [("x", pa.array([[1]] * 9)), ("y", pa.array([[2]] * 9))]), "fewer than two columns"),
    "no rows": (lambda path: parquet(path, [("x", pa.array([], pa.int64())), ("y", pa.array([], pa.string()))]), "no rows"),
    "cut off": (cut_off, "is damaged"),
    "text": (text_named, "is not a Parquet file"),
}  # fmt: skip


@pytest.mark.parametrize("case", PARQUETS)
def test_parquet_files_refused_in_one_sentence(case: str, workspace: Workspace, tmp_path: Path) -> None:
    make, words = PARQUETS[case]
    path = make(tmp_path / "t.parquet")
    message = refusal(lambda: add(workspace, path))
    assert words in message
    assert "\n" not in message
    assert list(workspace.datasets.iterdir()) == list(workspace.incoming.iterdir()) == []
