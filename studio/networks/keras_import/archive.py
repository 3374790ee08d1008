"""A `.keras` file, or a configuration as `.json`: read in place, by the names that Keras gives, and nothing else of it."""

from __future__ import annotations

import json
import tempfile
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any, NoReturn

from studio.networks.keras_import.limits import ImportLimits
from studio.workspace import StudioError, visible

CONFIG, METADATA, WEIGHTS = "config.json", "metadata.json", "model.weights.h5"
MOST_METADATA_BYTES = 100_000
PART_BYTES = 1 << 20
AGAIN = "Save the model again with model.save('model.keras') in Keras 3."


class KerasFileError(StudioError):
    """A file that is no network of Keras 3, or that is damaged."""


class KerasArchive:
    """An open file of a network.

    Args:
        name: What people call it.

    Raises:
        KerasFileError: It is neither a `.keras` archive nor JSON, or holds more than the limits allow.
    """

    def __init__(self, path: Path, limits: ImportLimits, name: str = "") -> None:
        self.name = visible(name or path.name)
        self._limits = limits
        self._path = path
        self._zip: zipfile.ZipFile | None = None
        if path.suffix.casefold() == ".json":
            return
        try:
            self._zip = zipfile.ZipFile(path)
        except (zipfile.BadZipFile, ValueError, NotImplementedError, UnicodeDecodeError) as error:
            raise KerasFileError(f"{self.name} is not a .keras file: it is no zip archive, or its end is missing. {AGAIN}") from error
        if len(self._zip.infolist()) > limits.entries:
            self._zip.close()
            raise KerasFileError(f"{self.name} holds more than {limits.entries:,} files (limit `entries`); Keras writes a handful.")

    def close(self) -> None:
        """Closes the file."""
        if self._zip is not None:
            self._zip.close()

    def config(self) -> Any:
        """The configuration, as values.

        Raises:
            KerasFileError: There is none, or it is no JSON.
        """
        if self._zip is None:
            with self._path.open("rb") as file:
                content = file.read(self._limits.config_bytes + 1)
        else:
            version = self._keras_version()
            if version.partition(".")[0] in ("1", "2"):
                raise KerasFileError(f"{self.name} was written by Keras {version[:20]}. Load it with Keras 3 and save it again as .keras.")
            content = self._read(CONFIG, self._limits.config_bytes + 1)
        if len(content) > self._limits.config_bytes:
            raise KerasFileError(f"The configuration in {self.name} is larger than {self._limits.config_bytes:,} bytes (limit `config_bytes`).")
        return self._json(content, CONFIG if self._zip else self.name)

    def text(self, name: str, limit: int) -> str | None:
        """A text file of the archive; None where there is none, or it is larger than the limit.

        Raises:
            KerasFileError: It is damaged, or not in UTF-8.
        """
        if self._zip is None or name not in self._zip.NameToInfo:
            return None
        content = self._read(name, limit + 1)
        if len(content) > limit:
            return None
        try:
            return content.decode("utf-8")
        except UnicodeDecodeError as error:
            raise KerasFileError(f"{name} in {self.name} is no text in UTF-8.") from error

    @contextmanager
    def weights(self) -> Iterator[IO[bytes] | None]:
        """The weight file, unpacked to a file without a name; None where there is none.

        Raises:
            KerasFileError: It is damaged, or larger than allowed.
        """
        if self._zip is None or WEIGHTS not in self._zip.NameToInfo:
            yield None
            return
        with tempfile.TemporaryFile(prefix="keras-weights-") as unpacked:
            size = 0
            for part in self._parts(WEIGHTS):
                size += len(part)
                if size > self._limits.weights_bytes:
                    raise KerasFileError(f"The weights in {self.name} are larger than {self._limits.weights_bytes:,} bytes (limit `weights_bytes`).")
                unpacked.write(part)
            unpacked.seek(0)
            yield unpacked

    def _keras_version(self) -> str:
        if self._zip is None or METADATA not in self._zip.NameToInfo:
            return ""
        found = self._json(self._read(METADATA, MOST_METADATA_BYTES), METADATA)
        return str(found.get("keras_version", "")) if isinstance(found, dict) else ""

    def _read(self, name: str, limit: int) -> bytes:
        """At most `limit` bytes of a member, whatever its header says."""
        found = bytearray()
        for part in self._parts(name):
            found += part
            if len(found) >= limit:
                break
        return bytes(found[:limit])

    def _parts(self, name: str) -> Iterator[bytes]:
        assert self._zip is not None  # noqa: S101 - members are of archives
        try:
            with self._zip.open(name) as member:
                while part := member.read(PART_BYTES):
                    yield part
        except KeyError:
            raise KerasFileError(f"{self.name} is not a .keras file: it holds no {name}. {AGAIN}") from None
        except RuntimeError as error:  # which zipfile raises for a password
            raise KerasFileError(f"{self.name} is protected by a password.") from error
        except (zipfile.BadZipFile, zlib.error, EOFError, OSError, NotImplementedError, ValueError) as error:
            raise KerasFileError(f"{name} in {self.name} is damaged: {error}.") from error

    def _json(self, content: bytes, name: str) -> Any:
        try:
            return json.loads(content, parse_constant=_no_number)
        except RecursionError as error:
            raise KerasFileError(f"{name} nests values too deeply to be a configuration of Keras.") from error
        except ValueError as error:
            raise KerasFileError(f"{name} is not JSON: {str(error)[:200]}.") from error


def _no_number(text: str) -> NoReturn:
    raise ValueError(f"{text} is no number")


@contextmanager
def opened(path: Path, limits: ImportLimits, name: str = "") -> Iterator[KerasArchive]:
    """A file of a network, closed at the end.

    Raises:
        KerasFileError: It is none.
    """
    archive = KerasArchive(path, limits, name)
    try:
        yield archive
    finally:
        archive.close()
