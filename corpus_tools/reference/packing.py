"""Long sorted tables of small whole numbers, in little room: one row a key, numbers as bytes.

The columns that a table is sorted by are kept as steps from the row before. The low bytes of all
numbers stand together, and so do the high ones, where a general compressor brings them to within
a few hundredths of their entropy; lists of numbers took a fifth more.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import numpy as np
import polars as pl


def pack_table(
    table: pl.DataFrame, key: Sequence[str], ordered: Sequence[str], values: Sequence[str]
) -> pl.DataFrame:
    """A row a key, in which each other column is a few columns of bytes, ``NAME.0``, ``NAME.1``...

    Args:
        table: Sorted by `key` and then by `ordered`; whole numbers from 0.
        key: Columns that stay as they are.
        ordered: Columns that are kept as steps.
        values: Columns that are kept as they are.

    >>> rows = {"a": [0, 0, 1], "b": [5, 300, 2], "n": [1, 2, 3]}
    >>> packed = pack_table(pl.DataFrame(rows), ["a"], ["b"], ["n"])
    >>> packed.columns, packed["b.0"].to_list()
    (['a', 'b.0', 'b.1', 'n.0'], [b"\\x05'", b'\\x02'])
    >>> unpack_table(packed, ["a"], ["b"], ["n"]).rows()
    [(0, 5, 1), (0, 300, 2), (1, 2, 3)]
    """
    new = _changes(table, key)
    starts = np.flatnonzero(new)
    packed = table.select(key)[starts]
    for name in ordered:
        numbers = table[name].to_numpy().astype(np.int64)
        steps = np.where(new, numbers, np.diff(numbers, prepend=0))
        packed = packed.hstack(_planes(name, steps, starts))
        new = new | _changes(table, [name])
    for name in values:
        packed = packed.hstack(_planes(name, table[name].to_numpy(), starts))
    return packed


def unpack_table(
    packed: pl.DataFrame, key: Sequence[str], ordered: Sequence[str], values: Sequence[str]
) -> pl.DataFrame:
    """The table again, its numbers as `UInt32`."""
    first = next(iter([*ordered, *values]))
    lengths = packed[f"{first}.0"].bin.size().to_numpy()
    row = np.repeat(np.arange(packed.height, dtype=np.uint32), lengths)
    table = packed.select(key)[row]
    new = np.diff(row, prepend=-1) != 0
    for name in ordered:
        numbers = _summed(_numbers(packed, name), np.flatnonzero(new))
        table = table.with_columns(pl.Series(name, numbers.astype(np.uint32)))
        new = new | (np.diff(numbers, prepend=-1) != 0)
    for name in values:
        table = table.with_columns(pl.Series(name, _numbers(packed, name).astype(np.uint32)))
    return table


def _changes(table: pl.DataFrame, columns: Sequence[str]) -> np.ndarray:
    """In which rows a column has another value than in the row before."""
    changed = np.zeros(table.height, dtype=bool)
    changed[:1] = True
    for name in columns:
        changed[1:] |= (table[name][1:] != table[name][:-1]).to_numpy()
    return changed


def _planes(name: str, numbers: np.ndarray, starts: np.ndarray) -> list[pl.Series]:
    wide = numbers.astype("<u4").view(np.uint8).reshape(-1, 4)
    needed = max(1, (int(numbers.max(initial=0)).bit_length() + 7) // 8)
    parts = list(pairwise([*starts.tolist(), len(numbers)]))
    return [
        pl.Series(
            f"{name}.{plane}",
            [wide[a:b, plane].tobytes() for a, b in parts],
            dtype=pl.Binary,
        )
        for plane in range(needed)
    ]


def _numbers(packed: pl.DataFrame, name: str) -> np.ndarray:
    planes = [column for column in packed.columns if column.rsplit(".", 1)[0] == name]
    whole: np.ndarray = np.zeros(1, dtype=np.int64)
    for shift, column in enumerate(planes):
        bytes_ = np.frombuffer(b"".join(packed[column].to_list()), dtype=np.uint8)
        whole = whole + (bytes_.astype(np.int64) << (8 * shift))
    return whole


def _summed(steps: np.ndarray, starts: np.ndarray) -> np.ndarray:
    """Numbers from their steps, which begin anew at each start."""
    total = np.cumsum(steps)
    before = (total - steps)[starts]
    return total - np.repeat(before, np.diff(starts, append=len(steps)))
