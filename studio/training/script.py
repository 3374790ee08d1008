"""train.py: the same training with Keras alone."""

from __future__ import annotations

from pprint import pformat
from typing import TYPE_CHECKING

from blocks.code import keras_code
from studio.recipe import Recipe
from studio.runs.run import Run
from studio.settings import losses, optimizers, schedules
from studio.training.prepare import mode_of
from studio.workspace import write_text

if TYPE_CHECKING:
    import numpy as np

    from studio.settings.losses import Loss
    from studio.training.steps import Compiled, Head

HEAD = '''"""Trains the network of the run {run} with Keras alone (pip install tensorflow keras).

It reads the arrays that this command writes:
    studio datasets export {dataset} --output arrays --run {run}
Optimizer, loss, learning rates, batch size and best weights are those of the run; the order of the samples is Keras's own,
so the weights come close to the run's but are not the same bit for bit.
"""

import os
import pathlib
import sys

os.environ.setdefault("TF_ENABLE_ONEDNN_OPTS", "1")  # quicker on a CPU
import numpy as np
'''

BODY = '''
EPOCHS, BATCH_SIZE, SEED = {epochs}, {batch_size}, {seed}
keras.utils.set_random_seed(SEED)

arrays = pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else "arrays")
x_train, y_train, x_validation, y_validation, x_test, y_test = (
    np.load(arrays / f"{{name}}.npy") for name in ("x_train", "y_train", "x_validation", "y_validation", "x_test", "y_test")
)
{targets}
optimizer = keras.optimizers.{optimizer}(**{optimizer_arguments})
model.compile(optimizer=optimizer, loss={loss}, metrics={metrics}, steps_per_execution={steps_per_execution})


class Rates(keras.callbacks.Callback):
    """Sets the learning rate of every epoch: {schedule}, as the run planned it."""

    planned = {rates}

    def on_epoch_begin(self, epoch, logs=None):
        self.model.optimizer.learning_rate = self.planned[min(epoch, len(self.planned) - 1)]


callbacks = [Rates(), keras.callbacks.TerminateOnNaN()]
{early_stopping}model.fit(
    x_train, y_train, batch_size=BATCH_SIZE, epochs=EPOCHS, validation_data=(x_validation, y_validation), callbacks=callbacks{class_weight}
)
print("test:", model.evaluate(x_test, y_test, return_dict=True))
model.save("model.keras")
'''

ONE_HOT = """class_numbers = y_train
y_train, y_validation, y_test = (keras.utils.to_categorical(y, model.output_shape[-1]) for y in (y_train, y_validation, y_test))
"""

STANDARDISED = """# the network predicts standardised numbers: value = output * {scale!r} + {offset!r}
y_train, y_validation, y_test = ((y - {offset!r}) / {scale!r} for y in (y_train, y_validation, y_test))
"""


def write_script(run: Run, recipe: Recipe, model: Compiled, rates: np.ndarray, steps_per_epoch: int, kind: str = "") -> None:
    """Writes `train.py` into the run folder. Several inputs or outputs, pictures as targets, and weights of
    another network to begin with, are beyond it; then none is written.

    Args:
        kind: Of the target.
    """
    begins_anew = recipe.transfer is None or not (recipe.transfer.run or recipe.transfer.weights or recipe.transfer.unfreeze)
    if isinstance(model.network.input, dict) or len(model.heads) > 1 or kind == "image" or not begins_anew:
        return
    training, head = recipe.training, model.heads[0]
    optimizer = optimizers.read(training.optimizer)
    loss = losses.read(training.loss)
    code = HEAD.format(run=run.id, dataset=recipe.dataset) + keras_code(model.network)
    common = {"weight_decay": training.weight_decay, "global_clipnorm": training.clip_norm, "clipvalue": training.clip_value}
    if training.ema_momentum is not None:
        common |= {"use_ema": True, "ema_momentum": training.ema_momentum}
    arguments = (
        {"learning_rate": optimizer.learning_rate}
        | optimizer.arguments()
        | optimizer.fixed
        | {key: value for key, value in common.items() if value is not None}
    )
    is_labels = kind == "labels"
    is_class = head.scale is None and not is_labels
    units = model.network.output_shape[-1]
    one_hot = is_class and units > 1 and (loss.name != "sparse_categorical_crossentropy" or training.label_smoothing > 0)
    per_epoch = [float(f"{rate:.6g}") for rate in rates[::steps_per_epoch]]
    early = ""
    if training.early_stopping:
        mode = mode_of(training)
        watched = f"'val_{training.monitor}', mode={mode!r}, patience={training.patience}, restore_best_weights=True"
        early = f"callbacks.append(keras.callbacks.EarlyStopping({watched}))\n"
    code += BODY.format(
        epochs=training.epochs, batch_size=training.batch_size, seed=training.seed,
        targets=_targets(head, one_hot),
        optimizer=optimizer.keras_class, optimizer_arguments=pformat(arguments, width=140, sort_dicts=False),
        loss=_loss(loss, is_class, one_hot, training.label_smoothing if one_hot or is_labels else 0.0),
        metrics=["binary_accuracy" if is_labels else "accuracy" if is_class else "mae"], steps_per_execution=training.steps_per_execution or 1,
        schedule=schedules.read(training.schedule).name, rates=pformat(per_epoch, width=140, compact=True),
        early_stopping=early, class_weight=_class_weight(training.class_weights and is_class, "class_numbers" if one_hot else "y_train"),
    )  # fmt: skip
    write_text(run.folder / "train.py", code)


def _targets(head: Head, one_hot: bool) -> str:
    if head.scale is not None:
        return STANDARDISED.format(scale=head.scale.scale, offset=head.scale.offset)
    return ONE_HOT if one_hot else ""


def _loss(loss: Loss, is_class: bool, one_hot: bool, smoothing: float) -> str:
    if is_class and not one_hot:
        return (
            "keras.losses.SparseCategoricalCrossentropy()" if loss.name == "sparse_categorical_crossentropy" else "keras.losses.BinaryCrossentropy()"
        )
    settings = dict(loss)
    if smoothing:
        settings["label_smoothing"] = smoothing
    return f"keras.losses.{loss.keras_class}({', '.join(f'{key}={value!r}' for key, value in settings.items())})"


def _class_weight(wanted: bool, numbers: str) -> str:
    counted = f"zip(*np.unique({numbers}, return_counts=True))"
    return f", class_weight={{int(c): len({numbers}) / len(set({numbers})) / n for c, n in {counted}}}" if wanted else ""
