"""Near-copies: articles that several outlets print, or one prints again, with small changes."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import polars as pl
from scipy import sparse
from scipy.sparse import csgraph

from corpus_tools import corpus as corpus_
from corpus_tools.corpus import Corpus

SHINGLE = 3  # words
# 32 bands of 4: of pairs at a Jaccard of 0.8 one in ten million is missed, at 0.6 one in 90.
_BANDS, _ROWS = 32, 4
_SEED = 1
_MANY = 100


def find(corpus: Corpus, *, least: float = 0.8, shingle: int = SHINGLE) -> pl.DataFrame:
    """Group documents that share most of their shingles.

    A shingle is a run of words in normal form; the Jaccard similarity of two documents is the
    share of shingles they have in common among all that either has (Broder 1997). Candidates come
    from MinHash with locality-sensitive hashing, and each is then compared exactly. Groups are
    the connected components: all that are linked, be it over others.

    Args:
        corpus: A corpus; its documents and tokens are read.
        least: The least Jaccard similarity of a link.
        shingle: Words in a shingle.

    Returns:
        A row a document: ``document``, ``outlet``, ``day``, ``reprints`` (number of its group,
        null for one that stands alone), ``representative`` (the first of the group: the earliest
        day, then the order of the corpus) and ``similarity`` (the highest to another).
    """
    starts, hashes = _shingles(corpus, shingle)
    left, right = _candidates(starts, hashes)
    similarity = _jaccard(starts, hashes, left, right)
    near = similarity >= least
    left, right, similarity = left[near], right[near], similarity[near]
    height = corpus.documents.height
    graph = sparse.coo_array((np.ones(len(left), bool), (left, right)), (height, height))
    _, group = csgraph.connected_components(graph, directed=False)
    best = np.zeros(height)
    np.maximum.at(best, left, similarity)
    np.maximum.at(best, right, similarity)
    table = corpus.documents.select("document", "outlet", "day").with_columns(
        reprints=pl.when(pl.Series(best) > 0).then(pl.Series(group)),
        similarity=pl.when(pl.Series(best) > 0).then(pl.Series(best)),
    )
    grouped = pl.col("reprints").is_not_null()
    first = pl.col("document").sort_by("day", nulls_last=True, maintain_order=True).first()
    return table.with_columns(
        reprints=pl.when(grouped).then(pl.col("reprints").rank("dense").cast(pl.UInt32) - 1),
        representative=pl.when(grouped).then(pl.col("document") == first.over("reprints")),
    )


def _shingles(corpus: Corpus, size: int) -> tuple[np.ndarray, np.ndarray]:
    """The distinct shingles of all documents one after the other, sorted in each, as hashes."""
    vocabulary = corpus.vocabulary
    forms = vocabulary.select(
        form=pl.when(pl.col("kind").is_in(["word", "number", "latin"])).then("normal")
    )
    # One hash a type; that of a shingle is a polynomial of them, modulo 2^64.
    of_type = forms["form"].hash(_SEED).to_numpy()
    types = corpus.tokens["type"].to_numpy()
    counts = forms["form"].is_not_null().to_numpy()[types]
    document = corpus.tokens["document"].to_numpy()[counts]
    words = of_type[types[counts]]
    height = corpus.documents.height
    rolled = np.zeros(max(len(words) - size + 1, 0), np.uint64)
    for place in range(size):
        rolled = rolled * np.uint64(0x9E3779B97F4A7C15) + words[place : place + len(rolled)]
    inside = document[: len(rolled)] == document[size - 1 :] if len(rolled) else np.zeros(0, bool)
    table = pl.DataFrame({"document": document[: len(rolled)][inside], "hash": rolled[inside]})
    table = table.unique().sort("document", "hash")
    starts = np.searchsorted(table["document"].to_numpy(), np.arange(height + 1))
    return starts, table["hash"].to_numpy()


def _candidates(starts: np.ndarray, hashes: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Pairs of documents that share a band of their MinHash signatures."""
    import rensa

    held = np.flatnonzero(np.diff(starts) > 0)  # an article of fewer words has no shingle
    if not len(held):
        return held, held
    offsets = np.append(starts[held], starts[-1]).astype(np.uint64)
    matrix = rensa.RMinHash.digest_matrix_from_flat_token_hashes(
        hashes, offsets, _BANDS * _ROWS, _SEED
    )
    signatures = np.array(matrix.to_rows(), np.uint64).reshape(len(held), _BANDS, _ROWS)
    pairs = []
    for band in range(_BANDS):
        keys = pl.DataFrame(signatures[:, band], schema=[str(i) for i in range(_ROWS)])
        bucket = (
            keys.with_columns(document=pl.Series(held).cast(pl.UInt32))
            .group_by(pl.exclude("document"))
            .agg("document")
            .filter(pl.col("document").list.len() > 1)
            .with_row_index("bucket")
            .select("bucket", "document")
            .explode("document")
        )
        # In a bucket of many, each is held against the first: they are linked all the same.
        many = bucket.with_columns(
            pl.len().over("bucket").alias("size"),
            pl.col("document").min().over("bucket").alias("a"),
        )
        wide = many.filter((pl.col("size") > _MANY) & (pl.col("a") < pl.col("document")))
        few = many.filter(pl.col("size") <= _MANY).select("bucket", "document")
        both = few.join(few, on="bucket", suffix="_b").filter(
            pl.col("document") < pl.col("document_b")
        )
        pairs += [
            both.select(a="document", b="document_b"),
            wide.select("a", b="document"),
        ]
    found = pl.concat(pairs).unique().sort("a", "b")
    return found["a"].to_numpy(), found["b"].to_numpy()


def _jaccard(
    starts: np.ndarray, hashes: np.ndarray, left: np.ndarray, right: np.ndarray
) -> np.ndarray:
    """The share of shingles in common, exactly."""
    similarity = np.zeros(len(left))
    for pair, (a, b) in enumerate(zip(left.tolist(), right.tolist(), strict=True)):
        one, other = hashes[starts[a] : starts[a + 1]], hashes[starts[b] : starts[b + 1]]
        # Both are sorted: what of the shorter stands in the longer.
        short, long = (one, other) if len(one) < len(other) else (other, one)
        place = np.minimum(np.searchsorted(long, short), len(long) - 1)
        common = int((long[place] == short).sum())
        similarity[pair] = common / (len(one) + len(other) - common)
    return similarity


def add(folder: str | Path, *, least: float = 0.8) -> pl.DataFrame:
    """Find the reprints of a corpus on disk and keep them with it, as the table ``reprints``."""
    corpus = corpus_.open(folder, only=("documents", "tokens", "vocabulary"))
    groups = find(corpus, least=least)
    place = Path(folder, "reprints.parquet")
    beside = place.with_name(f".{place.name}")
    corpus_.write(groups, beside)
    beside.replace(place)
    return groups


def by_outlet(groups: pl.DataFrame) -> pl.DataFrame:
    """Which outlets print the same articles: ``outlet``, ``other`` and ``groups`` that both have.

    An outlet with itself counts the groups of which it prints more than one article.
    """
    members = groups.filter(pl.col("reprints").is_not_null()).with_columns(
        pl.col("outlet").fill_null("?")
    )
    counts = members.group_by("reprints", "outlet").agg(times=pl.len())
    pairs = counts.join(counts, on="reprints", suffix="_other")
    kept = (pl.col("outlet") < pl.col("outlet_other")) | (
        (pl.col("outlet") == pl.col("outlet_other")) & (pl.col("times") > 1)
    )
    return (
        pairs.filter(kept)
        .group_by("outlet", other="outlet_other")
        .agg(groups=pl.len())
        .sort(["groups", "outlet", "other"], descending=[True, False, False])
    )
