"""Paragraphs as bags of word types, so that what a word weighs is worked out once a type."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import polars as pl
from scipy import sparse

from corpus_tools import corpus as corpus_
from corpus_tools.corpus import Corpus


class Bags(NamedTuple):
    """Which word types stand in which paragraphs.

    Attributes:
        matrix: 1 where a type stands in a paragraph, a sparse array (paragraphs, types);
            paragraphs as in `corpus_tools.corpus.paragraphs`.
        types: A row a type: the rows of the vocabulary that are words.
    """

    matrix: sparse.csr_array
    types: pl.DataFrame


def bags(corpus: Corpus) -> Bags:
    """The paragraphs of a corpus as bags of words.

    >>> import tempfile, pathlib
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     text = '[{"text": "أمن أمن\\\\nأمن البلاد اليوم"}]'
    ...     _ = pathlib.Path(folder, "a.json").write_text(text, "utf-8")
    ...     corpus = corpus_.build(folder)
    >>> found = bags(corpus)
    >>> found.matrix.sum(axis=1).tolist(), found.types["surface"].to_list()[0]
    ([1.0, 3.0], 'أمن')
    """
    types = corpus.vocabulary.filter(pl.col("kind") == "word")
    place = np.full(corpus.vocabulary.height, -1)
    place[types["type"].to_numpy()] = np.arange(types.height)
    starts = corpus_.line_starts(corpus)
    row = np.repeat(np.arange(len(starts)), np.diff(starts, append=corpus.tokens.height))
    column = place[corpus.tokens["type"].to_numpy()]
    word = column >= 0
    shape = (len(starts), types.height)
    # Two of the same pair are added up by the conversion; only whether they are there matters.
    matrix = sparse.coo_array((np.ones(int(word.sum())), (row[word], column[word])), shape).tocsr()
    matrix.data[:] = 1
    return Bags(matrix, types)


def total(found: Bags, weights: np.ndarray, lengths: np.ndarray) -> np.ndarray:
    """The sum of the weights of each paragraph's types, divided by its length.

    Args:
        found: Paragraphs.
        weights: Of each type for each frame (types, frames).
        lengths: Of the paragraphs; 0 for one without words.

    Returns:
        An array (paragraphs, frames).
    """
    return (found.matrix @ weights) / np.where(lengths > 0, lengths, 1)[:, None]


def reasons(
    corpus: Corpus,
    coded: pl.DataFrame,
    found: Bags,
    frames: list[str],
    parts: Sequence[tuple[np.ndarray, np.ndarray]],
) -> pl.DataFrame:
    """The words of each coded paragraph that speak for its frame.

    Args:
        corpus: A corpus.
        coded: Pairs: ``document``, ``paragraph``, ``frame``.
        found: Its paragraphs as bags.
        frames: The frames, in the order of `parts`.
        parts: What is added up in a score, each as `total` takes it.

    Returns:
        ``document``, ``paragraph``, ``frame``, ``word``, ``gloss`` (empty), ``weight`` (above 0).
    """
    keys = ["document", "paragraph"]
    lines = corpus_.lines(corpus).select(keys).with_row_index("row")
    order = pl.DataFrame({"frame": frames}).with_row_index("column")
    pairs = coded.select(*keys, "frame").join(lines, on=keys, maintain_order="left")
    pairs = pairs.join(order, on="frame", maintain_order="left")
    row, column = pairs["row"].to_numpy(), pairs["column"].to_numpy()
    chosen = found.matrix[row].tocoo()
    pair, word = chosen.coords
    weight = np.zeros(len(pair))
    for weights, lengths in parts:
        weight += weights[word, column[pair]] / np.where(lengths > 0, lengths, 1)[row[pair]]
    return (
        pairs[pair]
        .select(*keys, "frame", word=found.types["surface"].gather(word), gloss=pl.lit(""))
        .with_columns(weight=pl.Series(weight))
        .filter(pl.col("weight") > 0)
    )


def heaviest(words: pl.DataFrame, shown: int) -> pl.DataFrame:
    """Of the words of each decision those that weigh most, heaviest first.

    Words of less than a tenth of the heaviest one's weight are left out.
    """
    keys = ["document", "paragraph", "frame"]
    return (
        words.sort(*keys, "weight", "word", descending=[False] * 3 + [True, False])
        .unique([*keys, "word"], keep="first", maintain_order=True)
        .filter(pl.col("weight") >= pl.col("weight").max().over(keys) / 10)
        .group_by(keys, maintain_order=True)
        .head(shown)
    )
