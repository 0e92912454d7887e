"""Words as vectors: PPMI-SVD, Word2Vec and FastText.

Every model comes back as gensim `KeyedVectors`, its words sorted by count and then by spelling,
with the attributes ``count`` and ``documents`` of each word, which the readings of
`corpus_tools.stability` need to know when to refuse.
"""

from __future__ import annotations

from typing import Literal, get_args

import numpy as np
import polars as pl
from gensim.models import FastText, KeyedVectors, Word2Vec
from threadpoolctl import threadpool_limits

from corpus_tools import decomposition
from corpus_tools.cooccurrence import Meetings, frequent_words, meetings, ppmi
from corpus_tools.errors import BadInput, InsufficientEvidence
from corpus_tools.vectors import keyed_vectors

Method = Literal["ppmi", "word2vec", "fasttext"]


def ppmi_svd(
    met: Meetings, *, size: int = 100, smoothing: float = 0.75, seed: int = 0
) -> KeyedVectors:
    """Vectors from the truncated SVD of the PPMI matrix: U * sqrt(S).

    Counting and one decomposition, no training: for corpora of a few million words as good as
    Word2Vec and steadier (Levy, Goldberg and Dagan 2015). BLAS runs on one thread, so that one
    machine gives the same bits each time.

    Args:
        met: From `corpus_tools.cooccurrence.meetings` or `corpus_tools.press`.
        size: Dimensions.
        smoothing: Of context counts, see `corpus_tools.cooccurrence.ppmi`.
        seed: Of the vector that the decomposition starts from. It is run until it has converged,
            so that another seed gives the same neighbours.

    Raises:
        InsufficientEvidence: There are not more words than dimensions.
    """
    enough(met.words.height, size)
    matrix = ppmi(met, smoothing=smoothing, dtype=np.float32)
    left, values, _ = decomposition.leading(matrix, size, seed=seed)
    return keyed_vectors(left * np.sqrt(values), met.words)


def enough(words: int, size: int) -> None:
    """Refuse as many dimensions as there are words, or more."""
    if words <= size:
        raise InsufficientEvidence(
            f"{size} dimensions", f"{words} frequent words", "more words than dimensions"
        )


def embed(
    source: pl.DataFrame | Meetings,
    *,
    method: Method = "ppmi",
    size: int = 100,
    window: int = 5,
    min_count: int = 5,
    seed: int = 0,
) -> KeyedVectors:
    """Vectors of the words of a corpus, or of a press that is kept as pairs.

    Args:
        source: ``document``, ``sentence``, ``word`` in text order, in any form, from
            `corpus_tools.corpus.words`; or meetings, which PPMI-SVD alone can use, and which
            have their window and least count already.
        method: ``"ppmi"`` (see `ppmi_svd`), ``"word2vec"`` (skip-gram with negative sampling,
            Mikolov and others 2013) or ``"fasttext"`` (the same with character n-grams,
            Bojanowski and others 2017), five epochs.
        size: Dimensions.
        window: Words on each side, inside the sentence.
        min_count: Words with fewer occurrences get no vector.
        seed: Of the model; gensim runs with one worker, since more would change its result.

    Returns:
        Vectors: the same ones for the same seed on one kind of processor, whatever the number of
        threads. On four other kinds cosines of PPMI-SVD were 2e-6 apart at most, of its replicates
        7e-6, of Word2Vec 3e-5 and of FastText 1.5e-4.

    Raises:
        BadInput: There is no such method, or it needs texts where pairs were given.
        InsufficientEvidence: No word is frequent enough, or for PPMI-SVD too few are.
    """
    if method not in get_args(Method):
        raise BadInput(f"there is no method «{method}»: take ppmi, word2vec or fasttext.")
    if method == "ppmi":
        if isinstance(source, pl.DataFrame):
            source = meetings(source, window=window, min_count=min_count)
        return ppmi_svd(source, size=size, seed=seed)
    if not isinstance(source, pl.DataFrame):
        raise BadInput(f"{method} reads texts in their order, and pairs have none: take ppmi.")
    table = frequent_words(source, min_count)
    if table.height < 2:
        raise InsufficientEvidence(
            "vectors", f"{table.height} such words", f"at least 2 words of {min_count} occurrences"
        )
    lines = sentences(source, table["word"])["word"].to_list()
    return keyed_vectors(trained(lines, table["word"].to_list(), method, size, window, seed), table)


def sentences(words: pl.DataFrame, kept: pl.Series) -> pl.DataFrame:
    """``document`` and ``word``, the list of words of a sentence that are `kept`, in text order."""
    frequent = words.filter(pl.col("word").is_in(kept.implode()))
    return frequent.group_by("document", "sentence", maintain_order=True).agg("word")


def trained(
    lines: list[list[str]], kept: list[str], method: Method, size: int, window: int, seed: int
) -> np.ndarray:
    """The vectors that gensim makes of sentences; of a word that they do not hold, zeros."""
    with threadpool_limits(1):
        model = (Word2Vec if method == "word2vec" else FastText)(
            lines,
            vector_size=size,
            window=window,
            min_count=1,
            sg=1,
            epochs=5,
            workers=1,
            seed=seed,
        )
    known = model.wv.key_to_index
    nothing = np.zeros(size, dtype=np.float32)
    return np.stack([model.wv[word] if word in known else nothing for word in kept])
