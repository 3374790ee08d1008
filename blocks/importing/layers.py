"""One layer of a Keras model as a block with parameters."""

from __future__ import annotations

from blocks.importing.classes import MENDED, STOOD_IN_FOR, block_of, is_own, kind_of, why_not
from blocks.importing.decoders import DECODERS
from blocks.importing.document import Entry
from blocks.importing.errors import UnsaidError
from blocks.importing.reading import Reading, finish
from blocks.spec import Shape


def read_layer(entry: Entry, shape: Shape | None) -> Reading:
    """The block of a layer, with what was noted and what stands against it.

    Args:
        shape: Of the first input, without the batch; None where the file doesn't say.

    Raises:
        UnsaidError: There is no block for its class.
    """
    block = block_of(entry)
    if block is None:
        raise UnsaidError(why_not(entry).rstrip("."))
    reading = Reading(block, dict(entry.config), shape, read_layer)
    if not is_own(entry) and entry.kind in STOOD_IN_FOR:
        reading.notes.append(MENDED)
    decoder = DECODERS.get(kind_of(entry))
    try:
        if decoder is not None:
            decoder(reading)
    except UnsaidError as error:
        reading.problems.append(f"{error}.")
    except (TypeError, AttributeError, KeyError, IndexError, ValueError):
        reading.problems.append("its values have other types than Keras writes.")
    reading.params = finish(reading)
    return reading
