import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import sparse

from corpus_tools.embeddings.decomposition import truncated_svd


def random(rows, filled, seed, kind=np.float64):
    rng = np.random.default_rng(seed)
    return sparse.random_array((rows, rows), density=filled, rng=rng, dtype=kind).tocsr()


@settings(max_examples=15, deadline=None)
@given(rows=st.integers(501, 700), size=st.integers(1, 30), seed=st.integers(0, 99))
def test_it_is_the_decomposition_of_lapack(rows, size, seed):
    matrix = random(rows, 0.05, seed)
    left, values, right = truncated_svd(matrix, size, seed=seed)
    expected = np.linalg.svd(matrix.toarray(), compute_uv=False)[:size]
    assert np.allclose(values, expected, rtol=1e-6)
    assert np.allclose(matrix @ right, left * values, atol=1e-3 * expected[0])
    assert np.allclose(left.T @ left, np.eye(size), atol=1e-6)


def test_a_matrix_of_low_rank_is_taken_apart_whole():
    factors = random(600, 0.01, 1)[:, :3]
    left, values, right = truncated_svd((factors @ factors.T).tocsr(), 10)
    assert np.allclose(left * values @ right.T, (factors @ factors.T).toarray(), atol=1e-6)


def test_a_matrix_of_nothing_is_no_endless_work():
    nothing = sparse.csr_array((600, 600))
    assert not truncated_svd(nothing, 5)[1].any()


def test_from_vectors_of_a_nearby_matrix_two_blocks_come_close():
    matrix = random(800, 0.05, 2)
    start = truncated_svd(matrix, 10, more=10)[2]
    nearby = matrix + 0.01 * random(800, 0.05, 3)
    near = truncated_svd(nearby.tocsr(), 10, start=start, blocks=2)[1]
    assert np.allclose(near, truncated_svd(nearby.tocsr(), 10)[1], rtol=1e-2)


@pytest.mark.parametrize("rows", [100, 600])
def test_the_largest_entry_of_each_left_vector_is_positive(rows):
    left, *_ = truncated_svd(random(rows, 0.1, 4, np.float32), 5)
    assert (left[np.abs(left).argmax(axis=0), np.arange(5)] > 0).all()
