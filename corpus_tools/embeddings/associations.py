"""Association tests between sets of words: WEAT and SC-WEAT."""

from __future__ import annotations

from collections.abc import Sequence
from math import comb

import numpy as np
import polars as pl
from gensim.models import KeyedVectors
from scipy.stats import false_discovery_control, permutation_test

from corpus_tools.errors import BadInput, InsufficientEvidence
from corpus_tools.resampling import replicate_interval

MAX_EXACT = 200_000  # partitions that are all tried: ten words a side have 184,756
SAMPLED_PARTITIONS = 100_000  # partitions drawn where there are more
_BLOCK = 400_000  # values permuted at a time


def weat(
    vectors: KeyedVectors,
    targets: tuple[Sequence[str], Sequence[str]],
    attributes: tuple[Sequence[str], Sequence[str]],
    *,
    ensemble: Sequence[KeyedVectors] = (),
    seed: int = 0,
) -> pl.DataFrame:
    """Whether one set of words is nearer to one pole than another set is.

    s(w) = mean cosine of w with the first attributes - mean cosine with the second. The effect size
    is (mean s of the first targets - mean s of the second) / standard deviation of s over both (of
    the population), from -2 to 2. The p-value is one-sided: the share of partitions of the target
    words into sets of the same sizes whose difference is at least as large, the observed one
    included (Caliskan, Bryson and Narayanan 2017). Up to `MAX_EXACT` partitions are all tried; of
    more, `SAMPLED_PARTITIONS` are drawn.

    Args:
        vectors: A model. Words that it lacks are left out, and listed.
        targets: Two sets of words.
        attributes: Two sets of words, the poles; see `corpus_tools.embeddings.axes.pole_words`.
        ensemble: Replicates of the model, for an interval.
        seed: Seed of the partitions that are drawn.

    Returns:
        One row: ``effect_size``, with an ensemble ``low`` and ``high`` (see
        `corpus_tools.resampling.replicate_interval`), ``p``, ``partitions``, ``exact``, ``words``
        (number in each set, as a list), ``left_out``. The interval speaks of other articles of the
        same press, p of other words in the sets.

    Raises:
        BadInput: A word is in both sets.
        InsufficientEvidence: There are so few known words that no p-value could be below 0.05, as
            with three words on each side.
    """
    sets = [*targets, *attributes]
    for one, other in (targets, attributes):
        if both := sorted(set(one) & set(other)):
            raise BadInput(f"«{both[0]}» is in both sets: leave it out of one.")
    x, y, a, b = kept = [_known(vectors, words) for words in sets]
    _need_words(len(x), len(y), "an association test")
    if not a or not b:
        raise InsufficientEvidence("an association test", "a pole without known words", "one")
    leaning = _leanings(vectors, [*x, *y], a, b)
    p, tried, exact = _p_values(leaning[None, :], len(x), seed)
    row = {"effect_size": _effect(leaning, len(x))}
    if ensemble:
        samples = [_effect(_leanings(m, [*x, *y], a, b), len(x)) for m in ensemble]
        ends = replicate_interval(
            np.array([row["effect_size"]]), np.array(samples)[:, None], cosine=False
        )
        row["low"], row["high"] = (float(end[0]) for end in ends)
    left_out = [word for words in sets for word in words if word not in vectors]
    return pl.DataFrame([row]).with_columns(
        p=pl.lit(float(p[0])),
        partitions=pl.lit(tried),
        exact=pl.lit(exact),
        words=pl.Series([[len(words) for words in kept]]),
        left_out=pl.Series([left_out], dtype=pl.List(pl.String)),
    )


def sc_weat(
    vectors: KeyedVectors,
    words: Sequence[str],
    attributes: tuple[Sequence[str], Sequence[str]],
    *,
    ensemble: Sequence[KeyedVectors] = (),
    seed: int = 0,
) -> pl.DataFrame:
    """To which of two poles each word is nearer (single-category WEAT).

    The effect size of a word is (mean cosine with the first attributes - mean cosine with the
    second) / standard deviation of its cosines with both; p is two-sided, over partitions of the
    attributes (Caliskan, Bryson and Narayanan 2017, where the test is called WEFAT).

    Args:
        vectors, attributes, ensemble, seed: As for `weat`.
        words: Words of the model.

    Returns:
        ``word``, ``effect_size``, with an ensemble ``low`` and ``high``, ``p``, ``q``
        (Benjamini-Hochberg over the words), one row per word, largest effect first.

    Raises:
        BadInput: A word is not in the model, or in both sets.
        InsufficientEvidence: As for `weat`, of the attributes.
    """
    if both := sorted(set(attributes[0]) & set(attributes[1])):
        raise BadInput(f"«{both[0]}» is in both sets: leave it out of one.")
    for word in words:
        if word not in vectors:
            raise BadInput(f"the vectors hold no word «{word}»: look for another.")
    a, b = (_known(vectors, side) for side in attributes)
    _need_words(len(a), len(b), "an association test")
    cosines = _cosines(vectors, words, [*a, *b])
    table = pl.DataFrame({"word": list(words), "effect_size": _effects(cosines, len(a))})
    if ensemble:
        samples = [_effects(_cosines(m, words, [*a, *b]), len(a)) for m in ensemble]
        low, high = replicate_interval(
            table["effect_size"].to_numpy(), np.array(samples), cosine=False
        )
        table = table.with_columns(low=pl.Series(low), high=pl.Series(high))
    p, _, _ = _p_values(cosines, len(a), seed, two_sided=True)
    table = table.with_columns(p=pl.Series(p), q=pl.Series(false_discovery_control(p)))
    return table.sort(["effect_size", "word"], descending=[True, False])


def _known(vectors: KeyedVectors, words: Sequence[str]) -> list[str]:
    return [word for word in dict.fromkeys(words) if word in vectors]


def _need_words(first: int, second: int, asked: str) -> None:
    if comb(first + second, first) <= 20:
        raise InsufficientEvidence(
            asked,
            f"{first} and {second} known words, {comb(first + second, first)} partitions",
            "more than 20 partitions of its words, or no p-value could be below 0.05",
        )


def _cosines(model: KeyedVectors, words: Sequence[str], others: Sequence[str]) -> np.ndarray:
    unit = model.get_normed_vectors()
    places = [[model.key_to_index[word] for word in side] for side in (words, others)]
    return unit[places[0]].astype(float) @ unit[places[1]].astype(float).T


def _leanings(
    model: KeyedVectors, words: Sequence[str], a: Sequence[str], b: Sequence[str]
) -> np.ndarray:
    """s(w) of each word; positive towards the first attributes."""
    return _cosines(model, words, a).mean(axis=1) - _cosines(model, words, b).mean(axis=1)


def _effects(values: np.ndarray, first: int) -> np.ndarray:
    """The effect size of each row, an array (rows, words)."""
    spread = values.std(axis=1)
    apart = values[:, :first].mean(axis=1) - values[:, first:].mean(axis=1)
    return np.divide(apart, spread, out=np.zeros_like(apart), where=spread > 0)


def _effect(values: np.ndarray, first: int) -> float:
    return float(_effects(values[None, :], first)[0])


def _p_values(
    values: np.ndarray, first: int, seed: int, *, two_sided: bool = False
) -> tuple[np.ndarray, int, bool]:
    """The share of partitions with so large a difference for each row of `values`, an array (rows,
    words), which all share the partitions; the number of partitions, and whether all were tried."""

    def difference(one: np.ndarray, other: np.ndarray, axis: int) -> np.ndarray:
        apart = one.mean(axis=axis) - other.mean(axis=axis)
        # scipy's two-sided p doubles the smaller tail; this one counts the absolute difference.
        return np.abs(apart) if two_sided else apart

    exact = comb(values.shape[1], first) <= MAX_EXACT
    test = permutation_test(
        (values[:, :first], values[:, first:]),
        difference,
        axis=1,
        vectorized=True,
        alternative="greater",
        n_resamples=MAX_EXACT if exact else SAMPLED_PARTITIONS,
        batch=max(1, _BLOCK // values.size),
        rng=np.random.default_rng(seed),
    )
    return test.pvalue, len(test.null_distribution), exact
