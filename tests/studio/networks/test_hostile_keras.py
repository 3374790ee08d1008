"""Files that mean harm, or are broken: named refusals, bounded memory, nothing run, nothing written or read elsewhere."""

from __future__ import annotations

import json
import struct
import zipfile
from pathlib import Path
from typing import Any

import h5py
import keras
import numpy as np
import pytest
from keras import layers

from blocks.importing import KerasImportError
from studio.networks.keras_import import ImportLimits, KerasFileError, import_file, read_keras
from studio.workspace import StudioError, Workspace
from tests.studio.networks.files import rewritten, saved, with_config, with_weight_file


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A good file."""
    folder = tmp_path / "file"
    folder.mkdir()
    return saved(keras.Sequential([keras.Input((4,)), layers.Dense(3, name="first"), layers.Dense(2, name="label")]), folder)


def test_the_sample_is_fine(path: Path) -> None:
    assert set(read_keras(path).weights) == {"layers/dense", "layers/dense_1"}


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "is not a .keras file"),
        (b"hello", "is not a .keras file"),
        (b"PK\x05\x06" + bytes(18), "holds no config.json"),
        (b"PK\x03\x04" + bytes(100), "is not a .keras file"),
    ],
)
def test_no_archive(content: bytes, said: str, tmp_path: Path) -> None:
    path = tmp_path / "model.keras"
    path.write_bytes(content)
    with pytest.raises(KerasFileError, match=said):
        read_keras(path)


@pytest.mark.parametrize(
    ("config", "said"),
    [
        (b"{", "config.json is not JSON"),
        (b"\xff\xfe\xff", "config.json is not JSON"),
        (b'{"layers": NaN}', "NaN is no number"),
        (b"[" * 100_000, "nests values too deeply"),
        (b'{"a": ' + b"9" * 10_000 + b"}", "config.json is not JSON"),
    ],
)
def test_broken_configuration(config: bytes, said: str, path: Path, tmp_path: Path) -> None:
    with pytest.raises(KerasFileError, match=said):
        read_keras(rewritten(path, {"config.json": config}))
    plain = tmp_path / "config.json"
    plain.write_bytes(config)
    with pytest.raises(KerasFileError, match=said):
        read_keras(plain)


def test_values_nested_as_deep_as_json_can_be_read(tmp_path: Path) -> None:
    path = tmp_path / "model.json"
    path.write_text(f'{{"layers": {"[" * 500}{"]" * 500}}}', "utf-8")
    with pytest.raises(KerasImportError, match="more than 200 levels deep"):
        read_keras(path)


def test_file_of_keras_2(path: Path) -> None:
    with pytest.raises(KerasFileError, match=r"was written by Keras 2\.15\.0\. Load it with Keras 3"):
        read_keras(rewritten(path, {"metadata.json": b'{"keras_version": "2.15.0"}'}))
    assert read_keras(rewritten(path, {"metadata.json": None})).weights


def test_configuration_that_is_too_large(path: Path, tmp_path: Path) -> None:
    limits = ImportLimits(config_bytes=1000)
    with pytest.raises(KerasFileError, match=r"larger than 1,000 bytes \(limit `config_bytes`\)"):
        read_keras(path, limits)
    plain = tmp_path / "config.json"
    plain.write_text(" " * 2000, "utf-8")
    with pytest.raises(KerasFileError, match="limit `config_bytes`"):
        read_keras(plain, limits)


def bomb(path: Path, name: str, size: int) -> Path:
    """A member that is much larger than it looks, and whose header says that it is small."""
    with zipfile.ZipFile(path) as archive:
        contents = {each: archive.read(each) for each in archive.namelist() if each != name}
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for each, content in contents.items():
            archive.writestr(each, content)
        archive.writestr(name, bytes(size))
    content = path.read_bytes()
    path.write_bytes(content.replace(struct.pack("<L", size), struct.pack("<L", 10)))
    return path


@pytest.mark.parametrize(("name", "limit"), [("config.json", "config_bytes"), ("model.weights.h5", "weights_bytes")])
def test_archive_that_unpacks_to_more_than_it_says(name: str, limit: str, path: Path) -> None:
    with pytest.raises(KerasFileError, match=f"limit `{limit}`|is damaged"):
        read_keras(bomb(path, name, 30_000_000), ImportLimits(config_bytes=100_000, weights_bytes=100_000))


def test_archive_of_very_many_files(path: Path) -> None:
    with zipfile.ZipFile(path, "a") as archive:
        for number in range(50):
            archive.writestr(f"assets/{number}", b"")
    with pytest.raises(KerasFileError, match=r"more than 20 files \(limit `entries`\)"):
        read_keras(path, ImportLimits(entries=20))


def test_paths_that_lead_elsewhere_are_not_looked_at(path: Path, tmp_path: Path) -> None:
    before = {each for each in tmp_path.rglob("*") if each.is_file()}
    with zipfile.ZipFile(path, "a") as archive:
        for name in ("../../evil.txt", "/tmp/evil.txt", "assets/../../../evil.txt", "..\\evil.txt"):  # noqa: S108 - never written
            archive.writestr(name, b"harm")
    assert read_keras(path).weights
    assert {each for each in tmp_path.rglob("*") if each.is_file()} == before


def test_members_that_are_folders_or_links(path: Path) -> None:
    linked = zipfile.ZipInfo("model.weights.h5")
    linked.external_attr = 0o120777 << 16
    with zipfile.ZipFile(path) as archive:
        config = archive.read("config.json")
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("config.json", config)
        archive.writestr(linked, "/etc/passwd")
    with pytest.raises(KerasFileError, match="The weight file is damaged"):
        read_keras(path)
    with pytest.raises(KerasFileError, match=r"holds no config\.json"):
        read_keras(rewritten(path, {"config.json": None, "config.json/": b""}))


def test_password(path: Path) -> None:
    content = bytearray(path.read_bytes())
    for signature, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        at = 0
        while (at := content.find(signature, at)) >= 0:
            content[at + offset] |= 1
            at += 4
    path.write_bytes(bytes(content))
    with pytest.raises(KerasFileError, match="is protected by a password"):
        read_keras(path)


def test_code_in_a_file_is_never_run(tmp_path: Path) -> None:
    mark = tmp_path / "ran"
    entry = keras.Input((4,))
    name = str(mark)
    path = saved(keras.Model(entry, layers.Lambda(lambda x: (open(name, "w").close(), x)[1], name="code")(entry)), tmp_path)  # noqa: PTH123
    mark.unlink()
    with pytest.raises(StudioError, match=r"code \(Lambda\): it holds Python code, which is never run"):
        import_file(str(path), str(tmp_path / "workspace"))
    assert not mark.exists()


def test_class_from_elsewhere_is_never_imported(path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "evil.py").write_text(f"from pathlib import Path\nPath({str(tmp_path / 'ran')!r}).touch()\n", "utf-8")
    monkeypatch.syspath_prepend(tmp_path)

    def change(config: dict[str, Any]) -> None:
        config["config"]["layers"][1] |= {"module": "evil", "class_name": "Layer", "registered_name": "evil>Layer"}

    with pytest.raises(KerasImportError, match=r"first \(Layer\): it is no layer of Keras"):
        read_keras(with_config(path, change))
    assert not (tmp_path / "ran").exists()


def test_vocabulary_that_is_too_large_or_no_text(tmp_path: Path) -> None:
    words = layers.TextVectorization(name="words")
    words.adapt(["a b c"])
    text = keras.Input((), dtype="string")
    path = saved(keras.Model(text, layers.Flatten()(layers.Embedding(9, 2)(words(text)))), tmp_path)
    member = "assets/layers/text_vectorization/vocabulary.txt"
    rewritten(path, {member: b"\n[UNK]\n" + b"word\n" * 1000})
    assert "vocabulary" not in read_keras(path, ImportLimits(vocabulary_bytes=100)).graph.nodes["words"].params
    with pytest.raises(KerasFileError, match="is no text in UTF-8"):
        read_keras(rewritten(path, {member: b"\xff\xfe"}))


# The weight file.


def test_links_are_not_followed(path: Path, tmp_path: Path) -> None:
    secret = tmp_path / "secret.h5"
    with h5py.File(secret, "w") as file:
        file["numbers"] = np.ones((4, 3), "float32")

    def change(file: h5py.File) -> None:
        del file["layers/dense/vars/0"]
        file["layers/dense/vars/0"] = h5py.ExternalLink(str(secret), "/numbers")
        del file["layers/dense/vars/1"]
        file["layers/dense/vars/1"] = h5py.SoftLink("/layers/dense_1/vars/1")

    found = read_keras(with_weight_file(path, change))
    assert "layers/dense" not in found.weights
    assert [left.sentence() for left in found.left] == [
        f"layers/dense/vars/{number}: it is a link to another place, which is not followed." for number in (0, 1)
    ]


def test_numbers_in_other_files_are_not_read(path: Path, tmp_path: Path) -> None:
    raw = tmp_path / "raw"
    raw.write_bytes(bytes(48))
    source = tmp_path / "source.h5"
    with h5py.File(source, "w") as file:
        file["numbers"] = np.ones(3, "float32")

    def change(file: h5py.File) -> None:
        del file["layers/dense/vars/0"]
        file.create_dataset("layers/dense/vars/0", (4, 3), "float32", external=[(str(raw), 0, 48)])
        layout = h5py.VirtualLayout((3,), "float32")
        layout[:] = h5py.VirtualSource(str(source), "numbers", (3,))
        del file["layers/dense/vars/1"]
        file.create_virtual_dataset("layers/dense/vars/1", layout)

    found = read_keras(with_weight_file(path, change))
    assert "layers/dense" not in found.weights
    assert {left.reason for left in found.left} == {"its numbers stand in other files, which are not opened."}


def test_what_holds_no_numbers_is_left(path: Path) -> None:
    def change(file: h5py.File) -> None:
        for number in (0, 1):
            del file[f"layers/dense/vars/{number}"]
        file["layers/dense/vars/0"] = np.array([file.ref], dtype=h5py.ref_dtype)
        file["layers/dense/vars/1"] = "text"
        file["layers/dense/vars/2"] = h5py.Empty("float32")

    found = read_keras(with_weight_file(path, change))
    assert [left.reason for left in found.left] == ["it holds no numbers.", "it holds no numbers.", "it is empty."]


def test_array_that_claims_to_be_huge(path: Path) -> None:
    def change(file: h5py.File) -> None:
        file.create_dataset("layers/dense/vars/9", (10**6, 10**6), "float32", chunks=(1000, 1000), compression="gzip")

    with pytest.raises(KerasFileError, match="limit `weights_bytes`"):
        read_keras(with_weight_file(path, change))


def test_groups_without_end(path: Path) -> None:
    def circle(file: h5py.File) -> None:
        file["layers/dense/again"] = file["layers"]

    with pytest.raises(KerasFileError, match="more than 60 levels deep"):
        read_keras(with_weight_file(path, circle))


def test_very_many_groups(path: Path) -> None:
    def many(file: h5py.File) -> None:
        for number in range(300):
            file.create_group(f"layers/dense/g{number}")

    with pytest.raises(KerasFileError, match=r"more than 100 groups and arrays \(limit `objects`\)"):
        read_keras(with_weight_file(path, many), ImportLimits(objects=100))


@pytest.mark.parametrize("share", [0.0, 0.01, 0.3, 0.6, 0.9])
def test_weight_file_that_breaks_off(share: float, path: Path) -> None:
    with zipfile.ZipFile(path) as archive:
        content = archive.read("model.weights.h5")
    with pytest.raises(KerasFileError, match="The weight file is damaged"):
        read_keras(rewritten(path, {"model.weights.h5": content[: int(len(content) * share)]}))


def test_weight_file_with_changed_bytes_ends_in_a_refusal_or_in_other_numbers(path: Path) -> None:
    with zipfile.ZipFile(path) as archive:
        content = archive.read("model.weights.h5")
    random = np.random.default_rng(0)
    outcomes = set()
    for _ in range(150):
        changed = bytearray(content)
        for place in random.integers(0, len(changed), 4):
            changed[place] = int(random.integers(0, 256))
        try:
            found = read_keras(rewritten(path, {"model.weights.h5": bytes(changed)}))
        except KerasFileError:
            outcomes.add("refused")
        else:
            outcomes.add("read")
            assert all(array.dtype.kind in "fiub" for numbers in found.weights.values() for array in numbers.values())
    assert outcomes == {"refused", "read"}


def test_refusal_reaches_a_person_as_a_sentence(tmp_path: Path) -> None:
    path = tmp_path / "model.keras"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("config.json", json.dumps({"class_name": "Net", "module": "theirs", "config": {}}))
    with pytest.raises(StudioError, match=r"^The model is of its own class Net, whose code is never run\. Save it as a functional model"):
        import_file(str(path), str(Workspace(tmp_path / "workspace").folder))
