"""What the pages of trained networks ask the engine for: plain values in, plain values out. Runs where Keras is; imports it when called."""

from __future__ import annotations

from concurrent.futures import Future
from concurrent.futures.process import BrokenProcessPool
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, TypeVar

from studio.workspace import StudioError, write_json

if TYPE_CHECKING:
    import numpy as np

    from studio.evaluation.predict import Predictor

T = TypeVar("T")
State = Literal["best", "last"]
PREDICTORS = 2
"""Networks that are kept ready."""


def answer(future: Future[T], timeout_seconds: float | None = None) -> T:
    """What the engine answered.

    Raises:
        StudioError: Its process died at the question, twice.
    """
    try:
        return future.result(timeout_seconds)
    except BrokenProcessPool as error:
        raise StudioError(
            "The helper process ended while it was at work, perhaps for lack of memory. Close other programs, then try again."
        ) from error
    except TimeoutError as error:
        raise StudioError(f"There was no answer within {timeout_seconds:g} s; the machine may be busy. Try again.") from error


def evaluate(run: str, split: Literal["train", "validation", "test"], state: State, data: str | None = None, keep: str | None = None) -> None:
    """Measures a run's network and keeps the result: in the run folder, or, for other data, at `keep`."""
    from studio.evaluation import evaluate as module
    from studio.runs import Run

    found = module.evaluate(Run(Path(run)), split, state, Path(data) if data else None)
    if keep:
        write_json(Path(keep), found.model_dump(mode="json"))


def export(run: str, format: str, state: State, options: dict[str, Any]) -> None:  # noqa: A002
    """Writes an export into the run's folder."""
    from studio.export import service
    from studio.runs import Run

    service.export(Run(Path(run)), format, state=state, options=options)


def predict_picture(run: str, state: State, written: int, content: bytes) -> dict[str, Any]:
    """The prediction for an encoded picture, and what reached the network, as PNG bytes under `seen` (None if it is no picture).

    Args:
        written: When the weights were saved, in nanoseconds; newer ones are read anew.
    """
    predictor = _predictor(run, state, written)
    found = predictor.pictures([("picture", content)]).predictions[0].answer()
    return {**found, "seen": _seen(predictor, content)}


def predict_text(run: str, state: State, written: int, text: str) -> dict[str, Any]:
    """The prediction for a text."""
    return _predictor(run, state, written).texts([text]).predictions[0].answer()


def predict_row(run: str, state: State, written: int, row: dict[str, Any]) -> dict[str, Any]:
    """The prediction for a row of a table, and `notes` about values that could not be used."""
    answers = _predictor(run, state, written).rows([row])
    return {**answers.predictions[0].answer(), "notes": answers.warnings}


def predict_array(run: str, state: State, written: int, values: np.ndarray) -> dict[str, Any]:
    """The prediction for one array."""
    return _predictor(run, state, written).array(values).predictions[0].answer()


def predict_file(run: str, state: State, written: int, path: str, output: str, shown: int) -> dict[str, Any]:
    """Predictions for everything in a file, written as CSV; the first ones are returned."""
    from studio.evaluation.predict import write_csv

    answers = _predictor(run, state, written).files([path])
    write_csv(Path(output), answers.predictions)
    return {"total": len(answers.predictions), "notes": answers.warnings, "predictions": [each.answer() for each in answers.predictions[:shown]]}


@lru_cache(maxsize=PREDICTORS)
def _predictor(run: str, state: State, written: int) -> Predictor:  # noqa: ARG001 - the time is part of the key
    from studio.evaluation.predict import Predictor
    from studio.runs import Run

    return Predictor(Run(Path(run)), state)


def _seen(predictor: Predictor, content: bytes) -> bytes | None:
    """The picture as it leaves the front, stretched to the whole range of brightness where it is not in bytes."""
    import numpy as np

    from studio.datasets.limits import Limits
    from studio.datasets.readers.pictures import encode_png, read_picture
    from studio.evaluation.pictures import decoded, prepared

    model, port = predictor.model, predictor.port
    plain = read_picture(content, Limits().picture_pixels, look_for_colour=False).data
    pixels = np.asarray(prepared(decoded(plain, port.shape[-1] or 3), port.shape, model.fronts[port.node]))
    if pixels.ndim != 3 or pixels.shape[-1] not in (1, 3):
        return None
    if pixels.dtype != np.uint8:
        low, high = (0.0, 1.0) if pixels.min() >= 0 and pixels.max() <= 1 else (float(pixels.min()), float(pixels.max()))
        pixels = np.round((pixels - low) / max(high - low, 1e-6) * 255).astype(np.uint8)
    return encode_png(pixels)
