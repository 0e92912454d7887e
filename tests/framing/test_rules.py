import numpy as np
import polars as pl
import pytest

from corpus_tools.errors import BadInput
from corpus_tools.framing.codebook import Codebook, read_codebook
from corpus_tools.framing.coder import code, cue_coder
from corpus_tools.framing.rules import find_cues, negation_phrases, score_cues

BOOK = """
[[frame]]
name = "order"
arabic = "النظام"
english = "order"
definition = "tells of order"
source = "this test"
cues = [{ar = "نظام عام", en = "public order"}, {ar = "هدوء", en = "calm", weight = 0.5},
        {ar = "عام", en = "public", weight = 0.5}]

[[frame]]
name = "rights"
arabic = "الحقوق"
english = "rights"
definition = "tells of rights"
source = "this test"
survives_negation = true
cues = [{ar = "مساءلة", en = "accountability"}]
"""


@pytest.fixture
def book(tmp_path):
    (tmp_path / "book.toml").write_text(BOOK, "utf-8")
    return read_codebook(tmp_path / "book.toml")


@pytest.mark.parametrize(
    ("text", "score"),
    [
        ("عاد النظام العام.", 1.0),  # the cue inside the longer one does not count again
        ("عاد الهدوء.", 0.5),
        ("عاد الهدوء والهدوء.", 0.5),  # the same cue twice counts once
        ("عاد الهدوء العام.", 1.0),
        ("عودة الهدوء", 1.0),  # in a heading a cue counts double
    ],
)
def test_cues_add_up(article, book, text, score):
    assert score_cues(article(text), book)[0, 0] == score


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("لا هدوء في المدينة.", []),  # no calm
        ("لم يعد الهدوء.", []),  # did not return
        ("نفت الشرطة عودة الهدوء.", []),  # denied the return of
        ("بلا هدوء.", []),
        ("لم يأت أحد من المدينة لكن الهدوء عاد.", ["calm"]),  # too far away
        ("لم يأت أحد. الهدوء عاد.", ["calm"]),  # in another sentence
        ("لا شك أن الهدوء عاد.", ["calm"]),  # no doubt that
        ("ليس فقط الهدوء بل الأمن.", ["calm"]),  # not only
        ("الهدوء لم يعد.", ["calm"]),  # only what comes before a cue denies it
        ("لم تجر مساءلة.", ["accountability"]),  # nobody was held to account: it is raised
    ],
)
def test_what_is_denied_does_not_count_unless_the_frame_survives_it(article, book, text, found):
    assert find_cues(article(text), book)["gloss"].to_list() == found


def test_a_heading_helps_the_paragraphs_below_that_hold_a_cue(article, book):
    below = article(["عودة الهدوء", "الشأن العام.", "الطقس جميل.", "خبر آخر", "الشأن العام."])
    scores = score_cues(below, book)[:, 0]
    # Half of the heading's undoubled half, until the next heading.
    assert scores.tolist() == [1.0, 0.75, 0.0, 0.0, 0.5]


def test_a_heading_of_another_text_does_not_help(article, book):
    assert score_cues(article(["عودة الهدوء"], ["الشأن العام."]), book)[1, 0] == 0.5


def test_of_two_cues_that_are_the_same_words_the_heavier_counts(article, tmp_path):
    twice = '{ar = "=الهدوء", en = "the calm", weight = 0.5}, {ar = "هدوء", en = "calm"'
    (tmp_path / "book.toml").write_text(BOOK.replace('{ar = "هدوء", en = "calm"', twice), "utf-8")
    book = read_codebook(tmp_path / "book.toml")
    heavier = Codebook(
        book.frames,
        book.cues.with_columns(pl.when(cue="هدوء").then(0.75).otherwise("weight").alias("weight")),
    )
    for order in (heavier.cues, heavier.cues.reverse()):
        found = find_cues(article("عاد الهدوء."), Codebook(book.frames, order))
        assert found.select("gloss", "weight").rows() == [("calm", 0.75)]


def test_each_decision_shows_its_words_as_they_are_written(article, book):
    row = code(article("عاد النظامُ العام."), cue_coder(book)).row(0, named=True)
    assert row["words"] == ["النظامُ العام"] and row["glosses"] == ["public order"]
    assert np.isnan(row["probability"])  # nothing was learnt


def test_a_book_without_cues_is_refused(article, book):
    empty = Codebook(book.frames, book.cues.clear())
    with pytest.raises(BadInput, match="has no cues"):
        score_cues(article("نص."), empty)


def test_negators_have_gloss_and_reach():
    listed = negation_phrases()
    assert (
        listed.null_count().sum_horizontal().item() == 0 and listed["reach"].is_between(0, 3).all()
    )
    assert not listed["phrase"].is_duplicated().any()
