"""The teaching corpus is as its plan and its datasheet say."""

from itertools import product

import polars as pl
import pytest
from places import ROOT

from corpus_tools.corpus.build import read_corpus
from corpus_tools.framing.agreement import krippendorff_alpha
from corpus_tools.framing.annotations import open_gold
from corpus_tools.framing.codebook import read_codebook

FOLDER = ROOT / "seeds" / "teaching"
BOOK = read_codebook()
FRAMES = BOOK.names


@pytest.fixture(scope="module")
def texts():
    return read_corpus(FOLDER / "articles")


@pytest.fixture(scope="module")
def plan():
    return pl.read_csv(FOLDER / "plan.csv")


@pytest.fixture(scope="module")
def coding():
    return pl.read_csv(FOLDER / "coding.csv")


def test_every_article_is_read_and_says_that_it_is_invented(texts):
    assert texts.documents.height == 72 and not texts.quarantine.height
    assert texts.documents["notice"].str.starts_with("Invented for teaching").all()
    assert texts.documents["day"].null_count() == 0


def test_articles_have_180_to_300_words(texts):
    # A number is one word, with its separators.
    lengths = texts.documents["text_clean"].str.count_matches(r"\w+(?:[.,]\w+)*")
    assert lengths.min() >= 180 and lengths.max() <= 300


def test_each_outlet_writes_of_each_kind_of_event_and_four_times_a_year(texts, plan):
    outlets = pl.read_csv(FOLDER / "outlets.csv")
    events = plan["event"].unique()
    assert outlets.height == 6 and len(events) == 12
    pairs = set(plan.select("outlet", "event").iter_rows())
    assert pairs == set(product(outlets["outlet"], events))
    assert set(plan.group_by("outlet", "year").len()["len"]) == {4}
    assert set(texts.documents["outlet"]) == set(outlets["name"])


def test_plan_coding_and_articles_speak_of_the_same_paragraphs(texts, plan, coding):
    lines = texts.paragraphs()
    lines = lines.with_columns(article=texts.documents["article"].gather(lines["document"]))
    expected = set(lines.select("article", "paragraph").iter_rows())
    assert set(coding.select("article", "paragraph").iter_rows()) == expected
    planned = dict(
        plan.select("article", pl.col("frames_by_paragraph").str.split("; ")).iter_rows()
    )
    assert {name: len(frames) for name, frames in planned.items()} == dict(
        coding.group_by("article").len().iter_rows()
    )


@pytest.mark.parametrize("column", ["pass_1", "pass_2", "gold"])
def test_only_frames_of_the_codebook_are_coded_each_at_least_fourteen_times(coding, column):
    coded = coding[column].str.split(" ").explode()
    assert set(coded) == set(FRAMES)
    assert coded.value_counts()["count"].min() >= 14


def test_gold_is_decided_only_where_the_passes_differ(coding):
    same = coding.filter(pl.col("pass_1") == pl.col("pass_2"))
    assert (same["gold"] == same["pass_1"]).all()
    assert 0 < coding.height - same.height < 40  # kept, not made even
    others = coding.filter(pl.col("pass_1") != pl.col("pass_2"))
    for first, second, gold in others.select("pass_1", "pass_2", "gold").iter_rows():
        assert set(first.split()) & set(second.split()) <= set(gold.split())


def test_the_passes_agree_on_every_frame_of_fifteen_paragraphs(coding):
    passes = open_gold(FOLDER, BOOK).codings.filter(pl.col("coder") != "gold")
    agreed = krippendorff_alpha(passes, FRAMES, replicates=100)
    counts = dict(coding["gold"].str.split(" ").explode().value_counts().iter_rows())
    often = agreed.filter(pl.col("frame").replace_strict(counts) >= 15)
    assert often.height == 15 and often["alpha"].min() >= 0.75


def test_practice_paragraphs_are_of_the_corpus_and_translated(coding):
    practice = pl.read_csv(FOLDER / "practice.csv")
    assert practice.height == 10 and practice["english"].str.len_chars().min() > 80
    chosen = practice.join(coding, on=["article", "paragraph"], how="inner")
    assert chosen.height == 10
    assert chosen["gold"].str.split(" ").explode().n_unique() >= 9


def test_outlets_differ_in_frames_as_planned(plan, coding):
    stressed = pl.read_csv(FOLDER / "outlets.csv").select("outlet", "frames_stressed")
    rows = coding.join(plan.select("article", "outlet"), on="article")
    for outlet, frames in stressed.iter_rows():
        own = rows.filter(pl.col("outlet") == outlet)["gold"].str.split(" ").explode()
        others = rows.filter(pl.col("outlet") != outlet)["gold"].str.split(" ").explode()
        for frame in frames.split():
            assert (own == frame).mean() > (others == frame).mean(), (outlet, frame)
