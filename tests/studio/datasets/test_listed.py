"""Pictures that a table lists: what becomes of its columns, and what of names that lead nowhere."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import pytest

from studio.datasets import add, builtin, load, synthetic_gauges, synthetic_objects
from studio.datasets.errors import DatasetError
from studio.datasets.kinds.label_cells import separator_of, split
from studio.workspace import Workspace
from tests.studio.datasets.uploads import picture

Zipped = Callable[..., Path]
COUNT = 40


def pictures(count: int = COUNT, folder: str = "pics/") -> dict[str, bytes]:
    return {f"{folder}{number:03}.png": picture(number) for number in range(count)}


def table(header: str, cells: Callable[[int], str], count: int = COUNT) -> str:
    return "\n".join([header, *(cells(number) for number in range(count))]) + "\n"


def labels_of(number: int) -> list[str]:
    return [name for name, every in (("red", 2), ("round", 3), ("rare", 5)) if number % every == 0]


def said(warnings: Sequence[str]) -> str:
    return "\n".join(warnings)


NUMBERED = "none can be used: the file is not in the upload"
PLAIN = table("f,y", lambda n: f"{n:03}.png,{n}")
SAME = table("f,y,z", lambda n: f"{n:03}.png,{n},{n}")


@pytest.mark.parametrize("joint", [";", "|", ", ", " "])
def test_several_labels_in_a_cell(joint: str, workspace: Workspace, zipped: Zipped) -> None:
    quoted = table("file,tags", lambda number: f'{number:03}.png,"{joint.join(labels_of(number))}"')
    manifest = add(workspace, zipped({**pictures(), "labels.csv": quoted}))
    assert (manifest.kind, manifest.samples, manifest.target.kind) == ("image-multilabel", COUNT, "labels")
    assert manifest.classes == ("rare", "red", "round")
    dataset = load(workspace, manifest.name)
    expected = [[name in labels_of(number) for name in ("rare", "red", "round")] for number in range(COUNT)]
    np.testing.assert_array_equal(dataset.values("tags"), np.array(expected, np.float32))
    assert "holds several labels" in said(manifest.warnings)


def test_columns_of_yes_and_no(workspace: Workspace, zipped: Zipped) -> None:
    names = ("red", "round", "rare")
    text = table(
        "red,image,round,rare", lambda n: f"{int('red' in labels_of(n))},pics/{n:03}.png,{','.join(str(int(x in labels_of(n))) for x in names[1:])}"
    )
    manifest = add(workspace, zipped({**pictures(), "sub/labels.csv": text}))
    assert (manifest.kind, manifest.target.name, manifest.classes) == ("image-multilabel", "labels", ("rare", "red", "round"))
    assert manifest.target.statistics["counts"] == load(workspace, manifest.name).values("labels", "train").sum(axis=0).tolist()


@pytest.mark.parametrize(
    ("cells", "found"),
    [
        (["T-shirt top", "Ankle boot", "Sneaker"] * 10, None),
        (["a dog, running", "a cat, asleep", "one bird, far away, small"], None),
        (["cat;dog", "dog", "cat", ""] * 3, ";"),
        (["cat", "dog"] * 5, None),
        (["red car", "blue car", "red bike", "blue bike"] * 5, None),
        (["sun sea", "sun", "sea sand", "sun sea sand", "sand", "sun sand", "sea"] * 4, " "),
        ([None, ""], None),
    ],
)
def test_what_stands_between_labels(cells: list[str | None], found: str | None) -> None:
    assert separator_of(cells) == found


def test_labels_are_cleaned() -> None:
    assert split("['cat', 'dog', 'cat']", ",") == ("cat", "dog")
    assert split(" big  cat ", None) == ("big cat",)
    assert split(None, ";") == ()


def test_one_class_and_one_number(workspace: Workspace, zipped: Zipped) -> None:
    classes = add(workspace, zipped({**pictures(), "l.csv": table("id,breed", lambda number: f"{number:03},{('pug', 'collie')[number % 2]}")}))
    assert (classes.kind, classes.classes) == ("image-classification", ("collie", "pug"))
    numbers = add(workspace, zipped({**pictures(), "l.csv": table("id,age", lambda number: f"{number:03},{number * 1.5}")}, "ages.zip"))
    assert (numbers.kind, numbers.target.kind, numbers.reading["files"]) == ("image-regression", "number", "id")
    assert sorted(load(workspace, "ages").values("age").tolist()) == [number * 1.5 for number in range(COUNT)]


def test_further_columns_are_inputs_unless_the_kind_leaves_them_out(workspace: Workspace, zipped: Zipped) -> None:
    text = table(
        "name,patient,age,sex,sick,code", lambda n: f"{n:03}.png,p{n},{20 + n % 30},{'mf'[n % 2]},{('no', 'yes')[n % 3 == 0]},{int(n % 3 == 0)}"
    )
    path = zipped({**pictures(), "scans.csv": text}, "scans.zip")
    both = add(workspace, path, target="sick")
    assert (both.kind, [(each.name, each.kind) for each in both.inputs]) == (
        "multi-input", [("image", "image"), ("age", "number"), ("sex", "category")],
    )  # fmt: skip
    assert "the network reads 'age', 'sex' (multi-input). Choose image-classification to leave them out" in said(both.warnings)
    assert "say the same as the target: code" in said(both.warnings)
    dataset = load(workspace, both.name)
    assert dataset.columns()["age"].tolist() == [20 + n % 30 for n in range(COUNT)]
    alone = add(workspace, path, name="alone", target="sick", kind="image-classification")
    assert [each.name for each in alone.inputs] == ["image"]
    age = add(workspace, path, name="ages", target="age", kind="image-regression")
    assert (age.kind, age.target.name) == ("image-regression", "age")
    with pytest.raises(DatasetError, match="no column that could be an input beside the picture"):
        add(workspace, zipped({**pictures(), "l.csv": table("f,y", lambda n: f"{n:03}.png,{n}")}, "few.zip"), kind="multi-input")


def test_several_targets(workspace: Workspace, zipped: Zipped) -> None:
    text = table("f,kind,size,x", lambda n: f"{n:03}.png,{'ab'[n % 2] if n else ''},{n if n != 1 else ''},{n % 7}")
    manifest = add(workspace, zipped({**pictures(), "l.csv": text}), target="kind, size", kind="image-classification")
    assert [(each.name, each.kind) for each in manifest.features if each.role == "target"] == [("kind", "category"), ("size", "number")]
    dataset = load(workspace, manifest.name)
    assert dataset.values("kind")[0] == -1
    assert np.isnan(dataset.values("size")[1])


def test_splits_groups_and_copies(workspace: Workspace, zipped: Zipped) -> None:
    files = {f"{('train', 'val', 'test')[n % 3]}/{n:03}.png": picture(n) for n in range(COUNT)}
    folders = add(workspace, zipped({**files, "l.csv": table("f,y", lambda n: f"{n:03}.png,{n}")}, "folders.zip"))
    assert folders.splits == {"train": 14, "validation": 13, "test": 13}
    column = table("f,y,subset", lambda n: f"{n:03}.png,{n},{('train', 'dev', 'test')[n % 3]}")
    assert add(workspace, zipped({**pictures(), "l.csv": column}, "column.zip")).splits == folders.splits
    people = add(
        workspace, zipped({**pictures(), "l.csv": table("f,y,who", lambda n: f"{n:03}.png,{n},p{n // 4}")}, "people.zip"),
        kind="image-regression", options={"group": "who"},
    )  # fmt: skip
    frame = load(workspace, people.name).table(["who", "split"])
    assert frame.groupby("who")["split"].nunique().max() == 1
    doubled = {**pictures(), "pics/039.png": pictures()["pics/000.png"]}
    copied = add(workspace, zipped({**doubled, "l.csv": table("f,y", lambda n: f"{n:03}.png,{n}")}, "copied.zip"))
    assert "1 picture is a copy of another; copies stay in one split." in copied.warnings


def test_names_that_lead_nowhere_are_left_out_and_said(workspace: Workspace, zipped: Zipped) -> None:
    odd = [
        "../../etc/passwd.png,1", "/etc/passwd,1", "C:\\\\secret.png,1", "https://example.org/a.png,1",
        "gone.png,1", ",1", "000.png,5", "twice.png,1",
    ]  # fmt: skip
    text = table("f,y", lambda n: f"pics/{n:03}.png,{n}") + "\n".join(odd) + "\n"
    files = {**pictures(), "a/twice.png": picture(98), "b/twice.png": picture(99), "broken.png": b"nothing", "deep/unnamed.png": picture(97)}
    manifest = add(workspace, zipped({**files, "l.csv": text + "broken.png,3\n", "notes.txt": "hello"}))
    assert manifest.samples == COUNT
    words = said(manifest.warnings)
    for reason in (
        "Left out 1 row (the path leads outside the upload): ../../etc/passwd.png.",
        "Left out 3 rows (an absolute path; name files relative to the table): /etc/passwd",
        "Left out 1 row (the file is not in the upload): gone.png.",
        "Left out 1 row (no file is named): an empty cell.",
        "Left out 1 row (several files have this name; add their folder): twice.png.",
        "Left out 1 row (its picture is named in a row before it): pics/000.png.",
        "broken.png",
        "Left out 3 pictures (not named in l.csv): a/twice.png, b/twice.png, deep/unnamed.png.",
        "notes.txt",
    ):
        assert reason in words, reason


def test_labels_in_several_rows_are_joined_where_several_are_wanted(workspace: Workspace, zipped: Zipped) -> None:
    rows = [f"{number:03}.png,{label}" for number in range(COUNT) for label in labels_of(number) or ["none"]]
    path = zipped({**pictures(), "l.csv": "\n".join(["f,label", *rows]) + "\n"})
    manifest = add(workspace, path, kind="image-multilabel")
    assert manifest.classes == ("none", "rare", "red", "round")
    assert "named in several rows; their labels were put together" in said(manifest.warnings)
    assert load(workspace, manifest.name).values("label").sum() == len(rows)


@pytest.mark.parametrize(
    ("files", "settings", "reason"),
    [
        ({"l.csv": table("f,y", lambda n: f"else{n}.png,{n}")}, {}, f"names 40 files in its column 'f', and {NUMBERED}"),
        ({"l.csv": table("f,y", lambda n: f"/home/me/{n:03}.png,{n}")}, {}, "none can be used: an absolute path"),
        ({"l.csv": PLAIN, "m.csv": PLAIN}, {}, "several tables that list pictures"),
        ({"l.csv": table("f,y", lambda n: f"{n:03}.png,{n}", 2)}, {}, "There are 2 usable rows; at least 3 are needed"),
        ({"l.csv": PLAIN}, {"target": "z"}, "no column 'z'"),
        ({"l.csv": table("f,y", lambda n: f"{n:03}.png,")}, {"target": "y"}, "target column 'y' is empty"),
        ({"l.csv": table("f,y", lambda n: f"{n:03}.png,a")}, {"kind": "image-regression"}, "No column holds numbers to predict"),
        ({"l.csv": SAME}, {"kind": "image-multilabel", "target": "y,z"}, "Several columns make labels if each"),
    ],
)  # fmt: skip
def test_refused_in_one_sentence(files: dict[str, str], settings: dict[str, str], reason: str, workspace: Workspace, zipped: Zipped) -> None:
    with pytest.raises(DatasetError) as refused:
        add(workspace, zipped({**pictures(), **files}), **settings)
    assert reason in str(refused.value)
    assert not list(workspace.datasets.iterdir())
    assert not list(workspace.incoming.iterdir())


def test_class_folders_with_a_table_of_pairs_stay_class_folders(workspace: Workspace, zipped: Zipped) -> None:
    files = {f"{name}/{number}.png": picture(number + 50 * place) for place, name in enumerate("ab") for number in range(12)}
    pairs = "\n".join(["one,other,same", *(f"a/{n}.png,b/{n}.png,0" for n in range(12))])
    assert add(workspace, zipped({**files, "pairs.csv": pairs})).kind == "image-classification"


def test_a_picture_in_several_folders_has_several_labels(workspace: Workspace, zipped: Zipped) -> None:
    files = {f"{label}/{number:03}.png": picture(number, size=(24, 24)) for number in range(COUNT) for label in labels_of(number)}
    again = {"red/x.jpg": picture(500, size=(24, 24), form="JPEG", quality=95), "rare/x.jpg": picture(500, size=(24, 24), form="JPEG", quality=90)}
    other = {"red/y.png": picture(501), "round/y.png": picture(502)}
    path = zipped({**files, **again, **other}, "folders.zip")
    manifest = add(workspace, path, kind="image-multilabel")
    assert manifest.classes == ("rare", "red", "round")
    shown = [number for number in range(COUNT) if labels_of(number)]
    assert manifest.samples == len(shown) + 3
    assert f"{sum(len(labels_of(number)) > 1 for number in shown) + 1} pictures lie in several folders" in said(manifest.warnings)
    found = load(workspace, manifest.name).table(["path", "labels"]).set_index("path")["labels"]
    assert sorted(next(value for path, value in found.items() if path.endswith("x.jpg"))) == ["rare", "red"]
    assert add(workspace, path, name="classes").kind == "image-classification"


def test_built_in_sets_are_what_their_rules_make(workspace: Workspace) -> None:
    objects = builtin.add(workspace, "objects")
    assert (objects.kind, objects.samples, objects.warnings) == ("image-multilabel", synthetic_objects.COUNT, [])
    truth = [set(shown) for _, shown in synthetic_objects.samples()]
    stored = load(workspace, "objects").table(["objects"])["objects"]
    assert [set(labels) for labels in stored] == truth
    gauges = builtin.add(workspace, "gauges")
    assert (gauges.kind, gauges.target.name, gauges.warnings) == ("multi-input", "reading", [])
    assert load(workspace, "gauges").table(["reading"])["reading"].tolist() == [gauge.reading for gauge in synthetic_gauges.samples()]
