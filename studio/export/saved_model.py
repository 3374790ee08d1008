"""TensorFlow SavedModel: raw input in, labels out, with TensorFlow alone."""

from __future__ import annotations

import contextlib
import io
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

from studio.export import texts
from studio.export.base import Checked, Exporter, ExportFailedError
from studio.export.reload import ask

if TYPE_CHECKING:
    from studio.evaluation.raw import RawModel


class SavedModel(Exporter):
    """The whole network, from raw input to labels, for TensorFlow, TensorFlow Serving and many other programs.

    Use it to run the network somewhere else: it needs TensorFlow only, and nothing of this program.

    Source: https://www.tensorflow.org/guide/saved_model
    """

    name: ClassVar[str] = "saved_model"
    title: ClassVar[str] = "SavedModel"
    runtime: ClassVar[str] = "tensorflow"

    def write(self, model: RawModel, folder: Path) -> None:
        import keras
        import tensorflow as tf

        archive = keras.export.ExportArchive()
        for part in model.layers:
            archive.track(part)
        with tf.device("/CPU:0"), contextlib.redirect_stdout(io.StringIO()):
            archive.add_endpoint("serving_default", _named(model), [model.signature])
            plain = model.plain
            if plain is not None:
                spec = tf.TensorSpec((None, *plain.shape), plain.dtype, name=plain.name)
                archive.add_endpoint(plain.name, _from_plain(model), [{plain.name: spec}])
            archive.write_out(str(folder), verbose=False)

    def reloaded(self, model: RawModel, folder: Path, checked: Checked, scratch: Path) -> dict[str, Any]:
        answer = ask("saved_model", folder, checked.inputs, scratch)
        if answer.loaded:
            raise ExportFailedError(f"The export needs more than TensorFlow: {', '.join(answer.loaded)}.")
        found = {prefix: answer.outputs[f"{prefix}{head.answering.main}"] for prefix, head in model.heads.items()}
        expected = model.head.answering.labelled(found[""])
        if expected and answer.labels != expected:
            raise ExportFailedError("The export's labels do not belong to its probabilities.")
        return found

    def client(self, model: RawModel) -> str:
        return texts.saved_model_client(model)

    def explained(self, model: RawModel) -> str:
        return texts.saved_model_explained(model)


def _from_plain(model: RawModel) -> Any:
    def serve(inputs: dict[str, Any]) -> dict[str, Any]:
        return model.from_plain(inputs)

    return serve


def _named(model: RawModel) -> Any:
    def serve(inputs: dict[str, Any]) -> dict[str, Any]:
        return model(inputs)

    return serve
