"""Vocabularies: each value that the training data hold gets a number of its own."""

from __future__ import annotations

from typing import Annotated, Any, ClassVar, Literal, Self

import numpy as np
from pydantic import Field, model_validator

from blocks.encoding import OUTPUT_MODE, Encoding, Salt
from blocks.fields import FROM_DATA, RARE, Count
from blocks.spec import AnySpec

LookupMode = Literal["int", "one_hot", "multi_hot", "count", "tf_idf"]
MANY_UNKNOWN = "Places for unknown values, which share them by a fixed rule."


class _Lookup(Encoding):
    """What both lookups share. Left out: invert (numbers back to values, which no network takes) and num_oov_indices 0, with which
    one unknown value would end a training."""

    category = "preprocessing"
    adaptable = True
    unknown: ClassVar[Any] = ""
    """How Keras calls an unknown value in a vocabulary."""
    stand_in: ClassVar[Any] = ""
    """Stands alone in the vocabulary as long as no value is known, because TensorFlow wants one."""

    max_tokens: Count = Field(
        1000, ge=3, description="Largest size of the vocabulary, with the places for unknown values; rarer values count as unknown."
    )
    output_mode: LookupMode = Field("int", description=OUTPUT_MODE.rstrip(".") + '; "tf_idf" as "count", with rare values weighing more.')
    num_oov_indices: int = Field(1, ge=1, le=1000, description=MANY_UNKNOWN, json_schema_extra=RARE)

    @model_validator(mode="after")
    def _room(self) -> Self:
        places = len(self.special(None))
        if self.max_tokens <= places:
            raise ValueError(f"max_tokens must be above {places}, the places for unknown and missing values")
        return self

    def special(self, unknown: Any) -> list[Any]:
        """What stands at the first places: nothing, then unknown values."""
        mask = self.model_dump()["mask_token"]
        return [mask] * (mask is not None and self.output_mode == "int") + [unknown] * self.num_oov_indices

    def arguments(self) -> dict[str, Any]:
        given = self.model_dump(exclude={"vocabulary", "idf_weights"})
        given["pad_to_max_tokens"] = self.output_mode != "int"
        first = self.special(self.unknown)
        kept = list(self.model_dump()["vocabulary"] or ())[: self.max_tokens - len(first)] or [self.stand_in]
        given["vocabulary"] = [*first, *kept]
        if self.output_mode == "tf_idf":
            weights = list(self.model_dump()["idf_weights"] or ())[: len(kept)]
            average = float(np.mean(weights)) if weights else 1.0
            given["idf_weights"] = [average] * len(first) + weights + [average] * (len(kept) - len(weights))
        return given

    def apply(self, layer: Any, inputs: list[Any]) -> Any:
        import keras

        found = layer(inputs[0])
        # Vectors come as whole numbers, although Keras 3.15 announces decimal ones.
        return found if self.output_mode == "int" else keras.ops.cast(found, "float32")

    def learned(self, values: np.ndarray) -> dict[str, Any]:
        """The values by how often they occur, the frequent ones first, and of equal ones the later in the alphabet, as Keras does."""
        mask = self.model_dump()["mask_token"]
        found, counts = np.unique(values, return_counts=True)
        order = np.lexsort((found, counts))[::-1]
        kept = [value for value in found[order].tolist() if value != mask][: self.max_tokens - len(self.special(None))]
        weights = None
        if self.output_mode == "tf_idf":
            rows = values.reshape(len(values), -1)
            holding = [int((rows == value).any(axis=1).sum()) for value in kept]
            weights = tuple(float(np.log(1 + len(rows) / (1 + number))) for number in holding)
        return {"vocabulary": tuple(kept), "idf_weights": weights}


class StringLookup(_Lookup):
    """Gives each text of a category its number in a vocabulary.

    Use it behind an Input of one category column, with an Embedding or Dense behind it; for whole texts use TextVectorization. The vocabulary
    is learned from the training data, the frequent values first; before that all values are unknown.

    Formula: place = mask + num_oov_indices + number of x in the vocabulary, counted from 0; unknown: mask; mask is 1 with mask_token, else 0
    Shapes: (values) -> (values); "one_hot": (values, max_tokens); "multi_hot", "count", "tf_idf": (max_tokens); single: () -> () or (max_tokens).
    Source: tf_idf: Salton and Buckley (1988), doi:10.1016/0306-4573(88)90021-0.
    """

    layer = "keras.layers.StringLookup"
    texts = True
    takes_text = True
    takes_integers = False
    unknown = "[UNK]"
    stand_in = "[NO VALUE]"

    mask_token: str | None = Field(None, description="The text that means nothing is there; it gets number 0; empty: none.", json_schema_extra=RARE)
    vocabulary: tuple[str, ...] | None = Field(None, description="The values in the order of their numbers; learned.", json_schema_extra=FROM_DATA)
    idf_weights: tuple[float, ...] | None = Field(None, description='Weight of each value for "tf_idf"; learned.', json_schema_extra=FROM_DATA)

    def problem(self, inputs: list[AnySpec]) -> tuple[str, str] | None:
        found = super().problem(inputs)
        if found or not inputs or inputs[0].dtype == "string":
            return found
        return f"StringLookup: invalid input. Expected: texts. Received: {inputs[0].dtype}.", "Use IntegerLookup for numbers."

    def adapt(self, values: Any) -> Self:
        return self.model_copy(update=self.learned(np.asarray(values, dtype=object).astype(str)))


class IntegerLookup(_Lookup):
    """Gives each whole number of a category its number in a vocabulary.

    Use it for codes such as postcodes or product numbers, whose size means nothing, with an Embedding or Dense behind it. The vocabulary
    is learned from the training data, the frequent values first; before that all values are unknown.

    Formula: place = mask + num_oov_indices + number of x in the vocabulary, counted from 0; unknown: mask + x modulo num_oov_indices
    Shapes: (values) -> (values); "one_hot": (values, max_tokens); "multi_hot", "count", "tf_idf": (max_tokens); single: () -> () or (max_tokens).
    Source: tf_idf: Salton and Buckley (1988), doi:10.1016/0306-4573(88)90021-0.
    """

    layer = "keras.layers.IntegerLookup"
    decimals = True
    unknown = -1
    stand_in = -(2**62)

    mask_token: Annotated[int, Field(ge=-(2**53), le=2**53)] | None = Field(
        None, description="The number that means nothing is there; it gets number 0; empty: none.", json_schema_extra=RARE
    )
    oov_method: Literal["floormod", "farmhash"] = Field(
        "floormod", description='Which place an unknown number gets: by its remainder, or "farmhash": by a hash.', json_schema_extra=RARE
    )
    salt: Salt | None = Field(
        None,
        description="Chooses another hash; empty: the quickest one.",
        json_schema_extra={"frequent": False, "shown_if": {"oov_method": "farmhash"}},
    )
    vocabulary: tuple[int, ...] | None = Field(None, description="The values in the order of their numbers; learned.", json_schema_extra=FROM_DATA)
    idf_weights: tuple[float, ...] | None = Field(None, description='Weight of each value for "tf_idf"; learned.', json_schema_extra=FROM_DATA)

    def arguments(self) -> dict[str, Any]:
        given = super().arguments()
        return given if self.oov_method == "farmhash" else {**given, "salt": None}

    def adapt(self, values: Any) -> Self:
        array = np.asarray(values)
        whole = np.where(np.isfinite(array), array, -1) if array.dtype.kind == "f" else array
        return self.model_copy(update=self.learned(whole.astype(np.int64)))
