"""Losses and metrics of pictures against NumPy and Pillow."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from PIL import Image

from blocks.features import Feature
from studio.settings import losses, metrics
from tests.studio.settings.targets import COPY, NUMBER, PICTURE


def of_scale(scale: int) -> Feature:
    return PICTURE.model_copy(update={"statistics": {"scale": scale}})


def pair(height: int = 48, width: int = 36, channels: int = 3) -> tuple[np.ndarray, np.ndarray]:
    """A smooth picture in bytes, and one a little off, from 0 to 1; both with a batch axis of two."""
    random = np.random.default_rng(3)
    found = []
    for _ in range(2):
        rough = random.integers(0, 256, (height // 4, width // 4, channels), dtype=np.uint8)
        smooth = np.asarray(Image.fromarray(rough[..., 0] if channels == 1 else rough).resize((width, height), Image.Resampling.BICUBIC))
        found.append(smooth.reshape(height, width, channels))
    true = np.stack(found)
    return true, np.clip(true / 255 + random.normal(0, 0.03, true.shape), 0, 1).astype(np.float32)


def luma(pixels: np.ndarray) -> np.ndarray:
    """Y of BT.601 as it is written down there."""
    return pixels[..., 0].astype(float) if pixels.shape[-1] == 1 else 16 + pixels.astype(float) @ np.array([65.481, 128.553, 24.966]) / 255


def decibels(true: np.ndarray, made: np.ndarray, border: int) -> float:
    inside = slice(border, -border or None)
    error = (luma(true) - luma(made))[inside, inside]
    return float(10 * np.log10(255**2 / (error**2).mean()))


def measured(name: str, target: Feature, true: np.ndarray, made: np.ndarray, weights: Any = None) -> float:
    metric = metrics.read(name).make(target)
    metric.update_state(true, made, sample_weight=weights)
    return float(metric.result())


@pytest.mark.parametrize("scale", [1, 2, 3, 4])
@pytest.mark.parametrize("channels", [1, 3])
def test_psnr(scale: int, channels: int) -> None:
    true, made = pair(channels=channels)
    rounded = np.round(made * 255)
    each = [decibels(one, other, scale if scale > 1 else 0) for one, other in zip(true, rounded, strict=True)]
    assert measured("psnr", of_scale(scale), true, made) == pytest.approx(np.mean(each), abs=1e-3)
    assert measured("psnr", of_scale(scale), true, made, np.array([1.0, 3.0])) == pytest.approx((each[0] + 3 * each[1]) / 4, abs=1e-3)


def test_equal_pictures_have_a_psnr() -> None:
    true, _ = pair()
    assert measured("psnr", of_scale(1), true, true / 255) == 100.0


@pytest.mark.parametrize("scale", [2, 3, 4])
def test_psnr_of_bicubic_is_that_of_pillow(scale: int) -> None:
    true, made = pair()
    each = []
    for one in true:
        picture = Image.fromarray(one)
        small = picture.resize((picture.width // scale, picture.height // scale), Image.Resampling.BICUBIC)
        each.append(decibels(one, np.asarray(small.resize(picture.size, Image.Resampling.BICUBIC)), scale))
    assert measured("psnr_bicubic", of_scale(scale), true, made) == pytest.approx(np.mean(each), abs=0.02)
    assert not metrics.get("psnr_bicubic").fits(of_scale(1))


def test_ssim() -> None:
    true, made = pair()
    places = np.arange(11) - 5
    window = np.exp(-(places[:, None] ** 2 + places[None] ** 2) / (2 * 1.5**2))
    window /= window.sum()
    each = []
    for one, other in zip(luma(true), luma(np.round(made * 255)), strict=True):
        found = []
        for top in range(one.shape[0] - 10):
            for left in range(one.shape[1] - 10):
                a, b = (values[top : top + 11, left : left + 11] for values in (one, other))
                m, n = (a * window).sum(), (b * window).sum()
                v, w, s = ((a - m) ** 2 * window).sum(), ((b - n) ** 2 * window).sum(), ((a - m) * (b - n) * window).sum()
                c1, c2 = 2.55**2, 7.65**2
                found.append((2 * m * n + c1) * (2 * s + c2) / ((m**2 + n**2 + c1) * (v + w + c2)))
        each.append(np.mean(found))
    assert measured("ssim", of_scale(1), true, made) == pytest.approx(np.mean(each), abs=2e-4)


@pytest.mark.parametrize("side", [7, 8])
def test_ssim_of_pictures_smaller_than_its_window(side: int) -> None:
    true = np.random.default_rng(0).integers(0, 256, (1, side, side, 1), dtype=np.uint8)
    assert measured("ssim", COPY, true, true.astype(np.float32) / 255) == pytest.approx(1.0)


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("mean_absolute_error", lambda error: np.abs(error).mean()),
        ("mean_squared_error", lambda error: (error**2).mean()),
        ("charbonnier", lambda error: np.sqrt(error**2 + 0.001**2).mean()),
    ],
)
def test_losses_judge_by_bytes(name: str, expected: Any) -> None:
    import keras

    true, made = pair()
    loss = losses.read(name).make(PICTURE)
    assert loss.name == name
    assert float(loss(true, made)) == pytest.approx(expected(made - true / 255), rel=1e-4)
    again = keras.saving.deserialize_keras_object(keras.saving.serialize_keras_object(loss))
    assert float(again(true, made)) == pytest.approx(float(loss(true, made)))


def test_mse_of_pictures_is_that_of_values_from_0_to_1() -> None:
    true, made = pair()
    assert measured("mse", COPY, true, made) == pytest.approx(((made - true / 255) ** 2).mean(), rel=1e-4)
    assert measured("mse", NUMBER, true[0, :, 0, 0].astype("float32"), made[0, :, 0, :1]) > 1


def test_what_is_preselected() -> None:
    assert losses.default_for(PICTURE).name == "mean_absolute_error"
    assert losses.default_for(COPY).name == "mean_squared_error"
    assert [metric.name for metric in metrics.default_for(PICTURE)] == ["psnr", "psnr_bicubic", "ssim"]
    assert [metric.name for metric in metrics.default_for(of_scale(1))] == ["psnr", "ssim"]
    assert [metric.name for metric in metrics.default_for(COPY)] == ["mse", "psnr", "ssim"]
    assert set(losses.fitting(PICTURE)) == {"mean_absolute_error", "mean_squared_error", "charbonnier"}
