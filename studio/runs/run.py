"""A run folder, as everybody but its trainer sees it: read, and sent wishes."""

from __future__ import annotations

import json
import math
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import yaml
from pydantic import ValidationError

from studio.recipe import Recipe
from studio.runs.status import Status, observed
from studio.workspace import StudioError, read_json, write_json

Wish = Literal["stop", "pause", "checkpoint"]
Split = Literal["train", "validation"]


@dataclass(frozen=True)
class Point:
    """One line of metrics.jsonl; `time` is in seconds since 1970, `step` and `epoch` count from 1."""

    step: int
    epoch: int
    split: str
    name: str
    value: float
    time: float


RESERVE_BYTES = 65_536


class Run:
    """One training, as its folder tells it.

    Args:
        folder: The run folder.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    @property
    def id(self) -> str:
        """The folder's name, by which commands and pages call the run."""
        return self.folder.name

    @property
    def recipe_path(self) -> Path:
        return self.folder / "recipe.yaml"

    @property
    def status_path(self) -> Path:
        return self.folder / "status.json"

    @property
    def metrics_path(self) -> Path:
        return self.folder / "metrics.jsonl"

    @property
    def events_path(self) -> Path:
        return self.folder / "events.jsonl"

    @property
    def log_path(self) -> Path:
        return self.folder / "log.txt"

    @property
    def control_path(self) -> Path:
        return self.folder / "control.json"

    @property
    def launched_path(self) -> Path:
        """Which process was asked to train, until it writes a status of its own."""
        return self.folder / "launched.json"

    @property
    def front_path(self) -> Path:
        """The adapted front: a graph whose parameters hold what was learned from the training split."""
        return self.folder / "front.json"

    @property
    def features_path(self) -> Path:
        """The features of the dataset, so that the network can be used when the dataset is gone."""
        return self.folder / "features.json"

    @property
    def results_path(self) -> Path:
        """Figures of the best state on every split."""
        return self.folder / "results.json"

    @property
    def reserve_path(self) -> Path:
        """Room on the disk that is kept for saying how the run ended."""
        return self.folder / "reserve"

    @property
    def checkpoints(self) -> Path:
        return self.folder / "checkpoints"

    @property
    def exports(self) -> Path:
        return self.folder / "exports"

    @property
    def recipe(self) -> Recipe:
        """The resolved recipe."""
        try:
            values = yaml.load(self.recipe_path.read_text("utf-8"), Loader=_YAML_LOADER)  # noqa: S506 - a safe loader, in C where there is one
        except (yaml.YAMLError, UnicodeDecodeError) as error:
            raise StudioError(f"{self.id}/recipe.yaml is damaged: {str(error).splitlines()[0]}.") from error
        return Recipe.read(values, f"{self.id}/recipe.yaml")

    def status(self) -> Status:
        """The status, `crashed` where the process that should be there is not."""
        try:
            written = Status.model_validate(read_json(self.status_path))
        except FileNotFoundError:
            return Status(status="crashed", name=self.id, reason="The run folder has no status.json.")
        except (StudioError, ValidationError):
            return Status(status="crashed", name=self.id, reason="The run's status.json is damaged.")
        if written.pid is None and written.is_alive and self.launched_path.exists():
            written = written.model_copy(update=read_json(self.launched_path))
        return observed(written)

    def results(self) -> dict[str, Any]:
        """Figures per split (`{"train": {"loss": ...}, ...}`), empty until training has ended; those that are infinite are left out."""
        try:
            results: dict[str, dict[str, float]] = read_json(self.results_path)
        except FileNotFoundError:
            return {}
        return {split: {name: value for name, value in figures.items() if math.isfinite(value)} for split, figures in results.items()}

    def metrics(self, cursor: int = 0) -> tuple[list[Point], int]:
        """The points behind `cursor` (a byte position in metrics.jsonl), and the new cursor.

        After a resume the file may be shorter than the cursor; then everything is read anew from the start.
        """
        values, cursor = _read_lines(self.metrics_path, cursor)
        return [Point(**value) for value in values], cursor

    def events(self, cursor: int = 0) -> tuple[list[dict[str, Any]], int]:
        """The events behind `cursor`, and the new cursor."""
        return _read_lines(self.events_path, cursor)

    def log_tail(self, characters: int = 8000) -> str:
        """The end of the log."""
        try:
            with self.log_path.open("rb") as log:
                log.seek(0, 2)
                log.seek(max(0, log.tell() - characters))
                return log.read().decode("utf-8", errors="replace")
        except FileNotFoundError:
            return ""

    def reserve(self) -> None:
        """Takes the room that the end of a training needs, should the disk be full by then.

        Raises:
            OSError: There is not even that.
        """
        self.reserve_path.write_bytes(b"\0" * RESERVE_BYTES)

    def wish(self, wish: Wish) -> None:
        """Asks the trainer for something; it obeys after its present step."""
        write_json(self.control_path, {"wish": wish, "time": time.time()})

    def latest(self, split: str = "validation") -> dict[str, float]:
        """The last value of each metric of one split."""
        points, _ = self.metrics()
        return {point.name: point.value for point in points if point.split == split}


_YAML_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


def _read_lines(path: Path, cursor: int) -> tuple[list[dict[str, Any]], int]:
    try:
        with path.open("rb") as file:
            size = file.seek(0, 2)
            if cursor > size:
                cursor = 0
            file.seek(cursor)
            content = file.read()
    except FileNotFoundError:
        return [], 0
    whole = content[: content.rfind(b"\n") + 1]
    try:
        return [json.loads(line) for line in whole.splitlines()], cursor + len(whole)
    except json.JSONDecodeError as error:
        raise StudioError(f"{path.parent.name}/{path.name} is damaged: {error}.") from error
