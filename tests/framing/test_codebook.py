import polars as pl
import pytest

from corpus_tools.errors import BadInput
from corpus_tools.framing.codebook import read_codebook
from corpus_tools.framing.coder import code

BOOK = read_codebook()
EXAMPLES = [
    (row["frame"], row["example"], row["counterexample"])
    for row in BOOK.frames.iter_rows(named=True)
]


def test_the_codebook_has_the_sixteen_frames_each_whole():
    assert len(BOOK.names) == len(set(BOOK.names)) == 16
    assert not any(
        (BOOK.frames[c] == "").any()
        for c in BOOK.frames.columns
        if BOOK.frames[c].dtype == pl.String
    )
    assert BOOK.frames.null_count().sum_horizontal().item() == 0
    assert (BOOK.frames["include"].list.len() > 0).all() and (
        BOOK.frames["exclude"].list.len() > 0
    ).all()
    assert set(BOOK.cues["frame"]) == set(BOOK.names)
    assert not (BOOK.cues["gloss"] == "").any()
    assert not BOOK.cues.select("frame", "cue").is_duplicated().any()


@pytest.mark.parametrize(("frame", "example", "counterexample"), EXAMPLES)
def test_the_example_of_a_frame_carries_it_and_the_counterexample_does_not(
    article, frame, example, counterexample
):
    coded = code(article(example, counterexample))
    assert frame in coded.filter(document=0)["frame"].to_list()
    assert frame not in coded.filter(document=1)["frame"].to_list()


OWN = """
[[frame]]
name = "order"
arabic = "النظام"
english = "order"
definition = "tells of order"
source = "this test"
include = ["order is named"]
cues = [{ar = "نظام عام", en = "public order"}, {ar = "هدوء", en = "calm", weight = 0.5}]
"""


def test_a_readers_own_codebook_is_read(tmp_path):
    (tmp_path / "book.toml").write_text(OWN, "utf-8")
    book = read_codebook(tmp_path / "book.toml")
    assert book.names == ["order"] and book.cues["weight"].to_list() == [1.0, 0.5]
    assert book.frames["include"].to_list() == [["order is named"]]
    assert book.frames["survives_negation"].to_list() == [False]


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        ("[[frame]", "is not TOML"),
        ("title = 'x'", "holds no frame"),
        ("frame = []", "holds no frame"),
        ("frame = ['x']", "frame 1 is not a table"),
        ("[[frame]]\nname = 'a'", "frame a lacks 'arabic'"),
        (OWN + OWN, "frame order occurs twice"),
        (OWN.replace('en = "calm", ', ""), "frame order lacks 'en' of a cue"),
        (OWN.replace("هدوء", "="), "frame order lacks 'ar' of a cue"),
        (OWN.replace("weight = 0.5", "weight = -1"), "has a cue of weight -1"),
        (OWN.replace("weight = 0.5", "weight = true"), "has a cue of weight True"),
        (OWN.replace("هدوء", "نظام عام"), "has the cue نظام عام twice"),
        (OWN.replace("include", "includes"), "holds the unknown field 'includes'"),
        (OWN.replace('["order is named"]', '"order"'), "has an invalid 'include'"),
        (OWN.replace('"order"\narabic', '"public order"\narabic'), "has a name with spaces"),
    ],
)  # fmt: skip
def test_what_is_wrong_with_a_codebook_is_said(tmp_path, content, reason):
    (tmp_path / "book.toml").write_text(content, "utf-8")
    with pytest.raises(BadInput, match=reason):
        read_codebook(tmp_path / "book.toml")


def test_a_codebook_that_is_not_there_is_named(tmp_path):
    with pytest.raises(BadInput, match=r"nowhere\.toml is not a file"):
        read_codebook(tmp_path / "nowhere.toml")
