"""A map of words: their positions on two axes, and how far a replicate may move them."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import polars as pl
from gensim.models import KeyedVectors
from scipy import stats
from scipy.linalg import orthogonal_procrustes

from corpus_tools.embeddings.neighbours import require_evidence
from corpus_tools.errors import BadInput, InsufficientEvidence

MIN_REPLICATES = 5  # an ellipse of fewer says nothing


def map_words(
    vectors: KeyedVectors, words: Sequence[str], ensemble: Sequence[KeyedVectors]
) -> pl.DataFrame:
    """Positions of words on the two principal axes of their vectors, each with an ellipse.

    The replicates' vectors are rotated onto those of the model by orthogonal Procrustes analysis
    over all words (Schönemann 1966), because their dimensions differ, and then projected on the
    same two axes. The ellipse is a 95 % region of the position of a word, from the covariance C of
    its R positions: c * C with c = 2 (R - 1) / (R - 2) * F(0.95; 2, R - 2), after Hotelling.

    Args:
        vectors: A model.
        words: At least three of its words.
        ensemble: Its replicates, at least `MIN_REPLICATES`.

    Returns:
        ``word``, ``x``, ``y``, ``width`` and ``height`` (axes of the ellipse, in the units of x and
        y), ``angle`` (degrees from the first axis), ``shown`` (share of the variance of these
        words' vectors that the two axes show, the same in each row), in the order given.

    Raises:
        BadInput: A word is not in the model, or there are fewer than three.
        InsufficientEvidence: A word is too rare, as for
            `corpus_tools.embeddings.neighbours.nearest_neighbours`, or there are too few
            replicates.
    """
    if len(words) < 3:
        raise BadInput(f"{len(words)} words are too few for a map: name at least three.")
    for word in words:
        require_evidence(vectors, word)
    if len(ensemble) < MIN_REPLICATES:
        raise InsufficientEvidence(
            "ellipses", f"{len(ensemble)} replicates", f"at least {MIN_REPLICATES} replicates"
        )
    places = [vectors.key_to_index[word] for word in words]
    whole = vectors.get_normed_vectors().astype(float)
    centre = whole[places].mean(axis=0)
    _, values, axes = np.linalg.svd(whole[places] - centre, full_matrices=False)
    axes = axes[:2] * np.sign(axes[:2].sum(axis=1, keepdims=True))
    at = (whole[places] - centre) @ axes.T
    turned = []
    for model in ensemble:
        other = model.get_normed_vectors().astype(float)
        rotation, _ = orthogonal_procrustes(other, whole)
        turned.append((other[places] @ rotation - centre) @ axes.T)
    number = len(ensemble)
    scale = 2 * (number - 1) / (number - 2) * stats.f.ppf(0.95, 2, number - 2)
    rows = []
    for word, (x, y), moved in zip(words, at, np.stack(turned, axis=1), strict=True):
        spread, direction = np.linalg.eigh(np.cov(moved.T) * scale)
        long = direction[:, 1] * np.sign(direction[0, 1] or 1)
        width, height = 2 * np.sqrt(spread.clip(0))[::-1]
        angle = np.degrees(np.arctan2(long[1], long[0]))
        rows.append((word, x, y, width, height, angle, float((values[:2] ** 2).sum())))
    columns = ["word", "x", "y", "width", "height", "angle", "shown"]
    table = pl.DataFrame(rows, schema=columns, orient="row")
    return table.with_columns(pl.col("shown") / float((values**2).sum()))
