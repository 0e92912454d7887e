"""The same model on resampled documents, quickly: what is read off them is in `stability`."""

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

from corpus_tools import decomposition
from corpus_tools.cooccurrence import Meetings, frequent_words, meetings, ppmi
from corpus_tools.counts import resampled
from corpus_tools.embeddings import Method, embed, enough, sentences, trained
from corpus_tools.vectors import keyed_vectors

# Of the quick decompositions: dimensions of the whole that they start from beyond those asked for,
# and blocks. How near they come to full ones stands in benchmarks/RESULTS.md.
_MORE = 40
_BLOCKS = 2


def replicates(
    source: pl.DataFrame | Meetings,
    number: int = 20,
    *,
    method: Method = "ppmi",
    size: int = 100,
    window: int = 5,
    min_count: int = 5,
    seed: int = 0,
    quick: bool = True,
    workers: int | None = None,
) -> Iterator[KeyedVectors]:
    """The same model on `number` bootstrap samples of the documents (Antoniak and Mimno 2018).

    For PPMI-SVD the meetings of words are counted once and reweighted for each sample, and the
    decomposition of a sample starts from that of the whole, from where two blocks of vectors come
    close to the end (see `corpus_tools.decomposition`). The other models are trained again.

    Args:
        source, method, size, window, min_count, seed: As for `corpus_tools.embeddings.embed`.
        number: How many samples.
        quick: Without it, each sample is decomposed from nothing, until it has converged.
        workers: How many samples are worked on side by side, each by one thread: PPMI-SVD in
            threads, the others in processes. Without it, as many as there are processors; the
            vectors do not depend on it.

    Yields:
        The vectors of each sample, for the words that are frequent in the whole; zeros for a word
        that the sample does not hold.

    Raises:
        BadInput, InsufficientEvidence: As `corpus_tools.embeddings.embed`.
    """
    if method != "ppmi" and isinstance(source, pl.DataFrame):
        yield from _trained_again(source, number, method, size, window, min_count, seed, workers)
        return
    if method != "ppmi":
        embed(source, method=method)  # which says why pairs will not do
    met = _met(source, window, min_count)
    times = resampled(met.documents, number, np.random.default_rng(seed))
    for vectors in decomposed(met, None, times, size=size, seed=seed, quick=quick, workers=workers):
        yield keyed_vectors(vectors, met.words)


def _met(source: pl.DataFrame | Meetings, window: int, min_count: int) -> Meetings:
    if isinstance(source, Meetings):
        return source
    return meetings(source, window=window, min_count=min_count)


def decomposed(
    met: Meetings,
    whole: np.ndarray | None,
    samples: Iterable[np.ndarray],
    *,
    size: int,
    seed: int,
    quick: bool = True,
    workers: int | None = None,
) -> Iterator[np.ndarray]:
    """U * sqrt(S) of each sample, an array (words, dimensions).

    Args:
        met: Meetings.
        whole: How many times each document is in what the samples are drawn from; None for once.
        samples: How many times each document is in each sample.
        size, seed, quick, workers: As for `replicates`.
    """
    enough(met.words.height, size)
    start, blocks = None, None
    if quick:
        matrix = ppmi(met, whole, dtype=np.float32)
        start, blocks = decomposition.leading(matrix, size, more=_MORE, seed=seed)[2], _BLOCKS

    def work(times: np.ndarray) -> np.ndarray:
        matrix = ppmi(met, times, dtype=np.float32)
        left, values, _ = decomposition.leading(matrix, size, seed=seed, start=start, blocks=blocks)
        return left * np.sqrt(values)

    met.layout  # noqa: B018  # worked out once, before the threads that all need it
    left, number = iter(samples), workers or os.cpu_count() or 1
    with ThreadPoolExecutor(number) as pool:
        while some := list(islice(left, number)):
            # The limit is the whole program's: one that a thread lifts must not reach another.
            with threadpool_limits(1):
                done = list(pool.map(work, some))
            yield from done


def _trained_again(
    words: pl.DataFrame,
    number: int,
    method: Method,
    size: int,
    window: int,
    min_count: int,
    seed: int,
    workers: int | None,
) -> Iterator[KeyedVectors]:
    table = frequent_words(words, min_count)
    lines = sentences(words, table["word"])
    documents = words["document"].unique().sort()
    samples = resampled(len(documents), number, np.random.default_rng(seed))
    options = (table["word"].to_list(), method, size, window, seed)
    # Fresh processes: a forked one would inherit the locks of running threads.
    with ProcessPoolExecutor(
        workers, get_context("spawn"), _remember, (lines, documents, options)
    ) as pool:
        for vectors in pool.map(_train, samples):
            yield keyed_vectors(vectors, table)


_task: tuple[Any, ...] = ()


def _remember(*task: Any) -> None:
    """Keep what all samples share: it is sent to a process once."""
    global _task
    _task = task


def _train(times: np.ndarray) -> np.ndarray:
    lines, documents, options = _task
    sample = pl.DataFrame({"document": documents, "copies": times})
    copies = lines.join(sample, on="document", maintain_order="left")
    drawn = copies.select(pl.col("word").repeat_by("copies")).explode("word").drop_nulls()
    return trained(drawn["word"].to_list(), *options)
