"""Declarations that are chosen by name: how they are written down, read and written back."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar, Generic, TypeVar

from pydantic import ConfigDict

from blocks.declaration import Declaration
from blocks.errors import InvalidValueError, invalid
from blocks.registry import Registry


class Named(Declaration):
    """A declaration that is chosen by its name: `adam`, or `{name: adam, beta_1: 0.8}`.

    A subclass that sets `name` joins the registry of its family; one that does not is a base class.
    """

    model_config = ConfigDict(allow_inf_nan=False)

    name: ClassVar[str]
    family: ClassVar[Family[Any]]

    @classmethod
    def __pydantic_init_subclass__(cls, **kwargs: Any) -> None:
        super().__pydantic_init_subclass__(**kwargs)
        if "name" in cls.__dict__:
            cls.family.add(cls)

    def to_value(self) -> dict[str, Any]:
        """Name and every parameter, defaults included, as JSON values."""
        return {"name": self.name, **self.model_dump(mode="json")}


T = TypeVar("T", bound=Named)


class Family(Generic[T]):
    """The registry of one kind of setting, and the reading of its spellings.

    Args:
        noun: What a member is called in messages ("optimizer").
        module: The module that declares the members.
        owner: Where a member is written down, for messages ("Recipe").
    """

    def __init__(self, noun: str, module: str, owner: str = "Recipe") -> None:
        self.noun = noun
        self.owner = owner
        self._registry: Registry[type[T]] = Registry(noun, module)

    def add(self, member: type[T]) -> None:
        """Adds a member under its name.

        Raises:
            ValueError: The name is taken.
        """
        self._registry.add(member.name, member)

    def remove(self, name: str) -> None:
        """Takes a member out again (for programs that declare one for a while)."""
        self._registry.remove(name)

    def all(self) -> dict[str, type[T]]:
        """Every member by name, in alphabetical order."""
        return self._registry.all()

    def get(self, name: str) -> type[T]:
        """The member of that name.

        Raises:
            UnknownNameError: There is none; the message names the closest one.
        """
        return self._registry.get(name)

    def read(self, value: object) -> T:
        """Reads a name, or a mapping of `name` and parameters; a member passes unchanged.

        Raises:
            UnknownNameError: The name is not known.
            InvalidValueError: The value has another form, or a parameter is refused.
        """
        if isinstance(value, str):
            return self.get(value).read()
        if isinstance(value, Mapping) and isinstance(value.get("name"), str):
            return self.get(value["name"]).read({key: entry for key, entry in value.items() if key != "name"})
        if isinstance(value, Named) and value.family is self:
            return value  # type: ignore[return-value]
        example = next(iter(self.all()))
        raise InvalidValueError(invalid(self.owner, self.noun, f"a name such as {example!r}, or a mapping of name and parameters", value))

    def to_value(self, member: T) -> dict[str, Any]:
        """Name and every parameter of a member, defaults included."""
        return member.to_value()
