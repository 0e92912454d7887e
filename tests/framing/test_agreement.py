import krippendorff
import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import f1_score, precision_score, recall_score

from corpus_tools.errors import BadInput
from corpus_tools.framing.agreement import (
    calibration_curve,
    krippendorff_alpha,
    macro_f1,
    overall_alpha,
    score_coder,
)


def codings(*coders):
    """One frame x over paragraphs of documents of their own: 1, 0, or None where not coded."""
    rows = [
        {"coder": f"c{c}", "document": n, "paragraph": 0, "frames": ["x"] if value else []}
        for c, values in enumerate(coders)
        for n, value in enumerate(values)
        if value is not None
    ]
    kinds = {"coder": pl.String, "document": pl.Int64, "paragraph": pl.Int64}
    return pl.DataFrame(rows, schema=kinds | {"frames": pl.List(pl.String)})


def alpha(*coders):
    return krippendorff_alpha(codings(*coders), ["x"], replicates=20).row(0, named=True)


def test_full_agreement_is_one_and_its_opposite_is_below_zero():
    assert alpha([1, 0, 1, 0, 1, 0], [1, 0, 1, 0, 1, 0])["alpha"] == 1
    assert alpha([1, 0, 1, 0, 1, 0], [0, 1, 0, 1, 0, 1])["alpha"] < 0


def test_two_coders_by_hand():
    # 10 values, 3 of them "carried"; 1 paragraph of 5 disagreed on: 1 - 9 * 1 / (3 * 7).
    assert alpha([1, 1, 0, 0, 0], [1, 0, 0, 0, 0])["alpha"] == pytest.approx(1 - 9 / 21)


coders = st.lists(
    st.lists(st.sampled_from([1, 0, None]), min_size=6, max_size=6), min_size=2, max_size=4
)


@given(coders)
def test_any_number_of_coders_with_gaps_as_krippendorff_has_it(values):
    table = np.array([[np.nan if v is None else v for v in row] for row in values])
    shared = (~np.isnan(table)).sum(axis=0) > 1
    if not shared.any():
        with pytest.raises(BadInput, match="two coders"):
            alpha(*values)
        return
    counted = table[:, shared]
    if np.unique(counted[~np.isnan(counted)]).size < 2:
        assert alpha(*values)["alpha"] is None  # one value only: nothing can be said
        return
    expected = krippendorff.alpha(counted, level_of_measurement="nominal")
    assert alpha(*values)["alpha"] == pytest.approx(expected)


def test_documents_are_resampled_where_there_are_enough():
    assert alpha([1, 0, 1, 0, 1], [1, 0, 1, 0, 0])["unit"] == "document"
    assert alpha([1, 0, 1], [1, 0, 0])["unit"] == "paragraph"


def test_all_frames_together_are_pairs_of_paragraph_and_frame():
    rows = [("a", 0, ["x"]), ("a", 1, ["y"]), ("b", 0, ["x"]), ("b", 1, [])]
    table = pl.DataFrame(
        [{"coder": c, "document": 0, "paragraph": p, "frames": f} for c, p, f in rows],
        schema_overrides={"frames": pl.List(pl.String)},
    )
    row = overall_alpha(table, ["x", "y"]).row(0, named=True)
    # Four pairs, one disagreed on; 8 values, 3 of them "carried": 1 - 7 * 1 / (3 * 5).
    assert row["paragraphs"] == 4 and row["alpha"] == pytest.approx(1 - 7 / 15)


def decisions(gold, coded, paragraphs=1):
    return pl.DataFrame(
        {
            "document": [n // paragraphs for n in range(len(gold))],
            "paragraph": [n % paragraphs for n in range(len(gold))],
            "frame": ["x"] * len(gold),
            "gold": [bool(g) for g in gold],
            "coded": [bool(c) for c in coded],
        }
    )


@given(st.lists(st.tuples(st.booleans(), st.booleans()), min_size=6, max_size=30))
def test_measures_are_those_of_scikit_learn(pairs):
    gold, coded = zip(*pairs, strict=True)
    row = score_coder(decisions(gold, coded), replicates=10).row(0, named=True)
    if any(coded):
        assert row["precision"] == pytest.approx(precision_score(gold, coded))
    if any(gold):
        assert row["recall"] == pytest.approx(recall_score(gold, coded))
    if any(gold) or any(coded):
        assert row["f1"] == pytest.approx(f1_score(gold, coded))
    if len({*gold, *coded}) == 2:
        table = np.array([gold, coded], float)
        expected = krippendorff.alpha(table, level_of_measurement="nominal")
        assert row["alpha"] == pytest.approx(expected)


def test_a_coder_that_guesses_is_not_used_and_one_that_knows_is():
    rng = np.random.default_rng(0)
    gold, guess = rng.random(300) < 0.2, rng.random(300) < 0.2
    assert not score_coder(decisions(gold, guess))["used"].item()
    assert score_coder(decisions(gold, gold))["used"].item()


def test_coders_that_guess_are_seldom_taken_for_better_than_chance():
    rng = np.random.default_rng(1)
    used = [
        score_coder(decisions(rng.random(300) < 0.2, rng.random(300) < 0.2, 5), replicates=200)[
            "used"
        ].item()
        for _ in range(200)
    ]
    assert sum(used) / 200 < 0.06  # 2.5 in 100 are due


def test_rare_frames_are_left_out_of_the_mean():
    many, few = decisions([1] * 6 + [0] * 4, [1] * 6 + [0] * 4), decisions([1] + [0] * 9, [0] * 10)
    both = pl.concat([many, few.with_columns(frame=pl.lit("y"))])
    assert macro_f1(both, min_gold=5, replicates=10)["f1"] == 1
    assert macro_f1(both, min_gold=1, replicates=10)["f1"] == 0.5
    with pytest.raises(BadInput, match="no frame has 50"):
        macro_f1(both, min_gold=50)


def test_calibration_counts_what_was_right_of_what_was_given_a_chance():
    table = decisions([1, 1, 1, 0, 0, 0], [1] * 6).with_columns(
        probability=pl.Series([0.9, 0.9, 0.9, 0.9, 0.1, float("nan")])
    )
    rows = calibration_curve(table, bins=2).select("decisions", "probability", "share").rows()
    assert rows == [(1, pytest.approx(0.1), 0.0), (4, pytest.approx(0.9), 0.75)]
