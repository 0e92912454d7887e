"""How groups of documents use a word: a-la-carte vectors, their neighbours and distances.

The vector of a word in a group is A u, where u is the mean vector of the words around it in the
group's documents and A the transformation that best turns such means into the model's own vectors
(Khodak and others 2018; Rodriguez, Spirling and Stewart 2023).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl
from gensim.models import KeyedVectors
from scipy import sparse
from scipy.stats import false_discovery_control

from corpus_tools.embeddings.cooccurrence import Cooccurrences
from corpus_tools.embeddings.neighbours import (
    MIN_DOCUMENTS,
    MIN_NEIGHBOUR_DOCUMENTS,
    candidate_mask,
)
from corpus_tools.errors import BadInput, InsufficientEvidence
from corpus_tools.resampling import bootstrap_weights, replicate_interval


def fit_transformation(cooccurrences: Cooccurrences, vectors: KeyedVectors) -> np.ndarray:
    """The array A that best turns mean vectors of contexts into the vectors of words.

    Least squares of v(w) - A u(w) over the words of the model, weighted by the logarithm of their
    counts; u(w) is the mean vector of the words around w, by the weights of the pairs.

    Args:
        cooccurrences: Those that the model was made from, or similar ones.
        vectors: The model, with the same words in the same order.

    Returns:
        An array (size, size).

    Raises:
        BadInput: The model has other words.
    """
    if vectors.index_to_key != cooccurrences.words["word"].to_list():
        raise BadInput(
            "these vectors were not made from these cooccurrences: make them with ppmi_svd."
        )
    places, weight = cooccurrences.layout, cooccurrences.weights()
    value = weight[places.pair]
    value[places.doubled] *= 2
    around = sparse.csr_array(
        (value, (places.row, places.column)), shape=(cooccurrences.words.height,) * 2
    )
    total = np.asarray(around.sum(axis=1)).ravel()
    held = total > 0
    means = (around @ vectors.vectors.astype(float))[held] / total[held, None]
    root = np.sqrt(np.log(cooccurrences.words["count"].to_numpy()[held] + 1.0))[:, None]
    turned, *_ = np.linalg.lstsq(root * means, root * vectors.vectors[held], rcond=None)
    return turned.T


@dataclass(frozen=True)
class ContextSums:
    """The contexts of a word in each document that uses it.

    Attributes:
        word: The word.
        document: The numbers of the documents.
        group: The group of each document.
        sums: A times the sum of the vectors around the word, an array (documents, size).
        weight: The weight of the contexts in each document.
    """

    word: str
    document: np.ndarray
    group: np.ndarray
    sums: np.ndarray
    weight: np.ndarray


def sum_contexts(
    contexts: pl.DataFrame,
    word: str,
    groups: pl.DataFrame,
    vectors: KeyedVectors,
    transform: np.ndarray,
) -> ContextSums:
    """Sum the vectors around a word, document by document.

    Args:
        contexts: From `corpus_tools.embeddings.cooccurrence.collect_contexts` or a reference
            corpus.
        word: One of its words.
        groups: ``document`` and ``group``, such as its outlet or month.
        vectors: A model; contexts that it lacks are left out.
        transform: From `fit_transformation`.

    Raises:
        BadInput: The word is not in `contexts`.
    """
    rows = contexts.filter(pl.col("word") == word).join(
        groups.select("document", "group"), on="document", maintain_order="left"
    )
    if not rows.height:
        known = ", ".join(contexts["word"].unique(maintain_order=True).to_list())
        raise BadInput(f"the contexts hold no word «{word}»: take one of {known}.")
    rows = rows.filter(pl.col("context").is_in(vectors.index_to_key)).sort("document", "context")
    place = np.array([vectors.key_to_index[name] for name in rows["context"]], dtype=np.int64)
    weight = rows["weight"].to_numpy().astype(float)
    document, starts, number = np.unique(
        rows["document"].to_numpy(), return_index=True, return_inverse=True
    )
    around = sparse.csr_array(
        (weight, (number, place)), shape=(len(document), len(vectors.index_to_key))
    )
    sums = (around @ vectors.vectors.astype(float)) @ transform.T
    group = rows["group"].to_numpy()[starts]
    return ContextSums(word, document, group, sums, np.bincount(number, weight))


def group_neighbours(
    used: ContextSums,
    group: str | None,
    vectors: KeyedVectors,
    *,
    number: int = 10,
    min_documents: int = MIN_NEIGHBOUR_DOCUMENTS,
    own_forms: bool = False,
    replicates: int = 200,
    seed: int = 0,
) -> pl.DataFrame:
    """The words nearest to a word as one group uses it.

    Args:
        used: From `sum_contexts`.
        group: The group; None for all documents.
        vectors: The model.
        number: How many neighbours.
        min_documents: Words of fewer documents are left out, if the model keeps counts.
        own_forms: Whether other spellings of the word itself, and the word with clitics, may be
            neighbours.
        replicates: Bootstrap replicates of the group's documents.
        seed: Seed of the resampling.

    Returns:
        ``word``, ``cosine``, ``low`` and ``high`` (95 % interval over resampled documents, see
        `corpus_tools.resampling.replicate_interval`) and ``kept`` (share of replicates that have
        the word among the nearest); nearest first.

    Raises:
        InsufficientEvidence: Fewer than `corpus_tools.embeddings.neighbours.MIN_DOCUMENTS`
            documents of the group use the word.
    """
    own = np.ones(len(used.group), bool) if group is None else used.group == group
    if own.sum() < MIN_DOCUMENTS:
        raise InsufficientEvidence(
            f"how {group} uses {used.word}",
            f"{own.sum()} documents with it",
            f"at least {MIN_DOCUMENTS} documents",
        )
    counts, least = [vectors.expandos.get("documents")], [min_documents]
    keys = vectors.index_to_key
    asked = np.flatnonzero(candidate_mask(keys, used.word, counts, least, own_forms=own_forms))
    unit = vectors.get_normed_vectors()[asked].astype(float)
    drawn = bootstrap_weights(int(own.sum()), replicates, np.random.default_rng(seed))
    samples = drawn @ used.sums[own]  # cosines do not ask for the length
    samples /= np.linalg.norm(samples, axis=1, keepdims=True)
    whole = used.sums[own].sum(axis=0)
    cosines = unit @ (whole / np.linalg.norm(whole))
    near = np.argsort(-cosines, kind="stable")[:number]
    each = samples @ unit.T
    low, high = replicate_interval(cosines[near], each[:, near])
    last = np.partition(each, -number, axis=1)[:, -number]
    return pl.DataFrame(
        {
            "word": [vectors.index_to_key[place] for place in asked[near]],
            "cosine": cosines[near],
            "low": low,
            "high": high,
            "kept": (each[:, near] >= last[:, None]).mean(axis=0),
        }
    )


def group_distances(used: ContextSums, *, permutations: int = 1000, seed: int = 0) -> pl.DataFrame:
    """How far each group's use of a word is from that of all other groups.

    The squared distance of two estimated vectors is too large even where groups do not differ, by
    the variances of both, and more so for small groups. The variances are subtracted (Green and
    others 2025), so the corrected distance is zero on average where there is no difference, and may
    be negative. Variances are those of a ratio of sums over documents; the permutation test assigns
    documents to groups at random.

    Args:
        used: From `sum_contexts`.
        permutations: How many.
        seed: Seed of the permutations.

    Returns:
        ``group``, ``documents``, ``distance`` (squared, as estimated), ``corrected``, ``p`` (share
        of permutations whose corrected distance is at least as large) and ``q`` (Benjamini-Hochberg
        over groups), largest corrected distance first. Groups with too few documents have no row,
        but count among the others.

    Raises:
        InsufficientEvidence: No group has `corpus_tools.embeddings.neighbours.MIN_DOCUMENTS`
            documents with the word and as many outside of it.
    """
    rng = np.random.default_rng(seed)
    labels, member = np.unique(used.group, return_inverse=True)
    number = np.bincount(member)
    tested = np.flatnonzero((number >= MIN_DOCUMENTS) & (len(member) - number >= MIN_DOCUMENTS))
    if not len(tested):
        raise InsufficientEvidence(
            f"how groups use {used.word}",
            f"at most {np.max(number)} documents with it in a group",
            f"at least {MIN_DOCUMENTS} in a group and outside of it",
        )
    parts = _parts(used)
    raw, corrected = _distances(parts, member, len(labels))
    beyond = np.ones(len(labels))
    for _ in range(permutations):
        _, dealt = _distances(parts, rng.permutation(member), len(labels))
        beyond += dealt >= corrected - 1e-12
    p = beyond / (permutations + 1)
    rows = [
        (str(labels[n]), int(number[n]), float(raw[n]), float(corrected[n]), float(p[n]))
        for n in tested
    ]
    columns = ["group", "documents", "distance", "corrected", "p"]
    table = pl.DataFrame(rows, schema=columns, orient="row")
    table = table.with_columns(q=pl.Series(false_discovery_control(table["p"].to_numpy())))
    return table.sort(["corrected", "group"], descending=[True, False])


def _parts(used: ContextSums) -> np.ndarray:
    """The summands of the vector and variance of any set of documents, one row per document."""
    weight = used.weight[:, None]
    squared = (used.sums**2).sum(axis=1, keepdims=True)
    return np.hstack([used.sums, weight * used.sums, weight, weight**2, squared, weight**0])


def _distances(parts: np.ndarray, member: np.ndarray, groups: int) -> tuple[np.ndarray, np.ndarray]:
    """The squared distance of each group from all others, and the same without its bias."""
    one = np.zeros((groups, len(member)))
    one[member, np.arange(len(member))] = 1
    own = one @ parts
    (mean, spread), (mean_other, spread_other) = (
        _mean(side) for side in (own, parts.sum(axis=0) - own)
    )
    raw = ((mean - mean_other) ** 2).sum(axis=1)
    return raw, raw - spread - spread_other


def _mean(parts: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The vector of each set of documents, and the sum of the variances of its dimensions.

    The vector is m = S / W, of sums S and weights W; its variance is that of a ratio,
    n / (n - 1) * sum of |s - w m|^2 / W^2 over n documents.
    """
    size = (parts.shape[1] - 4) // 2
    sums, crossed = parts[:, :size], parts[:, size : 2 * size]
    weight, weight2, squared, documents = parts[:, -4:].T
    with np.errstate(invalid="ignore", divide="ignore"):
        mean = sums / weight[:, None]
        residual = squared - 2 * (mean * crossed).sum(axis=1) + weight2 * (mean**2).sum(axis=1)
        return mean, documents / (documents - 1) * residual / weight**2
