"""Build Arrow columns from lists of Python values without importing pandas.

`pyarrow.array` imports pandas to see whether its argument is a pandas object: a quarter of a second
and 50 MB in a process that has no other use for it.
"""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

MICROSECONDS = 1_000_000
MOMENT = pa.timestamp("us", tz="UTC")


def column(values: Sequence[Any], kind: pa.DataType) -> pa.Array:
    """Build a column; None is null, and texts may be given as UTF-8 bytes.

    Raises:
        pyarrow.ArrowInvalid: a text isn't UTF-8, or the texts exceed the size of a column.
    """
    build = _BUILDERS.get(kind)
    return build(values) if build else pa.array(values, kind)


def _texts(values: Sequence[str | bytes | None]) -> pa.Array:
    """Build a text column from one buffer of the concatenated texts."""
    encoded = [value.encode() if isinstance(value, str) else value or b"" for value in values]
    ends = np.cumsum([0, *map(len, encoded)], dtype=np.int64)
    buffers = [_validity(values), pa.py_buffer(ends), pa.py_buffer(b"".join(encoded))]
    return pa.Array.from_buffers(pa.large_binary(), len(values), buffers).cast(pa.string())


def _categories(values: Sequence[str | None]) -> pa.Array:
    return _texts(values).dictionary_encode()


def _lists(values: Sequence[Sequence[str] | None]) -> pa.Array:
    ends = np.cumsum([0, *(len(texts or ()) for texts in values)], dtype=np.int32)
    texts = _texts([text for texts in values for text in texts or ()])
    buffers = [_validity(values), pa.py_buffer(ends)]
    return pa.Array.from_buffers(pa.list_(pa.string()), len(values), buffers, children=[texts])


def _integers(values: Sequence[int | None]) -> pa.Array:
    numbers = np.fromiter((value or 0 for value in values), np.int64, len(values))
    return _fixed(values, numbers, pa.int64())


def _booleans(values: Sequence[bool | None]) -> pa.Array:
    flags = np.fromiter((bool(value) for value in values), np.bool_, len(values))
    return _fixed(values, np.packbits(flags, bitorder="little"), pa.bool_())


def _moments(values: Sequence[datetime | None]) -> pa.Array:
    """Build a timestamp column, converting each distinct instant once: a page's rows share it."""
    distinct = {id(value): value for value in values}
    converted = {key: _microseconds(value) for key, value in distinct.items()}
    numbers = np.fromiter((converted[id(value)] for value in values), np.int64, len(values))
    return _fixed(values, numbers, MOMENT)


def _microseconds(moment: datetime | None) -> int:
    if moment is None:
        return 0
    return int(moment.replace(microsecond=0).timestamp()) * MICROSECONDS + moment.microsecond


def _fixed(values: Sequence[object], data: npt.NDArray[Any], kind: pa.DataType) -> pa.Array:
    return pa.Array.from_buffers(kind, len(values), [_validity(values), pa.py_buffer(data)])


def _validity(values: Sequence[object]) -> pa.Buffer | None:
    """Return Arrow's validity bitmap, or None where no value is None."""
    present = np.fromiter((value is not None for value in values), np.bool_, len(values))
    return None if present.all() else pa.py_buffer(np.packbits(present, bitorder="little"))


_BUILDERS: dict[pa.DataType, Callable[[Sequence[Any]], pa.Array]] = {
    pa.string(): _texts,
    pa.dictionary(pa.int32(), pa.string()): _categories,
    pa.list_(pa.string()): _lists,
    pa.int64(): _integers,
    pa.bool_(): _booleans,
    MOMENT: _moments,
}
