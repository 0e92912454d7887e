"""Corpora with a planted truth, for tests of coverage and of false alarms.

Sentences are of topics, each with words of its own, and two words, "a" and "b", stand in topics
that they share to a known degree. Every document likes some topics better than others, so that
documents, not words, are what varies.
"""

import numpy as np
import polars as pl

TOPICS, OWN = 40, 3  # topics, and words of each
SENTENCES, LENGTH = 12, 6  # of a document, and words of a sentence
STRAY = 0.2  # share of a sentence's words that may be of any topic
RATE = 0.9  # share of sentences that hold "a" or "b"


def profiles(strength):
    """In which topics "a" and "b" stand: a share `strength` of b's topics is as a's."""
    first, other = np.random.default_rng(0).lognormal(sigma=1.0, size=(2, TOPICS))
    first, other = first / first.sum(), other / other.sum()
    return first, strength * first + (1 - strength) * other


def corpus(documents, strength, rng, *, liking=2.0):
    """Words of documents: ``document``, ``sentence``, ``word``.

    Args:
        documents: How many.
        strength: See `profiles`.
        rng: Random.
        liking: The smaller, the more a document keeps to a few topics (Dirichlet).
    """
    number = documents * SENTENCES
    likes = rng.dirichlet(np.full(TOPICS, liking), size=documents)
    topic = _drawn(np.repeat(likes, SENTENCES, axis=0), rng)
    of = np.where(rng.random((number, LENGTH)) < STRAY, rng.integers(0, TOPICS, (number, LENGTH)),
                  topic[:, None])  # fmt: skip
    word = of * OWN + rng.integers(0, OWN, (number, LENGTH))
    sides = np.stack(profiles(strength))
    held = RATE * sides / sides.sum(axis=0).max()  # chances of "a" and of "b", topic by topic
    chance = rng.random(number)
    a = chance < held[0, topic]
    b = ~a & (chance < held.sum(axis=0)[topic])
    word[a, LENGTH // 2], word[b, LENGTH // 2] = TOPICS * OWN, TOPICS * OWN + 1
    names = np.array([*(f"c{n}" for n in range(TOPICS * OWN)), "a", "b"])
    sentence = np.tile(np.arange(SENTENCES), documents)
    return pl.DataFrame(
        {
            "document": np.repeat(np.arange(documents), SENTENCES * LENGTH),
            "sentence": np.repeat(sentence, LENGTH),
            "word": names[word.ravel()],
        }
    )


def _drawn(chances, rng):
    """A number for each row of chances."""
    return (
        (rng.random((len(chances), 1)) > np.cumsum(chances, axis=1)).sum(axis=1).clip(0, TOPICS - 1)
    )
