"""What presets share that read one text and write another with recurrent layers: an encoder, and a decoder that begins where it ended."""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal

from pydantic import Field

from blocks.base import LayerBlock
from blocks.fields import Count
from blocks.merging import Concatenate
from blocks.recurrence import Recurrent
from blocks.recurrent import GRU, LSTM, RNN, STATES, Bidirectional
from blocks.wiring import Node, Wiring
from presets.base import PresetError
from presets.text_to_text import TextToText

Layers = Annotated[int, Field(ge=1, le=8)]


class Translating(TextToText):
    """Base of the presets whose encoder and decoder are recurrent."""

    cell: ClassVar[Literal["LSTM", "GRU"]] = "LSTM"

    units: Count = Field(128, description="Size of the decoder's state.")
    layers: Layers = Field(1, description="Recurrent layers on each side.")

    def recurrent(self, units: int, sequences: bool = True, state: bool = False, backwards: bool = False) -> Recurrent:
        """The recurrent layers of one side as one block."""
        if self.layers > 1:
            sizes = (units,) * self.layers
            return RNN(cell=self.cell, units=sizes, return_sequences=sequences, return_state=state, go_backwards=backwards)
        block: type[LSTM | GRU] = LSTM if self.cell == "LSTM" else GRU
        return block(units=units, return_sequences=sequences, return_state=state, go_backwards=backwards)

    def encoded(self, net: Wiring, x: Node) -> tuple[Node, list[Node]]:
        """What an encoder says that reads in both directions, at each place, and its last states, each side by side: half the units per direction."""
        if self.units % 2:
            raise PresetError(f"{self.name}: invalid units. Expected: an even number, half for each direction. Received: {self.units}.")
        reader: LayerBlock = Bidirectional.around(self.recurrent(self.units // 2, state=True))
        encoder = net.add("encoder", reader, x)
        states = [
            net.add(f"state{number}", Concatenate(), net.output(encoder, number), net.output(encoder, self.states + number))
            for number in range(1, self.states + 1)
        ]
        return encoder, states

    @property
    def states(self) -> int:
        """Parts of a side's state."""
        return STATES[self.cell] * self.layers
