"""Spectrograms: equal to a plain computation and to Keras, sound by sound, and fit for a front."""

from __future__ import annotations

from typing import Any

import keras
import numpy as np
import pytest

import blocks
from blocks import Graph, analyse, build
from studio.networks.front import split

SOUND = np.stack([np.sin(np.arange(1000) * 0.3), 1e-4 * np.random.default_rng(0).normal(size=1000), np.sin(np.arange(1000) ** 1.5 * 0.01)])
SOUND = SOUND.astype("float32")


def graph(block: str, params: dict[str, Any], shape: list[int]) -> Graph:
    nodes = {"x": {"block": "Input", "params": {"shape": shape}}, "b": {"block": block, "params": params, "inputs": ["x"]}}
    return Graph.model_validate({"nodes": nodes})


def errors(block: str, params: dict[str, Any], shape: list[int]) -> list[str]:
    return [message.text for message in analyse(graph(block, params, shape)).errors]


def frames(sound: np.ndarray, length: int, step: int, window: np.ndarray, fft: int) -> np.ndarray:
    """The complex spectrum of each frame."""
    count = (len(sound) - length) // step + 1
    cut = np.stack([sound[start * step : start * step + length] * window for start in range(count)]).astype(np.float64)
    return np.fft.rfft(cut, fft)


@pytest.mark.parametrize("mode", ["log", "magnitude", "psd", "real", "imag"])
@pytest.mark.parametrize(("length", "step", "fft"), [(64, 32, 64), (100, 40, 128)])
def test_frames_equal_a_plain_computation(mode: str, length: int, step: int, fft: int) -> None:
    params = {"mode": mode, "frame_length": length, "frame_step": step, "fft_length": fft, "scaling": "density"}
    found = build(graph("STFTSpectrogram", params, [1000]))(SOUND).numpy()
    window = np.hanning(length)
    for number, sound in enumerate(SOUND):
        spectrum = frames(sound, length, step, window / np.sqrt((window**2).sum()), fft)
        power = np.abs(spectrum) ** 2
        loud = np.sqrt(np.maximum(power, 1e-7))
        twice = power + np.pad(power[:, 1:-1], ((0, 0), (1, 1)))
        expected = {"log": np.log(loud), "magnitude": loud, "psd": twice, "real": spectrum.real, "imag": spectrum.imag}[mode]
        np.testing.assert_allclose(found[number], expected, atol=1e-2 if mode == "log" else 1e-4)


def test_several_channels_and_pictures_equal_keras() -> None:
    stereo = np.stack([SOUND, SOUND[::-1]], axis=-1)
    for params in ({}, {"expand_dims": True}, {"mode": "stft"}, {"padding": "same", "window": "hamming", "periodic": True, "scaling": "spectrum"}):
        given = {"frame_length": 64, **params}
        found = build(graph("STFTSpectrogram", given, [1000, 2]))(stereo)
        np.testing.assert_allclose(found, keras.layers.STFTSpectrogram(**given)(stereo), atol=1e-5)


def test_its_waves_are_not_trained_and_stay_in_the_front() -> None:
    found = analyse(graph("STFTSpectrogram", {"frame_length": 64}, [1000]))
    assert (found.nodes["b"].weights, found.nodes["b"].trainable_weights) == (2 * 64 * 33, 0)
    nodes = {
        "x": {"block": "Input", "params": {"shape": [1000]}},
        "b": {"block": "STFTSpectrogram", "params": {"frame_length": 64, "expand_dims": True}, "inputs": ["x"]},
        "move": {"block": "RandomTranslation", "inputs": ["b"]},
        "flat": {"block": "Flatten", "inputs": ["move"]},
        "label": {"block": "Output", "params": {"units": 2}, "inputs": ["flat"]},
    }
    parts = split(Graph.model_validate({"nodes": nodes}))
    assert parts.cuts == {"x": "b"}
    assert parts.network.nodes["b"].params["shape"] == [30, 33, 1]


@pytest.mark.parametrize("samples", [1000, 1023, 512, 527])
@pytest.mark.parametrize("fft_length", [256, 255, 100])
def test_steps_are_as_many_as_said(samples: int, fft_length: int) -> None:
    params = {"fft_length": fft_length, "sequence_stride": 64, "num_mel_bins": 8, "sampling_rate": 8000}
    found = analyse(graph("MelSpectrogram", params, [samples])).nodes["b"].output_shapes[0]
    sound = np.resize(SOUND[0], (1, samples)).astype("float32")
    assert build(graph("MelSpectrogram", params, [samples]))(sound).shape[1:] == found


@pytest.mark.parametrize(
    "params", [{}, {"power_to_db": False}, {"mag_exp": 1.0, "top_db": 20.0, "ref_power": 5.0}, {"window": None, "max_freq": 2000.0}]
)
def test_pitches_equal_keras_sound_by_sound(params: dict[str, Any]) -> None:
    given = {"fft_length": 256, "sequence_stride": 64, "num_mel_bins": 12, "sampling_rate": 8000, **params}
    found = build(graph("MelSpectrogram", given, [1000]))(SOUND).numpy()
    layer = keras.layers.MelSpectrogram(**given)
    expected = np.stack([np.asarray(layer(sound[None]))[0].T for sound in SOUND])
    np.testing.assert_allclose(found, expected, atol=1e-3)


def test_keras_cuts_off_below_the_loudest_sound_of_the_batch() -> None:
    """The reason for our own layer; when this fails, Keras has mended it."""
    given = {"fft_length": 256, "sequence_stride": 64, "num_mel_bins": 12, "sampling_rate": 8000}
    layer = keras.layers.MelSpectrogram(**given)
    assert np.abs(np.asarray(layer(SOUND))[1] - np.asarray(layer(SOUND[1:2]))[0]).max() > 1
    model = build(graph("MelSpectrogram", given, [1000]))
    np.testing.assert_allclose(model(SOUND)[1], model(SOUND[1:2])[0], atol=1e-4)


def test_what_does_not_fit_is_refused() -> None:
    assert "Expected: at most the 100 samples. Received: 256" in errors("STFTSpectrogram", {}, [100])[0]
    assert "Expected: below twice the 1000 samples. Received: 2048" in errors("MelSpectrogram", {}, [1000])[0]
    for block, params in (
        ("STFTSpectrogram", {"frame_step": 300}),
        ("STFTSpectrogram", {"fft_length": 257}),
        ("MelSpectrogram", {"max_freq": 9000}),
        ("MelSpectrogram", {"min_freq": 8000}),
        ("MelSpectrogram", {"sequence_length": 4096}),
    ):
        with pytest.raises(blocks.InvalidValueError, match=block):
            blocks.get(block).read(params)


def test_how_loud_a_whole_sound_is_does_not_count_where_it_is_centered() -> None:
    params = {"fft_length": 64, "sequence_stride": 32, "num_mel_bins": 8, "sampling_rate": 8000, "top_db": 30.0}
    sound = SOUND[:1].astype("float32")
    plain, centered = (build(graph("MelSpectrogram", {**params, "centered": each}, [SOUND.shape[1]])) for each in (False, True))
    expected = np.asarray(plain(sound))
    np.testing.assert_allclose(np.asarray(centered(sound)), expected - expected.mean(), atol=1e-4)
    np.testing.assert_allclose(np.asarray(centered(sound * 0.1)), np.asarray(centered(sound)), atol=1e-2)
