"""Blocks with parameters that hypothesis draws from their declarations."""

from __future__ import annotations

from hypothesis import HealthCheck, given, reject, settings
from hypothesis import strategies as st

import blocks
from blocks import InvalidValueError, analyse
from blocks.base import Block
from blocks.spec import AnySpec
from tests.blocks import drawing
from tests.blocks.block_checks import check_layer
from tests.blocks.samples import KEPT, graph_of, inputs_for, params_for


def check_drawn(name: str) -> None:
    """100 parameter sets that a block takes are analysed as they are built; what it refuses before, it refuses with a reason."""
    block = blocks.get(name)

    @settings(max_examples=100, deadline=None, derandomize=True, database=None, suppress_health_check=list(HealthCheck))
    @given(drawing.params(block), st.sampled_from(inputs_for(block)))
    def draw(params: dict[str, object], specs: list[AnySpec]) -> None:
        given_params = {**params_for(block, specs), **params, **KEPT.get(name, {})}
        refusal = refusal_of(block, given_params)
        if refusal:
            assert all(line.startswith(f"{name}: ") and len(line) > 20 for line in refusal.splitlines()), refusal
            reject()
        made = block.read(given_params)
        assert block.read(made.params()) == made
        errors = analyse(graph_of(name, given_params, specs)).errors
        if errors:
            assert all(message.text for message in errors)
            reject()
        check_layer(name, given_params, specs)

    draw()


def refusal_of(block: type[Block], params: dict[str, object]) -> str:
    """Why a block does not take these parameters; "" when it does."""
    try:
        block.read(params)
    except InvalidValueError as error:
        return str(error)
    return ""
