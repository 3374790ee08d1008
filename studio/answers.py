"""What the page asks of trained networks, as functions of plain values. They need Keras and run in the engine."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from functools import wraps
from pathlib import Path
from typing import TYPE_CHECKING, Any, ParamSpec, TypeVar

from blocks.errors import BlocksError
from studio.runs.run import Run
from studio.workspace import StudioError

if TYPE_CHECKING:
    from studio.evaluation.predict import Predictor
    from studio.networks.loaded import State

P = ParamSpec("P")
R = TypeVar("R")
KEPT = 4
_kept: OrderedDict[tuple[str, str, int], Predictor] = OrderedDict()


def _plainly(function: Callable[P, R]) -> Callable[P, R]:
    """Errors become a StudioError with one sentence, which any process can receive."""

    @wraps(function)
    def guarded(*args: P.args, **kwargs: P.kwargs) -> R:
        try:
            return function(*args, **kwargs)
        except (StudioError, BlocksError) as error:
            raise StudioError(str(error)) from None

    return guarded


@_plainly
def predict(folder: str, payload: dict[str, Any]) -> dict[str, Any]:
    """What a run's network says to new data.

    Args:
        folder: The run folder.
        payload: One of `pictures` or `sounds` (pairs of name and encoded bytes), `samples` (dictionaries of all inputs), `texts`,
            `rows` (dictionaries by column name), `array` (nested lists), `files` (paths); and, if it is not "best", `state`.
            `explained`: whether other answers that were near are told too.

    Returns:
        `predictions`, each with `input` and what `studio.evaluation.prediction.Prediction.whole` tells; `warnings` if anything was left
        out.

    Raises:
        StudioError: Nothing has been saved yet, or the data don't fit the network.
    """
    import numpy as np

    predictor = predictor_of(folder, payload.get("state", "best"))
    asked = predictor.searching if payload.get("explained") else predictor
    if "pictures" in payload:
        return asked.pictures([(str(name), bytes(content)) for name, content in payload["pictures"]]).whole()
    if "samples" in payload:
        return predictor.samples(payload["samples"]).whole()
    if "sounds" in payload:
        return asked.sounds([(str(name), bytes(content)) for name, content in payload["sounds"]]).whole()
    if "texts" in payload:
        return (predictor.explained if payload.get("explained") else predictor.texts)(payload["texts"]).whole()
    if "rows" in payload:
        return predictor.rows(payload["rows"]).whole()
    if "array" in payload:
        return predictor.array(np.asarray(payload["array"], dtype=np.float32)).whole()
    if "files" in payload:
        return predictor.files([Path(path) for path in payload["files"]]).whole()
    raise StudioError("Nothing was given to predict. Expected: pictures, sounds, texts, rows, array or files.")


@_plainly
def evaluate(folder: str, split: str = "test", state: State = "best") -> dict[str, Any]:
    """Measures a run's network; the result is kept in the run folder (`studio.evaluation.result.read`).

    Raises:
        StudioError: Nothing has been saved yet, or the dataset is gone.
    """
    from studio.evaluation.evaluate import evaluate as measure

    if split not in ("train", "validation", "test"):
        raise StudioError(f"There is no split {split!r}. Expected: train, validation or test.")
    return measure(Run(Path(folder)), split, state).model_dump(mode="json")  # type: ignore[arg-type]


@_plainly
def export(folder: str, format: str, state: State = "best", output: str | None = None) -> dict[str, Any]:  # noqa: A002
    """Exports a run's network and checks the result; without `output` it is kept in the run folder (`studio.export.places.exports`).

    Raises:
        StudioError: Nothing has been saved yet, or the export failed.
    """
    from studio.export.service import export as write

    return write(Run(Path(folder)), format, Path(output) if output else None, state).answer()


def predictor_of(folder: str, state: State) -> Predictor:
    """The run's network, kept from the last question as long as its weights are the same."""
    from studio.evaluation.predict import Predictor
    from studio.evaluation.result import weights_written

    run = Run(Path(folder))
    key = (str(run.folder.resolve()), state, weights_written(run, state))
    if key not in _kept:
        _kept[key] = Predictor(run, state)
        while len(_kept) > KEPT:
            _kept.popitem(last=False)
    _kept.move_to_end(key)
    return _kept[key]
