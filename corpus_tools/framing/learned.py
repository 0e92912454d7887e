"""A coder fitted to coded paragraphs: TF-IDF and logistic regression, with cues as features.

A paragraph is represented by the sum of its word types, each type once, and a type by its lemma and
its character n-grams. The weight of a type for a frame is therefore computed once per type, and
coding a paragraph is adding up its words. The weight of cues is fitted along with them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import polars as pl
from scipy import sparse
from sklearn.feature_extraction.text import CountVectorizer
from sklearn.linear_model import LogisticRegression
from threadpoolctl import threadpool_limits

from corpus_tools.corpus.corpus import Corpus
from corpus_tools.errors import BadInput
from corpus_tools.framing.annotations import GoldStandard, open_gold
from corpus_tools.framing.codebook import Codebook
from corpus_tools.framing.coder import (
    CUE_THRESHOLD,
    MAX_EVIDENCE,
    Coder,
    CoderFactory,
    calibrate_coder,
    coding_matrix,
    empty_curve,
    tune_thresholds,
)
from corpus_tools.framing.features import Features, keep_heaviest, sum_weights, weigh_types

NGRAM_LENGTHS = (3, 5)  # of character n-grams, inside words and across their edges
INVERSE_PENALTY = 3.0  # C, the inverse of the strength of the ridge penalty
CUE_WEIGHT = 0.5  # of a cue's weight beside a paragraph's words, which have length 1
MAX_CUE_WEIGHT = 2.0  # cues of a frame count up to this weight
MIN_GOLD = 5  # a frame with fewer coded paragraphs is not fitted
F1_SLACK = 0.02  # of F1, within which the threshold nearest to even odds is taken
MIN_TUNED = 15  # with fewer coded paragraphs the threshold stays at even odds

FeatureNames = tuple[dict[str, int], dict[str, int]]  # of lemmas and of character n-grams
FeatureParts = tuple[sparse.csr_array, sparse.csr_array]


@dataclass(frozen=True)
class _Model:
    """Fitted weights.

    Attributes:
        names: Lemmas and character n-grams, each with its number.
        idf: Inverse document frequency of each.
        by_feature: Weight of each for each frame.
        by_cue: Weight of the cues of each frame for each frame.
        intercepts: Of the frames.
    """

    names: FeatureNames
    idf: tuple[np.ndarray, np.ndarray]
    by_feature: tuple[np.ndarray, np.ndarray]
    by_cue: np.ndarray
    intercepts: np.ndarray


@threadpool_limits.wrap(limits=1, user_api="blas")  # many small steps: threads would only wait
def fit_coder(
    corpus: Corpus,
    gold: pl.DataFrame,
    groups: Sequence[object],
    *,
    frames: Sequence[str],
    book: Codebook | None = None,
    form: str = "lemma",
) -> Coder:
    """Fit a coder to coded paragraphs.

    Features are TF-IDF of lemmas and of character n-grams of `NGRAM_LENGTHS` letters, each part of
    length 1; with a codebook also the summed weight of every frame's cues, and whether it reaches
    `corpus_tools.framing.coder.CUE_THRESHOLD`. Inverse document frequency is
    log((1 + n) / (1 + d)) + 1 over n coded paragraphs, d of which hold the feature; features of a
    single paragraph are left out. Each frame has a logistic regression with ridge penalty and
    balanced class weights. Each group of documents is then scored by a model fitted to the others:
    the threshold of log odds is where F1 is best there, or within `F1_SLACK` of the best and nearer
    to 0 (0 for a frame of fewer than `MIN_TUNED` paragraphs), and probabilities come from a curve
    fitted there (Platt 1999).

    Args:
        corpus: A corpus.
        gold: A coding of paragraphs of it: ``document``, ``paragraph``, ``frames`` (a list).
        groups: The group of each document, such as its outlet.
        frames: The frames of the codebook.
        book: A codebook whose cues are features too.
        form: ``lemma``; or ``stem``, some forty times faster where lemmas are not known yet.

    Raises:
        BadInput: The coding does not fit the corpus, or no frame has `MIN_GOLD` paragraphs.
    """
    carries, known = coding_matrix(corpus, gold, frames)
    if (carries.sum(axis=0) < MIN_GOLD).all():
        raise BadInput(f"no frame has {MIN_GOLD} coded paragraphs: code more before fitting.")
    features = Features(corpus.with_form(form), book)
    cues = _cue_features(features)
    names = _list_features(features.types, form)
    parts = _type_features(features.types, form, names)
    model = _fit(features, names, parts, cues, carries, known)
    coder = _make_coder(_prune(model), list(frames), book, form)
    group = np.array([str(name) for name in groups])
    group = group[corpus.paragraphs(text=False)["document"].to_numpy()]
    if len(set(group[known])) < 2:
        return coder
    unseen = np.zeros(carries.shape)  # scores of each group by the model of the others
    for name in sorted(set(group[known])):
        held = known & (group == name)
        others = _fit(features, names, parts, cues, carries, known & ~held)
        unseen[held] = _log_odds(others, features, parts, cues)[held]
    best = tune_thresholds(unseen[known], carries[known], slack=F1_SLACK)
    often = carries[known].sum(axis=0) >= MIN_TUNED
    coder = replace(coder, threshold=np.where(often & np.isfinite(best), best, 0.0))
    return calibrate_coder(coder, unseen[known], carries[known])


def fit_from_gold(gold: GoldStandard | str | Path, book: Codebook, *, form: str = "lemma") -> Coder:
    """Fit a coder to a gold standard: its words, and the codebook's cues.

    Args:
        gold: From `corpus_tools.framing.annotations.open_gold`, or the folder that it opens.
        book: The codebook.
        form: As for `fit_coder`.
    """
    if not isinstance(gold, GoldStandard):
        gold = open_gold(gold, book)
    return fit_coder(gold.corpus, gold.coding, gold.groups, frames=book.names, book=book, form=form)


def coder_factory(
    groups: Sequence[object],
    *,
    frames: Sequence[str],
    book: Codebook | None = None,
    form: str = "lemma",
) -> CoderFactory:
    """`fit_coder` with its options set, for `corpus_tools.framing.coder.cross_validate`."""
    return lambda corpus, gold: fit_coder(corpus, gold, groups, frames=frames, book=book, form=form)


def _cue_features(features: Features) -> np.ndarray | None:
    if features.book is None:
        return None
    weighed = features.cue_scores
    return CUE_WEIGHT * np.hstack([np.minimum(weighed, MAX_CUE_WEIGHT), weighed >= CUE_THRESHOLD])


def _list_features(types: pl.DataFrame, form: str) -> FeatureNames:
    """The lemmas and the character n-grams of some types, each with its number."""
    lemmas = {word: number for number, word in enumerate(types[form].unique().sort())}
    count = CountVectorizer(analyzer="char_wb", ngram_range=NGRAM_LENGTHS)
    listed = count.fit(types["normal"].to_list()).vocabulary_
    return lemmas, {sequence: int(number) for sequence, number in listed.items()}


def _type_features(types: pl.DataFrame, form: str, names: FeatureNames) -> FeatureParts:
    """The lemma of each type (types, lemmas) and its character n-grams (types, n-grams)."""
    lemmas, ngrams = names
    place = types[form].replace_strict(lemmas, default=-1, return_dtype=pl.Int64).to_numpy()
    has = np.flatnonzero(place >= 0)
    shape = (types.height, len(lemmas))
    count = CountVectorizer(
        analyzer="char_wb", ngram_range=NGRAM_LENGTHS, vocabulary=ngrams, binary=True, dtype=float
    )
    return (
        sparse.csr_array((np.ones(len(has)), (has, place[has])), shape=shape),
        sparse.csr_array(count.transform(types["normal"].to_list())),
    )


def _lengths(features: Features, part: sparse.csr_array, idf: np.ndarray) -> np.ndarray:
    """The length of each paragraph, its types taken as orthogonal."""
    return np.sqrt(features.presence @ (part @ idf**2))  # features are 0 or 1


def _fit(
    features: Features,
    names: FeatureNames,
    parts: FeatureParts,
    cues: np.ndarray | None,
    carries: np.ndarray,
    known: np.ndarray,
) -> _Model:
    """A model of the known paragraphs; a feature of fewer than two of them weighs nothing."""
    rows, columns, weights = features.presence[known], [], []
    for part in parts:
        counted = sparse.csr_array(rows @ part)
        holding = (counted > 0).sum(axis=0)
        idf = np.log((1 + rows.shape[0]) / (1 + holding)) + 1
        idf = np.where(holding > 1, idf, 0.0)
        lengths = _lengths(features, part, idf)[known]
        scale = sparse.diags_array(1 / np.where(lengths > 0, lengths, 1))
        columns.append(scale @ counted @ sparse.diags_array(idf))
        weights.append(idf)
    if cues is not None:
        columns.append(sparse.csr_array(cues[known]))
    x, y = sparse.csr_array(sparse.hstack(columns)), carries[known]
    x.eliminate_zeros()
    x.indices, x.indptr = x.indices.astype(np.int32), x.indptr.astype(np.int32)  # for liblinear
    fitted = np.zeros((x.shape[1], y.shape[1]))
    intercepts = np.full(y.shape[1], -np.inf)
    for number in range(y.shape[1]):
        if MIN_GOLD <= y[:, number].sum() < len(y):
            model = LogisticRegression(
                C=INVERSE_PENALTY, class_weight="balanced", solver="liblinear"
            )
            model.fit(x, y[:, number])
            fitted[:, number], intercepts[number] = model.coef_[0], model.intercept_[0]
    sizes = np.cumsum([part.shape[1] for part in parts])
    by_lemma, by_ngram, by_cue = np.split(fitted, sizes)
    return _Model(names, (weights[0], weights[1]), (by_lemma, by_ngram), by_cue, intercepts)


def _prune(model: _Model) -> _Model:
    """The model without the features that weigh nothing."""
    names, idf, by_feature = [], [], []
    for listed, weight, fitted in zip(model.names, model.idf, model.by_feature, strict=True):
        kept = np.flatnonzero(weight > 0)
        place = dict(zip(kept.tolist(), range(len(kept)), strict=True))
        names.append({name: place[n] for name, n in listed.items() if n in place})
        idf.append(weight[kept])
        by_feature.append(fitted[kept])
    return replace(
        model,
        names=(names[0], names[1]),
        idf=(idf[0], idf[1]),
        by_feature=(by_feature[0], by_feature[1]),
    )


def _weights_and_lengths(
    model: _Model, features: Features, parts: FeatureParts
) -> list[tuple[np.ndarray, np.ndarray]]:
    """The weight of each type and the length of each paragraph, by lemmas and by n-grams."""
    return [
        (part @ (idf[:, None] * weights), _lengths(features, part, idf))
        for part, idf, weights in zip(parts, model.idf, model.by_feature, strict=True)
    ]


def _log_odds(
    model: _Model, features: Features, parts: FeatureParts, cues: np.ndarray | None
) -> np.ndarray:
    """Log odds of each frame in each paragraph."""
    summands = _weights_and_lengths(model, features, parts)
    scores = model.intercepts + sum(sum_weights(features, *part) for part in summands)
    return scores if cues is None else scores + cues @ model.by_cue


def _make_coder(model: _Model, frames: list[str], book: Codebook | None, form: str) -> Coder:
    # The features of the last vocabulary: the batches of a corpus share one.
    latest: list[tuple[pl.DataFrame, FeatureParts]] = []

    def type_features(corpus: Corpus) -> FeatureParts:
        if not latest or latest[0][0] is not corpus.vocabulary:
            types = corpus.with_form(form).vocabulary.filter(pl.col("kind") == "word")
            latest[:] = [(corpus.vocabulary, _type_features(types, form, model.names))]
        return latest[0][1]

    def score(features: Features) -> np.ndarray:
        parts = type_features(features.corpus)
        return _log_odds(model, features, parts, _cue_features(features))

    def explain(features: Features, coded: pl.DataFrame) -> pl.DataFrame:
        parts = type_features(features.corpus)
        summands = _weights_and_lengths(model, features, parts)
        evidence = weigh_types(features, coded, frames, summands)
        if book is not None:
            evidence = pl.concat([evidence, _weigh_cues(features, coded, book, model.by_cue)])
        return keep_heaviest(evidence, MAX_EVIDENCE)

    return Coder(
        name="words" if book is None else "words and cues",
        frames=frames,
        prepare=lambda corpus: Features(corpus, book),
        score=score,
        threshold=np.zeros(len(frames)),
        explain=explain,
        curve=empty_curve(frames),
    )


def _weigh_cues(
    features: Features, coded: pl.DataFrame, book: Codebook, by_cue: np.ndarray
) -> pl.DataFrame:
    """The cues of each coded paragraph that speak for its frame, whichever frame's they are."""
    found = features.cue_words().with_columns(cue_order="order")
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
