"""What a dataset says about itself: `manifest.json`."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from blocks.features import Feature
from studio.datasets.errors import DatasetError
from studio.workspace import read_json, write_json

FORMAT: Final = "studio.dataset/1"
FILE = "manifest.json"

Split = Literal["train", "validation", "test"]
SPLITS: tuple[Split, ...] = ("train", "validation", "test")


class Manifest(BaseModel):
    """A dataset's description. It is written once, at the end of the import, and never changes.

    Args:
        name: The folder's name in the workspace.
        title: The name as a person reads it.
        splits: Samples per split.
        split_origin: Whether the data brought their split, it was made at import, some of both (the warnings say which), or follows time:
            first training, then validation, then test.
        hash: SHA-256 over content, kind, target and options, in hexadecimal: equal for equal data.
        options: What the person said about the upload.
        reading: What was detected: encoding, delimiter, decimal sign, sheet ...
        guessed: Whether the kind was found out and not named.
        other_kinds: What the same upload could have become, if it is named.
        warnings: What was guessed, left out or changed, one sentence each.
        created: ISO time in UTC.
        bytes: Size of the dataset's files.
    """

    model_config = ConfigDict(frozen=True, extra="ignore")

    format: Literal["studio.dataset/1"] = FORMAT
    name: str
    kind: str
    title: str
    features: list[Feature]
    samples: int
    splits: dict[str, int]
    split_origin: Literal["made", "given", "partly given", "by time"]
    hash: str
    options: dict[str, Any] = Field(default_factory=dict)
    reading: dict[str, Any] = Field(default_factory=dict)
    guessed: bool = False
    other_kinds: list[str] = Field(default_factory=list)
    warnings: list[str] = Field(default_factory=list)
    source: str = ""
    licence: str = ""
    credit: str = ""
    created: str = ""
    bytes: int = 0

    @property
    def inputs(self) -> list[Feature]:
        return [feature for feature in self.features if feature.role == "input"]

    @property
    def target(self) -> Feature:
        """The (first) feature that a network is to predict."""
        return next(feature for feature in self.features if feature.role == "target")

    @property
    def classes(self) -> tuple[str, ...] | None:
        """The classes of the target, None for a number or a text."""
        return None if self.target.kind in ("tokens", "transcript") else self.target.classes

    def save(self, folder: Path) -> None:
        """Writes `manifest.json` into the dataset's folder."""
        write_json(folder / FILE, self.model_dump(mode="json"))

    @classmethod
    def read(cls, folder: Path) -> Manifest:
        """Reads the manifest of a dataset's folder.

        Raises:
            DatasetError: The manifest is missing, damaged or of a newer format.
        """
        try:
            content = read_json(folder / FILE)
        except FileNotFoundError as error:
            raise DatasetError(f"Dataset {folder.name!r} has no {FILE}; remove the dataset and import it again.") from error
        found = content.get("format") if isinstance(content, dict) else None
        if found != FORMAT:
            raise DatasetError(f"{folder.name}/{FILE}: format is {found!r}, but this version reads {FORMAT!r}; import the data again.")
        try:
            return cls.model_validate(content)
        except ValidationError as error:
            first = error.errors()[0]
            key = ".".join(str(part) for part in first["loc"])
            raise DatasetError(f"{folder.name}/{FILE}: key {key!r} is not valid ({first['msg']}); import the data again.") from error
