"""Cues of frames in a text: words and phrases with weights, headings, and what is denied."""

from __future__ import annotations

from functools import cache
from importlib.resources import files

import numpy as np
import polars as pl

from corpus_tools import concordance
from corpus_tools import corpus as corpus_
from corpus_tools.codebook import Codebook
from corpus_tools.corpus import Corpus
from corpus_tools.errors import BadInput

UNDER_HEADING = 0.5  # the share of a heading's cues that the paragraphs below it get


@cache
def negators() -> pl.DataFrame:
    """What denies the words after it: ``phrase``, ``gloss``, ``reach`` (in words).

    A reach of 0 marks a phrase that only looks like a denial, such as لا شك "no doubt".
    """
    return pl.read_csv((files("corpus_tools") / "data" / "negators.csv").read_bytes())


def find(corpus: Corpus, book: Codebook) -> pl.DataFrame:
    """Every cue that counts for its frame, in text order.

    A cue inside a longer one of the same frame does not count again, and the same cue counts
    once a paragraph. One that is denied (see `negators`) counts only for a frame that survives
    negation. In a heading a cue has double weight, because a heading selects and stresses.

    Args:
        corpus: A corpus.
        book: A codebook with cues.

    Returns:
        ``document`` (number), ``paragraph``, ``frame``, ``cue``, ``gloss``, ``weight`` (as
        counted), ``heading``, ``first`` and ``last`` (rows in ``corpus.tokens``), ``order`` (of
        the frame in the book).

    Raises:
        BadInput: The codebook has no cues.

    >>> import tempfile, pathlib
    >>> from corpus_tools import codebook
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     text = '[{"text": "لم تحقق الخطة نجاحا. نجحت الشرطة."}]'
    ...     _ = pathlib.Path(folder, "a.json").write_text(text, "utf-8")
    ...     corpus = corpus_.build(folder)
    >>> find(corpus, codebook.read()).select("frame", "gloss", "weight").rows()
    [('achievement', 'succeeded', 1.0)]
    """
    if not book.cues.height:
        raise BadInput("this codebook has no cues: write some, or use a coder that learns.")
    order = pl.DataFrame({"frame": book.names}).with_row_index("order")
    cues = (
        book.cues.with_row_index("phrase")
        .join(order, on="frame", maintain_order="left")
        .join(book.frames.select("frame", "survives_negation"), on="frame", maintain_order="left")
    )
    hits = concordance.find(corpus, cues["cue"].to_list()).join(
        cues, on="phrase", maintain_order="left"
    )
    hits = _longest(hits.filter(pl.col("survives_negation") | ~_denied(corpus, hits)))
    headings = corpus_.lines(corpus).select("document", "paragraph", "heading")
    return (
        hits.join(headings, on=["document", "paragraph"], maintain_order="left")
        .with_columns(pl.col("weight") * (1 + pl.col("heading")))
        .sort("first", "order", "last", "phrase")
        .unique(["document", "paragraph", "frame", "gloss"], keep="first", maintain_order=True)
        .select("document", "paragraph", "frame", "cue", "gloss", "weight", "heading", "first",
                "last", "order")
    )  # fmt: skip


def _longest(hits: pl.DataFrame) -> pl.DataFrame:
    """Of hits of one frame that lie inside each other, the longest; of two alike the heavier."""
    order = ["frame", "document", "first", "last", "weight", "phrase"]
    ranked = hits.sort(order, descending=[False, False, False, True, True, False])
    reach = pl.col("last").cum_max().shift(1).over("frame", "document")
    return ranked.filter((pl.col("last") > reach).fill_null(True))


def _denied(corpus: Corpus, hits: pl.DataFrame) -> pl.Series:
    """Whether a negator stands before each hit, near enough and in its sentence."""
    listed = negators()
    found = concordance.find(corpus, listed["phrase"].to_list())
    found = found.with_columns(reach=listed["reach"].gather(found["phrase"]))
    # "No doubt" and "not only" begin with a negator and deny nothing.
    harmless = found.filter(pl.col("reach") == 0)["first"]
    found = found.filter(~pl.col("first").is_in(harmless.implode()), pl.col("reach") > 0)
    if not found.height or not hits.height:
        return pl.Series([False]).new_from_index(0, hits.height)
    kinds = corpus.vocabulary["kind"].gather(corpus.tokens["type"])
    words = np.flatnonzero((kinds == "word").to_numpy())
    ends = np.searchsorted(words, found["last"].to_numpy())  # counted in words, not in pieces
    starts = np.searchsorted(words, hits["first"].to_numpy())
    order = np.argsort(ends)
    ends, reach = ends[order], found["reach"].to_numpy()[order]
    sentence = found["document", "sentence"].to_numpy()[order]
    of_hit = hits["document", "sentence"].to_numpy()
    denied = np.zeros(hits.height, bool)
    for back in range(1, int(listed["reach"].max()) + 1):  # type: ignore[arg-type]
        at = np.searchsorted(ends, starts - back)
        at = np.minimum(at, len(ends) - 1)
        same = (ends[at] == starts - back) & (sentence[at] == of_hit).all(axis=1)
        denied |= same & (reach[at] >= back)
    return pl.Series(denied)


def scores(corpus: Corpus, book: Codebook, found: pl.DataFrame | None = None) -> np.ndarray:
    """How much the cues of each frame weigh in each paragraph.

    A paragraph under a heading gets half of what the heading's cues weigh by themselves, for a
    frame that it holds a cue of.

    Args:
        corpus: A corpus.
        book: A codebook with cues.
        found: From `find`, if it is there already.

    Returns:
        An array (paragraphs, frames): paragraphs as in `corpus_tools.corpus.paragraphs`, frames
        as in the book.
    """
    found = find(corpus, book) if found is None else found
    lines = corpus_.lines(corpus).select("document", "paragraph", "heading")
    rows = lines.with_row_index("row")
    hits = found.join(rows.drop("heading"), on=["document", "paragraph"], maintain_order="left")
    weights = np.zeros((lines.height, len(book.names)))
    np.add.at(
        weights, (hits["row"].to_numpy(), hits["order"].to_numpy()), hits["weight"].to_numpy()
    )
    heading = lines["heading"].to_numpy()
    above = np.where(heading, np.arange(len(heading)), -1)
    document = lines["document"].to_numpy()
    above = np.maximum.accumulate(above)
    under = (above >= 0) & ~heading & (document[np.maximum(above, 0)] == document)
    carried = np.where(under[:, None], weights[np.maximum(above, 0)] / 2, 0)
    return weights + UNDER_HEADING * np.where(weights > 0, carried, 0)
