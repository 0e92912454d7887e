"""Cosines of two words that are as near as was planted: do their intervals hold the truth?

benchmarks/planted.py does the same with more corpora of more kinds.
"""

import numpy as np
import pytest
import simulated

from corpus_tools.embeddings.bootstrap import ppmi_svd_ensemble
from corpus_tools.embeddings.cooccurrence import count_cooccurrences
from corpus_tools.embeddings.neighbours import pair_cosines, word_similarities
from corpus_tools.embeddings.training import ppmi_svd


def truth(strength):
    """The cosine in a corpus so large that chance has no say."""
    words = simulated.corpus(30_000, strength, np.random.default_rng(9))
    pairs = count_cooccurrences(words, window=5, min_count=1)
    return pair_cosines(ppmi_svd(pairs, size=simulated.TOPICS), ["a"], ["b"])[0]


@pytest.mark.parametrize("strength", [0.0, 0.3])
def test_intervals_hold_the_planted_cosine_93_to_97_times_in_a_hundred(strength):
    planted, held = truth(strength), []
    for seed in range(200):
        words = simulated.corpus(400, strength, np.random.default_rng([2, seed]))
        pairs = count_cooccurrences(words, window=5, min_count=1)
        options = {"size": simulated.TOPICS, "seed": seed, "workers": 1}
        vectors, ensemble = ppmi_svd_ensemble(pairs, 20, **options)
        row = word_similarities(vectors, [("a", "b")], ensemble).row(0, named=True)
        held.append(row["low"] <= planted <= row["high"])
    assert 0.93 <= np.mean(held) <= 0.97


def test_the_more_contexts_two_words_share_the_nearer_they_stand():
    cosines = [truth(strength) for strength in (0.0, 0.4, 0.8)]
    assert cosines == sorted(cosines) and cosines[-1] - cosines[0] > 0.3
