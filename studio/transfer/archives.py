"""The .zip of an export as the Export page hands it out: what weights are read from is unpacked, and nothing else of it."""

from __future__ import annotations

import shutil
import tempfile
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from studio.datasets.limits import Limits
from studio.datasets.readers.source import File, ZipSource
from studio.datasets.report import Report
from studio.networks.keras_import.limits import ImportLimits
from studio.workspace import StudioError

SAVED_MODEL = "saved_model.pb"
VARIABLES = "variables"
"""What a SavedModel calls the folder of its variables, and how the names of the files in it begin."""


class WeightsArchiveError(StudioError):
    """An archive without weights that can be read."""


@contextmanager
def unpacked(path: Path, limits: ImportLimits) -> Iterator[Path]:
    """The folder of a SavedModel, or a .keras file, out of an archive; it is there until the end.

    Raises:
        WeightsArchiveError: The archive holds none of them or several, or is damaged.
        DatasetError: It is no zip, is protected, unpacks to more than the limits allow, or holds links or paths that lead outside.
    """
    bounds = Limits(files=limits.entries, total_bytes=limits.weights_bytes)
    with closing(ZipSource(path, bounds, Report())) as source, tempfile.TemporaryDirectory(prefix="weights-") as folder:
        wanted = _wanted(source)
        for name, file in wanted.items():
            target = Path(folder) / name
            target.parent.mkdir(exist_ok=True)
            try:
                with source.open(file) as packed, target.open("wb") as out:
                    shutil.copyfileobj(packed, out)
            except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError) as error:
                raise WeightsArchiveError(f"{file.path} in {source.name} is damaged. Download the export again, or zip it anew.") from error
        yield Path(folder) if SAVED_MODEL in wanted else Path(folder) / next(iter(wanted))


def _wanted(source: ZipSource) -> dict[str, File]:
    """The files to unpack, by where they are to stand."""
    roots = [file.parts[:-1] for file in source.files if file.parts[-1] == SAVED_MODEL]
    networks = [file for file in source.files if file.suffix == ".keras"]
    if len(roots) + len(networks) != 1:
        found = "several networks" if roots or networks else "no network"
        raise WeightsArchiveError(f"{source.name} holds {found}. Expected: one SavedModel or one .keras file that was exported here, as a .zip.")
    if networks:
        return {"model.keras": networks[0]}
    depth = len(roots[0])
    below = {file.parts[depth:]: file for file in source.files if file.parts[:depth] == roots[0]}
    return {"/".join(parts): file for parts, file in below.items() if _is_needed(parts)}


def _is_needed(parts: tuple[str, ...]) -> bool:
    return parts == (SAVED_MODEL,) or (len(parts) == 2 and parts[0] == VARIABLES and parts[1].startswith(f"{VARIABLES}."))
