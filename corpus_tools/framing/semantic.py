"""A coder by meaning: the cosine of a paragraph with the words of each frame in an embedding."""

from __future__ import annotations

import numpy as np
import polars as pl
from gensim.models import KeyedVectors
from sklearn.preprocessing import normalize
from threadpoolctl import threadpool_limits

from corpus_tools.arabic.inflection import inflect
from corpus_tools.corpus.corpus import Corpus
from corpus_tools.errors import BadInput
from corpus_tools.framing.codebook import Codebook
from corpus_tools.framing.coder import (
    MAX_EVIDENCE,
    Coder,
    CoderFactory,
    calibrate_coder,
    coding_matrix,
    empty_curve,
    tune_thresholds,
)
from corpus_tools.framing.features import Features, keep_heaviest, sum_weights, weigh_types

RARE_FREQUENCY = 1e-4  # a word of this relative frequency counts half (Arora, Liang and Ma 2017)


@threadpool_limits.wrap(limits=1, user_api="blas")  # the same bits each time
def fit_semantic_coder(
    vectors: KeyedVectors, book: Codebook, corpus: Corpus, gold: pl.DataFrame
) -> Coder:
    """A coder by similarity to the codebook's cues, its thresholds fitted to coded paragraphs.

    A paragraph is the mean of its words' vectors, each weighted by a / (a + p), where p is the
    relative frequency of the word and a is `RARE_FREQUENCY`; the direction that the coded
    paragraphs have most in common is removed (Arora, Liang and Ma 2017). A frame is the same mean
    over its cues, less what all frames have in common. The score is the cosine of both. A frame is
    coded from the score on at which F1 on the coded paragraphs is best.

    Args:
        vectors: Word vectors of normal forms, with the attribute ``count``.
        book: A codebook with cues.
        corpus: A corpus.
        gold: A coding of paragraphs of it: ``document``, ``paragraph``, ``frames`` (a list).

    Raises:
        BadInput: A frame has no cue that is in the vectors.
    """
    unit = vectors.get_normed_vectors().astype(float)
    counts = np.array([vectors.get_vecattr(word, "count") for word in vectors.index_to_key], float)
    weight = RARE_FREQUENCY / (RARE_FREQUENCY + counts / counts.sum())
    weighted = unit * weight[:, None]
    carries, known = coding_matrix(corpus, gold, book.names)
    seen = Features(corpus)
    mean = normalize(seen.presence[known] @ _type_vectors(seen, vectors, weighted))
    common = np.linalg.svd(mean, full_matrices=False)[2][0]
    centres = _frame_centres(vectors, weighted, book)
    centres = normalize(centres - np.outer(centres @ common, common))
    centres = normalize(centres - centres.mean(axis=0))

    def weights_and_lengths(features: Features) -> tuple[np.ndarray, np.ndarray]:
        types = _type_vectors(features, vectors, weighted)
        types = types - np.outer(types @ common, common)
        return types @ centres.T, np.linalg.norm(features.presence @ types, axis=1)

    def score(features: Features) -> np.ndarray:
        return sum_weights(features, *weights_and_lengths(features))

    def explain(features: Features, coded: pl.DataFrame) -> pl.DataFrame:
        listed = weigh_types(features, coded, book.names, [weights_and_lengths(features)])
        return keep_heaviest(listed, MAX_EVIDENCE)

    scores = score(seen)[known]
    coder = Coder(
        name="meaning",
        frames=book.names,
        prepare=Features,
        score=score,
        threshold=tune_thresholds(scores, carries[known]),
        explain=explain,
        curve=empty_curve(book.names),
    )
    return calibrate_coder(coder, scores, carries[known])


def semantic_coder_factory(vectors: KeyedVectors, book: Codebook) -> CoderFactory:
    """`fit_semantic_coder` with its options set, for `cross_validate`."""
    return lambda corpus, gold: fit_semantic_coder(vectors, book, corpus, gold)


def _type_vectors(features: Features, vectors: KeyedVectors, weighted: np.ndarray) -> np.ndarray:
    """The weighted vector of each type, zeros where it has none, an array (types, dimensions)."""
    place = features.types["normal"].replace_strict(
        vectors.key_to_index, default=-1, return_dtype=pl.Int64
    )
    rows = place.to_numpy()
    return np.where((rows >= 0)[:, None], weighted[np.maximum(rows, 0)], 0)


def _frame_centres(vectors: KeyedVectors, weighted: np.ndarray, book: Codebook) -> np.ndarray:
    """For each frame the weighted sum of its cues' vectors, an array (frames, dimensions)."""
    centres = np.zeros((len(book.names), weighted.shape[1]))
    for number, frame in enumerate(book.names):
        for cue, weight in book.cues.filter(frame=frame).select("cue", "weight").iter_rows():
            for word in cue.replace("*", "").split():
                forms = [f for f in inflect(word) if f in vectors.key_to_index]
                rows = [vectors.key_to_index[form] for form in forms]
                if rows:
                    centres[number] += weight * weighted[rows].mean(axis=0)
        if not centres[number].any():
            raise BadInput(f"the vectors hold no cue of the frame {frame}: add cues they hold.")
    return normalize(centres)
