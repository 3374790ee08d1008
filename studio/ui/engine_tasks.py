"""What the pages of trained networks ask the engine for, beyond `studio.answers`: plain values in, plain values out."""

from __future__ import annotations

from concurrent.futures import Future
from concurrent.futures.process import BrokenProcessPool
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, TypeVar

from blocks.errors import BlocksError
from studio import answers
from studio.workspace import StudioError, write_json

if TYPE_CHECKING:
    from studio.evaluation.predict import Predictor

T = TypeVar("T")
State = Literal["best", "last"]


def answer(future: Future[T], timeout_seconds: float | None = None) -> T:
    """What the engine answered.

    Raises:
        StudioError: Its process died at the question, twice, or there was no answer in time.
    """
    try:
        return future.result(timeout_seconds)
    except BrokenProcessPool as error:
        raise StudioError(
            "The helper process ended while it was at work, perhaps for lack of memory. Close other programs, then try again."
        ) from error
    except TimeoutError as error:
        raise StudioError(f"There was no answer within {timeout_seconds:g} s; the machine may be busy. Try again.") from error


def pretrained_graph(name: str, features: list[dict[str, Any]]) -> dict[str, Any]:
    """A pretrained network for a dataset as a graph document, all frozen but its head."""
    from blocks.features import Feature
    from blocks.freezing import freeze
    from studio.transfer import published

    bound = [Feature.model_validate(feature) for feature in features]
    try:
        return freeze(published.graph(name, bound), 1, bound).document()
    except BlocksError as error:
        raise StudioError(str(error)) from None


def evaluate_elsewhere(folder: str, state: State, data: str, keep: str) -> None:
    """Measures a run's network on other data than its own, and keeps the result at `keep`."""
    from studio.evaluation.evaluate import evaluate
    from studio.runs import Run

    try:
        found = evaluate(Run(Path(folder)), "test", state, Path(data))
    except BlocksError as error:
        raise StudioError(str(error)) from None
    write_json(Path(keep), found.model_dump(mode="json"))


def export(folder: str, format: str, state: State, options: dict[str, Any]) -> None:  # noqa: A002
    """Writes an export into the run's folder."""
    from studio.export import service
    from studio.runs import Run

    try:
        service.export(Run(Path(folder)), format, state=state, options=options)
    except BlocksError as error:
        raise StudioError(str(error)) from None


def predict_picture(folder: str, state: State, content: bytes) -> dict[str, Any]:
    """As `answers.predict` for one encoded picture; and under `seen` what reached the network, as PNG bytes (None if it is no picture)."""
    told = answers.predict(folder, {"pictures": [("picture", content)], "state": state, "explained": True})
    return {**told, "seen": _seen(answers.predictor_of(folder, state), content)}


def predict_file(folder: str, state: State, path: str, output: str, shown: int) -> dict[str, Any]:
    """Predictions for everything in a file, written as CSV; `total` says how many, the first ones are returned."""
    from studio.evaluation.prediction import write_csv

    try:
        found = answers.predictor_of(folder, state).files([path])
    except BlocksError as error:
        raise StudioError(str(error)) from None
    write_csv(Path(output), found.predictions)
    return {"total": len(found.predictions), "notes": found.warnings, "predictions": [each.answer() for each in found.predictions[:shown]]}


def _seen(predictor: Predictor, content: bytes) -> bytes | None:
    """The picture as it leaves the front, stretched to the whole range of brightness where it is not in bytes."""
    import numpy as np

    from studio.datasets.limits import Limits
    from studio.datasets.readers.pictures import encode_png, read_picture
    from studio.evaluation.pictures import decoded, prepared

    model, port = predictor.model, predictor.port
    if model.takes_any_size:
        return None
    plain = read_picture(content, Limits().picture_pixels, look_for_colour=False).data
    pixels = np.asarray(prepared(decoded(plain, port.shape[-1] or 3), port.shape, model.fronts[port.node]))
    if pixels.ndim != 3 or pixels.shape[-1] not in (1, 3):
        return None
    if pixels.dtype != np.uint8:
        low, high = (0.0, 1.0) if pixels.min() >= 0 and pixels.max() <= 1 else (float(pixels.min()), float(pixels.max()))
        pixels = np.round((pixels - low) / max(high - low, 1e-6) * 255).astype(np.uint8)
    return encode_png(pixels)
