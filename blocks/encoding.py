"""Numbers and categories turned into places: bins, hashed values, and one number per place."""

from __future__ import annotations

from typing import Annotated, Any, ClassVar, Literal, Self

import numpy as np
from pydantic import BeforeValidator, Field, model_validator

from blocks.augmentation_base import decimals
from blocks.base import LayerBlock
from blocks.fields import FROM_DATA, RARE, Count
from blocks.spec import AnySpec

OutputMode = Literal["int", "one_hot", "multi_hot", "count"]
OUTPUT_MODE = '"int" gives the number of the place, for an Embedding; "one_hot" a vector with a 1 there; '
OUTPUT_MODE += 'for lists, "multi_hot" a 1 at each place that occurs and "count" how often it occurs.'
Salt = Annotated[int, Field(ge=0, le=2**31 - 1)]


class Encoding(LayerBlock):
    """Base of the blocks that turn values into places. Each family gives the category.

    Args:
        texts: Whether texts are taken.
        decimals: Whether numbers that aren't whole are taken.
    """

    ranks: ClassVar[tuple[int, ...]] = (0, 1)
    preprocessing = True
    takes_integers = True
    texts: ClassVar[bool] = False
    decimals: ClassVar[bool] = False

    @property
    def counted(self) -> bool:
        """Whether a list becomes one vector."""
        return self.model_dump().get("output_mode") in ("multi_hot", "count", "tf_idf")

    def problem(self, inputs: list[AnySpec]) -> tuple[str, str] | None:
        found = super().problem(inputs)
        if found or not inputs:
            return found
        name = type(self).__name__
        for spec in inputs:
            if not (spec.is_integer or (spec.dtype == "string" and self.texts) or (spec.dtype != "string" and self.decimals)):
                kinds = "texts or whole numbers" if self.texts and not self.decimals else "whole numbers"
                return f"{name}: invalid input. Expected: {kinds}. Received: {spec.dtype}.", "Insert Discretization before it."
        if self.counted and not inputs[0].shape:
            mode = self.model_dump()["output_mode"]
            return (
                f"{name}: invalid output_mode. Expected: int or one_hot for single values. Received: {mode}.",
                'Choose "one_hot": for a single value it says the same.',
            )
        return None


class _Encoding(Encoding):
    category = "preprocessing"


def _listed(value: Any) -> Any:
    """One number or several as a list."""
    found = decimals(value)
    return (found,) if isinstance(found, int | float) else found


Boundaries = Annotated[tuple[Annotated[float, Field(ge=-1e30, le=1e30)], ...], Field(min_length=1, max_length=10_000), BeforeValidator(_listed)]


class Discretization(_Encoding):
    """Cuts the range of numbers into bins and gives each number that of its bin.

    Use it where a number acts in steps, or before an Embedding. The ends of the bins are measured on the training data, so that all bins
    hold about as many values; before that they are 1, 2, 3 ...

    Formula: bin = how many of the ends are at most x
    Shapes: (features) -> (features); "one_hot": (features, bins); "multi_hot" and "count": (bins); a single number: () -> () or (bins).
    Source: Dougherty, Kohavi and Sahami (1995), Supervised and unsupervised discretization of continuous features, ICML.
    """

    layer = "keras.layers.Discretization"
    decimals = True
    adaptable = True

    num_bins: int = Field(10, ge=2, le=10_000, description="Bins whose ends are measured.", json_schema_extra={"shown_if": {"bin_boundaries": None}})
    bin_boundaries: Boundaries | None = Field(None, description="Ends between the bins, ascending; empty: measured on the training data.")
    output_mode: OutputMode = Field("int", description=OUTPUT_MODE)
    measured: tuple[float, ...] | None = Field(None, description="Ends between the bins; measured on the training data.", json_schema_extra=FROM_DATA)

    @model_validator(mode="after")
    def _ascending(self) -> Self:
        if list(self.bin_boundaries or ()) != sorted(self.bin_boundaries or ()):
            raise ValueError("bin_boundaries must ascend")
        return self

    def own_fields(self) -> set[str]:
        return {"measured", "num_bins"}

    def arguments(self) -> dict[str, Any]:
        ends = self.bin_boundaries or self.measured or tuple(float(number) for number in range(1, self.num_bins))
        return {"bin_boundaries": list(ends), "output_mode": self.output_mode}

    def adapt(self, values: Any) -> Self:
        array = np.asarray(values, dtype=np.float64)
        present = array[np.isfinite(array)]
        shares = np.arange(1, self.num_bins) / self.num_bins
        found = np.quantile(present, shares) if present.size else np.zeros(len(shares))
        return self.model_copy(update={"measured": tuple(float(end) for end in found.astype(np.float32))})


class CategoryEncoding(_Encoding):
    """Turns numbers of categories into vectors with one place per category.

    Use it for categories that are numbered already; for others use StringLookup or IntegerLookup.

    Formula: y[c] = 1 where x = c, otherwise 0; for lists 1 where c occurs ("multi_hot"), or how often ("count")
    Shapes: () -> (num_tokens); lists: (values) -> (num_tokens), "one_hot": (values, num_tokens).
    """

    layer = "keras.layers.CategoryEncoding"

    num_tokens: Count = Field(10, description="Categories: the largest number plus 1. Larger numbers become a vector of zeros.")
    output_mode: Literal["one_hot", "multi_hot", "count"] = Field(
        "one_hot", description='"one_hot" gives each value a vector; for lists, "multi_hot" gives a 1 at each place that occurs, "count" how often.'
    )


class Hashing(_Encoding):
    """Gives each text or whole number a place by a fixed rule, without learning a vocabulary.

    Use it for categories with very many values; two values may share a place.

    Formula: place = hash(x) modulo num_bins
    Shapes: (values) -> (values); "one_hot": (values, num_bins); "multi_hot" and "count": (num_bins); single: () -> () or (num_bins).
    Source: Weinberger et al. (2009), arXiv:0902.2206.
    """

    layer = "blocks.layers.hashing.Hashing"
    texts = True
    takes_text = True

    num_bins: Count = Field(1000, description="Places; more of them make it rarer that two values share one.")
    mask_value: str | None = Field(None, description="The value that means nothing is there; it gets place 0; empty: none.", json_schema_extra=RARE)
    output_mode: OutputMode = Field("int", description=OUTPUT_MODE)
    salt: Salt | None = Field(None, description="Chooses another rule; empty: the quickest one.", json_schema_extra=RARE)

    def problem(self, inputs: list[AnySpec]) -> tuple[str, str] | None:
        found = super().problem(inputs)
        if found or not inputs or self.mask_value is None or not inputs[0].is_integer or _is_whole(self.mask_value):
            return found
        return f"Hashing: invalid mask_value. Expected: a whole number, as the input. Received: {self.mask_value!r}.", "Leave it empty for none."


def _is_whole(text: str) -> bool:
    return text.strip().lstrip("-").isdecimal() and len(text) < 19


class HashedCrossing(_Encoding):
    """Gives each pair of two values a place by a fixed rule, as one category made of two.

    Use it where two categories say more together than each alone, such as day and hour; two pairs may share a place.

    Formula: place = hash(x1, x2) modulo num_bins
    Shapes: () and () -> (); "one_hot": (num_bins).
    Source: Cheng et al. (2016), arXiv:1606.07792, section 3.1.
    """

    layer = "keras.layers.HashedCrossing"
    ranks = (0,)
    arity = (2, 2)
    texts = True
    takes_text = True

    num_bins: Count = Field(1000, description="Places; more of them make it rarer that two pairs share one.")
    output_mode: Literal["int", "one_hot"] = Field("int", description='"int" gives the number of the place, for an Embedding; "one_hot" a vector.')
