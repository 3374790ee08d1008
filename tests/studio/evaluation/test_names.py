"""Column names become names that every runtime takes."""

from __future__ import annotations

import keyword

from hypothesis import given
from hypothesis import strategies as st

from studio.evaluation.names import identifiers


def test_plain_names_stay() -> None:
    assert identifiers(["age", "b2", "Sale_Price"]) == {"age": "age", "b2": "b2", "Sale_Price": "Sale_Price"}


def test_others_are_spelled_anew_and_stay_apart() -> None:
    found = identifiers(["Sale Price", "x.y", "a", "A", "2024", "年龄", "class", "self", "Sale_Price", "sale price"])
    assert found["a"] == "a"
    assert found["A"] == "A_2"
    assert found["Sale_Price"] == "Sale_Price"
    assert found["Sale Price"] == "Sale_Price_2"
    assert found["sale price"] == "sale_price_3"
    assert found["年龄"] == "column_6"
    assert found["2024"] == "column_2024"
    assert found["class"] == "class_"
    assert found["self"] == "self_"


@given(st.lists(st.text(max_size=12), unique=True, max_size=30))
def test_always_identifiers_and_always_apart(names: list[str]) -> None:
    found = identifiers(names)
    assert list(found) == names
    assert all(name.isascii() and name.isidentifier() and not keyword.iskeyword(name) for name in found.values())
    assert len({name.casefold() for name in found.values()}) == len(names)
