"""A coder that learns frames from coded paragraphs: TF-IDF and logistic regression.

A paragraph is the sum of its word types, each type once, and a type the sum of its lemma and its
character sequences. So what a type weighs for a frame is worked out once a type, and coding a
paragraph is adding up its words. How much cues weigh there is learnt along with them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import polars as pl
from scipy import sparse
from threadpoolctl import threadpool_limits

from corpus_tools import bags as bags_
from corpus_tools import codings, concordance, cues, framing
from corpus_tools import corpus as corpus_
from corpus_tools.bags import Bags
from corpus_tools.codebook import Codebook
from corpus_tools.codings import Gold
from corpus_tools.corpus import Corpus
from corpus_tools.errors import BadInput
from corpus_tools.framing import Coder, Make

LETTERS = (3, 5)  # the length of character sequences, inside words and over their edges
PENALTY = 3.0  # the inverse of the strength of the ridge, C
CUE_WEIGHT = 0.5  # of a cue's weight beside a paragraph's words, which have length 1
MOST = 2.0  # cues of a frame count up to this weight
LEAST_GOLD = 5  # a frame with fewer coded paragraphs is not learnt
SLACK = 0.02  # of F1, within which the threshold nearest to even odds is taken
LEAST_TUNED = 15  # with fewer of them the threshold stays at even odds


Names = tuple[dict[str, int], dict[str, int]]  # of lemmas and character sequences
Parts = tuple[sparse.csr_array, sparse.csr_array]


@dataclass(frozen=True)
class _Model:
    """What was learnt.

    Attributes:
        names: Lemmas and character sequences, each with its number.
        idf: What each of them weighs.
        by_feature: What each of them weighs for each frame.
        by_cue: What the cues of each frame weigh for each frame.
        intercepts: Of the frames.
    """

    names: Names
    idf: tuple[np.ndarray, np.ndarray]
    by_feature: tuple[np.ndarray, np.ndarray]
    by_cue: np.ndarray
    intercepts: np.ndarray


@threadpool_limits.wrap(limits=1, user_api="blas")  # many small steps: threads would only wait
def learn(
    corpus: Corpus,
    gold: pl.DataFrame,
    groups: Sequence[object],
    *,
    frames: Sequence[str],
    book: Codebook | None = None,
    form: str = "lemma",
) -> Coder:
    """A coder learnt from coded paragraphs.

    Features: TF-IDF of lemmas and of character sequences of `LETTERS` letters, each part of
    length 1; with a codebook also what every frame's cues weigh, and whether that is enough.
    Inverse document frequency is log((1 + n) / (1 + d)) + 1 over n coded paragraphs of which d
    hold the feature; one that is in a single paragraph is left out. Per frame a logistic
    regression with ridge penalty and classes weighted to balance. Each group of documents is
    scored as learnt from the others: the threshold of log odds is where F1 is best there, or
    within `SLACK` of the best and nearer to 0 (0 for a frame of fewer than `LEAST_TUNED`
    paragraphs), and probabilities are a curve fitted there (Platt 1999).

    Args:
        corpus: A corpus.
        gold: A coding of paragraphs of it: ``document``, ``paragraph``, ``frames`` (a list).
        groups: The group of each document, such as its outlet.
        frames: The frames of the codebook.
        book: A codebook whose cues are features, too.
        form: ``lemma``; or ``stem``, some forty times faster where lemmas are not known yet.

    Raises:
        BadInput: The coding does not fit the corpus, or no frame of it has `LEAST_GOLD` paragraphs.
    """
    carries, known = framing.gold_matrix(corpus, gold, frames)
    if (carries.sum(axis=0) < LEAST_GOLD).all():
        raise BadInput(
            f"no frame has {LEAST_GOLD} coded paragraphs: code more before learning from them."
        )
    corpus = corpus_.with_form(corpus, form)
    found, extra = bags_.bags(corpus), _cues(corpus, book)
    names = _names(found.types, form)
    features = _features(found.types, form, names)
    model = _fit(found, names, features, extra, carries, known)
    coder = _coder(_pruned(model), list(frames), book, form)
    group = np.array([str(name) for name in groups])
    group = group[corpus_.lines(corpus)["document"].to_numpy()]
    if len(set(group[known])) < 2:
        return coder
    apart = np.zeros(carries.shape)
    for name in sorted(set(group[known])):  # each group as seen from the others
        held = known & (group == name)
        others = _fit(found, names, features, extra, carries, known & ~held)
        apart[held] = _scores(others, found, features, extra)[held]
    best = framing.best_thresholds(apart[known], carries[known], slack=SLACK)
    often = carries[known].sum(axis=0) >= LEAST_TUNED
    coder = replace(coder, threshold=np.where(often & np.isfinite(best), best, 0.0))
    return framing.calibrated(coder, apart[known], carries[known])


def from_gold(gold: Gold | str | Path, book: Codebook, *, form: str = "lemma") -> Coder:
    """A coder learnt from a coded corpus: its words, and the codebook's cues.

    Args:
        gold: From `corpus_tools.codings.open_gold`, or the folder that it opens.
        book: The codebook.
        form: As for `learn`.
    """
    if not isinstance(gold, Gold):
        gold = codings.open_gold(gold, book)
    return learn(gold.corpus, gold.coding, gold.groups, frames=book.names, book=book, form=form)


def learner(
    groups: Sequence[object],
    *,
    frames: Sequence[str],
    book: Codebook | None = None,
    form: str = "lemma",
) -> Make:
    """`learn` with its options set, for `corpus_tools.framing.crossed`."""
    return lambda corpus, gold: learn(corpus, gold, groups, frames=frames, book=book, form=form)


def _cues(corpus: Corpus, book: Codebook | None) -> np.ndarray | None:
    if book is None:
        return None
    weighed = cues.scores(corpus, book)
    return CUE_WEIGHT * np.hstack([np.minimum(weighed, MOST), weighed >= framing.THRESHOLD])


def _names(types: pl.DataFrame, form: str) -> Names:
    """The lemmas and the character sequences of some types, each with its number."""
    from sklearn.feature_extraction.text import CountVectorizer

    lemmas = {word: number for number, word in enumerate(types[form].unique().sort())}
    count = CountVectorizer(analyzer="char_wb", ngram_range=LETTERS)
    listed = count.fit(types["normal"].to_list()).vocabulary_
    return lemmas, {sequence: int(number) for sequence, number in listed.items()}


def _features(types: pl.DataFrame, form: str, names: Names) -> Parts:
    """Which lemma (types, lemmas) and which character sequences (types, sequences) types have."""
    from sklearn.feature_extraction.text import CountVectorizer

    lemmas, letters = names
    place = types[form].replace_strict(lemmas, default=-1, return_dtype=pl.Int64).to_numpy()
    has = np.flatnonzero(place >= 0)
    shape = (types.height, len(lemmas))
    count = CountVectorizer(
        analyzer="char_wb", ngram_range=LETTERS, vocabulary=letters, binary=True, dtype=float
    )
    return (
        sparse.csr_array((np.ones(len(has)), (has, place[has])), shape=shape),
        sparse.csr_array(count.transform(types["normal"].to_list())),
    )


def _lengths(found: Bags, part: sparse.csr_array, idf: np.ndarray) -> np.ndarray:
    """The length of each paragraph, its types taken as at right angles."""
    return np.sqrt(found.matrix @ (part @ idf**2))  # features are 0 or 1


def _fit(
    found: Bags,
    names: Names,
    features: Parts,
    extra: np.ndarray | None,
    carries: np.ndarray,
    known: np.ndarray,
) -> _Model:
    """What the known paragraphs teach; a feature of fewer than two of them weighs nothing."""
    from sklearn.linear_model import LogisticRegression

    rows, columns, weights = found.matrix[known], [], []
    for part in features:
        counted = sparse.csr_array(rows @ part)
        holding = (counted > 0).sum(axis=0)
        idf = np.log((1 + rows.shape[0]) / (1 + holding)) + 1
        idf = np.where(holding > 1, idf, 0.0)
        lengths = _lengths(found, part, idf)[known]
        scale = sparse.diags_array(1 / np.where(lengths > 0, lengths, 1))
        columns.append(scale @ counted @ sparse.diags_array(idf))
        weights.append(idf)
    if extra is not None:
        columns.append(sparse.csr_array(extra[known]))
    x, y = sparse.csr_array(sparse.hstack(columns)), carries[known]
    x.eliminate_zeros()
    x.indices, x.indptr = x.indices.astype(np.int32), x.indptr.astype(np.int32)  # as liblinear asks
    learnt = np.zeros((x.shape[1], y.shape[1]))
    intercepts = np.full(y.shape[1], -np.inf)
    for number in range(y.shape[1]):
        if LEAST_GOLD <= y[:, number].sum() < len(y):
            model = LogisticRegression(C=PENALTY, class_weight="balanced", solver="liblinear")
            model.fit(x, y[:, number])
            learnt[:, number], intercepts[number] = model.coef_[0], model.intercept_[0]
    sizes = np.cumsum([part.shape[1] for part in features])
    by_lemma, by_letters, by_cue = np.split(learnt, sizes)
    return _Model(names, (weights[0], weights[1]), (by_lemma, by_letters), by_cue, intercepts)


def _pruned(model: _Model) -> _Model:
    """The model without the features that weigh nothing."""
    names, idf, by_feature = [], [], []
    for listed, weight, learnt in zip(model.names, model.idf, model.by_feature, strict=True):
        kept = np.flatnonzero(weight > 0)
        place = dict(zip(kept.tolist(), range(len(kept)), strict=True))
        names.append({name: place[n] for name, n in listed.items() if n in place})
        idf.append(weight[kept])
        by_feature.append(learnt[kept])
    return replace(
        model,
        names=(names[0], names[1]),
        idf=(idf[0], idf[1]),
        by_feature=(by_feature[0], by_feature[1]),
    )


def _parts(model: _Model, found: Bags, features: Parts) -> list[tuple[np.ndarray, np.ndarray]]:
    """What each type weighs, and how long each paragraph is, by lemmas and by letters."""
    return [
        (part @ (idf[:, None] * weights), _lengths(found, part, idf))
        for part, idf, weights in zip(features, model.idf, model.by_feature, strict=True)
    ]


def _scores(model: _Model, found: Bags, features: Parts, extra: np.ndarray | None) -> np.ndarray:
    """Log odds of each frame in each paragraph."""
    parts = [bags_.total(found, *part) for part in _parts(model, found, features)]
    scores = model.intercepts + sum(parts)
    return scores if extra is None else scores + extra @ model.by_cue


def _coder(model: _Model, frames: list[str], book: Codebook | None, form: str) -> Coder:
    of_types: list[tuple[pl.DataFrame, Parts]] = []  # of the vocabulary that was asked for last

    def features(corpus: Corpus) -> Parts:
        if not of_types or of_types[0][0] is not corpus.vocabulary:
            with_form = corpus_.with_form(corpus, form)
            types = with_form.vocabulary.filter(pl.col("kind") == "word")
            of_types[:] = [(corpus.vocabulary, _features(types, form, model.names))]
        return of_types[0][1]

    def score(corpus: Corpus) -> np.ndarray:
        return _scores(model, bags_.bags(corpus), features(corpus), _cues(corpus, book))

    def words(corpus: Corpus, coded: pl.DataFrame) -> pl.DataFrame:
        found = bags_.bags(corpus)
        reasons = bags_.reasons(
            corpus, coded, found, frames, _parts(model, found, features(corpus))
        )
        if book is not None:
            reasons = pl.concat([reasons, _cue_words(corpus, coded, book, model.by_cue)])
        return bags_.heaviest(reasons, framing.SHOWN)

    name = "words" if book is None else "words and cues"
    threshold = np.zeros(len(frames))
    return Coder(name, frames, score, threshold, words, framing.no_curve(frames))


def _cue_words(
    corpus: Corpus, coded: pl.DataFrame, book: Codebook, by_cue: np.ndarray
) -> pl.DataFrame:
    """The cues of each coded paragraph that speak for its frame, whichever frame's they are."""
    found = cues.find(corpus, book)
    first, last = found["first"].to_numpy(), found["last"].to_numpy()
    found = found.with_columns(
        word=concordance.in_context(corpus, first, last, window=0)["node"], cue_order="order"
    )
    frames = pl.DataFrame({"frame": book.names}).with_row_index("column")
    pairs = coded.select("document", "paragraph", "frame").join(frames, on="frame")
    pairs = pairs.join(found.drop("frame"), on=["document", "paragraph"])
    by_weight = by_cue[: len(book.names)]
    weight = by_weight[pairs["cue_order"].to_numpy(), pairs["column"].to_numpy()]
    return (
        pairs.with_columns(weight=pl.col("weight") * CUE_WEIGHT * pl.Series(weight))
        .filter(pl.col("weight") > 0)
        .select("document", "paragraph", "frame", "word", "gloss", "weight")
    )
