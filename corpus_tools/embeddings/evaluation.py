"""How well vectors know the domain: related words and analogies, written for this project.

Related pairs are words that belong together (the court, the judge). Analogy pairs share a relation
(Iraq, Baghdad), and each two of them make an analogy. Both are data files with glosses, in the
spelling of newspapers; models of normal forms are asked in normal form.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl
from gensim.models import KeyedVectors

from corpus_tools.arabic.spelling import normalize
from corpus_tools.data import read_table
from corpus_tools.errors import InsufficientEvidence
from corpus_tools.resampling import bootstrap_weights, percentile_interval

MIN_ITEMS = 5  # of a category, to be scored


def related_pairs() -> pl.DataFrame:
    """Pairs of related words: ``category``, ``word``, ``gloss``, ``other``, ``other_gloss``."""
    return read_table("related")


def analogy_pairs() -> pl.DataFrame:
    """Pairs of a relation: ``relation``, ``word``, ``gloss``, ``other``, ``other_gloss``."""
    return read_table("analogies")


def evaluate_vectors(
    vectors: KeyedVectors, *, replicates: int = 1000, seed: int = 0
) -> pl.DataFrame:
    """Score a model on both tests.

    A pair (a, b) of related words scores the share of other pairs (c, d) for which b is nearer to a
    than d is, and a nearer to b than c is: 0.5 is chance, 1 is best (the area under the curve of
    true pairs against shuffled ones, which are as frequent). An analogy, a is to b as c is to d, is
    right if d is the nearest of all words but a, b and c to b - a + c (Mikolov, Yih and Zweig
    2013); vectors have unit length. Pairs with a word that the model lacks are left out.

    Args:
        vectors: A model of words in normal form or in the newspapers' spelling.
        replicates: Bootstrap replicates over pairs; both pairs of an analogy are resampled.
        seed: Seed of the resampling.

    Returns:
        ``test``, ``category``, ``asked`` (pairs, or analogies), ``of``, ``score``, ``low`` and
        ``high`` (95 % percentile interval over pairs). The whole of each test comes first, as
        ``all``; categories of fewer than `MIN_ITEMS` pairs are only in the whole.

    Raises:
        InsufficientEvidence: The model knows fewer than `MIN_ITEMS` pairs of a test.
    """
    rng = np.random.default_rng(seed)
    return pl.concat(
        [
            _scores("related", _related_items(vectors), replicates, rng),
            _scores("analogies", _analogy_items(vectors), replicates, rng),
        ]
    )


@dataclass(frozen=True)
class _Items:
    """What was asked: the category, the pairs and the score of each item, and all known pairs."""

    category: np.ndarray
    pairs: np.ndarray  # (items, 1 or 2)
    score: np.ndarray
    known: int
    of: dict[str, int]


def _scores(test: str, items: _Items, replicates: int, rng: np.random.Generator) -> pl.DataFrame:
    """A row for the whole of a test and for each of its categories."""
    drawn = bootstrap_weights(items.known, replicates, rng)
    times = drawn[:, items.pairs].prod(axis=2)
    rows = []
    for name in ["all", *items.of]:
        member = items.category == name if name != "all" else np.ones(len(items.score), dtype=bool)
        if len(np.unique(items.pairs[member])) < MIN_ITEMS:
            continue
        total = times[:, member].sum(axis=1)
        found = times[:, member] @ items.score[member]
        shares = np.divide(found, total, out=np.full(replicates, np.nan), where=total > 0)
        low, high = percentile_interval(shares)
        of = items.of.get(name, sum(items.of.values()))
        score = float(items.score[member].mean())
        rows.append((test, name, int(member.sum()), of, score, float(low), float(high)))
    names = ["test", "category", "asked", "of", "score", "low", "high"]
    return pl.DataFrame(rows, schema=names, orient="row")


def _related_items(vectors: KeyedVectors) -> _Items:
    table = related_pairs()
    held, left, right = _places(vectors, table, "related words")
    unit = vectors.get_normed_vectors()
    score = np.zeros(len(left))
    for a, b in ((left, right), (right, left)):
        likeness = unit[a] @ unit[b].T
        own = np.diag(likeness)[:, None]
        # A word that is a true partner as well, or the word itself, would be no fair comparison.
        partners = np.array([np.isin(b, [*b[a == x], *a[b == x], x]) for x in a])
        above = np.where(partners, 0, (likeness < own) + 0.5 * (likeness == own))
        score += above.sum(axis=1) / (~partners).sum(axis=1) / 2
    of = dict(table.group_by("category", maintain_order=True).len().iter_rows())
    category = table["category"].to_numpy()[held]
    return _Items(category, np.arange(len(left))[:, None], score, len(left), of)


def _analogy_items(vectors: KeyedVectors) -> _Items:
    table = analogy_pairs()
    held, left, right = _places(vectors, table, "analogies")
    unit = vectors.get_normed_vectors()
    relation = table["relation"].to_numpy()[held]
    pairs, score = [], []
    for i in range(len(left)):
        j = np.flatnonzero((relation == relation[i]) & (np.arange(len(left)) != i))
        likeness = (unit[right[i]] - unit[left[i]] + unit[left[j]]) @ unit.T
        likeness[:, [left[i], right[i]]] = -np.inf
        likeness[np.arange(len(j)), left[j]] = -np.inf
        pairs.append(np.column_stack([np.full(len(j), i), j]))
        score.append(likeness.argmax(axis=1) == right[j])
    both = np.concatenate(pairs)
    sizes = table.group_by("relation", maintain_order=True).len().iter_rows()
    of = {name: size * (size - 1) for name, size in sizes}
    return _Items(relation[both[:, 0]], both, np.concatenate(score).astype(float), len(left), of)


def _places(
    vectors: KeyedVectors, table: pl.DataFrame, test: str
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Which pairs the model knows, and the positions of their two words."""
    known = vectors.key_to_index
    places = []
    for name in ("word", "other"):
        words = table[name].to_list()
        spelled = zip(normalize(words), words, strict=True)
        places.append([known.get(form, known.get(word, -1)) for form, word in spelled])
    left, right = np.array(places)
    held = (left >= 0) & (right >= 0)
    if held.sum() < MIN_ITEMS:
        raise InsufficientEvidence(
            f"a score on {test}", f"{held.sum()} of its pairs", f"at least {MIN_ITEMS} pairs"
        )
    return held, left[held], right[held]
