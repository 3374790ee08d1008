"""The pages of trained networks: what they show, what they ask the engine, and what they refuse. The engine is a stand-in."""

from __future__ import annotations

import base64
import io
import json
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from concurrent.futures.process import BrokenProcessPool
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from fastapi import FastAPI
from fastapi.responses import JSONResponse
from fastapi.testclient import TestClient
from PIL import Image, ImageDraw

from blocks.features import Feature
from studio.evaluation import measure, result
from studio.evaluation.result import Evaluation
from studio.runs import Run
from studio.ui import drawing, engine_tasks, evaluation_view, prediction_form
from studio.ui.context import Context
from studio.ui.launcher import Launcher
from studio.ui.pages import evaluate, export, predict
from studio.ui.work import Work
from studio.workspace import StudioError, Workspace, write_json
from tests.studio.ui.made_runs import made_run


class StandInEngine:
    """Answers at once, by the function's name; what is not there raises."""

    def __init__(self, answers: dict[str, Any] | None = None) -> None:
        self.answers = answers or {}
        self.asked: list[tuple[str, tuple[Any, ...]]] = []
        self.closed = False

    def submit(self, function: Callable[..., Any], *args: Any) -> Future[Any]:
        self.asked.append((function.__name__, args))
        future: Future[Any] = Future()
        answer = self.answers[function.__name__]
        if isinstance(answer, Exception):
            future.set_exception(answer)
        else:
            future.set_result(answer(*args) if callable(answer) else answer)
        return future

    def warm(self) -> None:
        """Nothing to warm."""

    def close(self) -> None:
        self.closed = True


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    return Workspace(tmp_path / "workspace")


@pytest.fixture
def engine() -> StandInEngine:
    return StandInEngine()


@pytest.fixture
def client(workspace: Workspace, engine: StandInEngine, monkeypatch: pytest.MonkeyPatch) -> Iterator[TestClient]:
    for module in (evaluate, export):
        monkeypatch.setattr(module, "Work", lambda: Work(lambda: engine))  # type: ignore[arg-type, return-value]
    context = Context(workspace, Launcher(workspace, warm=False), engine=engine)  # type: ignore[arg-type]
    app = FastAPI()
    for page in (evaluate, export, predict):
        app.include_router(page.routes(context), prefix="/api")
    app.add_exception_handler(StudioError, lambda _, error: JSONResponse({"error": str(error)}, 400))
    with TestClient(app) as client:
        yield client


def png(image: Image.Image) -> bytes:
    out = io.BytesIO()
    image.save(out, "PNG")
    return out.getvalue()


def address(content: bytes) -> str:
    return "data:image/png;base64," + base64.b64encode(content).decode()


def stroke(size: int = 280, at: tuple[int, int] = (40, 40)) -> bytes:
    """A thick upright stroke, drawn small and away from the middle."""
    image = Image.new("RGBA", (size, size), (0, 0, 0, 0))
    ImageDraw.Draw(image).line([at, (at[0], at[1] + 100)], fill=(255, 255, 255, 255), width=20)
    return png(image)


def signs(ground: int, ink: int) -> list[bytes]:
    """Pictures of 28 x 28 with a bar of 20 x 4 in the middle."""
    pixels = np.full((28, 28), ground, np.uint8)
    pixels[4:24, 12:16] = ink
    return [png(Image.fromarray(pixels))] * 8


# --- drawings


@pytest.mark.parametrize(("ground", "ink"), [(0, 255), (255, 0), (255, 40)], ids=["white on black", "black on white", "grey on white"])
def test_a_drawing_becomes_like_the_training_pictures(ground: int, ink: int) -> None:
    style = drawing.style_of(signs(ground, ink))
    assert style is not None
    pixels = np.asarray(Image.open(io.BytesIO(drawing.placed(stroke(), style))), np.int16)
    assert pixels.shape == (28, 28)
    assert abs(int(pixels[0, 0]) - ground) <= 2
    marked = np.abs(pixels - ground) > np.abs(ink - ground) / 2
    rows, columns = np.flatnonzero(marked.any(axis=1)), np.flatnonzero(marked.any(axis=0))
    assert rows[-1] - rows[0] + 1 in (19, 20, 21)
    assert abs(rows.mean() - 13.5) <= 1
    assert abs(columns.mean() - 13.5) <= 1
    assert abs(int(pixels[14, 13]) - ink) <= 4


def test_place_and_size_of_the_drawing_do_not_matter() -> None:
    style = drawing.style_of(signs(0, 255))
    assert style is not None
    first, second = (np.asarray(Image.open(io.BytesIO(drawing.placed(stroke(at=place), style))), np.int16) for place in ((40, 40), (200, 150)))
    assert np.abs(first - second).max() <= 2


def test_photographs_have_no_style_of_signs() -> None:
    noise = np.random.default_rng(0).integers(0, 256, (8, 32, 32), dtype=np.uint8)
    assert drawing.style_of([png(Image.fromarray(pixels)) for pixels in noise]) is None
    assert drawing.style_of([]) is None


def test_the_built_in_digits_are_signs(workspace: Workspace) -> None:
    style = prediction_form.drawing_style(workspace, made_run(workspace))
    assert style is not None
    assert (style.height, style.width, style.ground, style.ink) == (8, 8, 0.0, 1.0)


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (png(Image.new("RGBA", (50, 50), (0, 0, 0, 0))), "Nothing has been drawn"),
        (b"no picture", "did not arrive"),
        (stroke()[:60], "did not arrive"),
    ],
    ids=["empty", "no picture", "cut off"],
)
def test_what_is_no_drawing_is_refused(content: bytes, sentence: str) -> None:
    style = drawing.style_of(signs(0, 255))
    assert style is not None
    with pytest.raises(StudioError, match=sentence):
        drawing.placed(content, style)


# --- the form


def test_typical_values() -> None:
    number = Feature(name="a", role="input", kind="number", statistics={"median": 12.3456, "minimum": 1, "maximum": 20})
    category = Feature(name="b", role="input", kind="category", classes=("x", "y"), statistics={"counts": [1, 5]})
    date = Feature(name="c", role="input", kind="date", statistics={"maximum": "2026-01-02"})
    assert [prediction_form.typical(feature) for feature in (number, category, date)] == ["12.35", "y", "2026-01-02"]
    assert prediction_form.typical(Feature(name="d", role="input", kind="number")) == ""
    assert prediction_form.typical(number.model_copy(update={"statistics": {"median": 1234567.0}})) == "1234567"


def test_a_typed_row_is_read_and_a_wrong_number_named() -> None:
    features = [
        Feature(name="a", role="input", kind="number"),
        Feature(name="b", role="input", kind="category"),
        Feature(name="t", role="target", kind="number"),
    ]
    assert prediction_form.read_row(features, {"a": "12,5", "b": " x ", "t": "3"}) == {"a": 12.5, "b": "x"}
    assert prediction_form.read_row(features, {"a": ""}) == {"a": None, "b": ""}
    with pytest.raises(StudioError, match="a: 'tall' is not a number"):
        prediction_form.read_row(features, {"a": "tall"})


def test_form_of_a_picture_network(client: TestClient, workspace: Workspace) -> None:
    form = client.get(f"/api/prediction/{made_run(workspace).id}").json()
    assert (form["kind"], form["dataset"], len(form["target"]["classes"])) == ("image", "digits", 10)
    assert form["drawing"]["height"] == 8


def test_form_of_a_table_network(client: TestClient, workspace: Workspace) -> None:
    form = client.get(f"/api/prediction/{made_run(workspace, dataset='iris').id}").json()
    assert form["kind"] == "columns"
    assert [(column["kind"], float(column["value"]) > 0) for column in form["columns"]] == [("number", True)] * 4


# --- predictions


def test_predicting_a_drawing(client: TestClient, workspace: Workspace, engine: StandInEngine) -> None:
    engine.answers["predict_picture"] = {
        "predictions": [{"input": "picture", "label": "1", "probabilities": {"0": 0.25, "1": 0.75}}],
        "seen": signs(0, 255)[0],
    }
    run = made_run(workspace)
    answer = client.post(f"/api/prediction/{run.id}", json={"drawing": address(stroke()), "state": "last"}).json()
    assert (answer["label"], answer["probabilities"], answer["truth"], answer["given"]) == ("1", [0.25, 0.75], None, None)
    assert answer["seen"].startswith("data:image/png;base64,")
    _, (folder, state, content) = engine.asked[-1]
    assert (folder, state) == (str(run.folder), "last")
    assert Image.open(io.BytesIO(content)).size == (8, 8)


def test_predicting_a_sample_of_the_dataset_shows_the_truth(client: TestClient, workspace: Workspace, engine: StandInEngine) -> None:
    engine.answers["predict_picture"] = {"predictions": [{"input": "picture", "label": "1", "probabilities": {"1": 1.0}}], "seen": None}
    run = made_run(workspace)
    answer = client.post(f"/api/prediction/{run.id}", json={"row": 3}).json()
    assert answer["truth"] in "0123456789"
    assert answer["given"].startswith("data:image/png")
    assert "has no sample 99999" in client.post(f"/api/prediction/{run.id}", json={"row": 99999}).json()["error"]


def test_predicting_rows_of_tables(client: TestClient, workspace: Workspace, engine: StandInEngine) -> None:
    engine.answers["predict"] = {"predictions": [{"input": "row:1", "value": 12.5}], "warnings": ["age counts as a gap."]}
    run = made_run(workspace, dataset="concrete")
    answer = client.post(f"/api/prediction/{run.id}", json={"values": {"cement": "300,5"}}).json()
    assert (answer["value"], answer["notes"]) == (12.5, ["age counts as a gap."])
    payload = engine.asked[-1][1][1]
    assert payload["rows"][0]["cement"] == 300.5
    assert payload["rows"][0]["age"] is None
    stored = client.post(f"/api/prediction/{run.id}", json={"row": 0}).json()
    assert isinstance(stored["truth"], float)
    assert engine.asked[-1][1][1]["rows"][0]["cement"] > 0


def test_predicting_a_text_of_the_dataset(client: TestClient, workspace: Workspace, engine: StandInEngine) -> None:
    engine.answers["predict"] = {"predictions": [{"input": "x", "label": "German", "probabilities": {"German": 1.0}}]}
    answer = client.post(f"/api/prediction/{made_run(workspace, dataset='languages').id}", json={"row": 0}).json()
    assert answer["label"] == "German"
    assert len(engine.asked[-1][1][1]["texts"][0]) > 10


@pytest.mark.parametrize(
    ("question", "sentence"),
    [
        ({}, "Nothing was asked"),
        ({"picture": "data:image/png;base64,%%%"}, "did not arrive whole"),
        ({"picture": "http://x/y.png"}, "did not arrive whole"),
        ({"upload": "upload-00"}, "not there any more"),
    ],
    ids=["nothing", "damaged", "an address", "swept"],
)
def test_what_can_not_be_predicted_is_refused_with_a_sentence(
    client: TestClient, workspace: Workspace, question: dict[str, Any], sentence: str
) -> None:
    answer = client.post(f"/api/prediction/{made_run(workspace).id}", json=question)
    assert answer.status_code == 400
    assert sentence in answer.json()["error"]


def test_a_drawing_for_a_network_of_photographs_is_refused(client: TestClient, workspace: Workspace) -> None:
    answer = client.post(f"/api/prediction/{made_run(workspace, dataset='iris').id}", json={"drawing": address(stroke())})
    assert "not trained on signs" in answer.json()["error"]


def test_a_helper_that_died_is_told_in_words(client: TestClient, workspace: Workspace, engine: StandInEngine) -> None:
    engine.answers["predict"] = BrokenProcessPool("gone")
    answer = client.post(f"/api/prediction/{made_run(workspace).id}", json={"text": "a"})
    assert "The helper process ended" in answer.json()["error"]


def test_a_table_file_is_predicted_and_downloaded(client: TestClient, workspace: Workspace, engine: StandInEngine) -> None:
    def predicted(folder: str, state: str, path: str, output: str, shown: int) -> dict[str, Any]:
        Path(output).write_text("input,label\nrow:1,a\n", "utf-8")
        return {"total": 1, "notes": [], "predictions": [{"input": "row:1", "label": "a", "probabilities": {"a": 0.75, "b": 0.25}}]}

    engine.answers["predict_file"] = predicted
    folder = workspace.temporary / "upload-abc123"
    folder.mkdir()
    (folder / "new.csv").write_text("a\n1\n", "utf-8")
    run = made_run(workspace, dataset="iris")
    answer = client.post(f"/api/prediction/{run.id}/table", json={"upload": "upload-abc123"}).json()
    assert (answer["rows"], answer["columns"], answer["total"]) == ([[1, "a", "75.0"]], ["", "species", "%"], 1)
    assert client.get("/" + answer["download"]).text == "input,label\nrow:1,a\n"
    assert client.get(f"/api/prediction/{run.id}/table.csv?upload=upload-none").status_code == 400


# --- evaluation


def evaluated(run: Run, *, split: str = "test", classes: tuple[str, ...] = ("0", "1", "2")) -> Evaluation:
    """An evaluation of six samples, as it is kept: the third 0 was taken for 1, the last 2 for 0."""
    truth = np.array([0, 0, 0, 1, 2, 2])
    probabilities = np.array([[0.9, 0.1, 0], [0.8, 0.2, 0], [0.3, 0.7, 0], [0.2, 0.8, 0], [0.1, 0, 0.9], [0.6, 0, 0.4]], np.float32)
    if len(classes) > 3:
        probabilities = np.pad(probabilities, ((0, 0), (0, len(classes) - 3)))
    rows = np.arange(10, 16)
    facts, arrays = measure.of_classes(rows, truth, probabilities, classes)
    found = Evaluation(
        run=run.id,
        split=split,
        state="best",
        samples=6,
        metrics={"loss": 0.5, "accuracy": 4 / 6},
        target="label",
        weights_written=result.weights_written(run, "best"),
        **facts,
    )
    result.save(run, found, arrays)
    return found


def test_evaluation_of_classes(client: TestClient, workspace: Workspace) -> None:
    run = made_run(workspace)
    evaluated(run)
    answer = client.get(f"/api/evaluation/{run.id}").json()
    assert (answer["working"], answer["problem"], answer["metrics"]) == (None, None, {"loss": 0.55, "accuracy": 0.875})
    shown = answer["evaluated"]
    assert shown["matrix"] == {"classes": [0, 1, 2], "counts": [[2, 1, 0], [0, 1, 0], [1, 0, 1]]}
    assert shown["wrong"] == 2
    assert {"truth": 0, "predicted": 1, "count": 1, "share": 1 / 3} in shown["pairs"]
    worst = shown["mistakes"][0]
    assert (worst["row"], worst["truth"], worst["predicted"], worst["probability"]) == (12, "0", "1", 0.7)
    assert worst["picture"].startswith("data:image/png")
    assert shown["per_class"][0]["recall"] == pytest.approx(2 / 3)


def test_a_cell_lists_its_samples_the_surest_first(client: TestClient, workspace: Workspace) -> None:
    run = made_run(workspace)
    evaluated(run)
    cell = client.get(f"/api/evaluation/{run.id}/cell?truth=0&predicted=0").json()
    assert (cell["total"], [sample["row"] for sample in cell["samples"]]) == (2, [10, 11])
    everything = client.get(f"/api/evaluation/{run.id}/cell?truth=0&offset=1&limit=1").json()
    assert (everything["total"], [sample["row"] for sample in everything["samples"]]) == (3, [11])
    assert client.get(f"/api/evaluation/{run.id}/cell?truth=0&split=train").status_code == 400


def test_evaluation_of_numbers(client: TestClient, workspace: Workspace) -> None:
    run = made_run(workspace, dataset="concrete")
    truth, values = np.array([10.0, 20, 30, 40]), np.array([11.0, 19, 33, 40])
    facts, arrays = measure.of_numbers(np.arange(4), truth, values)
    found = Evaluation(
        run=run.id,
        split="test",
        state="best",
        samples=4,
        metrics={"mae": 1.25},
        target="strength",
        unit="MPa",
        weights_written=result.weights_written(run, "best"),
        **facts,
    )
    result.save(run, found, arrays)
    shown = client.get(f"/api/evaluation/{run.id}").json()["evaluated"]
    assert shown["points"][2] == [30.0, 33.0, 2]
    assert sum(shown["residuals"]["counts"]) == 4
    assert shown["figures"]["mean"] == 0.75
    assert (shown["mistakes"][0]["row"], shown["mistakes"][0]["error"], shown["target"]["unit"]) == (2, 3.0, "MPa")
    assert len(shown["mistakes"][0]["cells"]) == len(shown["columns"]) == 8


def test_an_evaluation_of_older_weights_counts_as_none(client: TestClient, workspace: Workspace) -> None:
    run = made_run(workspace)
    evaluated(run)
    np.savez(run.checkpoints / "best.npz", weights=np.ones(3))
    assert client.get(f"/api/evaluation/{run.id}").json()["evaluated"] is None


def test_figures_stay_when_the_dataset_is_gone(client: TestClient, workspace: Workspace) -> None:
    run = made_run(workspace, dataset="not-here")
    evaluated(run)
    shown = client.get(f"/api/evaluation/{run.id}").json()["evaluated"]
    assert shown["wrong"] == 2
    assert "picture" not in shown["mistakes"][0]


def test_ordering_an_evaluation(client: TestClient, workspace: Workspace, engine: StandInEngine) -> None:
    run = made_run(workspace)
    engine.answers["evaluate"] = lambda folder, split, _: evaluated(Run(Path(folder)), split=split)
    client.post(f"/api/evaluation/{run.id}", json={"split": "validation"})
    assert wait_for(lambda: client.get(f"/api/evaluation/{run.id}?split=validation").json()["evaluated"])["samples"] == 6
    assert engine.asked == [("evaluate", (str(run.folder), "validation", "best"))]


def test_evaluating_data_of_ones_own(client: TestClient, workspace: Workspace, engine: StandInEngine) -> None:
    run = made_run(workspace)
    folder = workspace.temporary / "upload-abc123"
    folder.mkdir()
    (folder / "own.zip").write_bytes(b"zip")

    def measured(run_folder: str, state: str, data: str, keep: str) -> None:
        assert Path(data).name == "own.zip"
        write_json(Path(keep), evaluated(Run(Path(run_folder))).model_dump(mode="json"))

    engine.answers["evaluate_elsewhere"] = measured
    client.post(f"/api/evaluation/{run.id}", json={"upload": "upload-abc123"})
    shown = wait_for(lambda: client.get(f"/api/evaluation/{run.id}?upload=upload-abc123").json()["evaluated"])
    assert not shown["has_samples"]
    assert "picture" not in shown["mistakes"][0]
    assert client.get(f"/api/evaluation/{run.id}?upload=upload-none").status_code == 400


def test_of_many_classes_the_matrix_shows_those_with_mistakes(workspace: Workspace) -> None:
    run = made_run(workspace)
    classes = tuple(str(index) for index in range(150))
    evaluation = evaluated(run, classes=classes)
    assert evaluation.confusion is None
    shown = evaluation_view.view(workspace, run, evaluation, evaluation_view.arrays_of(run, "test", "best"))
    assert len(shown["matrix"]["classes"]) == evaluation_view.MATRIX_CLASSES
    assert shown["matrix"]["classes"][:3] == [0, 1, 2]
    assert shown["matrix"]["counts"][0][:3] == [2, 1, 0]
    json.dumps(shown, allow_nan=False)


# --- exports


def exported(run: Run, name: str = "saved_model") -> Path:
    folder = run.exports / name
    (folder / "variables").mkdir(parents=True)
    (folder / "saved_model.pb").write_bytes(b"x" * 100)
    (folder / "client.py").write_text("print('client')\n", "utf-8")
    facts = {
        "run": run.id,
        "state": "best",
        "exporter": name,
        "path": "",
        "bytes": 100,
        "max_abs_difference": 1e-7,
        "samples_checked": 200,
        "created": 5.0,
        "notes": [],
    }
    write_json(folder / "export.json", {"format": "studio.export/1", **facts})
    return folder


def test_formats_have_forms(client: TestClient) -> None:
    formats = {each["name"]: each for each in client.get("/api/export-formats").json()["formats"]}
    assert formats["saved_model"]["runtime"] == "tensorflow"
    assert all(each["summary"] and isinstance(each["fields"], list) for each in formats.values())


def test_exports_are_listed_downloaded_and_deleted(client: TestClient, workspace: Workspace) -> None:
    run = made_run(workspace)
    folder = exported(run)
    listed = client.get(f"/api/exports/{run.id}").json()
    assert (listed["working"], listed["problem"]) == (None, None)
    (shown,) = listed["exports"]
    assert (shown["name"], shown["samples_checked"], shown["client"]) == ("saved_model", 200, "print('client')\n")
    assert "saved_model.pb" in shown["files"]
    answer = client.get(f"/api/exports/{run.id}/saved_model/zip")
    assert answer.content[:2] == b"PK"
    assert "attachment" in answer.headers["content-disposition"]
    assert client.delete(f"/api/exports/{run.id}/saved_model").json()["exports"] == []
    assert not folder.exists()
    assert list(run.exports.iterdir()) == []


@pytest.mark.parametrize("name", ["nothing", "..", "..%2F..", ".hidden"])
def test_what_is_no_export_is_neither_sent_nor_deleted(client: TestClient, workspace: Workspace, name: str) -> None:
    run = made_run(workspace)
    (run.exports / ".hidden").mkdir()
    assert client.get(f"/api/exports/{run.id}/{name}/zip").status_code in (400, 404)
    assert client.delete(f"/api/exports/{run.id}/{name}").status_code in (400, 404, 405)
    assert run.recipe_path.exists()


def test_ordering_an_export_and_its_failure(client: TestClient, workspace: Workspace, engine: StandInEngine) -> None:
    run = made_run(workspace)
    engine.answers["export"] = StudioError("The export answers differently.")
    client.post(f"/api/exports/{run.id}", json={"format": "saved_model"})
    assert wait_for(lambda: client.get(f"/api/exports/{run.id}").json()["problem"]) == "The export answers differently."
    engine.answers["export"] = lambda folder, name, *_: exported(Run(Path(folder)), name) and None
    client.post(f"/api/exports/{run.id}", json={"format": "saved_model", "state": "last"})
    assert wait_for(lambda: client.get(f"/api/exports/{run.id}").json()["exports"])[0]["name"] == "saved_model"


# --- long orders


def test_an_order_under_way_is_not_given_twice() -> None:
    ready = threading.Event()
    engine = StandInEngine({"wait": None})
    future: Future[None] = Future()
    engine.submit = lambda function, *args: (engine.asked.append((function.__name__, args)), future)[1]  # type: ignore[method-assign, assignment, func-returns-value]
    work = Work(lambda: engine, idle_seconds=0.05)  # type: ignore[arg-type, return-value]

    def wait() -> None:
        ready.wait()

    work.begin("a", wait)
    work.begin("a", wait)
    wait_for(lambda: engine.asked)
    assert work.state("a")["working"] is not None
    assert work.under_way("a") == "a"
    future.set_result(None)
    wait_for(lambda: work.state("a")["working"] is None)
    assert len(engine.asked) == 1
    wait_for(lambda: engine.closed)


def test_whatever_goes_wrong_is_told() -> None:
    work = Work(lambda: StandInEngine({"broken": ZeroDivisionError("division by zero")}))  # type: ignore[arg-type, return-value]

    def broken() -> None:
        """Never called: the stand-in fails."""

    work.begin("a", broken)
    assert wait_for(lambda: work.state("a")["problem"]) == "ZeroDivisionError: division by zero"
    work.close()


def test_an_answer_that_takes_too_long_is_told() -> None:
    with pytest.raises(StudioError, match="no answer within"):
        engine_tasks.answer(Future(), 0.01)


def test_the_pages_import_neither_keras_nor_scikit_learn_nor_pandas() -> None:
    code = (
        "import sys; import studio.ui.pages.evaluate, studio.ui.pages.predict, studio.ui.pages.export, studio.ui.pages.runs;"
        "from studio.ui import export_view; export_view.formats();"
        "print([name for name in ('keras', 'tensorflow', 'sklearn', 'pandas') if name in sys.modules])"
    )
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.strip() == "[]"


def wait_for(condition: Callable[[], Any], seconds: float = 10.0) -> Any:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        found = condition()
        if found:
            return found
        time.sleep(0.02)
    raise AssertionError("it did not happen in time")
