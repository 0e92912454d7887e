"""How far a reading off an embedding can be trusted: the same model on resampled documents."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import polars as pl
from gensim.models import KeyedVectors
from scipy import sparse
from threadpoolctl import threadpool_limits

from corpus_tools.counts import resampled
from corpus_tools.embeddings import Method, embed, enough, layout, meetings, ppmi_of, signed, svd
from corpus_tools.vectors import keyed_vectors

# Of the quick decompositions: times there and back, and dimensions beyond those asked for. On two
# million words they keep 8.5 of the 10 neighbours that a full one has, with cosines 0.017 apart,
# where the intervals over replicates are 0.09 wide (benchmarks/ensembles.py).
_STEPS = 2
_FIRST_STEPS = 10  # of the whole, from a random start
_MORE = 20


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
    multiplied by the sample's matrix there and back, twice (subspace iteration; Halko, Martinsson
    and Tropp 2011). The other models are trained again.

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
    enough(met.words.height, size)
    places = layout(met.left, met.right, met.words.height)
    samples = resampled(met.documents, number, np.random.default_rng(seed))
    if quick:
        whole = ppmi_of(places, met.weights(), dtype=np.float32)
        more = min(size + _MORE, met.words.height)
        basis = np.random.default_rng(seed).standard_normal((met.words.height, more), np.float32)
        with threadpool_limits(1):
            basis = _turned(whole, basis, _FIRST_STEPS)[1]
    for times in samples:
        if quick:
            matrix = ppmi_of(places, met.weights(times), dtype=np.float32)
            with threadpool_limits(1):
                vectors = _nearby(matrix, basis, size)
        else:
            vectors = svd(ppmi_of(places, met.weights(times)), size, seed)
        yield keyed_vectors(vectors, met.words)


def _trained_again(
    words: pl.DataFrame, number: int, seed: int, options: dict[str, Any]
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
        yield embed(apart, seed=seed, **options)


def _nearby(matrix: sparse.csr_array, basis: np.ndarray, size: int) -> np.ndarray:
    """U * sqrt(S) of a matrix whose row space is near the one that a basis spans."""
    spanned, basis = _turned(matrix, basis, _STEPS)
    values, turned = np.linalg.eigh((basis.T @ basis).astype(float))
    first = np.argsort(-values)[:size]
    scaled = turned[:, first] * np.clip(values[first], 0, None) ** 0.25
    return signed(spanned @ scaled.astype(np.float32))


def _turned(
    matrix: sparse.csr_array, basis: np.ndarray, steps: int
) -> tuple[np.ndarray, np.ndarray]:
    """Bases of the column and row space of a matrix, nearer to the leading ones at each step."""
    for _ in range(steps):
        spanned = _orthogonal(matrix @ basis)
        basis = matrix.T @ spanned
    return spanned, basis


def _orthogonal(vectors: np.ndarray) -> np.ndarray:
    """An orthogonal basis of the same space, by the eigenvectors of the small Gram matrix."""
    values, turned = np.linalg.eigh((vectors.T @ vectors).astype(float))
    held = values > values[-1] * 1e-10
    return vectors @ (turned[:, held] / np.sqrt(values[held])).astype(vectors.dtype)
