"""Time and memory of word vectors against the size of the corpus, as a table and a picture.

    python benchmarks/growth.py CORPUS

Writes GROWTH.md and two pictures into docs; each run in a process of its own.
"""

from __future__ import annotations

import re
import sys
import time
from multiprocessing import get_context
from pathlib import Path

import numpy as np
import polars as pl
from threadpoolctl import threadpool_limits

from corpus_tools.corpus.storage import open_corpus
from corpus_tools.embeddings.bootstrap import bootstrap_ppmi_svd
from corpus_tools.embeddings.training import ppmi_svd, word2vec
from corpus_tools.report.figures import plot_line, render_png

HERE = Path(__file__).parent
SIZES = [100_000, 300_000, 1_000_000, 3_000_000]
WORK = {
    "PPMI-SVD": lambda words: ppmi_svd(words),
    "20 replicates": lambda words: sum(1 for _ in bootstrap_ppmi_svd(words, 20)),
    "skip-gram": lambda words: word2vec(words),
}


def part(folder: Path, size: int) -> pl.DataFrame:
    """Random articles, of `size` words in all."""
    words = open_corpus(folder).words()
    lengths = words.group_by("document").len().sort("document")
    mixed = lengths[np.random.default_rng(0).permutation(lengths.height)]
    some = mixed.filter(pl.col("len").cum_sum() <= size)["document"]
    return words.filter(pl.col("document").is_in(some.implode()))


def measured(folder: Path, size: int, work: str, answer) -> None:  # type: ignore[no-untyped-def]
    words = part(folder, size)
    # What reading the corpus took is not asked for: the mark of the largest memory is set back.
    Path("/proc/self/clear_refs").write_text("5")
    before = memory("VmRSS")
    begun = time.perf_counter()
    with threadpool_limits(1):
        WORK[work](words)
    took = time.perf_counter() - begun
    answer.send((words.height, took, memory("VmHWM") - before))


def memory(mark: str) -> float:
    """Megabytes of this process: now (VmRSS), or at most (VmHWM)."""
    found = re.search(rf"{mark}:\s+(\d+)", Path("/proc/self/status").read_text())
    return int(found[1]) / 1024 if found else 0.0


def main(folder: Path) -> None:
    context, rows = get_context("spawn"), []
    for work in WORK:
        for size in SIZES:
            here, there = context.Pipe()
            child = context.Process(target=measured, args=(folder, size, work, there))
            child.start()
            rows.append((work, *here.recv()))
            child.join()
            print(*rows[-1], flush=True)
    columns = ["work", "words", "seconds", "megabytes"]
    table = pl.DataFrame(rows, schema=columns, orient="row")
    lines = [
        "# Word vectors against the size of the corpus",
        "",
        "Written by `benchmarks/growth.py`: random articles of SaudiNewsNet, 100 dimensions, "
        "window 5, minimum 5; the memory is what the work adds to that of the words.",
        "",
        "| work | words | seconds | MB |",
        "| --- | --- | --- | --- |",
        *(f"| {w} | {n:,} | {s:.1f} | {m:.0f} |" for w, n, s, m in rows),
        "",
    ]
    (HERE / "GROWTH.md").write_text("\n".join(lines), "utf-8")
    for value, label in (("seconds", "seconds"), ("megabytes", "memory beside the words, MB")):
        figure = plot_line(
            table, x="words", y=value, series="work", log=True, ylabel=label,
            title=f"Word vectors: {label}", xlabel="words of the corpus",
        )  # fmt: skip
        path = HERE.parent / "docs" / f"embeddings-{value}.png"
        path.write_bytes(render_png(figure))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
