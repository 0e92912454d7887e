"""Repairs of a document's text: what encoding did to it, never what the newspaper wrote.

Spelling is not touched here. It is a matter of word types, and lives in `corpus_tools.arabic`.
"""

from __future__ import annotations

import re
import unicodedata
from functools import cache
from importlib.resources import files

import polars as pl


@cache
def repairs() -> pl.DataFrame:
    """The repairs in the order they are made: ``repair``, ``pattern``, ``replacement``, ``reason``.

    >>> repairs()["repair"].to_list()[:2]
    ['line_ends', 'byte_order_mark']
    """
    source = files("corpus_tools") / "data" / "repairs.csv"
    named = pl.col("replacement").replace({"NEWLINE": "\n", "SPACE": " ", "NOTHING": ""})
    return pl.read_csv(source.read_bytes()).with_columns(named)


def repair(texts: pl.Series) -> tuple[pl.Series, pl.DataFrame]:
    """Repaired texts, and how often each repair was made.

    Args:
        texts: The texts as read.

    Returns:
        The texts in the same order, and a table with ``repair``, ``texts`` (in how many),
        ``times`` and ``reason``.

    >>> fixed, table = repair(pl.Series(["الأ\u200bمن\\r\\n", "ﻷمن"]))
    >>> fixed.to_list()
    ['الأمن\\n', 'لأمن']
    >>> table.filter(pl.col("times") > 0).select("repair", "texts", "times").rows()
    [('line_ends', 1, 1), ('zero_width', 1, 1), ('presentation_forms', 1, 1)]
    """
    counts = []
    for _, pattern, replacement, _ in repairs().iter_rows():
        times = texts.str.count_matches(pattern)
        counts.append(((times > 0).sum(), times.sum()))
        if counts[-1][1] == 0:
            continue
        if replacement == "NFKC":
            texts = _decompose(texts, pattern)
        else:
            texts = texts.str.replace_all(pattern, replacement)
    table = repairs().select(
        "repair",
        pl.Series("texts", [c[0] for c in counts], dtype=pl.Int64),
        pl.Series("times", [c[1] for c in counts], dtype=pl.Int64),
        "reason",
    )
    return texts, table


def _decompose(texts: pl.Series, pattern: str) -> pl.Series:
    # Each shape by itself: NFKC on a whole text would also change digits, ligatures and ellipses.
    shapes = re.compile(re.sub(r"\\x\{(\w+)\}", r"\\u\1", pattern))
    return texts.map_elements(
        lambda text: shapes.sub(lambda m: unicodedata.normalize("NFKC", m[0]).strip(), text),
        return_dtype=pl.String,
    )
