"""Training and evaluation steps, several of them in one compiled call."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from studio.networks.arrays import Samples
from studio.networks.loaded import TargetScale
from studio.training.augmentation import Augmentation, Mixture

if TYPE_CHECKING:
    import keras


@dataclass
class Head:
    """One output of the network with what is measured on it.

    Args:
        output: Id of the Output node.
        target: Name of the dataset's target.
        loss: Keras loss on standardised numbers or class indices.
        weight: Factor of the loss in the sum.
        metrics: Keras metrics by their fixed names; they see values in the target's unit.
        scale: How number targets were standardised; None for classes.
    """

    output: str
    target: str
    loss: Any
    weight: float
    metrics: dict[str, Any]
    scale: TargetScale | None = None

    def encoded(self, targets: np.ndarray) -> np.ndarray:
        """Targets as the loss sees them: class indices as they are, numbers standardised, with one column."""
        if self.scale is None:
            return targets
        return ((targets - self.scale.offset) / self.scale.scale).astype("float32").reshape(len(targets), -1)


class Part(NamedTuple):
    """Targets that the samples of a batch have: all of them, or a share of each where samples are mixed.

    Args:
        loss_weights: How much each sample counts in the loss; None: all the same.
        shares: How much of each sample it is; None: all of it.
    """

    targets: dict[str, Any]
    loss_weights: Any = None
    shares: Any = None


def _parts(targets: dict[str, Any], weights: Any, mixture: Mixture) -> list[Part]:
    """The targets of samples that consist of others (`studio.training.augmentation.Mixture`)."""
    import tensorflow as tf

    if not mixture:
        return [Part(targets, weights)]
    return [
        Part(
            {name: tf.gather(values, order) for name, values in targets.items()},
            shares if weights is None else shares * tf.gather(weights, order),
            shares,
        )
        for order, shares in mixture
    ]


@dataclass
class Compiled:
    """A network with its optimizer and heads, and the compiled functions that run them.

    Args:
        xla: Whether the single step is compiled with XLA.
        augmentation: What changes the inputs of each training step by chance.
    """

    network: keras.Model
    optimizer: Any
    heads: Sequence[Head]
    xla: bool = False
    augmentation: Augmentation | None = None
    loss_mean: Any = field(init=False)

    def __post_init__(self) -> None:
        import keras

        self.loss_mean = keras.metrics.Mean(name="loss")
        self._train = self._training_function()
        self._test = self._evaluation_function()

    @property
    def trackers(self) -> list[Any]:
        """Everything that sums up over an epoch."""
        return [self.loss_mean, *(metric for head in self.heads for metric in head.metrics.values())]

    def execute(self, samples: Samples, order: np.ndarray, batch: int, rates: np.ndarray, weights: np.ndarray | None, first: int = 0) -> np.ndarray:
        """Trains on `order`, cut into batches; returns the loss of each step.

        Args:
            order: Indices of the samples; a multiple of `batch` unless it is a single, smaller batch.
            rates: Learning rate of each step.
            first: Number of the first step since the first epoch.
        """
        steps = len(rates)
        inputs, targets = self._gathered(samples, order)
        shaped = [_in_batches(each, steps, batch) for each in (inputs, targets)]
        numbers = np.arange(first, first + steps, dtype="int32")
        given = () if weights is None else (weights[order].reshape(steps, -1).astype("float32"),)
        losses = self._train(*shaped, rates.astype("float32"), numbers, *given)
        found: np.ndarray = losses.numpy()
        return found

    def evaluate(self, samples: Samples, batch: int) -> dict[str, float]:
        """Loss and metrics over a whole split; the running figures of training are put back afterwards."""
        kept = [[np.array(variable.numpy()) for variable in tracker.variables] for tracker in self.trackers]
        self.reset()
        for start in range(0, len(samples), batch):
            self._test(*self._gathered(samples, np.arange(start, min(start + batch, len(samples)))))
        figures = self.figures()
        for tracker, stored in zip(self.trackers, kept, strict=True):
            for variable, value in zip(tracker.variables, stored, strict=True):
                variable.assign(value)
        return figures

    def rehearse(self, samples: Samples) -> None:
        """Compiles the evaluation by one small step of it, after which nothing is changed."""
        self.evaluate(Samples(*({name: array[:1] for name, array in each.items()} for each in (samples.inputs, samples.targets))), 1)

    def figures(self) -> dict[str, float]:
        """The running figures: `loss` and each metric; with several heads `target_metric`."""
        found = {"loss": float(self.loss_mean.result())}
        for head in self.heads:
            prefix = f"{head.target}_" if len(self.heads) > 1 else ""
            found |= {f"{prefix}{name}": float(metric.result()) for name, metric in head.metrics.items()}
        return found

    def reset(self) -> None:
        """Begins new running figures."""
        for tracker in self.trackers:
            tracker.reset_state()

    def _gathered(self, samples: Samples, order: np.ndarray) -> tuple[dict[str, np.ndarray], dict[str, np.ndarray]]:
        inputs = {name: array[order] for name, array in samples.inputs.items()}
        return inputs, {head.output: head.encoded(samples.targets[head.target][order]) for head in self.heads}

    def _fed(self, inputs: dict[str, Any]) -> Any:
        return inputs if isinstance(self.network.input, dict) else next(iter(inputs.values()))

    def _outputs(self, inputs: dict[str, Any], training: bool) -> dict[str, Any]:
        found = self.network(self._fed(inputs), training=training)
        return found if isinstance(found, dict) else {self.heads[0].output: found}

    def _loss(self, outputs: dict[str, Any], parts: list[Part]) -> Any:
        import keras

        losses = [
            head.weight * head.loss(part.targets[head.output], outputs[head.output], sample_weight=part.loss_weights)
            for part in parts
            for head in self.heads
        ]
        return keras.ops.sum(keras.ops.stack([*losses, *(keras.ops.cast(extra, "float32") for extra in self.network.losses)]))

    def _note(self, loss: Any, outputs: dict[str, Any], parts: list[Part]) -> None:
        import keras

        size = keras.ops.shape(next(iter(outputs.values())))[0]
        self.loss_mean.update_state(loss, sample_weight=keras.ops.cast(size, "float32"))
        for part in parts:
            for head in self.heads:
                truth, guess = part.targets[head.output], outputs[head.output]
                if head.scale is not None:
                    truth, guess = (value * head.scale.scale + head.scale.offset for value in (truth, guess))
                for metric in head.metrics.values():
                    metric.update_state(truth, guess, sample_weight=part.shares)

    def _training_function(self) -> Any:
        import tensorflow as tf

        variables = self.network.trainable_variables

        def one(inputs: dict[str, Any], parts: list[Part]) -> Any:
            with tf.GradientTape() as tape:
                outputs = self._outputs(inputs, training=True)
                loss = self._loss(outputs, parts)
                scaled = self.optimizer.scale_loss(loss)
            self.optimizer.apply(tape.gradient(scaled, variables), variables)
            self._note(loss, outputs, parts)
            return loss

        step: Any = tf.function(one, jit_compile=True, autograph=False) if self.xla else one

        def several(inputs: dict[str, Any], targets: dict[str, Any], rates: Any, numbers: Any, weights: Any = None) -> Any:
            steps = tf.shape(rates)[0]

            def next_step(index: Any, losses: Any) -> Any:
                self.optimizer.learning_rate.assign(rates[index])
                seen, wanted = ({name: array[index] for name, array in values.items()} for values in (inputs, targets))
                mixture: Mixture = []
                if self.augmentation:
                    seen, mixture = self.augmentation(seen, numbers[index])
                parts = _parts(wanted, None if weights is None else weights[index], mixture)
                return index + 1, losses.write(index, step(seen, parts))

            begin = (tf.constant(0), tf.TensorArray(tf.float32, size=steps))
            return tf.while_loop(lambda index, _: index < steps, next_step, begin)[1].stack()

        return _with_open_shapes(several, leading=2)

    def _evaluation_function(self) -> Any:
        def one(inputs: dict[str, Any], targets: dict[str, Any]) -> None:
            outputs = self._outputs(inputs, training=False)
            parts = [Part(targets)]
            self._note(self._loss(outputs, parts), outputs, parts)

        return _with_open_shapes(one, leading=1)


def _in_batches(arrays: dict[str, np.ndarray], steps: int, batch: int) -> dict[str, np.ndarray]:
    return {name: array.reshape(steps, min(batch, len(array)), *array.shape[1:]) for name, array in arrays.items()}


def _with_open_shapes(function: Any, leading: int) -> Any:
    """Compiles a function once for all lengths of the leading axes (steps, batch), so that a smaller last batch costs no new trace.

    Without autograph, which would take a second to rewrite sources that have nothing to rewrite.
    """
    import tensorflow as tf

    compiled: dict[int, Any] = {}

    def spec(array: Any, axes: int) -> Any:
        return tf.TensorSpec((*(None,) * axes, *array.shape[axes:]), array.dtype)

    def call(inputs: dict[str, Any], targets: dict[str, Any], *others: Any) -> Any:
        if len(others) not in compiled:
            signature = [{name: spec(array, leading) for name, array in values.items()} for values in (inputs, targets)]
            extra = [spec(array, array.ndim) for array in others]
            compiled[len(others)] = tf.function(function, input_signature=[*signature, *extra], autograph=False)
        return compiled[len(others)](inputs, targets, *others)

    return call
