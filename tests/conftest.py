"""Small corpora made of lines, for tests that read as examples."""

import pytest
from places import ROOT, SHARED

from corpus_tools.arabic.lemmas import LEMMA_CACHE
from corpus_tools.corpus.build import read_corpus


@pytest.fixture(autouse=True, scope="session")
def kept_lemmas(tmp_path_factory):
    """Lemmas that tests work out are kept for the tests alone."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(LEMMA_CACHE, str(tmp_path_factory.mktemp("lemmas")))
        yield


@pytest.fixture
def article(tmp_path):
    """Make a corpus of one or more articles, each given as its paragraphs."""

    def make(*articles):
        folder = tmp_path / "articles"
        folder.mkdir(exist_ok=True)
        for number, paragraphs in enumerate(articles):
            lines = [paragraphs] if isinstance(paragraphs, str) else paragraphs
            text = "\n".join(["ليلى- الخبر alkhabar.example", *lines])
            (folder / f"{number:03}.txt").write_text(text, encoding="utf-8")
        return read_corpus(folder, min_words=0)

    return make


@pytest.fixture(scope="session")
def seed():
    """The seed article as a corpus."""
    return read_corpus(ROOT / "seeds" / "article")


@pytest.fixture(scope="session")
def saudinewsnet():
    """The real newspaper corpus, where it lies beside the repository."""
    folder = SHARED / "saudinewsnet"
    if not folder.is_dir():
        pytest.skip("SaudiNewsNet is not beside this repository (../shared/data/saudinewsnet)")
    return folder
