"""Resampling of documents, and the intervals that rest on it.

The unit of resampling is the document, because words and paragraphs of one article are not
independent of each other (Lijffijt and others 2016, "Significance testing of word frequencies in
corpora"). Where there are too few documents, paragraphs are resampled and the result says so.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, NamedTuple

import numpy as np
import polars as pl

if TYPE_CHECKING:
    from corpus_tools.corpus.corpus import Corpus

Unit = Literal["document", "paragraph"]
MIN_UNITS = 5  # resampling fewer units says nothing about their variation
MIN_ATTENUATION = 0.5  # what is left of a cosine in the mean replicate; less is taken for noise


def bootstrap_weights(units: int, replicates: int, rng: np.random.Generator) -> np.ndarray:
    """How often each unit is drawn in each bootstrap replicate: an array (replicates, units).

    >>> bootstrap_weights(4, 2, np.random.default_rng(0)).sum(axis=1).tolist()
    [4, 4]
    """
    return rng.multinomial(units, np.full(units, 1 / units), size=replicates)


def percentile_interval(samples: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The 2.5 and 97.5 percentiles over the first axis: a 95 % percentile interval.

    Args:
        samples: Values in bootstrap replicates, an array (replicates, ...). Values that are not
            finite are left out.

    Returns:
        The lower and the upper ends, arrays (...); NaN where no replicate gives a finite value.

    >>> low, high = percentile_interval(np.arange(101.0))
    >>> float(low), float(high)
    (2.5, 97.5)
    """
    values = np.asarray(samples, dtype=float)
    finite = np.isfinite(values)
    if finite.all() and values.size:
        low, high = np.quantile(values, [0.025, 0.975], axis=0)
        return low, high
    ends = np.full((2, *values.shape[1:]), np.nan)
    some = finite.any(axis=0)
    values = np.where(finite, values, np.nan)
    if some.any():
        ends[:, some] = np.nanquantile(values[:, some], [0.025, 0.975], axis=0)
    return ends[0], ends[1]


def replicate_interval(
    estimate: np.ndarray, samples: np.ndarray, *, cosine: bool = True
) -> tuple[np.ndarray, np.ndarray]:
    """95 % interval of estimates from their values in a few bootstrap replicates.

    x -/+ t(0.975, R - 1) * s * sqrt(1 + 1 / R), where s is the standard deviation over R
    replicates. Percentiles of twenty replicates would cover the truth too seldom.

    Noise in two vectors makes their cosine x smaller than it would be if every article were at
    hand, and resampling adds as much noise again. The ratio r = (mean of the replicates) / x
    therefore estimates what was lost, and the interval of a cosine is centred on x / r: the
    multiplicative bias correction of the bootstrap (Efron and Tibshirani 1993, chapter 10), as in
    the correction for attenuation (Spearman 1904). It may lie above x. Its half-width uses
    s / r^3: the spread of the replicates is that of attenuated cosines, the correction magnifies
    it, and r is itself an estimate. The power was chosen on some simulated corpora and tried on
    others (benchmarks/PLANTED.md).

    Args:
        estimate: Estimates from the whole corpus.
        samples: The same from each replicate, an array (replicates, estimates); NaN where a
            replicate gives none.
        cosine: Whether the estimates are cosines, which are corrected and lie between -1 and 1.

    Returns:
        Lower and upper ends; NaN where fewer than two replicates give a value.

    >>> low, high = replicate_interval(np.array([0.5]), np.array([[0.43], [0.47], [0.45]]))
    >>> round(float(low[0]), 2), round(float(high[0]), 2)
    (0.42, 0.69)
    """
    from scipy import stats

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
    left = np.divide(mean, at, out=np.ones_like(at), where=at != 0).clip(MIN_ATTENUATION, 1)
    centre, half = at / left, half / left**3
    return (centre - half).clip(-1, 1), (centre + half).clip(-1, 1)


class Rate(NamedTuple):
    """A rate with its 95 % interval and the unit that was resampled for it."""

    rate: float
    low: float
    high: float
    unit: Unit


def estimate_rate(
    hits: pl.DataFrame,
    sizes: pl.DataFrame,
    *,
    bounded: bool = False,
    replicates: int = 1000,
    seed: int = 0,
) -> Rate:
    """Hits per size, with a percentile interval over resampled documents.

    With fewer than `MIN_UNITS` documents paragraphs are resampled, and ``unit`` says so; such an
    interval holds for those texts alone, not for others by the same author. Where nothing was
    found, resampling finds nothing either. The upper end is then the exact one for no success in
    so many units (Clopper and Pearson 1934), or for no event (Poisson).

    Args:
        hits: ``document``, ``paragraph``, ``hits``.
        sizes: ``document``, ``paragraph``, ``size`` of all units: what the hits are divided by.
        bounded: Whether each unit of size has at most one hit, so that the rate is a share.
        replicates: Bootstrap replicates.
        seed: Seed of the resampling.
    """
    unit, found, size = sum_by_unit(hits, sizes)
    total = float(size.sum())
    if total == 0:
        return Rate(0.0, 0.0, 1.0 if bounded else float("inf"), unit)
    if found.sum() == 0:
        high = 1 - 0.025 ** (1 / len(size)) if bounded else -float(np.log(0.025)) / total
        return Rate(0.0, 0.0, high, unit)
    drawn = bootstrap_weights(len(size), replicates, np.random.default_rng(seed))
    with np.errstate(invalid="ignore", divide="ignore"):
        low, upper = percentile_interval((drawn @ found) / (drawn @ size))
    return Rate(float(found.sum() / total), float(low), float(upper), unit)


def sum_by_unit(hits: pl.DataFrame, sizes: pl.DataFrame) -> tuple[Unit, np.ndarray, np.ndarray]:
    """Hits and sizes of each document or, with fewer than `MIN_UNITS`, of each paragraph.

    Args:
        hits, sizes: As for `estimate_rate`.

    Returns:
        The unit, and for each unit the hits and the size.
    """
    unit: Unit = "document" if sizes["document"].n_unique() >= MIN_UNITS else "paragraph"
    key = ["document"] if unit == "document" else ["document", "paragraph"]
    table = (
        sizes.group_by(key)
        .agg(pl.col("size").sum())
        .join(hits.group_by(key).agg(pl.col("hits").sum()), on=key, how="left")
        .with_columns(pl.col("hits").fill_null(0))
        .sort(key)
    )
    return unit, table["hits"].to_numpy(), table["size"].to_numpy()


def choose_unit(corpus: Corpus) -> Unit:
    """What can be resampled in a corpus: documents or, if there are too few, paragraphs."""
    return "document" if corpus.documents.height >= MIN_UNITS else "paragraph"
