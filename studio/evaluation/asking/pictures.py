"""Pictures: files in PNG, JPEG, GIF, BMP or WebP."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from blocks.features import Feature
from blocks.preprocessing import Resizing
from studio.datasets.limits import Limits
from studio.datasets.readers.pictures import SUFFIXES, PictureError, quiet, read_picture
from studio.datasets.readers.source import ARCHIVES, Source, UnreadableError, open_source
from studio.datasets.report import Report
from studio.evaluation.asking.base import Asking, Batch, Plain, Port, Usage, refuse_other
from studio.evaluation.errors import EvaluationError
from studio.evaluation.pictures import decoded, prepared


class Pictures(Asking):
    """Encoded pictures of any size."""

    kinds = ("image",)
    noun = "pictures"
    step = 64
    encoded = True
    suffixes = frozenset(SUFFIXES)

    def files(self, paths: Sequence[Path], port: Port, features: Sequence[Feature]) -> list[Batch]:  # noqa: ARG002
        return [of_pictures(contents_of(paths, self.suffixes), port)]

    def contents(self, contents: Iterable[tuple[str, bytes | str]], port: Port) -> Batch:
        return of_pictures(contents, port)

    def entered(self, port: Port, inputs: Mapping[str, Any], front: Any) -> Any:
        channels = port.shape[-1] or 3
        return through(port, inputs[port.name], front, lambda content: decoded(content, channels))

    def plain(self, port: Port) -> Plain:
        channels = port.shape[-1]
        lines = (
            f'Signature "pixels": pixels, uint8 (batch, height, width, {channels}), of any size.',
            "",
            "Pictures may be PNG, JPEG, GIF, BMP or WebP. What a camera noted about turning (EXIF) is not followed;",
            "transparent parts of GIFs aren't shown over white.",
        )
        return Plain("pixels", (None, None, channels), "uint8", lines)

    def entered_plain(self, port: Port, values: Any, front: Any) -> Any:
        return through(port, values, front, lambda pixels: pixels)

    def layered(self, port: Port, front: Any) -> tuple[Any, dict[str, Any]]:
        import keras

        height, width, channels = port.shape
        pixels = keras.Input((None, None, channels), dtype="uint8", name=self.name_layered(port))
        entering = pixels
        if height is not None and width is not None:
            fit = Resizing(height=height, width=width)
            entering = fit.apply(fit.make(), [pixels])
        return entering if front is None else front(entering, training=False), {pixels.name: pixels}

    def decoded(self, port: Port, values: Any) -> Any:
        return [decoded(content, port.shape[-1] or 3).numpy() for content in values]

    def usage_layered(self, port: Port) -> Usage:
        raw = f"tf.io.decode_image(open(file, 'rb').read(), channels={port.shape[-1]}, expand_animations=False)[None]"
        return Usage("client.py PICTURE ...", "for file in sys.argv[1:]:", raw, "file")

    def described_layered(self, port: Port, feature: str) -> str:  # noqa: ARG002
        return f"uint8 (batch, height, width, {port.shape[-1]}), of any size, 0 to 255"

    def usage(self, port: Port) -> Usage:
        raw = f'{{"{port.name}": tf.constant([open(file, "rb").read() for file in files])}}'
        return Usage("client.py PICTURE ...", "files = sys.argv[1:]", raw, "files")

    def described(self, port: Port, feature: str) -> str:  # noqa: ARG002
        return "string, the bytes of a picture file of any size"


def through(port: Port, values: Any, front: Any, read: Any) -> Any:
    """Pictures one by one through the front, as a batch.

    Args:
        read: From a value to pixels.

    Raises:
        EvaluationError: They leave the front in several sizes.
    """
    import tensorflow as tf

    dtype = tf.as_dtype(front.output.dtype) if front is not None else tf.uint8
    shape = tuple(front.output.shape[1:]) if front is not None else port.shape
    if None in shape:
        raise EvaluationError("Pictures reach the network in sizes of their own; insert Resizing behind the Input.")
    spec = tf.TensorSpec(shape, dtype)
    return tf.map_fn(lambda value: prepared(read(value), port.shape, front), values, fn_output_signature=spec)


def of_pictures(contents: Iterable[tuple[str, bytes | str]], port: Port) -> Batch:
    """Encoded pictures with their names; a text in the place of bytes says why there are none. Read as the import reads them.

    Raises:
        EvaluationError: The network takes no pictures, or none of these is one.
    """
    refuse_other(port, Pictures.kinds, "pictures")
    report, kept, names = Report(), [], []
    limits = Limits()
    with quiet():
        for name, content in contents:
            try:
                if isinstance(content, str):
                    raise PictureError(content)
                kept.append(read_picture(content, limits.picture_pixels, look_for_colour=False).data)
                names.append(name)
            except PictureError as error:
                report.leave_out("picture", str(error), name)
    warnings = report.warnings()
    if not kept:
        raise EvaluationError(warnings[0] if warnings else "There is no PNG, JPEG, GIF, BMP or WebP picture.")
    return Batch(names, {port.name: np.array(kept, dtype=object)}, warnings)


def contents_of(paths: Sequence[Path], suffixes: Collection[str]) -> Iterator[tuple[str, bytes | str]]:
    """Files with their names, and those in folders and archives that have one of the endings."""
    limits, report = Limits(), Report()
    for path in paths:
        if path.is_file() and path.suffix.casefold() not in ARCHIVES:
            yield str(path), path.read_bytes()
            continue
        source = open_source(path, limits, report)
        try:
            for file in source.files:
                if file.suffix in suffixes:
                    yield str(path / file.path), content_of(source, file)
        finally:
            source.close()


def content_of(source: Source, file: Any) -> bytes | str:
    """The bytes of a file, or why there are none."""
    try:
        return source.read(file)
    except UnreadableError as error:
        return str(error)
