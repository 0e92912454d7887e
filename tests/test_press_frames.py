import json

import pytest
from places import ROOT

from corpus_tools import BadInput, codebook, corpus, framing, press, press_frames, profiles

BOOK = codebook.read()


@pytest.fixture
def made(tmp_path):
    texts = [
        "قالت الشرطة إنها ألقت القبض على لصوص.\nكان الطقس جميلا اليوم.",
        "نجاح كبير للأمن في البلاد.\nنجاح آخر للأمن اليوم.\nخبر عادي جدا.",
        "خبر عن الرياضة لا غير.",
    ]
    rows = [{"text": t, "outlet": "ص", "date": "2020-01-01"} for t in texts]
    (tmp_path / "a.json").write_text(json.dumps(rows), "utf-8")
    press.make(tmp_path / "a.json", tmp_path / "press")
    texts = corpus.build(tmp_path / "a.json")
    press_frames.make(texts, tmp_path / "press", framing.by_cues(BOOK), BOOK)
    return tmp_path / "press"


def test_paragraphs_of_security_articles_are_counted_by_frame(made):
    counts = press_frames.open(made, least=1, most=100)
    assert counts.coded.select("document", "frame", "hits").sort("document", "frame").rows() == [
        (0, "crime_control", 1),
        (1, "achievement", 2),
    ]
    assert counts.paragraphs.select("document", "size").rows() == [(0, 2), (1, 3)]
    assert counts.about["articles"] == 2 and counts.about["paragraphs"] == 5
    profile = profiles.profile(counts.coded, counts.paragraphs, BOOK.names)
    assert profile.filter(frame="achievement").select("paragraphs", "of").row(0) == (2, 5)


def test_articles_of_another_length_or_set_in_one_block_are_left_out(made):
    assert press_frames.open(made, least=10, most=100).paragraphs["document"].to_list() == [0, 1]
    assert press_frames.open(made, least=12, most=100).paragraphs["document"].to_list() == [1]
    assert press_frames.open(made, least=1, most=100, longest=5).paragraphs[
        "document"
    ].to_list() == [1]


def test_a_press_without_frames_says_so(tmp_path):
    with pytest.raises(BadInput, match="holds no frames of its articles"):
        press_frames.open(tmp_path)


def test_the_press_of_this_repository_was_coded_by_the_codebook_of_today():
    counts = press_frames.open(ROOT / "seeds" / "press")
    assert counts.about["codebook"] == press_frames.digest(BOOK)
    assert counts.about["coder"] == "words and cues"
    assert counts.about["articles"] == press.open(ROOT / "seeds" / "press").articles.height
