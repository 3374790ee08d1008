"""What a sample looks like at a node: the function that the engine runs, plain values in and out."""

from __future__ import annotations

import time
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pydantic import BaseModel, Field, ValidationError

from blocks.base import LayerBlock
from blocks.errors import BlocksError
from blocks.graph import Graph
from blocks.inference import infer
from blocks.ports import Output
from studio import runs
from studio.datasets import store
from studio.evaluation.answers.classes import gives_probabilities
from studio.inspection.augmented import Row, augmented
from studio.inspection.errors import PreviewError
from studio.inspection.figures import View, figure
from studio.inspection.kernels import kernels, weights_json
from studio.inspection.limits import MOST_WEIGHTS
from studio.inspection.memory import Memory
from studio.inspection.preparation import prepared
from studio.inspection.samples import Sample, SampleOrder, chosen
from studio.inspection.states import Trained, open_state, saved_key
from studio.inspection.trace import Flow, Step, Trace, flows_at, needed, part_of, trace
from studio.inspection.values import Values
from studio.networks.front import adaptable, plain_numbers
from studio.workspace import StudioError, Workspace

if TYPE_CHECKING:
    from studio.datasets.dataset import Dataset

_RUN_BYTES = 500_000
_ROW_BYTES = 44


class SourceOrder(BaseModel):
    """Whose weights: a saved state of a run."""

    run: str = Field(max_length=200)
    state: str = Field("best", max_length=200)


class Order(BaseModel):
    """What is to be shown.

    Args:
        graph: The network as it stands; it need not be without errors behind the node.
        node: Path of the node, such as `stage1/block2/conv1`.
        source: None makes fresh weights, the same ones each time.
    """

    dataset: str
    graph: Graph
    node: str = Field(max_length=2_000)
    sample: SampleOrder = Field(default_factory=SampleOrder)
    source: SourceOrder | None = None
    view: View = Field(default_factory=View)


def preview(workspace: str, order: dict[str, Any]) -> dict[str, Any]:
    """What a sample looks like at a node of a network. Needs Keras: runs in the engine, which keeps what it computed.

    Args:
        workspace: The workspace folder.
        order: The fields of `Order`.

    Returns:
        The answer that `studio.ui.api.preview` describes, with pictures as PNG bytes.

    Raises:
        StudioError: The node, the sample or the state is not there, or it would be too much to compute.
    """
    try:
        return shown(Workspace(Path(workspace)), Order.model_validate(order), engine_memory())
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(str(part) for part in first["loc"])
        raise PreviewError(f"Preview: invalid {place}. {first['msg']}.") from None
    except (StudioError, BlocksError) as error:
        raise StudioError(str(error)) from None


@cache
def engine_memory() -> Memory:
    """What this process keeps between questions."""
    return Memory()


def shown(workspace: Workspace, order: Order, memory: Memory) -> dict[str, Any]:
    """As `preview`, with what is kept given.

    Raises:
        StudioError, BlocksError: As `preview`.
    """
    began = time.monotonic()
    dataset = _dataset(workspace, order.dataset, memory)
    trained = _trained(workspace, order.source, memory) if order.source else None
    with plain_numbers():
        traced = _traced(order, dataset, trained, memory)
        flows = flows_at(traced, order.node)
        if order.view.output >= len(flows):
            raise PreviewError(f"{order.node}: invalid output. Expected: 0 to {len(flows) - 1}. Received: {order.view.output}.")
        flow = flows[order.view.output]
        sample = _sample(dataset, order.sample, memory)
        values = Values(sample, trained, memory)
        (value,) = values.at([flow])
        found = {
            **_about(order, traced, flows),
            **figure(order.node, flow, value, order.view, dataset.features),
            **_learned(order, traced, values),
            "weights_taken": _origin(order, trained, values, needed([flow])),
        }
    found["augmented"], reason = _augmented(order, traced, dataset, trained, memory)
    found["answer"] = _answer(flow.step, found, trained, dataset) if order.node == flow.step.path else None
    found["sample"] = sample.facts
    found["note"] = " ".join([*sample.notes, *_notes(order, traced), *reason])
    found["computed"] = len(values.computed)
    found["seconds"] = round(time.monotonic() - began, 4)
    return found


def _traced(order: Order, dataset: Dataset, trained: Trained | None, memory: Memory) -> Trace:
    """The steps of the part of the graph that the node depends on, with the preparation adapted."""
    features = dataset.features
    part = part_of(order.graph, order.node)
    found = trace(part, features)
    flows_at(found, order.node)
    if not adaptable(part):
        return found
    return trace(prepared(part, dataset, trained, memory), features)


def _about(order: Order, traced: Trace, flows: list[Flow]) -> dict[str, Any]:
    node = order.node
    leaf = node in {step.path for step in traced.steps}
    document = order.graph.nodes.get(node)
    block = type(flows[0].step.block).__name__ if leaf else ""
    if not leaf and document is not None:
        block = order.graph.nodes.get(document.reuse or "", document).block
    return {"node": node, "block": block, "composite": not leaf and node not in traced.unchanged, "output": order.view.output, "outputs": len(flows)}


def _learned(order: Order, traced: Trace, values: Values) -> dict[str, Any]:
    """Kernels and figures of the weights of a node, or of all that stand inside it."""
    own = [step for step in traced.steps if step.path == order.node or step.path.startswith(f"{order.node}/")]
    counts = {step.identity: infer(step.block, step.built_on).weights for step in own if isinstance(step.block, LayerBlock)}
    steps = {step.identity: step for step in own if counts.get(step.identity)}
    if not steps or sum(counts.values()) > MOST_WEIGHTS:
        return {"kernels": None, "weights": None}
    arrays: dict[str, Any] = {}
    for step in steps.values():
        inside = step.path.removeprefix(order.node).lstrip("/")
        arrays |= {f"{inside}/{name}" if inside else name: array for name, array in values.made(step).arrays().items()}
    single = next(iter(steps.values())) if [step.path for step in own] == [order.node] else None
    return {"kernels": kernels(single, arrays, order.view) if single else None, "weights": weights_json(arrays)}


def _origin(order: Order, trained: Trained | None, values: Values, steps: list[Step]) -> dict[str, Any] | None:
    """How many of the weights that the value depends on come from the run."""
    if trained is None or order.source is None:
        return None
    taken, left = values.origins(steps)
    return {"run": order.source.run, "state": order.source.state, "taken": len(taken), "of": len(taken) + len(left), "left": left[:20]}


def _answer(step: Step, found: dict[str, Any], trained: Trained | None, dataset: Dataset) -> dict[str, Any] | None:
    """What an Output says of the sample: the class with its probability or score, or the number in the target's unit."""
    block = step.block
    values = found["values"]
    if not isinstance(block, Output) or found["kind"] != "vector" or not values or None in values:
        return None
    target = next((feature for feature in dataset.features if feature.role == "target" and feature.name == block.target), None)
    if target is not None and target.classes and found["pages"] == 1:
        probable = gives_probabilities(block)
        shares = [(1 if probable else 0) - values[0], values[0]] if len(values) == 1 else values
        best = max(range(len(shares)), key=lambda place: shares[place])
        return {"label": target.classes[best], "probability" if probable else "score": shares[best]} if best < len(target.classes) else None
    scale = trained.scales.get(step.path) if trained else None
    if target is None or target.classes or scale is None or len(values) != 1:
        return None
    return {"value": values[0] * scale["scale"] + scale["offset"], "unit": target.unit}


def _notes(order: Order, traced: Trace) -> list[str]:
    return ["This node changes training samples only; in use, a sample passes as it is."] if order.node in traced.unchanged else []


def _augmented(order: Order, traced: Trace, dataset: Dataset, trained: Trained | None, memory: Memory) -> tuple[list[Row] | None, list[str]]:
    """What the training makes of some samples up to an augmentation node (None for other nodes), and why it can't, if so."""
    if order.node not in traced.unchanged or order.node not in order.graph.nodes:
        return None, []
    part = prepared(part_of(order.graph, order.node), dataset, trained, memory)
    key = f"augmented {dataset.manifest.hash} {part.digest()}"
    kept: list[Row] | None = memory.get(key)
    if kept is None:
        try:
            kept = augmented(part, dataset)
        except StudioError as error:
            return [], [str(error)]
        memory.put(key, kept, 1_000 + sum(len(png) for row in kept for png in row.pictures))
    return kept, []


def _dataset(workspace: Workspace, name: str, memory: Memory) -> Dataset:
    found = store.load(workspace, name)
    key = f"dataset {found.folder} {found.manifest.hash}"
    kept: Dataset | None = memory.get(key)
    if kept is None:
        memory.put(key, found, _RUN_BYTES + _ROW_BYTES * len(found))
    return kept or found


def _trained(workspace: Workspace, order: SourceOrder, memory: Memory) -> Trained:
    run = runs.get(workspace, order.run)
    key = f"run {saved_key(run, order.state)}"
    kept: Trained | None = memory.get(key)
    if kept is None:
        kept = open_state(run, order.state)
        memory.put(key, kept, _RUN_BYTES)
    return kept


def _sample(dataset: Dataset, order: SampleOrder, memory: Memory) -> Sample:
    if order.is_own:
        return chosen(dataset, order)
    key = f"sample {dataset.folder} {dataset.manifest.hash} {order.split} {order.index}"
    kept: Sample | None = memory.get(key)
    if kept is None:
        kept = chosen(dataset, order)
        memory.put(key, kept, _sample_bytes(kept))
    return kept


def _sample_bytes(sample: Sample) -> int:
    return 1_000 + sum(len(value[0]) if isinstance(value, list) else getattr(value, "nbytes", 10_000) for value in sample.values.values())
