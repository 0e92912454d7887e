"""Bytes nobody wrote, through the whole loader: `make fuzz` (atheris, guided by coverage).

The first byte picks the kind of file, the others are its content. What must hold for every input:
nothing but a documented error is raised, each row read is a document or set aside, and the pieces
of a document joined are its text.

    python tests/fuzz.py SECONDS [FOLDER]

FOLDER keeps inputs that reached something new, and is begun with those of `test_bad_input`.
"""

import json
import sys
import tempfile
from pathlib import Path

from corpus_tools.corpus.build import stage_batch
from corpus_tools.loading.records import SourceFile
from corpus_tools.loading.sources import Batch, read_batches

KINDS = (
    ".txt", ".csv", ".tsv", ".json", ".jsonl", ".parquet", ".html", ".warc", ".zip", ".csv.gz",
    ".json.gz", ".warc.gz", "-sentences.txt", "_2020_1K-sentences.txt",
)  # fmt: skip
LONGEST = 1 << 16  # bytes of an input


def read(data, folder, name):
    """The batches of one file: all rows, or what was refused of it."""

    path = folder / f"{name}{KINDS[data[0] % len(KINDS)] if data else '.txt'}"
    path.write_bytes(data[1:])
    try:
        return list(read_batches(0, [SourceFile(path.name, str(path), len(data))]))
    finally:
        path.unlink()


def check(batches, folder):
    """Repair, judge and cut batches as one; raises AssertionError where something is lost."""
    import polars as pl

    rows, refused = ([x for b in batches for x in getattr(b, f)] for f in ("rows", "refused"))
    files = {name: n for b in batches for name, n in b.files.items()}
    shard = stage_batch(
        Batch("0", rows, refused, files), folder=str(folder), min_words=0, boilerplate=None
    )
    assert sum(files.values()) == shard.keys.height + shard.quarantine.height
    table = pl.read_ipc(folder / "0.documents")
    surfaces = pl.read_ipc(folder / "0.surfaces")["surface"]
    joined = [""] * table.height
    for document, number in pl.read_ipc(folder / "0.tokens")["document", "type"].iter_rows():
        joined[document] += surfaces[number]
    assert joined == table["text_clean"].to_list()


class Run:
    """Inputs are read one by one, and their rows go on together: that is ten times faster."""

    def __init__(self, folder):
        self.folder, self.waiting, self.count = folder, [], 0

    def __call__(self, data):
        self.count += 1
        self.waiting += read(data, self.folder, self.count)
        if len(self.waiting) >= 200:
            try:
                check(self.waiting, self.folder)
            except Exception:
                for batch in self.waiting:  # which one was it?
                    try:
                        check([batch], self.folder)
                    except Exception:
                        print(f"fails on {batch}")
                raise
            self.waiting.clear()


def begin(folder):
    """One input for each kind of bad input, and each file of it, that the tests know."""
    import test_bad_input

    good = json.dumps([{"text": test_bad_input.GOOD, "date": "5 ماي 2024"}]).encode()
    cases = [*test_bad_input.KINDS.items(), ("good.json", (good, None, ""))]
    for name, (content, _, _) in cases:
        kind = next((i for i, kind in enumerate(KINDS) if name.endswith(kind)), 0)
        if len(content) < LONGEST:
            (folder / name).write_bytes(bytes([kind]) + content)


def main(seconds, corpus):
    import atheris

    with atheris.instrument_imports(include=["corpus_tools", "warcio", "zipfile", "csv", "json"]):
        from corpus_tools.loading import formats, sources  # noqa: F401

    corpus.mkdir(parents=True, exist_ok=True)
    if not any(corpus.iterdir()):
        begin(corpus)
    with tempfile.TemporaryDirectory() as folder:
        arguments = [sys.argv[0], f"-max_total_time={seconds}", f"-max_len={LONGEST}", str(corpus)]
        atheris.Setup(arguments, Run(Path(folder)))
        atheris.Fuzz()


if __name__ == "__main__":
    main(int(sys.argv[1]), Path(sys.argv[2] if len(sys.argv) > 2 else "inputs"))
