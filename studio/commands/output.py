"""How commands answer: JSON for scripts, tables for people, one sentence for what went wrong."""

from __future__ import annotations

import json
import math
import os
import sys
import tempfile
import traceback
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import wraps
from pathlib import Path
from typing import Annotated, Any, NoReturn, ParamSpec

import typer

from blocks.errors import BlocksError
from studio.workspace import FULL, StudioError, Workspace, full_disk, visible

BAD_INPUT = 2
FAILED = 1

_WRONG_PLACES = (FileNotFoundError, PermissionError, NotADirectoryError, IsADirectoryError, FileExistsError)

P = ParamSpec("P")

WorkspaceOption = Annotated[
    Path | None, typer.Option("--workspace", metavar="DIR", help="The workspace folder (default: ~/blockstudio).", show_default=False)
]
JsonOption = Annotated[bool, typer.Option("--json", help="Print one JSON object and nothing else.")]
StateOption = Annotated[str, typer.Option("--state", help='"best" (default) or "last".')]


def answering(command: Callable[P, None]) -> Callable[P, None]:
    """Turns what a person got wrong into one sentence on stderr and exit code 2; what the program or the machine did, into exit code 1."""

    @wraps(command)
    def guarded(*args: P.args, **kwargs: P.kwargs) -> None:
        try:
            command(*args, **kwargs)
        except (StudioError, BlocksError) as error:
            refuse(str(error))
        except (typer.Exit, typer.Abort, BrokenPipeError):
            raise
        except OSError as error:
            if full_disk(error):
                refuse(FULL, FAILED)
            named = f"{error.filename}: " if error.filename else ""
            refuse(f"{named}{error.strerror or error}.", BAD_INPUT if isinstance(error, _WRONG_PLACES) else FAILED)
        except Exception as error:  # noqa: BLE001 - the edge of the process: the trace goes to a file, a sentence to the person
            said = (str(error).splitlines() or [""])[0].rstrip(".")
            refuse(f"{type(error).__name__}: {said}. This is a fault of the program; its trace is in {_write_trace()}.", FAILED)

    return guarded


def _write_trace() -> str:
    handle, name = tempfile.mkstemp(prefix="studio-error-", suffix=".txt")
    with os.fdopen(handle, "w", encoding="utf-8", errors="backslashreplace") as file:
        traceback.print_exc(file=file)
    return name


def refuse(sentence: str, code: int = BAD_INPUT) -> NoReturn:
    """Ends the command with a sentence on stderr."""
    print(f"studio: {visible(sentence, keep=chr(10))}", file=sys.stderr)
    raise typer.Exit(code)


def open_workspace(folder: Path | None) -> Workspace:
    """The workspace of a command."""
    try:
        return Workspace(folder)
    except OSError as error:
        raise StudioError(f"The workspace {folder} can't be used: {error.strerror}.") from error


def print_json(content: Any) -> None:
    """The one object of `--json`; numbers that JSON can't write (infinite ones) are null."""
    content = _writable(content)
    text = json.dumps(content, ensure_ascii=False, allow_nan=False, default=str)
    try:
        text.encode(sys.stdout.encoding or "utf-8")
    except UnicodeEncodeError:  # a terminal of another alphabet, or a file name that is no text
        text = json.dumps(content, allow_nan=False, default=str)
    print(text)


def _writable(content: Any) -> Any:
    if isinstance(content, dict):
        return {name: _writable(value) for name, value in content.items()}
    if isinstance(content, list | tuple):
        return [_writable(value) for value in content]
    return None if isinstance(content, float) and not math.isfinite(content) else content


def print_table(columns: Sequence[str], rows: Sequence[Sequence[object]], empty: str) -> None:
    """A table for people, or the sentence for an empty one."""
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    if not rows:
        print(empty)
        return
    table = Table(*columns, box=None, pad_edge=False)
    for row in rows:
        table.add_row(*(Text("" if cell is None else visible(str(cell))) for cell in row))  # as Text, no name of the data is taken for markup
    Console().print(table)


def short(value: float | None) -> str:
    """A figure with four digits."""
    return "" if value is None else f"{value:.4g}"


@contextmanager
def progress_bar(quiet: bool) -> Iterator[Callable[[float, str], None]]:
    """A bar on stderr, fed with (fraction, text); silent with `--json` and where nobody watches."""
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn

    console = Console(stderr=True)
    if quiet or not console.is_terminal:
        yield lambda fraction, text: None  # noqa: ARG005
        return
    with Progress(
        BarColumn(), TaskProgressColumn(), TextColumn("{task.description}", markup=False), TimeRemainingColumn(), console=console
    ) as progress:
        task = progress.add_task("", total=1.0)
        yield lambda fraction, text: progress.update(task, completed=fraction, description=text)
