"""Words as vectors: co-occurrence counted, PPMI-SVD, Word2Vec and FastText.

Every model comes back as gensim `KeyedVectors`, its words sorted by count and then by spelling,
with the attributes ``count`` and ``documents`` of each word, which `neighbours` needs to know
when to refuse.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
import polars as pl
from gensim.models import FastText, KeyedVectors, Word2Vec
from scipy import sparse
from scipy.sparse.linalg import svds
from threadpoolctl import threadpool_limits

from corpus_tools.errors import BadInput, InsufficientEvidence
from corpus_tools.vectors import keyed_vectors

Method = Literal["ppmi", "word2vec", "fasttext"]
LEAST_OCCURRENCES = 50
LEAST_DOCUMENTS = 25


@dataclass(frozen=True)
class Cooccurrence:
    """Which words stand near which.

    Attributes:
        words: ``word``, ``count``, ``documents``, ``context`` (sum of the weights of all pairs
            the word is in), most frequent first.
        pairs: ``left`` and ``right`` (places in `words`, left not after right), ``count`` (times
            they stand within the window) and ``weight`` (the same, each time weighted by
            window + 1 - distance).
        window: Words on each side.
    """

    words: pl.DataFrame
    pairs: pl.DataFrame
    window: int


@dataclass(frozen=True)
class Meetings:
    """Each time that two words stand near each other; the times of one pair side by side.

    Attributes:
        words: ``word``, ``count``, ``documents``, most frequent first.
        left, right: The words of each pair, as places in `words`; left is not after right.
        starts: Where each pair begins in the two arrays that follow.
        document: The document of each meeting, numbered in the order of their ids.
        weight: window + 1 - distance of each meeting.
        documents: How many documents there are.
    """

    words: pl.DataFrame
    left: np.ndarray
    right: np.ndarray
    starts: np.ndarray
    document: np.ndarray
    weight: np.ndarray
    documents: int

    def weights(self, times: np.ndarray | None = None) -> np.ndarray:
        """The weight of each pair, each document taken as many times as `times` says."""
        if not len(self.starts):
            return np.zeros(0)
        once = self.weight if times is None else self.weight * times[self.document]
        return np.add.reduceat(once, self.starts, dtype=np.int64).astype(float)


def meetings(words: pl.DataFrame, *, window: int = 5, min_count: int = 5) -> Meetings:
    """Find the pairs of words that stand at most `window` words apart in one sentence.

    Rare words keep their places, so a word that is left out still keeps its neighbours apart.
    Arguments as for `cooccurrence`.

    Raises:
        BadInput: Words and documents are too many for one number a meeting.
    """
    kept = frequent_words(words, min_count).with_row_index("place")
    places = words.select("word").join(
        kept.select("word", "place"), on="word", how="left", maintain_order="left"
    )
    place = places["place"].cast(pl.Int64).fill_null(-1).to_numpy()
    ids, number = np.unique(words["document"].to_numpy(), return_inverse=True)
    sentence = words["sentence"].to_numpy()
    if kept.height**2 * max(len(ids), 1) * window >= 1 << 63:
        raise BadInput(
            f"{kept.height} words in {len(ids)} documents are too many: raise min-count."
        )
    # Left, right, document and distance in one number: sorted, all meetings of a pair stand
    # side by side, and no table of pairs by documents is ever made.
    found = []
    for distance in range(1, window + 1):
        near, far = place[:-distance], place[distance:]
        pair = (
            (near >= 0)
            & (far >= 0)
            & (number[:-distance] == number[distance:])
            & (sentence[:-distance] == sentence[distance:])
        )
        near, far = near[pair], far[pair]
        code = np.minimum(near, far) * kept.height + np.maximum(near, far)
        found.append((code * len(ids) + number[:-distance][pair]) * window + distance - 1)
    codes = np.concatenate(found)
    codes.sort()
    codes, steps = np.divmod(codes, window)
    pairs, document = np.divmod(codes, max(len(ids), 1))
    starts = np.flatnonzero(np.diff(pairs, prepend=-1))
    left, right = np.divmod(pairs[starts], max(kept.height, 1))
    return Meetings(
        kept.drop("place"),
        left,
        right,
        starts,
        document.astype(np.uint32),
        (window - steps).astype(np.uint8),
        len(ids),
    )


def cooccurrence(words: pl.DataFrame, *, window: int = 5, min_count: int = 5) -> Cooccurrence:
    """Count the pairs of words that stand at most `window` words apart in one sentence.

    Args:
        words: ``document``, ``sentence``, ``word`` in text order, from `corpus_tools.corpus.words`.
        window: Words on each side.
        min_count: Words with fewer occurrences are left out of the pairs.

    >>> table = pl.DataFrame({"document": 0, "sentence": 0, "word": ["ا", "ب", "ا"]})
    >>> cooccurrence(table, window=2, min_count=1).pairs.rows()
    [(0, 0, 1, 1), (0, 1, 2, 4)]
    """
    met = meetings(words, window=window, min_count=min_count)
    pairs = pl.DataFrame(
        {
            "left": met.left,
            "right": met.right,
            "count": np.diff(met.starts, append=len(met.document)),
            "weight": met.weights(),
        },
        schema=dict.fromkeys(("left", "right", "count", "weight"), pl.UInt32),
    )
    return with_contexts(met.words, pairs, window)


def frequent_words(words: pl.DataFrame, min_count: int) -> pl.DataFrame:
    """``word``, ``count``, ``documents`` of the words that occur often enough, most frequent first.

    Args:
        words: A row an occurrence, or a column ``count``; with ``document`` and ``word``.
        min_count: The fewest occurrences.
    """
    count = pl.col("count").sum() if "count" in words.columns else pl.len()
    return (
        words.group_by("word")
        .agg(count=count.cast(pl.Int64), documents=pl.col("document").n_unique())
        .filter(pl.col("count") >= min_count)
        .sort(["count", "word"], descending=[True, False])
    )


def with_contexts(words: pl.DataFrame, pairs: pl.DataFrame, window: int) -> Cooccurrence:
    """A `Cooccurrence` of words and pairs, the context sum of each word worked out."""
    weight = pairs["weight"].to_numpy().astype(float)
    context = np.bincount(pairs["left"].to_numpy(), weights=weight, minlength=words.height)
    context += np.bincount(pairs["right"].to_numpy(), weights=weight, minlength=words.height)
    words = words.with_columns(context=pl.Series(context.astype(np.int64)))
    return Cooccurrence(words, pairs, window)


def ppmi(counts: Cooccurrence, *, smoothing: float = 0.75) -> sparse.csr_array:
    """Positive pointwise mutual information of each pair, a symmetric array but for smoothing.

    max(0, ln(w(a, c) * sum of n(x)^s / (n(a) * n(c)^s))), where w is the weight of the pair, n
    the context sum of a word and s the smoothing of contexts, which keeps rare contexts from
    having the highest values (Levy, Goldberg and Dagan 2015).
    """
    left, right, weight = (counts.pairs[c].to_numpy() for c in ("left", "right", "weight"))
    return ppmi_of(layout(left, right, counts.words.height), weight, smoothing=smoothing)


@dataclass(frozen=True)
class Layout:
    """Where pairs stand in a square array, row after row: both (a, c) and (c, a).

    Attributes:
        pair: Which pair each entry is of.
        row, column: Of each entry.
        doubled: The entries of words beside themselves, which are met from both sides.
        size: Rows of the array.
    """

    pair: np.ndarray
    row: np.ndarray
    column: np.ndarray
    doubled: np.ndarray
    size: int


def layout(left: np.ndarray, right: np.ndarray, size: int) -> Layout:
    """Where pairs of words stand in an array of so many words."""
    apart = np.flatnonzero(left != right)
    pair = np.concatenate([np.arange(len(left)), apart])
    row = np.concatenate([left, right[apart]]).astype(np.int64)
    column = np.concatenate([right, left[apart]]).astype(np.int64)
    order = np.argsort(row * size + column)
    row, column = row[order].astype(np.int32), column[order].astype(np.int32)
    return Layout(pair[order], row, column, np.flatnonzero(row == column), size)


def ppmi_of(
    places: Layout, weight: np.ndarray, *, smoothing: float = 0.75, dtype: type = np.float64
) -> sparse.csr_array:
    """The same from arrays: the weight of each pair, which may be none."""
    value = weight.astype(float)[places.pair]
    value[places.doubled] *= 2
    context = np.bincount(places.row, weights=value, minlength=places.size)
    smoothed = np.where(context > 0, context, 1) ** smoothing * (context > 0)
    with np.errstate(divide="ignore", invalid="ignore"):
        # Logarithms of pairs and of words, for there are fewer of them than entries.
        information = np.log(weight.astype(float)).astype(dtype)[places.pair]
        information[places.doubled] += np.log(2).astype(dtype)
        information -= np.log(context / smoothed.sum()).astype(dtype)[places.row]
        information -= np.log(smoothed).astype(dtype)[places.column]
    keep = information > 0
    ends = np.cumsum(np.bincount(places.row[keep], minlength=places.size))
    return sparse.csr_array(
        (information[keep], places.column[keep], np.append(0, ends).astype(np.int32)),
        shape=(places.size, places.size),
    )


def ppmi_svd(
    counts: Cooccurrence, *, size: int = 100, smoothing: float = 0.75, seed: int = 0
) -> KeyedVectors:
    """Vectors from the truncated SVD of the PPMI matrix: U * sqrt(S).

    Counting and one decomposition, no training: for corpora of a few million words as good as
    Word2Vec and steadier (Levy, Goldberg and Dagan 2015). BLAS runs on one thread, so that one
    machine gives the same bits each time.

    Args:
        counts: From `cooccurrence` or `corpus_tools.press`.
        size: Dimensions.
        smoothing: Of context counts, see `ppmi`.
        seed: Of the vector that the decomposition starts from. It is run until it has converged,
            so that another seed gives the same neighbours.

    Raises:
        InsufficientEvidence: There are not more words than dimensions.
    """
    return keyed_vectors(svd(ppmi(counts, smoothing=smoothing), size, seed), counts.words)


def svd(matrix: sparse.csr_array, size: int, seed: int) -> np.ndarray:
    """U * sqrt(S) of a sparse matrix: an array (words, dimensions), largest value first.

    Raises:
        InsufficientEvidence: There are not more words than dimensions.
    """
    enough(matrix.shape[0], size)
    # The values of a PPMI matrix fall off slowly: a randomised SVD of a few iterations gave two
    # seeds only four of six neighbours in common, Lanczos iterations give all, in like time.
    start = np.random.default_rng(seed).standard_normal(matrix.shape[0])
    with threadpool_limits(1):
        left, values, _ = svds(matrix, size, v0=start, return_singular_vectors="u")
    order = np.argsort(-values)
    return signed(left[:, order] * np.sqrt(values[order]))


def enough(words: int, size: int) -> None:
    """Refuse as many dimensions as there are words, or more."""
    if words <= size:
        raise InsufficientEvidence(
            f"{size} dimensions", f"{words} frequent words", "more words than dimensions"
        )


def signed(vectors: np.ndarray) -> np.ndarray:
    """Vectors with the largest entry of each dimension positive: the sign of an SVD is free."""
    largest = np.abs(vectors).argmax(axis=0)
    return vectors * np.sign(vectors[largest, np.arange(vectors.shape[1])])


def embed(
    words: pl.DataFrame,
    *,
    method: Method = "ppmi",
    size: int = 100,
    window: int = 5,
    min_count: int = 5,
    seed: int = 0,
) -> KeyedVectors:
    """Vectors of the words of a corpus.

    Args:
        words: ``document``, ``sentence``, ``word`` in text order, from `corpus_tools.corpus.words`.
        method: ``"ppmi"`` (see `ppmi_svd`), ``"word2vec"`` (skip-gram with negative sampling,
            Mikolov and others 2013) or ``"fasttext"`` (the same with character n-grams,
            Bojanowski and others 2017), five epochs.
        size: Dimensions.
        window: Words on each side, inside the sentence.
        min_count: Words with fewer occurrences get no vector.
        seed: Of the model; gensim runs with one worker, since more would change its result.

    Raises:
        InsufficientEvidence: No word is frequent enough, or for PPMI-SVD too few are.
    """
    if method == "ppmi":
        counts = cooccurrence(words, window=window, min_count=min_count)
        return ppmi_svd(counts, size=size, seed=seed)
    table = frequent_words(words, min_count)
    if table.height < 2:
        raise InsufficientEvidence(
            "vectors", f"{table.height} such words", f"at least 2 words of {min_count} occurrences"
        )
    sentences = words.group_by("document", "sentence", maintain_order=True).agg("word")["word"]
    model = (Word2Vec if method == "word2vec" else FastText)(
        sentences.to_list(),
        vector_size=size,
        window=window,
        min_count=min_count,
        sg=1,
        epochs=5,
        workers=1,
        seed=seed,
    )
    return keyed_vectors(np.stack([model.wv[word] for word in table["word"]]), table)


def neighbours(
    vectors: KeyedVectors,
    word: str,
    *,
    number: int = 10,
    ensemble: list[KeyedVectors] | None = None,
) -> pl.DataFrame:
    """The words whose vectors point most nearly the same way (cosine).

    Args:
        vectors: From this module or any word2vec file.
        word: A word of the model, in the model's own spelling.
        number: How many neighbours.
        ensemble: Replicates from `corpus_tools.stability.replicates`.

    Returns:
        ``word``, ``cosine``, ``count``; with an ensemble also ``low``, ``high`` (95 % percentile
        interval of the cosine) and ``kept`` (share of replicates with the word among the
        `number` nearest). Nearest first.

    Raises:
        BadInput: The model has no such word.
        InsufficientEvidence: The word has fewer than `LEAST_OCCURRENCES` occurrences or stands in
            fewer than `LEAST_DOCUMENTS` documents.
    """
    if word not in vectors:
        raise BadInput(f"the vectors hold no word «{word}»: look for another, or lower min-count.")
    known = "count" in vectors.expandos and "documents" in vectors.expandos
    if known:
        count, documents = (int(vectors.get_vecattr(word, a)) for a in ("count", "documents"))
        if count < LEAST_OCCURRENCES or documents < LEAST_DOCUMENTS:
            raise InsufficientEvidence(
                f"neighbours of {word}",
                f"{count} occurrences in {documents} document{'s' * (documents != 1)}",
                f"at least {LEAST_OCCURRENCES} occurrences in {LEAST_DOCUMENTS} documents",
            )
    near = vectors.most_similar(word, topn=number)
    table = pl.DataFrame(
        {
            "word": [other for other, _ in near],
            "cosine": [float(cosine) for _, cosine in near],
            "count": [int(vectors.get_vecattr(o, "count")) if known else None for o, _ in near],
        },
        schema={"word": pl.String, "cosine": pl.Float64, "count": pl.Int64},
    )
    if not ensemble:
        return table
    cosines = np.array([[model.similarity(word, other) for other, _ in near] for model in ensemble])
    among = [{other for other, _ in model.most_similar(word, topn=number)} for model in ensemble]
    low, high = np.quantile(cosines, [0.025, 0.975], axis=0)
    kept = [float(np.mean([other in names for names in among])) for other, _ in near]
    return table.with_columns(low=pl.Series(low), high=pl.Series(high), kept=pl.Series(kept))
