"""Our corpus engine beside its peers, in one run: writes RESULTS.md with ratios.

    make bench

Whole processes are timed in pairs, one after the other, and medians of the ratios are given: on a
busy machine times drift, and ratios hold.
"""

from __future__ import annotations

import argparse
import os
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from multiprocessing import get_context
from pathlib import Path

import ensembles
import numpy as np
import polars as pl

from corpus_tools.arabic.forms import add_spelling
from corpus_tools.arabic.lemmas import LEMMA_CACHE, lemmatize
from corpus_tools.arabic.spelling import Step
from corpus_tools.corpus.build import LocalMachine, build_corpus, read_corpus
from corpus_tools.corpus.near_duplicates import find_near_duplicates
from corpus_tools.corpus.storage import open_corpus, save_corpus
from corpus_tools.corpus.tokens import count_types, number_types

HERE = Path(__file__).parent
DATA = HERE.parent.parent / "shared" / "data"


def process(*command: object) -> tuple[float, float]:
    """Seconds and peak MB of a command as a whole process."""
    start = time.perf_counter()
    child = subprocess.Popen(
        list(map(str, command)), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    _, status, usage = os.wait4(child.pid, 0)
    if status:
        raise SystemExit(f"{command} failed")
    return time.perf_counter() - start, usage.ru_maxrss / 1024


def seconds(work: Callable[[], object]) -> float:
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def table_of(source: Path, out: Path) -> Path:
    """The articles of a source as one CSV, which ours and the peer read."""
    built = read_corpus(source).documents
    rows = built.select("document", "outlet", "date", "text")
    rows.write_csv(out)
    return out


def processor_seconds(*command: object, runs: int = 10) -> float:
    """Processor seconds of a command as a whole process, the median of several runs."""
    took = []
    for _ in range(runs):
        child = subprocess.Popen(list(map(str, command)), stdout=subprocess.DEVNULL)
        _, status, usage = os.wait4(child.pid, 0)
        if status:
            raise SystemExit(f"{command} failed")
        took.append(usage.ru_utime + usage.ru_stime)
    return statistics.median(took)


def start_up() -> list[tuple[str, str]]:
    cli = Path(sys.executable).with_name("corpus-tools")
    opened = processor_seconds(sys.executable, "-c", "import corpus_tools")
    helped = processor_seconds(cli, "--help")
    return [
        ("import corpus_tools, processor seconds (median of 10)", f"{opened:.3f}"),
        ("corpus-tools --help, processor seconds (median of 10)", f"{helped:.3f}"),
    ]


def embedding_process(folder: Path, runs: int) -> list[tuple[str, str]]:
    """PPMI-SVD with its 20 replicates beside one skip-gram, both by `corpus-tools embed`."""
    cli = Path(sys.executable).with_name("corpus-tools")
    opened = open_corpus(folder / "ours")
    part = opened.select(np.arange(opened.documents.height) % 4 == 0)
    save_corpus(part, folder / "part")
    command = (cli, "embed", folder / "part", "--out")
    skip_gram = ("--method", "word2vec", "--replicates", "0")
    ratios = []
    for _ in range(runs):
        ours, _ = process(*command, folder / "ours.safetensors")
        ratios.append(ours / process(*command, folder / "skip.safetensors", *skip_gram)[0])
    words = part.words().height
    pairs = ", ".join(f"{ratio:.2f}" for ratio in ratios)
    return [
        (
            f"embed with 20 replicates / one skip-gram, whole processes, {words:,} words",
            f"{statistics.median(ratios):.2f} ({pairs})",
        )
    ]


def against_conc(table: Path, folder: Path, peer: Path, runs: int) -> list[tuple[str, str]]:
    ours, theirs, memory = [], [], []
    for number in range(runs):
        cli = Path(sys.executable).with_name("corpus-tools")
        took, most = process(cli, "build", table, "--out", folder / "ours")
        ours.append(took)
        memory.append(most)
        place = folder / f"conc{number}"
        place.mkdir()
        theirs.append(process(peer, HERE / "conc_build.py", table, place)[0])
        shutil.rmtree(place)
    ratios = [other / own for own, other in zip(ours, theirs, strict=True)]
    return [
        ("build, whole process, seconds (median)", f"{statistics.median(ours):.1f}"),
        ("conc from the same table, seconds (median)", f"{statistics.median(theirs):.1f}"),
        (
            "conc / ours, pairs",
            f"{statistics.median(ratios):.1f} ({', '.join(f'{r:.1f}' for r in ratios)})",
        ),
        ("peak memory of ours, MB", f"{max(memory):.0f}"),
    ]


def cutting(folder: Path, runs: int) -> list[tuple[str, str]]:
    texts = open_corpus(folder / "ours", only=("documents",)).documents["text_clean"]
    path = folder / "texts.txt"
    path.write_text("\n".join(texts), "utf-8")
    parts = [texts.slice(start, 2500) for start in range(0, len(texts), 2500)]

    def cut() -> None:
        list(LocalMachine().apply(lambda part: count_types(*number_types(part)), parts))

    ratios = [seconds(cut) / process("wc", "-w", path)[0] for _ in range(runs)]
    return [("cutting and counting / wc -w", f"{statistics.median(ratios):.2f}")]


def forms(folder: Path, runs: int) -> list[tuple[str, str]]:
    from pyarabic import araby

    opened = open_corpus(folder / "ours")
    texts = opened.documents["text_clean"].to_list()
    steps: list[Step] = ["diacritics", "tatweel", "alef", "marbuta"]

    def normalise(text: str) -> str:
        text = araby.strip_tatweel(araby.strip_tashkeel(text))
        return araby.normalize_alef(text).replace(araby.TEH_MARBUTA, araby.HEH)

    own, alone, again = [], [], []
    for _ in range(runs):
        own.append(seconds(lambda: add_spelling(opened.vocabulary, "folded", steps=steps)))
        alone.append(seconds(lambda: [normalise(text) for text in texts]))
        again.append(seconds(lambda: [araby.tokenize(normalise(text)) for text in texts]))
    first = statistics.median(a / o for a, o in zip(alone, own, strict=True))
    second = statistics.median(a / o for a, o in zip(again, own, strict=True))
    return [
        ("pyarabic normalising / a new form", f"{first:.1f}"),
        ("pyarabic normalising and cutting / a new form", f"{second:.1f}"),
    ]


def near_copies(folder: Path, runs: int) -> list[tuple[str, str]]:
    cli = Path(sys.executable).with_name("corpus-tools")
    ratios = []
    for _ in range(runs):
        took = process(cli, "reprints", folder / "ours")[0]
        ratios.append(took / process(cli, "build", folder / "table.csv", "--out", folder / "b")[0])
    return [("near-copies / build, whole processes", f"{statistics.median(ratios):.2f}")]


def lemmas(folder: Path, types: int = 3000) -> list[tuple[str, str]]:
    from qalsadi.lemmatizer import Lemmatizer

    words = open_corpus(folder / "ours", only=("vocabulary",)).vocabulary
    some = words.filter(pl.col("kind") == "word").sample(types, seed=0)["surface"].to_list()
    os.environ[LEMMA_CACHE] = str(folder / "lemmas")
    own = seconds(lambda: lemmatize(some))
    lemmatizer = Lemmatizer()
    one_by_one = seconds(lambda: [lemmatizer.lemmatize(word) for word in some])
    return [(f"qalsadi one by one / lemmas, {types} types", f"{one_by_one / own:.2f}")]


def _growth(sources: list[Path], out: Path, answer) -> None:  # type: ignore[no-untyped-def]
    took = seconds(lambda: build_corpus(sources, out))
    # Of this process alone: what getrusage says is handed down by the parent.
    peak = re.search(r"VmHWM:\s+(\d+)", Path("/proc/self/status").read_text())
    answer.send((took, int(peak[1]) / 1024 if peak else 0))


def growth(folder: Path) -> list[tuple[str, str]]:
    """Memory and time of 7,000 and of 70,000 different articles."""
    files = sorted((DATA / "egypt_rss_2013").glob("*.gz"))
    whole = pl.concat([pl.read_ndjson(file, infer_schema_length=None) for file in files])
    for name, part in (("few", whole.head(7000)), ("all", whole)):
        (folder / name).mkdir()
        for number, piece in enumerate(part.iter_slices(7000)):
            piece.select("id", "outlet", "date", "title", "text").write_ndjson(
                folder / name / f"{number}.jsonl"
            )
    found = {}
    for name in ("few", "all"):
        here, there = get_context("spawn").Pipe()
        child = get_context("spawn").Process(
            target=_growth, args=([folder / name], folder / f"{name}-out", there)
        )
        child.start()
        found[name] = here.recv()
        child.join()
    (few_s, few_m), (all_s, all_m) = found["few"], found["all"]
    return [
        ("peak MB, 7,000 and 70,000 articles", f"{few_m:.0f}, {all_m:.0f}: {all_m / few_m:.2f}"),
        ("time an article, 70,000 against 7,000", f"{all_s / few_s / 10:.2f}"),
    ]


def cluster(table: Path, folder: Path, runs: int) -> list[tuple[str, str]]:
    from distributed import LocalCluster

    parts = folder / "parts"
    parts.mkdir()
    rows = pl.read_csv(table, infer_schema=False)
    for number, part in enumerate(rows.iter_slices(1200)):
        part.write_parquet(parts / f"{number:02}.parquet")
    build_corpus([parts], folder / "alone")
    took: dict[int, list[float]] = {1: [], 2: []}
    same = True
    for _ in range(runs):
        for workers in (1, 2):
            with LocalCluster(
                n_workers=workers, threads_per_worker=1, dashboard_address=None,
                env={"POLARS_MAX_THREADS": "1"},
            ) as machines:  # fmt: skip
                address, out = machines.scheduler_address, folder / f"out{workers}"
                build_corpus([parts / "00.parquet"], folder / "warm", scheduler=address)
                took[workers].append(
                    seconds(lambda o=out, a=address: build_corpus([parts], o, scheduler=a))
                )
                same &= _bytes(out) == _bytes(folder / "alone")
    ratio = statistics.median(a / b for a, b in zip(took[1], took[2], strict=True))
    return [
        ("one Dask worker / two", f"{ratio:.2f}"),
        ("the same bytes as without a cluster", "yes" if same else "NO"),
    ]


def _bytes(folder: Path) -> dict[str, bytes]:
    return {
        str(p.relative_to(folder)): p.read_bytes()
        for p in folder.rglob("*")
        if p.is_file() and p.name not in ("inputs.parquet",)
    }


def reprints_found(folder: Path) -> list[tuple[str, str]]:
    groups = find_near_duplicates(open_corpus(folder / "ours"))
    held = groups["group"].drop_nulls()
    return [("near-copies found, and their groups", f"{len(held)}, {held.n_unique()}")]


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("peer", type=Path, help="the Python of the peers' environment")
    parser.add_argument("--runs", type=int, default=3)
    options = parser.parse_args()
    if not DATA.is_dir():
        raise SystemExit("the benchmark needs ../shared/data, which is not there")
    rows: list[tuple[str, str]] = []
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        table = table_of(DATA / "saudinewsnet", folder / "table.csv")
        for work in (
            lambda: start_up(),
            lambda: against_conc(table, folder, options.peer, options.runs),
            lambda: cutting(folder, options.runs),
            lambda: forms(folder, options.runs),
            lambda: near_copies(folder, options.runs),
            lambda: reprints_found(folder),
            lambda: lemmas(folder),
            lambda: growth(folder),
            lambda: cluster(table, folder, options.runs),
            lambda: embedding_process(folder, options.runs),
            lambda: ensembles.measured(folder / "ours", options.peer),
        ):
            rows += work()
            print(*rows[-1], flush=True)
    lines = ["# Benchmarks", "", "Written by `make bench`; ratios come from one run.", ""]
    lines += ["| what | measured |", "| --- | --- |", *(f"| {a} | {b} |" for a, b in rows), ""]
    (HERE / "RESULTS.md").write_text("\n".join(lines), "utf-8")


if __name__ == "__main__":
    main()
