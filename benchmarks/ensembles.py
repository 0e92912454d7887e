"""Bootstrapped PPMI-SVD embeddings of the security part of a newspaper, beside two peers.

gensim's skip-gram in this environment, hyperhyper's PPMI-SVD and wefe's tests in the peers'. Run by
`run.py`; alone: ``python benchmarks/ensembles.py CORPUS PEER``, where PEER is the peers' Python.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from itertools import islice
from pathlib import Path
from typing import TypeVar

import numpy as np
import polars as pl
from gensim.models import KeyedVectors
from scipy import sparse
from threadpoolctl import threadpool_limits

from corpus_tools.corpus.storage import open_corpus
from corpus_tools.embeddings.associations import weat
from corpus_tools.embeddings.axes import pole_words
from corpus_tools.embeddings.bootstrap import bootstrap_ppmi_svd
from corpus_tools.embeddings.cooccurrence import count_cooccurrences, frequent_words, ppmi
from corpus_tools.embeddings.evaluation import evaluate_vectors
from corpus_tools.embeddings.training import fasttext, ppmi_svd, word2vec
from corpus_tools.reference.build import find_security_articles

HERE = Path(__file__).parent
OPTIONS = {"size": 100, "window": 5, "min_count": 5}
Rows = list[tuple[str, str]]
Made = TypeVar("Made")


def security_part(folder: Path) -> pl.DataFrame:
    """The words of the articles on security."""
    opened = open_corpus(folder)
    about = find_security_articles(opened)
    return opened.words().filter(pl.col("document").is_in(about.implode()))


def timed(work: Callable[[], Made]) -> tuple[Made, float]:
    begun = time.perf_counter()
    made = work()
    return made, time.perf_counter() - begun


def measured(folder: Path, peer: Path, number: int = 20, full: int = 5) -> Rows:
    """Times as ratios, scores, and how far the quick replicates are from full decompositions."""
    words = security_part(folder)
    quick, ours = timed(lambda: list(bootstrap_ppmi_svd(words, number, seed=1, **OPTIONS)))
    with threadpool_limits(1):
        skip, gensim = timed(lambda: word2vec(words, **OPTIONS))
    # All samples are drawn at once, so these are the same as the first of the quick ones.
    exact = list(islice(bootstrap_ppmi_svd(words, number, seed=1, quick=False, **OPTIONS), full))
    return [
        ("words and articles of the security part",
         f"{words.height}, {words['document'].n_unique()}"),
        (f"{number} bootstrapped PPMI-SVD, counting included, seconds", f"{ours:.1f}"),
        ("one skip-gram of gensim, 5 epochs, one worker, seconds", f"{gensim:.1f}"),
        (f"{number} bootstrapped PPMI-SVD / one skip-gram", f"{ours / gensim:.2f}"),
        *agreement(quick, exact),
        *beside_hyperhyper(words, peer, skip),
    ]  # fmt: skip


def agreement(quick: list[KeyedVectors], exact: list[KeyedVectors]) -> Rows:
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


def beside_hyperhyper(words: pl.DataFrame, peer: Path, skip: KeyedVectors, runs: int = 3) -> Rows:
    """Time, PPMI values and scores of one PPMI-SVD; scores of the skip-gram, too.

    hyperhyper closes its windows over words that are left out. Both read the frequent words alone,
    so that they count the same pairs; our own default, which keeps the places, is scored as well.
    """
    kept = frequent_words(words, OPTIONS["min_count"])["word"]
    frequent = words.filter(pl.col("word").is_in(kept.implode()))
    ratios, times = [], []
    with tempfile.TemporaryDirectory() as place:
        lines = frequent.group_by("document", "sentence", maintain_order=True).agg("word")["word"]
        lines = lines.list.join(" ")
        Path(place, "lines").write_text("\n".join(lines), "utf-8")
        for _ in range(runs):
            command = [peer, HERE / "hyperhyper_svd.py", Path(place, "lines"), place]
            subprocess.run(command, check=True, stderr=subprocess.DEVNULL)
            facts = json.loads(Path(place, "facts.json").read_text("utf-8"))
            vectors, took = timed(lambda: ppmi_svd(frequent, **OPTIONS))
            ratios.append(facts["seconds"] / took)
            times.append(f"{facts['seconds']:.1f} and {took:.1f}")
        theirs = KeyedVectors.load_word2vec_format(str(Path(place, "vectors.bin")), binary=True)
        matrix = sparse.load_npz(Path(place, "ppmi.npz"))
    met = count_cooccurrences(frequent, window=5, min_count=5)
    order = np.array([facts["words"].index(word) for word in met.words["word"]])
    apart = abs(matrix[order][:, order] - ppmi(met)).max()
    models = {
        "PPMI-SVD (ours)": ppmi_svd(words, **OPTIONS),
        "PPMI-SVD (ours, windows closed)": vectors,
        "PPMI-SVD (hyperhyper)": theirs,
        "skip-gram (gensim)": skip,
        "FastText (gensim)": fasttext(words, **OPTIONS),
    }
    return [
        ("one PPMI-SVD, seconds of hyperhyper and of ours", "; ".join(times)),
        ("hyperhyper / ours, pairs",
         f"{np.median(ratios):.1f} ({', '.join(f'{r:.1f}' for r in ratios)})"),
        ("largest difference of their PPMI values", f"{apart:.1e}"),
        *(row for name, model in models.items() for row in scores(name, model)),
        *beside_wefe(models["PPMI-SVD (ours)"], peer),
    ]  # fmt: skip


def scores(name: str, model: KeyedVectors) -> Rows:
    whole = evaluate_vectors(model).filter(pl.col("category") == "all")
    return [
        (f"{name}: {row['test']}, {row['asked']} asked",
         f"{row['score']:.4f} ({row['low']:.4f} to {row['high']:.4f})")
        for row in whole.iter_rows(named=True)
    ]  # fmt: skip


def beside_wefe(model: KeyedVectors, peer: Path) -> Rows:
    """Effect sizes and p-values of the same tests by wefe."""
    poles = ["threat", "safety", "order", "rights", "failure", "competence"]
    sets = {name: [word for word in pole_words(name) if word in model][:7] for name in poles}
    tests = [("threat", "safety", "failure", "competence"), ("order", "rights", "threat", "safety"),
             ("failure", "competence", "order", "rights")]  # fmt: skip
    with tempfile.TemporaryDirectory() as place:
        used = sorted({word for words in sets.values() for word in words})
        few = KeyedVectors(model.vector_size)
        few.add_vectors(used, np.stack([model[word] for word in used]))
        few.save_word2vec_format(str(Path(place, "vectors.bin")), binary=True)
        asked = json.dumps({"sets": sets, "tests": tests}, ensure_ascii=False)
        Path(place, "asked.json").write_text(asked, "utf-8")
        subprocess.run([peer, HERE / "wefe_weat.py", place], check=True, stderr=subprocess.DEVNULL)
        theirs = json.loads(Path(place, "found.json").read_text("utf-8"))
    rows = []
    for names, found in zip(tests, theirs, strict=True):
        x, y, a, b = (sets[name] for name in names)
        own = weat(model, (x, y), (a, b)).row(0, named=True)
        rows.append((f"WEAT of {', '.join(names)}: effect and p of ours; of wefe",
                     f"{own['effect_size']:.4f}, {own['p']:.4f}; "
                     f"{found['effect_size']:.4f}, {found['p']:.4f}"))  # fmt: skip
    return rows


if __name__ == "__main__":
    for what, value in measured(Path(sys.argv[1]), Path(sys.argv[2])):
        print(f"{what}: {value}", flush=True)
