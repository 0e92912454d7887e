"""Coders of frames on a million paragraphs, and whether corrected shares hold: writes FRAMING.md.

    .venv/bin/python benchmarks/framing.py CORPUS [TIMES]

CORPUS is a corpus folder of a few hundred thousand paragraphs, which are coded again and again
until there are a million. TIMES is how many corpora are simulated for each line on coverage.
"""

from __future__ import annotations

import resource
import sys
import time
from dataclasses import replace
from itertools import product
from pathlib import Path

import numpy as np
import polars as pl

from corpus_tools.corpus.corpus import Corpus
from corpus_tools.corpus.storage import open_corpus
from corpus_tools.framing import learned, profiles
from corpus_tools.framing.agreement import macro_f1
from corpus_tools.framing.annotations import open_gold
from corpus_tools.framing.codebook import read_codebook
from corpus_tools.framing.coder import code, cross_validate, cue_coder
from corpus_tools.framing.learned import coder_factory, fit_coder, fit_from_gold
from corpus_tools.framing.profiles import correct_share

HERE = Path(__file__).parent
SEEDS = HERE.parent / "seeds"
MILLION = 1_000_000
# Planted share, share in the gold, sensitivity, specificity.
KINDS = [
    (0.05, 0.08, 0.70, 0.985),
    (0.10, 0.10, 0.85, 0.990),
    (0.30, 0.10, 0.70, 0.980),
    (0.10, 0.05, 0.50, 0.990),
    (0.02, 0.05, 0.80, 0.990),
    (0.05, 0.10, 0.95, 0.970),
]


def repeated(texts: Corpus, times: int) -> Corpus:
    """The corpus with its documents several times over."""
    size = texts.documents.height
    tokens = [texts.tokens.with_columns(pl.col("document") + n * size) for n in range(times)]
    return replace(texts, documents=pl.concat([texts.documents] * times), tokens=pl.concat(tokens))


def speed(folder: Path) -> list[str]:
    """Paragraphs a second of each coder, words of decisions not looked for."""
    book = read_codebook()
    gold = open_gold(SEEDS / "teaching", book)
    texts = open_corpus(folder)
    here = texts.paragraphs(text=False).height
    many = repeated(texts.with_form("stem"), -(-MILLION // here))
    total = many.paragraphs(text=False).height
    coders = {
        "cues": cue_coder(book),
        "words (stems)": fit_coder(
            gold.corpus, gold.coding, gold.groups, frames=book.names, form="stem"
        ),
        "words (stems) and cues": fit_from_gold(gold, book, form="stem"),
    }
    rows = []
    for name, coder in coders.items():
        start = time.perf_counter()
        coded = code(many, coder, words=False)
        took = time.perf_counter() - start
        rows.append(f"| {name} | {total:,} | {took:.1f} | {total / took:,.0f} | {coded.height:,} |")
    return rows


def truth(share: float, documents: int, alike: float, rng: np.random.Generator) -> np.ndarray:
    """Which of five paragraphs of each document carry a frame, more alike inside a document."""
    if alike == 0:
        return rng.random((documents, 5)) < share
    odds = rng.beta(share * (1 / alike - 1), (1 - share) * (1 / alike - 1), (documents, 1))
    return rng.random((documents, 5)) < odds


def coded(carries: np.ndarray, found: float, silent: float, rng: np.random.Generator) -> np.ndarray:
    return np.where(carries, rng.random(carries.shape) < found, rng.random(carries.shape) > silent)


def coverage(times: int) -> list[str]:
    """How often the interval of a corrected share holds the planted one."""
    profiles.POSTERIOR_DRAWS = 2000
    rows = []
    for documents, alike, kind in product((12, 40, 72, 300), (0.0, 0.15), KINDS):
        share, in_gold, found, silent = kind
        rng = np.random.default_rng(documents)
        held, widths, means = 0, [], []
        for number in range(times):
            gold = truth(in_gold, 72, alike, rng)
            by = coded(gold, found, silent, rng)
            cells = np.stack([gold & by, ~gold & by, gold & ~by, ~gold & ~by]).sum(axis=2).T
            hits = coded(truth(share, documents, alike, rng), found, silent, rng).sum(axis=1)
            counted = np.column_stack([hits, np.full(documents, 5)]).astype(float)
            best, low, high = correct_share(counted, cells.astype(float), seed=number)
            if best is None or low is None or high is None:
                continue
            held += low <= share <= high
            widths.append(high - low)
            means.append(best)
        rows.append(
            f"| {documents} | {alike} | {share} | {found} | {silent} | {np.mean(means):.3f} | "
            f"{held / times:.3f} | {np.mean(widths):.3f} |"
        )
    return rows


def settings() -> list[str]:
    """Mean F1 when the settings are chosen anew for each outlet, from the other five alone."""
    book = read_codebook()
    gold = open_gold(SEEDS / "teaching", book)
    lemmas = gold.corpus.with_form("lemma")
    make = coder_factory(gold.groups, frames=book.names, book=book)
    group = np.array(gold.groups)[gold.coding["document"].to_numpy()]
    asked: dict[tuple[float, float], pl.DataFrame] = {}
    inner: dict[tuple[float, float, str], float] = {}
    for penalty, weight in product((3.0, 10.0), (0.25, 0.5, 0.75)):
        learned.INVERSE_PENALTY, learned.CUE_WEIGHT = penalty, weight
        asked[penalty, weight] = cross_validate(make, lemmas, gold.coding, gold.groups)
        for outlet in sorted(set(group)):
            rest = gold.coding.filter(pl.Series(group != outlet))
            told = cross_validate(make, lemmas, rest, gold.groups)
            inner[penalty, weight, outlet] = float(macro_f1(told, replicates=2)["f1"])
    chosen = []
    for outlet in sorted(set(group)):
        best = max(asked, key=lambda at: (inner[(*at, outlet)], -at[0], -at[1]))
        chosen.append(asked[best].filter(pl.col("document").is_in(_of(gold.groups, outlet))))
    rows = [
        f"| C = {at[0]:g}, cues by {at[1]:g} | {macro_f1(table)['f1']:.3f} |"
        for at, table in asked.items()
    ]
    score = macro_f1(pl.concat(chosen).sort("document", "paragraph", maintain_order=True))
    nested = f"{score['f1']:.3f} ({score['low']:.3f} to {score['high']:.3f})"
    return [*rows, f"| chosen anew for each outlet from the other five | {nested} |"]


def _of(groups: list[str], outlet: str) -> list[int]:
    return [number for number, name in enumerate(groups) if name == outlet]


def main() -> None:
    folder, times = Path(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else 1000
    parts = [
        "# Coders of frames",
        "Written by `benchmarks/framing.py`; two cores, one BLAS thread.",
        "## A million paragraphs",
        "Without looking for the words of each decision. Stems, because lemmas of all types of a "
        "corpus take minutes the first time.",
        "| coder | paragraphs | seconds | a second | decisions |\n| --- | --- | --- | --- | --- |\n"
        + "\n".join(speed(folder)),
        f"Peak memory {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:,.0f} MB.",
        "## Settings of the coder that learns",
        "Mean F1 over frames of at least 15 gold paragraphs, each outlet as learnt from the "
        "others. The last line is what remains when choosing is part of what is tested.",
        "| settings | mean F1 |\n| --- | --- |\n" + "\n".join(settings()),
        "## Does the interval of a corrected share hold the planted one?",
        f"{times:,} simulated corpora a line; 72 gold documents and so many coded ones, of five "
        "paragraphs each. `alike` is the intraclass correlation of a frame inside documents.",
        "| documents | alike | share | sensitivity | specificity | mean estimate | held | width |\n"
        "| --- | --- | --- | --- | --- | --- | --- | --- |\n" + "\n".join(coverage(times)),
    ]
    (HERE / "FRAMING.md").write_text("\n\n".join(parts) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
