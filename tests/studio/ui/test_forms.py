"""Forms follow declarations."""

from __future__ import annotations

import json
from typing import Literal

from pydantic import Field

import blocks
from blocks import weights
from blocks.declaration import Declaration
from studio.recipe import Training
from studio.settings import optimizers, schedules
from studio.ui import forms


class Example(Declaration):
    """Does something.

    Use it to see something.

    Formula: w = w - g
    Source: Nobody (2026).
    """

    size: tuple[int, int] = Field((3, 3), description="Height and width.", json_schema_extra={"unit": "pixels"})
    mode: Literal["a", "b"] = "a"
    share: float = Field(0.5, ge=0, le=1, json_schema_extra={"frequent": False, "shown_if": {"mode": "b"}})


def test_a_field_carries_all_that_a_form_draws() -> None:
    size, mode, share = forms.fields(Example)
    expected = {
        "name": "size", "control": "list", "label": "Size", "default": [3, 3], "help": "Height and width.", "optional": False,
        "minimum": None, "maximum": None, "above_minimum": False, "below_maximum": False,
        "choices": [], "unit": "pixels", "frequent": True, "shown_if": {},
    }  # fmt: skip
    assert {name: size[name] for name in expected} == expected
    assert (mode["control"], mode["choices"]) == ("choice", ["a", "b"])
    assert (share["minimum"], share["maximum"], share["frequent"], share["shown_if"]) == (0, 1, False, {"mode": "b"})


def test_a_choice_carries_its_documentation() -> None:
    described = forms.described("example", Example)
    assert (described["title"], described["summary"], described["usage"]) == ("Example", "Does something.", "Use it to see something.")
    assert (described["formula"], described["source"]) == ("w = w - g", "Nobody (2026).")


def test_fields_can_be_left_out() -> None:
    assert [field["name"] for field in forms.fields(Example, without=["mode"])] == ["size", "share"]


def test_every_form_of_the_train_page_is_json() -> None:
    for declaration in [Training, *optimizers.all().values(), *schedules.all().values()]:
        described = forms.described("x", declaration)
        assert json.loads(json.dumps(described)) == described


def test_fields_that_hold_a_member_name_its_family_and_the_choices() -> None:
    conv = {field["name"]: field for field in forms.fields(blocks.get("Conv2D"))}
    regularizer, initializer = conv["kernel_regularizer"], conv["kernel_initializer"]
    assert (regularizer["control"], regularizer["family"], regularizer["optional"], regularizer["default"]) == ("setting", "regularizers", True, None)
    assert regularizer["choices"] == list(weights.choices("regularizers"))
    assert (initializer["family"], initializer["optional"], initializer["default"]) == ("initializers", False, "glorot_uniform")
    wrapped = {field["name"]: field for field in forms.fields(blocks.get("Bidirectional"))}["block"]
    assert (wrapped["control"], wrapped["default"]) == ("block", {"block": "LSTM", "params": {}})
    assert {"GRU", "LSTM", "SimpleRNN"} <= set(wrapped["choices"])
