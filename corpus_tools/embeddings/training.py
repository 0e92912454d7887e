"""Words as vectors: PPMI-SVD, Word2Vec and FastText.

Every model comes back as gensim `KeyedVectors`, its words sorted by count and then by spelling,
with the attributes ``count`` and ``documents`` of each word, by which
`corpus_tools.embeddings.neighbours` decides when to refuse.
"""

from __future__ import annotations

from typing import Literal

import numpy as np
import polars as pl
from gensim.models import FastText, KeyedVectors, Word2Vec
from threadpoolctl import threadpool_limits

from corpus_tools.embeddings.cooccurrence import (
    Cooccurrences,
    count_cooccurrences,
    frequent_words,
    ppmi,
)
from corpus_tools.embeddings.decomposition import truncated_svd
from corpus_tools.embeddings.storage import make_keyed_vectors
from corpus_tools.errors import BadInput, InsufficientEvidence

GensimModel = Literal["word2vec", "fasttext"]
_GENSIM_CLASSES = {"word2vec": Word2Vec, "fasttext": FastText}
_EPOCHS = 5


def ppmi_svd(
    source: Cooccurrences | pl.DataFrame,
    *,
    size: int = 100,
    window: int = 5,
    min_count: int = 5,
    smoothing: float = 0.75,
    seed: int = 0,
) -> KeyedVectors:
    """Vectors from the truncated SVD of the PPMI matrix: U * sqrt(S).

    One pass of counting and one decomposition, without training. On corpora of a few million words
    the vectors are as good as Word2Vec's and more stable (Levy, Goldberg and Dagan 2015). BLAS runs
    on one thread, so one machine gives the same bits each time; on four kinds of processors cosines
    differed by 2e-6 at most.

    Args:
        source: Cooccurrences, such as those of a reference corpus; or the words of a corpus, from
            `corpus_tools.corpus.corpus.Corpus.words`.
        size: Dimensions.
        window: Words on each side, inside the sentence; of words only.
        min_count: Words with fewer occurrences get no vector; of words only.
        smoothing: Exponent of context counts, see `corpus_tools.embeddings.cooccurrence.ppmi`.
        seed: Seed of the block that the decomposition starts from. It runs until it has converged,
            so another seed gives the same neighbours.

    Raises:
        InsufficientEvidence: There are not more words than dimensions.

    >>> lines = ["امن وطن", "امن وطن", "حق قانون", "حق قانون"]
    >>> words = [(n, 0, word) for n, line in enumerate(lines) for word in line.split()]
    >>> table = pl.DataFrame(words, schema=["document", "sentence", "word"], orient="row")
    >>> ppmi_svd(table, size=2, min_count=1).vectors.shape
    (4, 2)
    """
    pairs = as_cooccurrences(source, window=window, min_count=min_count)
    require_words(pairs.words.height, size)
    matrix = ppmi(pairs, smoothing=smoothing, dtype=np.float32)
    left, values, _ = truncated_svd(matrix, size, seed=seed)
    return make_keyed_vectors(left * np.sqrt(values), pairs.words)


def as_cooccurrences(
    source: Cooccurrences | pl.DataFrame, *, window: int = 5, min_count: int = 5
) -> Cooccurrences:
    """Cooccurrences as they are, or counted from the words of a corpus."""
    if isinstance(source, Cooccurrences):
        return source
    return count_cooccurrences(source, window=window, min_count=min_count)


def require_words(words: int, size: int) -> None:
    """Refuse as many dimensions as there are words, or more."""
    if words <= size:
        raise InsufficientEvidence(
            f"{size} dimensions", f"{words} frequent words", "more words than dimensions"
        )


def word2vec(
    words: pl.DataFrame, *, size: int = 100, window: int = 5, min_count: int = 5, seed: int = 0
) -> KeyedVectors:
    """Word2Vec: skip-gram with negative sampling, five epochs (Mikolov and others 2013).

    gensim runs with one worker, because more would change the result from run to run; on four kinds
    of processors cosines differed by 3e-5 at most.

    Args:
        words: ``document``, ``sentence``, ``word`` in text order, from
            `corpus_tools.corpus.corpus.Corpus.words`.
        size: Dimensions.
        window: Words on each side, inside the sentence.
        min_count: Words with fewer occurrences get no vector.
        seed: Seed of the model.

    Raises:
        BadInput: Cooccurrences were given, which have no order.
        InsufficientEvidence: Fewer than two words are frequent enough.
    """
    return _train("word2vec", words, size, window, min_count, seed)


def fasttext(
    words: pl.DataFrame, *, size: int = 100, window: int = 5, min_count: int = 5, seed: int = 0
) -> KeyedVectors:
    """FastText: skip-gram over words and their character n-grams (Bojanowski and others 2017).

    On four kinds of processors cosines differed by 1.5e-4 at most.

    Args:
        words, size, window, min_count, seed: As for `word2vec`.

    Raises:
        BadInput, InsufficientEvidence: As for `word2vec`.
    """
    return _train("fasttext", words, size, window, min_count, seed)


def _train(
    model: GensimModel, words: pl.DataFrame, size: int, window: int, min_count: int, seed: int
) -> KeyedVectors:
    lines, table = training_sentences(model, words, min_count)
    vectors = train_gensim(
        model, lines["word"].to_list(), table["word"].to_list(), size, window, seed
    )
    return make_keyed_vectors(vectors, table)


def training_sentences(
    model: GensimModel, words: pl.DataFrame, min_count: int
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """What a model of gensim is trained on.

    Returns:
        The sentences as lists of frequent words (``document``, ``word``) in text order; and the
        frequent words with ``count`` and ``documents``.

    Raises:
        BadInput, InsufficientEvidence: As for `word2vec`.
    """
    if not isinstance(words, pl.DataFrame):
        raise BadInput(f"{model} reads words in their order, which pairs do not keep: take ppmi.")
    table = frequent_words(words, min_count)
    if table.height < 2:
        raise InsufficientEvidence(
            "vectors", f"{table.height} such words", f"at least 2 words of {min_count} occurrences"
        )
    frequent = words.filter(pl.col("word").is_in(table["word"].implode()))
    lines = frequent.group_by("document", "sentence", maintain_order=True).agg("word")
    return lines, table


def train_gensim(
    model: GensimModel,
    lines: list[list[str]],
    words: list[str],
    size: int,
    window: int,
    seed: int,
) -> np.ndarray:
    """The vectors that gensim learns from sentences: an array (words, size).

    A word that the sentences do not hold has the zero vector.
    """
    with threadpool_limits(1):
        trained = _GENSIM_CLASSES[model](
            lines,
            vector_size=size,
            window=window,
            min_count=1,
            sg=1,
            epochs=_EPOCHS,
            workers=1,
            seed=seed,
        )
    known = trained.wv.key_to_index
    nothing = np.zeros(size, dtype=np.float32)
    return np.stack([trained.wv[word] if word in known else nothing for word in words])
