"""Rules for frames: cues with weights, which count for less or not at all where they are denied."""

from __future__ import annotations

import numpy as np
import polars as pl

from corpus_tools.corpus.corpus import Corpus
from corpus_tools.data import read_table
from corpus_tools.errors import BadInput
from corpus_tools.framing.codebook import Codebook
from corpus_tools.words.kwic import find_phrases, keep_longest

HEADING_SHARE = 0.5  # the share of a heading's cues that the paragraphs below it get


def negation_phrases() -> pl.DataFrame:
    """What denies the words after it: ``phrase``, ``gloss``, ``reach`` (in words).

    A reach of 0 marks a phrase that only looks like a negation, such as لا شك "no doubt".
    """
    return read_table("negators")


def find_cues(corpus: Corpus, book: Codebook) -> pl.DataFrame:
    """Every cue that counts for its frame, in text order.

    A cue inside a longer one of the same frame does not count again, and the same cue counts once
    per paragraph. One that is negated (see `negation_phrases`) counts only for a frame that
    survives negation. In a heading a cue has double weight, because a heading selects and stresses.

    Args:
        corpus: A corpus.
        book: A codebook with cues.

    Returns:
        ``document`` (number), ``paragraph``, ``frame``, ``cue``, ``gloss``, ``weight`` (as
        counted), ``heading``, ``first`` and ``last`` (rows in ``corpus.tokens``), ``order`` (of
        the frame in the codebook).

    Raises:
        BadInput: The codebook has no cues.

    >>> import tempfile, pathlib
    >>> import corpus_tools as ct
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     text = '[{"text": "لم تحقق الخطة نجاحا. نجحت الشرطة."}]'
    ...     _ = pathlib.Path(folder, "a.json").write_text(text, "utf-8")
    ...     corpus = ct.read_corpus(folder)
    >>> find_cues(corpus, ct.framing.read_codebook()).select("frame", "gloss", "weight").rows()
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
    negations = negation_phrases()
    found = find_phrases(corpus, [*cues["cue"], *negations["phrase"]])
    hits = found.join(cues, on="phrase", maintain_order="left")
    denials = found.filter(pl.col("phrase") >= cues.height)
    denials = denials.with_columns(reach=negations["reach"].gather(denials["phrase"] - cues.height))
    hits = hits.filter(pl.col("survives_negation") | ~_flag_negated(corpus, hits, denials))
    # Of two cues on the same words the heavier counts.
    hits = hits.sort("weight", "phrase", descending=[True, False], maintain_order=True)
    hits = keep_longest(hits, "first", "last", within=["frame", "document"])
    headings = corpus.paragraphs(text=False).select("document", "paragraph", "heading")
    return (
        hits.join(headings, on=["document", "paragraph"], maintain_order="left")
        .with_columns(pl.col("weight") * (1 + pl.col("heading")))
        .sort("first", "order", "last", "phrase")
        .unique(["document", "paragraph", "frame", "gloss"], keep="first", maintain_order=True)
        .select("document", "paragraph", "frame", "cue", "gloss", "weight", "heading", "first",
                "last", "order")
    )  # fmt: skip


def _flag_negated(corpus: Corpus, hits: pl.DataFrame, denials: pl.DataFrame) -> pl.Series:
    """Whether a negation precedes each hit, near enough and in its sentence."""
    # "No doubt" and "not only" begin with a negation and deny nothing.
    harmless = denials.filter(pl.col("reach") == 0)["first"]
    denials = denials.filter(~pl.col("first").is_in(harmless.implode()), pl.col("reach") > 0)
    if not denials.height or not hits.height:
        return pl.Series([False]).new_from_index(0, hits.height)
    kinds = corpus.vocabulary["kind"].gather(corpus.tokens["type"])
    words = np.flatnonzero((kinds == "word").to_numpy())
    ends = np.searchsorted(words, denials["last"].to_numpy())  # counted in words, not in tokens
    starts = np.searchsorted(words, hits["first"].to_numpy())
    order = np.argsort(ends)
    ends, reach = ends[order], denials["reach"].to_numpy()[order]
    sentence = denials["document", "sentence"].to_numpy()[order]
    of_hit = hits["document", "sentence"].to_numpy()
    negated = np.zeros(hits.height, bool)
    for back in range(1, int(reach.max()) + 1):
        at = np.searchsorted(ends, starts - back)
        at = np.minimum(at, len(ends) - 1)
        same = (ends[at] == starts - back) & (sentence[at] == of_hit).all(axis=1)
        negated |= same & (reach[at] >= back)
    return pl.Series(negated)


def score_cues(corpus: Corpus, book: Codebook, found: pl.DataFrame | None = None) -> np.ndarray:
    """The summed weight of the cues of each frame in each paragraph.

    A paragraph below a heading gets half of what the heading's cues weigh by themselves, for a
    frame of which it holds a cue itself.

    Args:
        corpus: A corpus.
        book: A codebook with cues.
        found: From `find_cues`, if computed already.

    Returns:
        An array (paragraphs, frames): paragraphs as in `corpus_tools.corpus.corpus.Corpus`, frames
        as in the codebook.
    """
    found = find_cues(corpus, book) if found is None else found
    lines = corpus.paragraphs(text=False).select("document", "paragraph", "heading")
    rows = lines.with_row_index("row").drop("heading")
    hits = found.join(rows, on=["document", "paragraph"], maintain_order="left")
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
    return weights + HEADING_SHARE * np.where(weights > 0, carried, 0)
