"""A Corpus: documents, tokens in text order, and a vocabulary that holds every spelling once."""

from __future__ import annotations

import json
import os
import shutil
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise
from pathlib import Path
from typing import Any, get_args

import numpy as np
import polars as pl

from corpus_tools import arabic
from corpus_tools.errors import BadInput
from corpus_tools.pieces import PIECE, cut

__all__ = [
    "PIECE",
    "Corpus",
    "build",
    "cut",
    "lines",
    "open",
    "paragraphs",
    "save",
    "text",
    "words",
]

FORMAT = 2
SHARDED = ("documents", "tokens")  # folders of Parquet files, in order
_TAKEN = ("type", "kind", "count", "documents", "normal", "stem", "lemma", "stopword")
TABLES = ("documents", "tokens", "vocabulary", "duplicates", "quarantine", "repairs", "inputs")


@dataclass(frozen=True)
class Corpus:
    """A corpus: tables that share the numbers of documents and types.

    Attributes:
        documents: A row a document (see `corpus_tools.documents.prepare`); its place in this
            table, from 0, is its number in `tokens`.
        tokens: A row a piece, in text order: ``document`` and ``type`` (numbers),
            ``sentence`` and ``paragraph`` (from 0 in each document; a paragraph is a line that
            is not blank, headings counted).
        vocabulary: A row a type, most frequent first: ``type``, ``surface``, ``kind`` (a key of
            `KINDS`), ``count``, ``documents``, and a column a form: ``normal``, ``lemma``.
        duplicates: Exact copies that were folded.
        quarantine: Rows that were set aside, with the reason.
        repairs: How often each repair was made.
        inputs: The source files with the hash of their texts.
        manifest: Settings, versions and counts.
    """

    documents: pl.DataFrame
    tokens: pl.DataFrame
    vocabulary: pl.DataFrame
    duplicates: pl.DataFrame
    quarantine: pl.DataFrame
    repairs: pl.DataFrame
    inputs: pl.DataFrame
    manifest: dict[str, Any] = field(default_factory=dict)


def build(
    sources: Sequence[str | Path] | str | Path,
    *,
    columns: Mapping[str, str] | None = None,
    strict: bool = False,
    least_words: int = 3,
    progress: bool = False,
) -> Corpus:
    """Read, repair and cut sources into a corpus, with the normal form of every type.

    Args:
        sources: Files, folders, globs and URLs, as `corpus_tools.sources.find` takes them.
        columns: Names of columns that are not the usual ones: ``{"text": "matn"}``.
        strict: Stop at the first thing that would be set aside.
        least_words: A text of fewer words is set aside as short.
        progress: Show progress on standard error.

    Raises:
        BadInput: A source cannot be read, no document is left, or `strict` found something.

    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     _ = Path(folder, "a.json").write_text('[{"text": "أمن الأمن الوطني."}]', "utf-8")
    ...     corpus = build(folder)
    >>> corpus.vocabulary.select("surface", "kind", "normal").rows()[:2]
    [(' ', 'space', ' '), ('.', 'punctuation', '.')]
    >>> text(corpus, 0)
    'أمن الأمن الوطني.'
    """
    from corpus_tools import build as build_

    paths = [sources] if isinstance(sources, str | Path) else list(sources)
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder, "corpus")
        build_.build(
            paths, place, columns=columns, strict=strict, least_words=least_words, progress=progress
        )
        return open(place)


def text(corpus: Corpus, document: int) -> str:
    """The cleaned text of a document, joined again from its pieces.

    Args:
        document: Its number: its place in ``corpus.documents``.
    """
    types = corpus.tokens.filter(pl.col("document") == document)["type"]
    return "".join(corpus.vocabulary["surface"].gather(types))


def with_form(
    corpus: Corpus,
    form: str,
    *,
    steps: Sequence[arabic.Step] | None = None,
    min_count: int = 1,
    workers: int | None = None,
    progress: bool = False,
) -> Corpus:
    """The corpus with one more form of every type; its tokens stay as they are.

    Args:
        form: ``stem``, ``lemma`` or ``stopword``; with `steps`, any other name.
        steps: The steps of `corpus_tools.arabic.normal` that make a spelling of one's own.
        min_count, workers, progress: As in `corpus_tools.arabic.with_form`.

    Raises:
        BadInput: There is no such form or step.

    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     _ = Path(folder, "a.txt").write_text("مدينة فاس القديمة.", "utf-8")
    ...     corpus = build(folder)
    >>> corpus = with_form(corpus, "folded", steps=["marbuta"])
    >>> words(corpus, "folded")["word"].to_list()
    ['مدينه', 'فاس', 'القديمه']
    """
    if steps is not None:
        unknown = [step for step in steps if step not in arabic.STEPS]
        if unknown or form in ("surface", *_TAKEN):
            wrong = f"step «{unknown[0]}»" if unknown else f"free name «{form}»"
            raise BadInput(f"there is no {wrong}: take some of {', '.join(arabic.STEPS)}.")
        vocabulary = arabic.with_spelling(corpus.vocabulary, form, steps=steps)
    elif form in get_args(arabic.Form):
        vocabulary = arabic.with_form(
            corpus.vocabulary,
            form,  # type: ignore[arg-type]
            min_count=min_count,
            workers=workers,
            progress=progress,
        )
    else:
        raise BadInput(f"there is no form «{form}»: take stem, lemma or stopword, or name steps.")
    return replace(corpus, vocabulary=vocabulary)


def add_form(folder: str | Path, form: str, **options: Any) -> None:
    """Add a form to a corpus on disk (see `with_form`): only its vocabulary is written anew."""
    place = Path(folder, "vocabulary.parquet")
    found = with_form(open(folder, only=("vocabulary",)), form, **options)
    beside = place.with_name(f".{place.name}.{os.getpid()}")
    write(found.vocabulary, beside)
    beside.replace(place)


def words(corpus: Corpus, form: str = "normal") -> pl.DataFrame:
    """The words of a corpus in text order, each in one form.

    Args:
        form: A form column of the vocabulary: ``surface``, ``normal`` or ``lemma``.

    Returns:
        ``document``, ``sentence``, ``paragraph``, ``position`` (row in ``corpus.tokens``) and
        ``word``.

    Raises:
        BadInput: The corpus has no such form.
    """
    has_form(corpus, form)
    forms = corpus.vocabulary.filter(pl.col("kind") == "word").select("type", word=form)
    return (
        corpus.tokens.with_row_index("position")
        .join(forms, on="type", how="inner", maintain_order="left")
        .select("document", "sentence", "paragraph", "position", "word")
    )


def paragraphs(corpus: Corpus) -> pl.DataFrame:
    """The paragraphs of a corpus: its lines that are not blank, headings counted.

    Returns:
        ``document`` (number), ``paragraph`` (from 0), ``text``, ``words``, ``heading`` (a line
        that ends neither in a stop nor in a colon).
    """
    surface = corpus.vocabulary["surface"].gather(corpus.tokens["type"])
    text = (
        corpus.tokens.select("document", "paragraph", text=surface)
        .group_by("document", "paragraph", maintain_order=True)
        .agg(pl.col("text").str.join("").str.strip_chars())["text"]
    )
    return lines(corpus).insert_column(2, text)


def lines(corpus: Corpus) -> pl.DataFrame:
    """The paragraphs of a corpus without their texts, which takes a fraction of the time.

    Returns:
        ``document``, ``paragraph``, ``words`` and ``heading``, as of `paragraphs`.
    """
    surface = corpus.vocabulary["surface"]
    # What a type says of the end of a line: nothing, that it is none, or that it is one.
    says = np.where(surface.str.contains(r"^[)\]»”\"\s]*$").to_numpy(), 0, 1)
    says[surface.str.contains(r"[.!?؟…:۔][)\]»”\"]*$").to_numpy()] = 2
    types, starts = corpus.tokens["type"].to_numpy(), line_starts(corpus)
    if not len(types):
        return corpus.tokens.select("document", "paragraph", words=pl.lit(0), heading=pl.lit(True))
    at = np.where(says[types] > 0, np.arange(len(types)), -1)
    last = np.maximum.reduceat(at, starts)
    word = (corpus.vocabulary["kind"] == "word").to_numpy()
    return corpus.tokens[starts].select(
        "document",
        "paragraph",
        words=pl.Series(np.add.reduceat(word[types].astype(np.uint32), starts)),
        heading=pl.Series((last < 0) | (says[types[last]] != 2)),
    )


def line_starts(corpus: Corpus) -> np.ndarray:
    """The rows of ``corpus.tokens`` where its paragraphs begin."""
    same = (corpus.tokens[column].to_numpy() for column in ("document", "paragraph"))
    new = np.ones(corpus.tokens.height, bool)
    new[1:] = np.logical_or(*(column[1:] != column[:-1] for column in same))
    return np.flatnonzero(new)


def batches(corpus: Corpus, size: int = 5_000_000) -> Iterator[Corpus]:
    """The corpus in parts of whole documents, so that what is worked out on one fits in memory.

    Every part has the whole vocabulary and the whole table of documents, whose numbers stay.

    Args:
        size: Tokens of a part, about.
    """
    if corpus.tokens.height <= size:
        yield corpus
        return
    document = corpus.tokens["document"].to_numpy()
    starts = np.flatnonzero(np.diff(document, prepend=-1))
    # The first document that begins at or after each multiple of the size.
    cuts = np.unique(np.searchsorted(starts, np.arange(0, len(document), size)))
    ends = [*starts[cuts[cuts < len(starts)]].tolist(), len(document)]
    for start, end in pairwise(ends):
        yield replace(corpus, tokens=corpus.tokens[start:end])


def has_form(corpus: Corpus, form: str) -> None:
    """Raise `BadInput` unless the vocabulary has a column of this form."""
    others = ("type", "kind", "count", "documents", "stopword")
    forms = [column for column in corpus.vocabulary.columns if column not in others]
    if form not in forms:
        raise BadInput(f"the corpus has no form «{form}»: take one of {', '.join(forms)}.")


def save(corpus: Corpus, folder: str | Path) -> None:
    """Write a corpus as a folder of Parquet files and ``manifest.json``, whole or not at all.

    It is written beside its place and then moved there, so that a reader never sees half of it.

    Args:
        folder: Where to; a corpus that stands there is replaced, anything else is left alone.

    Raises:
        BadInput: Something that is no corpus stands there.
    """
    place = free_place(folder)
    place.parent.mkdir(parents=True, exist_ok=True)
    beside = Path(tempfile.mkdtemp(prefix=f".{place.name}.", dir=place.parent))
    try:
        for table in SHARDED:
            (beside / table).mkdir()
        write_documents(beside / "documents" / "00000.parquet", corpus.documents)
        write(corpus.tokens, beside / "tokens" / "00000.parquet")
        tables = {table: getattr(corpus, table) for table in TABLES if table not in SHARDED}
        write_tables(beside, tables, corpus.manifest)
        move(beside, place)
    finally:
        shutil.rmtree(beside, ignore_errors=True)


def free_place(folder: str | Path) -> Path:
    """A folder that a corpus may be written to; `BadInput` if something else stands there."""
    place = Path(folder)
    free = not place.exists() or (place.is_dir() and not any(place.iterdir()))
    if not free and not (place / "tokens").is_dir() and not (place / "tokens.parquet").is_file():
        raise BadInput(f"{place} is there and is no corpus: name another folder.")
    return place


def write_documents(path: Path, documents: pl.DataFrame) -> None:
    """Write some documents of a corpus; a text that needed no repair is kept once."""
    same = pl.col("text") == pl.col("text_clean")
    write(documents.with_columns(text=pl.when(~same).then(pl.col("text"))), path)


def write_tables(
    folder: Path, tables: Mapping[str, pl.DataFrame], manifest: Mapping[str, Any]
) -> None:
    """Write what a corpus holds beside documents and tokens."""
    for name, table in tables.items():
        write(table, folder / f"{name}.parquet")
    text_ = json.dumps(manifest, ensure_ascii=False, indent=2, sort_keys=True)
    (folder / "manifest.json").write_text(text_ + "\n", encoding="utf-8")


def write(table: pl.DataFrame, path: Path) -> None:
    """Write a table of a corpus as Parquet."""
    # Level 1 takes three quarters of the time of the usual 3, for 5 % more bytes.
    table.rechunk().write_parquet(
        path, compression="zstd", compression_level=1, row_group_size=1 << 20, statistics=False
    )


def move(beside: Path, place: Path) -> None:
    """Put a folder that is whole in its place; what stood there goes."""
    beside.chmod(0o755)
    if not place.exists():
        beside.rename(place)
        return
    old = Path(tempfile.mkdtemp(prefix=f"{beside.name}.", dir=place.parent))
    place.rename(old / "corpus")
    beside.rename(place)
    shutil.rmtree(old)


def open(folder: str | Path, *, only: Sequence[str] = TABLES) -> Corpus:
    """Open a corpus that `build` or `save` wrote.

    Args:
        folder: Where it is.
        only: Which of `TABLES` to read; the others are empty.

    Raises:
        BadInput: The folder is missing, half written, or of another version of the format.
    """
    place = Path(folder)
    if not place.is_dir():
        raise BadInput(f"{place} is no corpus folder: make one with corpus-tools build.")
    single = [f"{table}.parquet" for table in TABLES if table not in SHARDED]
    missing = [name for name in ("manifest.json", *single) if not (place / name).is_file()]
    missing += [name for name in SHARDED if not (place / name).is_dir()]
    if missing and not (place / "tokens.parquet").is_file():
        raise BadInput(f"{place} is no whole corpus, {missing[0]} is missing: build it again.")
    try:
        manifest = json.loads((place / "manifest.json").read_text("utf-8"))
        found = manifest.get("format")
    except (ValueError, AttributeError):
        raise BadInput(f"{place}/manifest.json cannot be read: build the corpus again.") from None
    if found != FORMAT:
        raise BadInput(
            f"{place} is a corpus of format {found}, and this version reads {FORMAT}: "
            "build it again."
        )
    try:
        tables = {t: _read(place, t) if t in only else pl.DataFrame() for t in TABLES}
    except (pl.exceptions.PolarsError, OSError):
        raise BadInput(f"{place} holds a table that cannot be read: build it again.") from None
    return Corpus(**tables, manifest=manifest)


def _read(place: Path, table: str) -> pl.DataFrame:
    if table not in SHARDED:
        return pl.read_parquet(place / f"{table}.parquet")
    shards = [pl.read_parquet(path) for path in sorted((place / table).glob("*.parquet"))]
    whole = pl.concat(shards, how="diagonal_relaxed")
    if table == "documents":
        return whole.with_columns(pl.col("text").fill_null(pl.col("text_clean")))
    return whole
