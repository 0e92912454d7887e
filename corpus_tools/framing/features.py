"""Features of paragraphs: which word types they hold and which cues, each computed once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import polars as pl
from scipy import sparse

from corpus_tools.corpus.corpus import Corpus
from corpus_tools.framing.codebook import Codebook
from corpus_tools.framing.rules import find_cues, score_cues
from corpus_tools.words.kwic import extract_windows

_KEYS = ["document", "paragraph", "frame"]


@dataclass(frozen=True)
class Features:
    """What coders ask of the paragraphs of a corpus, each part computed when first needed.

    A coder scores and explains from one such object, so nothing is computed twice.

    Attributes:
        corpus: The corpus.
        book: A codebook whose cues are features too, or None.
    """

    corpus: Corpus
    book: Codebook | None = None

    @cached_property
    def types(self) -> pl.DataFrame:
        """The rows of the vocabulary that are words."""
        return self.corpus.vocabulary.filter(pl.col("kind") == "word")

    @cached_property
    def presence(self) -> sparse.csr_array:
        """1 where a type occurs in a paragraph, a sparse array (paragraphs, types)."""
        place = np.full(self.corpus.vocabulary.height, -1)
        place[self.types["type"].to_numpy()] = np.arange(self.types.height)
        starts = self.corpus.paragraph_starts()
        row = np.repeat(np.arange(len(starts)), np.diff(starts, append=self.corpus.tokens.height))
        column = place[self.corpus.tokens["type"].to_numpy()]
        word = column >= 0
        shape = (len(starts), self.types.height)
        # The conversion adds up repeated pairs; only whether they are there matters.
        values = np.ones(int(word.sum()))
        matrix = sparse.coo_array((values, (row[word], column[word])), shape).tocsr()
        matrix.data[:] = 1
        return matrix

    @cached_property
    def cues(self) -> pl.DataFrame:
        """The cues in the paragraphs, from `corpus_tools.framing.rules.find_cues`."""
        return find_cues(self.corpus, self._book)

    @cached_property
    def cue_scores(self) -> np.ndarray:
        """The weight of each frame's cues, an array (paragraphs, frames)."""
        return score_cues(self.corpus, self._book, self.cues)

    @property
    def _book(self) -> Codebook:
        if self.book is None:
            raise ValueError("these features were prepared without a codebook")
        return self.book

    def cue_words(self) -> pl.DataFrame:
        """The cues with the words that stand in the text, as `cues` with a column ``word``."""
        first, last = self.cues["first"].to_numpy(), self.cues["last"].to_numpy()
        return self.cues.with_columns(
            word=extract_windows(self.corpus, first, last, window=0)["node"]
        )


def sum_weights(features: Features, weights: np.ndarray, lengths: np.ndarray) -> np.ndarray:
    """The sum of the weights of each paragraph's types, divided by its length.

    Args:
        features: Of the paragraphs.
        weights: Of each type for each frame, an array (types, frames).
        lengths: Of the paragraphs; 0 for one without words.

    Returns:
        An array (paragraphs, frames).
    """
    return (features.presence @ weights) / np.where(lengths > 0, lengths, 1)[:, None]


def weigh_types(
    features: Features,
    coded: pl.DataFrame,
    frames: list[str],
    parts: Sequence[tuple[np.ndarray, np.ndarray]],
) -> pl.DataFrame:
    """The words of each coded paragraph that speak for its frame.

    Args:
        features: Of the paragraphs.
        coded: Pairs: ``document``, ``paragraph``, ``frame``.
        frames: The frames, in the order of `parts`.
        parts: The summands of a score, each as `sum_weights` takes it.

    Returns:
        ``document``, ``paragraph``, ``frame``, ``word``, ``gloss`` (empty), ``weight`` (above 0).
    """
    keys = _KEYS[:2]
    lines = features.corpus.paragraphs(text=False).select(keys).with_row_index("row")
    order = pl.DataFrame({"frame": frames}).with_row_index("column")
    pairs = coded.select(_KEYS).join(lines, on=keys, maintain_order="left")
    pairs = pairs.join(order, on="frame", maintain_order="left")
    row, column = pairs["row"].to_numpy(), pairs["column"].to_numpy()
    pair, word = features.presence[row].tocoo().coords
    weight = np.zeros(len(pair))
    for weights, lengths in parts:
        weight += weights[word, column[pair]] / np.where(lengths > 0, lengths, 1)[row[pair]]
    return (
        pairs[pair]
        .select(*_KEYS, word=features.types["surface"].gather(word), gloss=pl.lit(""))
        .with_columns(weight=pl.Series(weight))
        .filter(pl.col("weight") > 0)
    )


def keep_heaviest(words: pl.DataFrame, number: int) -> pl.DataFrame:
    """The words of each decision that weigh most, heaviest first.

    Words of less than a tenth of the heaviest one's weight are left out.
    """
    return (
        words.sort(*_KEYS, "weight", "word", descending=[False] * 3 + [True, False])
        .unique([*_KEYS, "word"], keep="first", maintain_order=True)
        .filter(pl.col("weight") >= pl.col("weight").max().over(_KEYS) / 10)
        .group_by(_KEYS, maintain_order=True)
        .head(number)
    )
