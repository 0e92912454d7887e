"""Coders, on the seed article and beside the gold coding."""

import numpy as np
import polars as pl
import pytest
from places import ROOT

from corpus_tools.corpus.corpus import Corpus
from corpus_tools.embeddings.training import ppmi_svd
from corpus_tools.errors import BadInput
from corpus_tools.framing.agreement import calibration_curve, macro_f1, score_coder
from corpus_tools.framing.annotations import open_gold, read_annotations, select_coder
from corpus_tools.framing.codebook import read_codebook
from corpus_tools.framing.coder import (
    code,
    coding_matrix,
    cross_validate,
    cue_coder,
    list_paragraph_frames,
    tune_thresholds,
)
from corpus_tools.framing.learned import coder_factory, fit_coder, fit_from_gold
from corpus_tools.framing.profiles import frame_profile
from corpus_tools.framing.semantic import fit_semantic_coder, semantic_coder_factory
from corpus_tools.reference.frame_counts import open_frame_counts
from corpus_tools.reference.reference import open_reference

BOOK = read_codebook()


@pytest.fixture(scope="module")
def gold():
    return open_gold(ROOT / "seeds" / "teaching", BOOK)


@pytest.fixture(scope="module")
def learned(gold):
    return fit_from_gold(gold, BOOK)


@pytest.fixture(scope="module")
def asked(gold):
    """What the coder that learns says of outlets it has not seen."""
    make = coder_factory(gold.groups, frames=BOOK.names, book=BOOK)
    return cross_validate(make, gold.corpus, gold.coding, gold.groups)


@pytest.fixture(scope="module")
def by_hand(seed):
    coding = read_annotations(ROOT / "seeds" / "article-coding.csv", seed, BOOK)
    return select_coder(coding, "gold").explode("frames").drop_nulls()


def test_the_best_coder_finds_frames_on_outlets_it_has_not_seen(asked):
    score = macro_f1(asked, min_gold=15)
    assert score["frames"] == 15 and score["f1"] >= 0.75 and score["low"] > 0.7


def test_what_cues_find_alone_is_less_and_better_than_chance(gold, asked):
    cued = cross_validate(lambda *_: cue_coder(BOOK), gold.corpus, gold.coding, gold.groups)
    assert macro_f1(cued)["high"] < macro_f1(asked)["f1"]
    assert score_coder(cued)["used"].all()


def test_the_coder_by_meaning_is_not_used_where_chance_does_as_well(gold):
    vectors = ppmi_svd(open_reference(ROOT / "seeds" / "press").cooccurrences)
    make = semantic_coder_factory(vectors, BOOK)
    told = score_coder(cross_validate(make, gold.corpus, gold.coding, gold.groups))
    assert "model_nation" in told.filter(~pl.col("used"))["frame"].to_list()
    assert told.filter(frame="counter_terrorism")["f1"].item() > 0.65
    coder = fit_semantic_coder(vectors, BOOK, gold.corpus, gold.coding)
    words = code(gold.corpus, coder).filter(frame="counter_terrorism")["words"]
    assert "إرهابية" in words.explode().to_list()


def test_every_article_of_the_teaching_corpus_is_coded_with_its_words(gold, learned):
    coded = code(gold.corpus, learned)
    assert coded["document"].n_unique() == 72 and coded["words"].list.len().min() > 0


def test_coding_in_batches_is_coding_at_once(gold, learned, monkeypatch):
    at_once = code(gold.corpus, learned)
    whole = Corpus.batches
    monkeypatch.setattr(Corpus, "batches", lambda texts: whole(texts, 3000))
    assert code(gold.corpus, learned).equals(at_once)


def test_probabilities_hold(asked):
    steady = calibration_curve(asked, bins=5)
    apart = (steady["share"] - steady["probability"]).abs()
    assert (apart * steady["decisions"]).sum() / steady["decisions"].sum() < 0.02
    assert steady["share"].is_sorted() and apart.max() < 0.2
    assert (steady["low"] <= steady["share"]).all() and (steady["share"] <= steady["high"]).all()


def test_no_outlet_is_in_both_parts(gold):
    seen = []

    def make(corpus, coding):
        groups = {gold.groups[d] for d in coding["document"]}
        seen.append(groups)
        return cue_coder(BOOK)

    cross_validate(make, gold.corpus, gold.coding, gold.groups)
    assert len(seen) == 6 and all(len(groups) == 5 for groups in seen)


def test_what_held_out_paragraphs_say_is_not_learnt_from(gold):
    # The held-out outlet's gold is turned round: what the others teach must not change.
    turned = gold.coding.with_columns(
        frames=pl.when(pl.Series(np.array(gold.groups)[gold.coding["document"]] == gold.groups[0]))
        .then(pl.lit(["economy"]))
        .otherwise("frames")
    )
    others = pl.Series(np.array(gold.groups)[gold.coding["document"]] != gold.groups[0])
    coders = [
        fit_coder(gold.corpus, coding.filter(others), gold.groups, frames=BOOK.names)
        for coding in (gold.coding, turned)
    ]
    assert np.array_equal(*(coder.score(coder.prepare(gold.corpus)) for coder in coders))


# Each line is what a reader of the paragraph would say, not what a coder happens to find.
STANDS = [
    (0, {"achievement", "leadership", "model_nation"}),
    (3, {"achievement", "crime_control"}),
    (4, {"crime_control"}),
    (5, {"counter_terrorism", "threat"}),
    (6, {"modernisation"}),
    (7, {"border_migration", "leadership"}),
    (8, {"cooperation"}),
    (10, {"crime_control", "cooperation"}),
    (12, {"cooperation"}),
    (14, {"public_trust", "leadership"}),
    (15, {"recognition"}),
    (16, {"recognition", "model_nation", "leadership"}),
    (18, {"leadership", "achievement", "modernisation"}),
]


@pytest.mark.parametrize("way", ["cues", "learned"])
def test_the_seed_articles_frames_are_found_where_they_stand(seed, learned, way):
    coded = code(seed, learned if way == "learned" else cue_coder(BOOK))
    found = set(coded.select("paragraph", "frame").iter_rows())
    wanted = {(paragraph, frame) for paragraph, frames in STANDS for frame in frames}
    assert sorted(wanted - found) == []
    assert all(words for words in coded["words"].to_list())  # every decision shows its words


@pytest.mark.parametrize("way", ["cues", "learned"])
def test_coders_agree_with_the_hand_on_the_seed_article(seed, learned, by_hand, way):
    coded = code(seed, learned if way == "learned" else None, words=False)
    found = set(coded.select("document", "paragraph", "frame").iter_rows())
    known = set(by_hand.select("document", "paragraph", "frames").iter_rows())
    assert len(found & known) / len(known) > 0.9 and len(found & known) / len(found) > 0.8


@pytest.mark.parametrize("way", ["cues", "learned"])
def test_what_the_seed_article_never_raises_is_reported(seed, learned, asked, way):
    coded = code(seed, learned if way == "learned" else None, words=False)
    lines = seed.tokens.select("document", "paragraph").unique()
    profile = frame_profile(coded, lines, BOOK.names, decisions=asked)
    absent = profile.filter(pl.col("paragraphs") == 0)
    assert {"accountability", "conflict", "economy"} <= set(absent["frame"])
    assert absent["high"].is_between(0.17, 0.18).all()  # 1 - 0.025 ** (1 / 19)
    assert absent["corrected_high"].is_between(0.15, 0.3).all()  # misses allowed for


def test_the_press_was_coded_by_this_coder(learned):
    about = open_frame_counts(ROOT / "seeds" / "press").about
    assert about["coder"] == learned.name
    assert np.allclose(about["thresholds"], learned.threshold, atol=1e-3)


def test_a_mention_in_passing_is_no_frame(seed):
    # "conferences to strengthen cooperation against terrorism" is about cooperation.
    coded = code(seed).filter(paragraph=12)
    assert "counter_terrorism" not in coded["frame"].to_list()


def test_every_paragraph_is_listed_with_or_without_frames(article):
    texts = article(["تم تكريم المدير.", "لا شيء."], "نص.")
    table = list_paragraph_frames(texts, code(texts))
    assert table.select("document", "paragraph", "frames").rows() == [
        ("000", 0, ["recognition"]),
        ("000", 1, []),
        ("001", 0, []),
    ]


def test_learning_needs_enough_of_something(article):
    texts = article("نص أول هنا.", "نص ثان هنا.")
    coding = pl.DataFrame({"document": [0, 1], "paragraph": [0, 0], "frames": [["economy"], []]})
    with pytest.raises(BadInput, match="no frame has 5 coded paragraphs"):
        fit_coder(texts, coding, ["a", "b"], frames=BOOK.names)
    with pytest.raises(BadInput, match="all documents are of one group"):
        cross_validate(lambda *_: cue_coder(), texts, coding, ["a", "a"])
    for frames, paragraph, reason in ((["x"], 0, "the frame «x»"), ([], 7, "names paragraph 7")):
        wrong = pl.DataFrame({"document": [0], "paragraph": [paragraph], "frames": [frames]},
                             schema_overrides={"frames": pl.List(pl.String)})  # fmt: skip
        with pytest.raises(BadInput, match=reason):
            coding_matrix(texts, wrong, BOOK.names)


def test_of_equal_thresholds_the_best_is_taken_and_never_carried_is_never_coded():
    scores = np.array([[3.0, 1.0], [2.0, 2.0], [-np.inf, 3.0]])
    carries = np.array([[True, False], [False, False], [False, False]])
    assert tune_thresholds(scores, carries).tolist() == [2.5, np.inf]


def test_of_thresholds_nearly_as_good_the_one_nearest_to_even_odds_is_taken():
    scores = np.array([[9.0], [5.0], [4.0], [1.0], [-3.0]])
    carries = np.array([[True], [True], [False], [True], [False]])
    assert tune_thresholds(scores, carries).tolist() == [-1.0]  # F1 6/7
    near = tune_thresholds(scores, carries, slack=0.2)  # 4/5 at 4.5, 6/7 at -1
    assert near.tolist() == [-1.0]
    far = tune_thresholds(scores - 5, carries, slack=0.2)
    assert far.tolist() == [-0.5]  # 4/5 is near enough to 6/7, and nearer to 0
    tied = tune_thresholds(np.zeros((4, 1)), np.array([[1], [0], [0], [0]], bool))
    assert tied.tolist() == [0.0]  # equal scores are coded alike
