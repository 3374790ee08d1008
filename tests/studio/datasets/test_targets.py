"""Which column is guessed as the target."""

from __future__ import annotations

import pytest

from studio.datasets.errors import DatasetError
from studio.datasets.kinds.columns import Column
from studio.datasets.kinds.targets import find_target
from studio.datasets.report import Report


def columns(*names: str) -> list[Column]:
    """Full columns of numbers; a name may carry a kind: "when:date"."""
    made = []
    for position, spelled in enumerate(names):
        name, _, kind = spelled.partition(":")
        made.append(Column(name, position, kind or "number", distinct=50, present=100))  # type: ignore[arg-type]
    return made


@pytest.mark.parametrize(
    ("names", "expected"),
    [
        (("a", "b", "c"), "c"),
        (("species", "island", "sex"), "species"),
        (("Y", "price", "c"), "Y"),
        (("Name:text", "Miles_per_Gallon", "Cylinders", "Year:date", "Origin"), "Miles_per_Gallon"),
        (("carat", "price", "x", "z"), "price"),
        (("Sale Price (EUR)", "rooms", "garden"), "Sale Price (EUR)"),
        (("Price", "Income", "Sales", "US"), "Sales"),
        (("price", "area", "tip"), "tip"),
        (("城市", "面积", "价格", "等级"), "等级"),
        (("面积", "价格", "年"), "价格"),
        (("rooms", "value", "latitude", "longitude"), "value"),
        (("load", "Year", "month"), "load"),
        (("year", "month"), "month"),
        (("a", "b", "when:date"), "b"),
        (("a", "b", "comment:text"), "b"),
    ],
)
def test_the_likeliest_column_is_the_target(names: tuple[str, ...], expected: str) -> None:
    assert find_target(columns(*names), None, Report()).name == expected


def test_numbers_of_rows_and_columns_with_many_gaps_are_not_guessed() -> None:
    a, b, gaps, number = columns("a", "b", "gaps", "nr")
    from dataclasses import replace

    gaps, number = replace(gaps, present=40), replace(number, why_unused="identifier")
    assert find_target([a, b, gaps, number], None, Report()).name == "b"
    assert find_target([a, b, number, replace(gaps, name="target")], None, Report()).name == "target"
    assert find_target([gaps, number], None, Report()).name == "gaps"


def test_the_guess_and_the_other_columns_are_said() -> None:
    report = Report()
    find_target(columns("a", "b", "c", "d"), None, report)
    find_target(columns("a", "price", "c"), None, report)
    find_target(columns("only"), None, report)
    find_target(columns("a", "b"), "a", report)
    assert report.warnings() == [
        "The target was guessed: 'd', the last column that can be predicted. Name another column if it is not the one."
        " It could also be 'c' or 'b' or 'a'.",
        "The target was guessed by its name: 'price'. Name another column if it is not the one to predict. It could also be 'c' or 'a'.",
        "The target was guessed: 'only', the last column that can be predicted. Name another column if it is not the one.",
    ]


def test_texts_and_dates_alone_have_no_target() -> None:
    with pytest.raises(DatasetError, match="pairs of texts"):
        find_target(columns("english:text", "german:text"), None, Report())
    said = r"No column could be the target\. Columns that hold free text: note\. Columns that hold dates: when\. Name one, or check the table\."
    with pytest.raises(DatasetError, match=said):
        find_target(columns("when:date", "note:text"), None, Report())
