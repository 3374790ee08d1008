"""datasets add, list, show, remove, export."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from studio import runs
from studio.commands.output import JsonOption, WorkspaceOption, answering, open_workspace, print_json, print_table, progress_bar
from studio.datasets import builtin, public, store
from studio.datasets.manifest import Manifest
from studio.recipe import RecipeError
from studio.workspace import visible

app = typer.Typer(help="Import, list, show, remove and export datasets.", no_args_is_help=True)

NameArgument = Annotated[str, typer.Argument(metavar="NAME", help="Name of the dataset.")]


@app.command("add")
@answering
def add(
    path: Annotated[
        Path,
        typer.Argument(
            help="A zip or folder (pictures, sounds, texts), a table (CSV, TSV, Excel, Parquet), an .npz file, or the name of a public set "
            "such as mnist, which is downloaded (`studio datasets list` names them)."
        ),
    ],
    name: Annotated[str | None, typer.Option(help="Name of the dataset (default: that of the file).")] = None,
    target: Annotated[str | None, typer.Option(help="Column to predict (default: guessed, and said).")] = None,
    kind: Annotated[str | None, typer.Option(help="Kind of the data, such as table-regression (default: found out).")] = None,
    option: Annotated[
        list[str] | None,
        typer.Option("--option", metavar="KEY=VALUE", help="What is not to be detected, such as delimiter=; or encoding=cp1252 or group=patient."),
    ] = None,
    workspace: WorkspaceOption = None,
    as_json: JsonOption = False,
) -> None:
    """Import data: checked, copied into the workspace and split."""
    place = open_workspace(workspace)
    with progress_bar(as_json) as show:
        manifest = store.add(place, path, name=name, target=target, kind=kind, progress=show, options=_options(option or []))
    if as_json:
        print_json(_described(manifest))
        return
    _print(manifest)
    print(f"Next: studio train {manifest.name}")


@app.command("list")
@answering
def list_all(workspace: WorkspaceOption = None, as_json: JsonOption = False) -> None:
    """List the datasets of the workspace; the built-in ones are there too."""
    place = open_workspace(workspace)
    manifests = store.manifests(place)
    if as_json:
        shown = [_described(manifest) for manifest in manifests]
        print_json({"datasets": shown, "built_in": list(builtin.all_sets()), "public": list(public.all_sets())})
        return
    rows: list[tuple[object, ...]] = [
        (manifest.name, manifest.kind, manifest.samples, len(manifest.classes or ()) or "", manifest.source) for manifest in manifests
    ]
    rows += [
        (name, "built in", "", "", each.title) for name, each in builtin.all_sets().items() if name not in {manifest.name for manifest in manifests}
    ]
    rows += [
        (name, "public", "", "", f"{each.title} ({each.megabytes:g} MB to download)")
        for name, each in public.all_sets().items()
        if name not in {manifest.name for manifest in manifests}
    ]
    print_table(("dataset", "kind", "samples", "classes", "source"), rows, "")


@app.command("show")
@answering
def show(name: NameArgument, workspace: WorkspaceOption = None, as_json: JsonOption = False) -> None:
    """Show a dataset: features, splits, statistics, warnings."""
    manifest = store.load(open_workspace(workspace), name).manifest
    if as_json:
        print_json(manifest.model_dump(mode="json") | _described(manifest))
    else:
        _print(manifest)


@app.command("remove")
@answering
def remove(name: NameArgument, workspace: WorkspaceOption = None, as_json: JsonOption = False) -> None:
    """Remove a dataset; refused while a run needs it."""
    place = open_workspace(workspace)
    store.remove(place, name, lambda dataset: runs.uses(place, dataset))
    print_json({"removed": name}) if as_json else print(f"Removed {name}.")


@app.command("export")
@answering
def export(
    name: NameArgument,
    output: Annotated[Path, typer.Option(help="Folder for the arrays.")],
    run: Annotated[str | None, typer.Option(help="Run whose front prepares the values (default: that of the fitting preset).")] = None,
    workspace: WorkspaceOption = None,
    as_json: JsonOption = False,
) -> None:
    """Write the splits as .npy arrays, as a run's train.py reads them."""
    from studio.networks.export_arrays import export_arrays

    written = export_arrays(open_workspace(workspace), name, output, run)
    print_json({"dataset": name, "folder": str(output), "files": written}) if as_json else print("\n".join(str(output / file) for file in written))


def _options(given: list[str]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for option in given:
        key, separator, value = option.partition("=")
        if not separator:
            raise RecipeError(f"--option {option}: expected key=value, such as delimiter=;")
        found[key] = value
    return found


def _described(manifest: Manifest) -> dict[str, Any]:
    return {
        "dataset": manifest.name,
        "kind": manifest.kind,
        "samples": manifest.samples,
        "classes": list(manifest.classes) if manifest.classes is not None else None,
        "features": [feature.model_dump(mode="json", exclude={"statistics"}) for feature in manifest.features],
        "splits": manifest.splits,
        "guessed": manifest.guessed,
        "other_kinds": manifest.other_kinds,
        "warnings": manifest.warnings,
    }


def _print(manifest: Manifest) -> None:
    splits = ", ".join(f"{count:,} {split}" for split, count in manifest.splits.items())
    print(f"{visible(manifest.name)}: {manifest.kind}, {manifest.samples:,} samples ({splits})")
    rows = [
        (
            feature.name,
            feature.role,
            feature.kind,
            "x".join(str(size or "any") for size in feature.shape),
            _values(feature.classes),
            feature.statistics.get("missing", ""),
        )
        for feature in manifest.features
    ]
    print_table(("feature", "role", "kind", "shape", "classes", "missing"), rows, "")
    if manifest.guessed and manifest.other_kinds:
        print(f"The kind was found out; --kind names another: {', '.join(manifest.other_kinds)}.")
    for warning in manifest.warnings:
        print(f"- {warning}")


def _values(classes: tuple[str, ...] | None) -> str:
    if classes is None:
        return ""
    named = [name for name in classes if name]
    return f"{len(named)}: {', '.join(named[:6])}" + (" ..." if len(named) > 6 else "")
