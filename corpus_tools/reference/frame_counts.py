"""The number of paragraphs of each reference article that carry each frame.

The other figures of a reference corpus hold no paragraphs and no phrases, so frames cannot be coded
from them. They are counted once, from the texts: ``frames.parquet`` and ``frames.json``.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import replace
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import polars as pl

from corpus_tools.corpus.corpus import Corpus
from corpus_tools.errors import BadInput
from corpus_tools.files import write_json, write_whole
from corpus_tools.framing.codebook import Codebook
from corpus_tools.framing.coder import Coder, code
from corpus_tools.reference.build import find_security_articles


class FrameCounts(NamedTuple):
    """Counts for `corpus_tools.framing.profiles.frame_profile`.

    Attributes:
        coded: ``document``, ``paragraph`` (always 0), ``frame``, ``hits`` (paragraphs).
        paragraphs: ``document``, ``paragraph`` (always 0), ``size`` (paragraphs), ``words``,
            ``outlet``.
        about: Coder, codebook and totals.
    """

    coded: pl.DataFrame
    paragraphs: pl.DataFrame
    about: dict[str, Any]


def hash_codebook(book: Codebook) -> str:
    """A hash of a codebook's content, to check whether counts were made with it."""
    text = book.frames.write_json() + book.cues.write_json()
    return hashlib.sha256(text.encode()).hexdigest()


def count_frames(
    corpus: Corpus, folder: str | Path, coder: Coder, book: Codebook
) -> dict[str, Any]:
    """Code the security articles of a newspaper corpus, and count frames into a reference corpus.

    Args:
        corpus: The newspaper corpus that the reference corpus was made from.
        folder: The reference corpus; its lemmas are used.
        coder: A coder.
        book: The codebook of the coder.

    Returns:
        What is written to ``frames.json``.
    """
    place = Path(folder)
    texts = select_security_articles(corpus, place)
    coded = code(texts, coder, words=False)
    sizes = (
        texts.paragraphs(text=False)
        .group_by("document", maintain_order=True)
        .agg(paragraphs=pl.len().cast(pl.UInt16), words=pl.col("words").sum().cast(pl.UInt32))
    )
    hits = np.zeros((sizes.height, len(coder.frames)), np.uint16)
    order = {frame: number for number, frame in enumerate(coder.frames)}
    column = np.array([order[frame] for frame in coded["frame"]], dtype=int)
    np.add.at(hits, (coded["document"].to_numpy(), column), 1)
    columns = [pl.Series(frame, hits[:, number]) for frame, number in order.items()]
    table = sizes.drop("document").with_columns(columns)
    with write_whole(place / "frames.parquet") as beside:
        table.write_parquet(beside, compression="zstd", statistics=False)
    about = {
        "coder": coder.name,
        "codebook": hash_codebook(book),
        "thresholds": [round(float(value), 4) for value in coder.threshold],
        "articles": sizes.height,
        "paragraphs": int(sizes["paragraphs"].cast(pl.UInt64).sum()),
    }
    write_json(about, place / "frames.json")
    return about


def select_security_articles(corpus: Corpus, folder: Path) -> Corpus:
    """The security articles as a corpus of their own, with the lemmas of a folder of figures."""
    chosen = pl.DataFrame({"document": find_security_articles(corpus)})
    chosen = chosen.with_row_index("number")
    tokens = corpus.tokens.join(chosen, on="document", maintain_order="left")
    tokens = tokens.with_columns(document=pl.col("number")).drop("number")
    known = pl.read_parquet(folder / "words.parquet", columns=["surface", "lemma"])
    vocabulary = corpus.vocabulary.join(known, on="surface", how="left", maintain_order="left")
    vocabulary = vocabulary.with_columns(pl.col("lemma").fill_null(pl.col("normal")))
    documents = corpus.documents[chosen["document"].to_numpy()]
    return replace(corpus, documents=documents, tokens=tokens, vocabulary=vocabulary)


def open_frame_counts(
    folder: str | Path,
    *,
    min_words: int = 300,
    max_words: int = 700,
    max_mean: float = 100,
    near_copies: bool = False,
) -> FrameCounts:
    """Open the frame counts of a reference corpus, for articles of a length set in paragraphs.

    Args:
        folder: The folder of figures.
        min_words, max_words: Words of an article.
        max_mean: The most words that its paragraphs have on average. A third of the Saudi press
            comes as one long paragraph, which cannot be compared with paragraphs.
        near_copies: Whether articles that nearly copy an earlier one count too.

    Raises:
        BadInput: The counts are missing or cannot be read.
    """
    place = Path(folder)
    try:
        about = json.loads((place / "frames.json").read_text("utf-8"))
        table = pl.read_parquet(place / "frames.parquet").with_row_index("document")
        articles = pl.read_parquet(place / "articles.parquet", columns=["outlet", "near_copy"])
    except (OSError, ValueError, pl.exceptions.PolarsError):
        raise BadInput(
            f"{place} holds no frames of its articles: make them with corpus-tools press."
        ) from None
    table = table.with_columns(outlet=articles["outlet"], paragraph=pl.lit(0))
    table = table.filter(
        articles["near_copy"].not_() | near_copies,
        pl.col("words").is_between(min_words, max_words),
        pl.col("words") / pl.col("paragraphs") <= max_mean,
    )
    keys = ["document", "paragraph"]
    frames = [c for c in table.columns if c not in (*keys, "paragraphs", "words", "outlet")]
    coded = table.unpivot(frames, index=keys, variable_name="frame", value_name="hits")
    sizes = table.select(*keys, "words", "outlet", size=pl.col("paragraphs").cast(pl.Int64))
    return FrameCounts(coded.filter(pl.col("hits") > 0).cast({"hits": pl.Int64}), sizes, about)
