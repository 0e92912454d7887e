import numpy as np
import polars as pl
import pytest

from corpus_tools.framing.profiles import correct_share, frame_associations, frame_profile


def lines(documents, paragraphs=5):
    return pl.DataFrame(
        [{"document": d, "paragraph": p} for d in range(documents) for p in range(paragraphs)]
    )


def carried(table, share, rng, cluster=0.15):
    """Whether each paragraph carries a frame: more alike inside a document than between two."""
    alike = rng.beta(share * (1 / cluster - 1), (1 - share) * (1 / cluster - 1),
                     table["document"].max() + 1)  # fmt: skip
    return rng.random(table.height) < alike[table["document"]]


def coded_with_errors(truth, found, silent, rng):
    return np.where(truth, rng.random(len(truth)) < found, rng.random(len(truth)) > silent)


def decisions(share, found, silent, rng):
    table = lines(72)
    gold = carried(table, share, rng)
    coded = coded_with_errors(gold, found, silent, rng)
    return table.with_columns(frame=pl.lit("x"), gold=pl.Series(gold), coded=pl.Series(coded))


def test_shares_are_of_all_paragraphs_and_absent_frames_are_listed():
    table = lines(6, 2)
    coded = table.head(3).with_columns(frame=pl.lit("x"))
    profile = frame_profile(coded, table, ["x", "y"])
    assert profile.select("frame", "paragraphs", "of", "share").rows() == [
        ("x", 3, 12, 0.25),
        ("y", 0, 12, 0.0),
    ]
    assert profile["unit"].unique().to_list() == ["document"]


def test_what_people_coded_has_a_profile_too():
    table = lines(6, 2).cast({"document": pl.UInt32, "paragraph": pl.UInt32})
    by_hand = lines(6, 2).head(3).with_columns(frame=pl.lit("x"))
    assert frame_profile(by_hand, table, ["x"])["paragraphs"].item() == 3


def test_a_profile_can_be_told_apart_by_a_column():
    table = lines(4, 1).with_columns(outlet=pl.Series(["a", "a", "b", "b"]))
    coded = table.head(2).select("document", "paragraph", frame=pl.lit("x"))
    profile = frame_profile(coded, table, ["x"], by="outlet")
    assert profile.select("outlet", "share").rows() == [("a", 1.0), ("b", 0.0)]


def test_what_was_counted_before_gives_the_same_profile():
    table = lines(8, 3)
    coded = table.filter(pl.col("paragraph") < pl.col("document") % 3).with_columns(
        frame=pl.lit("x")
    )
    counted = table.group_by("document", maintain_order=True).agg(
        paragraph=pl.lit(0), size=pl.len()
    )
    hits = coded.group_by("document", "frame", maintain_order=True).agg(
        paragraph=pl.lit(0), hits=pl.len()
    )
    assert frame_profile(coded, table, ["x"]).equals(frame_profile(hits, counted, ["x"]))


def test_planted_shares_are_recovered():
    rng = np.random.default_rng(0)
    table = lines(4000)
    for share, found, silent in ((0.05, 0.9, 0.95), (0.2, 0.6, 0.98), (0.4, 0.7, 0.95)):
        counted = coded_with_errors(carried(table, share, rng), found, silent, rng)
        errors = np.array([[found, (1 - silent), 1 - found, silent]] * 100) * 50
        by_document = counted.reshape(-1, 5).sum(axis=1)
        counts = np.column_stack([by_document, np.full(len(by_document), 5)])
        assert correct_share(counts, errors)[0] == pytest.approx(share, abs=0.02)
        assert abs(counted.mean() - share) > 0.01  # the coded share is wrong


@pytest.mark.parametrize(
    ("documents", "share", "found", "silent"),
    [(72, 0.1, 0.75, 0.98), (150, 0.3, 0.7, 0.97), (40, 0.06, 0.85, 0.99), (300, 0.05, 0.6, 0.985)],
)
def test_intervals_cover_the_planted_share_93_to_97_times_in_100(
    documents, share, found, silent, monkeypatch
):
    monkeypatch.setattr("corpus_tools.framing.profiles.POSTERIOR_DRAWS", 1000)
    rng = np.random.default_rng(documents)
    table, held, times = lines(documents), 0, 1500
    for round_ in range(times):
        errors = decisions(0.1, found, silent, rng)
        gold, coded = errors["gold"].to_numpy(), errors["coded"].to_numpy()
        cells = np.column_stack([gold & coded, ~gold & coded, gold & ~coded, ~gold & ~coded])
        counted = coded_with_errors(carried(table, share, rng), found, silent, rng)
        counts = np.column_stack([counted.reshape(-1, 5).sum(axis=1), np.full(documents, 5)])
        by_document = cells.reshape(-1, 5, 4).sum(axis=1).astype(float)
        _, low, high = correct_share(counts, by_document, seed=round_)
        held += low <= share <= high
    assert 0.93 <= held / times <= 0.97


def test_a_coder_no_better_than_chance_gives_no_share():
    rng = np.random.default_rng(0)
    table, errors = lines(20), decisions(0.2, 0.3, 0.7, rng)
    coded = table.head(9).with_columns(frame=pl.lit("x"))
    row = frame_profile(coded, table, ["x"], decisions=errors).row(0, named=True)
    assert row["used"] is False and row["share"] is None and row["corrected"] is None
    assert row["paragraphs"] == 9  # what was found is still told
    assert correct_share(np.array([[1, 5]]), np.array([[1, 4, 1, 1.0]])) == (None,) * 3


def test_the_upper_end_for_an_absent_frame_allows_for_what_the_coder_misses():
    table = lines(1, 19)
    errors = decisions(0.2, 0.6, 0.99, np.random.default_rng(0))
    row = frame_profile(table.clear().with_columns(frame=pl.lit("x")), table, ["x"],
                           decisions=errors).row(0, named=True)  # fmt: skip
    assert row["high"] == pytest.approx(1 - 0.025 ** (1 / 19))
    assert row["corrected"] == 0 and row["corrected_high"] > 1.3 * row["high"]


def test_frames_that_are_planted_together_are_found_together():
    rng = np.random.default_rng(0)
    table = lines(100)
    one = rng.random(500) < 0.3
    with_it = one & (rng.random(500) < 0.8)
    alone = rng.random(500) < 0.3
    parts = zip("abc", (one, with_it, alone), strict=True)
    coded = pl.concat(table.filter(pl.Series(on)).with_columns(frame=pl.lit(f)) for f, on in parts)
    found = {
        (r["frame"], r["other"]): r for r in frame_associations(coded, table).iter_rows(named=True)
    }
    assert found["a", "b"]["low"] > 1 and found["a", "b"]["both"] == with_it.sum()
    assert found["a", "c"]["low"] < 0 < found["a", "c"]["high"]
    assert frame_associations(coded.head(0), table).is_empty()
