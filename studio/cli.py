"""The command `studio`."""

from __future__ import annotations

import os
import socket
import threading
import time
import webbrowser
from typing import Annotated

import typer

from studio import runtime
from studio.commands import check, code, datasets, graph_import, graphs, library, pretrained, preview, results, training
from studio.commands.output import WorkspaceOption, answering, open_workspace
from studio.workspace import ENVIRONMENT_VARIABLE, StudioError

PORT = 7860

app = typer.Typer(
    help="Block Studio: from data over blocks to a trained, exported model.",
    no_args_is_help=False,
    add_completion=False,
    pretty_exceptions_enable=False,
)
app.add_typer(datasets.app, name="datasets")
app.add_typer(graphs.app, name="graphs")
app.command("train")(training.train)
app.command("resume")(training.resume)
app.command("stop")(training.stop)
app.command("pause")(training.pause)
app.command("runs")(training.list_runs)
app.command("evaluate")(results.evaluate)
app.command("predict")(results.predict)
app.command("export")(results.export)
app.command("import")(graph_import.import_model)
app.command("check")(check.check)
app.command("code")(code.code)
app.command("preview")(preview.preview)
app.command("blocks")(library.blocks)
app.command("presets")(library.presets)
app.command("pretrained")(pretrained.pretrained)

HostOption = Annotated[str, typer.Option(help="Address to listen on; anything but 127.0.0.1 needs --password.")]
PortOption = Annotated[int, typer.Option(min=1, max=65_535, help="Port to listen on; a taken one is replaced by the next free one.")]
BrowserOption = Annotated[bool, typer.Option("--browser/--no-browser", help="Open the page in the browser.")]
PasswordOption = Annotated[str | None, typer.Option(help="Password that the page asks for (user: studio).")]


@app.callback(invoke_without_command=True)
def default(
    context: typer.Context,
    port: PortOption = PORT,
    host: HostOption = "127.0.0.1",
    browser: BrowserOption = True,
    password: PasswordOption = None,
    workspace: WorkspaceOption = None,
) -> None:
    """Without a command, the page opens; a workspace named before a command is the command's, unless it names another."""
    if context.invoked_subcommand is None:
        open_page(port, host, browser, password, workspace)
        return
    for name in ("port", "host", "browser", "password"):
        source = context.get_parameter_source(name)
        if source is not None and source.name == "COMMANDLINE":
            raise typer.BadParameter("It is for opening the page, with no command or behind `open`.", param_hint=f"--{name}")
    if workspace is not None:
        before = os.environ.get(ENVIRONMENT_VARIABLE)
        os.environ[ENVIRONMENT_VARIABLE] = str(workspace)
        context.call_on_close(lambda: os.environ.pop(ENVIRONMENT_VARIABLE) if before is None else os.environ.update({ENVIRONMENT_VARIABLE: before}))


@app.command("open")
@answering
def open_page(
    port: PortOption = PORT,
    host: HostOption = "127.0.0.1",
    browser: BrowserOption = True,
    password: PasswordOption = None,
    workspace: WorkspaceOption = None,
) -> None:
    """Open the page, as `studio` alone does."""
    from studio.ui.app import serve

    place = open_workspace(workspace)
    chosen = _free_port(host, port)
    address = f"http://{'127.0.0.1' if host == '0.0.0.0' else host}:{chosen}/"  # noqa: S104 - a comparison
    print(f"Block Studio is opening at {address} (workspace: {place.folder}). Ctrl-C ends the page; trainings go on.")
    if browser:
        threading.Thread(target=_open_browser, args=(host, chosen, address), daemon=True).start()
    serve(place, host=host, port=chosen, password=password)


def _free_port(host: str, port: int) -> int:
    last = min(port + 99, 65_535)
    for candidate in range(port, last + 1):
        with socket.socket() as trial:
            trial.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                trial.bind((host, candidate))
            except OSError:
                continue
            return candidate
    raise StudioError(f"No port from {port} to {last} is free on {host}. Choose another with --port.")


def _open_browser(host: str, port: int, address: str) -> None:
    for _ in range(120):
        with socket.socket() as trial:
            trial.settimeout(1)
            if trial.connect_ex((host, port)) == 0:
                webbrowser.open(address)
                return
        time.sleep(0.25)


def main() -> None:
    """Entry point of the command."""
    runtime.prepare()
    app()


if __name__ == "__main__":
    main()
