from __future__ import annotations

import contextlib
import os
import stat
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from studio.datasets.errors import DatasetError
from studio.datasets.limits import Limits
from studio.datasets.readers.encodings import file_name
from studio.datasets.readers.source import UnreadableError, ZipSource, open_source
from studio.datasets.report import Report
from tests.studio.datasets.uploads import refusal

LIMITS = Limits.read()


def opened(path: Path, report: Report | None = None, **limits: int) -> list[str]:
    source = open_source(path, Limits.read(limits), report or Report())
    try:
        return [file.path for file in source.files]
    finally:
        source.close()


def test_files_are_listed_in_order_without_those_of_operating_systems(zipped: Callable[..., Path]) -> None:
    path = zipped(
        {"b/2.png": b"2", "a/1.png": b"1", "__MACOSX/a/._1.png": b"x", "a/.DS_Store": b"x", "a/Thumbs.db": b"x", "desktop.ini": b"x", "c": None}
    )
    assert opened(path) == ["a/1.png", "b/2.png"]


def test_contents_come_back(zipped: Callable[..., Path], tmp_path: Path) -> None:
    contents = {"a/1.bin": b"", "a/2.bin": os.urandom(1000), "a/3.bin": b"0" * 100_000}
    path = zipped(contents)
    with zipfile.ZipFile(path, "a", zipfile.ZIP_STORED) as archive:
        archive.writestr("a/4.bin", b"stored")
    with zipfile.ZipFile(path, "a", zipfile.ZIP_BZIP2) as archive:
        archive.writestr("a/5.bin", b"bzip2")
    source = open_source(path, LIMITS, Report())
    assert [source.read(file) for file in source.files] == [*contents.values(), b"stored", b"bzip2"]
    with source.open(source.files[2]) as stream:
        assert stream.read(3) == b"000"
    source.close()


@pytest.mark.parametrize("name", ["../evil.png", "a/../../evil.png", "/etc/evil.png", "C:/evil.png", "a\\..\\..\\evil.png"])
def test_paths_that_lead_outside_are_refused(name: str, tmp_path: Path) -> None:
    path = tmp_path / "slip.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr(zipfile.ZipInfo(name), b"x")
    with pytest.raises(DatasetError, match="leads outside"):
        opened(path)


def test_links_in_archives_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "link.zip"
    entry = zipfile.ZipInfo("a/link.png")
    entry.external_attr = (stat.S_IFLNK | 0o777) << 16
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr(entry, "/etc/passwd")
    with pytest.raises(DatasetError, match="holds a link"):
        opened(path)


@pytest.mark.skipif(not hasattr(os, "symlink") or os.name == "nt", reason="links need rights on Windows")
def test_links_in_folders_are_left_out(tmp_path: Path) -> None:
    (tmp_path / "set" / "a").mkdir(parents=True)
    (tmp_path / "secret.png").write_bytes(b"secret")
    (tmp_path / "set" / "a" / "link.png").symlink_to(tmp_path / "secret.png")
    (tmp_path / "set" / "loop").symlink_to(tmp_path / "set")
    (tmp_path / "set" / "a" / "1.png").write_bytes(b"1")
    report = Report()
    assert opened(tmp_path / "set", report) == ["a/1.png"]
    assert "Left out 2 links" in report.warnings()[0]


def test_limits(zipped: Callable[..., Path]) -> None:
    many = zipped({f"{number}.txt": b"x" for number in range(20)})
    with pytest.raises(DatasetError, match="at most 10"):
        opened(many, files=10)
    large = zipped({"zeros.bin": b"\0" * 10_000_000}, "bomb.zip")
    with pytest.raises(DatasetError, match="times its size"):
        opened(large, ratio_bytes=1_000_000)
    with pytest.raises(DatasetError, match="total_bytes"):
        opened(large, total_bytes=1_000_000)
    with pytest.raises(DatasetError, match="path of 300 characters"):
        opened(zipped({"x" * 300: b""}, "long.zip"), path_characters=200)


@pytest.mark.parametrize(("name", "content"), [("no.zip", b"hello"), ("cut.zip", b"PK\x03\x04" + b"\0" * 50), ("x.7z", b"7z"), ("empty.csv", b"")])
def test_what_is_no_upload_is_refused(name: str, content: bytes, written: Callable[..., Path]) -> None:
    with pytest.raises(DatasetError) as caught:
        opened(written(content, name))
    assert name in str(caught.value)


def test_a_path_without_anything_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DatasetError, match="no file or folder"):
        opened(tmp_path / "nothing.zip")


def test_names_of_windows_archives_are_read() -> None:
    entry = zipfile.ZipInfo("x")
    entry.filename = "北京图片/红色.png".encode("gb18030").decode("cp437")
    assert file_name(entry) == "北京图片/红色.png"
    entry.filename = "größe.png".encode().decode("cp437")
    assert file_name(entry) == "größe.png"


@given(data=st.data())
def test_damaged_archives_never_crash(tmp_path_factory: pytest.TempPathFactory, data: st.DataObject) -> None:
    path = tmp_path_factory.mktemp("damaged") / "damaged.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for number in range(3):
            archive.writestr(f"a/{number}.txt", f"hello {number} " * 20)
    content = bytearray(path.read_bytes())
    for _ in range(data.draw(st.integers(1, 6))):
        content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
    path.write_bytes(content)
    if refusal(lambda: open_source(path, LIMITS, Report()).close()):
        return
    source = open_source(path, LIMITS, Report())
    assert isinstance(source, ZipSource)
    for file in source.files:
        with contextlib.suppress(UnreadableError):
            assert len(source.read(file)) == file.size
    source.close()
