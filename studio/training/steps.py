"""Training and evaluation steps, several of them in one compiled call."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from studio.networks.arrays import Samples
from studio.networks.augmentation import Augmentation, Mixture
from studio.networks.loaded import TargetScale
from studio.settings.collected import Collected
from studio.settings.spelling import Spelled

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
        gaps: Whether some samples may have no value for this target (a class below 0, or no number), and count nothing then.
        collected: Metrics that compare all samples of a split with each other; training has no running figures of them.
        spelled: Metrics of texts that the network writes itself, which are measured in the end.
        training_loss: The loss of training steps, where it is another one than is measured (with weights for the classes of masks).
        is_mask: Whether the target has a class for each pixel.
        training_only: Whether its loss counts in training steps only, and nothing else is measured of it.
    """

    output: str
    target: str
    loss: Any
    weight: float
    metrics: dict[str, Any]
    scale: TargetScale | None = None
    gaps: bool = False
    collected: dict[str, Collected] = field(default_factory=dict)
    spelled: dict[str, Spelled] = field(default_factory=dict)
    training_loss: Any = None
    is_mask: bool = False
    training_only: bool = False

    def known(self, truth: Any, weights: Any) -> tuple[Any, Any]:
        """Truths and weights of samples, with weight 0 for those without a truth."""
        from keras import ops

        if not self.gaps:
            return truth, weights
        there = ops.isfinite(truth) if "float" in truth.dtype.name else truth >= 0
        truth = ops.where(there, truth, ops.zeros_like(truth))
        counted = ops.cast(ops.all(ops.reshape(there, (ops.shape(truth)[0], -1)), axis=-1), "float32")
        return truth, counted if weights is None else counted * weights

    def encoded(self, targets: np.ndarray) -> np.ndarray:
        """Targets as the loss sees them: numbers standardised, single ones with one column; everything else as it is."""
        return targets if self.scale is None else self.scale.standardised(targets)


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
    """The targets of samples that consist of others (`studio.networks.augmentation.Mixture`)."""
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
        whole: What `network` is the end of, where a frozen beginning is left out of the steps; else the network itself.
    """

    network: keras.Model
    optimizer: Any
    heads: Sequence[Head]
    xla: bool = False
    augmentation: Augmentation | None = None
    whole: keras.Model | None = None
    loss_mean: Any = field(init=False)

    def __post_init__(self) -> None:
        import keras

        self.loss_mean = keras.metrics.Mean(name="loss")
        self._train = self._training_function()
        self._test = self._evaluation_function()

    @property
    def measured(self) -> list[Head]:
        """The heads that count outside of training steps, too."""
        return [head for head in self.heads if not head.training_only]

    @property
    def variables(self) -> list[Any]:
        """Every variable of the whole network: what is saved and put back."""
        return list((self.whole or self.network).variables)

    @property
    def trackers(self) -> list[Any]:
        """Everything that sums up over an epoch."""
        return [self.loss_mean, *(metric for head in self.heads for metric in head.metrics.values())]

    def execute(self, samples: Samples, order: np.ndarray, batch: int, rates: np.ndarray, weights: np.ndarray | None, first: int = 0) -> np.ndarray:
        """Trains on `order`, cut into batches; returns the loss of each step.

        Args:
            order: Entries of `Samples.order`; a multiple of `batch` unless it is a single, smaller batch.
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
        for entries in samples.batches(batch):
            inputs, targets = self._gathered(samples, entries)
            self._collect(targets, self._test(inputs, targets))
        figures = self.figures()
        for collected in (metric for head in self.heads for metric in head.collected.values()):
            collected.reset_state()
        for tracker, stored in zip(self.trackers, kept, strict=True):
            for variable, value in zip(tracker.variables, stored, strict=True):
                variable.assign(value)
        return figures

    def rehearse(self, samples: Samples) -> None:
        """Compiles the evaluation by one small step of it, after which nothing is changed."""
        self.evaluate(samples.first(1), 1)

    def figures(self) -> dict[str, float]:
        """The running figures: `loss` and each metric; with several heads `target_metric`."""
        found = {"loss": float(self.loss_mean.result())}
        for head in self.measured:
            prefix = f"{head.target}_" if len(self.measured) > 1 else ""
            found |= {f"{prefix}{name}": float(metric.result()) for name, metric in head.metrics.items()}
            found |= {f"{prefix}{name}": metric.result() for name, metric in head.collected.items() if len(metric)}
        return found

    def reset(self) -> None:
        """Begins new running figures."""
        for tracker in self.trackers:
            tracker.reset_state()

    def _collect(self, targets: dict[str, np.ndarray], outputs: dict[str, Any]) -> None:
        """Keeps what the metrics of a whole split need of a batch."""
        for head in self.heads:
            for metric in head.collected.values():
                metric.update_state(targets[head.output], outputs[head.output])

    def _gathered(self, samples: Samples, order: np.ndarray) -> tuple[dict[str, np.ndarray], dict[str, np.ndarray]]:
        inputs, targets = samples.gather(order)
        return inputs, {head.output: head.encoded(targets[head.target]) for head in self.heads}

    def _fed(self, inputs: dict[str, Any]) -> Any:
        return inputs if isinstance(self.network.input, dict) else next(iter(inputs.values()))

    def _outputs(self, inputs: dict[str, Any], training: bool) -> dict[str, Any]:
        found = self.network(self._fed(inputs), training=training)
        return found if isinstance(found, dict) else {self.heads[0].output: found}

    def _loss(self, outputs: dict[str, Any], parts: list[Part], training: bool = False) -> Any:
        import keras

        losses = [
            head.weight * ((head.training_loss if training else None) or head.loss)(truth, outputs[head.output], sample_weight=weights)
            for part in parts
            for head in (self.heads if training else self.measured)
            for truth, weights in [head.known(part.targets[head.output], part.loss_weights)]
        ]
        return keras.ops.sum(keras.ops.stack([*losses, *(keras.ops.cast(extra, "float32") for extra in self.network.losses)]))

    def _note(self, loss: Any, outputs: dict[str, Any], parts: list[Part]) -> None:
        import keras

        size = keras.ops.shape(next(iter(outputs.values())))[0]
        self.loss_mean.update_state(loss, sample_weight=keras.ops.cast(size, "float32"))
        for part in parts:
            for head in self.heads:
                truth, shares = head.known(part.targets[head.output], part.shares)
                guess = outputs[head.output]
                if head.scale is not None:
                    truth, guess = head.scale.in_units(truth), head.scale.in_units(guess)
                for metric in head.metrics.values():
                    metric.update_state(truth, guess, sample_weight=shares)

    def _training_function(self) -> Any:
        import tensorflow as tf

        variables = self.network.trainable_variables

        def one(inputs: dict[str, Any], parts: list[Part]) -> Any:
            with tf.GradientTape() as tape:
                outputs = self._outputs(inputs, training=True)
                loss = self._loss(outputs, parts, training=True)
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
                    seen, wanted, mixture = self.augmentation.with_targets(seen, wanted, numbers[index])
                parts = _parts(wanted, None if weights is None else weights[index], mixture)
                return index + 1, losses.write(index, step(seen, parts))

            begin = (tf.constant(0), tf.TensorArray(tf.float32, size=steps))
            return tf.while_loop(lambda index, _: index < steps, next_step, begin)[1].stack()

        return _with_open_shapes(several, leading=2)

    def _evaluation_function(self) -> Any:
        def one(inputs: dict[str, Any], targets: dict[str, Any]) -> dict[str, Any]:
            outputs = self._outputs(inputs, training=False)
            parts = [Part(targets)]
            self._note(self._loss(outputs, parts), outputs, parts)
            return {head.output: outputs[head.output] for head in self.heads if head.collected}

        return _with_open_shapes(one, leading=1, known=self._known_shapes())

    def _known_shapes(self) -> dict[str, tuple[int | None, ...]]:
        """What the network takes and gives for one sample, by the names of inputs and targets; None stands for sizes that vary."""
        taken, given = self.network.input, self.network.output
        inputs = taken if isinstance(taken, dict) else {taken.name: taken}
        outputs = given if isinstance(given, dict) else {self.heads[0].output: given}
        return {name: tuple(tensor.shape[1:]) for name, tensor in {**inputs, **outputs}.items()}


def _in_batches(arrays: dict[str, np.ndarray], steps: int, batch: int) -> dict[str, np.ndarray]:
    return {name: array.reshape(steps, min(batch, len(array)), *array.shape[1:]) for name, array in arrays.items()}


def _with_open_shapes(function: Any, leading: int, known: Mapping[str, tuple[int | None, ...]] | None = None) -> Any:
    """Compiles a function once for all lengths of the leading axes (steps, batch), so that a smaller last batch costs no new trace.

    Without autograph, which would take a second to rewrite sources that have nothing to rewrite.

    Args:
        known: Shapes of samples by name; what is None in them is left open too.
    """
    import tensorflow as tf

    compiled: dict[int, Any] = {}

    def spec(array: Any, axes: int, name: str = "") -> Any:
        shape = array.shape[axes:]
        told = (known or {}).get(name, shape)
        sizes = [None if wanted is None else size for size, wanted in zip(shape, told, strict=True)] if len(told) == len(shape) else shape
        return tf.TensorSpec((*(None,) * axes, *sizes), array.dtype)

    def call(inputs: dict[str, Any], targets: dict[str, Any], *others: Any) -> Any:
        if len(others) not in compiled:
            signature = [{name: spec(array, leading, name) for name, array in values.items()} for values in (inputs, targets)]
            extra = [spec(array, array.ndim) for array in others]
            compiled[len(others)] = tf.function(function, input_signature=[*signature, *extra], autograph=False)
        return compiled[len(others)](inputs, targets, *others)

    return call
