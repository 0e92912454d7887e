import pytest

from corpus_tools.framing.codebook import read_codebook
from corpus_tools.framing.coder import code
from corpus_tools.report.pages import mark_words, show_annotated

BOOK = read_codebook()


@pytest.fixture
def page(article, monkeypatch):
    shown = []
    monkeypatch.setattr("corpus_tools.report.pages.display_both", lambda *b: shown.append(b))
    texts = article(["عنوان أمني", "تم تكريم المدير <و> تكريمات.", "كان الطقس جميلا."])
    show_annotated(texts, code(texts), BOOK, "A text")
    return shown[0]


def test_every_paragraph_stands_with_its_frames_and_words(page):
    _, plain = page
    lines = plain.splitlines()
    assert lines[0] == "A text"
    assert any(line.strip() == "recognition: تكريم (honouring)" for line in lines)
    assert lines.count("    no frame") == 2


def test_the_words_are_marked_whole_and_the_text_is_escaped(page):
    html, _ = page
    assert ">تكريم</mark>" in html and "تكريمات</mark>" not in html
    assert "&lt;و&gt;" in html and "<و>" not in html
    assert html.count('dir="rtl" lang="ar"') >= 3 and "font-weight:bold" in html


def test_of_words_inside_each_other_the_longest_is_marked():
    assert mark_words("شبكة إجرامية", {"شبكة", "شبكة إجرامية"}).count("<mark") == 1
