import json
import shutil

import numpy as np
import polars as pl
import pytest
from places import ROOT

from corpus_tools.corpus.build import read_corpus
from corpus_tools.embeddings.cooccurrence import collect_contexts, count_cooccurrences
from corpus_tools.embeddings.training import ppmi_svd, word2vec
from corpus_tools.errors import BadInput
from corpus_tools.reference.build import (
    BLOCK_COUNT,
    MIN_PAIR_COUNT,
    PAIR_WINDOW,
    build_reference,
    concept_words,
    find_security_articles,
)
from corpus_tools.reference.reference import open_reference
from corpus_tools.words.frequency import count_words

FILES = ("articles.parquet", "words.parquet", "pairs.parquet", "contexts.parquet", "manifest.json")
TEXTS = [
    "أوقفت الشرطة لصا. عاد الأمن إلى المدينة.",
    "فاز الفريق في المباراة.",
    "مكافحة الإرهاب والأمن",
]


@pytest.fixture
def source(tmp_path):
    rows = [
        {"content": text, "source": f"صحيفة {n}", "date_extracted": "2015-07-21 02:51:32"}
        for n, text in enumerate(TEXTS * 60)
    ]
    for number, row in enumerate(rows):
        row["content"] += f" {'ا' * (number + 3)}"
    (tmp_path / "day.json").write_text(json.dumps(rows), encoding="utf-8")
    return tmp_path / "day.json"


def test_figures_come_back_as_they_were_counted(source, tmp_path):
    build_reference(source, tmp_path / "press")
    made, texts = open_reference(tmp_path / "press"), read_corpus(source)
    chosen = find_security_articles(texts).to_list()
    assert 0 < len(chosen) < texts.documents.height
    expected = count_words(texts).filter(pl.col("document").is_in(chosen))
    places = {document: n for n, document in enumerate(chosen)}
    expected = expected.with_columns(pl.col("document").replace_strict(places).cast(pl.UInt32))
    assert made.word_counts().equals(expected.sort("document", "word"))
    assert made.articles.row(0)[1:3] == ("صحيفة 0", "2015-07-21")


def test_pairs_are_those_of_the_security_articles(source, tmp_path):
    build_reference(source, tmp_path / "press")
    made, texts = open_reference(tmp_path / "press"), read_corpus(source)
    words = texts.words().filter(pl.col("document").is_in(find_security_articles(texts).implode()))
    direct = count_cooccurrences(words, window=PAIR_WINDOW, min_count=MIN_PAIR_COUNT)
    assert made.cooccurrences.words.equals(direct.words)
    assert np.array_equal(made.cooccurrences.left, direct.left)
    assert np.array_equal(made.cooccurrences.right, direct.right)
    assert np.array_equal(made.cooccurrences.weights(), direct.weights())
    around = collect_contexts(direct, concept_words()["word"].to_list())
    assert made.contexts.equals(around) and around.height


def test_a_block_holds_the_pairs_of_its_articles(source, tmp_path):
    build_reference(source, tmp_path / "press")
    made, texts = open_reference(tmp_path / "press"), read_corpus(source)
    blocks = made.articles["block"].to_numpy()
    assert blocks.max() + 1 == made.cooccurrences.documents == BLOCK_COUNT
    chosen = find_security_articles(texts)
    words = texts.words().filter(pl.col("document").is_in(chosen.implode()))
    direct = count_cooccurrences(words, window=PAIR_WINDOW, min_count=MIN_PAIR_COUNT)
    times = np.arange(made.cooccurrences.documents)
    assert np.array_equal(made.cooccurrences.weights(times), direct.weights(times[blocks]))


def test_lemmas_have_the_pairs_of_their_words(source, tmp_path):
    build_reference(source, tmp_path / "press")
    made = open_reference(tmp_path / "press")
    lemmas = made.cooccurrences_in("lemma")
    assert lemmas.weights().sum() == made.cooccurrences.weights().sum()
    assert len(ppmi_svd(lemmas, size=3)) == lemmas.words.height
    with pytest.raises(BadInput, match="word2vec reads words in their order"):
        word2vec(lemmas)


def test_the_reference_counts_every_article(source, tmp_path):
    about = build_reference(source, tmp_path / "press")
    assert open_reference(tmp_path / "press").total_counts()["count"].sum() == about["words"]


def test_the_same_source_gives_the_same_bytes(source, tmp_path):
    for name, reuse in (("one", None), ("two", None), ("three", tmp_path / "one")):
        build_reference(source, tmp_path / name, reuse=reuse)
    for file in FILES:
        one = (tmp_path / "one" / file).read_bytes()
        assert (
            one
            == (tmp_path / "two" / file).read_bytes()
            == (tmp_path / "three" / file).read_bytes()
        )


def test_the_press_of_this_repository_is_made_from_its_source(saudinewsnet, tmp_path):
    # Lemmas are taken over: working them out again takes ten minutes and is left to a person.
    kept = ROOT / "seeds" / "press"
    citation = json.loads((kept / "manifest.json").read_text("utf-8"))["citation"]
    build_reference(saudinewsnet, tmp_path / "press", citation=citation, reuse=kept)
    for file in FILES:
        assert (tmp_path / "press" / file).read_bytes() == (
            ROOT / "seeds" / "press" / file
        ).read_bytes()


def test_the_press_of_this_repository_is_small_and_whole():
    folder = ROOT / "seeds" / "press"
    assert sum(path.stat().st_size for path in folder.iterdir()) <= 10_000_000
    made = open_reference(folder)
    assert made.articles.height == made.about["security_articles"] == 4760
    assert made.about["citation"].startswith("M. A. Alhagri")
    assert made.word_counts()["count"].sum() == made.about["security_words"]
    assert made.words.select("surface", "normal", "lemma").null_count().row(0) == (0, 0, 0)


@pytest.mark.parametrize("file", FILES)
def test_half_a_press_is_refused(source, tmp_path, file):
    build_reference(source, tmp_path / "press")
    (tmp_path / "press" / file).unlink()
    with pytest.raises(BadInput, match=f"{file} is missing"):
        open_reference(tmp_path / "press")


def test_a_press_of_another_version_is_refused(tmp_path):
    shutil.copytree(ROOT / "seeds" / "press", tmp_path / "press")
    (tmp_path / "press" / "manifest.json").write_text('{"format": 0}')
    with pytest.raises(BadInput, match="of format 0, and this version reads 3"):
        open_reference(tmp_path / "press")


def test_near_copies_are_folded_unless_asked_for(tmp_path):
    report = "قالت وزارة الداخلية اليوم إن الأمن عاد إلى المدينة بعد أيام من البحث عن الجناة"
    texts = [report, f"{report} أمس", "مكافحة الإرهاب والأمن في البلاد", "فاز الفريق في المباراة"]
    rows = [{"text": text, "outlet": f"ص{n}", "date": "2020-01-01"} for n, text in enumerate(texts)]
    (tmp_path / "a.json").write_text(json.dumps(rows), "utf-8")
    about = build_reference(tmp_path / "a.json", tmp_path / "press", citation="Someone 2020")
    assert about["read"] == 4 == about["documents"] + about["near_copies"]
    assert (about["security_articles"], about["security_near_copies"]) == (2, 1)
    assert about["citation"] == "Someone 2020"
    folded = open_reference(tmp_path / "press")
    every = open_reference(tmp_path / "press", near_copies=True)
    count = pl.col("word") == "الامن"
    assert folded.word_counts().filter(count)["count"].sum() == 1
    assert every.word_counts().filter(count)["count"].sum() == 2
    assert folded.total_counts().filter(count)["count"].sum() == 1
    assert every.total_counts().filter(count)["count"].sum() == 2
    assert "امس" not in folded.words["surface"].to_list()
    assert every.words["count"].sum() == folded.words["count"].sum() + 16


def test_a_folder_of_other_things_is_not_replaced(source, tmp_path):
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "notes.txt").write_text("mine")
    with pytest.raises(BadInput, match="exists and is not a reference corpus"):
        build_reference(source, tmp_path / "mine")


def test_a_source_without_security_is_refused(tmp_path):
    (tmp_path / "a.json").write_text('[{"text": "فاز الفريق في المباراة"}]', encoding="utf-8")
    with pytest.raises(BadInput, match="no article holds a security word"):
        build_reference(tmp_path / "a.json", tmp_path / "press")
