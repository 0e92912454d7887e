from itertools import combinations

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from corpus_tools.embeddings.associations import SAMPLED_PARTITIONS, sc_weat, weat
from corpus_tools.embeddings.axes import pole_words
from corpus_tools.embeddings.storage import make_keyed_vectors
from corpus_tools.errors import BadInput, InsufficientEvidence


def model(rows, words=None):
    names = words or [f"w{n}" for n in range(len(rows))]
    counts = np.full(len(rows), 100)
    table = pl.DataFrame({"word": names, "count": counts, "documents": counts})
    return make_keyed_vectors(np.asarray(rows, dtype=float), table)


def at(*degrees):
    return [(np.cos(np.radians(d)), np.sin(np.radians(d))) for d in degrees]


# Two poles at 0 and 90 degrees; four words near the one, four near the other.
NEAR = ["قريب", "دان", "مجاور", "ملاصق"]
FAR = ["بعيد", "ناء", "قصي", "شاسع"]
POLES = (["هنا"], ["هناك"])
PLAIN = model(at(10, 20, 30, 40, 80, 70, 60, 50, 0, 90), [*NEAR, *FAR, "هنا", "هناك"])


def test_the_effect_is_the_difference_of_means_over_the_deviation_of_all():
    found = weat(PLAIN, (NEAR, FAR), POLES).row(0, named=True)
    s = [np.cos(np.radians(d)) - np.sin(np.radians(d)) for d in (10, 20, 30, 40, 80, 70, 60, 50)]
    assert found["effect_size"] == pytest.approx((np.mean(s[:4]) - np.mean(s[4:])) / np.std(s))


def test_four_words_a_side_wholly_apart_have_the_least_p_of_seventy_partitions():
    found = weat(PLAIN, (NEAR, FAR), POLES).row(0, named=True)
    assert (found["p"], found["partitions"], found["exact"]) == (pytest.approx(1 / 70), 70, True)


def test_the_other_way_round_the_effect_changes_its_sign_and_p_is_one():
    found = weat(PLAIN, (FAR, NEAR), POLES).row(0, named=True)
    assert found["effect_size"] < 0 and found["p"] == 1


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 10_000), st.integers(4, 5), st.integers(4, 6))
def test_the_exact_p_counts_partitions(seed, first, second):
    vectors = model(np.random.default_rng(seed).standard_normal((first + second + 4, 3)))
    words = vectors.index_to_key
    x, y = words[:first], words[first : first + second]
    a, b = words[-4:-2], words[-2:]
    found = weat(vectors, (x, y), (a, b)).row(0, named=True)

    def s(word):
        one, other = ([vectors.similarity(word, w) for w in side] for side in (a, b))
        return np.mean(one) - np.mean(other)

    values = {word: s(word) for word in [*x, *y]}

    def apart(side):
        others = set(values) - set(side)
        return np.mean([values[w] for w in side]) - np.mean([values[w] for w in others])

    every = [apart(side) for side in combinations(values, first)]
    p = np.mean(np.array(every) >= apart(x) - 1e-6)
    assert found["p"] == pytest.approx(p, abs=1.5 / len(every))


def test_where_there_are_too_many_partitions_they_are_drawn_by_the_seed():
    vectors = model(np.random.default_rng(0).standard_normal((34, 5)))
    words = vectors.index_to_key
    targets, poles = (words[:15], words[15:30]), (words[30:32], words[32:])
    first, again, other = (
        weat(vectors, targets, poles, seed=seed).row(0, named=True) for seed in (1, 1, 2)
    )
    assert not first["exact"] and first["partitions"] == SAMPLED_PARTITIONS
    assert first == again and abs(first["p"] - other["p"]) < 0.02


def test_three_words_a_side_are_refused_for_they_can_never_be_significant():
    with pytest.raises(InsufficientEvidence, match=r"20 partitions.* no p-value could be below"):
        weat(PLAIN, (NEAR[:3], FAR[:3]), POLES)


def test_words_that_the_model_lacks_are_listed():
    found = weat(PLAIN, ([*NEAR, "غائب"], FAR), POLES).row(0, named=True)
    assert found["left_out"] == ["غائب"] and found["words"] == [4, 4, 1, 1]


def test_a_word_in_both_sets_is_refused():
    with pytest.raises(BadInput, match="«قريب» is in both sets"):
        weat(PLAIN, (NEAR, [*FAR, "قريب"]), POLES)


def test_an_ensemble_gives_an_interval():
    found = weat(PLAIN, (NEAR, FAR), POLES, ensemble=[PLAIN, PLAIN, PLAIN])
    row = found.row(0, named=True)
    assert row["low"] == pytest.approx(row["effect_size"]) == pytest.approx(row["high"])


def test_each_word_by_itself_is_held_against_partitions_of_the_poles():
    vectors = model(at(0, 5, 10, 15, 90, 85, 80, 75, 1, 45), [*NEAR, *FAR, "ميال", "وسط"])
    found = sc_weat(vectors, ["وسط", "ميال"], (NEAR, FAR))
    assert found["word"].to_list() == ["ميال", "وسط"]
    # Two-sided: the partition and its mirror image are both as far apart.
    assert found["p"][0] == pytest.approx(2 / 70) and found["q"][0] >= found["p"][0]
    assert found["effect_size"][1] == pytest.approx(0, abs=1e-6)


@pytest.mark.parametrize("name", ["threat", "safety", "order", "rights", "outgroup", "ingroup",
                                  "failure", "competence"])  # fmt: skip
def test_every_pole_is_a_set_large_enough_for_a_test(name):
    words = pole_words(name)
    assert len(words) == len(set(words)) >= 8


def test_where_words_do_not_differ_three_to_seven_tests_in_a_hundred_reject():
    rejected = []
    for seed in range(1000):
        vectors = model(np.random.default_rng(seed).standard_normal((16, 10)))
        words = vectors.index_to_key
        found = weat(vectors, (words[:5], words[5:10]), (words[10:13], words[13:]))
        rejected.append(found["p"][0] <= 0.05)
    assert 0.03 <= np.mean(rejected) <= 0.07
