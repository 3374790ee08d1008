"""Encoded sounds as TensorFlow operations, so that an exported model hears a file exactly as training does."""

from __future__ import annotations

from typing import Any

import numpy as np

ZEROS = 16
"""Zero crossings of the sinc to either side: what lies above half of the lower rate is gone, what lies below stays."""
_BLOCKS_PER_SECOND = 100
_AS_LOUD = 1 - 1e-4
"""A stretch of this share of the loudest one's energy counts as loud, so that rounding does not choose."""


def heard(content: Any, rate: int, samples: int) -> Any:
    """One sound from its bytes, as a network takes it: float32 (samples,), at the rate, the mean of its channels.

    Args:
        content: A WAV file in 16-bit PCM, a scalar string tensor.
        rate: Samples per second.
        samples: Longer sounds give their loudest stretch, shorter ones end in silence.
    """
    import tensorflow as tf

    found = tf.audio.decode_wav(content)
    return fitted(tf.reduce_mean(found.audio, axis=-1), found.sample_rate, rate, samples)


def fitted(values: Any, given: Any, rate: int, samples: int) -> Any:
    """A sound brought to another rate and length.

    Args:
        values: float32 (any length).
        given: Its rate, an int32 scalar tensor.
    """
    import tensorflow as tf

    # Cut before the rate is changed, so that the work never depends on the length of the file.
    needed = (tf.cast(samples, tf.int64) * tf.cast(given, tf.int64) + rate - 1) // rate
    values = _loudest(values, tf.cast(needed, tf.int32), given)
    same = tf.equal(given, rate)
    changed = tf.cond(same, lambda: values[:samples], lambda: resampled(values, given, rate, samples))
    padded = tf.pad(changed, [[0, tf.maximum(samples - tf.shape(changed)[0], 0)]])
    return tf.ensure_shape(padded[:samples], (samples,))


def resampled(values: Any, given: Any, rate: int, samples: int) -> Any:
    """A sound at another rate, by a sinc under a Hann window; at most so many samples of it.

    Source: Smith (1984), A flexible sampling-rate conversion method, doi:10.1109/ICASSP.1984.1172555.

    Args:
        values: float32 (any length).
        given: Its rate, an int32 scalar tensor.
    """
    import tensorflow as tf

    count = tf.shape(values, out_type=tf.int64)[0]
    given64, rate64 = tf.cast(given, tf.int64), tf.constant(rate, tf.int64)
    common = _common_divisor(given64, rate64)
    up, down = rate64 // common, given64 // common
    length = tf.minimum(tf.constant(samples, tf.int64), (count * up + down - 1) // down)
    # The place of an output sample among the inputs repeats after `up` of them: weights are computed for these phases alone.
    phases = tf.minimum(up, length)
    rounds = (length + phases - 1) // tf.maximum(phases, 1)
    place = tf.range(phases) * down
    fraction = tf.cast(place % up, tf.float64) / tf.cast(up, tf.float64)
    narrowed = tf.minimum(tf.cast(up, tf.float64) / tf.cast(down, tf.float64), 1.0)
    reach = tf.cast(tf.math.ceil(ZEROS / narrowed), tf.int64)
    taps = tf.range(1 - reach, reach + 1)
    distance = tf.cast(taps, tf.float64)[None, :] - fraction[:, None]
    weights = _sinc(distance * narrowed) * tf.square(tf.cos(np.pi / 2 * tf.minimum(tf.abs(distance) * narrowed / ZEROS, 1.0)))
    weights = tf.cast(weights / tf.reduce_sum(weights, axis=1, keepdims=True), tf.float32)
    around = tf.pad(values, [[reach, reach + 1]])
    starts = (tf.range(rounds) * down)[:, None] + (place // up)[None, :]
    seen = tf.gather(around, tf.minimum(starts[..., None] + (taps + reach), count + 2 * reach))
    return tf.reshape(tf.einsum("rpt,pt->rp", seen, weights), (-1,))[:length]


def _loudest(values: Any, needed: Any, given: Any) -> Any:
    """The stretch of so many samples that holds most energy, the first of those that are as loud; sounds that are shorter whole."""
    import tensorflow as tf

    count = tf.shape(values)[0]

    def stretch() -> Any:
        step = tf.maximum(given // _BLOCKS_PER_SECOND, 1)
        blocks = count // step
        energy = tf.reduce_sum(tf.square(tf.reshape(values[: blocks * step], (blocks, step))), axis=1)
        summed = tf.concat([[0.0], tf.cumsum(tf.cast(energy, tf.float64))], axis=0)
        width = tf.minimum(needed // step, blocks)
        within = summed[width:] - summed[: blocks + 1 - width]
        first = tf.argmax(tf.cast(within >= _AS_LOUD * tf.reduce_max(within), tf.int32), output_type=tf.int32)
        start = tf.minimum(first * step, count - needed)
        return values[start : start + needed]

    return tf.cond(count > needed, stretch, lambda: values)


def _sinc(place: Any) -> Any:
    import tensorflow as tf

    turned = np.pi * tf.where(tf.equal(place, 0), tf.ones_like(place), place)
    return tf.where(tf.equal(place, 0), tf.ones_like(place), tf.sin(turned) / turned)


def _common_divisor(first: Any, second: Any) -> Any:
    import tensorflow as tf

    return tf.while_loop(lambda _, rest: rest > 0, lambda whole, rest: (rest, whole % rest), (first, second))[0]
