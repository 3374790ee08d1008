"""Which importer takes an upload."""

from __future__ import annotations

from studio.datasets.errors import DatasetError
from studio.datasets.kinds.base import Importer, importers
from studio.datasets.readers.pictures import OTHER_SUFFIXES
from studio.datasets.readers.source import ARCHIVES, Source, ZipSource
from studio.datasets.report import Report, counted, listed

_SOUNDS = {".wav", ".mp3", ".flac", ".ogg", ".oga", ".opus", ".m4a", ".aac", ".aif", ".aiff", ".wma", ".au"}
_VIDEOS = {".mp4", ".avi", ".mov", ".mkv", ".webm", ".wmv", ".m4v"}


def choose(source: Source, kind: str | None, report: Report) -> type[Importer]:
    """The importer that reads the largest share of an upload, or the one for the kind that the person asked for.

    Raises:
        DatasetError: No importer reads the upload.
    """
    if not source.files:
        raise DatasetError(f"{source.name} holds no files.{_left_out(report)} {_EXPECTED}")
    shares = {importer: importer.share(source) for importer in importers.all().values()}
    sounds = sum(file.suffix in _SOUNDS for file in source.files) / len(source.files)
    videos = sum(file.suffix in _VIDEOS for file in source.files) / len(source.files)
    best = max(shares, key=lambda importer: shares[importer])
    if sounds > shares[best]:
        raise DatasetError(f"{source.name} holds sounds ({counted(round(sounds * len(source.files)), 'file')}); sounds can't be imported yet.")
    if videos > shares[best]:
        raise DatasetError(f"{source.name} holds videos; export their frames as pictures, one folder per class.")
    if shares[best] == 0:
        raise DatasetError(f"{source.name} holds nothing that can be imported ({_suffixes(source)}). {_advice(source)}")
    able = [importer for importer, share in shares.items() if share > 0 and (kind is None or kind in importer.kinds)]
    if not able:
        raise DatasetError(f"{source.name} can't become {kind}: it would be {' or '.join(best.kinds)}. Leave the kind out, or add other data.")
    return max(able, key=lambda importer: shares[importer])


_EXPECTED = "Expected: a zip or folder with one folder of pictures per class, a table (CSV, TSV, TXT, XLSX, Parquet), or an .npz file."


def _advice(source: Source) -> str:
    found = {file.suffix for file in source.files}
    if found & OTHER_SUFFIXES:
        return "Save the pictures as PNG or JPEG, in one folder per class."
    if found & ARCHIVES:
        return "Archives inside an archive are not unpacked; unpack it and add the folder, or zip that folder."
    if ".npy" in found:
        return "Save inputs and targets together, with numpy.savez(file, x=..., y=...)."
    return _EXPECTED


def _suffixes(source: Source) -> str:
    found = sorted({file.suffix or "no ending" for file in source.files})
    return listed(found, shown=6) if isinstance(source, ZipSource) or len(source.files) > 1 else f"a file with {found[0]}"


def _left_out(report: Report) -> str:
    return "".join(f" {warning}" for warning in report.warnings())
