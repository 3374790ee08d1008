"""An upload as a list of files that can be read: a zip, a folder or one file. Nothing is ever unpacked to a path that the upload chose."""

from __future__ import annotations

import os
import stat
import struct
import threading
import unicodedata
import zipfile
import zlib
from abc import ABC, abstractmethod
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO, cast

from studio.datasets.errors import DatasetError
from studio.datasets.limits import Limits
from studio.datasets.readers.encodings import file_name
from studio.datasets.report import Report
from studio.workspace import visible

_JUNK_NAMES = {"thumbs.db", "desktop.ini", "icon\r", "ehthumbs.db", "@eadir", "__macosx", "$recycle.bin", "system volume information"}
_HIDDEN_JUNK = {
    ".ds_store", ".localized", ".spotlight-v100", ".trashes", ".fseventsd", ".temporaryitems", ".git", ".gitignore", ".gitattributes", ".gitkeep",
    ".keep", ".ipynb_checkpoints", ".directory", ".thumbnails",
}  # fmt: skip
_HIDDEN = "hidden: the name begins with a dot"
ARCHIVES = {".zip", ".tar", ".gz", ".tgz", ".bz2", ".xz", ".7z", ".rar", ".zst"}


class UnreadableError(Exception):
    """One file of a source can't be read; the text completes "Left out 1 picture (...)"."""


@dataclass(frozen=True, slots=True)
class File:
    """A file of a source.

    Args:
        path: Relative, with "/" between its parts.
        size: In bytes.
        key: Where the source finds it.
        parts: Those of the path.
        suffix: The ending of its name with the dot, in small letters.
    """

    path: str
    size: int
    key: object
    parts: tuple[str, ...] = field(init=False, compare=False, repr=False)
    suffix: str = field(init=False, compare=False, repr=False)

    def __post_init__(self) -> None:
        # once, since every kind of data looks at them, and pathlib would take 50 times as long
        object.__setattr__(self, "parts", tuple(self.path.split("/")))
        object.__setattr__(self, "suffix", os.path.splitext(self.path)[1].casefold())  # noqa: PTH122


class Source(ABC):
    """The files of an upload, sorted by path; operating systems' own files are not among them."""

    def __init__(self, name: str, limits: Limits) -> None:
        self.name = name
        self.limits = limits
        self.files: list[File] = []
        self.folders: list[str] = []

    @abstractmethod
    def read(self, file: File) -> bytes:
        """The content of a file; several threads may ask at once.

        Raises:
            UnreadableError: It is damaged, protected or too large.
        """

    @abstractmethod
    def open(self, file: File) -> BinaryIO:
        """The file as a stream."""

    @abstractmethod
    def close(self) -> None:
        """Frees what is held open."""

    def _finish(self, total: int) -> None:
        if len(self.files) > self.limits.files:
            raise DatasetError(f"{self.name} holds more than {self.limits.files:,} files; raise the limit `files` if it is meant to.")
        if total > self.limits.total_bytes:
            raise DatasetError(
                f"{self.name} holds {total:,} bytes when unpacked; at most {self.limits.total_bytes:,} are allowed (limit `total_bytes`)."
            )
        self.files.sort(key=lambda file: file.path)


class FolderSource(Source):
    """A folder on this machine. Links in it are left out, so that nothing outside the folder is read."""

    def __init__(self, folder: Path, limits: Limits, report: Report) -> None:
        super().__init__(visible(folder.name), limits)
        total = 0
        pending = [folder]
        root = len(str(folder).rstrip(os.sep)) + 1
        while pending:
            current = pending.pop()
            try:
                entries = list(os.scandir(current))
            except OSError as error:
                report.leave_out("folder", f"can't be read: {error.strerror}", current.relative_to(folder).as_posix())
                continue
            for entry in entries:
                path = visible(unicodedata.normalize("NFC", entry.path[root:].replace(os.sep, "/")))
                if _is_junk(path):
                    continue
                if entry.name.startswith("."):
                    report.leave_out("file" if entry.is_file() else "folder", _HIDDEN, path)
                    continue
                if entry.is_symlink():
                    report.leave_out("link", "links to other places are not followed", path)
                elif entry.is_dir():
                    pending.append(Path(entry.path))
                    self.folders.append(path)
                elif entry.is_file():
                    size = entry.stat().st_size
                    total += size
                    self.files.append(File(path, size, entry.path))
                else:
                    report.leave_out("entry", "neither a file nor a folder", path)
            if len(self.files) > limits.files:
                break
        self._finish(total)

    def read(self, file: File) -> bytes:
        try:
            with open(cast(str, file.key), "rb", buffering=0) as stream:  # noqa: PTH123 (pathlib takes twice as long)
                return stream.read()
        except OSError as error:
            raise UnreadableError(f"can't be read: {error.strerror}") from error

    def open(self, file: File) -> BinaryIO:
        return Path(cast(str, file.key)).open("rb")

    def close(self) -> None:
        """A folder holds nothing open."""


class ZipSource(Source):
    """A zip archive, read in place.

    Raises:
        DatasetError: It is no zip, holds links or paths that lead outside it, is protected by a password, or unpacks to far
            more than its own size.
    """

    def __init__(self, path: Path, limits: Limits, report: Report) -> None:
        super().__init__(visible(path.name), limits)
        self._reading = threading.Lock()
        try:
            self._zip = zipfile.ZipFile(path)
        except UnicodeDecodeError as error:
            raise DatasetError(f"{path.name} holds a file name that is not in the encoding that it claims; zip the folder anew.") from error
        except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError) as error:
            raise DatasetError(f"{path.name} is not a zip archive, or its end is missing; upload it again or zip the folder anew.") from error
        try:
            self._list(path, report)
        except BaseException:
            self._zip.close()
            raise

    def _list(self, path: Path, report: Report) -> None:
        entries = self._zip.infolist()
        if len(entries) > self.limits.files:
            raise DatasetError(f"{self.name} holds {len(entries):,} entries; at most {self.limits.files:,} are allowed (limit `files`).")
        seen: set[str] = set()
        total = 0
        for entry in entries:
            name = self._checked_name(entry)
            if _is_junk(name):
                continue
            if any(part.startswith(".") for part in name.split("/")):
                if not entry.is_dir():
                    report.leave_out("file", _HIDDEN, name)
                continue
            if entry.is_dir():
                self.folders.append(name.rstrip("/"))
                continue
            if entry.flag_bits & 0x1:
                raise DatasetError(f"{self.name} is protected by a password ({name}); zip the folder without one.")
            if name in seen:
                report.leave_out("file", "the archive holds another of the same name", name)
                continue
            seen.add(name)
            total += entry.file_size
            self.files.append(File(name, entry.file_size, entry))
        packed = max(path.stat().st_size, 1)
        if total > self.limits.ratio_bytes and total / packed > self.limits.ratio:
            raise DatasetError(
                f"{self.name} would unpack to {total:,} bytes, {total / packed:,.0f} times its size; "
                f"more than {self.limits.ratio:g} times is taken for an attack (limit `ratio`)."
            )
        self._finish(total)

    def _checked_name(self, entry: zipfile.ZipInfo) -> str:
        name = file_name(entry).replace("\\", "/")
        shown = name if len(name) <= 80 else name[:77] + "..."
        if stat.S_ISLNK(entry.external_attr >> 16):
            raise DatasetError(f"{self.name} holds a link ({shown}); archives with links are not imported. Zip the files themselves.")
        if name.startswith("/") or ".." in name.split("/") or (len(name) > 1 and name[1] == ":") or "\0" in name:
            raise DatasetError(f"{self.name} holds a path that leads outside the archive ({shown}); such archives are not imported.")
        if len(name) > self.limits.path_characters:
            raise DatasetError(
                f"{self.name} holds a path of {len(name):,} characters ({shown}); at most {self.limits.path_characters:,} are allowed."
            )
        whole = "/".join(part for part in name.split("/") if part not in ("", ".")) + ("/" if entry.is_dir() else "")
        return visible(unicodedata.normalize("NFC", whole))

    def read(self, file: File) -> bytes:
        entry = cast(zipfile.ZipInfo, file.key)
        try:
            if entry.compress_type in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
                return self._quickly(entry)
            with self._reading:
                return self._zip.read(entry)
        except (zipfile.BadZipFile, zlib.error, EOFError, OSError, struct.error) as error:
            raise UnreadableError("damaged inside the archive") from error
        except (NotImplementedError, RuntimeError) as error:
            raise UnreadableError("packed by a method that can't be read") from error

    def _quickly(self, entry: zipfile.ZipInfo) -> bytes:
        """As `ZipFile.read`, at a third of its cost for small files. Never more than the size that the archive's list declares."""
        stream = cast(BinaryIO, self._zip.fp)
        with self._reading:
            stream.seek(entry.header_offset)
            header = struct.unpack("<4s22xHH", stream.read(30))
            if header[0] != b"PK\x03\x04":
                raise zipfile.BadZipFile("no local header")
            packed = stream.read(header[1] + header[2] + entry.compress_size)[header[1] + header[2] :]
        content = packed if entry.compress_type == zipfile.ZIP_STORED else zlib.decompressobj(-15).decompress(packed, entry.file_size + 1)
        if len(content) != entry.file_size or zlib.crc32(content) != entry.CRC:
            raise zipfile.BadZipFile("wrong length or checksum")
        return content

    def open(self, file: File) -> BinaryIO:
        return cast(BinaryIO, self._zip.open(cast(zipfile.ZipInfo, file.key)))

    def close(self) -> None:
        self._zip.close()


class SingleFile(Source):
    """One file that is no archive."""

    def __init__(self, path: Path, limits: Limits) -> None:
        super().__init__(visible(path.name), limits)
        self.path = path
        size = path.stat().st_size
        self.files.append(File(visible(path.name), size, path))
        self._finish(size)

    def read(self, file: File) -> bytes:
        return cast(Path, file.key).read_bytes()

    def open(self, file: File) -> BinaryIO:
        return cast(Path, file.key).open("rb")

    def close(self) -> None:
        """A file that is not being read is not open."""


def open_source(path: Path, limits: Limits, report: Report) -> Source:
    """The upload at a path.

    Raises:
        DatasetError: There is nothing, it is no plain file or folder, or an archive of a kind that is not read.
    """
    if path.is_dir():
        return FolderSource(path, limits, report)
    if not path.exists():
        raise DatasetError(f"There is no file or folder {str(path)!r}.")
    if not path.is_file():
        raise DatasetError(f"{path.name} is neither a file nor a folder.")
    if path.stat().st_size == 0:
        raise DatasetError(f"{path.name} is empty (0 bytes).")
    suffix = path.suffix.casefold()
    if suffix == ".zip" or (not suffix and zipfile.is_zipfile(path)):
        return ZipSource(path, limits, report)
    if suffix in ARCHIVES:
        raise DatasetError(f"{path.name} is an archive of a kind that is not read; unpack it and add the folder, or zip that folder.")
    return SingleFile(path, limits)


def _is_junk(path: str) -> bool:
    parts = [part.casefold() for part in path.strip("/").split("/")]
    return any(part.startswith("._") or part in _JUNK_NAMES or part in _HIDDEN_JUNK for part in parts)
