"""Corpora on disk: a folder of Parquet files and ``manifest.json``, written whole or not at all."""

from __future__ import annotations

import json
import shutil
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import polars as pl

from corpus_tools.corpus.corpus import Corpus
from corpus_tools.errors import BadInput
from corpus_tools.files import write_json, write_whole

CORPUS_FORMAT = 2
SHARDED_TABLES = ("documents", "tokens")  # folders of Parquet files, in order
SINGLE_TABLES = ("vocabulary", "duplicates", "quarantine", "repairs", "inputs")
CORPUS_TABLES = (*SHARDED_TABLES, *SINGLE_TABLES)


def is_corpus(folder: str | Path) -> bool:
    """Whether a folder holds a corpus, complete or not."""
    return Path(folder, "tokens").is_dir() and Path(folder, "manifest.json").is_file()


def open_corpus(folder: str | Path, *, only: Sequence[str] = CORPUS_TABLES) -> Corpus:
    """Open a corpus that `corpus_tools.corpus.build.build_corpus` or `save_corpus` wrote.

    Args:
        folder: The corpus folder.
        only: Which of `CORPUS_TABLES` to read; the others are empty.

    Raises:
        BadInput: The folder is missing, incomplete, or of another version of the format.
    """
    place = Path(folder)
    if not place.is_dir():
        raise BadInput(f"{place} is not a corpus folder: make one with corpus-tools build.")
    needed = ("manifest.json", *(f"{table}.parquet" for table in SINGLE_TABLES))
    missing = [name for name in needed if not (place / name).is_file()]
    missing += [name for name in SHARDED_TABLES if not (place / name).is_dir()]
    if missing and not (place / "tokens.parquet").is_file():
        raise BadInput(f"{place} is incomplete, {missing[0]} is missing: build the corpus again.")
    try:
        manifest = json.loads((place / "manifest.json").read_text("utf-8"))
        found = manifest.get("format")
    except (ValueError, AttributeError):
        raise BadInput(f"{place}/manifest.json cannot be read: build the corpus again.") from None
    if found != CORPUS_FORMAT:
        raise BadInput(
            f"{place} is a corpus of format {found}, and this version reads {CORPUS_FORMAT}: "
            "build it again."
        )
    try:
        tables = {t: _read_table(place, t) if t in only else pl.DataFrame() for t in CORPUS_TABLES}
    except (pl.exceptions.PolarsError, OSError):
        raise BadInput(f"{place} holds a table that cannot be read: build it again.") from None
    return Corpus(**tables, manifest=manifest)


def _read_table(place: Path, table: str) -> pl.DataFrame:
    if table not in SHARDED_TABLES:
        return pl.read_parquet(place / f"{table}.parquet")
    shards = [pl.read_parquet(path) for path in sorted((place / table).glob("*.parquet"))]
    whole = pl.concat(shards, how="diagonal_relaxed")
    if table == "documents":
        return whole.with_columns(pl.col("text").fill_null(pl.col("text_clean")))
    return whole


def save_corpus(corpus: Corpus, folder: str | Path) -> None:
    """Write a corpus, whole or not at all.

    It is written beside its place and then moved there, so a reader never sees half of it.

    Args:
        corpus: A corpus.
        folder: Where to write it. A corpus that stands there is replaced; anything else is not.

    Raises:
        BadInput: Something that is not a corpus stands there.
    """
    place = check_target(folder)
    place.parent.mkdir(parents=True, exist_ok=True)
    beside = Path(tempfile.mkdtemp(prefix=f".{place.name}.", dir=place.parent))
    try:
        for table in SHARDED_TABLES:
            (beside / table).mkdir()
        write_documents(beside / "documents" / "00000.parquet", corpus.documents)
        write_table(corpus.tokens, beside / "tokens" / "00000.parquet")
        write_tables(beside, {t: getattr(corpus, t) for t in SINGLE_TABLES}, corpus.manifest)
        replace_folder(beside, place)
    finally:
        shutil.rmtree(beside, ignore_errors=True)


def save_form(folder: str | Path, form: str, **options: Any) -> None:
    """Add a form to a corpus on disk; only its vocabulary is rewritten.

    Args:
        folder: The corpus folder.
        form, options: As for `corpus_tools.corpus.corpus.Corpus.with_form`.
    """
    found = open_corpus(folder, only=("vocabulary",)).with_form(form, **options)
    with write_whole(Path(folder, "vocabulary.parquet")) as beside:
        write_table(found.vocabulary, beside)


def check_target(folder: str | Path) -> Path:
    """A folder that a corpus may be written to; `BadInput` if something else stands there."""
    place = Path(folder)
    free = not place.exists() or (place.is_dir() and not any(place.iterdir()))
    if not free and not (place / "tokens").is_dir() and not (place / "tokens.parquet").is_file():
        raise BadInput(f"{place} exists and is not a corpus: name another folder.")
    return place


def write_documents(path: Path, documents: pl.DataFrame) -> None:
    """Write some documents of a corpus; a text that needed no repair is stored once."""
    same = pl.col("text") == pl.col("text_clean")
    write_table(documents.with_columns(text=pl.when(~same).then(pl.col("text"))), path)


def write_tables(
    folder: Path, tables: Mapping[str, pl.DataFrame], manifest: Mapping[str, Any]
) -> None:
    """Write the tables of a corpus other than documents and tokens, and its manifest."""
    for name, table in tables.items():
        write_table(table, folder / f"{name}.parquet")
    write_json(manifest, folder / "manifest.json")


def write_table(table: pl.DataFrame, path: Path) -> None:
    """Write a table of a corpus as Parquet."""
    # Level 1 takes three quarters of the time of the default 3, for 5 % more bytes.
    table.rechunk().write_parquet(
        path, compression="zstd", compression_level=1, row_group_size=1 << 20, statistics=False
    )


def replace_folder(beside: Path, place: Path) -> None:
    """Move a complete folder to its place; whatever stood there is removed."""
    beside.chmod(0o755)
    if not place.exists():
        beside.rename(place)
        return
    old = Path(tempfile.mkdtemp(prefix=f"{beside.name}.", dir=place.parent))
    place.rename(old / "corpus")
    beside.rename(place)
    shutil.rmtree(old)
