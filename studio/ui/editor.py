"""The canvas's edits: each changes a draft's network, is one step of its history, and is answered with the network as it is then."""

from __future__ import annotations

import copy
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from pydantic import ValidationError

from blocks.editing import Clip, Edit, EditError, apply, clip, read
from blocks.editing.level import Session
from blocks.errors import BlocksError
from blocks.graph import Fragment, Graph
from studio import drafts
from studio.datasets import store
from studio.drafts import Draft, StaleDraftError
from studio.history import Value, digest
from studio.library import modules
from studio.lint import meant
from studio.recipe import Recipe
from studio.ui import network_view
from studio.ui.context import Context

KEPT_PREFIX = "kept:"
"""Before the name of a kept module, where an edit gives it as a block."""
KNOWN_SECONDS = 10.0
"""How long an edit inside a composite waits for the engine to say what it consists of."""


@dataclass(frozen=True)
class Changed:
    """A draft after an edit.

    Args:
        selected: Paths of the nodes that the edit leads to.
    """

    draft: Draft
    selected: tuple[str, ...] = ()


def edit(context: Context, draft_id: str, revision: int, edits: Sequence[dict[str, Any]], key: str = "", selected: Sequence[str] = ()) -> Changed:
    """Changes the network of a draft, in one step; all edits are made, or none.

    Args:
        revision: The revision of the draft that the person has seen.
        edits: As `blocks.editing` has them; a block may also be a module that the workspace keeps, as `kept:NAME`.
        key: What is edited: what is typed into one field is one step.
        selected: The nodes that are chosen, to be chosen again when the step is undone.

    Raises:
        StaleDraftError: The draft has moved on; nothing is changed.
        EditError: An edit can't be made.
    """
    draft = _current(context, draft_id, revision)
    graph = _graph(context, draft)
    changed, chosen = _edited(context, draft, graph, edits)
    return _saved(context, draft, changed.document(), key, tuple(selected), chosen)


def put(context: Context, draft_id: str, revision: int, value: Value, key: str = "", selected: Sequence[str] = ()) -> Changed:
    """Gives the draft another network, as one step: a document, the order of a preset, or None where the data are to choose.

    Raises:
        StaleDraftError: The draft has moved on; nothing is changed.
        StudioError: It is no network.
    """
    draft = _current(context, draft_id, revision)
    Recipe.read({"graph": value})
    return _saved(context, draft, value, key, tuple(selected), ())


def undo(context: Context, draft_id: str, revision: int) -> Changed:
    """Takes the last step back; without one, nothing happens."""
    draft = _current(context, draft_id, revision)
    history = context.histories.of(draft.id)
    found = history.before(draft.recipe.get("graph"))
    return _turned(context, draft, found, history.undo)


def redo(context: Context, draft_id: str, revision: int) -> Changed:
    """Takes the step again that was undone last; without one, nothing happens."""
    draft = _current(context, draft_id, revision)
    history = context.histories.of(draft.id)
    found = history.behind(draft.recipe.get("graph"))
    return _turned(context, draft, found, history.redo)


def steps(context: Context, draft: Draft) -> dict[str, bool]:
    """Whether there is something to undo and to do again."""
    history = context.histories.of(draft.id)
    follows = history.follows(draft.recipe.get("graph"))
    return {"undo": follows and history.can_undo, "redo": follows and history.can_redo}


def copied(context: Context, draft_id: str, paths: Sequence[str]) -> dict[str, Any]:
    """Nodes of a draft's network as they travel in a clipboard."""
    draft = drafts.load(context.workspace, draft_id)
    graph = _graph(context, draft)
    found: Clip = clip(Session(graph, _insides(context, draft, graph)), tuple(paths))
    return found.document()


def tried(context: Context, draft_id: str, document: dict[str, Any], edits: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """What edits would make of a network that is no longer the draft's, to be shown beside it.

    Raises:
        EditError: It is no network, or an edit can't be made.
    """
    draft = drafts.load(context.workspace, draft_id)
    try:
        graph = Graph.model_validate(document)
    except ValidationError as error:
        first = error.errors()[0]
        raise EditError(f"That is no network: {'.'.join(map(str, first['loc']))}: {first['msg']}.") from error
    changed, _ = _edited(context, draft, graph, edits)
    return changed.document()


def _current(context: Context, draft_id: str, revision: int) -> Draft:
    draft = drafts.load(context.workspace, draft_id)
    if draft.revision != revision:
        raise StaleDraftError(draft)
    return draft


def _graph(context: Context, draft: Draft) -> Graph:
    try:
        return network_view.graph(context.workspace, draft.recipe)
    except BlocksError as error:
        raise EditError(f"There is no network to change. {error}") from error


def _edited(context: Context, draft: Draft, graph: Graph, edits: Sequence[dict[str, Any]]) -> tuple[Graph, tuple[str, ...]]:
    selected: tuple[str, ...] = ()
    for values in edits:
        insides = _insides(context, draft, graph)
        made = apply(*_with_kept(context, graph, values), insides)
        graph, selected = made.graph, made.selected
    return graph, selected


def _with_kept(context: Context, graph: Graph, values: dict[str, Any]) -> tuple[Graph, Edit]:
    """An edit whose block is a kept module: the network gets the module, and the edit its name there."""
    block = values.get("block")
    if not isinstance(block, str) or not block.startswith(KEPT_PREFIX):
        return graph, read(values)
    title = modules.title_by_name(context.workspace, block.removeprefix(KEPT_PREFIX))
    graph, block = modules.put_into(graph, modules.load(context.workspace, title))
    return graph, read({**values, "block": block})


def _insides(context: Context, draft: Draft, graph: Graph) -> Callable[[str], Fragment | None]:
    """What the composites of a network consist of; the engine is asked when an edit wants to know."""
    levels: dict[str, Any] | None = None

    def inside(path: str) -> Fragment | None:
        nonlocal levels
        if levels is None:
            recipe = Recipe.read(draft.recipe)
            dataset = store.load(context.workspace, recipe.dataset)
            levels = (context.analyses.of(graph, dataset, KNOWN_SECONDS, meant(recipe, dataset)) or {"levels": {}})["levels"]
        return Fragment.model_validate(levels[path]) if path in levels else None

    return inside


def _turned(context: Context, draft: Draft, found: tuple[Value, tuple[str, ...]] | None, note: Callable[[], None]) -> Changed:
    if found is None:
        return Changed(draft)
    value, selected = found
    saved = _with_graph(context, draft, value)
    note()  # only now: a save that was refused must leave the history as it is
    return Changed(saved, selected)


def _saved(context: Context, draft: Draft, value: Value, key: str, before: tuple[str, ...], after: tuple[str, ...]) -> Changed:
    old = draft.recipe.get("graph")
    if digest(old) == digest(value):
        return Changed(draft, after)
    saved = _with_graph(context, draft, value)
    context.histories.of(draft.id).add(old, value, key, before, after)
    return Changed(saved, after)


def _with_graph(context: Context, draft: Draft, value: Value) -> Draft:
    recipe = copy.copy(draft.recipe)
    if value is None:
        recipe.pop("graph", None)
    else:
        recipe["graph"] = value
    return drafts.save(context.workspace, draft.id, draft.revision, recipe)
