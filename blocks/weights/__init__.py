"""How a layer's weights start, and what is asked of them in training: initializers, regularizers and constraints, chosen by name."""

from __future__ import annotations

import importlib
from functools import partial
from typing import Annotated, Any, ClassVar

from pydantic import BeforeValidator, Field

from blocks.declaration import Declaration
from blocks.errors import BlocksError, InvalidValueError
from blocks.named import Family, Named


class WeightSetting(Named):
    """Base of what is said about weights. The class is called as in Keras, and `name` is its snake case."""

    module: ClassVar[str]
    """Where Keras has the class, such as "keras.initializers"."""

    def make(self) -> Any:
        """The Keras object."""
        return getattr(importlib.import_module(self.module), type(self).__name__)(**self.model_dump())

    def problem(self, shape: tuple[int, ...]) -> str | None:  # noqa: ARG002 - most suit every shape
        """Why it does not go with weights of this shape; None when it does."""
        return None

    def short(self) -> str | dict[str, Any]:
        """How it is written down: its name, with the parameters that differ from their defaults."""
        params = self.params()
        return {"name": self.name, **params} if params else self.name


def unsuited(setting: WeightSetting, expected: str, shape: tuple[int, ...]) -> str:
    """The sentence about weights of a shape that a setting can't take."""
    received = " x ".join(map(str, shape)) or "one number"
    return f"{type(setting).__name__}: invalid weights. Expected: {expected}. Received: {received}."


def matrix_only(setting: WeightSetting, shape: tuple[int, ...]) -> str | None:
    """The problem of weights that are no matrix."""
    return None if len(shape) == 2 else unsuited(setting, "a matrix (2 axes)", shape)


INITIALIZERS: Family[Any] = Family("initializer", "blocks.weights.initializers", owner="Block")
REGULARIZERS: Family[Any] = Family("regularizer", "blocks.weights.regularizers", owner="Block")
CONSTRAINTS: Family[Any] = Family("constraint", "blocks.weights.constraints", owner="Block")

FAMILIES: dict[str, Family[Any]] = {"initializers": INITIALIZERS, "regularizers": REGULARIZERS, "constraints": CONSTRAINTS}
"""By the word that a field's `family` says."""


def choices(family: str) -> tuple[str, ...]:
    """The names that a field of this family takes."""
    return tuple(FAMILIES[family].all())


def declaration(family: str, name: str) -> type[Declaration]:
    """The declaration behind a name."""
    found: type[Declaration] = FAMILIES[family].get(name)
    return found


def read(family: str, value: str | dict[str, Any]) -> WeightSetting:
    """The setting that a field holds."""
    found: WeightSetting = FAMILIES[family].read(value)
    return found


def made(family: str, value: str | dict[str, Any]) -> Any:
    """The Keras object of a value that a field holds."""
    return read(family, value).make()


def _reader(family: str) -> BeforeValidator:
    def short(value: Any) -> Any:
        if value is None:
            return None
        try:
            return read(family, value).short()
        except InvalidValueError as error:
            raise ValueError(str(error).splitlines()[0]) from error
        except BlocksError as error:
            raise ValueError(str(error)) from error

    return BeforeValidator(short)


Initializer = Annotated[str | dict[str, Any], _reader("initializers")]
Regularizer = Annotated[str | dict[str, Any], _reader("regularizers")]
Constraint = Annotated[str | dict[str, Any], _reader("constraints")]


def initializer_field(default: str, description: str, **extra: Any) -> Any:
    """A field that says how weights start."""
    return Field(default, description=description, json_schema_extra={**_extra("initializers"), **extra})


def regularizer_field(description: str, **extra: Any) -> Any:
    """A field that says what large weights (or outputs) cost; empty: nothing."""
    return Field(None, description=description, json_schema_extra={**_extra("regularizers"), **extra})


def constraint_field(description: str, **extra: Any) -> Any:
    """A field that says what weights are brought to after each step; empty: nothing."""
    return Field(None, description=description, json_schema_extra={**_extra("constraints"), **extra})


def _extra(family: str) -> dict[str, Any]:
    return {"frequent": False, "control": "setting", "family": family, "choices": partial(choices, family)}
