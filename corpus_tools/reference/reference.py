"""A reference corpus kept as figures: the folder ``seeds/press``.

A fresh clone needs a real press to compare with, and nobody's articles may be passed on. What is
kept is how often each word occurs in each security article (order lost), which frequent words
occur near which in blocks of articles, what surrounds a few words in each article, and how often
each word occurs in all articles. All pairs of one article would give most of its text away, so
pairs are summed over blocks of some hundred and thirty articles, dealt at random. Resampling
blocks then stands for resampling articles ("random groups": Wolter 2007, Introduction to Variance
Estimation).
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl

from corpus_tools.arabic.spelling import normalize
from corpus_tools.embeddings.cooccurrence import (
    Cooccurrences,
    assemble_pairs,
    frequent_words,
    merge_words,
)
from corpus_tools.errors import BadInput

REFERENCE_FORMAT = 3
REFERENCE_TABLES = ("articles", "words", "pairs", "contexts")
REFERENCE_FORMS = ("surface", "normal", "lemma")


@dataclass(frozen=True)
class Reference:
    """A reference corpus as figures.

    Attributes:
        articles: One row per security article: ``document``, ``outlet``, ``day`` (of the crawl),
            ``block`` (of `cooccurrences`), ``near_copy`` (whether an earlier article is nearly the
            same).
        counts: ``document``, ``type``, ``count`` of the security articles.
        words: One row per word type of all articles: ``type``, ``surface``, ``normal``, ``lemma``,
            ``count``, ``documents``, most frequent first.
        cooccurrences: Pairs of frequent words of the security articles, in normal form; its
            documents are blocks of articles, dealt at random.
        contexts: ``word``, ``document``, ``context``, ``weight``: what surrounds the words of
            ``data/concepts.csv`` in each article (see
            `corpus_tools.embeddings.cooccurrence.collect_contexts`).
        about: Source, citation, selection, versions and totals.
    """

    articles: pl.DataFrame
    counts: pl.DataFrame
    words: pl.DataFrame
    cooccurrences: Cooccurrences
    contexts: pl.DataFrame
    about: dict[str, Any]

    def word_counts(self, form: str = "normal") -> pl.DataFrame:
        """Counts ``document``, ``word``, ``count`` of the security articles, in one form.

        Raises:
            BadInput: The reference corpus does not have this form.
        """
        if form not in REFERENCE_FORMS:
            raise BadInput(
                f"the reference corpus has no form «{form}»: "
                f"take one of {', '.join(REFERENCE_FORMS)}."
            )
        return _count_in_form(self.counts, self.words, form)

    def total_counts(self, form: str = "normal") -> pl.DataFrame:
        """Counts ``word``, ``count`` of all articles; without documents, so taken as fixed."""
        return self.words.group_by(word=pl.col(form)).agg(pl.col("count").sum()).sort("word")

    def cooccurrences_in(self, form: str) -> Cooccurrences:
        """The pairs in another form: words that share the form are merged.

        Args:
            form: ``lemma``: each frequent word in normal form counts under its most frequent
                lemma. Words that are too rare to have pairs are missing from their lemma's.

        Raises:
            BadInput: The reference corpus does not have this form.
        """
        if form == "normal":
            return self.cooccurrences
        words = frequent_words(self.word_counts(form), 1)
        lemmas = self.words.sort("count", "type", descending=[True, False]).unique(
            "normal", keep="first", maintain_order=True
        )
        pairs = self.cooccurrences
        form_of = pairs.words.join(lemmas, left_on="word", right_on="normal", how="left")[form]
        return merge_words(pairs, form_of, words.filter(pl.col("word").is_in(form_of.implode())))


def open_reference(folder: str | Path, *, near_copies: bool = False) -> Reference:
    """Open a reference corpus that `corpus_tools.reference.build.build_reference` wrote.

    Args:
        folder: The folder of figures, such as ``seeds/press``.
        near_copies: Whether articles that nearly copy an earlier one count too. By default they
            are folded, because a report that ten newspapers print would weigh ten times.

    Raises:
        BadInput: A file is missing, cannot be read, or is of another version.
    """
    place = Path(folder)
    needed = ["manifest.json", *(f"{table}.parquet" for table in REFERENCE_TABLES)]
    missing = [name for name in needed if not (place / name).is_file()]
    if missing:
        raise BadInput(f"{place} is incomplete, {missing[0]} is missing: make it again.")
    try:
        about = json.loads((place / "manifest.json").read_text("utf-8"))
        tables = {name: pl.read_parquet(place / f"{name}.parquet") for name in REFERENCE_TABLES}
    except (ValueError, pl.exceptions.PolarsError, OSError) as error:
        raise BadInput(f"{place} cannot be read ({error}): make it again.") from None
    if about.get("format") != REFERENCE_FORMAT:
        raise BadInput(
            f"{place} is a reference corpus of format {about.get('format')}, and this version "
            f"reads {REFERENCE_FORMAT}: make it again."
        )
    articles = tables["articles"].with_row_index("document")
    types = tables["words"].with_row_index("type")
    types = types.with_columns(normal=pl.Series(normalize(types["surface"].to_list())))
    counts = articles.select("document", "near_copy", "type", "count").explode("type", "count")
    kept = counts.filter(~pl.col("near_copy"))
    # The words of the pairs are the frequent ones in their usual order, so they need no file.
    words = frequent_words(_count_in_form(kept, types, "normal"), about["min_pair_count"])
    if words.height != about["words_with_pairs"]:
        raise BadInput(f"{place} was made with another normal form than this one: make it again.")
    contexts = tables["contexts"].explode("document", "context", "weight")
    if near_copies:
        types = types.with_columns(
            count=pl.col("count") + pl.col("copies"),
            documents=pl.col("documents") + pl.col("copy_documents"),
        )
        every = frequent_words(_count_in_form(counts, types, "normal"), 1)
        words = words.select("word").join(every, on="word", how="left", maintain_order="left")
    else:
        counts = kept
        articles = articles.filter(~pl.col("near_copy"))
        contexts = contexts.filter(pl.col("document").is_in(articles["document"].implode()))
    return Reference(
        articles=articles.select("document", "outlet", "day", "block", "near_copy"),
        counts=counts.select("document", "type", "count"),
        words=types.filter(pl.col("count") > 0).select(
            "type", "surface", "normal", "lemma", "count", "documents"
        ),
        cooccurrences=_unpack_pairs(tables["pairs"], words, articles["block"].max()),  # type: ignore[arg-type]
        contexts=contexts.select(
            "word", "document", words["word"].gather(contexts["context"]).alias("context"), "weight"
        ),
        about=about,
    )


def _unpack_pairs(lists: pl.DataFrame, words: pl.DataFrame, last_block: int) -> Cooccurrences:
    rows = (
        lists.with_row_index("left")
        .explode("right", "block", "weight")
        .drop_nulls()
        .filter(pl.col("block") <= last_block)
    )
    pairs = rows["left"].cast(pl.Int64) * words.height + rows["right"].cast(pl.Int64)
    weight = rows["weight"].cast(pl.Int64).to_numpy()
    block = rows["block"].cast(pl.UInt32).to_numpy()
    return assemble_pairs(words, pairs.to_numpy(), block, weight, last_block + 1)


def filter_by_length(
    counts: pl.DataFrame, min_words: int = 300, max_words: int = 700
) -> pl.DataFrame:
    """The counts of those articles whose length is within bounds.

    Args:
        counts: From `Reference.word_counts`.
        min_words, max_words: Words of an article.
    """
    words = pl.col("count").sum().over("document")
    return counts.filter(words.is_between(min_words, max_words))


def _count_in_form(counts: pl.DataFrame, words: pl.DataFrame, form: str) -> pl.DataFrame:
    return (
        counts.join(words.select("type", word=form), on="type")
        .group_by("document", "word")
        .agg(pl.col("count").sum())
        .sort("document", "word")
    )
