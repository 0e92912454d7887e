"""How far a reading off an embedding can be trusted: the same model on resampled documents."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import polars as pl
from gensim.models import KeyedVectors
from scipy import sparse
from threadpoolctl import threadpool_limits

from corpus_tools.counts import resampled
from corpus_tools.embeddings import Meetings, Method, embed, meetings, ppmi_of, signed, svd
from corpus_tools.vectors import keyed_vectors

SMOOTHING = 0.75
_MORE = 20  # dimensions beyond those asked for, which the quick decompositions start with


def replicates(
    words: pl.DataFrame,
    number: int,
    *,
    method: Method = "ppmi",
    size: int = 100,
    window: int = 5,
    min_count: int = 5,
    seed: int = 0,
    quick: bool = True,
) -> Iterator[KeyedVectors]:
    """The same model on `number` bootstrap samples of the documents (Antoniak and Mimno 2018).

    For PPMI-SVD the meetings of words are counted once and reweighted for each sample, and the
    decomposition of a sample starts from that of the whole: its dimensions, and some more, are
    multiplied by the sample's matrix there and back (one step of subspace iteration; Halko,
    Martinsson and Tropp 2011), which gives the leading part of a matrix so near to the whole. The
    other models are trained again.

    Args:
        words, method, size, window, min_count, seed: As for `corpus_tools.embeddings.embed`.
        number: How many samples.
        quick: Without it, each sample is decomposed from nothing, until it has converged.

    Yields:
        The vectors of each sample, for the words that are frequent in the whole.

    Raises:
        InsufficientEvidence: There are not more words than dimensions.
    """
    if method != "ppmi":
        options = {"method": method, "size": size, "window": window, "min_count": min_count}
        yield from _trained_again(words, number, seed, options)
        return
    met = meetings(words, window=window, min_count=min_count)
    samples = resampled(met.documents, number, np.random.default_rng(seed))
    whole = _information(met, None)
    if quick:
        more = max(size, min(size + _MORE, met.words.height - 1))
        basis = whole.T @ svd(whole, more, seed)
    for times in samples:
        matrix = _information(met, times)
        vectors = _nearby(matrix, basis, size) if quick else svd(matrix, size, seed)
        yield keyed_vectors(vectors, met.words)


def _trained_again(
    words: pl.DataFrame, number: int, seed: int, options: dict[str, object]
) -> Iterator[KeyedVectors]:
    documents = words["document"].unique().sort()
    for times in resampled(len(documents), number, np.random.default_rng(seed)):
        sample = pl.DataFrame({"document": documents, "copies": times})
        copies = words.join(sample, on="document", maintain_order="left")
        # Copies of a document become documents of their own, or their sentences would merge.
        copies = copies.with_columns(copy=pl.int_ranges(0, pl.col("copies"))).explode("copy")
        copies = copies.filter(pl.col("copy").is_not_null())
        apart = copies.sort("document", "copy", maintain_order=True).with_columns(
            sentence=pl.struct("copy", "sentence")
        )
        yield embed(apart, seed=seed, **options)  # type: ignore[arg-type]


def _information(met: Meetings, times: np.ndarray | None) -> sparse.csr_array:
    """The PPMI of each pair when documents are taken so many times."""
    weight = met.weights(times)
    there = weight > 0
    left, right, weight = met.left[there], met.right[there], weight[there]
    context = np.bincount(left, weights=weight, minlength=met.words.height)
    context += np.bincount(right, weights=weight, minlength=met.words.height)
    return ppmi_of(left, right, weight, context, SMOOTHING)


def _nearby(matrix: sparse.csr_array, basis: np.ndarray, size: int) -> np.ndarray:
    """U * sqrt(S) of a matrix whose row space is near the one that a basis spans."""
    with threadpool_limits(1):
        spanned, _ = np.linalg.qr(matrix @ basis)
        back = matrix.T @ spanned
        values, turned = np.linalg.eigh(back.T @ back)
        first = np.argsort(-values)[:size]
        return signed(spanned @ turned[:, first] * np.clip(values[first], 0, None) ** 0.25)
