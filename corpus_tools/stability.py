"""How far a reading off an embedding can be trusted: the same model on resampled documents."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import polars as pl
from gensim.models import KeyedVectors
from scipy import sparse

from corpus_tools.counts import resampled
from corpus_tools.embeddings import Method, cooccurrence, embed, ppmi_of, svd
from corpus_tools.vectors import keyed_vectors


def replicates(
    words: pl.DataFrame,
    number: int,
    *,
    method: Method = "ppmi",
    size: int = 100,
    window: int = 5,
    min_count: int = 5,
    seed: int = 0,
) -> Iterator[KeyedVectors]:
    """The same model on `number` bootstrap samples of the documents (Antoniak and Mimno 2018).

    For PPMI-SVD the pairs are counted once a document and reweighted for each sample; the other
    models are trained again. Arguments as for `embed`.
    """
    documents = words["document"].unique().sort()
    drawn = resampled(len(documents), number, np.random.default_rng(seed))
    if method != "ppmi":
        options = {"method": method, "size": size, "window": window, "min_count": min_count}
        for times in drawn:
            sample = pl.DataFrame({"document": documents, "copies": times})
            copies = words.join(sample, on="document", maintain_order="left")
            # Copies of a document become documents of their own, or their sentences would merge.
            copies = copies.with_columns(copy=pl.int_ranges(0, pl.col("copies"))).explode("copy")
            copies = copies.filter(pl.col("copy").is_not_null())
            apart = copies.sort("document", "copy", maintain_order=True).with_columns(
                sentence=pl.struct("copy", "sentence")
            )
            yield embed(apart, seed=seed, **options)  # type: ignore[arg-type]
        return
    counts = cooccurrence(words, window=window, min_count=min_count, by_document=True)
    pairs = counts.pairs.select("left", "right").unique(maintain_order=True).sort("left", "right")
    number_of = counts.pairs.join(
        pairs.with_row_index("pair"), on=["left", "right"], maintain_order="left"
    )
    matrix = sparse.csr_array(
        (
            number_of["weight"].to_numpy().astype(float),
            (
                number_of["pair"].to_numpy(),
                documents.search_sorted(number_of["document"]).to_numpy(),
            ),
        ),
        shape=(pairs.height, len(documents)),
    )
    left, right = pairs["left"].to_numpy(), pairs["right"].to_numpy()
    for times in drawn:
        weight = matrix @ times.astype(float)
        there = weight > 0
        context = np.bincount(left, weights=weight, minlength=counts.words.height)
        context += np.bincount(right, weights=weight, minlength=counts.words.height)
        information = ppmi_of(left[there], right[there], weight[there], context, 0.75)
        yield keyed_vectors(svd(information, size, seed), counts.words)
