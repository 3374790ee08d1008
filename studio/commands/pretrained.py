"""pretrained."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from studio import hub
from studio import pretrained as networks
from studio.commands.output import JsonOption, answering, print_json, print_table


@answering
def pretrained(
    name: Annotated[str | None, typer.Argument(help="One network; hub:NAME is one of keras-hub.")] = None,
    of_hub: Annotated[bool, typer.Option("--hub", help="List those of keras-hub.")] = False,
    as_json: JsonOption = False,
) -> None:
    """List the networks that come with weights, with their input size, their file, and whether it has been downloaded."""
    if of_hub or (name or "").startswith(hub.PREFIX):
        _of_hub(None if name is None else name.removeprefix(hub.PREFIX), as_json)
        return
    chosen = {name: networks.get(name)} if name else networks.all()
    found = {key: described(application) for key, application in chosen.items()}
    if as_json:
        print_json({"pretrained": found})
        return
    if name:
        files = found[name]
        rows = [("1,000 classes", files["file"], _yes(files["cached"])), ("any classes", files["headless_file"], _yes(files["headless_cached"]))]
        print_table(("for", "file", "downloaded"), rows, "")
        return
    listed = [(key, "x".join(map(str, each["input_shape"])), each["weights"], _downloaded(each)) for key, each in found.items()]
    print_table(("network", "input", "weights", "downloaded"), listed, "")


def _of_hub(name: str | None, as_json: bool) -> None:
    """Prints the networks of keras-hub, or one of them."""
    found = {hub.PREFIX + each.name: published(each) for each in ([hub.get(name)] if name else hub.all().values())}
    if as_json:
        print_json({"pretrained": found})
        return
    if name:
        for each in found.values():
            print(f"from: {each['address']}\nfolder: {each['folder']}\ndownloaded: {_yes(each['cached'])}")
        return
    listed = [(key, each["class"], f"{each['parameters']:,}", _yes(each["cached"])) for key, each in found.items()]
    print_table(("network", "class", "weights", "downloaded"), listed, "")


def published(network: hub.Published) -> dict[str, Any]:
    """A network of keras-hub as scripts read it.

    Returns:
        `class`, that of its backbone; `parameters` of the complete network; `address`, where Kaggle has it; `folder`, where its files are
        kept, and `cached`, whether they are there.
    """
    return {
        "class": network.kind, "parameters": network.parameters, "address": network.address, "folder": str(network.folder), "cached": network.is_here,
    }  # fmt: skip


def described(application: networks.Application) -> dict[str, Any]:
    """A network of keras.applications as scripts read it.

    Returns:
        `weights`, what they were trained on; `input_shape`; `preset`, whether it is one; `file`, where Keras keeps them, and `cached`, whether
        they are there; `headless_file` and `headless_cached`, the same of those without the last layers, which suffice for other classes.
    """
    return {
        "weights": "ImageNet", "input_shape": [application.size, application.size, 3], "preset": application.is_preset,
        "file": str(application.file()), "cached": application.file().is_file(),
        "headless_file": str(application.file(complete=False)), "headless_cached": application.file(complete=False).is_file(),
    }  # fmt: skip


def _downloaded(network: dict[str, Any]) -> str:
    """Which of the two files are here."""
    return "without head" if network["headless_cached"] and not network["cached"] else _yes(network["cached"])


def _yes(found: bool) -> str:
    return "yes" if found else "no"
