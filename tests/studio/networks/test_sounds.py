"""Sounds as a network hears them: rate, length, and the same numbers from training to export."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import tensorflow as tf

from studio.datasets.readers.sounds import encode_wav
from studio.networks.sounds import fitted, heard, resampled
from tests.studio.datasets.sounds import tone, wav

RATE = 8_000


def changed(values: np.ndarray, given: int, rate: int, samples: int) -> np.ndarray:
    found: np.ndarray = resampled(tf.constant(values, tf.float32), tf.constant(given), rate, samples).numpy()
    return found


@pytest.mark.parametrize("given", [4_000, 7_999, 11_025, 16_000, 22_050, 44_100, 48_000])
def test_a_tone_is_the_same_tone_at_another_rate(given: int) -> None:
    values = np.sin(2 * np.pi * 500 * np.arange(given) / given)
    found = changed(values, given, RATE, RATE)
    assert found.shape == (RATE,)
    expected = np.sin(2 * np.pi * 500 * np.arange(RATE) / RATE)
    assert np.abs(found - expected)[300:-300].max() < 1e-3


def test_what_the_new_rate_can_not_hold_is_gone() -> None:
    values = np.sin(2 * np.pi * 9_000 * np.arange(44_100) / 44_100)
    assert np.abs(changed(values, 44_100, RATE, RATE))[300:-300].max() < 1e-3


def test_a_constant_stays_constant_and_only_so_much_is_made() -> None:
    assert changed(np.full(44_100, 0.25), 44_100, RATE, 1_000)[400:].tolist() == pytest.approx([0.25] * 600, abs=1e-6)
    assert changed(np.ones(10), 44_100, RATE, 1_000).shape == (2,)


@pytest.mark.parametrize("count", [1, 10, 999, 1_000, 1_001, 50_000])
@pytest.mark.parametrize("given", [RATE, 44_100, 5_003])
def test_every_length_comes_out_as_one(count: int, given: int) -> None:
    found = fitted(tf.fill((count,), 0.5), tf.constant(given), RATE, 1_000).numpy()
    assert found.shape == (1_000,)
    assert np.isfinite(found).all()
    assert found[0] != 0


def test_short_sounds_end_in_silence_and_long_ones_give_their_loudest_stretch() -> None:
    short = fitted(tf.fill((300,), 0.5), tf.constant(RATE), RATE, 1_000).numpy()
    assert (short[:300] == 0.5).all()
    assert (short[300:] == 0).all()
    values = np.zeros(RATE * 4, np.float32)
    values[20_000:20_500] = 0.5
    long = fitted(tf.constant(values), tf.constant(RATE), RATE, 1_000).numpy()
    assert long.sum() == pytest.approx(250)
    even = np.arange(RATE * 4, dtype=np.float32) % 7 - 3
    assert (fitted(tf.constant(even), tf.constant(RATE), RATE, 1_000).numpy() == even[:1_000]).all(), "of equally loud ones the first"


def test_the_same_in_one_call_or_compiled_and_channels_are_averaged() -> None:
    both = np.stack([tone(300, rate=11_025), tone(1_200, rate=11_025)], axis=1)
    content = wav(both, 11_025)
    compiled = tf.function(lambda value: heard(value, RATE, 1_500), input_signature=[tf.TensorSpec((), tf.string)])
    found = compiled(tf.constant(content)).numpy()
    assert found.tolist() == heard(tf.constant(content), RATE, 1_500).numpy().tolist()
    mono: Any = wav(both.mean(axis=1), 11_025)
    assert np.abs(found - heard(tf.constant(mono), RATE, 1_500).numpy()).max() < 1e-4


def test_what_we_write_is_what_is_heard() -> None:
    values = np.array([-1.0, -0.5, 0.0, 0.25, 0.999])
    found = heard(tf.constant(encode_wav(values, RATE)), RATE, 5).numpy()
    assert found.tolist() == pytest.approx(values.tolist(), abs=2e-3)
