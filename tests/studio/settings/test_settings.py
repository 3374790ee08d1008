"""How settings are named in a recipe, and that every one of them is declared and documented like the others."""

from __future__ import annotations

import importlib
import subprocess
import sys
from typing import Annotated, Any, ClassVar

import pytest
from pydantic import Field

from blocks.errors import InvalidValueError, UnknownNameError
from blocks.named import Family, Named
from studio.settings import losses, metrics, optimizers, schedules

MODULES = {"optimizer": optimizers, "schedule": schedules, "loss": losses, "metric": metrics}
ENTRIES = [pytest.param(noun, name, id=f"{noun}-{name}") for noun, module in MODULES.items() for name in module.all()]


@pytest.mark.parametrize(("noun", "name"), ENTRIES)
def test_every_setting_is_documented_and_survives_the_recipe(noun: str, name: str) -> None:
    module: Any = MODULES[noun]
    declared = module.get(name)
    assert name == declared.name == name.lower()
    assert declared.summary().endswith(".")
    assert declared.usage().startswith("Use it")
    assert declared.section("Formula")
    assert declared.section("Source")
    for field in declared.form_fields():
        assert field.help.endswith("."), field.name
    member = module.read(name)
    assert module.read(module.to_value(member)) == member == module.read(member)
    assert set(module.to_value(member)) == {"name", *declared.model_fields}


@pytest.mark.parametrize(("noun", "name"), ENTRIES)
def test_every_bound_refuses_the_value_beyond_it(noun: str, name: str) -> None:
    module: Any = MODULES[noun]
    for field in module.get(name).form_fields():
        for bound, sign, excluded in ((field.minimum, -1, field.above_minimum), (field.maximum, 1, field.below_maximum)):
            if bound is not None:
                beyond = bound if excluded else bound + sign
                with pytest.raises(InvalidValueError, match=rf"invalid {field.name}. Expected: a.* Received: {beyond}"):
                    module.read({"name": name, field.name: beyond})
        if field.control == "number":
            with pytest.raises(InvalidValueError, match=rf"invalid {field.name}"):
                module.read({"name": name, field.name: float("inf")})


@pytest.mark.parametrize(("noun", "name"), ENTRIES)
def test_an_unknown_parameter_is_named(noun: str, name: str) -> None:
    module: Any = MODULES[noun]
    with pytest.raises(InvalidValueError, match=r"invalid parameter. Expected: .* Received: 'nonsense'"):
        module.read({"name": name, "nonsense": 1})


def test_a_misspelt_name_gets_the_closest_one() -> None:
    with pytest.raises(UnknownNameError, match=r"no optimizer named 'Adm'. Did you mean 'adam'"):
        optimizers.read("Adm")


@pytest.mark.parametrize("value", [3, None, [], {}, {"name": 3}, schedules.read("cosine")])
def test_another_form_is_refused(value: object) -> None:
    with pytest.raises(InvalidValueError, match=r"Recipe: invalid optimizer. Expected: a name such as"):
        optimizers.read(value)


def test_a_taken_name_is_refused_and_a_base_class_is_no_entry() -> None:
    family: Family[Any] = Family("test", "studio.settings.targets")

    class Base(Named):
        """Base."""

        family: ClassVar[Family[Any]]
        size: Annotated[int, Field(ge=1, description="Size.")] = 1

    Base.family = family

    class First(Base):
        """First."""

        name = "first"

    assert family.all() == {"first": First}
    with pytest.raises(ValueError, match=r"taken"):

        class Second(Base):
            """Second."""

            name = "first"

    family.remove("first")
    assert family.all() == {}


def test_no_settings_module_loads_keras_by_itself() -> None:
    code = (
        "import sys\n"
        "from studio.settings import losses, metrics, optimizers, schedules\n"
        "for module in (losses, metrics, optimizers, schedules): [entry.form_fields() for entry in module.all().values()]\n"
        "assert not {'keras', 'tensorflow', 'sklearn', 'pandas', 'gradio'} & set(sys.modules)\n"
    )
    subprocess.run([sys.executable, "-c", code], check=True, timeout=60)


@pytest.mark.parametrize("module", ["studio.settings.keras_losses", "studio.settings.keras_metrics"])
def test_what_keras_saves_is_registered_under_our_package(module: str) -> None:
    import keras

    found = importlib.import_module(module)
    classes = [
        entry for entry in vars(found).values() if isinstance(entry, type) and entry.__module__ == module and not entry.__name__.startswith("_")
    ]
    assert classes
    for entry in classes:
        assert keras.saving.get_registered_name(entry) == f"blockstudio>{entry.__name__}"
