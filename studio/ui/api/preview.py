"""Routes of the preview: what a sample looks like at a node, of which runs weights can be taken, and how many samples there are."""

from __future__ import annotations

import base64
import binascii
from typing import Any

from fastapi import APIRouter
from pydantic import BaseModel, Field

from studio import drafts
from studio.datasets import store
from studio.datasets.dataset import Dataset
from studio.datasets.manifest import Split
from studio.inspection import states
from studio.inspection.figures import View
from studio.inspection.preview import SourceOrder, preview
from studio.recipe import Recipe
from studio.ui import network_view
from studio.ui.api.uploads import uploaded
from studio.ui.context import Context
from studio.ui.drawing import placed
from studio.ui.engine_tasks import answer
from studio.ui.prediction_form import own_sample, read_row, style_in
from studio.workspace import StudioError, Workspace

PATIENCE_SECONDS = 60.0
MOST_PICTURE_CHARACTERS = 70_000_000
MOST_DRAWING_CHARACTERS = 20_000_000


class SampleQuestion(BaseModel):
    """The sample: one of the dataset by `split` and `index`, unless one of the other fields brings one of the person's own.

    Args:
        index: Place in the split from 0; in an uploaded file with several samples, place in the file.
        upload: What `POST /api/uploads` answered: a picture, text, table or array file.
        picture: A picture as a data address.
        drawing: A drawn sign as a data address of a PNG; it is sized and placed as those of the training pictures.
        values: A row of a table, as typed.
    """

    split: Split = "validation"
    index: int = Field(0, ge=0)
    upload: str | None = Field(None, max_length=200)
    picture: str | None = Field(None, max_length=MOST_PICTURE_CHARACTERS)
    drawing: str | None = Field(None, max_length=MOST_DRAWING_CHARACTERS)
    text: str | None = Field(None, max_length=1_000_000)
    values: dict[str, Any] | None = None


class Question(View):
    """Which node of which network, for which sample, with whose weights; and how it is looked at (the fields of `View`).

    Args:
        draft: Id of a draft, in place of `dataset` and `graph`.
        graph: The graph as it stands on the canvas; None takes the network that fits the dataset.
        node: Path of the node, such as `stage1/block2/conv1`; composites, modules, Inputs and Outputs too.
        source: A run's saved state; None makes fresh weights.
    """

    draft: str | None = None
    dataset: str | None = None
    graph: dict[str, Any] | None = None
    node: str = Field(max_length=2_000)
    sample: SampleQuestion = Field(default_factory=SampleQuestion)
    source: SourceOrder | None = None


def routes(context: Context) -> APIRouter:
    """What the panel of a node shows of a sample."""
    router = APIRouter(prefix="/model/preview")
    workspace = context.workspace

    @router.post("")
    def look(body: Question) -> dict[str, Any]:
        """What a sample looks like at a node. What was computed before is answered within some 15 ms; what can't be shown
        with status 400 and one sentence in `error`.

        Returns: of the node
            `node`, `block` ("" for a composite inside another), `composite`;
            `output`, `outputs`: which one is shown, of how many (`output` of the body chooses);
            `kind`, `shape` (without the batch axis; sizes are those of this sample), `dtype`;
            `statistics`: `count`, `minimum`, `mean`, `maximum`, `standard_deviation` (of the finite numbers; null without any), `zeros` and
                `not_finite` (shares from 0 to 1); null for texts and tables.

        By `kind`, with all other fields null:
            "maps" (height, width, channels): `picture`, `grid`, `tiles`, `colours`; `page` of `pages`, 64 channels each; `channels`;
                `channel` where a single one was asked for, which is then the only tile.
            "volume" (depth or steps, height, width, channels): as maps, but the tiles are the slices of one `channel`.
            "sequence" (steps, channels): `picture`, a heat map with the steps to the right and the channels downwards; `colours`; with
                `channel` its numbers in `values` (at most 4,096 steps).
            "vector": `values` (null for what is not finite) from number `first` on, `page` of `pages`, 1,024 each; `labels` for just
                these values, where they have names (classes, columns, words).
            "picture": `picture` as it reaches the network, stretched to the whole brightness unless its numbers are from 0 to 255 or 0 to 1.
            "tokens": `values`: `{id, token}`; a text has one with id null, an unknown number a null token; paged as vectors.
            "table": `values`: `{name, kind, unit, value}`, value a number, a text, or null for a gap.

        Pictures are PNG data addresses with transparent gaps. `grid`: `width`, `height` of the PNG, `columns`, `rows`, `tile` [width,
            height], `gap`; tile i stands in row i // columns, column i % columns, at steps of tile + gap. Small maps are enlarged by whole
            factors, so draw them with `image-rendering: pixelated` where they are enlarged further. `tiles`: per tile `index` (channel or
            slice), `minimum`, `mean`, `maximum`. `colours`: `name` ("sequential", "diverging" around zero, "grey"), `palette` (9 colours
            from low to high), `range` (the ends; null where each tile has its own). Magenta is what is no finite number.

        Of the weights
            `kernels`: null where nothing can be drawn, else `name`, `names` (for `weight` of the body), `kind` ("pictures": a tile per
                output channel; "matrix": inputs downwards, outputs to the right, 512 rows a page), `shape`, `picture`, `grid`, `tiles`,
                `colours` (null for RGB kernels, where middle grey is zero), `page`, `pages` (`weight_page`), `channel`, `channels` (the
                input's, `weight_channel`; null is the mean), `statistics`;
            `weights`: null without any, else `count`, `statistics`, `variables`: `{name, shape, statistics}`; of a composite all inside;
            `weights_taken`: null for fresh weights, else `run`, `state`, `taken`, `of` (weight arrays that the value depends on, the
                node's own included) and `left` (names, at most 20, of those that start fresh since the run has none of that name and shape).

        And
            `answer`: of an Output `{label, probability}`, `{label, score}` or `{value, unit}` with a run's weights; else null;
            `sample`: of the dataset `{split, index, row, count, label}` (count: samples of the split, label: the true answer), of one's
                own `{name}`;
            `augmented`: of a node that changes training samples, some of these: `label`, `pictures` (the sample as it is, then changed by
                chance a few times) and `mixtures` (what each changed one consists of where samples are mixed, else ""); of others null;
            `note`: sentences to show, or "";
            `computed` (layers that had to be computed for this answer) and `seconds`.
        """
        return ask(context, body)

    @router.get("/sources")
    def sources(dataset: str) -> dict[str, Any]:
        """Whose weights there are for a dataset.

        Returns: `runs`, the newest first: `run`, `title`, `network`, `status` and `states`, each `{state, epoch, saved}` (epoch null where
            unknown, saved in seconds since 1970), "best" and "last" first.
        """
        return {"runs": states.sources(workspace, store.load(workspace, dataset).name)}

    @router.get("/samples")
    def samples(dataset: str, split: Split = "validation") -> dict[str, Any]:
        """How many samples a split has.

        Returns: `count` (indices go from 0 to count - 1) and `splits`, the count of every split.
        """
        counts = store.load(workspace, dataset).manifest.splits
        return {"count": counts.get(split, 0), "splits": dict(counts)}

    @router.get("/own")
    def own(dataset: str) -> dict[str, Any]:
        """How one hands over a sample of one's own.

        Returns: `kind` ("image", "text", "array", "columns"; null where the dataset has several inputs and only its own samples can be
            looked at), `columns` (of tables: the fields, as on the Predict page) and `drawing` (the style of its pictures, where a drawing
            makes sense; else null).
        """
        return own_sample(store.load(workspace, dataset))

    return router


def ask(context: Context, question: Question) -> dict[str, Any]:
    """The engine's answer to a question, its pictures as data addresses.

    Raises:
        StudioError, BlocksError: The network, the node, the sample or the run is not there, or it would be too much to compute.
    """
    workspace = context.workspace
    recipe: dict[str, Any] = {"dataset": question.dataset, "graph": question.graph}
    if question.draft is not None:
        recipe = drafts.load(workspace, question.draft).recipe
    name: str = recipe.get("dataset") or Recipe().dataset
    graph = network_view.graph(workspace, {"dataset": name, "graph": recipe.get("graph")})
    dataset = store.load(workspace, name)
    order = {
        "dataset": dataset.name,
        "graph": graph.document(),
        "node": question.node,
        "sample": _sample(workspace, dataset, question.sample),
        "source": question.source.model_dump() if question.source else None,
        "view": question.model_dump(include=set(View.model_fields)),
    }
    found = answer(context.engine.submit(preview, str(workspace.folder), order), PATIENCE_SECONDS)
    if found["kernels"]:
        found["kernels"]["picture"] = _address(found["kernels"]["picture"])
    rows = found["augmented"]
    if rows is not None:
        rows = [{"label": row.label, "pictures": [_address(png) for png in row.pictures], "mixtures": row.mixtures} for row in rows]
    return {**found, "picture": _address(found["picture"]), "augmented": rows}


def _sample(workspace: Workspace, dataset: Dataset, question: SampleQuestion) -> dict[str, Any]:
    found: dict[str, Any] = {"split": question.split, "index": question.index}
    if question.upload is not None:
        found["file"] = str(uploaded(workspace, question.upload))
    elif question.picture is not None:
        found["picture"] = _content(question.picture)
    elif question.drawing is not None:
        style = style_in(dataset)
        if style is None:
            raise StudioError("The dataset's pictures are no signs on a plain ground, so a drawing would tell nothing. Give it a picture.")
        found["picture"] = placed(_content(question.drawing), style)
    elif question.text is not None:
        found["text"] = question.text
    elif question.values is not None:
        found["record"] = read_row(dataset.features, question.values)
    return found


def _content(address: str) -> bytes:
    head, comma, body = address.partition(",")
    try:
        if comma and head.startswith("data:") and head.endswith(";base64"):
            return base64.b64decode(body, validate=True)
    except binascii.Error:
        pass
    raise StudioError("The picture did not arrive whole. Send it again.")


def _address(png: bytes | None) -> str | None:
    return None if png is None else "data:image/png;base64," + base64.b64encode(png).decode("ascii")
