"""Values of a configuration as JSON has them."""

from __future__ import annotations

from typing import Any, TypeGuard

from blocks.importing.errors import UnsaidError, refused

DEEPEST_VALUES = 200
"""Lists and mappings within each other in a configuration; Keras writes about a dozen."""

MOST_VALUES = 5_000_000
"""Lists and mappings in a configuration; one of a thousand layers has some ten thousand."""

FORM = "This is not the configuration of a Keras 3 model"


def is_mapping(value: Any) -> TypeGuard[dict[str, Any]]:
    return isinstance(value, dict)


def check_size(value: Any) -> None:
    """Refuses values that are too many, or nested too deeply to be read by functions that call themselves.

    Raises:
        KerasImportError: They are.
    """
    level, seen = [value], 0
    for _ in range(DEEPEST_VALUES):
        level = [
            inner
            for outer in level
            for inner in (outer.values() if isinstance(outer, dict) else outer if isinstance(outer, list | tuple) else ())
            if isinstance(inner, dict | list | tuple)
        ]
        seen += len(level)
        if seen > MOST_VALUES:
            raise refused(f"{FORM}: it holds more than {MOST_VALUES:,} lists and mappings.")
        if not level:
            return
    raise refused(f"{FORM}: it nests values more than {DEEPEST_VALUES} levels deep.")


def as_json(value: Any) -> Any:
    """What a file would hold: lists for tuples."""
    if isinstance(value, dict):
        return {str(key): as_json(each) for key, each in value.items()}
    return [as_json(each) for each in value] if isinstance(value, list | tuple) else value


def read_shape(value: Any) -> tuple[int | None, ...] | None:
    """A shape, or None where the value is none."""
    if not isinstance(value, list | tuple) or not all(size is None or (isinstance(size, int) and size >= 0) for size in value):
        return None
    return tuple(value)


def plain(value: Any) -> Any:
    """A value of a configuration without Keras's wrapping of arrays.

    Raises:
        UnsaidError: It holds code, or an object.
    """
    if isinstance(value, list):
        return [plain(each) for each in value]
    if not is_mapping(value):
        return value
    if "class_name" not in value:
        return {key: plain(each) for key, each in value.items()}
    config = value.get("config")
    if value["class_name"] in ("__numpy__", "__tensor__") and is_mapping(config):
        return plain(config.get("value"))
    raise UnsaidError(f"it holds {_thing(value['class_name'])}")


def _thing(kind: Any) -> str:
    return "Python code, which is never run" if kind == "__lambda__" else f"an object of the class {str(kind)[:80]}"
