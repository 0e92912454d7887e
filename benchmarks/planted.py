"""How often intervals hold a planted cosine, for corpora of several kinds.

    python benchmarks/planted.py [SIMULATIONS]

Writes PLANTED.md. The corpora are those of ``tests/simulated.py``; the truth is the cosine in one
of 60,000 documents.
"""

import sys
from itertools import product
from multiprocessing import get_context
from pathlib import Path

import numpy as np
from threadpoolctl import threadpool_limits

from corpus_tools.embeddings.bootstrap import bootstrap_ppmi_svd
from corpus_tools.embeddings.cooccurrence import count_cooccurrences
from corpus_tools.embeddings.neighbours import pair_cosines, word_similarities
from corpus_tools.embeddings.training import ppmi_svd

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE.parent / "tests"))
import simulated  # noqa: E402

KINDS = [
    (200, 0.9),
    (400, 0.4),
    (800, 0.2),
    (800, 0.9),
    (1600, 0.4),
]  # documents, share of sentences
STRENGTHS = [0.0, 0.3, 0.6]


def vectors_of(documents: int, rate: float, strength: float, seed: object):  # type: ignore[no-untyped-def]
    simulated.RATE = rate
    words = simulated.corpus(documents, strength, np.random.default_rng(seed))
    met = count_cooccurrences(words, window=5, min_count=1)
    return met, ppmi_svd(met, size=simulated.TOPICS)


def reading(task: tuple[int, float, float, int]) -> tuple[float, float, float, int]:
    """The cosine with its interval, and how often the word occurs."""
    documents, rate, strength, seed = task
    with threadpool_limits(1):
        met, vectors = vectors_of(documents, rate, strength, [2, seed])
        replicas = bootstrap_ppmi_svd(met, 20, size=simulated.TOPICS, seed=seed, workers=1)
        row = word_similarities(vectors, [("a", "b")], list(replicas)).row(0, named=True)
    return row["cosine"], row["low"], row["high"], int(vectors.get_vecattr("a", "count"))


def main(simulations: int) -> None:
    lines = [
        "# Intervals on planted truth",
        "",
        f"Written by `benchmarks/planted.py {simulations}`: {simulations} corpora a row, twenty "
        "replicates each; 95 in 100 intervals should hold the truth.",
        "",
        "| documents | occurrences | contexts shared | cosine planted | found, mean | "
        "intervals that hold it | truth above | below |",
        "| --- | --- | --- | --- | --- | --- | --- | --- |",
    ]
    with get_context("spawn").Pool(2) as pool:
        for (documents, rate), strength in product(KINDS, STRENGTHS):
            _, large = vectors_of(60_000, rate, strength, 9)
            truth = float(pair_cosines(large, ["a"], ["b"])[0])
            tasks = [(documents, rate, strength, seed) for seed in range(simulations)]
            at, low, high, count = map(np.array, zip(*pool.map(reading, tasks, 4), strict=True))
            lines.append(
                f"| {documents} | {count.mean():.0f} | {strength} | {truth:.3f} | {at.mean():.3f} "
                f"| {np.mean((low <= truth) & (truth <= high)):.3f} | {np.mean(truth > high):.3f} "
                f"| {np.mean(truth < low):.3f} |"
            )
            print(lines[-1], flush=True)
    (HERE / "PLANTED.md").write_text("\n".join([*lines, ""]), "utf-8")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 400)
