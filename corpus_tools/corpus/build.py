"""Sources to a corpus, in batches of bounded size, on one machine or on a Dask cluster.

Files are read in *parts* and each part in *batches* of about
`corpus_tools.loading.sources.BATCH_CHARACTERS` characters. Each batch becomes a *shard* of the
corpus. Three passes go over the batches, the same on one machine and on many:

1. `stage_batch` reads, repairs, screens and tokenizes a batch, with type numbers of its own.
2. `count_shard` counts its types, without the copies of earlier texts.
3. `write_shard` writes the shard with the type numbers of the common vocabulary.

Between the passes the first copy of each text is found and the counts are added up. Only hashes,
names and the vocabulary are ever held for the whole corpus.
"""

from __future__ import annotations

import os
import shutil
import socket
import tempfile
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass
from functools import lru_cache, partial
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
from tqdm import tqdm

from corpus_tools.arabic.forms import add_normal
from corpus_tools.arabic.spelling import NORMAL_STEPS
from corpus_tools.corpus.cluster import Cluster
from corpus_tools.corpus.corpus import Corpus
from corpus_tools.corpus.documents import prepare_documents
from corpus_tools.corpus.screening import MIN_WORDS, has_foreign_letter, screen_documents
from corpus_tools.corpus.storage import (
    CORPUS_FORMAT,
    check_target,
    is_corpus,
    open_corpus,
    replace_folder,
    write_documents,
    write_table,
    write_tables,
)
from corpus_tools.corpus.tokens import (
    build_vocabulary,
    count_types,
    look_up_types,
    merge_counts,
    number_types,
    token_kind,
)
from corpus_tools.errors import BadInput
from corpus_tools.files import write_whole
from corpus_tools.loading.records import SourceFile
from corpus_tools.loading.sources import Batch, find_files, group_files, read_batches

PART_BYTES = 4 << 20  # bytes of the files that one worker reads at a time
_THREADS = 2


@dataclass(frozen=True)
class Staged:
    """What is known about a staged batch; its texts and tokens are in files."""

    name: str
    keys: pl.DataFrame  # source, row, document, sha256; one row per document
    quarantine: pl.DataFrame
    repairs: pl.DataFrame
    inputs: pl.DataFrame
    unread_dates: int


@dataclass(frozen=True)
class Passes:
    """The functions of the three passes, their settings bound, as a machine runs them."""

    read: Callable[[tuple[int, list[SourceFile]]], Iterator[Batch]]
    stage: Callable[[Batch], Staged]
    count: Callable[[tuple[str, np.ndarray]], pl.DataFrame]
    write: Callable[[tuple[str, str, np.ndarray, int]], int]


def build_corpus(
    paths: Iterable[str | Path],
    out: str | Path,
    *,
    columns: Mapping[str, str] | None = None,
    strict: bool = False,
    min_words: int = MIN_WORDS,
    boilerplate: pl.DataFrame | None = None,
    scheduler: str | None = None,
    progress: bool = False,
) -> dict[str, Any]:
    """Build a corpus from sources and save it, whole or not at all.

    Args:
        paths: Files, folders, globs and URLs, as `corpus_tools.loading.sources.find_files` takes
            them.
        out: The corpus folder to write; an existing corpus is replaced.
        columns: Names of columns that are not the usual ones: ``{"text": "matn"}``.
        strict: Stop at the first row that would be quarantined.
        min_words: Texts of fewer words are quarantined as short.
        boilerplate: Lines to remove, from `corpus_tools.corpus.cleaning.find_boilerplate`.
        scheduler: The address of a Dask scheduler, whose workers see the same files; without one,
            the work is done on this machine. The result is the same, byte for byte.
        progress: Show progress on standard error, if it takes more than two seconds.

    Returns:
        The manifest: settings, versions and counts.

    Raises:
        BadInput: A source cannot be read, no document is left, or `strict` found something.
    """
    files = find_files(paths)
    place = check_target(out)
    beside = _staging_folder(place)
    try:
        with tqdm(
            total=sum(f.size for f in files), unit="B", unit_scale=True, desc="build", delay=2,
            disable=not progress,
        ) as bar:  # fmt: skip
            staged = beside / "staged"
            staged.mkdir()
            passes = Passes(
                read=partial(_read_part, columns=dict(columns or {})),
                stage=partial(
                    stage_batch, folder=str(staged), min_words=min_words, boilerplate=boilerplate
                ),
                count=partial(count_shard, folder=str(staged)),
                write=partial(write_shard, folder=str(staged), out=str(beside)),
            )
            machine = Cluster(scheduler) if scheduler else LocalMachine()
            with closing(machine):
                manifest = _run_passes(machine, passes, files, beside, strict, bar)
        shutil.rmtree(beside / "staged")
        replace_folder(beside, place)
    finally:
        shutil.rmtree(beside, ignore_errors=True)
    return manifest


class LocalMachine:
    """This machine: batches are read one after the other and processed by two threads."""

    def stage(
        self,
        parts: Iterable[tuple[int, list[SourceFile]]],
        read: Callable[[tuple[int, list[SourceFile]]], Iterator[Batch]],
        process: Callable[[Batch], Staged],
    ) -> Iterator[Staged]:
        """Read all parts, and process their batches in order."""
        return self.apply(process, (batch for part in parts for batch in read(part)))

    def apply(self, work: Callable[[Any], Any], tasks: Iterable[Any]) -> Iterator[Any]:
        """Apply a function to each task, in order; only a few run at a time."""
        with ThreadPoolExecutor(_THREADS) as pool:
            waiting: deque[Any] = deque()
            for task in tasks:
                waiting.append(pool.submit(work, task))
                if len(waiting) > _THREADS:
                    yield waiting.popleft().result()
            while waiting:
                yield waiting.popleft().result()

    def close(self) -> None:
        """Do nothing: this machine needs no connection."""


def _run_passes(
    machine: LocalMachine | Cluster,
    passes: Passes,
    files: list[SourceFile],
    out: Path,
    strict: bool,
    bar: tqdm,
) -> dict[str, Any]:
    parts = list(enumerate(group_files(files, PART_BYTES)))
    size = {file.name: file.size for file in files}
    staged: list[Staged] = []
    for shard in machine.stage(parts, passes.read, passes.stage):
        if strict and shard.quarantine.height:
            source, row, reason, detail = shard.quarantine.row(0)
            raise BadInput(
                f"{_describe_row(source, row)} was rejected as {reason} ({detail}): fix it."
            )
        staged.append(shard)
        bar.update(sum(size.pop(name, 0) for name in shard.inputs["source"]))
    quarantine = pl.concat([shard.quarantine for shard in staged])
    copies, duplicates = _find_copies(staged)
    if not any(shard.keys.height for shard in staged):
        source, row, reason, detail = quarantine.row(0)
        raise BadInput(
            f"{_describe_row(source, row)} was rejected as {reason} ({detail}), "
            "as was everything else."
        )

    counts: list[pl.DataFrame] = []
    for part in machine.apply(
        passes.count, zip([shard.name for shard in staged], copies, strict=True)
    ):
        counts = _add_counts(counts, part)
    vocabulary = build_vocabulary(counts)
    vocabulary.write_ipc(out / "staged" / "vocabulary.arrow")

    left = [shard.keys.height - len(gone) for shard, gone in zip(staged, copies, strict=True)]
    first = np.cumsum([0, *left])
    for name in ("documents", "tokens"):
        (out / name).mkdir()
    tasks = [
        (f"{number:05}", shard.name, gone, int(start))
        for number, (shard, gone, start) in enumerate(zip(staged, copies, first, strict=False))
    ]
    with ThreadPoolExecutor(1) as forms:
        with_forms = forms.submit(add_normal, vocabulary)
        tokens = sum(machine.apply(passes.write, tasks))
        vocabulary = with_forms.result()
    words = vocabulary.filter(pl.col("kind") == "word")
    manifest: dict[str, Any] = {
        "format": CORPUS_FORMAT,
        "version": version("corpus-tools"),
        "normal": list(NORMAL_STEPS),
        "read": sum(int(shard.inputs["rows"].sum()) for shard in staged),
        "documents": int(first[-1]),
        "duplicates": duplicates.height,
        "quarantined": quarantine.height,
        "unread_dates": sum(shard.unread_dates for shard in staged),
        "tokens": tokens,
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
        "repairs": _sum_tables([shard.repairs for shard in staged], ["repair", "reason"]),
        "inputs": _describe_inputs(files, staged),
    }
    write_tables(out, tables, manifest)
    return manifest


def _describe_row(source: str, row: int | None) -> str:
    return source if row is None else f"{source}, row {row},"


def _sum_tables(tables: list[pl.DataFrame], keys: list[str]) -> pl.DataFrame:
    whole = pl.concat(tables)
    return (
        whole.group_by(keys, maintain_order=True).agg(pl.exclude(keys).sum()).select(whole.columns)
    )


def _add_counts(counts: list[pl.DataFrame], part: pl.DataFrame) -> list[pl.DataFrame]:
    """Counts with those of one more shard, merged once enough of them have accumulated."""
    counts = [*counts, part]
    waiting = sum(table.height for table in counts[1:])
    return [merge_counts(counts)] if waiting > max(counts[0].height, 1_000_000) else counts


def _find_copies(staged: list[Staged]) -> tuple[list[np.ndarray], pl.DataFrame]:
    """The documents of each shard that copy an earlier one, and all copies with the first."""
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


def _describe_inputs(files: list[SourceFile], staged: list[Staged]) -> pl.DataFrame:
    """The source files in their order: ``source``, ``bytes``, ``sha256``, ``rows``."""
    given = pl.concat([shard.inputs for shard in staged])
    rows = given.group_by("source").agg(pl.col("sha256").drop_nulls().first(), pl.col("rows").sum())
    table = pl.DataFrame(
        {"source": [file.name for file in files], "bytes": [file.size for file in files]}
    )
    return table.join(rows, on="source", how="left", maintain_order="left")


def _read_part(
    part: tuple[int, list[SourceFile]], *, columns: Mapping[str, str]
) -> Iterator[Batch]:
    number, files = part
    return read_batches(number, files, columns=columns)


def stage_batch(
    batch: Batch, *, folder: str, min_words: int, boilerplate: pl.DataFrame | None
) -> Staged:
    """Make documents from rows, tokenize and screen them, and write both to files."""
    prepared = prepare_documents(batch.rows, batch.rejected, boilerplate=boilerplate)
    table, quarantine = prepared.documents, prepared.quarantine
    tokens, surfaces = number_types(table["text_clean"])
    judged = screen_documents(table, _script_counts(tokens, surfaces, table.height), min_words)
    if judged.height:
        rows = table.select("source", "row")[judged["number"]]
        quarantine = pl.concat([quarantine, rows.hstack(judged.select("reason", "detail"))])
        tokens = _drop_tokens(tokens, judged["number"].to_numpy())
        table = _drop_rows(table, judged["number"].to_numpy())
    path = Path(folder, batch.name)
    for what, part in (
        ("documents", table), ("tokens", tokens), ("surfaces", surfaces.to_frame())
    ):  # fmt: skip
        # Two workers may do the same task, if one of them was taken for dead.
        with write_whole(f"{path}.{what}") as beside:
            part.write_ipc(beside)
    return Staged(
        batch.name,
        table.select("source", "row", "document", "sha256"),
        quarantine,
        prepared.repairs,
        pl.DataFrame(
            [(name, batch.hashes.get(name), rows) for name, rows in batch.files.items()],
            schema={"source": pl.String, "sha256": pl.String, "rows": pl.Int64},
            orient="row",
        ),
        table.filter(pl.col("date").is_not_null() & pl.col("day").is_null()).height,
    )


def _script_counts(tokens: pl.DataFrame, surfaces: pl.Series, height: int) -> pl.DataFrame:
    """The words of each document in Arabic script, in others, and with Persian letters."""
    surface, kind = pl.col("surface"), pl.col("kind")
    code = (
        pl.DataFrame({"surface": surfaces})
        .with_columns(kind=token_kind(surface))
        .select(
            pl.when(kind == "latin").then(1)
            .when(kind != "word").then(0)
            .when(has_foreign_letter(surface)).then(3)
            .otherwise(2)
        )
    ).to_series().to_numpy()  # fmt: skip
    both = tokens["document"].to_numpy().astype(np.int64) * 4 + code[tokens["type"].to_numpy()]
    _, latin, arabic_, foreign = np.bincount(both, minlength=4 * height).reshape(height, 4).T
    return pl.DataFrame({"word": arabic_ + foreign, "latin": latin, "foreign": foreign})


def _drop_tokens(tokens: pl.DataFrame, gone: np.ndarray) -> pl.DataFrame:
    """Tokens without those of some documents; the others are numbered from 0 again."""
    if not len(gone):
        return tokens
    last = tokens["document"].to_numpy().max(initial=0)
    stays = np.ones(max(int(last), int(gone.max())) + 1, dtype=bool)
    stays[gone] = False
    document = tokens["document"].to_numpy()
    number = (np.cumsum(stays) - 1).astype(np.uint32)
    return tokens.with_columns(document=number[document]).filter(stays[document])


def _drop_rows(table: pl.DataFrame, gone: np.ndarray) -> pl.DataFrame:
    stays = np.ones(table.height, bool)
    stays[gone] = False
    return table.filter(stays)


def _read_staged(folder: str, name: str, what: str) -> pl.DataFrame:
    return pl.read_ipc(Path(folder, f"{name}.{what}"))


def count_shard(task: tuple[str, np.ndarray], *, folder: str) -> pl.DataFrame:
    """Count the types of a shard, without the copies of earlier texts."""
    name, gone = task
    tokens = _read_staged(folder, name, "tokens")
    tokens = _drop_tokens(tokens, gone)
    return count_types(tokens, _read_staged(folder, name, "surfaces")["surface"])


@lru_cache(maxsize=1)
def _vocabulary(path: str) -> pl.DataFrame:
    return pl.read_ipc(path, columns=["surface", "type"])


def write_shard(task: tuple[str, str, np.ndarray, int], *, folder: str, out: str) -> int:
    """Write a shard of the corpus; returns the number of its tokens."""
    shard, name, gone, first = task
    table = _drop_rows(_read_staged(folder, name, "documents"), gone)
    write_documents(Path(out, "documents", f"{shard}.parquet"), table)
    tokens = _drop_tokens(_read_staged(folder, name, "tokens"), gone)
    surfaces = _read_staged(folder, name, "surfaces")["surface"]
    place = look_up_types(surfaces, _vocabulary(str(Path(folder, "vocabulary.arrow"))))
    tokens = tokens.with_columns(
        document=(pl.col("document") + first).cast(pl.UInt32),
        type=place.gather(tokens["type"]),
    )
    write_table(tokens, Path(out, "tokens", f"{shard}.parquet"))
    return tokens.height


def _staging_folder(place: Path) -> Path:
    """A folder to build in, beside the target; those of killed builds here are removed."""
    place.parent.mkdir(parents=True, exist_ok=True)
    host = socket.gethostname()
    for left in place.parent.glob(f".{place.name}.{host}.*"):
        pid = left.name.split(".")[-2]
        if pid.isdigit() and not Path(f"/proc/{pid}").exists() and Path("/proc/self").exists():
            shutil.rmtree(left, ignore_errors=True)
    return Path(tempfile.mkdtemp(prefix=f".{place.name}.{host}.{os.getpid()}.", dir=place.parent))


def read_corpus(
    sources: Sequence[str | Path] | str | Path,
    *,
    columns: Mapping[str, str] | None = None,
    strict: bool = False,
    min_words: int = MIN_WORDS,
    progress: bool = False,
) -> Corpus:
    """Read sources into a corpus in memory, with the normal form of every type.

    Args:
        sources: Files, folders, globs and URLs, as `corpus_tools.loading.sources.find_files` takes
            them; or one corpus folder, which is opened.
        columns: Names of columns that are not the usual ones: ``{"text": "matn"}``.
        strict: Stop at the first row that would be quarantined.
        min_words: Texts of fewer words are quarantined as short.
        progress: Show progress on standard error.

    Raises:
        BadInput: A source cannot be read, no document is left, or `strict` found something.

    >>> import corpus_tools as ct
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     _ = Path(folder, "a.json").write_text('[{"text": "أمن الأمن الوطني."}]', "utf-8")
    ...     corpus = ct.read_corpus(folder)
    >>> corpus.vocabulary.select("surface", "kind", "normal").rows()[:2]
    [(' ', 'space', ' '), ('.', 'punctuation', '.')]
    >>> corpus.text(0)
    'أمن الأمن الوطني.'
    """
    paths = [sources] if isinstance(sources, str | Path) else list(sources)
    if len(paths) == 1 and is_corpus(paths[0]):
        return open_corpus(paths[0])
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder, "corpus")
        build_corpus(
            paths, place, columns=columns, strict=strict, min_words=min_words, progress=progress
        )
        return open_corpus(place)
