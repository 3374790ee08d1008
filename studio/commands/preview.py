"""preview."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from studio import jobs, runs, runtime
from studio.commands.output import JsonOption, WorkspaceOption, answering, open_workspace, print_json, print_table, refuse, short
from studio.datasets import builtin, store
from studio.inspection.states import FIRST
from studio.recipe import Recipe, read_graph_file
from studio.training.planning import plan
from studio.workspace import StudioError, Workspace, write_bytes

FRESH = "fresh"
_MOST_SHOWN = 20


@answering
def preview(
    source: Annotated[
        str, typer.Argument(metavar="RUN_OR_RECIPE_OR_GRAPH", help="A run, a recipe (.yaml), a graph (.json) or the name of a dataset.")
    ],
    node: Annotated[str, typer.Argument(metavar="NODE", help="Path of the node, such as conv1 or stage1/block2/conv1.")],
    sample: Annotated[int, typer.Option(min=0, help="Which sample of the split (or of the file), from 0.")] = 0,
    split: Annotated[str, typer.Option(help='"validation" (default), "train" or "test".')] = "validation",
    file: Annotated[Path | None, typer.Option(metavar="FILE", help="A sample of your own: a picture, text, table or array file.")] = None,
    text: Annotated[str | None, typer.Option(help="A sample of your own: a text.")] = None,
    state: Annotated[str, typer.Option(help='Of a run: "best" (default), "last" or another saved state; "fresh" for new weights.')] = FIRST[0],
    dataset: Annotated[str | None, typer.Option(metavar="NAME", help="Dataset of a graph (default: digits).")] = None,
    channel: Annotated[int | None, typer.Option(min=0, help="A single channel.")] = None,
    page: Annotated[int, typer.Option(min=0, help="Which 64 channels, or 1,024 values, from 0.")] = 0,
    output: Annotated[
        Path | None,
        typer.Option(metavar="FILE.png", help="Write what the sample looks like as a picture; of augmentation, training samples before and after."),
    ] = None,
    kernels: Annotated[Path | None, typer.Option(metavar="FILE.png", help="Write the node's kernels as a picture.")] = None,
    workspace: WorkspaceOption = None,
    as_json: JsonOption = False,
) -> None:
    """Show what a sample looks like at a node of a network, and figures of what the node gives and has learned."""
    place = open_workspace(workspace)
    if split not in ("train", "validation", "test"):
        refuse(f"There is no split {split!r}. Expected: train, validation or test.")
    for path in (output, kernels):
        if path is not None and (path.is_dir() or not path.expanduser().resolve().parent.is_dir()):
            refuse(f"{path}: there is no such folder, or it is one; name a file such as maps.png.")
    order = {
        **_network(place, source, state, dataset),
        "node": node,
        "sample": {"split": split, "index": sample, "file": str(file) if file else None, "text": text},
        "view": {"channel": channel, "page": page},
    }
    runtime.on_cpu()
    from studio.inspection.preview import preview as look

    found = look(str(place.folder), order)
    rows = found.pop("augmented")
    pictures = {"picture": _grid(rows) if rows else _picture(found), "kernels": (found["kernels"] or {}).get("picture")}
    written = {"picture": _write(node, output, pictures["picture"]), "kernels": _write(node, kernels, pictures["kernels"])}
    if as_json:
        print_json(
            {**found, "picture": written["picture"], "kernels": {**found["kernels"], "picture": written["kernels"]} if found["kernels"] else None}
        )
        return
    _show(found)
    for name in filter(None, written.values()):
        print(f"Written to {name}")


def _network(workspace: Workspace, source: str, state: str, dataset: str | None) -> dict[str, Any]:
    """Dataset, graph and source of weights that a name or file stands for."""
    path = Path(source).expanduser()
    if path.suffix.casefold() == ".json":
        return {"dataset": dataset or Recipe().dataset, "graph": read_graph_file(path).document()}
    if dataset is not None:
        refuse("--dataset belongs to a graph; runs and recipes name theirs.")
    if path.suffix.casefold() in (".yaml", ".yml"):
        return _of_recipe(workspace, jobs.read_recipe(source))
    try:
        run = runs.get(workspace, source)
    except StudioError:
        if source not in store.names(workspace) and source not in builtin.all_sets():
            raise StudioError(f"There is no run, recipe, graph or dataset named {source[:80]!r}.") from None
        return _of_recipe(workspace, jobs.read_recipe(source))
    weights = None if state == FRESH else {"run": run.id, "state": state}
    return {**_of_recipe(workspace, run.recipe), "source": weights}


def _of_recipe(workspace: Workspace, recipe: Recipe) -> dict[str, Any]:
    planned = plan(workspace, recipe)
    return {"dataset": planned.dataset.name, "graph": planned.graph.document()}


def _grid(rows: list[Any]) -> bytes:
    """Training samples, each before and behind augmentation."""
    from studio.inspection.augmented import contact_sheet

    return contact_sheet(rows)


def _picture(found: dict[str, Any]) -> bytes | None:
    """The picture of the answer; vectors become bars."""
    if found["kind"] == "vector" and found["values"]:
        from studio.inspection.drawing import bars

        return bars(found["values"]).png
    png: bytes | None = found["picture"]
    return png


def _write(node: str, path: Path | None, png: bytes | None) -> str | None:
    if path is None:
        return None
    if png is None:
        refuse(f"{node}: there is no picture of that, so {path} was not written.")
    write_bytes(path.expanduser(), png)
    return str(path)


def _show(found: dict[str, Any]) -> None:
    shape = " x ".join(map(str, found["shape"])) or "one number"
    sample = found["sample"]
    which = f"sample {sample['index']} of {sample['split']}, {sample['label']}" if "split" in sample else sample["name"]
    print(f"{found['node']} ({found['block'] or 'composite'}): {shape} {found['dtype']}, {which}")
    rows = [("output", found["statistics"])] if found["statistics"] else []
    rows += [(variable["name"], variable["statistics"]) for variable in (found["weights"] or {}).get("variables", [])[:_MOST_SHOWN]]
    names = ("minimum", "mean", "maximum", "standard_deviation", "zeros", "not_finite")
    table = [(name, f"{figures['count']:,}", *(short(figures[each]) for each in names)) for name, figures in rows]
    print_table(("", "count", "minimum", "mean", "maximum", "deviation", "zeros", "not finite"), table, "")
    _show_values(found)
    taken = found["weights_taken"]
    if taken:
        print(f"Weights of {taken['run']} ({taken['state']}): {taken['taken']} of {taken['of']} taken.")
    if found["answer"]:
        said = found["answer"]
        print(
            f"Answer: {said['label']} ({said['probability']:.3f})"
            if "label" in said
            else f"Answer: {said['value']:.6g} {said['unit'] or ''}".rstrip()
        )
    if found["note"]:
        print(found["note"])


def _show_values(found: dict[str, Any]) -> None:
    values = found["values"] or []
    if found["kind"] == "table":
        print_table(("column", "value"), [(each["name"], each["value"]) for each in values[:_MOST_SHOWN]], "")
    elif found["kind"] == "tokens":
        print(" ".join(str(each["token"]) if each["id"] is None else f"{each['id']}:{each['token']}" for each in values[:_MOST_SHOWN]))
    elif found["kind"] == "vector" and values:
        labels = found["labels"] or [str(found["first"] + place) for place in range(len(values))]
        print_table(("", "value"), [(label, short(value)) for label, value in list(zip(labels, values, strict=True))[:_MOST_SHOWN]], "")
