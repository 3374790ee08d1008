"""The complete, reproducible order for one training: dataset, graph and settings in one YAML file."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Annotated, Any, Literal, Self

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from blocks.declaration import Declaration
from blocks.errors import InvalidValueError, closest
from blocks.graph import Graph
from studio.safe_yaml import YamlError, read_yaml
from studio.settings.transfer import Transfer, Unfreeze
from studio.workspace import StudioError

FORMAT = "studio.recipe/1"
Setting = str | dict[str, Any]


class RecipeError(StudioError, ValueError):
    """A recipe that can't be read; the message names file, key and what was expected."""


class PresetOrder(BaseModel):
    """A graph made by a preset from the dataset's features."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    preset: str
    params: dict[str, Any] = Field(default_factory=dict)


class PretrainedOrder(BaseModel):
    """A network of keras.applications, or `hub:NAME` of keras-hub, fitted to the dataset.

    A training begins with its weights, unless `transfer` names others.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    pretrained: str = Field(max_length=4000)


class FileOrder(BaseModel):
    """A graph kept in a JSON file; a relative path is read from the recipe's folder."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    file: str


GraphOrder = PresetOrder | PretrainedOrder | FileOrder | Graph


def _advanced(**extra: Any) -> dict[str, Any]:
    return {"frequent": False, **extra}


class Training(Declaration):
    """How a network is trained.

    Everything has a default; empty fields follow the dataset and the network.
    """

    epochs: Annotated[int, Field(ge=1, le=1_000_000)] | None = Field(None, description="Passes over the training data.")
    batch_size: Annotated[int, Field(ge=1, le=10_000_000)] | Literal["all"] | None = Field(
        None, description='Samples per step; "all" takes the whole training split in each step.', json_schema_extra={"control": "text"}
    )
    optimizer: Setting | None = Field(
        None, description="Rule by which the weights follow the gradients; empty: Adam, for tables AdamW.", json_schema_extra={"control": "text"}
    )
    schedule: Setting | None = Field(
        None,
        description="How the learning rate changes over the steps; empty: cosine, or constant where the optimizer wants it.",
        json_schema_extra={"control": "text"},
    )
    loss: Setting | None = Field(
        None, description="What training makes small; empty: the one that fits the target.", json_schema_extra={"control": "text"}
    )
    metrics: tuple[Setting, ...] | None = Field(
        None, description="Figures to watch; empty: those that fit the target.", json_schema_extra={"control": "text"}
    )
    monitor: str = Field("loss", description="Validation figure that chooses the best weights and stops early.")
    early_stopping: bool = Field(True, description="Ends the training when the monitored figure no longer gets better.")
    patience: Annotated[int, Field(ge=1, le=1_000_000)] | None = Field(
        None, description="Epochs without gain before it ends.", json_schema_extra={"shown_if": {"early_stopping": True}, "unit": "epochs"}
    )
    class_weights: bool = Field(False, description="Gives rare classes more weight, so that all classes count the same.")
    seed: Annotated[int, Field(ge=0, le=2**31 - 1)] = Field(0, description="Start of all chance: weights, order, dropout.")
    label_smoothing: Annotated[float, Field(ge=0, lt=1)] = Field(
        0.0, description="Share of the target spread over all classes.", json_schema_extra=_advanced()
    )
    l1: Annotated[float, Field(ge=0)] = Field(0.0, description="L1 penalty on the kernels of all layers.", json_schema_extra=_advanced())
    l2: Annotated[float, Field(ge=0)] = Field(0.0, description="L2 penalty on the kernels of all layers.", json_schema_extra=_advanced())
    weight_decay: Annotated[float, Field(ge=0)] | None = Field(
        None, description="Share of each weight taken off per step and learning rate.", json_schema_extra=_advanced()
    )
    clip_norm: Annotated[float, Field(gt=0)] | None = Field(
        None, description="Largest length of all gradients together.", json_schema_extra=_advanced()
    )
    clip_value: Annotated[float, Field(gt=0)] | None = Field(None, description="Largest size of each gradient number.", json_schema_extra=_advanced())
    ema_momentum: Annotated[float, Field(gt=0, lt=1)] | None = Field(
        None, description="Keeps a moving average of the weights with this momentum and takes it in the end.", json_schema_extra=_advanced()
    )
    device: str = Field(
        "auto", description='"auto" takes the first free GPU, or else the CPU; "cpu", "gpu:0", "gpu:1" ... name one.', json_schema_extra=_advanced()
    )
    precision: Literal["auto", "float32", "mixed_float16", "mixed_bfloat16"] = Field(
        "auto",
        description='Numbers to calculate in; "auto" is float32 on a CPU and mixed_float16 on a GPU that is made for it.',
        json_schema_extra=_advanced(),
    )
    xla: Literal["auto", "on", "off"] = Field(
        "auto", description='Compiling with XLA; "auto" is off on a CPU, where it only costs time.', json_schema_extra=_advanced()
    )
    steps_per_execution: Annotated[int, Field(ge=1, le=100_000)] | None = Field(
        None, description="Steps run in one go; empty: chosen once by a short trial before step 1.", json_schema_extra=_advanced()
    )
    deterministic: bool = Field(
        False, description="Equal bits on a GPU too, at some cost in speed; a CPU gives them anyway.", json_schema_extra=_advanced()
    )

    @model_validator(mode="after")
    def _one_clipping(self) -> Self:
        if self.clip_norm is not None and self.clip_value is not None:
            raise ValueError("clip_norm and clip_value exclude each other; empty one of them.")
        return self


_PARTS: dict[str, type[Declaration]] = {"training": Training, "transfer": Transfer}
"""The parts of a recipe that are declarations, whose refusals say what was expected."""


def _check_parts(values: dict[str, Any]) -> None:
    transfer = values.get("transfer")
    given: list[tuple[Any, type[Declaration]]] = [(values.get(name), part) for name, part in _PARTS.items()]
    if isinstance(transfer, dict):
        given.insert(0, (transfer.get("unfreeze"), Unfreeze))
    for value, part in given:
        if isinstance(value, dict):
            try:
                part.read(value)
            except InvalidValueError as error:
                raise RecipeError(str(error)) from error


class Recipe(BaseModel):
    """Dataset, graph and settings of one training.

    Args:
        dataset: Name of a dataset of the workspace, or of a built-in one.
        graph: The network itself, a preset, a pretrained network, or a file; None takes the preset that fits the data.
        folds: None, or (fold, of how many), from 1: train on the other folds and test on this one.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    format: Literal["studio.recipe/1"] = "studio.recipe/1"
    name: str = Field("", max_length=200)
    dataset: str = Field("digits", min_length=1, max_length=200)
    graph: GraphOrder | None = None
    training: Training = Field(default_factory=Training)
    transfer: Transfer | None = None
    export: tuple[str, ...] = ()
    folds: tuple[int, int] | None = None

    @classmethod
    def read(cls, values: Any, where: str = "recipe") -> Self:
        """Validates a recipe given as values.

        Raises:
            RecipeError: With one sentence per refused key.
        """
        if not isinstance(values, dict):
            raise RecipeError(f"{where}: a recipe is a mapping with the key 'dataset', not {type(values).__name__}.")
        _check_parts(values)
        try:
            return cls.model_validate(values)
        except ValidationError as error:
            raise RecipeError("\n".join(f"{where}: {sentence}" for sentence in _sentences(error, cls))) from error

    @classmethod
    def load(cls, path: Path) -> Self:
        """Reads a recipe from a YAML file; a graph file named in it is read too.

        Raises:
            RecipeError: The file is no recipe.
        """
        try:
            values = read_yaml(path.read_text("utf-8"), path.name)
        except UnicodeDecodeError as error:
            raise RecipeError(f"{path.name} is not YAML: {error}.") from error
        except YamlError as error:
            raise RecipeError(str(error)) from error
        recipe = cls.read(values, path.name)
        if isinstance(recipe.graph, FileOrder):
            return recipe.model_copy(update={"graph": read_graph_file(path.parent / recipe.graph.file)})
        return recipe

    def to_yaml(self) -> str:
        """The recipe as YAML text."""
        return yaml.safe_dump(self.document(), sort_keys=False, allow_unicode=True, width=120)

    def document(self) -> dict[str, Any]:
        """The recipe as JSON values."""
        values = self.model_dump(mode="json")
        return {key: value for key, value in values.items() if key in ("format", "dataset", "graph", "training") or value not in (None, "", [], ())}


def read_graph_file(path: Path) -> Graph:
    """A graph from a JSON file.

    Raises:
        RecipeError: There is no such file, or it is no graph.
    """
    try:
        return Graph.load(path)
    except FileNotFoundError as error:
        raise RecipeError(f"There is no graph file {path}.") from error
    except InvalidValueError as error:
        raise RecipeError(str(error)) from error


def with_settings(values: dict[str, Any], settings: Iterable[str]) -> dict[str, Any]:
    """A recipe document with `key=value` settings put in; `training.` may be left out, values are YAML.

    Raises:
        RecipeError: A setting has no `=`, its path is unknown, or its value is not YAML.
    """
    for setting in settings:
        path, separator, text = setting.partition("=")
        if not separator:
            raise RecipeError(f"--set {setting}: expected key=value, such as epochs=20.")
        try:
            value = yaml.safe_load(text)
        except yaml.YAMLError as error:
            raise RecipeError(f"--set {setting}: {text!r} is not a YAML value.") from error
        values = _put(values, _known_path(path.strip()), value)
    return values


def _known_path(path: str) -> list[str]:
    parts = path.split(".")
    if parts[0] in Recipe.model_fields:
        rest = parts[1:]
        if parts[0] not in _PARTS or not rest or rest[0] in _PARTS[parts[0]].model_fields:
            return parts
    elif parts[0] in Training.model_fields:
        return ["training", *parts]
    known = [*Recipe.model_fields, *(f"{part}.{name}" for part, each in _PARTS.items() for name in each.model_fields)]
    near = closest(path, known) or closest(f"training.{path}", known)
    raise RecipeError(f"--set {path}: there is no such setting." + (f" Did you mean {near}?" if near else ""))


def _put(values: dict[str, Any], path: list[str], value: Any) -> dict[str, Any]:
    head, *rest = path
    if not rest:
        return {**values, head: value}
    inner = values.get(head)
    if isinstance(inner, str):
        inner = {"name": inner}
    elif inner is None and head in ("optimizer", "schedule"):
        inner = {"name": "adam" if head == "optimizer" else "cosine"}
    return {**values, head: _put(inner if isinstance(inner, dict) else {}, rest, value)}


def _sentences(error: ValidationError, model: type[BaseModel]) -> list[str]:
    found: dict[str, str] = {}
    for problem in error.errors():
        parts = [str(part) for part in problem["loc"] if not str(part)[:1].isupper()]
        path = ".".join(parts)
        if problem["type"] == "extra_forbidden":
            near = closest(parts[-1], model.model_fields)
            found.setdefault(path, f"there is no key {path!r}." + (f" Did you mean {near!r}?" if near else ""))
        else:
            found.setdefault(path, f"{path}: {problem['msg']}. Received: {str(problem['input'])[:80]!r}.")
    return list(found.values())
