import numpy as np
import polars as pl
import pytest

from corpus_tools.embeddings.maps import map_words
from corpus_tools.embeddings.storage import make_keyed_vectors
from corpus_tools.errors import BadInput, InsufficientEvidence

WORDS = [f"w{n}" for n in range(40)]


def model(rows):
    counts = [100] * len(rows)
    table = pl.DataFrame({"word": WORDS[: len(rows)], "count": counts, "documents": counts})
    return make_keyed_vectors(rows, table)


@pytest.fixture(scope="module")
def whole():
    return np.random.default_rng(0).standard_normal((40, 6))


def turned(rows, rng, noise):
    """The same vectors seen from elsewhere, with some noise."""
    rotation, _ = np.linalg.qr(rng.standard_normal((6, 6)))
    return (rows + noise * rng.standard_normal(rows.shape)) @ rotation


def ensemble(whole, noise, seed=1, number=20):
    rng = np.random.default_rng(seed)
    return [model(turned(whole, rng, noise)) for _ in range(number)]


def test_turning_all_vectors_moves_no_word(whole):
    table = map_words(model(whole), WORDS[:10], ensemble(whole, 0.0))
    assert table["width"].max() < 1e-3


def test_the_more_noise_the_larger_the_ellipses(whole):
    small, large = (
        map_words(model(whole), WORDS[:10], ensemble(whole, noise)) for noise in (0.05, 0.2)
    )
    assert (large["width"] > 2 * small["width"]).all()
    assert (small["width"] >= small["height"]).all()


def test_two_ensembles_give_like_ellipses(whole):
    one, other = (
        map_words(model(whole), WORDS[:20], ensemble(whole, 0.05, seed=seed, number=40))
        for seed in (1, 9)
    )
    assert one["width"].mean() == pytest.approx(other["width"].mean(), rel=0.1)


def test_two_axes_show_at_most_all_of_the_variance(whole):
    table = map_words(model(whole), WORDS[:3], ensemble(whole, 0.1))
    assert table["shown"][0] == pytest.approx(1)  # three points lie in a plane
    assert 0 < map_words(model(whole), WORDS, ensemble(whole, 0.1))["shown"][0] < 1


def test_too_little_is_refused(whole):
    with pytest.raises(BadInput, match="2 words are too few for a map"):
        map_words(model(whole), WORDS[:2], ensemble(whole, 0.1))
    with pytest.raises(BadInput, match="no word «z»"):
        map_words(model(whole), [*WORDS[:3], "z"], ensemble(whole, 0.1))
    with pytest.raises(InsufficientEvidence, match="ellipses: needs at least 5 replicates"):
        map_words(model(whole), WORDS[:3], ensemble(whole, 0.1, number=4))
