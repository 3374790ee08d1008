"""Small bridges between Arrow and NumPy. Arrow is imported when it is needed: the page process stays light."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray


def single(values: Any) -> Any:
    """An Arrow array in one piece."""
    import pyarrow as pa

    return values.combine_chunks() if isinstance(values, pa.ChunkedArray) else values


def to_numpy(values: Any) -> NDArray[Any]:
    """The values as a NumPy array; missing numbers are NaN, missing texts None."""
    return np.asarray(single(values).to_numpy(zero_copy_only=False))


def valid(values: Any) -> NDArray[np.bool_]:
    """Where there is a value."""
    return np.asarray(to_numpy(values.is_valid()), dtype=np.bool_)


def mask(values: NDArray[np.bool_]) -> Any:
    """A NumPy mask as an Arrow array."""
    import pyarrow as pa

    return pa.array(values)


def strings(texts: Sequence[str | None]) -> Any:
    """Texts as an Arrow array."""
    import pyarrow as pa

    return pa.array(list(texts), pa.string())


def codes(values: Any, known: Sequence[str]) -> NDArray[np.int64]:
    """The position of each text among the known ones, -1 where it is none of them."""
    import pyarrow.compute as pc

    return np.asarray(to_numpy(pc.fill_null(pc.index_in(values, value_set=strings(known)), -1)), dtype=np.int64)


def groups(values: Any) -> NDArray[np.int64]:
    """A number per different text, -1 where missing."""
    import pyarrow.compute as pc

    return np.asarray(to_numpy(pc.fill_null(single(single(values).dictionary_encode()).indices, -1)), dtype=np.int64)
