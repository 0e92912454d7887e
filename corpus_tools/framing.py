"""Coders of frames: each says which frames a paragraph carries, how surely, and by which words.

There are three ways to code, behind one interface: by the cues of a codebook (`by_cues`), by what
was learnt from coded paragraphs (`corpus_tools.supervised`), and by nearness to a frame's words in
an embedding (`corpus_tools.semantic`). `crossed` tells how well each does on outlets that it has
not seen.

Scores describe features of a text. They establish no intent, no truth or falsity and no
dependence of its author.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np
import polars as pl
from threadpoolctl import threadpool_limits

from corpus_tools import codebook, concordance, cues
from corpus_tools import corpus as corpus_
from corpus_tools.codebook import Codebook
from corpus_tools.corpus import Corpus
from corpus_tools.errors import BadInput

THRESHOLD = 1.0  # the cues of a coded frame weigh this much together
SHOWN = 6  # words of a decision that are shown, those that weigh most


@dataclass(frozen=True)
class Coder:
    """A way to code.

    Attributes:
        name: What it is called in tables.
        frames: The frames that it codes, in the order of its arrays.
        score: For a corpus an array (paragraphs, frames); paragraphs as in
            `corpus_tools.corpus.paragraphs`.
        threshold: From which score on a frame is coded, an array (frames).
        words: For a corpus and coded pairs (``document``, ``paragraph``, ``frame``) a table with
            ``document``, ``paragraph``, ``frame``, ``word`` (as in the text), ``gloss``, ``weight``
            (its part in the score).
        curve: Slope and intercept of each frame's chance of being right as a logistic function of
            the score (Platt 1999), an array (frames, 2); not a number where nothing was learnt.
    """

    name: str
    frames: list[str]
    score: Callable[[Corpus], np.ndarray]
    threshold: np.ndarray
    words: Callable[[Corpus, pl.DataFrame], pl.DataFrame]
    curve: np.ndarray


Make = Callable[[Corpus, pl.DataFrame], Coder]  # from a corpus and its coding to a coder


def by_cues(book: Codebook | None = None) -> Coder:
    """The coder that adds up the weights of cues (see `corpus_tools.cues`).

    A frame is coded where its cues weigh `THRESHOLD` or more.

    Args:
        book: A codebook with cues; by default the package's own.

    >>> import tempfile, pathlib
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     _ = pathlib.Path(folder, "a.json").write_text('[{"text": "تم تكريم المدير."}]', "utf-8")
    ...     corpus = corpus_.build(folder)
    >>> code(corpus, by_cues()).select("frame", "score", "words", "glosses").row(0)
    ('recognition', 1.0, ['تكريم'], ['honouring'])
    """
    book = codebook.read() if book is None else book

    def words(corpus: Corpus, coded: pl.DataFrame) -> pl.DataFrame:
        keys = ["document", "paragraph", "frame"]
        found = cues.find(corpus, book).join(coded.select(keys), on=keys, how="semi")
        first, last = found["first"].to_numpy(), found["last"].to_numpy()
        shown = concordance.in_context(corpus, first, last, window=0)["node"]
        return found.select(*keys, pl.Series("word", shown), "gloss", "weight")

    return Coder(
        "cues",
        book.names,
        lambda corpus: cues.scores(corpus, book),
        np.full(len(book.names), THRESHOLD),
        words,
        no_curve(book.names),
    )


def no_curve(frames: Sequence[str]) -> np.ndarray:
    """The curve of a coder that has learnt none: it gives no probabilities."""
    return np.full((len(frames), 2), np.nan)


def gold_matrix(
    corpus: Corpus, gold: pl.DataFrame, frames: Sequence[str]
) -> tuple[np.ndarray, np.ndarray]:
    """A coding as arrays.

    Args:
        corpus: The corpus that was coded.
        gold: ``document`` (number), ``paragraph``, ``frames`` (a list, empty where none was seen);
            a paragraph that is not listed was not coded.
        frames: The frames asked for.

    Returns:
        Whether each paragraph carries each frame (paragraphs, frames), and whether it was coded.

    Raises:
        BadInput: The coding names a frame or a paragraph that there is not.
    """
    unknown = sorted(set(gold["frames"].explode().drop_nulls()) - set(frames))
    if unknown:
        raise BadInput(f"the coding names the frame «{unknown[0]}», which the codebook has not.")
    keys = ["document", "paragraph"]
    lines = corpus_.lines(corpus).select(keys).with_row_index("row")
    rows = gold.select(*(pl.col(key).cast(lines[key].dtype) for key in keys), "frames")
    rows = rows.join(lines, on=keys, how="left", maintain_order="left")
    if rows["row"].null_count():
        at = rows.filter(pl.col("row").is_null()).row(0)
        raise BadInput(
            f"the coding names paragraph {at[1]} of document {at[0]}, which is not here."
        )
    known = np.zeros(lines.height, bool)
    known[rows["row"].to_numpy()] = True
    carries = np.zeros((lines.height, len(frames)), bool)
    pairs = rows.explode("frames").drop_nulls("frames")
    column = {frame: number for number, frame in enumerate(frames)}
    carries[pairs["row"].to_numpy(), [column[frame] for frame in pairs["frames"]]] = True
    return carries, known


def best_thresholds(scores: np.ndarray, carries: np.ndarray, *, slack: float = 0.0) -> np.ndarray:
    """The threshold of each frame at which F1 is best: half way between two scores.

    Args:
        scores: Of coded paragraphs (paragraphs, frames); those that are not finite do not count.
        carries: Whether they carry each frame.
        slack: Of thresholds whose F1 falls short of the best by this much at most, the one
            nearest to 0 is taken: with few paragraphs the best of all is best by chance.

    Returns:
        An array (frames); infinite for a frame that is never carried.

    >>> best_thresholds(np.array([[3.0], [2.0], [1.0]]), np.array([[True], [True], [False]]))
    array([1.5])
    """
    found = np.full(scores.shape[1], np.inf)
    for number in range(scores.shape[1]):
        there = np.isfinite(scores[:, number])
        column, truth = scores[there, number], carries[there, number]
        if not truth.any():
            continue
        order = np.argsort(-column, kind="stable")
        ranked = column[order]
        f1 = 2 * np.cumsum(truth[order]) / (np.arange(1, len(order) + 1) + truth.sum())
        between = (ranked + np.append(ranked[1:], ranked[-1])) / 2
        apart = np.append(ranked[1:] < ranked[:-1], True)  # equal scores are coded alike
        good = apart & (f1 >= f1[apart].max() - slack)
        nearest = np.abs(between) if slack else -f1
        found[number] = between[np.flatnonzero(good)[np.argmin(nearest[good])]]
    return found


def calibrated(coder: Coder, scores: np.ndarray, carries: np.ndarray) -> Coder:
    """The coder with a curve from scores to probabilities (Platt 1999), a frame at a time.

    Args:
        coder: A coder.
        scores: Its scores of coded paragraphs that it was not fitted to (paragraphs, frames).
        carries: Whether they carry each frame.
    """
    from sklearn.linear_model import LogisticRegression

    curve = no_curve(coder.frames)
    for number in range(len(coder.frames)):
        there = np.isfinite(scores[:, number])  # a frame too rare in what was left is not learnt
        column, truth = scores[there, number], carries[there, number]
        if 0 < truth.sum() < len(truth):
            model = LogisticRegression(C=10).fit(column[:, None], truth)
            curve[number] = model.coef_[0, 0], model.intercept_[0]
    return replace(coder, curve=curve)


def probability(coder: Coder, scores: np.ndarray) -> np.ndarray:
    """The chance that a human coder would code each frame, from scores (paragraphs, frames)."""
    return 1 / (1 + np.exp(-(scores * coder.curve[:, 0] + coder.curve[:, 1])))


def code(corpus: Corpus, coder: Coder | None = None, *, words: bool = True) -> pl.DataFrame:
    """Code every paragraph, with the words that made each decision.

    Args:
        corpus: A corpus.
        coder: From `by_cues`, `corpus_tools.supervised.learn` or `corpus_tools.semantic.learn`; by
            default the cues of the package's codebook.
        words: Whether to look for the words; without them it is faster.

    Returns:
        A row a coded frame: ``document`` (number), ``paragraph``, ``frame``, ``score``,
        ``probability``, and ``words`` (as they stand in the text, in text order for cues, else
        those that weigh most first) with their ``glosses``; in text order, frames in the coder's.
    """
    coder = by_cues() if coder is None else coder
    return pl.concat(_coded(part, coder, words) for part in corpus_.batches(corpus))


def _coded(corpus: Corpus, coder: Coder, words: bool) -> pl.DataFrame:
    scores = coder.score(corpus)
    row, column = np.nonzero(scores >= coder.threshold)
    lines = corpus_.lines(corpus).select("document", "paragraph")
    coded = lines[row].with_columns(
        pl.Series("frame", np.array(coder.frames, object)[column], dtype=pl.String),
        score=pl.Series(scores[row, column]),
        probability=pl.Series(probability(coder, scores)[row, column]),
    )
    if not words:
        return coded
    keys = ["document", "paragraph", "frame"]
    reasons = coder.words(corpus, coded).group_by(keys, maintain_order=True)
    reasons_ = reasons.agg(words="word", glosses="gloss")
    return coded.join(reasons_, on=keys, how="left", maintain_order="left").with_columns(
        pl.col("words", "glosses").fill_null(pl.lit([], dtype=pl.List(pl.String)))
    )


@threadpool_limits.wrap(limits=1, user_api="blas")
def crossed(
    make: Make, corpus: Corpus, gold: pl.DataFrame, groups: Sequence[object]
) -> pl.DataFrame:
    """What a coder says of each group of documents when it has learnt from the others alone.

    Args:
        make: Makes a coder from a corpus and a coding of some of its paragraphs.
        corpus: A corpus.
        gold: Its coding, as for `gold_matrix`.
        groups: The group of each document (its outlet, say); at least two.

    Returns:
        A row for each coded paragraph and frame: ``document``, ``paragraph``, ``frame``, ``gold``
        and ``coded`` (whether), ``score``, ``probability``.

    Raises:
        BadInput: There is one group only.
    """
    group = np.array([str(name) for name in groups])
    if len(set(group)) < 2:
        raise BadInput("all documents are of one group: what was learnt there needs another one.")
    lines = corpus_.lines(corpus).select("document", "paragraph")
    of_line = group[lines["document"].to_numpy()]
    of_gold = group[gold["document"].to_numpy()]
    parts = []
    for name in sorted(set(of_gold)):
        coder = make(corpus, gold.filter(pl.Series(of_gold != name)))
        carries, known = gold_matrix(corpus, gold, coder.frames)
        rows = np.flatnonzero(known & (of_line == name))
        scores = coder.score(corpus)[rows]
        frames = pl.Series("frame", coder.frames * len(rows))
        parts.append(
            lines[np.repeat(rows, len(coder.frames))].with_columns(
                frame=frames,
                gold=pl.Series(carries[rows].ravel()),
                coded=pl.Series((scores >= coder.threshold).ravel()),
                score=pl.Series(scores.ravel()),
                probability=pl.Series(probability(coder, scores).ravel()),
            )
        )
    return pl.concat(parts).sort("document", "paragraph", maintain_order=True)


def paragraph_frames(corpus: Corpus, coded: pl.DataFrame) -> pl.DataFrame:
    """Every paragraph with its frames, or none.

    Returns:
        ``document`` (name), ``paragraph``, ``heading``, ``text``, ``frames``, in text order.
    """
    frames = coded.group_by("document", "paragraph", maintain_order=True).agg(frames="frame")
    table = corpus_.paragraphs(corpus).join(
        frames, on=["document", "paragraph"], how="left", maintain_order="left"
    )
    return table.select(
        corpus.documents["document"].gather(table["document"]),
        "paragraph",
        "heading",
        "text",
        pl.col("frames").fill_null(pl.lit([], dtype=pl.List(pl.String))),
    )
