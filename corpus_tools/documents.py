"""Rows to documents, with an account of every row that did not become one."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

import numpy as np
import polars as pl

from corpus_tools import cleaning, dates
from corpus_tools.formats import LONGEST
from corpus_tools.sources import Refused, Row

FIRST = (
    "document", "text", "text_clean", "title", "author", "outlet", "date", "day", "url", "source",
    "row", "sha256",
)  # fmt: skip
LEAST_WORDS = 3  # fewer make no text
_NAMES = dict.fromkeys(("text", "title", "author", "outlet", "date", "url", "sha256"), pl.String)
_REFUSED = {"source": pl.String, "row": pl.Int64, "reason": pl.String, "detail": pl.String}
# Letters that Persian and Urdu have and Arabic has not; Moroccan names alone have some of them.
_FOREIGN = "[پچژگٹڈڑںے]"


@dataclass(frozen=True)
class Documents:
    """What a batch of rows became.

    Attributes:
        documents: A row a document: the columns `FIRST`, and all others of the sources.
            ``document`` is its name: source and row, the same in every run. ``text`` is as read,
            ``text_clean`` as repaired; ``day`` is the date, where it could be read.
        quarantine: What was set aside: ``source``, ``row``, ``reason``, ``detail``.
        repairs: How often each repair of `corpus_tools.cleaning` was made.
    """

    documents: pl.DataFrame
    quarantine: pl.DataFrame
    repairs: pl.DataFrame


@cache
def reasons() -> pl.DataFrame:
    """Why something is set aside: ``reason``, ``meaning``."""
    return pl.read_csv((files("corpus_tools") / "data" / "reasons.csv").read_bytes())


def prepare(
    rows: Sequence[Row],
    refused: Sequence[Refused] = (),
    *,
    boilerplate: pl.DataFrame | None = None,
) -> Documents:
    """Rows to documents: those without a text set aside, texts repaired, dates read.

    Args:
        rows: As `corpus_tools.sources.read` yields them.
        refused: What it refused, for the account.
        boilerplate: Lines to cut, by outlet (see `corpus_tools.cleaning.boilerplate`).

    >>> found = prepare([{"text": "نص", "source": "a", "row": 0},
    ...                  {"text": " ", "source": "a", "row": 1}])
    >>> found.documents["document"].to_list(), found.quarantine.row(0)[:3]
    (['a#0'], ('a', 1, 'empty'))
    """
    frame = table(rows)
    quarantine = pl.DataFrame(refused, schema=_REFUSED, orient="row")
    empty = pl.col("text").str.strip_chars() == ""
    long = pl.col("text").str.len_chars() > LONGEST
    aside = [
        set_aside(frame.filter(empty), "empty", pl.lit("no text but white space")),
        set_aside(
            frame.filter(long & ~empty),
            "oversize",
            pl.format("{} characters", pl.col("text").str.len_chars()),
        ),
    ]
    kept = frame.filter(~empty & ~long)
    text_clean, repairs = cleaning.repair(kept["text"])
    text_clean, agency = cleaning.without_agency(text_clean)
    repairs = cleaning.with_repair(
        repairs,
        "agency_tag",
        int(agency.is_not_null().sum()),
        "a news agency's tag before the text: moved to the column agency",
    )
    if boilerplate is not None:
        text_clean, times = cleaning.without_lines(text_clean, kept["outlet"], boilerplate)
        why = "lines that the outlet prints under article after article"
        repairs = cleaning.with_repair(repairs, "boilerplate", times, why)
    if agency.null_count() < len(agency):
        kept = kept.with_columns(agency=agency)
    kept = kept.with_columns(
        text_clean=text_clean,
        document=name(),
        day=dates.parsed(kept["date"]),
    )
    return Documents(
        documents=kept.select(*FIRST, pl.exclude(FIRST)),
        quarantine=pl.concat([quarantine, *aside]),
        repairs=repairs,
    )


def table(rows: Sequence[Row]) -> pl.DataFrame:
    """Rows as a table: the usual columns always there and texts, all others as they come."""
    missing = {**_NAMES, "source": pl.String, "row": pl.Int64}
    if not rows:
        return pl.DataFrame(schema=missing)
    names = list(dict.fromkeys(name for row in rows for name in row))
    frame = pl.DataFrame({n: _column([row.get(n) for row in rows], missing.get(n)) for n in names})
    absent = [pl.lit(None, dtype=t).alias(c) for c, t in missing.items() if c not in frame.columns]
    nested = [c for c, t in frame.schema.items() if t.is_nested() or t == pl.Null or t == pl.Object]
    return frame.with_columns(
        *absent,
        *(pl.col(c).cast(pl.String, strict=False) for c in nested if c not in missing),
        *(pl.col(c).cast(t) for c, t in missing.items() if c in frame.columns),
    ).with_columns(pl.col("text").fill_null(""))


def _column(values: list[Any], kind: Any) -> pl.Series:
    try:
        column = pl.Series(values, dtype=kind, strict=False)
    except (OverflowError, TypeError, pl.exceptions.PolarsError):
        column = None
    if column is None or column.dtype == pl.Int128:  # numbers that no table holds
        return pl.Series([None if v is None else str(v) for v in values], dtype=pl.String)
    return column


def set_aside(frame: pl.DataFrame, reason: str, detail: pl.Expr) -> pl.DataFrame:
    """Rows of the quarantine for documents that are set aside for a reason."""
    return frame.select("source", "row", reason=pl.lit(reason), detail=detail)


def unfit(
    documents: pl.DataFrame, words: pl.DataFrame, least_words: int = LEAST_WORDS
) -> pl.DataFrame:
    """Which documents are too short, not Arabic, or no article, told by what they are cut into.

    Args:
        documents: A table with ``text_clean``.
        words: A row a document: ``word`` (Arabic words), ``latin`` (words of other scripts) and
            ``foreign`` (Arabic script, letters of other languages).
        least_words: A text of fewer words is short.

    Returns:
        ``number`` (row of the document), ``reason``, ``detail``.
    """
    arabic, other, foreign = pl.col("word"), pl.col("latin"), pl.col("foreign")
    phrases = _navigation(documents, words)
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
        .then(pl.format("{} phrases of a page's frame in {} words", "phrases", "word"))
        .when((reason == "not_arabic") & (arabic >= other))
        .then(pl.format("{} of {} words have letters of other languages", "foreign", "word"))
        .otherwise(pl.format("{} Arabic words, {} others", "word", "latin"))
    )
    judged = words.with_columns(phrases).with_row_index("number")
    return judged.select("number", reason=reason, detail=detail).filter(
        pl.col("reason").is_not_null()
    )


def _navigation(documents: pl.DataFrame, words: pl.DataFrame) -> pl.Series:
    """How many phrases of a page's frame a document of few words holds."""
    phrases = pl.read_csv((files("corpus_tools") / "data" / "navigation.csv").read_bytes())
    found = np.zeros(documents.height, np.uint32)
    few = np.flatnonzero(words["word"].to_numpy() < 60)
    if len(few):
        texts = documents["text_clean"].gather(few)
        for phrase in phrases["phrase"]:
            found[few] += texts.str.contains(f"(?i){re.escape(phrase)}").to_numpy()
    return pl.Series("phrases", found)


def foreign(surface: pl.Expr) -> pl.Expr:
    """Whether a word of Arabic script has a letter that Arabic has not."""
    return surface.str.contains(_FOREIGN)


def name() -> pl.Expr:
    """The name of a document: its source without ``.txt``, and its row where it has one."""
    row = pl.format("#{}", pl.col("row")).fill_null("")
    return pl.concat_str(pl.col("source").str.strip_suffix(".txt"), row)
