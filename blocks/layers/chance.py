"""Chance that depends on a given state alone, in place of the counters that Keras's random layers keep."""

from __future__ import annotations

from typing import Any

import keras


class Chance(keras.random.SeedGenerator):  # type: ignore[misc]
    """A seed generator without a variable: its seeds follow from the state that `begin` was given last, and from their number.

    So a step of a training is random, but the same whenever it is done again.
    """

    def __init__(self) -> None:
        # Without the constructor of the base, which makes a variable.
        self.name = "chance"
        self._initial_seed = 0
        self._state: Any = None
        self._drawn = 0

    def begin(self, state: Any) -> None:
        """Draws from this state from now on.

        Args:
            state: Two int32 numbers.
        """
        self._state = state
        self._drawn = 0

    @property
    def drawn(self) -> int:
        """How many seeds were drawn since then (while the computation was traced)."""
        return self._drawn

    def next(self, ordered: bool = True) -> Any:  # noqa: ARG002 - asked for by the base
        """The next seed."""
        self._drawn += 1
        return self._state + keras.ops.convert_to_tensor([0, self._drawn - 1], "int32")


def take_over(layer: Any) -> list[Chance]:
    """Puts a Chance in the place of every seed generator of a layer and of the layers inside it."""
    found: list[Chance] = []
    for name, value in list(vars(layer).items()):
        if isinstance(value, keras.random.SeedGenerator):
            found.append(Chance())
            vars(layer)[name] = found[-1]
        elif isinstance(value, keras.layers.Layer):
            found += take_over(value)
        elif isinstance(value, list | tuple) and not name.startswith("_"):
            for each in value:
                if isinstance(each, keras.layers.Layer):
                    found += take_over(each)
    return found
