"""Codings by people: tables and exports of annotation tools, as one table beside the corpus."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Any, NamedTuple

import polars as pl

from corpus_tools.arabic.spelling import normalize
from corpus_tools.corpus.build import read_corpus
from corpus_tools.corpus.corpus import Corpus
from corpus_tools.errors import BadInput
from corpus_tools.framing.annotation_tools import Span, read_export
from corpus_tools.framing.codebook import Codebook
from corpus_tools.framing.refi_qda import normalize_code

ANNOTATION_SCHEMA: dict[str, Any] = {
    "coder": pl.String,
    "document": pl.Int64,
    "paragraph": pl.Int64,
    "frames": pl.List(pl.String),
}


def read_annotations(
    path: str | Path, corpus: Corpus, book: Codebook, *, key: str = "document"
) -> pl.DataFrame:
    """Read the codings of a file: the frames that each coder saw in each paragraph.

    Args:
        path: A table (``.csv``, ``.tsv``) with the columns `key`, ``paragraph`` and one for each
            coder, whose cells hold names of frames separated by blanks or semicolons; or with
            ``coder``, `key`, ``paragraph`` and ``frames``. Or an export of an annotation tool (see
            `corpus_tools.framing.annotation_tools.read_export`), whose texts are found in the
            corpus by their words: a marked span codes every paragraph that it touches, and a
            paragraph without marks was read and carries no frame.
        corpus: The corpus that was coded.
        book: Its codebook; labels are the names of its frames, or their Arabic or English.
        key: The column of ``corpus.documents`` that names documents in a table.

    Returns:
        ``coder``, ``document`` (number), ``paragraph``, ``frames`` (a list, in the codebook's
        order).

    Raises:
        BadInput: The file is missing or of an unknown kind, or names an unknown frame, document or
            paragraph.
    """
    place, meanings = Path(path), _meanings(book)
    if place.suffix.lower() in (".csv", ".tsv"):
        rows = _table(place, corpus, meanings, key)
    else:
        lines = _lines(corpus)
        rows = [
            row
            for coder, name, text, spans in read_export(place)
            for row in _placed(coder, f"{place}: {name}", text, spans, lines, meanings)
        ]
    if not rows:
        raise BadInput(f"{place} holds no coding: code some paragraphs first.")
    table = pl.DataFrame(rows, schema=ANNOTATION_SCHEMA, orient="row")
    return table.unique(["coder", "document", "paragraph"], keep="last", maintain_order=True)


def select_coder(codings: pl.DataFrame, coder: str) -> pl.DataFrame:
    """What one coder saw: ``document``, ``paragraph``, ``frames``.

    Raises:
        BadInput: The coder is unknown.
    """
    names = codings["coder"].unique(maintain_order=True).to_list()
    if coder not in names:
        raise BadInput(f"no coder is called «{coder}»: take one of {', '.join(names)}.")
    return codings.filter(coder=coder).drop("coder")


def _meanings(book: Codebook) -> dict[str, str]:
    """The frame that each label means: by its name, else its English, else its Arabic."""
    columns = ("arabic", "english", "frame")  # what comes later counts more
    return {
        normalize_code(label): name
        for column in columns
        for name, label in book.frames.select("frame", label=column).iter_rows()
    }


def _frames(labels: list[str], meanings: dict[str, str], source: str) -> list[str]:
    """The frames that some labels mean, in the order of the codebook."""
    found = set()
    for label in labels:
        if normalize_code(label) not in meanings:
            shown = " ".join(label.split())
            raise BadInput(
                f"{source}: the label «{shown}» is not a frame of the codebook: correct or add it."
            )
        found.add(meanings[normalize_code(label)])
    return [name for name in dict.fromkeys(meanings.values()) if name in found]


def _table(
    path: Path, corpus: Corpus, meanings: dict[str, str], key: str
) -> list[tuple[object, ...]]:
    try:
        separator = "\t" if path.suffix.lower() == ".tsv" else ","
        table = pl.read_csv(path, separator=separator, infer_schema=False)
    except FileNotFoundError:
        raise BadInput(f"{path} does not exist: name a coding that does.") from None
    except (pl.exceptions.PolarsError, OSError) as error:
        first = str(error).splitlines()[0]
        raise BadInput(f"{path} cannot be read as a table ({first}).") from None
    for column in (key, "paragraph"):
        if column not in table.columns:
            raise BadInput(f"{path} has no column «{column}»: add it, or name another key.")
    if key not in corpus.documents.columns:
        raise BadInput(f"the corpus has no column «{key}» to find documents by.")
    numbers = {str(name): n for n, name in enumerate(corpus.documents[key])}
    sizes = dict(corpus.tokens.group_by("document").agg(pl.col("paragraph").max()).iter_rows())
    tidy = {"coder", "frames"} <= set(table.columns)
    coders = [] if tidy else [c for c in table.columns if c not in (key, "paragraph")]
    rows: list[tuple[object, ...]] = []
    for line, row in enumerate(table.iter_rows(named=True), 2):
        source = f"{path}, line {line}"
        document = numbers.get(row[key] or "")
        name, paragraph = (" ".join((row[column] or "").split()) for column in (key, "paragraph"))
        if document is None:
            raise BadInput(f"{source}: the corpus has no document «{name}».")
        if not paragraph.isdecimal() or int(paragraph) > sizes.get(document, -1):
            raise BadInput(f"{source}: document «{name}» has no paragraph «{paragraph}».")
        cells = {row["coder"]: row["frames"]} if tidy else {c: row[c] for c in coders}
        for coder, cell in cells.items():
            labels = [part for part in _split(cell or "") if part]
            frames = _frames(labels, meanings, source)
            rows.append((coder or "?", document, int(paragraph), frames))
    return rows


def _split(cell: str) -> list[str]:
    """The labels of a cell, separated by semicolons if there are any, else by blanks."""
    if ";" in cell or "|" in cell:
        return [part.strip() for part in cell.replace("|", ";").split(";")]
    return cell.split()


ParagraphIndex = dict[str, list[tuple[int, int]]]


def _lines(corpus: Corpus) -> ParagraphIndex:
    """The positions of the paragraphs of a corpus, by their letters and digits alone."""
    lines = corpus.paragraphs().select("document", "paragraph", "text")
    texts = normalize(lines["text"].str.replace_all(r"\s", " ").to_list())
    at: ParagraphIndex = {}
    for (document, paragraph, _), text in zip(lines.iter_rows(), texts, strict=True):
        at.setdefault(_bare(text), []).append((document, paragraph))
    return at


def _bare(text: str) -> str:
    return "".join(letter for letter in text if letter.isalnum())


def _placed(
    coder: str,
    source: str,
    text: str,
    spans: list[Span],
    lines: ParagraphIndex,
    meanings: dict[str, str],
) -> list[tuple[object, ...]]:
    """The paragraphs of a text at their positions in the corpus, with what was marked in them."""
    parts, start = [], 0
    for line in text.split("\n"):
        if line.strip():
            parts.append((start, start + len(line), _bare(normalize([line])[0])))
        start += len(line) + 1
    for begin, end, label in spans:
        if not 0 <= begin <= end <= len(text):
            raise BadInput(
                f"{source}: «{label}» is marked from {begin} to {end}, outside the text."
            )
    missing = [text[a:b] for a, b, bare in parts if bare not in lines]
    if missing:
        raise BadInput(
            f"{source}: {len(missing)} of {len(parts)} paragraphs are not in the corpus, the first "
            f"«{missing[0].strip()[:40]}»: build the corpus from the texts that were coded."
        )
    # Headings may recur: the document that holds most of the text's paragraphs is meant.
    homes = Counter(d for _, _, bare in parts for d in {d for d, _ in lines[bare]})
    home = min(homes, key=lambda d: (-homes[d], d))
    rows: list[tuple[object, ...]] = []
    taken: set[tuple[int, int]] = set()
    for first, last, bare in parts:
        free = [place for place in lines[bare] if place not in taken]
        at = next((place for place in free if place[0] == home), (free or lines[bare])[0])
        taken.add(at)
        labels = [
            label
            for begin, end, label in spans
            if text[max(begin, first) : max(min(end, last), max(begin, first))].strip()
        ]
        rows.append((coder, *at, _frames(labels, meanings, source)))
    return rows


class GoldStandard(NamedTuple):
    """A corpus that people coded, to fit coders to and to measure them by.

    Attributes:
        corpus: Its texts.
        codings: What every coder saw, as from `read_annotations`.
        coding: What is taken as right: ``document``, ``paragraph``, ``frames``.
        groups: The outlet of each document.
    """

    corpus: Corpus
    codings: pl.DataFrame
    coding: pl.DataFrame
    groups: list[str]


def open_gold(folder: str | Path, book: Codebook, *, coder: str = "gold") -> GoldStandard:
    """Open a folder of coded texts, such as ``seeds/teaching``.

    Args:
        folder: Holds ``articles``, for `corpus_tools.corpus.build.read_corpus`, and ``coding.csv``,
            for `read_annotations`; its first column names the column that identifies the articles.
        book: The codebook that they were coded by.
        coder: The column that is taken as right.

    Raises:
        BadInput: A part is missing, or the parts do not match.
    """
    place = Path(folder)
    for part in ("articles", "coding.csv"):
        if not (place / part).exists():
            raise BadInput(f"{place / part} does not exist: a coded corpus has it.")
    corpus = read_corpus(place / "articles")
    with (place / "coding.csv").open(encoding="utf-8-sig", errors="replace") as file:
        key = file.readline().split(",")[0].strip()
    codings = read_annotations(place / "coding.csv", corpus, book, key=key)
    groups = corpus.documents["outlet"].fill_null("?").to_list()
    return GoldStandard(corpus, codings, select_coder(codings, coder), groups)
