"""Twenty bootstrapped PPMI-SVD embeddings of the security part of a newspaper, beside gensim's one.

Run by `run.py`; alone: ``python benchmarks/ensembles.py CORPUS``.
"""

import sys
import time
from itertools import islice
from pathlib import Path

import numpy as np
import polars as pl
from threadpoolctl import threadpool_limits

from corpus_tools import corpus, embeddings, ensembles, press

OPTIONS = {"size": 100, "window": 5, "min_count": 5}


def security_part(folder: Path) -> pl.DataFrame:
    """The words of the articles on security."""
    opened = corpus.open(folder)
    about = press.security_articles(opened)
    return corpus.words(opened).filter(pl.col("document").is_in(about.implode()))


def measured(folder: Path, number: int = 20, full: int = 5) -> list[tuple[str, str]]:
    """Times as a ratio, and how far the quick replicates are from full decompositions."""
    words = security_part(folder)
    begun = time.perf_counter()
    quick = list(ensembles.replicates(words, number, seed=1, **OPTIONS))
    ours = time.perf_counter() - begun
    begun = time.perf_counter()
    with threadpool_limits(1):
        embeddings.embed(words, method="word2vec", **OPTIONS)
    gensim = time.perf_counter() - begun
    begun = time.perf_counter()
    embeddings.embed(words, **OPTIONS)
    one = time.perf_counter() - begun
    # All samples are drawn at once, so these are the same as the first of the quick ones.
    exact = list(islice(ensembles.replicates(words, number, seed=1, quick=False, **OPTIONS), full))
    return [
        ("words and articles of the security part",
         f"{words.height}, {words['document'].n_unique()}"),
        (f"{number} bootstrapped PPMI-SVD, counting included, seconds", f"{ours:.1f}"),
        ("one skip-gram of gensim, 5 epochs, one worker, seconds", f"{gensim:.1f}"),
        (f"{number} bootstrapped PPMI-SVD / one skip-gram", f"{ours / gensim:.2f}"),
        ("one PPMI-SVD / one skip-gram", f"{one / gensim:.2f}"),
        *agreement(quick, exact),
    ]  # fmt: skip


def agreement(quick: list, exact: list) -> list[tuple[str, str]]:
    """Neighbours and cosines of quick replicates beside those of full ones, for frequent words."""
    words = quick[0].index_to_key[100:600:5]  # a hundred, neither grammar nor rare
    same, apart, width = [], [], []
    for word in words:
        near = [other for other, _ in exact[0].most_similar(word, topn=10)]
        for a, b in zip(quick, exact, strict=False):
            tens = [{other for other, _ in m.most_similar(word, topn=10)} for m in (a, b)]
            same.append(len(tens[0] & tens[1]) / 10)
            cosines = [np.array([m.similarity(word, other) for other in near]) for m in (a, b)]
            apart.append(np.abs(cosines[0] - cosines[1]).mean())
        low, high = np.quantile(
            [[m.similarity(word, other) for other in near] for m in quick], [0.025, 0.975], axis=0
        )
        width.append((high - low).mean())
    return [
        (f"of 10 neighbours, those that quick and full replicates share ({len(exact)} of them)",
         f"{10 * np.mean(same):.2f}"),
        ("mean difference of their cosines", f"{np.mean(apart):.4f}"),
        ("mean width of the 95 % interval of these cosines", f"{np.mean(width):.4f}"),
    ]  # fmt: skip


if __name__ == "__main__":
    for what, value in measured(Path(sys.argv[1])):
        print(f"{what}: {value}")
