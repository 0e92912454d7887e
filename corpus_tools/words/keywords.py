"""Keyness: which words mark one set of texts against another."""

from __future__ import annotations

import numpy as np
import polars as pl
from scipy.special import xlogy
from scipy.stats import chi2, false_discovery_control

from corpus_tools.corpus.corpus import Corpus
from corpus_tools.errors import InsufficientEvidence
from corpus_tools.resampling import MIN_UNITS, Unit, percentile_interval
from corpus_tools.words.frequency import WordCounts, bootstrap_frequencies, count_words


def log_likelihood(a: np.ndarray, b: np.ndarray, n1: float, n2: float) -> np.ndarray:
    """Log-likelihood ratio G2 of the two-by-two table (the four-term form).

    G2 = 2 * sum over the four cells of O * ln(O / E), with E from the margins (Dunning 1993).
    Some tools leave out the two cells of "all other words"; that two-term form is smaller.

    Args:
        a: Occurrences in the target, which has `n1` words.
        b: Occurrences in the reference, which has `n2` words.

    >>> round(float(log_likelihood(np.array([30]), np.array([10]), 1000, 2000)[0]), 2)
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

    log2((a / n1) / (b / n2)); half an occurrence stands for none (Hardie 2014).

    >>> float(log_ratio(np.array([4]), np.array([1]), np.array([100]), np.array([100]))[0])
    2.0
    """
    return np.log2((np.maximum(a, 0.5) / n1) / (np.maximum(b, 0.5) / n2))


def keyness(
    target: Corpus | WordCounts | pl.DataFrame,
    reference: Corpus | WordCounts | pl.DataFrame,
    form: str = "normal",
    *,
    unit: Unit = "document",
    min_count: int = 2,
    replicates: int = 200,
    seed: int = 0,
) -> pl.DataFrame:
    """Words that a target uses more, or less, than a reference.

    G2 says how certain the difference is (four-term form, see `log_likelihood`), LogRatio how large
    it is. The p-value of G2 takes words for independent draws, which they are not: read the
    interval beside it.

    A word that the reference never has gives no LogRatio: its value would rest on the smoothing
    constant. For such a word ``log_ratio_at_least`` is the smallest LogRatio that the size of the
    reference allows: the word's frequency in the target against the upper 97.5 % Poisson limit of
    a frequency of which no occurrence was seen, -ln(0.025) / n2.

    Args:
        target: The texts in question: a corpus, a reference corpus, or counts.
        reference: What they are compared with. Counts without a column ``document`` are taken as
            fixed.
        form: The form that is counted.
        unit: What is counted and resampled in `target`, ``"paragraph"`` for a single text; the
            interval then holds for that text alone.
        min_count: Words with fewer occurrences in both together are left out.
        replicates: Bootstrap replicates.
        seed: Seed of the resampling.

    Returns:
        ``word``, ``count``, ``reference_count``, ``per_million``, ``reference_per_million``,
        ``g2``, ``variant`` (of G2), ``q`` (Benjamini-Hochberg over all words tested),
        ``log_ratio`` with ``low`` and ``high`` (95 % percentile interval over resampled
        documents of both sides; null for words of one side only), ``log_ratio_at_least``;
        highest G2 first.

    Raises:
        InsufficientEvidence: The target has fewer than `corpus_tools.resampling.MIN_UNITS` units.

    >>> own = {"document": [0, 1, 2, 3, 4], "word": ["امن"] * 5, "count": [2, 3, 2, 3, 2]}
    >>> other = {"document": [0, 1], "word": ["رياضة", "رياضة"], "count": [500, 500]}
    >>> found = keyness(pl.DataFrame(own), pl.DataFrame(other))
    >>> found.select("word", "log_ratio", pl.col("log_ratio_at_least").round(2)).row(0)
    ('امن', None, 8.08)
    """
    own, other = count_words(target, form, unit=unit), count_words(reference, form)
    units = own["document"].n_unique()
    if units < MIN_UNITS:
        raise InsufficientEvidence(
            "an interval on keyness",
            f"{units} document{'s' * (units != 1)}, {own['count'].sum()} words",
            f"at least {MIN_UNITS} documents, or a single text counted by paragraph",
        )
    a = own.group_by("word").agg(count=pl.col("count").sum().cast(pl.Int64))
    b = other.group_by("word").agg(reference_count=pl.col("count").sum().cast(pl.Int64))
    n1, n2 = float(a["count"].sum()), float(b["reference_count"].sum())
    table = (
        a.join(b, on="word", how="full", coalesce=True)
        .with_columns(pl.col("count", "reference_count").fill_null(0))
        .filter(pl.col("count") + pl.col("reference_count") >= min_count)
        .sort("word")
    )
    x, y = table["count"].to_numpy(), table["reference_count"].to_numpy()
    statistic = log_likelihood(x, y, n1, n2)
    unseen = pl.Series(np.log2((np.maximum(x, 0.5) / n1) / (-np.log(0.025) / n2)))
    table = table.with_columns(
        per_million=pl.col("count") / n1 * 1e6,
        reference_per_million=pl.col("reference_count") / n2 * 1e6,
        g2=pl.Series(statistic),
        variant=pl.lit("four-term"),
        q=pl.Series(false_discovery_control(chi2.sf(statistic, df=1))),
        log_ratio=pl.when(pl.col("reference_count") > 0).then(
            pl.Series(log_ratio(x, y, np.array(n1), np.array(n2)))
        ),
        log_ratio_at_least=pl.when(pl.col("reference_count") == 0).then(unseen),
    )
    # Intervals are for words of both sides: the others would rest on the smoothing constant.
    both = table.filter(pl.col("count") > 0, pl.col("reference_count") > 0)
    low, high = _log_ratio_interval(own, other, both, replicates, seed)
    interval = both.select("word", low=pl.Series(low), high=pl.Series(high))
    names = [*table.columns[:-1], "low", "high", "log_ratio_at_least"]
    return (
        table.join(interval, on="word", how="left")
        .select(names)
        .sort(["g2", "word"], descending=[True, False])
    )


def _log_ratio_interval(
    target: pl.DataFrame, reference: pl.DataFrame, table: pl.DataFrame, replicates: int, seed: int
) -> tuple[np.ndarray, np.ndarray]:
    words = table["word"].to_list()
    rng = np.random.default_rng(seed)
    own = bootstrap_frequencies(target, words, replicates, rng, least=0.5)
    if "document" in reference.columns:
        other = bootstrap_frequencies(reference, words, replicates, rng, least=0.5)
    else:
        total = reference["count"].sum()
        other = np.maximum(table["reference_count"].to_numpy(), 0.5)[None, :] / total
    return percentile_interval(np.log2(own / other))
