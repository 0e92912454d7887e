"""How far a reading off an embedding can be trusted: intervals, and refusals.

An *ensemble* is a list of replicates from `corpus_tools.ensembles.replicates`. Intervals rest on
Student's t and the spread of twenty replicates, whose percentiles would hold the truth too seldom.
What they were found to hold on texts with planted truth stands in benchmarks/RESULTS.md. They
speak of other articles of the same press, not of other presses.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import polars as pl
from gensim.models import KeyedVectors
from scipy import stats

from corpus_tools.cooccurrence import Meetings
from corpus_tools.counts import resampled
from corpus_tools.ensembles import decomposed
from corpus_tools.errors import BadInput, InsufficientEvidence

LEAST_OCCURRENCES = 50
LEAST_DOCUMENTS = 25
LEAST_PART = 10  # documents of a part of a corpus: fewer cannot be resampled
LEAST_LEFT = 0.5  # of a cosine, in the mean over replicates: what is less is noise
LEAST_KEPT = 0.5  # of its neighbours, in the mean over replicates


def interval(
    estimate: np.ndarray, samples: np.ndarray, *, cosine: bool = True
) -> tuple[np.ndarray, np.ndarray]:
    """95 % interval of readings from their values in bootstrap replicates.

    x -/+ t(0.975, R - 1) * s * sqrt(1 + 1 / R), with s the standard deviation over R replicates.

    Noise in two vectors makes their cosine x smaller than it would be if every article of the
    press were at hand, and resampling adds as much noise again. So the share r = mean of the
    replicates / x tells what was lost, and the interval of a cosine is that of x / r: the
    multiplicative bias correction of the bootstrap (Efron and Tibshirani 1993, chapter 10), as in
    the correction for attenuation (Spearman 1904). It may lie above x. Its spread is s / r^3: the
    replicates' spread is that of weakened cosines, the correction magnifies it, and r is itself
    an estimate; the power was chosen, and then tried on other corpora, with planted truth
    (benchmarks/PLANTED.md).

    Args:
        estimate: The readings of the whole.
        samples: The same of each replicate, an array (replicates, readings); a reading that a
            replicate cannot give is NaN.
        cosine: Whether the readings are cosines, which are corrected and lie between -1 and 1.

    Returns:
        Lower and upper ends; NaN where fewer than two replicates give a reading.

    >>> low, high = interval(np.array([0.5]), np.array([[0.43], [0.47], [0.45]]))
    >>> round(float(low[0]), 2), round(float(high[0]), 2)
    (0.42, 0.69)
    """
    at, values = np.atleast_1d(estimate).astype(float), np.asarray(samples, dtype=float)
    given = np.isfinite(values).sum(axis=0)
    mean, spread = np.full((2, *at.shape), np.nan)
    enough = given > 1
    mean[enough] = np.nanmean(values[:, enough], axis=0)
    spread[enough] = np.nanstd(values[:, enough], axis=0, ddof=1)
    number = np.maximum(given, 2)
    half = stats.t.ppf(0.975, number - 1) * spread * np.sqrt(1 + 1 / number)
    if not cosine:
        return at - half, at + half
    left = np.divide(mean, at, out=np.ones_like(at), where=at != 0).clip(LEAST_LEFT, 1)
    centre, half = at / left, half / left**3
    return (centre - half).clip(-1, 1), (centre + half).clip(-1, 1)


def cosines(model: KeyedVectors, left: Sequence[str], right: Sequence[str]) -> np.ndarray:
    """Cosines of pairs of words; NaN where one has no place, as a word that was not drawn."""
    unit = model.get_normed_vectors()
    a, b = (unit[[model.key_to_index[word] for word in side]] for side in (left, right))
    placed = a.any(axis=1) & b.any(axis=1)
    return np.where(placed, np.einsum("ij,ij->i", a, b), np.nan)


def similarities(
    vectors: KeyedVectors,
    pairs: Sequence[tuple[str, str]],
    ensemble: Sequence[KeyedVectors] = (),
) -> pl.DataFrame:
    """How near words stand to each other.

    Args:
        vectors: The model.
        pairs: Pairs of its words.
        ensemble: Its replicates.

    Returns:
        ``word``, ``other``, ``cosine`` and, with an ensemble, ``low`` and ``high`` (see
        `interval`), a row a pair, in the order given.

    Raises:
        BadInput: The model has no such word.
        InsufficientEvidence: A word is too rare, as for `neighbours`.
    """
    left, right = [a for a, _ in pairs], [b for _, b in pairs]
    for word in dict.fromkeys([*left, *right]):
        asked(vectors, word)
    found = cosines(vectors, left, right)
    table = pl.DataFrame({"word": left, "other": right, "cosine": pl.Series(found.tolist())})
    return _with_interval(table, [cosines(m, left, right) for m in ensemble])


def _with_interval(table: pl.DataFrame, samples: list[np.ndarray]) -> pl.DataFrame:
    if not samples:
        return table
    low, high = interval(table["cosine"].to_numpy(), np.array(samples))
    return table.with_columns(low=pl.Series(low), high=pl.Series(high))


def neighbours(
    vectors: KeyedVectors,
    word: str,
    *,
    number: int = 10,
    ensemble: Sequence[KeyedVectors] = (),
) -> pl.DataFrame:
    """The words whose vectors point most nearly the same way (cosine).

    Args:
        vectors: From `corpus_tools.embeddings` or any word2vec file.
        word: A word of the model, in the model's own spelling.
        number: How many neighbours.
        ensemble: The replicates of the model.

    Returns:
        ``word``, ``cosine``, ``count``; with an ensemble also ``low``, ``high`` (95 % interval of
        the cosine, see `interval`) and ``kept`` (share of replicates with the word among the
        `number` nearest). Nearest first.

    Raises:
        BadInput: The model has no such word.
        InsufficientEvidence: The word has fewer than `LEAST_OCCURRENCES` occurrences or stands in
            fewer than `LEAST_DOCUMENTS` documents.
    """
    known = asked(vectors, word)
    near = vectors.most_similar(word, topn=number)
    names = [other for other, _ in near]
    table = pl.DataFrame(
        {
            "word": names,
            "cosine": [float(cosine) for _, cosine in near],
            "count": [int(vectors.get_vecattr(o, "count")) if known else None for o in names],
        },
        schema={"word": pl.String, "cosine": pl.Float64, "count": pl.Int64},
    )
    if not ensemble:
        return table
    table = _with_interval(table, [cosines(m, [word] * len(names), names) for m in ensemble])
    among = [{other for other, _ in model.most_similar(word, topn=number)} for model in ensemble]
    return table.with_columns(
        kept=pl.Series([float(np.mean([other in near for near in among])) for other in names])
    )


def asked(vectors: KeyedVectors, word: str) -> bool:
    """Refuse what is not in the model or too rare; False if the model keeps no counts.

    Raises:
        BadInput, InsufficientEvidence: As `neighbours`.
    """
    if word not in vectors:
        raise BadInput(f"the vectors hold no word «{word}»: look for another, or lower min-count.")
    if not {"count", "documents"} <= set(vectors.expandos):
        return False
    count, documents = (int(vectors.get_vecattr(word, a)) for a in ("count", "documents"))
    if count < LEAST_OCCURRENCES or documents < LEAST_DOCUMENTS:
        raise InsufficientEvidence(
            f"neighbours of {word}",
            f"{count} occurrences in {documents} document{'s' * (documents != 1)}",
            f"at least {LEAST_OCCURRENCES} occurrences in {LEAST_DOCUMENTS} documents",
        )
    return True


def verdict(vectors: KeyedVectors, word: str, ensemble: Sequence[KeyedVectors]) -> str:
    """One sentence on whether the neighbours of a word may be read.

    They may if the word stands in enough documents (see `neighbours`) and at least half of its ten
    nearest words come back among the ten nearest of a replicate, in the mean.

    Raises:
        BadInput: The model has no such word.
    """
    try:
        known = asked(vectors, word)
    except InsufficientEvidence:
        count, documents = (int(vectors.get_vecattr(word, a)) for a in ("count", "documents"))
        articles = "1 article uses" if documents == 1 else f"{documents:,} articles use"
        times = "once" if count == 1 else f"{count:,} times"
        return f"{articles} «{word}», {times} in all: its neighbours are not to be trusted."
    kept = float(neighbours(vectors, word, ensemble=ensemble)["kept"].mean())  # type: ignore[arg-type]
    articles = (
        f"{int(vectors.get_vecattr(word, 'documents')):,} articles use «{word}»"
        if known
        else f"«{word}»"
    )
    told = (
        f"{articles}, and {10 * kept:.1f} of its 10 neighbours come back in other samples of them"
    )
    if kept < LEAST_KEPT:
        return f"{told}: they are not to be trusted one by one."
    return f"{told}: they may be read."


def curve(
    met: Meetings,
    words: Sequence[str],
    *,
    shares: Sequence[float] = (0.25, 0.5, 0.75, 1.0),
    number: int = 10,
    replicates: int = 5,
    size: int = 100,
    seed: int = 0,
) -> pl.DataFrame:
    """How many neighbours come back as the corpus grows: PPMI-SVD on parts of the documents.

    Each part is drawn without replacement, the larger ones hold the smaller; its replicates are
    bootstrap samples of it.

    Args:
        met: Meetings.
        words: Whose neighbours are asked for.
        shares: Of the documents.
        number: How many neighbours of each.
        replicates: Samples of each part.
        size: Dimensions.
        seed: Of the parts and samples.

    Returns:
        ``share``, ``documents``, ``kept`` (share of neighbours that a replicate has in common with
        the part, in the mean over words and replicates), ``low`` and ``high`` (95 % interval of
        that mean over replicates), a row a share.

    Raises:
        InsufficientEvidence: There are not more words than dimensions, or a share holds fewer
            than `LEAST_PART` documents.
    """
    least = round(min(shares) * met.documents)
    if least < LEAST_PART:
        raise InsufficientEvidence(
            f"neighbours on a share of {min(shares)}",
            f"{least} documents in it",
            f"at least {LEAST_PART} documents",
        )
    places = [met.words["word"].to_list().index(word) for word in words]
    rng = np.random.default_rng(seed)
    order = rng.permutation(met.documents)
    rows = []
    for share in shares:
        part = order[: round(share * met.documents)]
        whole = np.zeros(met.documents, dtype=np.int64)
        whole[part] = 1
        samples = np.zeros((replicates, met.documents), dtype=np.int64)
        samples[:, part] = resampled(len(part), replicates, rng)
        models = decomposed(met, whole, [whole, *samples], size=size, seed=seed)
        first, *others = [_nearest(vectors, places, number) for vectors in models]
        kept = [
            np.mean([len(a & b) / number for a, b in zip(first, o, strict=True)]) for o in others
        ]
        low, high = interval(
            np.array([np.mean(kept)]), np.array(kept)[:, None] / replicates**0.5, cosine=False
        )
        rows.append((share, len(part), float(np.mean(kept)), float(low[0]), float(high[0])))
    return pl.DataFrame(rows, schema=["share", "documents", "kept", "low", "high"], orient="row")


def _nearest(vectors: np.ndarray, places: Sequence[int], number: int) -> list[set[int]]:
    """The places of the nearest words of each of some words, without the word itself."""
    norms = np.linalg.norm(vectors, axis=1, keepdims=True)
    unit = vectors / np.where(norms > 0, norms, 1)
    likeness = unit[places] @ unit.T
    likeness[np.arange(len(places)), places] = -np.inf
    return [set(np.argsort(-row, kind="stable")[:number].tolist()) for row in likeness]
