"""A rule about networks that write down what they see or hear."""

from __future__ import annotations

from collections.abc import Iterator

from blocks.lint.base import PICTURES, TRANSCRIPT, Check, Example, sketch
from blocks.lint.network import Network
from blocks.lint.situation import Situation
from blocks.messages import Message


class TooFewSteps(Check):
    """A sequence that is too short for the longest transcript."""

    name = "too-few-steps"
    in_training = True
    why = "Each step says one character or none, and equal ones need one that says none between them; texts that find no room teach nothing."

    def find(self, network: Network) -> Iterator[Message]:
        for part, output in network.outputs():
            target = network.target(output)
            if target is None or target.kind != "transcript" or len(part.shape) != 2:
                continue
            steps, needed = part.shape[0], int(target.statistics.get("needed_steps", 0))
            if steps is not None and steps < needed:
                text = f"The network gives {steps} steps, but the longest text of {target.name!r} needs {needed}."
                yield self.message(part.path, text, "Enlarge what enters, or pool and stride less along the text.")

    def example(self) -> Example:
        graph = sketch(
            image=("Input", {}),
            scaled=("Rescaling", {}, "image"),
            rows=("AveragePooling2D", {"pool_size": [32, 8]}, "scaled"),
            sequence=("Reshape", {"target_shape": [-1, 3]}, "rows"),
            out=("Output", {}, "sequence"),
        )
        return Example(graph, "out", (PICTURES, TRANSCRIPT), Situation(loss="ctc"))
