"""Values of a layer's configuration as the fields of a block spell them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, get_args

import numpy as np
from pydantic.fields import FieldInfo

from blocks import weights
from blocks.fields import ActivationName, DTypePolicy
from blocks.importing.errors import UnsaidError
from blocks.importing.plain_values import is_mapping, plain
from blocks.weights import WeightSetting

FUNCTIONS: tuple[str, ...] = get_args(ActivationName)
POLICIES: tuple[str, ...] = get_args(DTypePolicy)
STANDARD_POLICY = "float32"

OTHER_NAMES = {"swish": "silu", "hard_swish": "hard_silu", None: "linear"}
"""Second names of functions."""

CLASSES = {"OrthogonalInitializer": "Orthogonal", "IdentityInitializer": "Identity", "swish": "silu"}
"""Second names of initializers."""

CHANCE = ("seed",)
"""Of an initializer: what makes it draw the same numbers again. Here the seed of the training decides."""


def activation(value: Any) -> str:
    """The name of a function.

    Raises:
        UnsaidError: It is none of Keras's, or a layer, or code.
    """
    if is_mapping(value):
        config = value.get("config")
        if value.get("class_name") != "function" or not isinstance(config, str):
            raise UnsaidError(f"its activation is {_kind(value)}; let it stand behind the layer as one of its own")
        value = config
    name = OTHER_NAMES.get(value, value) if value is None or isinstance(value, str) else None
    if name is None:
        raise UnsaidError("its activation is no function of Keras")
    return str(name)


def _kind(value: dict[str, Any]) -> str:
    return "Python code, which is never run" if value.get("class_name") == "__lambda__" else f"of the class {str(value.get('class_name'))[:80]}"


def policy(value: Any) -> str:
    """The name of a dtype policy.

    Raises:
        UnsaidError: It is no plain one, such as one of a quantised layer.
    """
    if is_mapping(value):
        config = value.get("config")
        if value.get("class_name") != "DTypePolicy" or not is_mapping(config):
            raise UnsaidError(f"its numbers are kept by {str(value.get('class_name'))[:80]}, as after quantisation")
        value = config.get("name")
    if value is None:
        return STANDARD_POLICY
    if not isinstance(value, str):
        raise UnsaidError("its dtype is no name")
    return value


def setting(family: str, value: Any) -> str | dict[str, Any] | None:
    """An initializer, regularizer or constraint as a field holds it.

    Raises:
        UnsaidError: There is no such one here.
    """
    if value is None:
        return None
    if isinstance(value, str):
        name = _snake_case(CLASSES.get(value, value))
        if name not in weights.choices(family):
            raise UnsaidError(f"there is no {family.removesuffix('s')} {value[:80]!r} here")
        return name
    if not is_mapping(value) or not isinstance(value.get("class_name"), str):
        raise UnsaidError(f"its {family.removesuffix('s')} is no object of Keras")
    kind = CLASSES.get(value["class_name"], value["class_name"])
    known = {member.__name__: member for member in weights.FAMILIES[family].all().values()}
    module = str(value.get("module") or "")
    if kind not in known or not (module == "keras" or module.startswith("keras.")):
        raise UnsaidError(f"there is no {family.removesuffix('s')} {kind[:80]} here")
    config = value.get("config")
    return _with_parameters(known[kind], config if is_mapping(config) else {}, family)


def _with_parameters(member: type[WeightSetting], config: dict[str, Any], family: str) -> dict[str, Any]:
    given: dict[str, Any] = {"name": member.name}
    for name, value in config.items():
        if name in member.model_fields:
            given[name] = _short_number(plain(value)) if family == "regularizers" else plain(value)
        elif name not in CHANCE and value is not None:
            raise UnsaidError(f"{name} of {member.__name__} has no counterpart here")
    return given


def _short_number(value: Any) -> Any:
    """A factor that Keras keeps in 32 bits, in as many digits as these have: 0.01 for 0.009999999776482582."""
    return float(str(np.float32(value))) if isinstance(value, float) and float(np.float32(value)) == value else value


def _snake_case(name: str) -> str:
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name).lower()


def chance_of(value: Any) -> bool:
    """Whether an initializer has a seed of its own."""
    config = value.get("config") if is_mapping(value) else None
    return is_mapping(config) and any(config.get(name) is not None for name in CHANCE)


def field_value(value: Any, info: FieldInfo) -> Any:
    """A plain value as a field takes it; equal whole numbers, such as 3, 3, as one where it takes one for all.

    Raises:
        UnsaidError: It holds code, or an object.
    """
    found = plain(value)
    numbers = list(_leaves(found))
    if not isinstance(found, list) or len(set(numbers)) != 1 or not _takes_whole_number(info.annotation) or found == _as_lists(info.default):
        return found
    return numbers[0] if isinstance(numbers[0], int) and not isinstance(numbers[0], bool) else found


def _leaves(value: Any) -> Iterator[Any]:
    if isinstance(value, list):
        for each in value:
            yield from _leaves(each)
    else:
        yield str(value) if isinstance(value, dict) else value


def _as_lists(value: Any) -> Any:
    return [_as_lists(each) for each in value] if isinstance(value, tuple) else value


def _takes_whole_number(annotation: Any) -> bool:
    """Whether a type has `int` among its alternatives, not only within its lists."""
    if annotation is int:
        return True
    if getattr(annotation, "__origin__", None) is tuple:
        return False
    return any(_takes_whole_number(part) for part in get_args(annotation) if not isinstance(part, str))
