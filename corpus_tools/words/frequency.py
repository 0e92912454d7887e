"""How often words occur: counts by document, and frequency lists with intervals."""

from __future__ import annotations

from typing import Protocol

import numpy as np
import polars as pl
from scipy import sparse

from corpus_tools.arabic.forms import flag_stopwords
from corpus_tools.corpus.corpus import Corpus
from corpus_tools.resampling import MIN_UNITS, Unit, bootstrap_weights, percentile_interval


class WordCounts(Protocol):
    """Whatever keeps counts of words by document, such as a reference corpus."""

    def word_counts(self, form: str = "normal") -> pl.DataFrame:
        """``document``, ``word``, ``count``."""


def count_words(
    source: Corpus | WordCounts | pl.DataFrame, form: str = "normal", *, unit: Unit = "document"
) -> pl.DataFrame:
    """How often each document uses each word.

    Args:
        source: A corpus; a reference corpus, which keeps its counts; or counts, returned as is.
        form: The form that is counted, such as ``surface``, ``normal`` or ``lemma``.
        unit: ``"paragraph"`` counts each paragraph as a unit of its own, for questions about a
            single text; the column is called ``document`` all the same.

    Returns:
        ``document`` (number from 0), ``word``, ``count``, sorted by document and word.

    Raises:
        BadInput: The source does not have this form.

    >>> import tempfile, pathlib
    >>> import corpus_tools as ct
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     _ = pathlib.Path(folder, "a.json").write_text('[{"text": "أمن ثم أمن"}]', "utf-8")
    ...     count_words(ct.read_corpus(folder)).rows()
    [(0, 'امن', 2), (0, 'ثم', 1)]
    """
    if isinstance(source, pl.DataFrame):
        return source
    if not isinstance(source, Corpus):
        return source.word_counts(form)
    table = source.words(form)
    if unit == "paragraph":
        units = table.select("document", "paragraph").unique().sort("document", "paragraph")
        units = units.with_row_index("unit")
        table = table.join(units, on=["document", "paragraph"]).with_columns(document="unit")
    return (
        table.group_by("document", "word")
        .agg(count=pl.len().cast(pl.UInt32))
        .sort("document", "word")
    )


def frequency_list(
    source: Corpus | WordCounts | pl.DataFrame,
    form: str = "normal",
    *,
    replicates: int = 200,
    seed: int = 0,
) -> pl.DataFrame:
    """Frequency list, with an interval from resampled documents.

    Args:
        source, form: As for `count_words`.
        replicates: Bootstrap replicates.
        seed: Seed of the resampling.

    Returns:
        ``word``, ``count``, ``documents``, ``per_million`` (words), ``low`` and ``high`` (95 %
        percentile interval of ``per_million``; null with fewer than
        `corpus_tools.resampling.MIN_UNITS` documents), most frequent first.

    >>> words = ["امن", "في", "في"]
    >>> table = pl.DataFrame({"document": [0, 0, 1], "word": words, "count": [1, 2, 1]})
    >>> frequency_list(table).select("word", "count", "documents", "per_million").row(0)
    ('في', 3, 2, 750000.0)
    """
    counts = count_words(source, form)
    table = counts.group_by("word").agg(
        count=pl.col("count").sum().cast(pl.Int64), documents=pl.col("document").n_unique()
    )
    total = table["count"].sum()
    table = table.with_columns(per_million=pl.col("count") / total * 1e6)
    if counts["document"].n_unique() < MIN_UNITS:
        nothing = pl.lit(None, dtype=pl.Float64)
        table = table.with_columns(low=nothing, high=nothing)
    else:
        rng = np.random.default_rng(seed)
        rates = bootstrap_frequencies(counts, table["word"].to_list(), replicates, rng)
        low, high = percentile_interval(rates * 1e6)
        table = table.with_columns(low=pl.Series(low), high=pl.Series(high))
    return table.sort(["count", "word"], descending=[True, False])


def drop_function_words(counts: pl.DataFrame) -> pl.DataFrame:
    """Counts without function words, such as prepositions, by the list of arabicstopwords.

    Args:
        counts: ``document``, ``word``, ``count``.

    >>> table = pl.DataFrame({"document": [0, 0], "word": ["على", "امن"], "count": [3, 1]})
    >>> drop_function_words(table)["word"].to_list()
    ['امن']
    """
    types = counts["word"].unique().sort()
    function = types.filter(pl.Series(flag_stopwords(types.to_list()), dtype=pl.Boolean))
    return counts.filter(~pl.col("word").is_in(function.implode()))


def bootstrap_frequencies(
    counts: pl.DataFrame,
    words: list[str],
    replicates: int,
    rng: np.random.Generator,
    *,
    least: float = 0.0,
) -> np.ndarray:
    """Relative frequency of each word in each bootstrap replicate: an array (replicates, words).

    Args:
        counts: ``document``, ``word``, ``count``.
        words: The words, in the order of the result.
        replicates: Bootstrap replicates.
        rng: Of the resampling.
        least: Occurrences that are counted where there are fewer.
    """
    units = counts["document"].unique().sort()
    rows = units.search_sorted(counts["document"]).to_numpy()
    place = pl.DataFrame({"word": words}, schema={"word": pl.String}).with_row_index("column")
    wanted = counts.with_columns(row=pl.Series(rows)).join(place, on="word", how="inner")
    matrix = sparse.csr_array(
        (
            wanted["count"].to_numpy().astype(float),
            (wanted["row"].to_numpy(), wanted["column"].to_numpy()),
        ),
        shape=(len(units), len(words)),
    )
    totals = np.bincount(rows, weights=counts["count"].to_numpy(), minlength=len(units))
    drawn = bootstrap_weights(len(units), replicates, rng)
    return np.maximum((matrix.T @ drawn.T).T, least) / (drawn @ totals)[:, None]
