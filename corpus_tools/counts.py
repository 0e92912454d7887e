"""How often words occur, and which mark one set of texts against another.

All functions take *counts*: a table ``document``, ``word``, ``count`` from `count` or from
`corpus_tools.press`. The unit of resampling is the document, because words of one article are
not independent of each other (Lijffijt and others 2016, "Significance testing of word
frequencies in corpora").
"""

from __future__ import annotations

from typing import Literal, NamedTuple

import numpy as np
import polars as pl
from scipy import sparse
from scipy.special import xlogy
from scipy.stats import chi2, false_discovery_control

from corpus_tools import corpus as corpus_
from corpus_tools.corpus import Corpus
from corpus_tools.errors import InsufficientEvidence

Unit = Literal["document", "paragraph"]
LEAST_UNITS = 5  # resampling fewer units than this says nothing about their variation


def count(corpus: Corpus, form: str = "normal", *, unit: Unit = "document") -> pl.DataFrame:
    """How often each document uses each word.

    Args:
        corpus: A corpus.
        form: The form that is counted: ``surface``, ``normal`` or ``lemma``.
        unit: ``"paragraph"`` counts each paragraph as a unit of its own, for questions about
            a single text; the column is called ``document`` all the same.

    Returns:
        ``document`` (number from 0), ``word``, ``count``, sorted by document and word.
    """
    table = corpus_.words(corpus, form)
    if unit == "paragraph":
        units = table.select("document", "paragraph").unique().sort("document", "paragraph")
        units = units.with_row_index("unit")
        table = table.join(units, on=["document", "paragraph"]).with_columns(document="unit")
    return (
        table.group_by("document", "word")
        .agg(count=pl.len().cast(pl.UInt32))
        .sort("document", "word")
    )


def frequency(counts: pl.DataFrame, *, replicates: int = 200, seed: int = 0) -> pl.DataFrame:
    """Frequency list, with an interval from resampled documents.

    Args:
        counts: ``document``, ``word``, ``count``.
        replicates: Bootstrap replicates.
        seed: Of the resampling.

    Returns:
        ``word``, ``count``, ``documents``, ``per_million`` (words), ``low`` and ``high`` (95 %
        percentile interval of ``per_million``; null where there are fewer than `LEAST_UNITS`
        documents), most frequent first.

    >>> words = ["امن", "في", "في"]
    >>> table = pl.DataFrame({"document": [0, 0, 1], "word": words, "count": [1, 2, 1]})
    >>> frequency(table).select("word", "count", "documents", "per_million").row(0)
    ('في', 3, 2, 750000.0)
    """
    table = counts.group_by("word").agg(
        count=pl.col("count").sum().cast(pl.Int64), documents=pl.col("document").n_unique()
    )
    total = table["count"].sum()
    table = table.with_columns(per_million=pl.col("count") / total * 1e6)
    if counts["document"].n_unique() < LEAST_UNITS:
        nothing = pl.lit(None, dtype=pl.Float64)
        table = table.with_columns(low=nothing, high=nothing)
    else:
        words = table["word"].to_list()
        rates = _resampled_rates(counts, words, replicates, np.random.default_rng(seed)) * 1e6
        low, high = np.quantile(rates, [0.025, 0.975], axis=0)
        table = table.with_columns(low=pl.Series(low), high=pl.Series(high))
    return table.sort(["count", "word"], descending=[True, False])


def g2(a: np.ndarray, b: np.ndarray, n1: float, n2: float) -> np.ndarray:
    """Log-likelihood ratio G2 of the whole two-by-two table (the four-term form).

    G2 = 2 * sum over the four cells of O * ln(O / E), with E from the margins (Dunning 1993).
    Some tools leave out the two cells of "all other words"; that two-term form is smaller.

    Args:
        a: Occurrences in the target, of `n1` words.
        b: Occurrences in the reference, of `n2` words.

    >>> round(float(g2(np.array([30]), np.array([10]), 1000, 2000)[0]), 2)
    29.46
    """
    observed = np.stack([a, b, n1 - a, n2 - b]).astype(float)
    share = (a + b) / (n1 + n2)
    expected = np.stack([n1 * share, n2 * share, n1 * (1 - share), n2 * (1 - share)])
    with np.errstate(divide="ignore", invalid="ignore"):
        terms = xlogy(observed, np.where(observed > 0, observed / expected, 1))
    return np.maximum(2 * terms.sum(axis=0), 0)


def log_ratio(a: np.ndarray, b: np.ndarray, n1: np.ndarray, n2: np.ndarray) -> np.ndarray:
    """LogRatio: how many times a relative frequency doubles from reference to target.

    log2((a / n1) / (b / n2)), half an occurrence put in place of none (Hardie 2014).

    >>> float(log_ratio(np.array([4]), np.array([1]), np.array([100]), np.array([100]))[0])
    2.0
    """
    return np.log2((np.maximum(a, 0.5) / n1) / (np.maximum(b, 0.5) / n2))


def keyness(
    target: pl.DataFrame,
    reference: pl.DataFrame,
    *,
    least: int = 2,
    replicates: int = 200,
    seed: int = 0,
) -> pl.DataFrame:
    """Words that a target uses more, or less, than a reference.

    G2 says how surely the two differ (four-term form, see `g2`), LogRatio by how much. The
    p-value takes words for independent draws, which they are not: read the interval beside it.

    Args:
        target: Counts ``document``, ``word``, ``count`` of the texts in question.
        reference: Counts of the texts that they are held against; without a column
            ``document`` they are taken as fixed.
        least: Words with fewer occurrences in both together are left out.
        replicates: Bootstrap replicates.
        seed: Of the resampling.

    Returns:
        ``word``, ``count``, ``reference_count``, ``per_million``, ``reference_per_million``,
        ``g2``, ``variant`` (of G2), ``q`` (Benjamini-Hochberg over all words tested),
        ``log_ratio`` with ``low`` and ``high`` (95 % percentile interval over resampled
        documents of both sides), highest G2 first.

    Raises:
        InsufficientEvidence: The target has fewer than `LEAST_UNITS` documents. For a single
            text count with ``unit="paragraph"``: the interval then speaks of that text alone.
    """
    units = target["document"].n_unique()
    if units < LEAST_UNITS:
        raise InsufficientEvidence(
            "an interval on keyness",
            f"{units} document{'s' * (units != 1)}, {target['count'].sum()} words",
            f"at least {LEAST_UNITS} documents, or a single text counted by paragraph",
        )
    a = target.group_by("word").agg(count=pl.col("count").sum().cast(pl.Int64))
    b = reference.group_by("word").agg(reference_count=pl.col("count").sum().cast(pl.Int64))
    n1, n2 = float(a["count"].sum()), float(b["reference_count"].sum())
    table = (
        a.join(b, on="word", how="full", coalesce=True)
        .with_columns(pl.col("count", "reference_count").fill_null(0))
        .filter(pl.col("count") + pl.col("reference_count") >= least)
        .sort("word")
    )
    x, y = table["count"].to_numpy(), table["reference_count"].to_numpy()
    statistic = g2(x, y, n1, n2)
    table = table.with_columns(
        per_million=pl.col("count") / n1 * 1e6,
        reference_per_million=pl.col("reference_count") / n2 * 1e6,
        g2=pl.Series(statistic),
        variant=pl.lit("four-term"),
        q=pl.Series(false_discovery_control(chi2.sf(statistic, df=1))),
        log_ratio=pl.Series(log_ratio(x, y, np.array(n1), np.array(n2))),
    )
    # Intervals are for words that the target has: the rest are all "none here".
    present = table.filter(pl.col("count") > 0)
    low, high = _log_ratio_interval(target, reference, present, replicates, seed)
    interval = present.select("word", low=pl.Series(low), high=pl.Series(high))
    return table.join(interval, on="word", how="left").sort(
        ["g2", "word"], descending=[True, False]
    )


def _log_ratio_interval(
    target: pl.DataFrame, reference: pl.DataFrame, table: pl.DataFrame, replicates: int, seed: int
) -> tuple[np.ndarray, np.ndarray]:
    words = table["word"].to_list()
    rng = np.random.default_rng(seed)
    there = _resampled_rates(target, words, replicates, rng, least=0.5)
    if "document" in reference.columns:
        other = _resampled_rates(reference, words, replicates, rng, least=0.5)
    else:
        total = reference["count"].sum()
        other = np.maximum(table["reference_count"].to_numpy(), 0.5)[None, :] / total
    low, high = np.quantile(np.log2(there / other), [0.025, 0.975], axis=0)
    return low, high


def resampled(units: int, replicates: int, rng: np.random.Generator) -> np.ndarray:
    """How often each unit is drawn in each bootstrap replicate: an array (replicates, units).

    >>> resampled(4, 2, np.random.default_rng(0)).sum(axis=1).tolist()
    [4, 4]
    """
    return rng.multinomial(units, np.full(units, 1 / units), size=replicates)


def _resampled_rates(
    counts: pl.DataFrame,
    words: list[str],
    replicates: int,
    rng: np.random.Generator,
    least: float = 0.0,
) -> np.ndarray:
    """Relative frequency of each word in each replicate: an array (replicates, words)."""
    units = counts["document"].unique().sort()
    rows = units.search_sorted(counts["document"]).to_numpy()
    place = pl.DataFrame({"word": words}).with_row_index("column")
    wanted = counts.with_columns(row=pl.Series(rows)).join(place, on="word", how="inner")
    matrix = sparse.csr_array(
        (
            wanted["count"].to_numpy().astype(float),
            (wanted["row"].to_numpy(), wanted["column"].to_numpy()),
        ),
        shape=(len(units), len(words)),
    )
    totals = np.bincount(rows, weights=counts["count"].to_numpy(), minlength=len(units))
    drawn = resampled(len(units), replicates, rng)
    return np.maximum((matrix.T @ drawn.T).T, least) / (drawn @ totals)[:, None]


class Rate(NamedTuple):
    """A rate with its 95 % interval and the unit that was resampled for it."""

    rate: float
    low: float
    high: float
    unit: Unit


def rate_with_interval(
    hits: pl.DataFrame,
    sizes: pl.DataFrame,
    *,
    bounded: bool = False,
    replicates: int = 1000,
    seed: int = 0,
) -> Rate:
    """Hits per size, with a percentile interval over resampled documents.

    Fewer than `LEAST_UNITS` documents cannot be resampled: then paragraphs are, and ``unit``
    says so; such an interval speaks of those texts alone, not of others by the same author.
    Where nothing was found resampling finds nothing either; then the upper end is the exact one
    for no success in so many units (Clopper and Pearson 1934) or for no event (Poisson).

    Args:
        hits: ``document``, ``paragraph``, ``hits``.
        sizes: ``document``, ``paragraph``, ``size``: what the hits are counted in, for all.
        bounded: Whether each unit of size has at most one hit, so that the rate is a share.
        replicates: Bootstrap replicates.
        seed: Of the resampling.
    """
    unit, found, size = by_unit(hits, sizes)
    total = float(size.sum())
    if total == 0:
        return Rate(0.0, 0.0, 1.0 if bounded else float("inf"), unit)
    if found.sum() == 0:
        high = 1 - 0.025 ** (1 / len(size)) if bounded else -float(np.log(0.025)) / total
        return Rate(0.0, 0.0, high, unit)
    drawn = resampled(len(size), replicates, np.random.default_rng(seed))
    with np.errstate(invalid="ignore", divide="ignore"):
        rates = (drawn @ found) / (drawn @ size)
    low, high = np.nanquantile(rates, [0.025, 0.975])
    return Rate(float(found.sum() / total), float(low), float(high), unit)


def by_unit(hits: pl.DataFrame, sizes: pl.DataFrame) -> tuple[Unit, np.ndarray, np.ndarray]:
    """Hits and sizes of each document, or with fewer than `LEAST_UNITS` of each paragraph.

    Args:
        hits, sizes: As for `rate_with_interval`.

    Returns:
        What they are counted by, the hits and the sizes.
    """
    unit: Unit = "document" if sizes["document"].n_unique() >= LEAST_UNITS else "paragraph"
    key = ["document"] if unit == "document" else ["document", "paragraph"]
    table = (
        sizes.group_by(key)
        .agg(pl.col("size").sum())
        .join(hits.group_by(key).agg(pl.col("hits").sum()), on=key, how="left")
        .with_columns(pl.col("hits").fill_null(0))
        .sort(key)
    )
    return unit, table["hits"].to_numpy(), table["size"].to_numpy()


def unit_of(corpus: Corpus) -> Unit:
    """What can be resampled of a corpus: documents, or with too few of them paragraphs."""
    return "document" if corpus.documents.height >= LEAST_UNITS else "paragraph"
