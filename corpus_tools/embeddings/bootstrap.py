"""The same model on bootstrap samples of the documents (Antoniak and Mimno 2018).

What is read from such an *ensemble* is in `corpus_tools.embeddings.neighbours`.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from itertools import islice
from multiprocessing import get_context
from typing import Any

import numpy as np
import polars as pl
from gensim.models import KeyedVectors
from threadpoolctl import threadpool_limits

from corpus_tools.embeddings.cooccurrence import Cooccurrences, ppmi
from corpus_tools.embeddings.decomposition import truncated_svd
from corpus_tools.embeddings.storage import make_keyed_vectors
from corpus_tools.embeddings.training import (
    GensimModel,
    as_cooccurrences,
    require_words,
    train_gensim,
    training_sentences,
)
from corpus_tools.resampling import bootstrap_weights

# Of the quick decompositions: dimensions of the whole that they start from beyond those asked for,
# and blocks. benchmarks/RESULTS.md says how close they come to full decompositions.
_MORE = 40
_BLOCKS = 2


def bootstrap_ppmi_svd(
    source: Cooccurrences | pl.DataFrame,
    replicates: int = 20,
    *,
    size: int = 100,
    window: int = 5,
    min_count: int = 5,
    seed: int = 0,
    quick: bool = True,
    workers: int | None = None,
) -> Iterator[KeyedVectors]:
    """PPMI-SVD on bootstrap samples of the documents.

    Pairs are counted once and reweighted for each sample. The decomposition of a sample starts from
    that of the whole, from which two blocks of vectors come close to convergence (see
    `corpus_tools.embeddings.decomposition`).

    Args:
        source, size, window, min_count, seed: As for `corpus_tools.embeddings.training.ppmi_svd`.
        replicates: How many samples.
        quick: Without it, each sample is decomposed from a random start until it has converged.
        workers: How many samples are decomposed at a time, each by one thread; by default as many
            as there are processors. The vectors do not depend on it.

    Yields:
        The vectors of each sample, for the words that are frequent in the whole; the zero vector
        for a word that the sample does not hold.

    Raises:
        InsufficientEvidence: There are not more words than dimensions.
    """
    pairs = as_cooccurrences(source, window=window, min_count=min_count)
    times = bootstrap_weights(pairs.documents, replicates, np.random.default_rng(seed))
    options: dict[str, Any] = {"size": size, "seed": seed, "quick": quick, "workers": workers}
    for vectors in decompose_samples(pairs, None, times, **options):
        yield make_keyed_vectors(vectors, pairs.words)


def ppmi_svd_ensemble(
    source: Cooccurrences | pl.DataFrame,
    replicates: int = 20,
    *,
    size: int = 100,
    window: int = 5,
    min_count: int = 5,
    seed: int = 0,
    workers: int | None = None,
) -> tuple[KeyedVectors, list[KeyedVectors]]:
    """PPMI-SVD of the whole and of bootstrap samples, counted and decomposed once for both.

    Args:
        source, replicates, size, window, min_count, seed, workers: As for `bootstrap_ppmi_svd`.

    Returns:
        The same as `corpus_tools.embeddings.training.ppmi_svd` and `bootstrap_ppmi_svd` return.

    Raises:
        InsufficientEvidence: There are not more words than dimensions.
    """
    pairs = as_cooccurrences(source, window=window, min_count=min_count)
    require_words(pairs.words.height, size)
    matrix = ppmi(pairs, dtype=np.float32)
    left, values, start = truncated_svd(matrix, size, more=_MORE, seed=seed)
    vectors = make_keyed_vectors(left[:, :size] * np.sqrt(values[:size]), pairs.words)
    times = bootstrap_weights(pairs.documents, replicates, np.random.default_rng(seed))
    samples = decompose_samples(
        pairs, None, times, size=size, seed=seed, start=start, workers=workers
    )
    return vectors, [make_keyed_vectors(sample, pairs.words) for sample in samples]


def decompose_samples(
    pairs: Cooccurrences,
    whole: np.ndarray | None,
    samples: Iterable[np.ndarray],
    *,
    size: int,
    seed: int,
    quick: bool = True,
    start: np.ndarray | None = None,
    workers: int | None = None,
) -> Iterator[np.ndarray]:
    """U * sqrt(S) of each sample, an array (words, size).

    Args:
        pairs: Cooccurrences.
        whole: How many times each document is in what the samples are drawn from; None for once.
        samples: How many times each document is in each sample.
        size, seed, quick, workers: As for `bootstrap_ppmi_svd`.
        start: The right singular vectors of the whole, if computed already.
    """
    require_words(pairs.words.height, size)
    if quick and start is None:
        matrix = ppmi(pairs, whole, dtype=np.float32)
        start = truncated_svd(matrix, size, more=_MORE, seed=seed)[2]
    blocks = _BLOCKS if quick else None

    def work(times: np.ndarray) -> np.ndarray:
        matrix = ppmi(pairs, times, dtype=np.float32)
        left, values, _ = truncated_svd(matrix, size, seed=seed, start=start, blocks=blocks)
        return left * np.sqrt(values)

    pairs.layout  # noqa: B018  # computed once, before the threads that all need it
    left, number = iter(samples), workers or os.cpu_count() or 1
    with ThreadPoolExecutor(number) as pool:
        while some := list(islice(left, number)):
            # The limit is the whole program's: one that a thread lifts must not reach another.
            with threadpool_limits(1):
                done = list(pool.map(work, some))
            yield from done


def bootstrap_gensim(
    model: GensimModel,
    words: pl.DataFrame,
    replicates: int = 20,
    *,
    size: int = 100,
    window: int = 5,
    min_count: int = 5,
    seed: int = 0,
    workers: int | None = None,
) -> Iterator[KeyedVectors]:
    """Word2Vec or FastText, trained again on bootstrap samples of the documents.

    Args:
        model: ``"word2vec"`` or ``"fasttext"``.
        words, size, window, min_count, seed: As for `corpus_tools.embeddings.training.word2vec`.
        replicates: How many samples.
        workers: Processes; by default as many as there are processors.

    Yields:
        As `bootstrap_ppmi_svd`.

    Raises:
        BadInput, InsufficientEvidence: As for `corpus_tools.embeddings.training.word2vec`.
    """
    lines, table = training_sentences(model, words, min_count)
    documents = words["document"].unique().sort()
    samples = bootstrap_weights(len(documents), replicates, np.random.default_rng(seed))
    options = (table["word"].to_list(), size, window, seed)
    # Fresh processes: a forked one would inherit the locks of running threads.
    with ProcessPoolExecutor(
        workers, get_context("spawn"), _remember, (model, lines, documents, options)
    ) as pool:
        for vectors in pool.map(_train, samples):
            yield make_keyed_vectors(vectors, table)


_task: tuple[Any, ...] = ()


def _remember(*task: Any) -> None:
    """Keep what all samples share: it is sent to a process once."""
    global _task
    _task = task


def _train(times: np.ndarray) -> np.ndarray:
    model, lines, documents, options = _task
    sample = pl.DataFrame({"document": documents, "copies": times})
    copies = lines.join(sample, on="document", maintain_order="left")
    drawn = copies.select(pl.col("word").repeat_by("copies")).explode("word").drop_nulls()
    return train_gensim(model, drawn["word"].to_list(), *options)
