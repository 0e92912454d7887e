"""Screens documents: which are too short, not in Arabic, or not articles."""

from __future__ import annotations

import re

import numpy as np
import polars as pl

from corpus_tools.data import read_table

MIN_WORDS = 3  # fewer make no text
# Letters of Persian and Urdu that Arabic does not use; of these Moroccan names have some.
_FOREIGN_LETTERS = "[پچژگٹڈڑںے]"


def screen_documents(
    documents: pl.DataFrame, words: pl.DataFrame, least_words: int = MIN_WORDS
) -> pl.DataFrame:
    """Find documents that are too short, not in Arabic, or not articles, by their tokens.

    Args:
        documents: A table with ``text_clean``.
        words: One row per document: ``word`` (Arabic words), ``latin`` (words in other scripts)
            and ``foreign`` (words in Arabic script with letters of other languages).
        least_words: A text of fewer words is short.

    Returns:
        ``number`` (row of the document), ``reason``, ``detail``.
    """
    arabic, other, foreign = pl.col("word"), pl.col("latin"), pl.col("foreign")
    phrases = _count_navigation(documents, words)
    reason = (
        pl.when(arabic + other < least_words)
        .then(pl.lit("short"))
        .when(arabic < other)
        .then(pl.lit("not_arabic"))
        .when(foreign > 0.1 * arabic)
        .then(pl.lit("not_arabic"))
        .when(pl.col("phrases") >= 2)
        .then(pl.lit("navigation"))
    )
    detail = (
        pl.when(reason == "navigation")
        .then(pl.format("{} navigation phrases in {} words", "phrases", "word"))
        .when((reason == "not_arabic") & (arabic >= other))
        .then(pl.format("{} of {} words have letters of other languages", "foreign", "word"))
        .otherwise(pl.format("{} Arabic words, {} others", "word", "latin"))
    )
    judged = words.with_columns(phrases).with_row_index("number")
    return judged.select("number", reason=reason, detail=detail).filter(
        pl.col("reason").is_not_null()
    )


def _count_navigation(documents: pl.DataFrame, words: pl.DataFrame) -> pl.Series:
    """How many navigation phrases of a web page a short document holds."""
    phrases = read_table("navigation")
    found = np.zeros(documents.height, np.uint32)
    few = np.flatnonzero(words["word"].to_numpy() < 60)
    if len(few):
        texts = documents["text_clean"].gather(few)
        for phrase in phrases["phrase"]:
            found[few] += texts.str.contains(f"(?i){re.escape(phrase)}").to_numpy()
    return pl.Series("phrases", found)


def has_foreign_letter(surface: pl.Expr) -> pl.Expr:
    """Whether a word in Arabic script has a letter that Arabic does not use."""
    return surface.str.contains(_FOREIGN_LETTERS)
