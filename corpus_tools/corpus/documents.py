"""Rows to documents, with a reason for every row that is not an article."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import polars as pl

from corpus_tools.corpus.cleaning import (
    add_repair,
    repair_texts,
    strip_agency_tags,
    strip_boilerplate,
)
from corpus_tools.data import read_table
from corpus_tools.loading.dates import parse_dates
from corpus_tools.loading.records import MAX_CHARACTERS, Rejected, Row

DOCUMENT_COLUMNS = (
    "document", "text", "text_clean", "title", "author", "outlet", "date", "day", "url", "source",
    "row", "sha256",
)  # fmt: skip
_NAMES = dict.fromkeys(("text", "title", "author", "outlet", "date", "url", "sha256"), pl.String)
_REFUSED = {"source": pl.String, "row": pl.Int64, "reason": pl.String, "detail": pl.String}


@dataclass(frozen=True)
class PreparedDocuments:
    """The documents made from a batch of rows.

    Attributes:
        documents: One row per document: `DOCUMENT_COLUMNS` and all other columns of the sources.
            ``document`` is its name, made of source and row, the same in every run. ``text`` is the
            text as read, ``text_clean`` as repaired; ``day`` is the date, if it could be parsed.
        quarantine: Rows that are not articles: ``source``, ``row``, ``reason``, ``detail``.
        repairs: How often each repair of `corpus_tools.corpus.cleaning` was made.
    """

    documents: pl.DataFrame
    quarantine: pl.DataFrame
    repairs: pl.DataFrame


def quarantine_reasons() -> pl.DataFrame:
    """Why a row is quarantined: ``reason``, ``meaning``."""
    return read_table("reasons")


def prepare_documents(
    rows: Sequence[Row],
    refused: Sequence[Rejected] = (),
    *,
    boilerplate: pl.DataFrame | None = None,
) -> PreparedDocuments:
    """Make documents from rows: quarantine those without text, repair texts, parse dates.

    Args:
        rows: As `corpus_tools.loading.sources.read_rows` yields them.
        refused: What it could not read, for the quarantine.
        boilerplate: Lines to remove, from `corpus_tools.corpus.cleaning.find_boilerplate`.

    >>> found = prepare_documents([{"text": "نص", "source": "a", "row": 0},
    ...                  {"text": " ", "source": "a", "row": 1}])
    >>> found.documents["document"].to_list(), found.quarantine.row(0)[:3]
    (['a#0'], ('a', 1, 'empty'))
    """
    frame = tabulate_rows(rows)
    quarantine = pl.DataFrame(refused, schema=_REFUSED, orient="row")
    empty = pl.col("text").str.strip_chars() == ""
    long = pl.col("text").str.len_chars() > MAX_CHARACTERS
    aside = [
        quarantine_rows(frame.filter(empty), "empty", pl.lit("no text but white space")),
        quarantine_rows(
            frame.filter(long & ~empty),
            "oversize",
            pl.format("{} characters", pl.col("text").str.len_chars()),
        ),
    ]
    kept = frame.filter(~empty & ~long)
    text_clean, repairs = repair_texts(kept["text"])
    text_clean, agency = strip_agency_tags(text_clean)
    repairs = add_repair(
        repairs,
        "agency_tag",
        int(agency.is_not_null().sum()),
        "a news agency's tag before the text: moved to the column agency",
    )
    if boilerplate is not None:
        text_clean, times = strip_boilerplate(text_clean, kept["outlet"], boilerplate)
        why = "lines that the outlet prints under article after article"
        repairs = add_repair(repairs, "boilerplate", times, why)
    if agency.null_count() < len(agency):
        kept = kept.with_columns(agency=agency)
    kept = kept.with_columns(
        text_clean=text_clean,
        document=document_name(),
        day=parse_dates(kept["date"]),
    )
    return PreparedDocuments(
        documents=kept.select(*DOCUMENT_COLUMNS, pl.exclude(DOCUMENT_COLUMNS)),
        quarantine=pl.concat([quarantine, *aside]),
        repairs=repairs,
    )


def tabulate_rows(rows: Sequence[Row]) -> pl.DataFrame:
    """Rows as a table: the usual columns always exist and are text, all others are as given."""
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


def quarantine_rows(frame: pl.DataFrame, reason: str, detail: pl.Expr) -> pl.DataFrame:
    """Quarantine rows for documents, with one reason."""
    return frame.select("source", "row", reason=pl.lit(reason), detail=detail)


def document_name() -> pl.Expr:
    """The name of a document: its source without ``.txt``, and its row number if it has one."""
    row = pl.format("#{}", pl.col("row")).fill_null("")
    return pl.concat_str(pl.col("source").str.strip_suffix(".txt"), row)
