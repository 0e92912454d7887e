"""Sources to a corpus on disk: in bounded batches, on one machine or on a Dask cluster.

Files are read in *parts*, a part in *batches* of about `sources.BATCH` characters, and each batch
becomes a *shard* of the corpus. Three passes go over them, the same on one machine and on many:

1. `stage`: read, repair, judge and cut a batch; its types have numbers of its own.
2. `counted`: without the copies of earlier texts, how often each type occurs.
3. `finish`: with the numbers of the common vocabulary, which is sorted only now, write the shard.

Between them the first copy of each text is found, and counts are added up. Only hashes, names
and the vocabulary are ever held for the whole corpus.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import socket
import tempfile
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import lru_cache, partial
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
from tqdm import tqdm

from corpus_tools import arabic, corpus, documents, pieces, sources
from corpus_tools.errors import BadInput
from corpus_tools.sources import Batch, Input

PART = 4 << 20  # bytes of the files that one worker reads at a time
_THREADS = 2


@dataclass(frozen=True)
class Staged:
    """What is known of a batch that is cut: its texts and tokens are in a file each."""

    name: str
    keys: pl.DataFrame  # source, row, document, sha256: a row a document
    quarantine: pl.DataFrame
    repairs: pl.DataFrame
    inputs: pl.DataFrame
    unread_dates: int


def build(
    paths: Iterable[str | Path],
    out: str | Path,
    *,
    columns: Mapping[str, str] | None = None,
    strict: bool = False,
    least_words: int = documents.LEAST_WORDS,
    boilerplate: pl.DataFrame | None = None,
    scheduler: str | None = None,
    progress: bool = False,
) -> dict[str, Any]:
    """Build a corpus from sources and save it, whole or not at all.

    Args:
        paths: Files, folders, globs and URLs, as `corpus_tools.sources.find` takes them.
        out: The corpus folder to write; a corpus that stands there is replaced.
        columns: Names of columns that are not the usual ones: ``{"text": "matn"}``.
        strict: Stop at the first thing that would be set aside.
        least_words: A text of fewer words is set aside as short.
        boilerplate: Lines to cut, by outlet (see `corpus_tools.cleaning.boilerplate`).
        scheduler: The address of a Dask scheduler, whose workers see the same files; without
            one, the work is done here. The result is the same, byte for byte.
        progress: Show progress on standard error, if it takes more than two seconds.

    Returns:
        The manifest: settings, versions and counts.

    Raises:
        BadInput: A source cannot be read, no document is left, or `strict` found something.
    """
    files = sources.find(paths)
    place = corpus.free_place(out)
    beside = _beside(place)
    try:
        with tqdm(
            total=sum(f.size for f in files), unit="B", unit_scale=True, desc="build", delay=2,
            disable=not progress,
        ) as bar:  # fmt: skip
            options = {
                "folder": str(beside / "staged"),
                "columns": dict(columns or {}),
                "judge": {"least_words": least_words, "boilerplate": boilerplate},
            }
            (beside / "staged").mkdir()
            if scheduler is None:
                manifest = _build(Here(), files, beside, options, strict, bar)
            else:
                from corpus_tools.cluster import Cluster

                with Cluster(scheduler) as cluster:
                    manifest = _build(cluster, files, beside, options, strict, bar)
        shutil.rmtree(beside / "staged")
        corpus.move(beside, place)
    finally:
        shutil.rmtree(beside, ignore_errors=True)
    return manifest


class Here:
    """This machine: batches are read one after the other, and worked on by two threads."""

    def stage(self, parts: Sequence[tuple[int, list[Input]]], options: Any) -> Iterator[Staged]:
        """Read all parts one after the other, and cut their batches."""
        work = partial(stage, folder=options["folder"], **options["judge"])
        found = (b for part in parts for b in sources.batches(*part, columns=options["columns"]))
        return self.map(work, found)

    def map(self, work: Callable[[Any], Any], tasks: Iterable[Any]) -> Iterator[Any]:
        """What work makes of each task, in their order; few are under way at a time."""
        with ThreadPoolExecutor(_THREADS) as pool:
            waiting: deque[Any] = deque()
            for task in tasks:
                waiting.append(pool.submit(work, task))
                if len(waiting) > _THREADS:
                    yield waiting.popleft().result()
            while waiting:
                yield waiting.popleft().result()


def _build(
    where: Any, files: list[Input], out: Path, options: Any, strict: bool, bar: tqdm
) -> dict[str, Any]:
    parts = list(enumerate(sources.parts(files, PART)))
    size = {file.name: file.size for file in files}
    staged: list[Staged] = []
    for shard in where.stage(parts, options):
        if strict and shard.quarantine.height:
            source, row, reason, detail = shard.quarantine.row(0)
            raise BadInput(f"{_where(source, row)} is refused as {reason} ({detail}): mend it.")
        staged.append(shard)
        bar.update(sum(size.pop(name, 0) for name in shard.inputs["source"]))
    quarantine = pl.concat([shard.quarantine for shard in staged])
    copies, duplicates = _copies(staged)
    if not any(shard.keys.height for shard in staged):
        source, row, reason, detail = quarantine.row(0)
        raise BadInput(f"{_where(source, row)} is refused as {reason} ({detail}), as is all else.")

    counts: list[pl.DataFrame] = []
    folder = options["folder"]
    cut = list(zip([shard.name for shard in staged], copies, strict=True))
    for part in where.map(partial(counted, folder=folder), cut):
        counts = _added(counts, part)
    vocabulary = pieces.vocabulary(counts)
    vocabulary.write_ipc(Path(folder, "vocabulary.arrow"))

    left = [shard.keys.height - len(gone) for shard, gone in zip(staged, copies, strict=True)]
    first = np.cumsum([0, *left])
    for name in ("documents", "tokens"):
        (out / name).mkdir()
    tasks = [
        (f"{number:05}", shard.name, gone, int(start))
        for number, (shard, gone, start) in enumerate(zip(staged, copies, first, strict=False))
    ]
    with ThreadPoolExecutor(1) as forms:
        with_forms = forms.submit(arabic.with_forms, vocabulary)
        pieces_written = sum(where.map(partial(finish, folder=folder, out=str(out)), tasks))
        vocabulary = with_forms.result()
    words = vocabulary.filter(pl.col("kind") == "word")
    manifest: dict[str, Any] = {
        "format": corpus.FORMAT,
        "version": version("corpus-tools"),
        "normal": list(arabic.NORMAL),
        "read": sum(int(shard.inputs["rows"].sum()) for shard in staged),
        "documents": int(first[-1]),
        "duplicates": duplicates.height,
        "quarantined": quarantine.height,
        "unread_dates": sum(shard.unread_dates for shard in staged),
        "pieces": pieces_written,
        "words": int(words["count"].sum()),
        "types": words.height,
    }
    accounted = manifest["documents"] + manifest["duplicates"] + manifest["quarantined"]
    if accounted != manifest["read"]:  # a defect of this package, not of the input
        raise RuntimeError(f"{manifest['read']} rows were read and {accounted} accounted for")
    tables = {
        "vocabulary": vocabulary,
        "duplicates": duplicates,
        "quarantine": quarantine,
        "repairs": _sum([shard.repairs for shard in staged], ["repair", "reason"]),
        "inputs": _inputs(files, _sum([shard.inputs for shard in staged], ["source"])),
    }
    corpus.write_tables(out, tables, manifest)
    return manifest


def _where(source: str, row: int | None) -> str:
    return source if row is None else f"{source}, row {row},"


def _sum(tables: list[pl.DataFrame], keys: list[str]) -> pl.DataFrame:
    whole = pl.concat(tables)
    return (
        whole.group_by(keys, maintain_order=True).agg(pl.exclude(keys).sum()).select(whole.columns)
    )


def _added(counts: list[pl.DataFrame], part: pl.DataFrame) -> list[pl.DataFrame]:
    """Counts with those of one more shard; added up when as much waits as is added already."""
    counts = [*counts, part]
    waiting = sum(table.height for table in counts[1:])
    return [pieces.merge(counts)] if waiting > max(counts[0].height, 1_000_000) else counts


def _copies(staged: list[Staged]) -> tuple[list[np.ndarray], pl.DataFrame]:
    """For each shard the documents that copy an earlier one, and all copies with the first."""
    keys = pl.concat([s.keys.with_columns(shard=pl.lit(i)) for i, s in enumerate(staged)])
    copies = (
        keys.with_columns(first=pl.col("document").first().over("sha256"))
        .with_columns(number=pl.int_range(pl.len()).over("shard"))
        .filter(pl.col("document") != pl.col("first"))
    )
    gone = {shard: part["number"].to_numpy() for (shard,), part in copies.group_by("shard")}
    none = np.zeros(0, np.int64)
    return (
        [gone.get(number, none) for number in range(len(staged))],
        copies.select("source", "row", document="first"),
    )


def _inputs(files: list[Input], rows: pl.DataFrame) -> pl.DataFrame:
    def sha256(path: str) -> str:
        with sources.open_(path) as stream:
            return hashlib.file_digest(stream, "sha256").hexdigest()  # type: ignore[arg-type]

    table = pl.DataFrame(
        {
            "source": [file.name for file in files],
            "bytes": [file.size for file in files],
            "sha256": [sha256(file.path) for file in files],
        }
    )
    return table.join(rows, on="source", how="left", maintain_order="left")


def stage(
    batch: Batch, *, folder: str, least_words: int, boilerplate: pl.DataFrame | None
) -> Staged:
    """Read rows into documents, cut them, set aside what is unfit; keep both in a file each."""
    prepared = documents.prepare(batch.rows, batch.refused, boilerplate=boilerplate)
    table, quarantine = prepared.documents, prepared.quarantine
    tokens, surfaces = pieces.number(table["text_clean"])
    judged = documents.unfit(table, _words(tokens, surfaces, table.height), least_words)
    if judged.height:
        rows = table.select("source", "row")[judged["number"]]
        quarantine = pl.concat([quarantine, rows.hstack(judged.select("reason", "detail"))])
        tokens = _without(tokens, judged["number"].to_numpy())
        table = _others(table, judged["number"].to_numpy())
    path = Path(folder, batch.name)
    for what, part in (
        ("documents", table), ("tokens", tokens), ("surfaces", surfaces.to_frame())
    ):  # fmt: skip
        _put(part, Path(f"{path}.{what}"))
    return Staged(
        batch.name,
        table.select("source", "row", "document", "sha256"),
        quarantine,
        prepared.repairs,
        pl.DataFrame(
            {"source": list(batch.files), "rows": list(batch.files.values())},
            schema={"source": pl.String, "rows": pl.Int64},
        ),
        table.filter(pl.col("date").is_not_null() & pl.col("day").is_null()).height,
    )


def _words(tokens: pl.DataFrame, surfaces: pl.Series, height: int) -> pl.DataFrame:
    """For each document, how many words it has of Arabic script, of others, and of Persian."""
    surface, kind = pl.col("surface"), pl.col("kind")
    code = (
        pl.DataFrame({"surface": surfaces})
        .with_columns(kind=pieces.kind(surface))
        .select(
            pl.when(kind == "latin").then(1)
            .when(kind != "word").then(0)
            .when(documents.foreign(surface)).then(3)
            .otherwise(2)
        )
    ).to_series().to_numpy()  # fmt: skip
    both = tokens["document"].to_numpy().astype(np.int64) * 4 + code[tokens["type"].to_numpy()]
    _, latin, arabic_, foreign = np.bincount(both, minlength=4 * height).reshape(height, 4).T
    return pl.DataFrame({"word": arabic_ + foreign, "latin": latin, "foreign": foreign})


def _without(tokens: pl.DataFrame, gone: np.ndarray) -> pl.DataFrame:
    """Tokens without those of some documents; the others are numbered anew."""
    if not len(gone):
        return tokens
    last = tokens["document"].to_numpy().max(initial=0)
    stays = np.ones(max(int(last), int(gone.max())) + 1, dtype=bool)
    stays[gone] = False
    document = tokens["document"].to_numpy()
    number = (np.cumsum(stays) - 1).astype(np.uint32)
    return tokens.with_columns(document=number[document]).filter(stays[document])


def _others(table: pl.DataFrame, gone: np.ndarray) -> pl.DataFrame:
    stays = np.ones(table.height, bool)
    stays[gone] = False
    return table.filter(stays)


def _put(table: pl.DataFrame, path: Path) -> None:
    """Write a table whole: two workers may be at the same task, when one was taken for dead."""
    beside = path.with_name(f"{path.name}.{socket.gethostname()}.{os.getpid()}")
    table.write_ipc(beside)
    beside.replace(path)


def _staged(folder: str, name: str, what: str) -> pl.DataFrame:
    return pl.read_ipc(Path(folder, f"{name}.{what}"))


def counted(task: tuple[str, np.ndarray], *, folder: str) -> pl.DataFrame:
    """How often each type of a shard occurs, copies of earlier texts left out."""
    name, gone = task
    tokens = _staged(folder, name, "tokens")
    tokens = _without(tokens, gone)
    return pieces.count(tokens, _staged(folder, name, "surfaces")["surface"])


@lru_cache(maxsize=1)
def _vocabulary(path: str) -> pl.DataFrame:
    return pl.read_ipc(path, columns=["surface", "type"])


def finish(task: tuple[str, str, np.ndarray, int], *, folder: str, out: str) -> int:
    """Write a shard of the corpus; returns how many pieces it holds."""
    shard, name, gone, first = task
    table = _others(_staged(folder, name, "documents"), gone)
    corpus.write_documents(Path(out, "documents", f"{shard}.parquet"), table)
    tokens = _without(_staged(folder, name, "tokens"), gone)
    surfaces = _staged(folder, name, "surfaces")["surface"]
    place = pieces.places(surfaces, _vocabulary(str(Path(folder, "vocabulary.arrow"))))
    tokens = tokens.with_columns(
        document=(pl.col("document") + first).cast(pl.UInt32),
        type=place.gather(tokens["type"]),
    )
    corpus.write(tokens, Path(out, "tokens", f"{shard}.parquet"))
    return tokens.height


def _beside(place: Path) -> Path:
    """A folder beside a place to build in; those of builds here that were killed are removed."""
    place.parent.mkdir(parents=True, exist_ok=True)
    host = socket.gethostname()
    for left in place.parent.glob(f".{place.name}.{host}.*"):
        pid = left.name.split(".")[-2]
        if pid.isdigit() and not Path(f"/proc/{pid}").exists() and Path("/proc/self").exists():
            shutil.rmtree(left, ignore_errors=True)
    return Path(tempfile.mkdtemp(prefix=f".{place.name}.{host}.{os.getpid()}.", dir=place.parent))
