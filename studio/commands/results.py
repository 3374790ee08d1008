"""evaluate, predict, export."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, cast

import typer

from studio import runs, runtime
from studio.commands.output import (
    FAILED,
    JsonOption,
    StateOption,
    WorkspaceOption,
    answering,
    open_workspace,
    print_json,
    print_table,
    progress_bar,
    refuse,
    short,
)
from studio.runs import Run
from studio.workspace import StudioError

if TYPE_CHECKING:
    from studio.evaluation.prediction import Answers, Prediction
    from studio.evaluation.result import Evaluation, Split
    from studio.networks.loaded import State

RunArgument = Annotated[str, typer.Argument(metavar="RUN", help='Name of the run, or "latest".')]
BeamsOption = Annotated[int, typer.Option(min=1, max=32, help="Of written texts: beginnings that are followed side by side (beam search).")]
MOST_PROBABILITIES = 3


@answering
def evaluate(
    run: RunArgument,
    data: Annotated[Path | None, typer.Option(metavar="PATH", help="Measure on other data: class folders, a zip, a table or arrays.")] = None,
    split: Annotated[str, typer.Option(help='"test" (default), "validation" or "train".')] = "test",
    folds: Annotated[int | None, typer.Option(min=2, max=100, help="Train and measure once per fold (cross-validation).")] = None,
    baseline: Annotated[bool, typer.Option("--baseline", help="Compare with a linear model and a random forest (tables).")] = False,
    beams: BeamsOption = 1,
    state: StateOption = "best",
    workspace: WorkspaceOption = None,
    as_json: JsonOption = False,
) -> None:
    """Measure a trained network on its test split, on other data, or by cross-validation."""
    found = runs.get(open_workspace(workspace), run)
    kept = _state(state)
    if split not in ("train", "validation", "test"):
        refuse(f"There is no split {split!r}. Expected: train, validation or test.")
    if data is not None and (folds or baseline):
        refuse("--data can't be used together with --folds or --baseline.")
    runtime.on_cpu()
    if folds:
        _cross_validate(found, folds, baseline, as_json)
        return
    from studio.evaluation.evaluate import answered
    from studio.evaluation.evaluate import evaluate as measure

    result = measure(found, cast("Split", split), kept, data, beams)
    compared: dict[str, dict[str, float]] = {}
    if baseline:
        from studio.evaluation.baseline import baselines
        from studio.evaluation.opened import open_network

        compared = baselines(open_network(found, kept), split)
    if as_json:
        print_json({**answered(result), **({"baselines": compared} if compared else {})})
    else:
        _show(result, compared)


@answering
def predict(
    run: RunArgument,
    files: Annotated[list[Path] | None, typer.Argument(metavar="FILE...", help="Pictures, folders, tables, text files or arrays.")] = None,
    text: Annotated[list[str] | None, typer.Option(help="A sentence; may be given several times.")] = None,
    output: Annotated[
        Path | None, typer.Option(metavar="PATH", help="Also write them: a table (.csv), or a folder where predictions are pictures.")
    ] = None,
    beams: BeamsOption = 1,
    state: StateOption = "best",
    workspace: WorkspaceOption = None,
    as_json: JsonOption = False,
) -> None:
    """Ask a trained network about new data."""
    found = runs.get(open_workspace(workspace), run)
    kept = _state(state)
    if not files and not text:
        refuse("Nothing was given to predict. Name files, or a sentence with --text.")
    if output is not None and not output.expanduser().resolve().parent.is_dir():
        refuse(f"--output {output}: there is no such folder; name a file such as predictions.csv in one that is there.")
    runtime.on_cpu()
    from studio.evaluation.predict import Predictor
    from studio.evaluation.prediction import Answers, write_csv, write_pictures

    predictor = Predictor(found, kept, beams)
    drawn = predictor.opened.head.answering.draws and output is not None and output.suffix.casefold() != ".csv"
    if output is not None and (output.is_file() if drawn else output.is_dir()):
        refuse(f"--output {output} is a {'file; name a folder' if drawn else 'folder; name a file such as predictions.csv'}.")
    answers = Answers()
    for part in (predictor.texts(text) if text else None, predictor.files(files) if files else None):
        if part is not None:
            answers.predictions += part.predictions
            answers.warnings += part.warnings
            answers.together |= part.together
    if output is not None and drawn:
        answers.predictions = write_pictures(output.expanduser(), answers.predictions)
    elif output is not None:
        write_csv(output.expanduser(), answers.predictions)
    if as_json:
        print_json(answers.answer())
    else:
        _show_predictions(answers, output)


@answering
def export(
    run: RunArgument,
    format: Annotated[str, typer.Option("--format", help='"saved_model" (default) or "keras".')] = "saved_model",  # noqa: A002
    output: Annotated[Path | None, typer.Option(metavar="DIR", help="Folder to write: new, empty or an earlier export.")] = None,
    state: StateOption = "best",
    workspace: WorkspaceOption = None,
    as_json: JsonOption = False,
) -> None:
    """Write a trained network as a model that runs without this program, and check it there."""
    from studio.export.base import ExportFailedError
    from studio.export.service import export as write

    found = runs.get(open_workspace(workspace), run)
    kept = _state(state)
    runtime.on_cpu()
    try:
        made = write(found, format, output, kept)
    except ExportFailedError as error:
        refuse(str(error), FAILED)
    if as_json:
        print_json(made.answer())
        return
    print(f"{made.path} ({made.bytes:,} bytes)")
    if made.max_abs_difference is not None:
        print(f"Reloaded without this program: {made.samples_checked} validation samples, largest difference {made.max_abs_difference:.1e}.")
    for note in made.notes:
        print(note)


def _state(state: str) -> State:
    if state not in ("best", "last"):
        raise StudioError(f"There is no state {state!r}. Expected: best or last.")
    return cast("State", state)


def _cross_validate(run: Run, folds: int, baseline: bool, as_json: bool) -> None:
    from studio.crossvalidation import cross_validate

    with progress_bar(as_json) as show:
        found = cross_validate(run, folds, baseline, show)
    if as_json:
        print_json(
            {
                "run": run.id,
                "split": "folds",
                **found.model_dump(mode="json", include={"folds", "samples", "metrics", "deviations", "each", "baselines"}),
            }
        )
        return
    print(f"{run.id}: {found.folds} folds over {found.samples:,} samples")
    print_table(("figure", "mean", "deviation"), [(name, short(value), short(found.deviations[name])) for name, value in found.metrics.items()], "")
    _show_baselines(found.baselines)


def _show(result: Evaluation, compared: dict[str, dict[str, float]]) -> None:
    print(f"{result.run} on {result.samples:,} {result.split} samples ({result.state} state)")
    _show_facts(result)
    for target, other in result.further.items():
        print(f"\nTarget {target!r} ({other.samples:,} samples)")
        _show_facts(other)
    _show_baselines(compared)
    for note in result.notes:
        print(note)


def _show_facts(result: Evaluation) -> None:
    """Figures and tables of one target."""
    print_table(("figure", "value"), [(name, short(value)) for name, value in result.metrics.items()], "")
    if result.per_class:
        rows = [(each.name, short(each.precision), short(each.recall), short(each.f1), each.support) for each in result.per_class[:50]]
        print_table(("class", "precision", "recall", "F1", "samples"), rows, "")
    table = result.details.get("table")
    if table:
        print_table(
            [name.replace("_", " ") for name in table["columns"]],
            [[short(cell) if isinstance(cell, float) else cell for cell in row] for row in table["rows"]],
            "",
        )
    for pair in result.most_confused[:5]:
        print(f"{pair.truth} taken for {pair.prediction}: {pair.count}")
    if result.residuals:
        unit = f" {result.unit}" if result.unit else ""
        print(f"MAE {short(result.residuals.mae)}{unit}, RMSE {short(result.residuals.rmse)}{unit}, R2 {short(result.residuals.r2)}")


def _show_baselines(compared: dict[str, dict[str, float]]) -> None:
    if compared:
        names = list(next(iter(compared.values())))
        print_table(
            ("model", *names), [(model.replace("_", " "), *(short(figures.get(name)) for name in names)) for model, figures in compared.items()], ""
        )


def _show_predictions(answers: Answers, output: Path | None) -> None:
    def told(probabilities: dict[str, float]) -> str:
        best = sorted(probabilities.items(), key=lambda pair: -pair[1])[:MOST_PROBABILITIES]
        return "  ".join(f"{name} {value:.3f}" for name, value in best)

    def near(each: Prediction) -> str:
        return "  ".join(f"{one['label']} {one['distance']:.3f} away" for one in each.details.get("neighbours", ())[:MOST_PROBABILITIES])

    def said(each: Prediction) -> tuple[Any, Any]:
        if each.label is not None:
            return each.label, told(each.probabilities or each.scores) or near(each)
        if each.labels is not None:
            return ", ".join(each.labels) or "(no label)", told(each.probabilities)
        return (told(each.shares), "") if each.shares else (each.value if each.text is None else each.text, "")

    further = list(answers.predictions[0].further) if answers.predictions else []
    rows = [(each.input, *said(each), *(cell for target in further for cell in said(each.further[target]))) for each in answers.predictions]
    if output is None:
        print_table(("input", "prediction", "", *(cell for target in further for cell in (target, ""))), rows, "There was nothing to predict.")
    else:
        print(f"{len(rows):,} predictions written to {output}")
    if "distance" in answers.together:
        _show_distance(**answers.together)
    for warning in answers.warnings:
        print(warning)


def _show_distance(distance: float, same: bool | None = None, threshold: float | None = None) -> None:
    verdict = "" if same is None or threshold is None else f": {'the same' if same else 'not the same'} (up to {short(threshold)} counts as the same)"
    print(f"distance {short(distance)}{verdict}")
