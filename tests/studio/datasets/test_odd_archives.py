"""Archives, folders and pictures that are odd or meant badly, each made on the spot."""

from __future__ import annotations

import io
import os
import stat
import struct
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path

import pytest
from PIL import Image

from studio.datasets import Manifest, add, load
from studio.datasets.store import sweep
from studio.workspace import Workspace
from tests.studio.datasets.uploads import class_folders, picture, refusal

GOOD = class_folders({"cat": 6, "dog": 6})
ENTRY, LOCAL, END = b"PK\x01\x02", b"PK\x03\x04", b"PK\x05\x06"


def zip_of(path: Path, files: dict[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> bytearray:
    """The bytes of a zip; names are taken as they are."""
    with zipfile.ZipFile(path, "w", method) as archive:
        for name, content in files.items():
            entry = zipfile.ZipInfo("x")
            entry.filename, entry.compress_type = name, method
            archive.writestr(entry, content)
    return bytearray(path.read_bytes())


def everywhere(content: bytearray, mark: bytes, change: Callable[[int], None]) -> bytearray:
    at = content.find(mark)
    while at >= 0:
        change(at)
        at = content.find(mark, at + 4)
    return content


def protected(content: bytearray) -> bytearray:
    def flag(offset: int) -> Callable[[int], None]:
        return lambda at: content.__setitem__(at + offset, content[at + offset] | 1)

    return everywhere(everywhere(content, ENTRY, flag(8)), LOCAL, flag(6))


def wrong_sums(content: bytearray) -> bytearray:
    return everywhere(content, ENTRY, lambda at: content.__setitem__(at + 16, content[at + 16] ^ 255))


def all_the_same(content: bytearray) -> bytearray:
    """Every entry of the list leads to the first file: a small archive of a great unpacked size."""
    first = content.find(ENTRY)
    size, place = content[first + 16 : first + 28], content[first + 42 : first + 46]

    def lead(at: int) -> None:
        content[at + 16 : at + 28], content[at + 42 : at + 46] = size, place

    return everywhere(content, ENTRY, lead)


def changed(content: bytearray, old: bytes, new: bytes) -> bytes:
    assert old in content
    return bytes(content).replace(old, new)


REFUSED: dict[str, tuple[Callable[[Path], bytes | bytearray], str]] = {
    "absolute": (lambda path: zip_of(path, {**GOOD, "/etc/evil.png": b"x"}), "leads outside"),
    "drive": (lambda path: zip_of(path, {**GOOD, "C:\\evil.png": b"x"}), "leads outside"),
    "share": (lambda path: zip_of(path, {**GOOD, "\\\\server\\share\\evil.png": b"x"}), "leads outside"),
    "password": (lambda path: protected(zip_of(path, GOOD)), r"protected by a password \(cat/0.png\)"),
    "cut off": (lambda path: zip_of(path, GOOD)[:-200], "its end is missing"),
    "wrong sums": (lambda path: wrong_sums(zip_of(path, GOOD)), "No class with usable pictures.*12 pictures .damaged inside the archive.: cat/0"),
    "wrong name": (lambda path: changed(zip_of(path, class_folders({"caü": 3, "dog": 3})), "caü/".encode(), b"ca\xff\xfe/"), "not in the encoding"),
    "overlapping": (lambda path: all_the_same(zip_of(path, {"a.png": bytes(3_000_000), **{f"{n}.png": b"" for n in range(300)}})), "times its size"),
    "long path": (lambda path: zip_of(path, {**GOOD, "d/" * 5000 + "1.png": b"x"}), "path of 10,005 characters"),
    "inner zip": (lambda path: zip_of(path, {"inner.zip": bytes(zip_of(path, GOOD))}), "unpack it and add the folder"),
    "hidden": (lambda path: zip_of(path, class_folders({".a": 3, ".b": 3})), "hidden: the name begins with a dot"),
    "unread form": (lambda path: zip_of(path, {f"{name}/{n}.heic": b"x" for name in "ab" for n in range(3)}), "as PNG or JPEG"),
    "one each": (lambda path: zip_of(path, class_folders({"a": 1, "b": 1})), "at least 3 are needed"),
    "nothing": (lambda path: zip_of(path, {}), "holds no files. Expected"),
    "web page": (lambda _: b"<html>Log in, please</html>", "is not a zip archive"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_refused_in_one_sentence(case: str, workspace: Workspace, tmp_path: Path) -> None:
    make, words = REFUSED[case]
    path = tmp_path / "set.zip"
    path.write_bytes(make(path))
    message = refusal(lambda: add(workspace, path))
    assert "\n" not in message
    assert len(message) < 500
    with pytest.raises(AssertionError, match=words):
        raise AssertionError(message)
    assert list(workspace.datasets.iterdir()) == list(workspace.incoming.iterdir()) == []


def imported(workspace: Workspace, path: Path) -> Manifest:
    manifest = add(workspace, path)
    assert len(load(workspace, manifest.name).targets()) == manifest.samples
    assert list(workspace.incoming.iterdir()) == []
    assert all("\n" not in warning and warning.isprintable() for warning in manifest.warnings)
    return manifest


def special(path: Path) -> bytes:
    """A zip whose entry says that it is a device."""
    entry = zipfile.ZipInfo("cat/device.png")
    entry.external_attr = (stat.S_IFCHR | 0o666) << 16
    zip_of(path, GOOD)
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr(entry, picture(98))
    return path.read_bytes()


ACCEPTED: dict[str, tuple[Callable[[Path], bytes | bytearray], int, str]] = {
    "backslashes": (lambda path: zip_of(path, {name.replace("/", "\\"): data for name, data in GOOD.items()}), 12, ""),
    "lzma": (lambda path: zip_of(path, GOOD, zipfile.ZIP_LZMA), 12, ""),
    "program before": (lambda path: b"MZ" + bytes(5000) + zip_of(path, GOOD), 12, ""),
    "deep in folders": (lambda path: zip_of(path, class_folders({"cat": 6, "dog": 6}, "a/b/c/")), 12, ""),
    "zero in a name": (lambda path: changed(zip_of(path, {**GOOD, "cat/e_il.png": b"x"}), b"cat/e_il.png", b"cat/e\0il.png"), 12, "Left out 1 file"),
    "line in a name": (lambda path: zip_of(path, {**GOOD, "cat/e\nv\x1b[31m\u202eil.png": b"x"}), 12, r"cat/e\nv\x1b[31m\u202eil.png"),
    "same name": (lambda path: zip_of(path, {**GOOD, "cat//0.png": picture(99)}), 12, "another of the same name): cat/0.png"),
    "hidden class": (lambda path: zip_of(path, {**GOOD, **class_folders({".cow": 6})}), 12, "Left out 6 files (hidden"),
    "one wrong size": (
        lambda path: changed(zip_of(path, {**GOOD, "cat/b.png": bytes(9_999)}, zipfile.ZIP_STORED), struct.pack("<I", 9_999), struct.pack("<I", 50)),
        12,
        "damaged inside the archive): cat/b.png",
    ),
    "drawing": (lambda path: zip_of(path, {**GOOD, "cat/x.png": b"<svg><script>alert(1)</script></svg>"}), 12, "not a PNG, JPEG, GIF, BMP or WebP"),
    "page": (lambda path: zip_of(path, {**GOOD, "cat/x.jpg": b"<html></html>"}), 12, "not a PNG, JPEG, GIF, BMP or WebP"),
    "tiff": (lambda path: zip_of(path, {**GOOD, "cat/x.tif": picture(1, form="TIFF")}), 12, "TIF is not read; save as PNG or JPEG"),
    "canvas": (lambda path: zip_of(path, {**GOOD, "cat/x.gif": b"GIF89a" + b"\xff" * 4 + picture(1, form="GIF")[10:]}), 12, "pixels): cat/x.gif"),
    "text chunk": (lambda path: zip_of(path, {**GOOD, "cat/x.png": with_chunk(b"k\0\0" + zlib.compress(bytes(80_000_000), 9))}), 12, "cat/x.png"),
    "special files": (special, 13, ""),
    "markup": (lambda path: zip_of(path, class_folders({"[/b] ${x}": 4, "<b>": 4, "=1+1": 4, "🐱 {{y}}": 4})), 16, ""),
}


def with_chunk(content: bytes) -> bytes:
    """A PNG whose text unpacks to very much more than its size."""
    good = picture(1)
    chunk = struct.pack(">I", len(content)) + b"zTXt" + content + struct.pack(">I", zlib.crc32(b"zTXt" + content))
    return good[:33] + chunk + good[33:]


@pytest.mark.parametrize("case", ACCEPTED)
def test_accepted_with_what_was_left_out(case: str, workspace: Workspace, tmp_path: Path) -> None:
    make, samples, words = ACCEPTED[case]
    path = tmp_path / "set.zip"
    path.write_bytes(make(path))
    manifest = imported(workspace, path)
    assert manifest.samples == samples
    assert words in " ".join(manifest.warnings)


def test_changes_of_pictures_are_said(workspace: Workspace, zipped: Callable[..., Path]) -> None:
    frames = [Image.new("RGB", (8, 6), (value, 0, 0)) for value in (0, 90, 180)]
    moving, deep = io.BytesIO(), io.BytesIO()
    frames[0].save(moving, "GIF", save_all=True, append_images=frames[1:])
    Image.new("I;16", (8, 6), 40_000).save(deep, "PNG")
    odd = {"cat/moving.gif": moving.getvalue(), "cat/deep.png": deep.getvalue(), "dog/clear.png": picture(3, mode="RGBA"),
           "dog/ink.jpg": picture(4, mode="CMYK", form="JPEG"), "dog/dot.png": picture(5, (1, 1)), "dog/line.png": picture(6, (3000, 1))}  # fmt: skip
    manifest = imported(workspace, zipped({**GOOD, **odd}))
    assert manifest.samples == 18
    assert [warning for warning in manifest.warnings if warning.startswith("1 picture")] == [
        "1 picture with transparent parts: shown over white.",
        "1 picture with several frames (an animation): the first was taken.",
        "1 picture with more than 8 bits per value: reduced to 8.",
    ]


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="Windows has no named pipes in folders")
def test_a_folder_of_odd_entries(workspace: Workspace, tmp_path: Path) -> None:
    folder = tmp_path / "set"
    for name, content in GOOD.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(content)
    (folder / "loop").symlink_to(folder)
    (folder / "cat" / "secret.png").symlink_to("/etc/passwd")
    os.mkfifo(folder / "cat" / "pipe.png")
    (folder / ".hidden").mkdir()
    Path(os.fsdecode(os.fsencode(folder / "cat") + b"/\xff\xfe.png")).write_bytes(picture(97))
    manifest = imported(workspace, folder)
    assert manifest.samples == 13
    said = " ".join(manifest.warnings)
    assert "Left out 2 links" in said
    assert "cat/secret.png" in said
    assert "neither a file nor a folder): cat/pipe.png" in said
    assert "Left out 1 folder (hidden" in said
    assert r"cat/\udcff\udcfe.png" in load(workspace, manifest.name).table(["path"])["path"].tolist()


@pytest.mark.parametrize("name", ["x" * 5000 + ".csv", "a\0b.csv", "nothing.zip", "~nobody-of-that-name/x.csv"])
def test_paths_of_no_file(name: str, workspace: Workspace, tmp_path: Path) -> None:
    message = refusal(lambda: add(workspace, f"{tmp_path}/{name}" if name[0] != "~" else name))
    assert message.startswith("There is no file or folder")
    assert len(message) < 300


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="Windows has no named pipes in folders")
def test_a_pipe_is_no_file(workspace: Workspace, tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "t.csv")
    assert "neither a file nor a folder" in refusal(lambda: add(workspace, tmp_path / "t.csv"))


def test_a_file_whose_name_is_no_utf8(workspace: Workspace, tmp_path: Path) -> None:
    path = Path(os.fsdecode(os.fsencode(tmp_path) + b"/t\xff.csv"))
    path.write_text("a,b,label\n" + "".join(f"{n}.5,{n % 7},{'ab'[n % 2]}\n" for n in range(30)))
    manifest = imported(workspace, path)
    assert manifest.source == r"t\udcff.csv"
    assert sweep(workspace) == []


def test_a_file_that_changes_while_it_is_read(workspace: Workspace, tmp_path: Path) -> None:
    path = tmp_path / "set.zip"
    content = bytes(zip_of(path, {f"{name}/{number}.png": picture(number) for name, count in (("a", 300), ("b", 1700)) for number in range(count)}))
    changes = iter(range(1))

    def progress(fraction: float, _: str) -> None:
        if fraction > 0 and next(changes, None) is not None:
            path.write_bytes(content[: len(content) // 3])

    manifest = add(workspace, path, progress=progress)
    assert 500 < manifest.samples < 2000
    assert "damaged inside the archive" in manifest.warnings[0]
    assert list(workspace.incoming.iterdir()) == []
