"""Which importer takes an upload."""

from __future__ import annotations

from studio.datasets.errors import DatasetError
from studio.datasets.kinds.base import Importer, importers
from studio.datasets.readers.pictures import OTHER_SUFFIXES
from studio.datasets.readers.sounds import OTHER_SUFFIXES as UNREAD_SOUNDS
from studio.datasets.readers.source import ARCHIVES, Source, ZipSource
from studio.datasets.report import Report, listed

_VIDEOS = {".mp4", ".avi", ".mov", ".mkv", ".webm", ".wmv", ".m4v"}


def choose(source: Source, kind: str | None, report: Report) -> type[Importer]:
    """The importer that reads the largest share of an upload, or the one for the kind that the person asked for.

    Raises:
        DatasetError: No importer reads the upload.
    """
    if not source.files:
        raise DatasetError(f"{source.name} holds no files.{_left_out(report)} {_EXPECTED}")
    shares = {importer: importer.share(source) for importer in importers.all().values()}
    wanted = {importer for importer in shares if (kind in importer.kinds if kind else set(importer.kinds) - set(importer.asked_for))}
    best = max(wanted or shares, key=lambda importer: (shares[importer], importer.rank))
    videos = sum(file.suffix in _VIDEOS for file in source.files) / len(source.files)
    if videos > max(shares.values()):
        raise DatasetError(f"{source.name} holds videos; export their frames as pictures, one folder per class.")
    if not any(shares.values()):
        raise DatasetError(f"{source.name} holds nothing that can be imported ({_suffixes(source)}). {_advice(source)}")
    if best not in wanted or not shares[best]:
        possible = sorted({each for importer, share in shares.items() if share for each in importer.kinds})
        raise DatasetError(f"{source.name} can't become {kind}. It could become: {', '.join(possible)}. Leave the kind out, or add other data.")
    return best


def others(source: Source, kind: str) -> list[str]:
    """The other kinds that an upload could become, if a person names them."""
    able = [importer for importer in importers.all().values() if importer.share(source)]
    return [each for each in sorted({name for importer in able for name in importer.kinds}) if each != kind]


_EXPECTED = (
    "Expected: a zip or folder with one folder of pictures or sounds per class, a table (CSV, TSV, TXT, XLSX, Parquet), "
    "or arrays (.npz, or .npy for each)."
)


def _advice(source: Source) -> str:
    found = {file.suffix for file in source.files}
    if found & OTHER_SUFFIXES:
        return "Save the pictures as PNG or JPEG, in one folder per class."
    if found & UNREAD_SOUNDS:
        return "Save the sounds as WAV or FLAC, in one folder per class."
    if found & ARCHIVES:
        return "Archives inside an archive are not unpacked; unpack it and add the folder, or zip that folder."
    if ".npy" in found:
        return "Put x.npy and y.npy into one folder or zip, or save both together with numpy.savez(file, x=..., y=...)."
    return _EXPECTED


def _suffixes(source: Source) -> str:
    found = sorted({file.suffix or "no ending" for file in source.files})
    return listed(found, shown=6) if isinstance(source, ZipSource) or len(source.files) > 1 else f"a file with {found[0]}"


def _left_out(report: Report) -> str:
    return "".join(f" {warning}" for warning in report.warnings())
