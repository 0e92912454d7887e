import json

import pytest
from places import ROOT

from corpus_tools.corpus.build import read_corpus
from corpus_tools.errors import BadInput
from corpus_tools.framing.codebook import read_codebook
from corpus_tools.framing.coder import cue_coder
from corpus_tools.framing.profiles import frame_profile
from corpus_tools.reference.build import build_reference
from corpus_tools.reference.frame_counts import count_frames, hash_codebook, open_frame_counts
from corpus_tools.reference.reference import open_reference

BOOK = read_codebook()
FOLDER = ROOT / "seeds" / "press"


@pytest.fixture
def made(tmp_path):
    texts = [
        "قالت الشرطة إنها ألقت القبض على لصوص.\nكان الطقس جميلا اليوم.",
        "نجاح كبير للأمن في البلاد.\nنجاح آخر للأمن اليوم.\nخبر عادي جدا.",
        "خبر عن الرياضة لا غير.",
    ]
    rows = [{"text": t, "outlet": "ص", "date": "2020-01-01"} for t in texts]
    (tmp_path / "a.json").write_text(json.dumps(rows), "utf-8")
    build_reference(tmp_path / "a.json", tmp_path / "press")
    texts = read_corpus(tmp_path / "a.json")
    count_frames(texts, tmp_path / "press", cue_coder(BOOK), BOOK)
    return tmp_path / "press"


def test_paragraphs_of_security_articles_are_counted_by_frame(made):
    counts = open_frame_counts(made, min_words=1, max_words=100)
    assert counts.coded.select("document", "frame", "hits").sort("document", "frame").rows() == [
        (0, "crime_control", 1),
        (1, "achievement", 2),
    ]
    assert counts.paragraphs.select("document", "size").rows() == [(0, 2), (1, 3)]
    assert counts.about["articles"] == 2 and counts.about["paragraphs"] == 5
    profile = frame_profile(counts.coded, counts.paragraphs, BOOK.names)
    assert profile.filter(frame="achievement").select("paragraphs", "of").row(0) == (2, 5)


def test_articles_of_another_length_or_set_in_one_block_are_left_out(made):
    assert open_frame_counts(made, min_words=10, max_words=100).paragraphs[
        "document"
    ].to_list() == [0, 1]
    assert open_frame_counts(made, min_words=12, max_words=100).paragraphs[
        "document"
    ].to_list() == [1]
    assert open_frame_counts(made, min_words=1, max_words=100, max_mean=5).paragraphs[
        "document"
    ].to_list() == [1]


def test_a_press_without_frames_says_so(tmp_path):
    with pytest.raises(BadInput, match="holds no frames of its articles"):
        open_frame_counts(tmp_path)


def test_the_press_of_this_repository_was_coded_by_the_codebook_of_today():
    counts = open_frame_counts(FOLDER)
    assert counts.about["codebook"] == hash_codebook(BOOK)
    assert counts.about["coder"] == "words and cues"
    assert counts.about["articles"] == open_reference(FOLDER, near_copies=True).articles.height
