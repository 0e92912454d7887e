"""Cooccurrences of words: counted once, and reweighted for any sample of the documents."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import polars as pl
from scipy import sparse

from corpus_tools.errors import BadInput


@dataclass(frozen=True)
class Layout:
    """Where pairs stand in a square array, row by row: both (a, c) and (c, a).

    Attributes:
        pair: The pair of each entry.
        row, column: Of each entry.
        doubled: Entries of a word beside itself, which count from both sides.
    """

    pair: np.ndarray
    row: np.ndarray
    column: np.ndarray
    doubled: np.ndarray


@dataclass(frozen=True)
class Cooccurrences:
    """How often two words occur near each other in each document; the rows of a pair are adjacent.

    Attributes:
        words: ``word``, ``count``, ``documents``, most frequent first.
        left, right: The words of each pair, as positions in `words`; left is not after right.
        starts: Where each pair begins in the two arrays that follow.
        document: The document of each row, numbered in the order of their ids.
        weight: Of each row; an occurrence of the pair at a distance d weighs window + 1 - d.
        documents: The number of documents.
    """

    words: pl.DataFrame
    left: np.ndarray
    right: np.ndarray
    starts: np.ndarray
    document: np.ndarray
    weight: np.ndarray
    documents: int

    def weights(self, times: np.ndarray | None = None) -> np.ndarray:
        """The weight of each pair, with each document counted as many times as `times` says."""
        if not len(self.starts):
            return np.zeros(0)
        once = self.weight if times is None else self.weight * times[self.document]
        return np.add.reduceat(once, self.starts, dtype=np.int64).astype(float)

    @cached_property
    def layout(self) -> Layout:
        """The positions of the pairs in an array of the words."""
        apart = np.flatnonzero(self.left != self.right)
        pair = np.concatenate([np.arange(len(self.left)), apart])
        row = np.concatenate([self.left, self.right[apart]]).astype(np.int64)
        column = np.concatenate([self.right, self.left[apart]]).astype(np.int64)
        order = np.argsort(row * self.words.height + column)
        row, column = row[order].astype(np.int32), column[order].astype(np.int32)
        return Layout(pair[order], row, column, np.flatnonzero(row == column))


def count_cooccurrences(
    words: pl.DataFrame,
    *,
    window: int = 5,
    min_count: int = 5,
    vocabulary: pl.DataFrame | None = None,
) -> Cooccurrences:
    """Count the pairs of words that occur at most `window` words apart in one sentence.

    Rare words keep their places, so a word that is left out still separates its neighbours.

    Args:
        words: ``document``, ``sentence``, ``word`` in text order, from
            `corpus_tools.corpus.corpus.Corpus.words`.
        window: Words on each side.
        min_count: Words with fewer occurrences have no pairs.
        vocabulary: The words of the pairs, from `frequent_words`, in place of those that occur
            `min_count` times in `words`.

    Raises:
        BadInput: There are too many words and documents for one 64-bit number per occurrence.

    >>> table = pl.DataFrame({"document": 0, "sentence": 0, "word": ["ا", "ب", "ا"]})
    >>> found = count_cooccurrences(table, window=2, min_count=1)
    >>> rows = zip(found.left, found.right, found.weights(), strict=True)
    >>> [(int(a), int(b), int(w)) for a, b, w in rows]
    [(0, 0, 1), (0, 1, 4)]
    """
    kept = frequent_words(words, min_count) if vocabulary is None else vocabulary
    kept = kept.with_row_index("place")
    places = words.select("word").join(
        kept.select("word", "place"), on="word", how="left", maintain_order="left"
    )
    place = places["place"].cast(pl.Int64).fill_null(-1).to_numpy()
    ids, number = np.unique(words["document"].to_numpy(), return_inverse=True)
    sentence = words["sentence"].to_numpy()
    if kept.height**2 * max(len(ids), 1) * window >= 1 << 63:
        raise BadInput(
            f"{kept.height} words in {len(ids)} documents are too many: raise min-count."
        )
    # Left, right, document and distance in one number: once sorted, the rows of a pair are
    # adjacent, and no table of pairs by documents is ever made.
    found = []
    for distance in range(1, window + 1):
        near, far = place[:-distance], place[distance:]
        pair = (
            (near >= 0)
            & (far >= 0)
            & (number[:-distance] == number[distance:])
            & (sentence[:-distance] == sentence[distance:])
        )
        near, far = near[pair], far[pair]
        code = np.minimum(near, far) * kept.height + np.maximum(near, far)
        found.append((code * len(ids) + number[:-distance][pair]) * window + distance - 1)
    codes = np.concatenate(found)
    codes.sort()
    codes, steps = np.divmod(codes, window)
    pairs, document = np.divmod(codes, max(len(ids), 1))
    return assemble_pairs(
        kept.drop("place"),
        pairs,
        document.astype(np.uint32),
        (window - steps).astype(np.uint8),
        len(ids),
    )


def assemble_pairs(
    words: pl.DataFrame, pairs: np.ndarray, document: np.ndarray, weight: np.ndarray, documents: int
) -> Cooccurrences:
    """Cooccurrences from pairs that are given as left * words + right, in ascending order.

    Args:
        words, document, weight, documents: As in `Cooccurrences`.
        pairs: The pair of each row.
    """
    starts = np.flatnonzero(np.diff(pairs, prepend=-1))
    left, right = np.divmod(pairs[starts], max(words.height, 1))
    return Cooccurrences(words, left, right, starts, document, weight, documents)


def merge_documents(cooccurrences: Cooccurrences, group: np.ndarray, groups: int) -> Cooccurrences:
    """The same cooccurrences with documents merged into groups; weights are summed.

    Args:
        cooccurrences: Of single documents.
        group: The group of each document, from 0.
        groups: The number of groups.
    """
    pair = cooccurrences.left * cooccurrences.words.height + cooccurrences.right
    return _summed(cooccurrences.words, cooccurrences, pair, group[cooccurrences.document], groups)


def merge_words(
    cooccurrences: Cooccurrences, names: pl.Series, words: pl.DataFrame
) -> Cooccurrences:
    """The same cooccurrences with words merged that share a name.

    Args:
        cooccurrences: Of the old words.
        names: The new name of each word.
        words: ``word``, ``count``, ``documents`` of the new names, in their order.
    """
    places = dict(zip(words["word"].to_list(), range(words.height), strict=True))
    place = np.array([places[name] for name in names.to_list()])
    a, b = place[cooccurrences.left], place[cooccurrences.right]
    pair = np.minimum(a, b) * words.height + np.maximum(a, b)
    return _summed(words, cooccurrences, pair, cooccurrences.document, cooccurrences.documents)


def _summed(
    words: pl.DataFrame,
    cooccurrences: Cooccurrences,
    pair: np.ndarray,
    document: np.ndarray,
    documents: int,
) -> Cooccurrences:
    """Cooccurrences of other pairs or documents; the weights of rows that coincide are added."""
    codes = (
        np.repeat(pair, np.diff(cooccurrences.starts, append=len(cooccurrences.document)))
        * documents
        + document
    )
    order = np.argsort(codes, kind="stable")
    first = np.flatnonzero(np.diff(codes[order], prepend=-1))
    weight = (
        np.add.reduceat(cooccurrences.weight[order], first, dtype=np.int64) if len(first) else first
    )
    pairs, document = np.divmod(codes[order][first], max(documents, 1))
    return assemble_pairs(words, pairs, document, weight, documents)


def collect_contexts(cooccurrences: Cooccurrences, asked: Sequence[str]) -> pl.DataFrame:
    """What occurs around some words in each document.

    Args:
        cooccurrences: Of the documents.
        asked: The words; those that are not in the cooccurrences have no rows.

    Returns:
        ``word``, ``document``, ``context`` (another word) and ``weight``, in order of the words
        asked, the documents and the frequency of the contexts.
    """
    names = cooccurrences.words["word"].to_list()
    places = {word: place for place, word in enumerate(names)}
    ends = np.append(cooccurrences.starts, len(cooccurrences.document))
    tables = []
    for number, word in enumerate(asked):
        place = places.get(word, -1)
        pairs = np.flatnonzero((cooccurrences.left == place) | (cooccurrences.right == place))
        other = cooccurrences.left[pairs] + cooccurrences.right[pairs] - place
        start, stop = ends[pairs], ends[pairs + 1]
        length = stop - start
        spans = zip(start.tolist(), stop.tolist(), strict=True)
        rows = np.concatenate([np.arange(a, b) for a, b in spans] or [np.arange(0)])
        tables.append(
            pl.DataFrame(
                {
                    "asked": np.full(len(rows), number, dtype=np.uint32),
                    "document": cooccurrences.document[rows].astype(np.uint32),
                    "place": np.repeat(other, length).astype(np.uint32),
                    # A word beside itself is a context twice, from either side.
                    "weight": cooccurrences.weight[rows].astype(np.uint32)
                    * np.repeat(np.where(other == place, 2, 1), length).astype(np.uint32),
                }
            )
        )
    table = pl.concat(tables).group_by("asked", "document", "place").agg(pl.col("weight").sum())
    table = table.sort("asked", "document", "place")
    return pl.DataFrame(
        {
            "word": pl.Series(list(asked), dtype=pl.String).gather(table["asked"]),
            "document": table["document"],
            "context": cooccurrences.words["word"].gather(table["place"]),
            "weight": table["weight"],
        }
    )


def frequent_words(words: pl.DataFrame, min_count: int) -> pl.DataFrame:
    """The words that occur often enough: ``word``, ``count``, ``documents``, most frequent first.

    Args:
        words: One row per occurrence, or with a column ``count``; with ``document`` and ``word``.
        min_count: The fewest occurrences.
    """
    count = pl.col("count").sum() if "count" in words.columns else pl.len()
    return (
        words.group_by("word")
        .agg(count=count.cast(pl.Int64), documents=pl.col("document").n_unique())
        .filter(pl.col("count") >= min_count)
        .sort(["count", "word"], descending=[True, False])
    )


def ppmi(
    cooccurrences: Cooccurrences,
    times: np.ndarray | None = None,
    *,
    smoothing: float = 0.75,
    dtype: type = np.float64,
) -> sparse.csr_array:
    """Positive pointwise mutual information of each pair, symmetric except for smoothing.

    max(0, ln(w(a, c) * sum of n(x)^s / (n(a) * n(c)^s))), where w is the weight of the pair, n the
    context sum of a word and s the smoothing exponent, which keeps rare contexts from having the
    highest values (Levy, Goldberg and Dagan 2015).

    Args:
        cooccurrences: From `count_cooccurrences` or a reference corpus.
        times: How many times each document counts; by default once.
        smoothing: Exponent of context counts.
        dtype: Of the values.

    Returns:
        A sparse array (words, words).
    """
    weight, places, size = (
        cooccurrences.weights(times),
        cooccurrences.layout,
        cooccurrences.words.height,
    )
    value = weight[places.pair]
    value[places.doubled] *= 2
    context = np.bincount(places.row, weights=value, minlength=size)
    smoothed = np.where(context > 0, context, 1) ** smoothing * (context > 0)
    with np.errstate(divide="ignore", invalid="ignore"):
        # Logarithms of pairs and of words, for there are fewer of them than entries.
        information = np.log(weight).astype(dtype)[places.pair]
        information[places.doubled] += np.log(2).astype(dtype)
        information -= np.log(context / smoothed.sum()).astype(dtype)[places.row]
        information -= np.log(smoothed).astype(dtype)[places.column]
    keep = information > 0
    ends = np.cumsum(np.bincount(places.row[keep], minlength=size))
    return sparse.csr_array(
        (information[keep], places.column[keep], np.append(0, ends).astype(np.int32)),
        shape=(size, size),
    )
