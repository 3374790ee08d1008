from __future__ import annotations

import datetime as dt

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from studio.datasets.readers.cells import decimal_sign, is_missing, is_number, numbers, present, unit
from studio.datasets.readers.dates import find_reader


def read(*texts: str | None, decimal: str = ".") -> list[float | None]:
    found = numbers(present(pa.array(texts, pa.string())), decimal)
    return [None if np.isnan(value) else float(value) for value in found]


@given(st.lists(st.floats(allow_nan=False, allow_infinity=False, width=32)))
def test_numbers_come_back_as_they_were_written(values: list[float]) -> None:
    assert read(*(repr(value) for value in values)) == values


@given(st.lists(st.floats(-1e9, 1e9, allow_nan=False)))
def test_decimal_commas_and_thousands_points_are_read(values: list[float]) -> None:
    written = [f"{value:,.4f}".translate(str.maketrans(",.", ".,")) for value in values]
    assert read(*written, decimal=",") == pytest.approx([round(value, 4) for value in values], abs=1e-4)


@given(st.lists(st.floats(-1e9, 1e9, allow_nan=False), min_size=1))
def test_thousands_commas_are_read(values: list[float]) -> None:
    assert read(*(f"{value:,.2f}" for value in values)) == pytest.approx([round(value, 2) for value in values], abs=1e-2)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("$1,200.50", 1200.5),
        ("€ 12", 12),
        ("-$5", -5),
        ("12 %", 12),
        ("1 234 567", 1234567),
        ("1\u00a0234", 1234),
        ("1'234.5", 1234.5),
        ("+3e2", 300),
        (".5", 0.5),
    ],
)
def test_ornaments_are_passed_over(text: str, value: float) -> None:
    assert read(text) == [value]


@pytest.mark.parametrize("text", ["abc", "1.2.3", "12:30", "2020-01-01", "1,2,3", "0x1f", "--5", "1 2", "inf", "+1+1", "=1+1"])
def test_what_is_no_number_is_not_one(text: str) -> None:
    assert read(text) == [None]


@pytest.mark.parametrize("text", ["", "  ", "NA", "n/a", "NaN", "NULL", "?", "-", "None", "#N/A"])
def test_missing_cells(text: str) -> None:
    assert is_missing(text)
    assert present(pa.array([text], pa.string())).to_pylist() == [None]


@pytest.mark.parametrize(
    ("cells", "delimiter", "sign", "certain"),
    [
        (["1,5", "2,25"], ";", ",", True),
        (["1.5", "2.25"], ",", ".", True),
        (["1.234,56"], ";", ",", True),
        (["1,234.56"], ",", ".", True),
        (["1,234"], ";", ",", False),
        (["1,234"], "\t", ".", False),
        (["12", "abc"], ",", ".", True),
    ],
)
def test_the_decimal_sign_is_found(cells: list[str], delimiter: str, sign: str, certain: bool) -> None:
    found = decimal_sign(cells, delimiter)
    assert (found.sign, found.certain) == (sign, certain)


def test_units() -> None:
    assert unit(["$5", "$6.50", "7"]) == "$"
    assert unit(["5 %", "6%"]) == "%"
    assert unit(["5", "6"]) is None


def test_numbers_are_recognised_in_any_spelling() -> None:
    assert all(map(is_number, ["1", "-1.5", "1,5", "1e5", "$3", "5%"]))
    assert not any(map(is_number, ["", "a", "1a", "2020-01-01"]))


@given(st.lists(st.dates(dt.date(1000, 1, 1)), min_size=3, max_size=30))
@pytest.mark.parametrize("form", ["%Y-%m-%d", "%Y/%m/%d", "%d %B %Y", "%b %d, %Y", "%d-%b-%Y"])
def test_dates_come_back(form: str, days: list[dt.date]) -> None:
    cells = [day.strftime(form) for day in days]
    reader = find_reader("when", cells)
    assert reader is not None
    assert [reader.read(cell) for cell in cells] == [day.isoformat() for day in days]


@pytest.mark.parametrize(
    ("cells", "first", "certain"),
    [
        (["31/12/2024", "01/02/2024"], "2024-12-31", True),
        (["12/31/2024", "01/02/2024"], "2024-12-31", True),
        (["03/04/2024", "05/06/2024"], "2024-03-04", False),
        (["03.04.2024", "05.06.2024"], "2024-04-03", False),
        (["1.2.99", "28.2.00"], "1999-02-01", True),
        (["2024年3月9日", "2024年12月31日"], "2024-03-09", True),
        (["2024-03-09T10:20:30Z", "2024-03-09T00:00:00+02:00"], "2024-03-09T10:20:30", True),
        (["3/9/2024 1:05 PM", "3/19/2024 12:05 AM"], "2024-03-09T13:05:00", True),
        (["2012-01", "2012-02"], "2012-01-01", True),
    ],
)
def test_spellings_of_dates(cells: list[str], first: str, certain: bool) -> None:
    reader = find_reader("when", cells)
    assert reader is not None
    assert reader.read(cells[0]) == first
    assert reader.certain == certain


def test_eight_digits_are_a_date_only_by_name() -> None:
    assert find_reader("date", ["20240131", "20240201"]) is not None
    assert find_reader("amount", ["20240131", "20240201"]) is None


@given(st.lists(st.text(max_size=20), min_size=1, max_size=20))
def test_any_text_is_looked_at_without_harm(cells: list[str]) -> None:
    find_reader("date", cells)
    decimal_sign(cells, ",")
    read(*cells)
    read(*cells, decimal=",")
