"""A coder by meaning: how near a paragraph is, in an embedding, to the words of each frame."""

from __future__ import annotations

import numpy as np
import polars as pl
from gensim.models import KeyedVectors
from threadpoolctl import threadpool_limits

from corpus_tools import bags as bags_
from corpus_tools import concordance, framing
from corpus_tools.bags import Bags
from corpus_tools.codebook import Codebook
from corpus_tools.corpus import Corpus
from corpus_tools.errors import BadInput
from corpus_tools.framing import Coder, Make

RARE = 1e-4  # a word as frequent as this counts half (Arora, Liang and Ma 2017)


@threadpool_limits.wrap(limits=1, user_api="blas")  # the same bits each time
def learn(vectors: KeyedVectors, book: Codebook, corpus: Corpus, gold: pl.DataFrame) -> Coder:
    """A coder by nearness to the codebook's cues, its thresholds learnt from coded paragraphs.

    A paragraph is the mean of its words' vectors, each weighted by a / (a + p), where p is how
    frequent the word is and a is `RARE`; the direction that the coded paragraphs have most in
    common is taken out (Arora, Liang and Ma 2017). A frame is the same of its cues, less what all
    frames have in common. The score is their cosine. It is coded from the score on at which F1 on
    the coded paragraphs is best.

    Args:
        vectors: Word vectors of normal forms, with the attribute ``count``.
        book: A codebook with cues.
        corpus: A corpus.
        gold: A coding of paragraphs of it: ``document``, ``paragraph``, ``frames`` (a list).

    Raises:
        BadInput: A frame has no cue that the vectors hold.
    """
    unit = vectors.get_normed_vectors().astype(float)
    counts = np.array([vectors.get_vecattr(word, "count") for word in vectors.index_to_key], float)
    weight = RARE / (RARE + counts / counts.sum())
    weighted = unit * weight[:, None]
    carries, known = framing.gold_matrix(corpus, gold, book.names)
    seen = bags_.bags(corpus)
    mean = _unit(seen.matrix[known] @ _of_types(seen, vectors, weighted))
    common = np.linalg.svd(mean, full_matrices=False)[2][0]
    centres = _centres(vectors, weighted, book)
    centres = _unit(centres - np.outer(centres @ common, common))
    centres = _unit(centres - centres.mean(axis=0))

    def parts(found: Bags) -> tuple[np.ndarray, np.ndarray]:
        types = _of_types(found, vectors, weighted)
        types = types - np.outer(types @ common, common)
        return types @ centres.T, np.linalg.norm(found.matrix @ types, axis=1)

    def score(corpus: Corpus) -> np.ndarray:
        found = bags_.bags(corpus)
        return bags_.total(found, *parts(found))

    def words(corpus: Corpus, coded: pl.DataFrame) -> pl.DataFrame:
        found = bags_.bags(corpus)
        listed = bags_.reasons(corpus, coded, found, book.names, [parts(found)])
        return bags_.heaviest(listed, framing.SHOWN)

    scores = score(corpus)[known]
    threshold = framing.best_thresholds(scores, carries[known])
    coder = Coder("meaning", book.names, score, threshold, words, framing.no_curve(book.names))
    return framing.calibrated(coder, scores, carries[known])


def learner(vectors: KeyedVectors, book: Codebook) -> Make:
    """`learn` with its options set, for `corpus_tools.framing.crossed`."""
    return lambda corpus, gold: learn(vectors, book, corpus, gold)


def _unit(rows: np.ndarray) -> np.ndarray:
    lengths = np.linalg.norm(rows, axis=1, keepdims=True)
    return rows / np.where(lengths > 0, lengths, 1)


def _of_types(found: Bags, vectors: KeyedVectors, weighted: np.ndarray) -> np.ndarray:
    """The weighted vector of each type, zeros where it has none (types, dimensions)."""
    place = found.types["normal"].replace_strict(
        vectors.key_to_index, default=-1, return_dtype=pl.Int64
    )
    rows = place.to_numpy()
    return np.where((rows >= 0)[:, None], weighted[np.maximum(rows, 0)], 0)


def _centres(vectors: KeyedVectors, weighted: np.ndarray, book: Codebook) -> np.ndarray:
    """For each frame the sum of its cues' vectors by weight (frames, dimensions)."""
    centres = np.zeros((len(book.names), weighted.shape[1]))
    for number, frame in enumerate(book.names):
        for cue, weight in book.cues.filter(frame=frame).select("cue", "weight").iter_rows():
            for word in cue.replace("*", "").split():
                forms = [f for f in concordance.inflections(word) if f in vectors.key_to_index]
                rows = [vectors.key_to_index[form] for form in forms]
                if rows:
                    centres[number] += weight * weighted[rows].mean(axis=0)
        if not centres[number].any():
            raise BadInput(f"the vectors hold no cue of the frame {frame}: add cues they hold.")
    return _unit(centres)
