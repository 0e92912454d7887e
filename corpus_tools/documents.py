"""Rows to the documents table, with an account of every row that did not become a document."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from corpus_tools import cleaning, sources
from corpus_tools.errors import BadInput

FIRST = ("document", "text", "text_clean", "title", "author", "outlet", "date", "url", "source")


@dataclass(frozen=True)
class Documents:
    """What came in, what was kept, folded and set aside: `read` is the sum of the other three.

    Attributes:
        documents: A row a document: `FIRST`, ``row``, ``sha256`` and all other columns of the
            sources. ``document`` is its name: source and row, the same in every run.
        duplicates: Exact copies, folded into the first: ``source``, ``row``, ``document``.
        quarantine: Rows that hold no text: ``source``, ``row``, ``reason``, ``detail``.
        repairs: How often each repair of `corpus_tools.cleaning` was made.
        inputs: A row a source file: ``source``, ``rows``, ``sha256`` of its texts.
    """

    documents: pl.DataFrame
    duplicates: pl.DataFrame
    quarantine: pl.DataFrame
    repairs: pl.DataFrame
    inputs: pl.DataFrame

    @property
    def read(self) -> int:
        """Rows read from all sources."""
        return int(self.inputs["rows"].sum())


def load(paths: Sequence[str | Path]) -> Documents:
    """Read sources into documents: empty rows set aside, exact copies folded, texts repaired.

    Args:
        paths: Files and folders, as `corpus_tools.sources.read` takes them.

    Raises:
        BadInput: A source cannot be read, or no row of any holds a text.

    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     rows = '[{"text": "نص"}, {"text": " "}, {"text": "نص"}]'
    ...     _ = Path(folder, "a.json").write_text(rows, "utf-8")
    ...     loaded = load([folder])
    >>> loaded.documents["document"].to_list(), loaded.read
    (['a.json#0'], 3)
    >>> loaded.duplicates.row(0), loaded.quarantine.row(0)[:3]
    (('a.json', 2, 'a.json#0'), ('a.json', 1, 'empty'))
    """
    frames = list(sources.read(paths))
    rows = pl.concat(frames, how="diagonal_relaxed").with_columns(
        pl.col("text").cast(pl.String).fill_null(""),
        pl.col("row").cast(pl.UInt32),
        document=name(),
    )
    twice = rows.filter(pl.col("document").is_duplicated())
    if twice.height:
        raise BadInput(
            f"{twice['source'][0]} is the name of two sources: "
            "read them from the folder above both."
        )
    empty = pl.col("text").str.strip_chars() == ""
    kept, quarantine = rows.filter(~empty), rows.filter(empty)
    if kept.height == 0:
        raise BadInput(f"{', '.join(map(str, paths))}: no row holds a text: put articles there.")
    kept = kept.with_columns(sha256=_sha256(kept["text"]))
    first = pl.col("document").first().over("sha256")
    folded = kept.select("source", "row", "document", first=first)
    duplicates = folded.filter(pl.col("document") != pl.col("first")).select(
        "source", "row", document="first"
    )
    kept = kept.unique("sha256", keep="first", maintain_order=True)
    text_clean, repairs = cleaning.repair(kept["text"])
    documents = kept.with_columns(text_clean=text_clean, **_missing(kept))
    return Documents(
        documents=documents.select(*FIRST, pl.exclude(FIRST)),
        duplicates=duplicates,
        quarantine=quarantine.select(
            "source",
            "row",
            reason=pl.lit("empty"),
            detail=pl.lit("no text but white space"),
        ),
        repairs=repairs,
        inputs=_inputs(rows),
    )


def name() -> pl.Expr:
    """The name of a document: its source without ``.txt``, and its row where it has one."""
    row = pl.format("#{}", pl.col("row")).fill_null("")
    return pl.concat_str(pl.col("source").str.strip_suffix(".txt"), row)


def _missing(frame: pl.DataFrame) -> dict[str, pl.Expr]:
    absent = [column for column in FIRST if column not in (*frame.columns, "text_clean")]
    return {column: pl.lit(None, dtype=pl.String) for column in absent}


def _sha256(texts: pl.Series) -> pl.Series:
    digests = [hashlib.sha256(text.encode()).hexdigest() for text in texts]
    return pl.Series("sha256", digests, dtype=pl.String)


def _inputs(rows: pl.DataFrame) -> pl.DataFrame:
    return (
        rows.group_by("source", maintain_order=True)
        .agg(rows=pl.len(), text=pl.col("text").str.join("\x00"))
        .with_columns(sha256=pl.col("text").map_batches(_sha256, return_dtype=pl.String))
        .drop("text")
    )
