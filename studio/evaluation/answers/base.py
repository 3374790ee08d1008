"""What is asked of every kind of answer."""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from blocks.features import Feature, FeatureKind
from blocks.registry import Registry
from studio.evaluation.prediction import Answers, Prediction

if TYPE_CHECKING:
    from studio.evaluation.opened import Answered, Head, Opened
    from studio.networks.arrays import Samples
    from studio.networks.writing import Beam

Facts = tuple[dict[str, Any], dict[str, np.ndarray]]
"""Fields of an `Evaluation`, and the arrays that are kept beside it."""

registry: Registry[type[Answering]] = Registry("kind of answers", "studio.evaluation.answers")


class Answering(ABC):
    """The answers of one output; a subclass that names its `kinds` (of targets) is found by being there.

    Args:
        main: The output of an exported model that is compared with our own answers.
        open_classes: Whether samples of classes that the network has never met can be measured.
        draws: Whether predictions hold pictures.
        searches: Whether answers are texts, of which beam search finds several.
        imported: Whether other data to be measured on are read as an import of the dataset's kind reads them.
        most_checked: Samples of the validation split on which that is done, at the most.
    """

    kinds: ClassVar[tuple[FeatureKind, ...]] = ()
    main: ClassVar[str] = "value"
    open_classes: ClassVar[bool] = False
    draws: ClassVar[bool] = False
    searches: ClassVar[bool] = False
    imported: ClassVar[bool] = False
    most_checked: ClassVar[int] = 200

    def __init_subclass__(cls, **settings: Any) -> None:
        super().__init_subclass__(**settings)
        for kind in cls.kinds:
            registry.add(kind, cls)

    def __init__(self, head: Head) -> None:
        self.head = head

    @classmethod
    def of_head(cls, head: Head) -> Answering:
        """The answers of an output; a kind may read some outputs otherwise."""
        return cls(head)

    @property
    def classes(self) -> tuple[str, ...]:
        """The classes of the target; none for numbers."""
        return self.head.target.classes or ()

    @property
    def size(self) -> float:
        """A difference of this much is what an export's tolerance of 1 means."""
        return 1.0

    @abstractmethod
    def read(self, outputs: np.ndarray) -> np.ndarray:
        """What the network gives (samples, ...), as `main` of an exported model says it."""

    @abstractmethod
    def measured(self, rows: np.ndarray, truth: np.ndarray, said: np.ndarray) -> Facts:
        """What is to be told of the samples of a split.

        Args:
            rows: Where they stand in the dataset.
            truth: As `studio.networks.truths` reads them.
            said: As `read` gives them.
        """

    def facts(self, rows: np.ndarray, parts: Iterable[Answered]) -> Facts:
        """`measured`, from batches; a kind whose answers are large looks at them one by one."""
        entries, truth, said = [], [], []
        for part in parts:
            entries.append(part.entries)
            truth.append(part.targets[self.head.target.name])
            said.append(part.outputs[self.head.output])
        order = np.argsort(np.concatenate(entries), kind="stable")
        return self.measured(rows, np.concatenate(truth)[order], self.read(np.concatenate(said)[order]))

    def difference(self, found: Any, expected: Any) -> float:
        """How far what an exported model says as `main` is from what `read` gives, where 1e-5 is allowed; infinite where the shapes differ."""
        if found.shape != expected.shape:
            return math.inf
        return float(np.max(np.abs(found.astype(np.float64) - expected), initial=0.0)) / self.size

    def searched(self, beam: Beam) -> dict[str, Any]:  # noqa: ARG002 - only texts are searched for
        """As `tensors`, from the best texts that were found."""
        return {}

    def tensors_beside(self, found: Any, entered: Any) -> dict[str, Any]:  # noqa: ARG002 - a kind may compare the two
        """As `tensors`, where what entered the network is at hand too."""
        return self.tensors(found)

    def pixel_tensors(self, found: Any) -> dict[str, Any]:
        """As `tensors`, for a model that is given pixels and not files."""
        return self.tensors(found)

    @abstractmethod
    def tensors(self, found: Any) -> dict[str, Any]:
        """The outputs of an exported model, from what the network gives (float32), in TensorFlow."""

    @abstractmethod
    def whole(self, found: Any) -> Any:
        """The output `main` of a .keras file, from what the network gives, in layers and functions of Keras."""

    @abstractmethod
    def told(self, names: Sequence[str], outputs: Mapping[str, np.ndarray]) -> list[Prediction]:
        """Predictions, from the outputs of `tensors` and what `asked` tells."""

    def asked(self, values: Mapping[str, Any]) -> dict[str, np.ndarray]:  # noqa: ARG002 - a kind may look at it
        """What `told` has to know of the raw input besides, by names that `tensors` does not use."""
        return {}

    @abstractmethod
    def printed(self) -> str:
        """The lines of a client, indented by four, that print `answer[...][row]` of the sample `name`."""

    @abstractmethod
    def explained(self) -> str:
        """The outputs in words, for the README of an export."""

    @abstractmethod
    def printed_whole(self) -> str:
        """A statement of a client that prints the array `answer`, what a .keras file gives for the sample `name`; `labels` are at hand."""

    @abstractmethod
    def explained_whole(self) -> str:
        """The output of a .keras file in words."""

    def labelled(self, found: np.ndarray) -> list[str]:  # noqa: ARG002 - a kind may look at it
        """The texts that an exported model gives as "label" to what it gives as `main`; none where it gives no texts."""
        return []

    def completed(self, found: Answers, opened: Opened) -> Answers:  # noqa: ARG002 - a kind may look at it
        """Predictions with what only the run can tell: the samples of its dataset that are most alike."""
        return found

    def gathered(self, seen: Samples) -> Samples:
        """Samples of other data than the run's, put together as those of its dataset are."""
        return seen

    def import_asked(self, features: Sequence[Feature]) -> dict[str, Any]:  # noqa: ARG002 - a kind may look at it
        """What an import of other data is told beside the kind, where `imported`: `target` and `options`."""
        return {}

    def as_known(self, found: list[Feature], known: list[Feature]) -> list[Feature]:  # noqa: ARG002
        """The features of other data that were imported, as the network takes them.

        Args:
            known: Those that it was trained on.
        """
        return found

    def companions(self, opened: Opened) -> dict[str, str]:  # noqa: ARG002 - a kind may look at it
        """Text files beside an export, by name."""
        return {"labels.txt": "".join(f"{label}\n" for label in self.classes)} if self.classes else {}


def of(head: Head) -> Answering:
    """The answers of an output."""
    return registry.all()[head.target.kind].of_head(head)
