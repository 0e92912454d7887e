r"""Documents to a Corpus: texts cut once, without loss, into pieces; spellings kept by type.

The pieces of a text joined together give it back, character for character. A piece is a *token*
where it stands and a *type* in the vocabulary, which holds every spelling of it.
"""

from __future__ import annotations

import json
import shutil
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from corpus_tools import arabic
from corpus_tools import documents as documents_
from corpus_tools.errors import BadInput

FORMAT = 1
TABLES = ("documents", "tokens", "vocabulary", "duplicates", "quarantine", "repairs", "inputs")
# What a piece can be, tried in this order; the last takes any one character, so nothing is lost.
KINDS = {
    # An Arabic word: letters, their marks, tatweel, and joiners between letters.
    "word": r"[\p{Arabic}&&\p{L}][[\p{Arabic}&&\p{L}]\p{M}\x{0640}\x{200C}\x{200D}]*",
    # A word of another script; an address such as name.example is one.
    "latin": r"\p{L}[\p{L}\p{M}\p{Nd}]*(?:[.'’@_-]\p{L}[\p{L}\p{M}\p{Nd}]*)*",
    # Both digit sets, with separators inside.
    "number": r"\p{Nd}+(?:[.,:/٫٬]\p{Nd}+)*",
    "space": r"\s+",
    # Ends of sentences stay together: ... or ?! is one piece.
    "punctuation": r"[.!?؟…۔]+|.",
}
PIECE = "(?s)" + "|".join(KINDS.values())
_TERMINATOR = r"^[.!?؟…۔]+$"
_BATCH = 8_000_000  # bytes of text cut at a time


@dataclass(frozen=True)
class Corpus:
    """A corpus: tables that share the numbers of documents and types.

    Attributes:
        documents: A row a document (see `corpus_tools.documents.Documents`); its place in this
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


def build(sources: Sequence[str | Path] | str | Path) -> Corpus:
    """Read, repair and cut sources into a corpus, with the normal form of every type.

    Args:
        sources: Files and folders, as `corpus_tools.sources.read` takes them.

    Raises:
        BadInput: A source cannot be read.

    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     _ = Path(folder, "a.json").write_text('[{"text": "أمن الأمن."}]', "utf-8")
    ...     corpus = build(folder)
    >>> corpus.vocabulary.select("surface", "kind", "normal").rows()[:2]
    [(' ', 'space', ' '), ('.', 'punctuation', '.')]
    >>> text(corpus, 0)
    'أمن الأمن.'
    """
    paths = [sources] if isinstance(sources, str | Path) else list(sources)
    return from_documents(documents_.load(paths))


def from_documents(loaded: documents_.Documents) -> Corpus:
    """Cut documents that are loaded already; see `build`."""
    tokens, vocabulary = cut(loaded.documents["text_clean"])
    corpus = Corpus(
        documents=loaded.documents,
        tokens=tokens,
        vocabulary=arabic.with_forms(vocabulary),
        duplicates=loaded.duplicates,
        quarantine=loaded.quarantine,
        repairs=loaded.repairs,
        inputs=loaded.inputs,
    )
    words = vocabulary.filter(pl.col("kind") == "word")
    manifest: dict[str, Any] = {
        "format": FORMAT,
        "version": version("corpus-tools"),
        "normal": list(arabic.NORMAL),
        "read": loaded.read,
        "documents": loaded.documents.height,
        "duplicates": loaded.duplicates.height,
        "quarantined": loaded.quarantine.height,
        "pieces": tokens.height,
        "words": int(words["count"].sum()),
        "types": words.height,
    }
    accounted = manifest["documents"] + manifest["duplicates"] + manifest["quarantined"]
    if accounted != manifest["read"]:  # a defect of this package, not of the input
        raise RuntimeError(f"{manifest['read']} rows were read and {accounted} accounted for")
    return replace(corpus, manifest=manifest)


def cut(texts: pl.Series) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Cut texts into pieces; the tables ``tokens`` and ``vocabulary`` of a `Corpus`, without forms.

    Args:
        texts: Cleaned texts; the place of each is its document's number.

    >>> tokens, vocabulary = cut(pl.Series(["سقط 12,5% في «داعش»."]))
    >>> "|".join(tokens.join(vocabulary, on="type", maintain_order="left")["surface"])
    'سقط| |12,5|%| |في| |«|داعش|»|.'
    """
    # Polars numbers the distinct pieces while it reads them: one hashing a piece, no join.
    category = pl.Categorical(pl.Categories.random())
    parts = [
        pl.DataFrame({"piece": texts.slice(start, length)})
        .with_row_index("document", start)
        .with_columns(pl.col("piece").str.extract_all(PIECE))
        .explode("piece")
        .filter(pl.col("piece").is_not_null())
        .with_columns(pl.col("piece").cast(category))
        for start, length in _batches(texts)
    ]
    pieces = pl.concat(parts)
    distinct = pieces["piece"].unique()
    known = pl.DataFrame({"number": distinct.to_physical(), "surface": distinct.cast(pl.String)})
    tokens = pieces.select("document", number=pl.col("piece").to_physical())
    counts = tokens.group_by("number").agg(
        count=pl.len(), documents=pl.col("document").n_unique().cast(pl.UInt32)
    )
    vocabulary = (
        known.join(counts, on="number")
        .sort(["count", "surface"], descending=[True, False])
        .with_row_index("type")
    )
    # Numbers given in order of reading become places in the sorted vocabulary.
    place = vocabulary.sort("number")["type"]
    tokens = tokens.select("document", type=place.gather(tokens["number"]))
    vocabulary = vocabulary.select(
        "type", "surface", _kind(pl.col("surface")).alias("kind"), "count", "documents"
    )
    return _with_sentences(tokens, vocabulary), vocabulary


def _batches(texts: pl.Series) -> list[tuple[int, int]]:
    """Start and length of runs of texts of about `_BATCH` bytes; at least one, if an empty one."""
    if len(texts) == 0:
        return [(0, 0)]
    part = (texts.str.len_bytes().cast(pl.UInt64).cum_sum() // _BATCH).rle_id()
    lengths = part.value_counts().sort(part.name)["count"].to_list()
    starts = np.cumsum([0, *lengths])[:-1].tolist()
    return list(zip(starts, lengths, strict=True))


def _kind(surface: pl.Expr) -> pl.Expr:
    kind = pl.lit("punctuation")
    for name in ("space", "number", "latin", "word"):
        kind = (
            pl.when(surface.str.contains(f"^(?:{KINDS[name]})$")).then(pl.lit(name)).otherwise(kind)
        )
    return kind


def _with_sentences(tokens: pl.DataFrame, vocabulary: pl.DataFrame) -> pl.DataFrame:
    """Number sentences and paragraphs from what each type is: two passes of cumulative sums.

    A sentence ends at a terminator or a line break, and the next begins at the next word or
    number, so closing quotes stay with what they close. A full stop after a single letter
    (د. for "Dr", أ.ف.ب) ends nothing.
    """
    flag = {
        name: vocabulary[name].to_numpy()[tokens["type"].to_numpy()]
        for name, vocabulary in _flags(vocabulary).items()
    }
    document = tokens["document"].to_numpy()
    first = np.r_[True, document[1:] != document[:-1]] if len(document) else np.zeros(0, bool)
    after_initial = np.r_[False, flag["initial"][:-1]] & ~first if len(document) else first
    ends = (flag["terminator"] & ~(flag["stop"] & after_initial)) | flag["line_break"]
    return tokens.with_columns(
        pl.Series("sentence", _numbers(flag["content"], ends, first), dtype=pl.UInt32),
        pl.Series(
            "paragraph", _numbers(~flag["space"], flag["line_break"], first), dtype=pl.UInt32
        ),
    )


def _flags(vocabulary: pl.DataFrame) -> dict[str, pl.DataFrame]:
    surface, kind = pl.col("surface"), pl.col("kind")
    flags = {
        "content": kind.is_in(["word", "latin", "number"]),
        "space": kind == "space",
        "line_break": (kind == "space") & surface.str.contains("\n"),
        "terminator": surface.str.contains(_TERMINATOR),
        "stop": surface == ".",
        "initial": kind.is_in(["word", "latin"]) & (surface.str.len_chars() == 1),
    }
    return {name: vocabulary.select(expression.alias(name)) for name, expression in flags.items()}


def _numbers(content: np.ndarray, ends: np.ndarray, first: np.ndarray) -> np.ndarray:
    """Number the units of each document from 0: a unit begins at the first content after an end."""
    if not len(content):
        return np.zeros(0, np.uint32)
    at = np.flatnonzero(content)
    ended = np.cumsum(
        ends, dtype=np.int32
    )  # an end comes before the content that begins the next unit
    begins = np.zeros(len(content), bool)
    begins[at[1:]] = np.diff(ended[at]) > 0
    of_document = np.cumsum(first, dtype=np.int32) - 1
    same = np.zeros(len(content), bool)
    same[at[1:]] = of_document[at[1:]] == of_document[at[:-1]]
    unit = np.cumsum(begins & same, dtype=np.int32)
    return (unit - unit[np.flatnonzero(first)][of_document]).astype(np.uint32)


def text(corpus: Corpus, document: int) -> str:
    """The cleaned text of a document, joined again from its pieces.

    Args:
        document: Its number: its place in ``corpus.documents``.
    """
    types = corpus.tokens.filter(pl.col("document") == document)["type"]
    return "".join(corpus.vocabulary["surface"].gather(types))


def with_lemmas(corpus: Corpus, *, workers: int | None = None, progress: bool = False) -> Corpus:
    """The corpus with a ``lemma`` for every type (see `corpus_tools.arabic.lemmas`)."""
    vocabulary = arabic.with_lemmas(corpus.vocabulary, workers=workers, progress=progress)
    return replace(corpus, vocabulary=vocabulary)


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
    pieces = corpus.tokens.select(
        "document",
        "paragraph",
        text=corpus.vocabulary["surface"].gather(corpus.tokens["type"]),
        word=(corpus.vocabulary["kind"] == "word").gather(corpus.tokens["type"]),
    )
    return (
        pieces.group_by("document", "paragraph", maintain_order=True)
        .agg(pl.col("text").str.join("").str.strip_chars(), words=pl.col("word").sum())
        .with_columns(heading=~pl.col("text").str.contains(r"[.!?؟…:۔][)\]»”\"]*$"))
    )


def has_form(corpus: Corpus, form: str) -> None:
    """Raise `BadInput` unless the vocabulary has a column of this form."""
    forms = [f for f in ("surface", "normal", "stem", "lemma") if f in corpus.vocabulary.columns]
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
    place = Path(folder)
    free = not place.exists() or (place.is_dir() and not any(place.iterdir()))
    if not free and not (place / "tokens.parquet").is_file():
        raise BadInput(f"{place} is there and is no corpus: name another folder.")
    place.parent.mkdir(parents=True, exist_ok=True)
    beside = Path(tempfile.mkdtemp(prefix=f".{place.name}.", dir=place.parent))
    try:
        for table in TABLES:
            getattr(corpus, table).write_parquet(beside / f"{table}.parquet", compression="zstd")
        manifest = json.dumps(corpus.manifest, ensure_ascii=False, indent=2, sort_keys=True)
        (beside / "manifest.json").write_text(manifest + "\n", encoding="utf-8")
        beside.chmod(0o755)
        old = Path(tempfile.mkdtemp(prefix=f".{place.name}.old.", dir=place.parent))
        if place.exists():
            place.rename(old / "corpus")
        beside.rename(place)
        shutil.rmtree(old)
    finally:
        shutil.rmtree(beside, ignore_errors=True)


def open(folder: str | Path) -> Corpus:
    """Open a corpus that `save` wrote.

    Raises:
        BadInput: The folder is missing, half written, or of another version of the format.
    """
    place = Path(folder)
    if not place.is_dir():
        raise BadInput(f"{place} is no corpus folder: make one with corpus-tools build.")
    missing = [
        f for f in ("manifest.json", *(f"{t}.parquet" for t in TABLES)) if not (place / f).is_file()
    ]
    if missing:
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
        tables = {table: pl.read_parquet(place / f"{table}.parquet") for table in TABLES}
    except (pl.exceptions.PolarsError, OSError):
        raise BadInput(f"{place} holds a table that cannot be read: build it again.") from None
    return Corpus(**tables, manifest=manifest)
