"""Near-duplicates: articles that several outlets print, or one prints again, with small changes.

MinHash signatures come from rensa, in Rust. Candidate pairs share a band of them; the banding is
done here with Polars, because rensa's own index takes one signature at a time.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import polars as pl
from scipy import sparse
from scipy.sparse import csgraph

from corpus_tools.corpus.corpus import Corpus
from corpus_tools.corpus.storage import open_corpus, write_table
from corpus_tools.files import write_whole

SHINGLE_WORDS = 3
MIN_SIMILARITY = 0.8
# 32 bands of 4: of pairs at a Jaccard of 0.8 one in ten million is missed, at 0.6 one in 90.
_BANDS, _ROWS = 32, 4
_SEED = 1
_MANY = 100


def find_near_duplicates(
    corpus: Corpus, *, min_similarity: float = MIN_SIMILARITY, shingle: int = SHINGLE_WORDS
) -> pl.DataFrame:
    """Group documents that share most of their shingles.

    A shingle is a run of words in normal form. The Jaccard similarity of two documents is the share
    of shingles that both have among all that either has (Broder 1997). Candidates come from MinHash
    with locality-sensitive hashing, and each pair is then compared exactly. Groups are connected
    components: two members may be linked through others.

    Args:
        corpus: A corpus.
        min_similarity: The least Jaccard similarity of a link.
        shingle: Words in a shingle.

    Returns:
        One row per document: ``document``, ``outlet``, ``day``, ``group`` (number; null for a
        document that stands alone), ``similarity`` (the highest to another) and ``representative``
        (whether it is the first of its group, by day and then in the order of the corpus; null for
        a document that stands alone).

    >>> import tempfile, pathlib, json
    >>> import corpus_tools as ct
    >>> texts = ["قال الوزير إن الأمن عاد إلى المدينة", "قال الوزير إن الأمن عاد إلى المدينة اليوم"]
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     rows = json.dumps([{"text": text} for text in texts])
    ...     _ = pathlib.Path(folder, "a.json").write_text(rows, "utf-8")
    ...     found = find_near_duplicates(ct.read_corpus(folder))
    >>> found.select("group", "similarity", "representative").rows()[1]
    (0, 0.8333333333333334, False)
    """
    starts, hashes = _shingles(corpus, shingle)
    left, right = _candidates(starts, hashes)
    similarity = _jaccard(starts, hashes, left, right)
    near = similarity >= min_similarity
    left, right, similarity = left[near], right[near], similarity[near]
    height = corpus.documents.height
    graph = sparse.coo_array((np.ones(len(left), bool), (left, right)), (height, height))
    _, group = csgraph.connected_components(graph, directed=False)
    best = np.zeros(height)
    np.maximum.at(best, left, similarity)
    np.maximum.at(best, right, similarity)
    table = corpus.documents.select("document", "outlet", "day").with_columns(
        group=pl.when(pl.Series(best) > 0).then(pl.Series(group)),
        similarity=pl.when(pl.Series(best) > 0).then(pl.Series(best)),
    )
    grouped = pl.col("group").is_not_null()
    first = pl.col("document").sort_by("day", nulls_last=True, maintain_order=True).first()
    return table.with_columns(
        group=pl.when(grouped).then(pl.col("group").rank("dense").cast(pl.UInt32) - 1),
        representative=pl.when(grouped).then(pl.col("document") == first.over("group")),
    )


def flag_near_copies(groups: pl.DataFrame) -> np.ndarray:
    """Whether each document nearly copies another that represents its group, an array (documents).

    Args:
        groups: From `find_near_duplicates`.
    """
    return groups.select(pl.col("representative").not_().fill_null(False)).to_series().to_numpy()


def fold_near_duplicates(corpus: Corpus) -> tuple[Corpus, int]:
    """The corpus with one document of each group of near-duplicates, and how many were folded.

    Counting folds them by default: a report that ten newspapers print would otherwise count ten
    times, and make chance look certain.
    """
    copies = flag_near_copies(find_near_duplicates(corpus))
    return corpus.select(~copies), int(copies.sum())


def _shingles(corpus: Corpus, size: int) -> tuple[np.ndarray, np.ndarray]:
    """The distinct shingles of all documents as hashes, sorted within each document."""
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

    held = np.flatnonzero(np.diff(starts) > 0)  # a shorter article has no shingle
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
        # In a large bucket each is compared with the first only; they are linked all the same.
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
    """The exact share of common shingles of each pair."""
    similarity = np.zeros(len(left))
    for pair, (a, b) in enumerate(zip(left.tolist(), right.tolist(), strict=True)):
        one, other = hashes[starts[a] : starts[a + 1]], hashes[starts[b] : starts[b + 1]]
        # Both are sorted: which of the shorter are in the longer.
        short, long = (one, other) if len(one) < len(other) else (other, one)
        place = np.minimum(np.searchsorted(long, short), len(long) - 1)
        common = int((long[place] == short).sum())
        similarity[pair] = common / (len(one) + len(other) - common)
    return similarity


def save_near_duplicates(
    folder: str | Path, *, min_similarity: float = MIN_SIMILARITY
) -> pl.DataFrame:
    """Find the near-duplicates of a corpus on disk and keep them with it.

    They are written as the table ``near_duplicates``, as `find_near_duplicates` returns it.
    """
    corpus = open_corpus(folder, only=("documents", "tokens", "vocabulary"))
    groups = find_near_duplicates(corpus, min_similarity=min_similarity)
    with write_whole(Path(folder, "near_duplicates.parquet")) as beside:
        write_table(groups, beside)
    return groups


def count_shared_reports(groups: pl.DataFrame) -> pl.DataFrame:
    """Which outlets print the same articles: ``outlet``, ``other`` and ``groups`` that both have.

    An outlet with itself counts the groups of which it prints more than one article.

    Args:
        groups: From `find_near_duplicates`.
    """
    members = groups.filter(pl.col("group").is_not_null()).with_columns(
        pl.col("outlet").fill_null("?")
    )
    counts = members.group_by("group", "outlet").agg(times=pl.len())
    pairs = counts.join(counts, on="group", suffix="_other")
    kept = (pl.col("outlet") < pl.col("outlet_other")) | (
        (pl.col("outlet") == pl.col("outlet_other")) & (pl.col("times") > 1)
    )
    return (
        pairs.filter(kept)
        .group_by("outlet", other="outlet_other")
        .agg(groups=pl.len())
        .sort(["groups", "outlet", "other"], descending=[True, False, False])
    )
