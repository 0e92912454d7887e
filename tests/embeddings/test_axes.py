import numpy as np
import polars as pl
import pytest

from corpus_tools.embeddings.axes import (
    axis_names,
    check_seed_words,
    compare_groups,
    fit_axis,
    frame_axis,
    place_text,
    pole_words,
    project_words,
    seed_pairs,
)
from corpus_tools.embeddings.storage import make_keyed_vectors
from corpus_tools.errors import BadInput, InsufficientEvidence

SEEDS = pl.DataFrame(
    {"negative": [f"s{n}" for n in range(6)], "positive": [f"r{n}" for n in range(6)]}
)


@pytest.fixture(scope="module")
def model():
    """s0 to s5 on one side of the first dimension, r0 to r5 on the other; m lies between."""
    rng = np.random.default_rng(0)
    rows = 0.1 * rng.standard_normal((13, 4))
    rows[:6, 0] -= 1
    rows[6:12, 0] += 1
    rows[12] = [0, 1, 0, 0]
    words = [*SEEDS["negative"], *SEEDS["positive"], "m"]
    table = pl.DataFrame({"word": words, "count": [100] * 13, "documents": [50] * 13})
    return make_keyed_vectors(rows, table)


def test_an_axis_points_from_the_negative_to_the_positive_pole(model):
    direction = fit_axis(model, SEEDS)
    assert np.linalg.norm(direction) == pytest.approx(1, abs=1e-6) and direction[0] > 0.99
    lies = dict(project_words(model, direction).iter_rows())
    assert lies["r0"] > 0.9 and lies["s0"] < -0.9 and abs(lies["m"]) < 0.2


def test_the_words_that_define_an_axis_are_held_against_all_others(model):
    swapped = SEEDS.with_columns(
        negative=pl.Series(["r0", *SEEDS["negative"][1:]]),
        positive=pl.Series(["s0", *SEEDS["positive"][1:]]),
    )
    found = check_seed_words(model, swapped)
    assert set(found.filter(~pl.col("holds"))["word"]) == {"r0", "s0"}


def test_too_few_known_pairs_are_refused(model):
    with pytest.raises(InsufficientEvidence, match="an axis: needs at least 5 pairs"):
        fit_axis(model, SEEDS.head(4))


def test_an_unknown_axis_is_bad_input(model):
    with pytest.raises(BadInput, match="no axis «good_evil»: take threat_safety, "):
        fit_axis(model, "good_evil")
    with pytest.raises(BadInput, match="no pole «good»"):
        pole_words("good")


@pytest.mark.parametrize("name", axis_names())
def test_every_seed_word_has_a_gloss_and_stands_on_one_side_alone(name):
    table = seed_pairs(name)
    assert table.null_count().sum_horizontal().item() == 0
    assert not set(table["negative"]) & set(table["positive"]) and table.height >= 8


def test_bias_is_the_mean_place_and_intensity_the_spread_about_the_corpus(model):
    direction = fit_axis(model, SEEDS)
    counts = pl.DataFrame({"document": [0, 0, 1], "word": ["r0", "s0", "r1"], "count": [3, 1, 2]})
    lies = dict(project_words(model, direction).iter_rows())
    found = frame_axis(counts, model, direction)
    whole = (3 * lies["r0"] + lies["s0"] + 2 * lies["r1"]) / 6
    assert found["bias"][0] == pytest.approx((3 * lies["r0"] + lies["s0"]) / 4)
    expected = (3 * (lies["r0"] - whole) ** 2 + (lies["s0"] - whole) ** 2) / 4
    assert found["intensity"][0] == pytest.approx(expected)
    assert found["words"].to_list() == [4, 2]


def places(seed, groups=3, documents=120, apart=0.0):
    """Documents of several lengths whose bias does not depend on their group, but for `apart`."""
    rng = np.random.default_rng(seed)
    group = rng.integers(0, groups, documents)
    rows = {
        "document": np.arange(documents),
        "words": rng.integers(50, 400, documents),
        "bias": rng.normal(apart * (group == 0), 1.0),
    }
    labels = pl.DataFrame({"document": rows["document"], "group": [f"g{n}" for n in group]})
    return pl.DataFrame(rows), labels


def test_groups_that_differ_are_told_apart():
    found = compare_groups(*places(1, apart=1.5))
    assert found.filter(pl.col("group") == "g0")["q"][0] < 0.05
    assert (found["low"] < found["bias"]).all() and (found["bias"] < found["high"]).all()


def test_where_groups_do_not_differ_three_to_seven_tests_in_a_hundred_reject():
    p = [compare_groups(*places(seed), replicates=199)["p"].drop_nulls() for seed in range(400)]
    assert 0.03 <= (pl.concat(p) <= 0.05).mean() <= 0.07


def test_intervals_of_groups_hold_the_truth_93_to_97_times_in_a_hundred():
    held = []
    for seed in range(400):
        found = compare_groups(*places(seed, groups=2), replicates=300)
        held += [low <= 0 <= high for low, high in found.select("low", "high").iter_rows()]
    assert 0.93 <= np.mean(held) <= 0.97


def test_one_group_cannot_be_compared():
    lies, groups = places(0, groups=1)
    with pytest.raises(InsufficientEvidence, match="a comparison of groups"):
        compare_groups(lies, groups)


def test_a_text_is_placed_among_the_articles_of_the_press(model):
    rng = np.random.default_rng(0)
    names = model.index_to_key
    press = pl.DataFrame(
        {"document": np.repeat(np.arange(50), 4), "word": rng.choice(names, 200), "count": 1}
    )
    text = pl.DataFrame({"document": range(6), "word": ["r0", "r1", "r2", "r3", "r4", "m"]})
    found = place_text(text.with_columns(count=1), press, model, {"here": SEEDS})
    row = found.row(0, named=True)
    assert row["low"] <= row["bias"] <= row["high"] and row["below"] > 0.9 and row["p"] < 0.2
