"""Blocks that are wrong on purpose: each shared check must refuse the one that it is for."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import keras
import pytest
from pydantic import Field

from blocks.base import LayerBlock, registry
from blocks.sizes import Size
from blocks.spec import Shape, Spec
from tests.blocks import block_checks

SPECS = [Spec((6,))]


@keras.saving.register_keras_serializable(package="wrong")
class ForgetsItsParameter(keras.layers.Layer):
    """Leaves `factor` out of its configuration."""

    def __init__(self, factor: float = 1.0, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.factor = factor

    def call(self, inputs: Any) -> Any:
        return inputs * self.factor

    def get_config(self) -> dict[str, Any]:
        return {"name": self.name}


class LiesAboutItsShape(keras.layers.Layer):
    """Says that it keeps the shape, and drops a feature."""

    def call(self, inputs: Any) -> Any:
        return inputs[:, :-1]

    def compute_output_spec(self, inputs: Any) -> Any:
        return keras.KerasTensor(inputs.shape, inputs.dtype)


class HasADeadWeight(keras.layers.Layer):
    """Has a weight that plays no part in the output."""

    def build(self, input_shape: Any) -> None:  # noqa: ARG002
        self.dead = self.add_weight(shape=(3,))

    def call(self, inputs: Any) -> Any:
        return inputs * 2.0


class HasHalfWeights(keras.layers.Layer):
    """Keeps its weights in half precision."""

    def build(self, input_shape: Any) -> None:  # noqa: ARG002
        self.half = self.add_weight(shape=(6,), dtype="bfloat16", initializer="ones")

    def call(self, inputs: Any) -> Any:
        return inputs * keras.ops.cast(self.half, inputs.dtype)


class NumbersItsParts(keras.layers.Layer):
    """Names the layer within it by how many were made before."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.part = keras.layers.Dense(6)

    def build(self, input_shape: Any) -> None:
        self.part.build(input_shape)

    def call(self, inputs: Any) -> Any:
        return self.part(inputs)


class DividesByZero(keras.layers.Layer):
    """Has a weight whose gradient is infinite."""

    def build(self, input_shape: Any) -> None:  # noqa: ARG002
        self.scale = self.add_weight(shape=(6,), initializer="zeros")

    def call(self, inputs: Any) -> Any:
        return inputs + keras.ops.sqrt(self.scale)


@pytest.fixture
def declared() -> Iterator[dict[str, type[LayerBlock]]]:
    """The wrong blocks, in the registry for the time of one test."""
    before = set(registry.all())
    here = f"{__name__}."

    class WrongConfig(LayerBlock):
        category, layer = "wrong", f"{here}ForgetsItsParameter"
        factor: float = Field(3.0, description="Factor.")

    class WrongShape(LayerBlock):
        category, layer = "wrong", f"{here}LiesAboutItsShape"

    class WrongWeight(LayerBlock):
        """Weights: 3"""

        category, layer = "wrong", f"{here}HasADeadWeight"

    class WrongPrecision(LayerBlock):
        """Weights: features"""

        category, layer = "wrong", f"{here}HasHalfWeights"

    class WrongGradient(LayerBlock):
        """Weights: features"""

        category, layer = "wrong", f"{here}DividesByZero"

    class WrongPaths(LayerBlock):
        """Weights: (features + 1) * features"""

        category, layer = "wrong", f"{here}NumbersItsParts"

    class WrongWords(LayerBlock):
        """Does something.

        Use it here.

        Formula: y = x
        Shapes: unchanged.
        """

        category, layer = "wrong", "keras.layers.ReLU"
        threshold: float = 0.0

    class WrongFormula(LayerBlock):
        """Weights: (features + 1) * units"""

        category, layer = "wrong", "keras.layers.Dense"
        units: int = Field(3, description="Units.")
        use_bias: bool = Field(False, description="Bias.")

    class WrongName(LayerBlock):
        """Weights: features * unit"""

        category, layer = "wrong", "keras.layers.Dense"
        units: int = Field(3, description="Units.")
        use_bias: bool = Field(False, description="Bias.")

    class NoFormula(LayerBlock):
        category, layer = "wrong", "keras.layers.Dense"
        units: int = Field(3, description="Units.")

    class WrongSizes(LayerBlock):
        category, layer = "wrong", "keras.layers.Cropping1D"

        def sizes(self, shape: Shape) -> list[Size]:
            return [Size(0, "size - 1", {"size": shape[0] or 0})]

    class WrongCode(LayerBlock):
        category, layer = "wrong", f"{here}ForgetsItsParameter"
        factor: float = Field(3.0, description="Factor.")

    class WrongLimits(LayerBlock):
        category, layer = "wrong", "keras.layers.Dense"
        units: Any = Field(3, description="Units.", json_schema_extra={"control": "integer"})

    yield {"WrongLimits": WrongLimits, "WrongWords": WrongWords}
    for name in set(registry.all()) - before:
        registry.remove(name)


@pytest.mark.usefixtures("declared")
def test_a_shape_that_is_not_the_layers() -> None:
    with pytest.raises(AssertionError, match=r"WrongShape: the analysis says \(6,\), the layer gives \(5,\)"):
        block_checks.check_built("WrongShape", {}, SPECS)


@pytest.mark.usefixtures("declared")
@pytest.mark.parametrize(
    ("name", "specs", "told"),
    [
        ("WrongFormula", SPECS, r"WrongFormula: Weights: \(6 \+ 1\) \* 3 = 21, not 18"),
        ("WrongName", SPECS, r"WrongName: nothing is known of \{'unit'\} in its Weights"),
        ("NoFormula", SPECS, r"NoFormula: Weights should begin with a formula"),
        ("WrongSizes", [Spec((8, 6))], r"WrongSizes: axis 0: size - 1 .* is 7, not 6"),
    ],
)
def test_a_formula_that_is_not_true(name: str, specs: list[Spec], told: str) -> None:
    with pytest.raises(AssertionError, match=told):
        block_checks.check_layer(name, {}, list(specs))
    with pytest.raises(AssertionError, match=told):
        block_checks.check_built(name, {}, list(specs))


@pytest.mark.usefixtures("declared")
def test_code_that_can_not_be_run_elsewhere() -> None:
    _, model = block_checks.check_built("WrongCode", {}, SPECS)
    with pytest.raises(AttributeError, match="ForgetsItsParameter"):
        block_checks.check_code("WrongCode", model, SPECS)


@pytest.mark.usefixtures("declared")
def test_a_weight_without_gradient() -> None:
    _, model = block_checks.check_built("WrongWeight", {}, SPECS)
    with pytest.raises(AssertionError, match="has no gradient"):
        block_checks.check_gradients("WrongWeight", model, SPECS)


@pytest.mark.usefixtures("declared")
def test_a_gradient_that_is_not_finite() -> None:
    _, model = block_checks.check_built("WrongGradient", {}, SPECS)
    with pytest.raises(AssertionError, match="not finite"):
        block_checks.check_gradients("WrongGradient", model, SPECS)


@pytest.mark.usefixtures("declared")
def test_a_parameter_that_is_lost_in_the_file(tmp_path: Path) -> None:
    _, model = block_checks.check_built("WrongConfig", {}, SPECS)
    with pytest.raises(AssertionError, match="WrongConfig"):
        block_checks.check_saved("WrongConfig", model, SPECS, tmp_path)


@pytest.mark.usefixtures("declared")
def test_weights_that_are_called_otherwise_the_next_time() -> None:
    _, model = block_checks.check_built("WrongPaths", {}, SPECS)
    with pytest.raises(AssertionError, match="WrongPaths: a second one has its weights at"):
        block_checks.check_weight_paths("WrongPaths", {}, SPECS, model)


@pytest.mark.usefixtures("declared")
def test_weights_in_half_precision() -> None:
    with pytest.raises(AssertionError, match="bfloat16"):
        block_checks.check_mixed_precision("WrongPrecision", {}, SPECS)


def test_a_field_without_description(declared: dict[str, type[LayerBlock]]) -> None:
    with pytest.raises(AssertionError, match=r"WrongWords\.threshold: the description is a sentence"):
        block_checks.check_declared(declared["WrongWords"])


def test_a_field_that_takes_what_it_should_refuse(declared: dict[str, type[LayerBlock]]) -> None:
    with pytest.raises(AssertionError, match=r"WrongLimits\.units takes 'banana'"):
        block_checks.check_refusals(declared["WrongLimits"])
    with pytest.raises(AssertionError, match="no Weights"):
        block_checks.check_weights_said(declared["WrongLimits"], 3)


def test_a_taken_name_is_refused() -> None:
    with pytest.raises(ValueError, match="The block name 'Dense' is taken"):

        class Dense(LayerBlock):
            category, layer = "wrong", "keras.layers.Dense"
