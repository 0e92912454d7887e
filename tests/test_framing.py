import polars as pl
import pytest

from corpus_tools import BadInput, framing


@pytest.fixture(scope="module")
def coded(seed):
    return framing.code(seed)


def frames_of(coded, paragraph):
    return set(coded.filter(pl.col("paragraph") == paragraph)["frame"])


# Each line is what a reader of the paragraph would say, not what the coder happens to find.
@pytest.mark.parametrize(
    ("paragraph", "frames"),
    [
        (0, {"achievement", "leadership", "model_nation"}),
        (2, {"crime_control", "modernisation"}),
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
    ],
)
def test_the_seed_articles_frames_are_found_where_they_stand(coded, paragraph, frames):
    assert frames <= frames_of(coded, paragraph)


def test_a_mention_in_passing_is_no_frame(coded):
    # "conferences to strengthen cooperation against terrorism" is about cooperation.
    assert "counter_terrorism" not in frames_of(coded, 12)


def test_what_the_seed_article_never_raises_is_reported(seed, coded):
    profile = framing.profile(seed, coded)
    absent = profile.filter(pl.col("paragraphs") == 0)
    assert {"accountability", "conflict", "economy"} <= set(absent["frame"])
    assert (absent["high"] > 0.17).all() and (absent["high"] < 0.18).all()  # 1 - 0.025 ** (1 / 19)
    assert profile["of"].unique().to_list() == [19] and profile["unit"].unique().to_list() == [
        "paragraph"
    ]


def test_the_codebook_has_the_sixteen_frames_each_with_gloss_and_source():
    book = framing.codebook()
    assert book["frame"].n_unique() == 16
    assert not any(book.select((pl.col(pl.String) == "").any()).row(0))
    assert book.filter(pl.struct("frame", "cue").is_duplicated()).height == 0


BOOK = """
[[frame]]
name = "order"
arabic = "النظام"
english = "order"
definition = "tells of order"
source = "this test"
cues = [{ar = "نظام عام", en = "public order"}, {ar = "هدوء", en = "calm", weight = 0.5},
        {ar = "عام", en = "public", weight = 0.5}]
"""


@pytest.fixture
def book(tmp_path):
    (tmp_path / "book.toml").write_text(BOOK, encoding="utf-8")
    return framing.codebook(tmp_path / "book.toml")


@pytest.mark.parametrize(
    ("text", "score"),
    [
        ("عاد النظام العام.", 1.0),  # the cue inside the longer one does not count again
        ("عاد الهدوء.", None),  # half is not enough
        ("عاد الهدوء والهدوء.", None),  # nor the same half twice
        ("عاد الهدوء العام.", 1.0),  # two halves are
        ("عودة الهدوء", 1.0),  # in a heading a cue counts double
    ],
)
def test_cues_add_up(article, book, text, score):
    coded = framing.code(article(text), book)
    assert coded["score"].to_list() == ([] if score is None else [score])


def test_each_decision_shows_its_words(article, book):
    row = framing.code(article("عاد النظامُ العام."), book).row(0, named=True)
    assert row["cues"] == ["النظامُ العام"] and row["glosses"] == ["public order"]


def test_every_paragraph_is_listed_with_or_without_frames(article, book):
    texts = article(["عاد النظام العام.", "لا شيء."], "نص.")
    table = framing.paragraph_frames(texts, framing.code(texts, book))
    assert table.select("document", "paragraph", "frames").rows() == [
        ("000", 0, ["order"]),
        ("000", 1, []),
        ("001", 0, []),
    ]


def test_documents_are_resampled_where_there_are_enough(article, book):
    texts = article(*(f"عاد النظام العام {n}." for n in range(3)), *(f"نص {n}." for n in range(3)))
    row = framing.profile(texts, framing.code(texts, book), book).row(0, named=True)
    assert (row["share"], row["unit"]) == (0.5, "document") and row["low"] < 0.5 < row["high"]


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        ("[[frame]", "is not TOML"),
        ("title = 'x'", "holds no frame"),
        ("[[frame]]\nname = 'a'", "frame a lacks 'arabic'"),
        (BOOK.replace('en = "calm", ', ""), "frame order lacks 'en'"),
    ],
)
def test_bad_codebooks_are_named(tmp_path, content, reason):
    (tmp_path / "book.toml").write_text(content, encoding="utf-8")
    with pytest.raises(BadInput, match=reason):
        framing.codebook(tmp_path / "book.toml")
    with pytest.raises(BadInput, match="does not exist"):
        framing.codebook(tmp_path / "nowhere.toml")
