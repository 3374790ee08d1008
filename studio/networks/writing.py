"""How a network writes a text: it is asked again and again, each time with what it has written so far."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from blocks.features import END, PADDING, START, UNKNOWN, Feature
from studio.datasets import tokens

if TYPE_CHECKING:
    import keras

Network = Callable[[dict[str, Any]], dict[str, Any]]
"""From the values at its Inputs to what it gives, by output id."""
LENGTH_PENALTY = 0.6
"""How much longer texts are favoured (alpha of Wu et al., 2016, arXiv:1609.08144, equation 14), since by probabilities alone short ones win."""
STEPS = 16
"""Tokens that are written before texts that have ended are left out."""
NEVER = (PADDING, START, UNKNOWN)
"""Tokens that are no part of an answer."""


@dataclass(frozen=True)
class Pen:
    """Where a network that writes is told what is already written.

    Args:
        before: The Input of its trained part.
        output: The Output whose answer goes on there.
        length: Tokens of the longest text.
    """

    before: str
    output: str
    length: int


def spelled(target: str) -> str:
    """The name under which the true texts of a target stand beside its tokens."""
    return f"{target} as text"


class Writer:
    """A network that writes texts.

    Args:
        target: What it writes.
        beams: Beginnings that are followed side by side; 1 takes the likeliest token each time.
    """

    def __init__(self, network: keras.Model, pen: Pen, target: Feature, beams: int = 1) -> None:
        import tensorflow as tf

        self.pen, self.target, self._beams = pen, target, beams
        self._others = [name for name in network.input if name != pen.before]

        def call(fed: dict[str, Any]) -> dict[str, Any]:
            return by_output(network(fed, training=False), pen.output)

        def searched(given: dict[str, Any]) -> tuple[Any, Any]:
            found = beamed(call, given, pen, beams)
            return found.numbers[:, 0], found.probabilities[:, 0]

        def continued(given: dict[str, Any], prefix: Any, place: Any) -> tuple[Any, Any]:
            done = tf.fill((tf.shape(prefix)[0],), False)
            return went_on(call, given, pen, prefix, done, place, tf.minimum(place + STEPS, pen.length - 1))

        def read(given: dict[str, Any], prefix: Any) -> tuple[Any, Any]:
            return told(call({**given, pen.before: prefix})[pen.output])

        functions = (tf.function(each, reduce_retracing=True, autograph=False) for each in (searched, continued, read))
        self._searched, self._continued, self._read = functions

    def __call__(self, inputs: Mapping[str, Any]) -> tuple[np.ndarray, np.ndarray]:
        """The texts that it writes to these values of its other Inputs, and how probable each is."""
        import tensorflow as tf

        given = {name: tf.convert_to_tensor(inputs[name]) for name in self._others}
        numbers, probabilities = self._searched(given) if self._beams > 1 else self._read(given, self._written(given))
        return np.array(texts_of(numbers.numpy(), self.target), dtype=object), probabilities.numpy()

    def _written(self, given: dict[str, Any]) -> np.ndarray:
        """What is written before each token of the texts. Those that have ended are asked no more: one that finds no end would hold all up."""
        import tensorflow as tf

        prefix: np.ndarray = begun(len(next(iter(given.values()))), self.pen).numpy()
        rows = np.arange(len(prefix))
        for place in range(0, self.pen.length - 1, STEPS):
            mine = {name: tf.gather(values, rows) for name, values in given.items()}
            longer, done = self._continued(mine, tf.constant(prefix[rows]), tf.constant(place))
            prefix[rows] = longer.numpy()
            rows = rows[~done.numpy()]
            if not len(rows):
                break
        return prefix


def by_output(found: Any, output: str) -> dict[str, Any]:
    """What a network gives by output, also of one that has a single one."""
    return found if isinstance(found, dict) else {output: found}


def pens(features: Sequence[Feature], bound: Mapping[str, str], cuts: Mapping[str, str], outputs: Mapping[str, str]) -> list[Pen]:
    """What a network writes.

    Args:
        bound: Features by Input of the whole graph.
        cuts: The Input of the trained part by that.
        outputs: Targets by Output.
    """
    known = {feature.name: feature for feature in features}
    heads = {target: output for output, target in outputs.items()}
    found = []
    for node, name in bound.items():
        feature = known.get(name)
        if feature is not None and not feature.is_given and feature.column in heads:
            found.append(Pen(cuts[node], heads[feature.column], feature.shape[0] or 1))
    return found


def written(network: Network, given: dict[str, Any], pen: Pen) -> dict[str, Any]:
    """What a network gives at each place of the text that it writes itself, taking the likeliest token each time (in TensorFlow).

    A token depends on those before it only, so the likeliest tokens of what comes back are the text (`chosen`).

    Args:
        given: The values at all other Inputs.
    """
    import tensorflow as tf

    count = tf.shape(next(iter(given.values())))[0]
    prefix, _ = went_on(network, given, pen, begun(count, pen), tf.fill((count,), False), tf.constant(0), tf.constant(pen.length - 1))
    return network({**given, pen.before: prefix})


def begun(count: Any, pen: Pen) -> Any:
    """What is written before anything is: (count, length) tokens (in TensorFlow)."""
    import tensorflow as tf

    return tf.concat([tf.fill((count, 1), START), tf.fill((count, pen.length - 1), PADDING)], axis=1)


def went_on(network: Network, given: dict[str, Any], pen: Pen, prefix: Any, done: Any, place: Any, end: Any) -> tuple[Any, Any]:
    """Texts that were written up to a place, written up to another one, and which of them have ended (in TensorFlow).

    Args:
        prefix: What is written before each token, (texts, length).
        done: Which texts have ended already, (texts,).
    """
    import tensorflow as tf

    places = tf.range(pen.length)[None]

    def going(place: Any, _: Any, done: Any) -> Any:
        return (place < end) & ~tf.reduce_all(done)

    def on(place: Any, prefix: Any, done: Any) -> tuple[Any, ...]:
        token = tf.where(done, PADDING, chosen(network({**given, pen.before: prefix})[pen.output][:, place]))
        done |= token == END
        return place + 1, tf.where((places == place + 1) & ~done[:, None], token[:, None], prefix), done

    shapes = (tf.TensorShape(()), tf.TensorShape((None, pen.length)), tf.TensorShape((None,)))
    _, prefix, done = tf.while_loop(going, on, (place, prefix, done), shape_invariants=shapes)
    return prefix, done


def chosen(probabilities: Any) -> Any:
    """The likeliest token of each place that can be part of an answer: int32 (in TensorFlow)."""
    import tensorflow as tf

    return tf.argmax(probabilities - 2.0 * never(probabilities.shape[-1]), axis=-1, output_type=tf.int32)


def never(size: int) -> np.ndarray:
    """1 for each token that is no part of an answer, 0 for the others."""
    found = np.zeros(size, np.float32)
    found[list(NEVER)] = 1.0
    return found


def told(probabilities: Any) -> tuple[Any, Any]:
    """The tokens of texts up to their ends, and how probable each text is (in TensorFlow)."""
    import tensorflow as tf

    numbers = chosen(probabilities)
    ended = tf.cumsum(tf.cast(numbers == END, tf.int32), axis=-1, exclusive=True) > 0
    sure = tf.gather(probabilities, numbers, batch_dims=2)
    return tf.where(ended, PADDING, numbers), tf.reduce_prod(tf.where(ended, 1.0, sure), axis=-1)


class Beam(NamedTuple):
    """The best texts that were found for each sample, the best first.

    Args:
        numbers: Tokens, (samples, beams, length).
        probabilities: Of the whole texts, (samples, beams).
    """

    numbers: Any
    probabilities: Any


def beamed(network: Network, given: dict[str, Any], pen: Pen, beams: int) -> Beam:
    """The likeliest texts, found by following the best beginnings side by side (beam search, in TensorFlow)."""
    import tensorflow as tf

    count = tf.shape(next(iter(given.values())))[0]
    many = {name: tf.repeat(values, beams, axis=0) for name, values in given.items()}
    places = tf.range(pen.length)[None, None]
    numbers = tf.fill((count, beams, pen.length), PADDING)
    prefix = tf.concat([tf.fill((count, beams, 1), START), numbers[:, :, 1:]], axis=2)
    scores = tf.tile(tf.constant([[0.0] + [-1e9] * (beams - 1)]), (count, 1))

    def going(place: Any, _: Any, __: Any, ___: Any, done: Any) -> Any:
        return (place < pen.length) & ~tf.reduce_all(done)

    def on(place: Any, numbers: Any, prefix: Any, scores: Any, done: Any) -> tuple[Any, ...]:
        outputs = network({**many, pen.before: tf.reshape(prefix, (-1, pen.length))})[pen.output][:, place]
        size = outputs.shape[-1]
        likely = tf.math.log(tf.maximum(tf.reshape(outputs, (count, beams, size)), 1e-30)) - 1e9 * never(size)
        stays = np.full(size, -1e9, np.float32)
        stays[PADDING] = 0.0
        summed = scores[..., None] + tf.where(done[..., None], stays, likely)
        fairness = ((5.0 + tf.cast(place + 1, tf.float32)) / 6.0) ** LENGTH_PENALTY
        written = tf.reduce_sum(tf.cast(numbers != PADDING, tf.float32), axis=-1)
        ended = ((5.0 + written) / 6.0) ** LENGTH_PENALTY
        ranked = summed / tf.where(done, ended, fairness)[..., None]
        _, best = tf.math.top_k(tf.reshape(ranked, (count, beams * size)), beams)
        origin, token = best // size, best % size
        scores = tf.gather(tf.reshape(summed, (count, beams * size)), best, batch_dims=1)
        numbers, prefix, done = (tf.gather(values, origin, batch_dims=1) for values in (numbers, prefix, done))
        numbers = tf.where((places == place) & ~done[..., None], token[..., None], numbers)
        done |= token == END
        prefix = tf.where((places == place + 1) & ~done[..., None], token[..., None], prefix)
        return place + 1, numbers, prefix, scores, done

    begin = (tf.constant(0), numbers, prefix, scores, tf.fill((count, beams), False))
    shapes = tuple(tf.TensorShape(shape) for shape in ((), *((None, beams, pen.length),) * 2, (None, beams), (None, beams)))
    _, numbers, _, scores, _ = tf.while_loop(going, on, begin, shape_invariants=shapes)
    return Beam(numbers, tf.exp(scores))


def texts_of(numbers: np.ndarray, target: Feature) -> list[str]:
    """The texts of rows of tokens."""
    return tokens.decoded(numbers, target.classes or (), target.statistics["level"])
