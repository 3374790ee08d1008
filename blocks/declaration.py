"""One declaration per parameter: default, range, unit and help are said once, and everything else derives from them."""

from __future__ import annotations

import inspect
import re
import types
import typing
from dataclasses import dataclass, field
from typing import Any, ClassVar, Literal, Self, get_args, get_origin

import annotated_types
from pydantic import BaseModel, ConfigDict, ValidationError
from pydantic.fields import FieldInfo

from blocks.errors import InvalidValueError, closest, invalid

Control = Literal["integer", "number", "choice", "boolean", "text", "list", "block", "setting"]


@dataclass(frozen=True)
class FormField:
    """All that a page, a command's help or a reference needs to know of one parameter.

    Args:
        control: What kind of value is typed; "list" is a text with comma-separated numbers (or names);
            "block" is another block with its parameters, {"block": name, "params": {...}}, out of `choices`;
            "setting" is a member of a family with its parameters, "l2" or {"name": "l2", "l2": 0.001}, out of `choices`.
        optional: Whether None (an empty field) is allowed.
        above_minimum: Whether the value must be greater than the minimum (else it may equal it).
        below_maximum: Whether the value must be less than the maximum.
        frequent: False puts the field into the closed group "more".
        shown_if: Other fields' values under which this one makes sense.
        from_data: Whether the value is measured on a dataset; forms leave it out.
        family: Of a "setting": whose members the choices are.
    """

    name: str
    control: Control
    default: Any
    help: str
    optional: bool = False
    minimum: float | None = None
    maximum: float | None = None
    above_minimum: bool = False
    below_maximum: bool = False
    choices: tuple[str, ...] = ()
    unit: str = ""
    frequent: bool = True
    shown_if: dict[str, Any] = field(default_factory=dict)
    from_data: bool = False
    family: str = ""

    @property
    def label(self) -> str:
        """The name as a person reads it: `kernel_size` -> "Kernel size"."""
        return self.name.replace("_", " ").capitalize()

    @property
    def expected(self) -> str:
        """The allowed values in words."""
        if self.choices:
            words = "one of " + ", ".join(repr(choice) for choice in self.choices)
        else:
            nouns = {"integer": "a whole number", "number": "a number", "boolean": "true or false", "text": "a text"}
            listed = self.default if isinstance(self.default, tuple) else (self.default,)
            fractions = any(isinstance(number, float) for number in listed)
            words = nouns.get(self.control, "numbers, such as 0.5, 0.75" if fractions else "whole numbers, such as 3 or 3, 3")
            if self.minimum is not None and self.maximum is not None and not (self.above_minimum or self.below_maximum):
                words += f" from {_figure(self.minimum)} to {_figure(self.maximum)}"
            else:
                lower = "" if self.minimum is None else f"{'above' if self.above_minimum else 'of at least'} {_figure(self.minimum)}"
                below = "below" if self.below_maximum else "at most" if lower else "of at most"
                upper = "" if self.maximum is None else f"{below} {_figure(self.maximum)}"
                words += " " * bool(lower or upper) + " and ".join(bound for bound in (lower, upper) if bound)
        if self.unit:
            words += f" ({self.unit})"
        return words + (" or nothing" if self.optional else "")


class Declaration(BaseModel):
    """Base of all that has typed, documented parameters: blocks, presets, optimizers, schedules, losses, metrics.

    A subclass's docstring follows one order: what it does (first line), when to use it (second paragraph), then
    sections such as `Shapes:`, `Weights:` and `Source:`. A field says in `json_schema_extra` its `unit`, `shown_if`
    and whether it is `frequent`.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", validate_default=True)

    title: ClassVar[str] = ""
    """The name as a person reads it; the class name when empty."""

    @classmethod
    def __pydantic_init_subclass__(cls, **kwargs: Any) -> None:
        super().__pydantic_init_subclass__(**kwargs)
        # Of two limits of a kind, as in `Count = Field(1, le=4096)`, pydantic holds to the one of the type, the looser one.
        if [info for info in cls.model_fields.values() if _keep_strictest(info)]:
            cls.model_rebuild(force=True)

    @classmethod
    def read(cls, values: dict[str, Any] | None = None) -> Self:
        """Validates parameters.

        Raises:
            InvalidValueError: With one sentence per refused value.
        """
        try:
            return cls.model_validate(values or {})
        except ValidationError as error:
            raise InvalidValueError("\n".join(cls.sentences(error))) from error

    @classmethod
    def sentences(cls, error: ValidationError) -> list[str]:
        """Pydantic's findings, each as a sentence for a person."""
        forms = {form.name: form for form in cls.form_fields()}
        found: dict[str, str] = {}
        for problem in error.errors():
            name = str(problem["loc"][0]) if problem["loc"] else ""
            if problem["type"] == "extra_forbidden":
                near = closest(name, forms)
                advice = f"Did you mean {near!r}?" if near else ""
                found.setdefault(name, invalid(cls.__name__, "parameter", "one of " + (", ".join(forms) or "none"), name, advice))
            elif name in forms:
                message = str(problem["msg"]).removeprefix("Value error, ")
                advice = (
                    message[0].upper() + message[1:].rstrip(".") + "."
                    if problem["type"] == "value_error"
                    else _nearest(forms[name], problem["input"])
                )
                found.setdefault(name, invalid(cls.__name__, name, forms[name].expected, problem["input"], advice))
            else:
                found.setdefault(name, f"{cls.__name__}: {str(problem['msg']).removeprefix('Value error, ')}")
        return list(found.values())

    @classmethod
    def form_fields(cls) -> list[FormField]:
        """One entry per parameter: frequent ones first, those of the first base before the next one's, otherwise in the order of declaration."""
        depths = {name: depth for depth, base in enumerate(cls.__mro__) for name in inspect.get_annotations(base)}
        found = [_form_field(name, info) for name, info in cls.model_fields.items()]
        return sorted(found, key=lambda form: (not form.frequent, depths[form.name]))

    @classmethod
    def display_name(cls) -> str:
        """What a person reads as the name of the declaration."""
        return cls.title or cls.__name__

    @classmethod
    def summary(cls) -> str:
        """The first line of the docstring: what it does."""
        return inspect.cleandoc(cls.__doc__ or "").split("\n", 1)[0]

    @classmethod
    def usage(cls) -> str:
        """The second paragraph: when to use it."""
        paragraphs = re.split(r"\n\s*\n", inspect.cleandoc(cls.__doc__ or ""))
        return " ".join(paragraphs[1].split()) if len(paragraphs) > 1 and not _SECTION.match(paragraphs[1]) else ""

    @classmethod
    def section(cls, name: str) -> str:
        """The text of a docstring section such as "Shapes", "Weights" or "Source", or ""."""
        sections = _SECTION.split(inspect.cleandoc(cls.__doc__ or ""))
        named = dict(zip(sections[1::2], sections[2::2], strict=True))
        return " ".join(named.get(name, "").split())

    def params(self) -> dict[str, Any]:
        """The parameters that differ from their defaults, as JSON values."""
        return self.model_dump(mode="json", exclude_defaults=True)


_SECTION = re.compile(r"^(Shapes|Weights|Multiply-adds|Args|Raises|Source|Formula|Returns):\s*", re.MULTILINE)


def _form_field(name: str, info: FieldInfo) -> FormField:
    extra: dict[str, Any] = info.json_schema_extra if isinstance(info.json_schema_extra, dict) else {}
    alternatives, metadata = _flatten(info.annotation, list(info.metadata))
    choices = tuple(str(value) for alternative in alternatives if get_origin(alternative) is Literal for value in get_args(alternative))
    minimum, maximum, above, below = _limits(metadata)
    return FormField(
        name=name,
        control=extra.get("control") or _control(alternatives, choices),
        default=info.get_default(call_default_factory=True),
        help=info.description or "",
        optional=type(None) in alternatives,
        minimum=minimum,
        maximum=maximum,
        above_minimum=above,
        below_maximum=below,
        choices=choices or _listed_choices(extra.get("choices", ())),
        unit=extra.get("unit", ""),
        frequent=extra.get("frequent", True),
        shown_if=extra.get("shown_if", {}),
        from_data=extra.get("from_data", False),
        family=extra.get("family", ""),
    )


def _listed_choices(given: Any) -> tuple[str, ...]:
    """Choices, or what a function says they are: those of a registry are only known after discovery."""
    return tuple(given() if callable(given) else given)


def _flatten(annotation: Any, metadata: list[Any]) -> tuple[list[Any], list[Any]]:
    origin = get_origin(annotation)
    if origin is typing.Annotated:
        inner, *more = get_args(annotation)
        return _flatten(inner, metadata + more)
    if origin in (typing.Union, types.UnionType):
        alternatives: list[Any] = []
        for part in get_args(annotation):
            kinds, metadata = _flatten(part, metadata)
            alternatives += kinds
        return alternatives, metadata
    return [annotation], metadata


def _limits(metadata: list[Any]) -> tuple[float | None, float | None, bool, bool]:
    """The least and the greatest value, and whether each of them is itself excluded; of several limits the strictest."""
    minimum: float | None = None
    maximum: float | None = None
    above = below = False
    for item in metadata:
        for constraint in item.metadata if isinstance(item, FieldInfo) else [item]:
            if isinstance(constraint, annotated_types.Ge | annotated_types.Gt):
                excluded = isinstance(constraint, annotated_types.Gt)
                limit = typing.cast(float, constraint.gt if isinstance(constraint, annotated_types.Gt) else constraint.ge)
                if minimum is None or (limit, excluded) > (minimum, above):
                    minimum, above = limit, excluded
            elif isinstance(constraint, annotated_types.Le | annotated_types.Lt):
                excluded = isinstance(constraint, annotated_types.Lt)
                limit = typing.cast(float, constraint.lt if isinstance(constraint, annotated_types.Lt) else constraint.le)
                if maximum is None or (-limit, excluded) > (-maximum, below):
                    maximum, below = limit, excluded
    return minimum, maximum, above, below


def _keep_strictest(info: FieldInfo) -> bool:
    """Drops limits of a field beside stricter ones of the same kind, and says whether there were any."""
    kinds: dict[type, list[Any]] = {}
    for item in info.metadata:
        kinds.setdefault(type(item), []).append(item)
    dropped: list[Any] = []
    for kind, attribute, strictest in (
        (annotated_types.Ge, "ge", max), (annotated_types.Gt, "gt", max), (annotated_types.Le, "le", min), (annotated_types.Lt, "lt", min)
    ):  # fmt: skip
        found = kinds.get(kind, [])
        if len(found) > 1:
            kept = strictest(found, key=lambda item: getattr(item, attribute))
            dropped += [item for item in found if item is not kept]
    info.metadata = [item for item in info.metadata if not any(item is other for other in dropped)]
    return bool(dropped)


def _control(alternatives: list[Any], choices: tuple[str, ...]) -> Control:
    if choices:
        return "choice"
    if any(get_origin(alternative) in (tuple, list) for alternative in alternatives):
        return "list"
    for kind, control in ((bool, "boolean"), (float, "number"), (int, "integer")):
        if kind in alternatives:
            return typing.cast(Control, control)
    return "text"


def _figure(value: float) -> str:
    """A number as people write it: 10,000,000 rather than 1e+07."""
    return f"{int(value):,}" if value == int(value) and 1e5 <= abs(value) < 1e15 else f"{value:g}"


def _nearest(form: FormField, received: object) -> str:
    if form.choices:
        near = closest(str(received), form.choices)
        return f"Did you mean {near!r}?" if near else ""
    if isinstance(received, int | float) and not isinstance(received, bool):
        if form.minimum is not None and received < form.minimum and not form.above_minimum:
            return f"The nearest allowed value is {_figure(form.minimum)}."
        if form.maximum is not None and received > form.maximum and not form.below_maximum:
            return f"The nearest allowed value is {_figure(form.maximum)}."
    return ""
