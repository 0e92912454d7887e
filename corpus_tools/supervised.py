"""A coder that learns frames from coded paragraphs: TF-IDF and logistic regression.

A paragraph is the sum of its word types, each type once, and a type the sum of its lemma and its
character sequences. So what a type weighs for a frame is worked out once a type, and coding a
paragraph is adding up its words. How much cues weigh there is learnt along with them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import polars as pl
from scipy import sparse

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


@dataclass(frozen=True)
class _Space:
    """The features: a number for each lemma and each character sequence, and their IDF."""

    lemmas: dict[str, int]
    letters: dict[str, int]
    idf: tuple[np.ndarray, np.ndarray]

    def parts(self, types: pl.DataFrame, form: str) -> list[sparse.csr_array]:
        """Each type as its lemma and as its character sequences, weighted by IDF."""
        spelled = (_lemmas(types, form, self.lemmas), _letters(types, self.letters))
        return [
            sparse.csr_array(part @ sparse.diags_array(idf))
            for part, idf in zip(spelled, self.idf, strict=True)
        ]


@dataclass(frozen=True)
class _Model:
    """What was learnt: features, what each weighs for each frame, and the frames' intercepts."""

    space: _Space
    by_type: tuple[np.ndarray, np.ndarray]
    by_cue: np.ndarray
    intercepts: np.ndarray


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
    regression with ridge penalty and classes weighted to balance; coded where its log odds are 0
    or more. Probabilities come from a curve fitted to what each group gets when the others alone
    are learnt from (Platt 1999).

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
    found = bags_.bags(corpus)
    extra = _cues(corpus, book)
    coder = _coder(_fit(found, extra, carries, known, form), list(frames), book, form)
    group = np.array([str(name) for name in groups])
    group = group[corpus_.paragraphs(corpus)["document"].to_numpy()]
    names = sorted(set(group[known]))
    if len(names) < 2:
        return coder
    apart = np.zeros(carries.shape)
    for name in names:  # each group as seen from the others
        held = known & (group == name)
        others = _fit(found, extra, carries, known & ~held, form)
        apart[held] = _scores(others, found, extra, form)[held]
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


def _lemmas(types: pl.DataFrame, form: str, lemmas: dict[str, int]) -> sparse.csr_array:
    """Which lemma each type has (types, lemmas)."""
    place = types[form].replace_strict(lemmas, default=-1, return_dtype=pl.Int64).to_numpy()
    has = np.flatnonzero(place >= 0)
    shape = (types.height, len(lemmas))
    return sparse.csr_array((np.ones(len(has)), (has, place[has])), shape=shape)


def _letters(types: pl.DataFrame, letters: dict[str, int]) -> sparse.csr_array:
    """Which character sequences each type holds (types, sequences)."""
    from sklearn.feature_extraction.text import CountVectorizer

    count = CountVectorizer(
        analyzer="char_wb", ngram_range=LETTERS, vocabulary=letters, binary=True, dtype=float
    )
    return sparse.csr_array(count.transform(types["normal"].to_list()))


def _space(found: Bags, known: np.ndarray, form: str) -> _Space:
    """The features of the paragraphs that are learnt from."""
    from sklearn.feature_extraction.text import CountVectorizer

    rows = found.matrix[known]
    there = found.types.filter(pl.Series(rows.sum(axis=0) > 0))
    lemmas = {word: number for number, word in enumerate(there[form].unique().sort())}
    count = CountVectorizer(analyzer="char_wb", ngram_range=LETTERS)
    listed = count.fit(there["normal"].to_list()).vocabulary_
    letters = {sequence: int(number) for sequence, number in listed.items()}
    idf = []
    for part in (_lemmas(found.types, form, lemmas), _letters(found.types, letters)):
        holding = ((rows @ part) > 0).sum(axis=0)
        weight = np.log((1 + rows.shape[0]) / (1 + holding)) + 1
        idf.append(np.where(holding > 1, weight, 0.0))
    return _Space(lemmas, letters, (idf[0], idf[1]))


def _lengths(found: Bags, part: sparse.csr_array) -> np.ndarray:
    """The length of each paragraph, its types taken as at right angles."""
    return np.sqrt(found.matrix @ np.asarray((part * part).sum(axis=1)).ravel())


def _fit(
    found: Bags, extra: np.ndarray | None, carries: np.ndarray, known: np.ndarray, form: str
) -> _Model:
    """What the known paragraphs teach."""
    from sklearn.linear_model import LogisticRegression

    space = _space(found, known, form)
    columns = []
    for part in space.parts(found.types, form):
        lengths = _lengths(found, part)[known]
        scale = sparse.diags_array(1 / np.where(lengths > 0, lengths, 1))
        columns.append(scale @ (found.matrix[known] @ part))
    if extra is not None:
        columns.append(sparse.csr_array(extra[known]))
    x, y = sparse.csr_array(sparse.hstack(columns)), carries[known]
    x.indices, x.indptr = x.indices.astype(np.int32), x.indptr.astype(np.int32)  # as liblinear asks
    weights = np.zeros((x.shape[1], y.shape[1]))
    intercepts = np.full(y.shape[1], -np.inf)
    for number in range(y.shape[1]):
        if LEAST_GOLD <= y[:, number].sum() < len(y):
            model = LogisticRegression(C=PENALTY, class_weight="balanced", solver="liblinear")
            model.fit(x, y[:, number])
            weights[:, number], intercepts[number] = model.coef_[0], model.intercept_[0]
    sizes = np.cumsum([len(space.lemmas), len(space.letters)])
    by_lemma, by_letters, by_cue = np.split(weights, sizes)
    return _Model(space, (by_lemma, by_letters), by_cue, intercepts)


def _parts(model: _Model, found: Bags, form: str) -> list[tuple[np.ndarray, np.ndarray]]:
    """What each type weighs, and how long each paragraph is, by lemmas and by letters."""
    features = model.space.parts(found.types, form)
    return [
        (part @ weights, _lengths(found, part))
        for part, weights in zip(features, model.by_type, strict=True)
    ]


def _scores(model: _Model, found: Bags, extra: np.ndarray | None, form: str) -> np.ndarray:
    """Log odds of each frame in each paragraph."""
    parts = [bags_.total(found, *part) for part in _parts(model, found, form)]
    scores = model.intercepts + sum(parts)
    return scores if extra is None else scores + extra @ model.by_cue


def _coder(model: _Model, frames: list[str], book: Codebook | None, form: str) -> Coder:
    def score(corpus: Corpus) -> np.ndarray:
        found = bags_.bags(corpus_.with_form(corpus, form))
        return _scores(model, found, _cues(corpus, book), form)

    def words(corpus: Corpus, coded: pl.DataFrame) -> pl.DataFrame:
        found = bags_.bags(corpus_.with_form(corpus, form))
        reasons = bags_.reasons(corpus, coded, found, frames, _parts(model, found, form))
        if book is not None:
            reasons = pl.concat([reasons, _cue_words(corpus, coded, book, model.by_cue)])
        return bags_.heaviest(reasons, framing.SHOWN)

    name = "words" if book is None else "words and cues"
    curve = np.full((len(frames), 2), np.nan)
    return Coder(name, frames, score, np.zeros(len(frames)), words, curve)


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
