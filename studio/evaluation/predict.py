"""Asking a trained network about new data."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np

from studio.evaluation import asking
from studio.evaluation.alignment import alignment
from studio.evaluation.asking import Batch, Port, several
from studio.evaluation.asking.arrays import of_array
from studio.evaluation.asking.pictures import of_pictures
from studio.evaluation.asking.sounds import of_sounds
from studio.evaluation.asking.tables import of_records
from studio.evaluation.asking.texts import of_texts
from studio.evaluation.errors import EvaluationError
from studio.evaluation.opened import open_network
from studio.evaluation.prediction import Answers, Prediction
from studio.evaluation.raw import RawModel
from studio.networks.loaded import State
from studio.runs.run import Run

SEARCHED = 4
"""Beginnings that are followed where other answers are to be told too."""


class Predictor:
    """A trained network kept ready for questions.

    Args:
        run: The run.
        state: "best" or "last".
        beams: Beginnings of a text that are followed side by side while it is written; 1 takes the likeliest token each time.

    Raises:
        StudioError: Nothing has been saved yet.
    """

    def __init__(self, run: Run, state: State = "best", beams: int = 1) -> None:
        self.opened = open_network(run, state, beams)
        self.model = RawModel(self.opened)

    @property
    def port(self) -> Port:
        """The network's only input.

        Raises:
            EvaluationError: It has several.
        """
        if len(self.model.ports) != 1:
            raise EvaluationError(f"The network has several inputs; give it a table with {several.wanted(self.model.ports)}.")
        return self.model.ports[0]

    def files(self, paths: Sequence[Path | str]) -> Answers:
        """Files of pictures or sounds, folders or zips of them; table files (one prediction per row); text files; .npy and .npz arrays.

        A network with several inputs takes tables: a row names its file, relative to the table, and holds the other values.
        """
        given = [Path(path).expanduser() for path in paths]
        if len(self.model.ports) > 1:
            return self._answered(several.of_files(given, self.model.ports, self.opened.features))
        return self._answered(asking.of_files(given, self.port, self.opened.features))

    def samples(self, records: Sequence[Mapping[str, Any]]) -> Answers:
        """Samples with all their inputs, by the names of the features: files as bytes, texts, cells of columns."""
        return self._answered([several.of_records(records, self.model.ports, self.opened.features)])

    def texts(self, texts: Sequence[str]) -> Answers:
        """Sentences."""
        return self._answered([of_texts(texts, self.port)])

    def explained(self, texts: Sequence[str]) -> Answers:
        """Sentences; of a network that writes texts also other answers that were near, and where its attention was."""
        if not self.opened.pens or self.opened.beams > 1:
            return self.texts(texts)
        found = self.searching.texts(texts)
        told = [alignment(self.model, text, each.text or "") for text, each in zip(texts, found.predictions, strict=True)]
        found.predictions = [
            replace(each, details={**each.details, **({"alignment": seen} if seen else {})})
            for each, seen in zip(found.predictions, told, strict=True)
        ]
        return found

    @cached_property
    def searching(self) -> Predictor:
        """The same network, which follows several beginnings and tells other answers that were near; itself where answers are no texts."""
        return Predictor(self.opened.run, self.opened.state, SEARCHED) if self.opened.head.answering.searches else self

    def pictures(self, contents: Sequence[tuple[str, bytes]]) -> Answers:
        """Encoded pictures with their names: PNG, JPEG, GIF, BMP or WebP."""
        return self._answered([of_pictures(contents, self.port)])

    def sounds(self, contents: Sequence[tuple[str, bytes]]) -> Answers:
        """Encoded sounds with their names: WAV, FLAC, OGG or MP3."""
        return self._answered([of_sounds(contents, self.port)])

    def rows(self, rows: Sequence[Mapping[str, Any]]) -> Answers:
        """Rows of a table by column name."""
        return self._answered([of_records(rows, self.port, self.opened.features)])

    def array(self, values: np.ndarray) -> Answers:
        """An array of samples, or one sample."""
        return self._answered([of_array(values, self.port)])

    def values(self, values: Mapping[str, Any]) -> dict[str, np.ndarray]:
        """Probabilities or values to raw input by signature name, as an exported model takes it."""
        parts: dict[str, list[np.ndarray]] = {}
        for part in self._steps(values):
            for name, answer in self._outputs(part).items():
                parts.setdefault(name, []).append(answer)
        return {name: np.concatenate(arrays) for name, arrays in parts.items()}

    def _steps(self, values: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
        """Raw input cut into as many samples as are answered in one go."""
        step = min(asking.of(port.kind).step for port in self.model.ports)
        for start in range(0, max(len(next(iter(values.values()))), 1), step):
            yield {name: part[start : start + step] for name, part in values.items()}

    def _outputs(self, part: Mapping[str, Any]) -> dict[str, np.ndarray]:
        import tensorflow as tf

        batch = {name: tf.convert_to_tensor(values, self.model.signature[name].dtype) for name, values in part.items()}
        return {name: answer.numpy() for name, answer in self._call(batch).items()}

    @cached_property
    def _call(self) -> Any:
        import tensorflow as tf

        return tf.function(self.model, input_signature=[self.model.signature])

    def _answered(self, batches: Sequence[Batch]) -> Answers:
        found = Answers()
        for batch in batches:
            found.warnings += batch.warnings
            done = 0
            for part in self._steps(batch.values):
                count = len(next(iter(part.values())))
                found.predictions += self._told(batch.names[done : done + count], part)
                done += count
        return self.opened.head.answering.completed(found, self.opened)

    def _told(self, names: Sequence[str], part: Mapping[str, Any]) -> list[Prediction]:
        """What is said to a few samples."""
        outputs = self._outputs(part)
        said: dict[str, list[Prediction]] = {}
        for prefix, head in self.model.heads.items():
            own = {name.removeprefix(prefix): values for name, values in outputs.items() if name.startswith(prefix)}
            said[head.target.name] = head.answering.told(names, {**own, **head.answering.asked(part)})
        first, *others = said
        found = []
        for place, prediction in enumerate(said[first]):
            further = {target: said[target][place] for target in others}
            found.append(replace(prediction, further=further) if further else prediction)
        return found
