"""Sounds: files in WAV, FLAC, OGG or MP3; exported models take WAV."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from blocks.features import Feature
from studio.datasets.limits import Limits
from studio.datasets.readers.sounds import SUFFIXES, SoundError, read_sound
from studio.datasets.report import Report
from studio.evaluation.asking.base import Asking, Batch, Plain, Port, Usage, refuse_other
from studio.evaluation.asking.pictures import contents_of
from studio.evaluation.errors import EvaluationError
from studio.networks.sounds import heard


class Sounds(Asking):
    """Encoded sounds of any rate and length."""

    kinds = ("sound",)
    noun = "sounds"
    called = "audio"
    step = 32
    encoded = True
    suffixes = SUFFIXES

    def files(self, paths: Sequence[Path], port: Port, features: Sequence[Feature]) -> list[Batch]:  # noqa: ARG002
        return [of_sounds(contents_of(paths, self.suffixes), port)]

    def contents(self, contents: Iterable[tuple[str, bytes | str]], port: Port) -> Batch:
        return of_sounds(contents, port)

    def entered(self, port: Port, inputs: Mapping[str, Any], front: Any) -> Any:
        import tensorflow as tf

        samples = port.shape[0] or 0
        spec = tf.TensorSpec((samples,), tf.float32)
        return self.entered_plain(
            port, tf.map_fn(lambda content: heard(content, _rate(port), samples), inputs[port.name], fn_output_signature=spec), front
        )

    def plain(self, port: Port) -> Plain:
        rate, samples = _rate(port), port.shape[0]
        lines = (
            f'Signature "waveform": waveform, float32 (batch, {samples}), from -1 to 1: one channel at {rate} samples per second.',
            "",
            f'In "audio" the channels are averaged and the rate is changed to {rate} Hz; of what is longer than {_seconds(port):.3g} s the',
            "loudest stretch is heard, and what is shorter ends in silence.",
        )
        return Plain("waveform", port.shape, "float32", lines)

    def decoded(self, port: Port, values: Any) -> Any:
        return np.stack([heard(content, _rate(port), port.shape[0] or 0).numpy() for content in values])

    def usage(self, port: Port) -> Usage:
        raw = f'{{"{port.name}": tf.constant([open(file, "rb").read() for file in files])}}'
        return Usage("client.py SOUND.wav ...", "files = sys.argv[1:]", raw, "files")

    def usage_layered(self, port: Port) -> Usage:
        samples = port.shape[0]
        raw = f"tf.audio.decode_wav(open(file, 'rb').read(), 1, {samples}).audio[None, :, 0]"
        return Usage(f"client.py SOUND.wav ...   (at {_rate(port)} samples per second)", "for file in sys.argv[1:]:", raw, "file")

    def described(self, port: Port, feature: str) -> str:  # noqa: ARG002
        return "string, the bytes of a WAV file (16-bit PCM) of any rate and length"

    def described_layered(self, port: Port, feature: str) -> str:  # noqa: ARG002
        return f"float32 (batch, {port.shape[0]}), from -1 to 1: one channel at {_rate(port)} samples per second, {_seconds(port):.3g} s"


def of_sounds(contents: Iterable[tuple[str, bytes | str]], port: Port) -> Batch:
    """Encoded sounds with their names; a text in the place of bytes says why there are none. Read as the import reads them.

    Raises:
        EvaluationError: The network takes no sounds, or none of these is one.
    """
    refuse_other(port, Sounds.kinds, "sounds")
    report, limit = Report(), Limits().sound_values
    kept, names = [], []
    for name, content in contents:
        try:
            if isinstance(content, str):
                raise SoundError(content)
            kept.append(read_sound(content, limit).data)
            names.append(name)
        except SoundError as error:
            report.leave_out("sound", str(error), name)
    warnings = report.warnings()
    if not kept:
        raise EvaluationError(warnings[0] if warnings else "There is no WAV, FLAC, OGG or MP3 sound.")
    return Batch(names, {port.name: np.array(kept, dtype=object)}, warnings)


def _rate(port: Port) -> int:
    """The rate at which the network hears sounds."""
    known = port.feature.statistics.get("sample_rate") if port.feature else None
    if not known:
        raise EvaluationError("Nothing tells at which rate the network hears sounds; import the dataset again.")
    return int(known)


def _seconds(port: Port) -> float:
    return (port.shape[0] or 0) / _rate(port)
