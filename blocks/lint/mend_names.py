"""Ways out where a name or a value is wrong: of a block, a parameter, an input."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

from pydantic import ValidationError

from blocks.base import Block, registry
from blocks.declaration import FormField
from blocks.errors import BlocksError, closest
from blocks.graph import split_reference
from blocks.lint.base import CLASSES, PICTURES, Example, Fix, Mend, sketch
from blocks.lint.failure import Failure
from blocks.lint.functions import reset, set_to
from blocks.ports import Input, Output
from blocks.walk import MODULE_PREFIX

MOST_COMPARED = 1000
"""Names that are compared with one that is lost."""
_MEANT = re.compile(r"^Did you mean '([^']+)'\?$")
_LOST = re.compile(r"^Its input '([^']+)' does not exist\.$")
VECTOR = ("Input", {"shape": [4]})


class UnknownBlock(Mend):
    """A block or module that there isn't, with one of nearly that name."""

    name = "unknown-block"
    why = "A node names the block that it is; a name that is misspelt, or of a newer version, means nothing here."

    def fix(self, failure: Failure) -> Fix | None:
        wanted = failure.document.block
        if not failure.message.text.startswith(("There is no block named", "There is no module named")):
            return None
        prefix = MODULE_PREFIX if wanted.startswith(MODULE_PREFIX) else ""
        near = closest(wanted.removeprefix(prefix), failure.graph.modules if prefix else registry.all())
        if near is None or near in (Input.__name__, Output.__name__):
            return None
        return Fix(f"Replace it by {near}", ({"do": "replace", "node": failure.path, "block": prefix + near},))

    def example(self) -> Example:
        return Example(sketch(x=VECTOR, dense=("Dens", {"units": 8}, "x"), out=("Output", {"units": 2}, "dense")), "dense")


class RefusedParameter(Mend):
    """Parameters that a block doesn't have, or values that it refuses."""

    name = "refused-parameter"
    why = "Each parameter has a range, so that a slip of the finger is noticed before it costs an hour of training."

    def fix(self, failure: Failure) -> Fix | None:
        known = registry.all().get(failure.document.block)
        if known is None or failure.document.reuse or failure.block is not None:
            return None
        params = dict(failure.document.params)
        try:
            known.model_validate(params)
        except ValidationError as error:
            return _corrected(failure, known, params, error)
        return None

    def example(self) -> Example:
        dense = ("Dense", {"unit": 8, "activation": "rely"}, "x")
        return Example(sketch(x=VECTOR, dense=dense, out=("Output", {"units": 2}, "dense")), "dense")


class LostInput(Mend):
    """An input from a node that there isn't."""

    name = "lost-input"
    why = "An edge begins at a node of the same level, by its id."

    def fix(self, failure: Failure) -> Fix | None:
        match = _LOST.match(failure.message.text)
        if match is None or match[1] not in failure.document.inputs:
            return None
        behind = failure.behind()
        usable = [name for name, document in failure.nodes.items() if name not in behind and document.block != Output.__name__]
        told = _MEANT.search(failure.message.fix)
        near = told[1] if told and told[1] in usable else None
        if near is None and len(usable) <= MOST_COMPARED:
            near = closest(split_reference(match[1])[0], usable)
        if near is None:
            return None
        index = failure.document.inputs.index(match[1])
        return Fix(f"Connect {near}", ({"do": "connect", "source": near, "to": failure.path, "index": index},))

    def example(self) -> Example:
        graph = sketch(image=("Input", {}), scaled=("Rescaling", {}, "image"), flat=("Flatten", {}, "scale"), out=("Output", {}, "flat"))
        return Example(graph, "flat", (PICTURES, CLASSES))


class Circle(Mend):
    """An edge that leads back, to a node that does without it."""

    name = "circle"
    why = "Data flow from Inputs to Outputs; a node can't wait for what it gives itself."

    def fix(self, failure: Failure) -> Fix | None:
        block = failure.block
        if failure.message.text != "It is part of a cycle." or block is None:
            return None
        behind, sources = failure.behind(), [split_reference(reference)[0] for reference in failure.document.inputs]
        back = [index for index, source in enumerate(sources) if source in behind]
        if not back or len(sources) - len(back) < block.arity[0]:
            return None
        edits = tuple({"do": "disconnect", "to": failure.path, "index": index} for index in reversed(back))
        return Fix(f"Disconnect {', '.join(dict.fromkeys(sources[index] for index in back))}", edits)

    def example(self) -> Example:
        graph = sketch(
            x=VECTOR,
            y=VECTOR,
            both=("Add", {}, "x", "y", "relu"),
            relu=("ReLU", {}, "both"),
            dense=("Dense", {}, "relu"),
            out=("Output", {"units": 2}, "dense"),
        )
        return Example(graph, "both")


def _corrected(failure: Failure, known: type[Block], params: dict[str, Any], error: ValidationError) -> Fix | None:
    """The parameters with the nearest allowed names and values, or without what is refused."""
    forms = {form.name: form for form in known.form_fields()}
    changed: dict[str, Any] = {}
    dropped: dict[str, str] = {}
    for problem in error.errors():
        name = str(problem["loc"][0]) if problem["loc"] else ""
        if problem["type"] == "extra_forbidden":
            near = closest(name, forms)
            takes = near if near is not None and near not in params and near not in changed else ""
            if takes:
                changed[takes] = params[name]
            dropped[name] = takes
        elif name in forms and name not in changed:
            near_value = _nearest(forms[name], params[name])
            if near_value is None:
                dropped[name] = ""
            else:
                changed[name] = near_value
    for given in (changed, {}):
        rest = {name: value for name, value in {**params, **given}.items() if name not in dropped and (given or name not in changed)}
        if (given or changed or dropped) and _takes(known, rest):
            return _fix(failure.path, given, {**dropped, **({} if given else dict.fromkeys((name for name in changed if name in params), ""))})
    single = next((name for name in params if _takes(known, {key: value for key, value in params.items() if key != name})), None)
    return reset(failure.path, single) if single else None


def _fix(path: str, changed: dict[str, Any], dropped: dict[str, str]) -> Fix:
    edit = {"do": "set", "nodes": [path], "params": changed, "unset": list(dropped)}
    renamed = [(old, new) for old, new in dropped.items() if new]
    if len(changed) == 1 and not dropped:
        return set_to([path], *next(iter(changed.items())))
    if len(dropped) == 1 and not changed:
        return reset(path, next(iter(dropped)))
    if len(renamed) == len(changed) == len(dropped) == 1:
        return Fix(f"Rename {renamed[0][0]} to {renamed[0][1]}", (edit,))
    return Fix("Correct the parameters", (edit,))


def _takes(known: type[Block], params: dict[str, Any]) -> bool:
    try:
        known.read(params)
    except BlocksError:
        return False
    return True


def _nearest(form: FormField, value: object) -> object | None:
    """The nearest allowed value of a parameter, if there is one."""
    if form.choices:
        return closest(str(value), form.choices)
    if not isinstance(value, int | float) or isinstance(value, bool):
        return None
    ends: Iterable[tuple[float | None, bool, bool]] = (
        (form.minimum, form.above_minimum, form.minimum is not None and value < form.minimum),
        (form.maximum, form.below_maximum, form.maximum is not None and value > form.maximum),
    )
    for end, excluded, beyond in ends:
        if end is not None and beyond and not excluded:
            return int(end) if form.control == "integer" or end == int(end) else end
    return None
