"""The teaching corpus is as its plan and its datasheet say."""

from itertools import product

import polars as pl
import pytest
from places import ROOT

from corpus_tools import corpus, framing

FOLDER = ROOT / "seeds" / "teaching"
FRAMES = framing.codebook()["frame"].unique().to_list()


@pytest.fixture(scope="module")
def texts():
    return corpus.build(FOLDER / "articles")


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
    lines = corpus.paragraphs(texts)
    lines = lines.with_columns(article=texts.documents["article"].gather(lines["document"]))
    expected = set(lines.select("article", "paragraph").iter_rows())
    assert set(coding.select("article", "paragraph").iter_rows()) == expected
    planned = dict(
        plan.select("article", pl.col("frames_by_paragraph").str.split("; ")).iter_rows()
    )
    assert {name: len(frames) for name, frames in planned.items()} == dict(
        coding.group_by("article").len().iter_rows()
    )


def test_only_frames_of_the_codebook_are_coded_each_at_least_fourteen_times(coding):
    coded = coding["pass_1"].str.split(" ").explode()
    assert set(coded) == set(FRAMES)
    assert coded.value_counts()["count"].min() >= 14


def test_outlets_differ_in_frames_as_planned(plan, coding):
    stressed = pl.read_csv(FOLDER / "outlets.csv").select("outlet", "frames_stressed")
    rows = coding.join(plan.select("article", "outlet"), on="article")
    for outlet, frames in stressed.iter_rows():
        own = rows.filter(pl.col("outlet") == outlet)["pass_1"].str.split(" ").explode()
        others = rows.filter(pl.col("outlet") != outlet)["pass_1"].str.split(" ").explode()
        for frame in frames.split():
            assert (own == frame).mean() > (others == frame).mean(), (outlet, frame)
