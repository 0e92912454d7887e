import pickle
from functools import partial

import numpy as np
import polars as pl
import pytest
from gensim.models import KeyedVectors

from corpus_tools.embeddings.bootstrap import (
    bootstrap_gensim,
    bootstrap_ppmi_svd,
    ppmi_svd_ensemble,
)
from corpus_tools.embeddings.cooccurrence import count_cooccurrences, ppmi
from corpus_tools.embeddings.neighbours import nearest_neighbours
from corpus_tools.embeddings.storage import make_keyed_vectors, open_vectors, save_vectors
from corpus_tools.embeddings.training import fasttext, ppmi_svd, word2vec
from corpus_tools.errors import BadInput, InsufficientEvidence


def words(*documents):
    """A row a word; the sentences of a document are separated by a full stop."""
    rows = []
    for document, text in enumerate(documents):
        for sentence, part in enumerate(text.split(".")):
            rows += [(document, sentence, word) for word in part.split()]
    return pl.DataFrame(rows, schema=["document", "sentence", "word"], orient="row")


def weights(met, times=None):
    word = met.words["word"].to_list()
    pairs = [tuple(sorted((word[a], word[b]))) for a, b in zip(met.left, met.right, strict=True)]
    return dict(zip(pairs, met.weights(times), strict=True))


@pytest.fixture(scope="module")
def planted():
    """Two groups of words that never share a sentence: a1 to a9 and b1 to b9."""
    rng = np.random.default_rng(0)
    texts = []
    for _ in range(60):
        lines = [
            " ".join(f"{group}{n}" for n in rng.integers(1, 10, size=12))
            for group in rng.choice(["a", "b"], size=6)
        ]
        texts.append(" . ".join(lines))
    return words(*texts)


def test_pairs_stay_inside_sentences_and_the_window():
    met = count_cooccurrences(words("ا ب ج . د"), window=1, min_count=1)
    assert weights(met) == {("ا", "ب"): 1, ("ب", "ج"): 1}


def test_nearer_words_weigh_more():
    met = count_cooccurrences(words("ا ب ج"), window=2, min_count=1)
    assert weights(met) == {("ا", "ب"): 2, ("ب", "ج"): 2, ("ا", "ج"): 1}


def test_a_rare_word_keeps_its_neighbours_apart():
    met = count_cooccurrences(words("ا ر ب ا . ب"), window=1, min_count=2)
    assert weights(met) == {("ا", "ب"): 1}  # only ب ا at the end


def test_the_meetings_of_each_document_add_up_to_those_of_all(planted):
    met = count_cooccurrences(planted)
    each = sum(met.weights(times) for times in np.eye(met.documents, dtype=int))
    assert np.array_equal(each, met.weights())


def test_a_document_taken_twice_is_counted_as_if_it_stood_there_twice():
    once = words("أمن الدولة . أمن", "أمن الحدود الدولة")
    twice = words("أمن الدولة . أمن", "أمن الحدود الدولة", "أمن الحدود الدولة")
    met = count_cooccurrences(once, min_count=1)
    again = count_cooccurrences(twice, min_count=1)
    assert weights(met, np.array([1, 2])) == weights(again)


def test_ppmi_is_the_formula_on_a_small_example():
    met = count_cooccurrences(words("ا ب . ا ب . ج د"), window=1, min_count=1)
    names = met.words["word"].to_list()
    matrix = ppmi(met, smoothing=1.0).toarray()
    a, b, c = (names.index(word) for word in "ابج")
    # ا and ب meet 2 times of 6 counted from both sides, each word has 2: ln(2 * 6 / (2 * 2)).
    assert matrix[a, b] == pytest.approx(np.log(3)) and matrix[a, c] == 0


def test_planted_groups_are_neighbours(planted):
    for train in (ppmi_svd, word2vec, fasttext):
        vectors = train(planted, size=8, seed=1)
        near = [word for word, _ in vectors.most_similar("a1", topn=8)]
        assert sum(word.startswith("a") for word in near) >= 7, train


@pytest.mark.parametrize("train", [ppmi_svd, word2vec, fasttext])
def test_the_same_seed_gives_the_same_vectors(planted, train):
    first, again = (train(planted, size=8, seed=3) for _ in range(2))
    assert first.index_to_key == again.index_to_key
    assert np.array_equal(first.vectors, again.vectors)


def test_the_svd_has_converged_so_that_its_seed_does_not_matter(planted):
    met = count_cooccurrences(planted)
    one, two = (ppmi_svd(met, size=6, seed=seed) for seed in (1, 2))
    assert np.allclose(np.abs(one.vectors), np.abs(two.vectors), atol=1e-5)


def test_neighbours_of_a_rare_word_are_refused(planted):
    few = planted.filter(pl.col("document") < 20)
    vectors = ppmi_svd(few, size=6)
    with pytest.raises(
        InsufficientEvidence, match=r"neighbours of a1: needs at least 50 .* 64 occurrences in 19"
    ):
        nearest_neighbours(vectors, "a1")


def test_an_unknown_word_is_bad_input(planted):
    with pytest.raises(BadInput, match="no word «z»"):
        nearest_neighbours(ppmi_svd(planted, size=6), "z")


def test_too_few_words_for_the_dimensions_are_refused():
    with pytest.raises(InsufficientEvidence, match="100 dimensions"):
        ppmi_svd(words("ا ب ج"), min_count=1)
    with pytest.raises(InsufficientEvidence, match="100 dimensions"):
        next(bootstrap_ppmi_svd(words("ا ب ج"), 1, min_count=1))


@pytest.mark.parametrize(
    ("train", "resample"),
    [(ppmi_svd, bootstrap_ppmi_svd), (word2vec, partial(bootstrap_gensim, "word2vec"))],
)
def test_replicates_give_intervals_and_the_share_that_keeps_a_neighbour(planted, train, resample):
    options = {"size": 6, "min_count": 5}
    vectors = train(planted, **options)
    ensemble = list(resample(planted, 4, seed=1, **options))
    table = nearest_neighbours(vectors, "a1", number=5, ensemble=ensemble)
    assert (table["low"] <= table["high"]).all() and table["kept"].is_between(0, 1).all()


def test_a_replicate_that_draws_every_document_once_is_the_model_itself(planted, monkeypatch):
    monkeypatch.setattr(
        "corpus_tools.embeddings.bootstrap.bootstrap_weights",
        lambda units, n, rng: np.ones((n, units), int),
    )
    (replicate,) = bootstrap_ppmi_svd(planted, 1, size=6)
    assert np.allclose(replicate.vectors, ppmi_svd(planted, size=6).vectors, atol=1e-5)


def test_quick_replicates_agree_with_those_decomposed_from_nothing(planted):
    for near, exact in zip(
        bootstrap_ppmi_svd(planted, 3, size=6),
        bootstrap_ppmi_svd(planted, 3, size=6, quick=False),
        strict=True,
    ):
        assert np.allclose(
            near.get_normed_vectors() @ near.get_normed_vectors().T,
            exact.get_normed_vectors() @ exact.get_normed_vectors().T,
            atol=0.05,
        )


@pytest.mark.parametrize("name", ["vectors.txt", "vectors.bin", "vectors.safetensors"])
def test_saved_vectors_open_as_they_were(planted, tmp_path, name):
    vectors = ppmi_svd(planted, size=6)
    ensemble = list(bootstrap_ppmi_svd(planted, 2, size=6))
    save_vectors(vectors, tmp_path / name, ensemble=ensemble, about={"method": "ppmi"})
    again, replicates = open_vectors(tmp_path / name)
    assert again.index_to_key == vectors.index_to_key and len(replicates) == 2
    assert np.array_equal(again.vectors, vectors.vectors)
    assert np.array_equal(replicates[1].vectors, ensemble[1].vectors)
    assert nearest_neighbours(again, "a1", ensemble=replicates).equals(
        nearest_neighbours(vectors, "a1", ensemble=ensemble)
    )


def test_vectors_without_counts_are_saved_and_opened_without(planted, tmp_path):
    plain = KeyedVectors(2)
    plain.add_vectors(["ا", "ب"], np.eye(2, dtype=np.float32))
    save_vectors(plain, tmp_path / "v.safetensors")
    again, _ = open_vectors(tmp_path / "v.safetensors")
    assert nearest_neighbours(again, "ا", number=1)["count"].to_list() == [None]


def test_gensim_reads_the_file(planted, tmp_path):
    vectors = ppmi_svd(planted, size=6)
    save_vectors(vectors, tmp_path / "v.txt")
    read = KeyedVectors.load_word2vec_format(tmp_path / "v.txt")
    assert read.vectors.shape == vectors.vectors.shape


class Stranger:
    """Opening a pickle of it would make a file."""

    def __init__(self, mark):
        self.mark = mark

    def __reduce__(self):
        return (open, (self.mark, "w"))


@pytest.mark.parametrize("protocol", range(pickle.HIGHEST_PROTOCOL + 1))
@pytest.mark.parametrize("name", ["model", "model.bin", "model.safetensors"])
def test_a_pickle_is_never_opened(tmp_path, name, protocol):
    mark = tmp_path / "opened"
    (tmp_path / name).write_bytes(pickle.dumps(Stranger(str(mark)), protocol))
    with pytest.raises(BadInput, match="pickled model, which is not safe to open"):
        open_vectors(tmp_path / name)
    assert not mark.exists()


def test_the_models_that_gensim_and_numpy_pickle_are_never_opened(planted, tmp_path):
    ppmi_svd(planted, size=6).save(str(tmp_path / "gensim"))
    np.save(tmp_path / "a.npy", np.array([{}]), allow_pickle=True)
    np.savez(tmp_path / "a.npz", a=np.array([{}]))
    for name in ("gensim", "a.npy", "a.npz"):
        with pytest.raises(BadInput, match="pickled model, which is not safe to open"):
            open_vectors(tmp_path / name)


@pytest.mark.parametrize("name", ["v.txt", "v.bin", "v.safetensors"])
def test_other_files_are_refused(tmp_path, name):
    for content in (b"no vectors here\n", b"", b"\xff\xfe\x00", b"2 2\nonly one\n"):
        (tmp_path / name).write_bytes(content)
        with pytest.raises(BadInput, match=r"make it again"):
            open_vectors(tmp_path / name)
    with pytest.raises(BadInput, match="does not exist"):
        open_vectors(tmp_path / "nowhere")


@pytest.mark.parametrize(
    "resample",
    [
        bootstrap_ppmi_svd,
        partial(bootstrap_gensim, "word2vec"),
        partial(bootstrap_gensim, "fasttext"),
    ],
)
def test_replicates_do_not_depend_on_how_many_are_made_at_a_time(planted, resample):
    options = {"size": 6, "seed": 2}
    one = resample(planted, 3, workers=1, **options)
    for a, b in zip(one, resample(planted, 3, workers=2, **options), strict=True):
        assert np.array_equal(a.vectors, b.vectors)


def test_an_ensemble_is_the_model_and_its_replicates(planted):
    vectors, ensemble = ppmi_svd_ensemble(planted, 2, size=6, seed=2)
    assert np.array_equal(vectors.vectors, ppmi_svd(planted, size=6, seed=2).vectors)
    again = bootstrap_ppmi_svd(planted, 2, size=6, seed=2)
    for a, b in zip(ensemble, again, strict=True):
        assert np.array_equal(a.vectors, b.vectors)


@pytest.fixture
def neighbourhood():
    """A model in which the nearest words of الامن are a rare word and its own forms."""
    words = ["الامن", "لخفافيش", "والامن", "للأمن", "امنها", "الاستقرار", "الوطن", "الطقس"]
    angles = np.radians([0, 1, 2, 3, 4, 10, 20, 90])
    counts = [500, 6, 200, 200, 100, 300, 300, 300]
    documents = [200, 1, 90, 90, 50, 100, 100, 100]
    table = pl.DataFrame({"word": words, "count": counts, "documents": documents})
    return make_keyed_vectors(np.column_stack([np.cos(angles), np.sin(angles)]), table)


def test_rare_words_and_forms_of_the_word_itself_are_no_neighbours(neighbourhood):
    near = nearest_neighbours(neighbourhood, "الامن", number=3)
    assert near["word"].to_list() == ["الاستقرار", "الوطن", "الطقس"]


def test_rare_words_and_own_forms_are_shown_on_request(neighbourhood):
    options = {"number": 4, "min_count": 1, "min_documents": 1, "own_forms": True}
    near = nearest_neighbours(neighbourhood, "الامن", **options)
    assert near["word"].to_list() == ["لخفافيش", "والامن", "للأمن", "امنها"]


def test_a_replicate_keeps_a_neighbour_by_the_same_rules(neighbourhood):
    near = nearest_neighbours(neighbourhood, "الامن", number=2, ensemble=[neighbourhood] * 2)
    assert near["kept"].to_list() == [1.0, 1.0]
