"""Coders of frames: each decides which frames a paragraph carries, how surely, and by which words.

Three kinds of coder share one interface: cues of a codebook (`cue_coder`), a model fitted to coded
paragraphs (`corpus_tools.framing.learned`), and similarity to a frame's words in an embedding
(`corpus_tools.framing.semantic`). `cross_validate` measures each on outlets that it was not fitted
to.

Scores describe features of a text. They say nothing about intent, truth or the author's
independence.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np
import polars as pl
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import LeaveOneGroupOut
from threadpoolctl import threadpool_limits

from corpus_tools.corpus.corpus import Corpus
from corpus_tools.errors import BadInput
from corpus_tools.framing.codebook import Codebook, read_codebook
from corpus_tools.framing.features import Features

CUE_THRESHOLD = 1.0  # summed weight from which cues code a frame
MAX_EVIDENCE = 6  # words shown for a decision, those that weigh most
_KEYS = ["document", "paragraph", "frame"]


@dataclass(frozen=True)
class Coder:
    """A way to code. Its functions take the features that `prepare` computed, once for both.

    Attributes:
        name: What the coder is called in tables.
        frames: The frames that it codes, in the order of its arrays.
        prepare: From a corpus to the `corpus_tools.framing.features.Features` of its paragraphs.
        score: From features to scores, an array (paragraphs, frames); paragraphs as in
            `corpus_tools.corpus.corpus.Corpus.paragraphs`.
        threshold: The score from which a frame is coded, an array (frames).
        explain: From features and coded pairs (``document``, ``paragraph``, ``frame``) to a table
            with ``document``, ``paragraph``, ``frame``, ``word`` (as in the text), ``gloss``,
            ``weight`` (its part in the score).
        curve: Slope and intercept of each frame's probability of being right as a logistic function
            of the score (Platt 1999), an array (frames, 2); NaN for frames that were not fitted.
    """

    name: str
    frames: list[str]
    prepare: Callable[[Corpus], Features]
    score: Callable[[Features], np.ndarray]
    threshold: np.ndarray
    explain: Callable[[Features, pl.DataFrame], pl.DataFrame]
    curve: np.ndarray


CoderFactory = Callable[[Corpus, pl.DataFrame], Coder]  # from a corpus and its coding to a coder


def cue_coder(book: Codebook | None = None) -> Coder:
    """The coder that adds up the weights of cues (see `corpus_tools.framing.rules`).

    A frame is coded where its cues weigh `CUE_THRESHOLD` or more.

    Args:
        book: A codebook with cues; by default the package's own.

    >>> import tempfile, pathlib
    >>> import corpus_tools as ct
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     _ = pathlib.Path(folder, "a.json").write_text('[{"text": "تم تكريم المدير."}]', "utf-8")
    ...     corpus = ct.read_corpus(folder)
    >>> code(corpus, cue_coder()).select("frame", "score", "words", "glosses").row(0)
    ('recognition', 1.0, ['تكريم'], ['honouring'])
    """
    book = read_codebook() if book is None else book

    def explain(features: Features, coded: pl.DataFrame) -> pl.DataFrame:
        found = features.cue_words().join(coded.select(_KEYS), on=_KEYS, how="semi")
        return found.select(*_KEYS, "word", "gloss", "weight")

    return Coder(
        name="cues",
        frames=book.names,
        prepare=lambda corpus: Features(corpus, book),
        score=lambda features: features.cue_scores,
        threshold=np.full(len(book.names), CUE_THRESHOLD),
        explain=explain,
        curve=empty_curve(book.names),
    )


def empty_curve(frames: Sequence[str]) -> np.ndarray:
    """The curve of a coder that gives no probabilities."""
    return np.full((len(frames), 2), np.nan)


def coding_matrix(
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
        BadInput: The coding names a frame or a paragraph that does not exist.
    """
    unknown = sorted(set(gold["frames"].explode().drop_nulls()) - set(frames))
    if unknown:
        raise BadInput(f"the coding names the frame «{unknown[0]}», which is not in the codebook.")
    keys = ["document", "paragraph"]
    lines = corpus.paragraphs(text=False).select(keys).with_row_index("row")
    rows = gold.select(*(pl.col(key).cast(lines[key].dtype) for key in keys), "frames")
    rows = rows.join(lines, on=keys, how="left", maintain_order="left")
    if rows["row"].null_count():
        at = rows.filter(pl.col("row").is_null()).row(0)
        raise BadInput(
            f"the coding names paragraph {at[1]} of document {at[0]}, which does not exist."
        )
    known = np.zeros(lines.height, bool)
    known[rows["row"].to_numpy()] = True
    carries = np.zeros((lines.height, len(frames)), bool)
    pairs = rows.explode("frames").drop_nulls("frames")
    column = {frame: number for number, frame in enumerate(frames)}
    carries[pairs["row"].to_numpy(), [column[frame] for frame in pairs["frames"]]] = True
    return carries, known


def tune_thresholds(scores: np.ndarray, carries: np.ndarray, *, slack: float = 0.0) -> np.ndarray:
    """The threshold of each frame at which F1 is best: half way between two scores.

    Args:
        scores: Of coded paragraphs (paragraphs, frames); those that are not finite do not count.
        carries: Whether they carry each frame.
        slack: Of thresholds whose F1 falls short of the best by this much at most, the one
            nearest to 0 is taken: with few paragraphs the best of all is best by chance.

    Returns:
        An array (frames); infinite for a frame that is never carried.

    >>> tune_thresholds(np.array([[3.0], [2.0], [1.0]]), np.array([[True], [True], [False]]))
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


def calibrate_coder(coder: Coder, scores: np.ndarray, carries: np.ndarray) -> Coder:
    """The coder with a curve from scores to probabilities (Platt 1999), fitted frame by frame.

    Args:
        coder: A coder.
        scores: Its scores of coded paragraphs that it was not fitted to, an array (paragraphs,
            frames).
        carries: Whether they carry each frame.
    """
    curve = empty_curve(coder.frames)
    for number in range(len(coder.frames)):
        there = np.isfinite(scores[:, number])  # a frame too rare in the other groups has no score
        column, truth = scores[there, number], carries[there, number]
        if 0 < truth.sum() < len(truth):
            model = LogisticRegression(C=10).fit(column[:, None], truth)
            curve[number] = model.coef_[0, 0], model.intercept_[0]
    return replace(coder, curve=curve)


def predict_probability(coder: Coder, scores: np.ndarray) -> np.ndarray:
    """The probability that the gold coding assigns each frame, an array (paragraphs, frames)."""
    return 1 / (1 + np.exp(-(scores * coder.curve[:, 0] + coder.curve[:, 1])))


def code(corpus: Corpus, coder: Coder | None = None, *, words: bool = True) -> pl.DataFrame:
    """Code every paragraph, with the words that each decision rests on.

    Args:
        corpus: A corpus.
        coder: From `cue_coder`, `corpus_tools.framing.learned.fit_coder` or
            `corpus_tools.framing.semantic.fit_semantic_coder`; by default the cues of the package's
            codebook.
        words: Whether to look for the words; without them coding is faster.

    Returns:
        One row per coded frame: ``document`` (number), ``paragraph``, ``frame``, ``score``,
        ``probability``, and ``words`` (as they stand in the text; in text order for cues, otherwise
        the heaviest first) with their ``glosses``; in text order, frames in the coder's order.
    """
    coder = cue_coder() if coder is None else coder
    return pl.concat(_code_batch(part, coder, words) for part in corpus.batches())


def _code_batch(corpus: Corpus, coder: Coder, words: bool) -> pl.DataFrame:
    features = coder.prepare(corpus)
    scores = coder.score(features)
    row, column = np.nonzero(scores >= coder.threshold)
    lines = corpus.paragraphs(text=False).select("document", "paragraph")
    coded = lines[row].with_columns(
        pl.Series("frame", np.array(coder.frames, object)[column], dtype=pl.String),
        score=pl.Series(scores[row, column]),
        probability=pl.Series(predict_probability(coder, scores)[row, column]),
    )
    if not words:
        return coded
    evidence = coder.explain(features, coded).group_by(_KEYS, maintain_order=True)
    listed = evidence.agg(words="word", glosses="gloss")
    return coded.join(listed, on=_KEYS, how="left", maintain_order="left").with_columns(
        pl.col("words", "glosses").fill_null(pl.lit([], dtype=pl.List(pl.String)))
    )


@threadpool_limits.wrap(limits=1, user_api="blas")
def cross_validate(
    make: CoderFactory, corpus: Corpus, gold: pl.DataFrame, groups: Sequence[object]
) -> pl.DataFrame:
    """What a coder decides about each group of documents when fitted to the other groups alone.

    Args:
        make: Makes a coder from a corpus and a coding of some of its paragraphs.
        corpus: A corpus.
        gold: Its coding, as for `coding_matrix`.
        groups: The group of each document, such as its outlet; at least two.

    Returns:
        One row for each coded paragraph and frame: ``document``, ``paragraph``, ``frame``, ``gold``
        and ``coded`` (whether), ``score``, ``probability``.

    Raises:
        BadInput: There is one group only.
    """
    group = np.array([str(name) for name in groups])
    of_gold = group[gold["document"].to_numpy()]
    if len(set(group)) < 2:
        raise BadInput("all documents are of one group: cross-validation needs at least two.")
    lines = corpus.paragraphs(text=False).select("document", "paragraph").with_row_index("row")
    keys = [pl.col(key).cast(lines[key].dtype) for key in ("document", "paragraph")]
    row = gold.select(keys).join(lines, on=["document", "paragraph"], how="left")["row"]
    parts = []
    for fitted, held in LeaveOneGroupOut().split(row, groups=of_gold):
        coder = make(corpus, gold[fitted])
        carries, _ = coding_matrix(corpus, gold, coder.frames)
        rows = np.sort(row.gather(held).to_numpy())
        scores = coder.score(coder.prepare(corpus))[rows]
        parts.append(
            lines[np.repeat(rows, len(coder.frames))]
            .drop("row")
            .with_columns(
                frame=pl.Series("frame", coder.frames * len(rows)),
                gold=pl.Series(carries[rows].ravel()),
                coded=pl.Series((scores >= coder.threshold).ravel()),
                score=pl.Series(scores.ravel()),
                probability=pl.Series(predict_probability(coder, scores).ravel()),
            )
        )
    return pl.concat(parts).sort("document", "paragraph", maintain_order=True)


def list_paragraph_frames(corpus: Corpus, coded: pl.DataFrame) -> pl.DataFrame:
    """Every paragraph with its frames, or none.

    Args:
        corpus: A corpus.
        coded: From `code`.

    Returns:
        ``document`` (name), ``paragraph``, ``heading``, ``text``, ``frames``, in text order.
    """
    frames = coded.group_by("document", "paragraph", maintain_order=True).agg(frames="frame")
    table = corpus.paragraphs().join(
        frames, on=["document", "paragraph"], how="left", maintain_order="left"
    )
    return table.select(
        corpus.documents["document"].gather(table["document"]),
        "paragraph",
        "heading",
        "text",
        pl.col("frames").fill_null(pl.lit([], dtype=pl.List(pl.String))),
    )
