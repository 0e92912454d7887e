import json
import os
import resource
import signal
import subprocess
import sys
import time
from pathlib import Path

import polars as pl
import pytest

from corpus_tools.corpus.build import _find_copies, build_corpus, read_corpus
from corpus_tools.corpus.cleaning import find_boilerplate
from corpus_tools.corpus.storage import CORPUS_TABLES, open_corpus
from corpus_tools.corpus.tokens import TOKEN_PATTERN
from corpus_tools.errors import BadInput

TEXT = "قالت الشرطة إنها أوقفت شخصين في المدينة رقم"


def written(folder, count, *, files=4):
    folder.mkdir(exist_ok=True)
    for part in range(files):
        rows = [{"id": n, "outlet": f"منبر {n % 3}", "text": f"{TEXT} {n % (count - 3)}.", "n": n}
                for n in range(part, count, files)]  # fmt: skip
        (folder / f"{part}.jsonl").write_text("\n".join(map(json.dumps, rows)), "utf-8")
    return folder


def contents(folder):
    return {p.relative_to(folder): p.read_bytes() for p in folder.rglob("*") if p.is_file()}


def test_batches_change_nothing_but_where_shards_end(tmp_path, monkeypatch):
    source = written(tmp_path / "in", 100)
    whole = read_corpus(source)
    monkeypatch.setattr("corpus_tools.loading.sources.BATCH_CHARACTERS", 500)
    monkeypatch.setattr("corpus_tools.corpus.build.PART_BYTES", 10)
    build_corpus([source], tmp_path / "out")
    assert len(list((tmp_path / "out" / "tokens").iterdir())) > 10
    parts = open_corpus(tmp_path / "out")
    for table in CORPUS_TABLES:
        assert getattr(parts, table).equals(getattr(whole, table)), table
    assert parts.manifest == whole.manifest
    assert whole.manifest["duplicates"] == 3


def test_the_same_source_gives_the_same_bytes(tmp_path):
    source = written(tmp_path / "in", 50)
    for out in ("one", "two"):
        build_corpus([source], tmp_path / out)
    assert contents(tmp_path / "one") == contents(tmp_path / "two")


def test_counts_and_spellings_are_those_of_a_simple_count(tmp_path):
    texts = read_corpus(written(tmp_path / "in", 20))
    simple = (
        pl.DataFrame({"p": texts.documents["text_clean"].str.extract_all(TOKEN_PATTERN)})
        .with_row_index()
        .explode("p")
        .group_by(surface="p")
        .agg(count=pl.len().cast(pl.UInt64), documents=pl.col("index").n_unique())
        .sort(["count", "surface"], descending=[True, False])
    )
    assert texts.vocabulary.select("surface", "count", "documents").equals(simple)


def test_all_other_columns_are_kept(tmp_path):
    texts = read_corpus(written(tmp_path / "in", 8))
    assert texts.documents["n"].to_list() == [0, 4, 1, 2, 3]  # by file; the last three are copies


def test_boilerplate_is_shown_and_cut_only_when_asked_for(tmp_path):
    rows = [{"outlet": "أ", "text": f"{TEXT} {n}.\n...المزيد"} for n in range(6)]
    rows.append({"outlet": "ب", "text": f"{TEXT} 9.\n...المزيد"})
    (tmp_path / "a.json").write_text(json.dumps(rows), "utf-8")
    shown = find_boilerplate(read_corpus(tmp_path).documents)
    assert shown.rows() == [("أ", "...المزيد", 6, 1.0)]
    build_corpus([tmp_path], tmp_path / "out", boilerplate=shown)
    texts = open_corpus(tmp_path / "out")
    assert ["المزيد" in text for text in texts.documents["text_clean"]] == [False] * 6 + [True]
    assert all("المزيد" in text for text in texts.documents["text"])
    assert dict(texts.repairs.select("repair", "texts").rows())["boilerplate"] == 6


BUILD = "import sys; from corpus_tools import build; build.build(sys.argv[1:2], sys.argv[2])"


def test_a_build_that_is_killed_leaves_the_old_corpus_and_the_next_one_succeeds(tmp_path):
    source = written(tmp_path / "in", 20_000)
    build_corpus([written(tmp_path / "small", 9)], tmp_path / "out")
    before = contents(tmp_path / "out")
    for delay in (0.8, 1.2, 1.6):
        process = subprocess.Popen([sys.executable, "-c", BUILD, source, tmp_path / "out"])
        time.sleep(delay)
        process.send_signal(signal.SIGKILL)
        process.wait()
        if contents(tmp_path / "out") != before:  # it was done before it was killed
            assert open_corpus(tmp_path / "out").documents.height == 19_997
    build_corpus([source], tmp_path / "out")
    assert open_corpus(tmp_path / "out").documents.height == 19_997
    assert sorted(path.name for path in tmp_path.iterdir()) == ["in", "out", "small"]


def test_a_full_disk_leaves_the_old_corpus(tmp_path):
    build_corpus([written(tmp_path / "small", 9)], tmp_path / "out")
    before = contents(tmp_path / "out")
    source = written(tmp_path / "in", 20_000)

    def little_room():
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, 100_000))

    cli = Path(sys.executable).with_name("corpus-tools")
    command = [cli, "build", source, "--out", tmp_path / "out"]
    run = subprocess.run(command, preexec_fn=little_room, capture_output=True, text=True)
    assert run.returncode == 1 and "Traceback" not in run.stderr, run.stderr
    assert contents(tmp_path / "out") == before
    assert sorted(path.name for path in tmp_path.iterdir()) == ["in", "out", "small"]


@pytest.fixture
def small_disk(tmp_path):
    """A file system of its own with four megabytes, where that may be made."""
    place = tmp_path / "disk"
    place.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=4m", "none", place]
    try:
        subprocess.run(mount, check=True, capture_output=True)
    except (OSError, subprocess.CalledProcessError):
        pytest.skip("no file system may be mounted here (it takes root on Linux)")
    yield place
    subprocess.run(["umount", place], check=True)


def test_a_disk_that_is_really_full_leaves_the_old_corpus_and_no_remains(tmp_path, small_disk):
    out = small_disk / "out"
    build_corpus([written(tmp_path / "small", 9)], out)
    before = contents(out)
    source = written(tmp_path / "in", 20_000)
    command = [Path(sys.executable).with_name("corpus-tools"), "build", source, "--out", out]
    run = subprocess.run(command, capture_output=True, text=True)
    assert run.returncode == 1 and "No space left" in run.stderr
    assert "Traceback" not in run.stderr, run.stderr
    assert contents(out) == before
    assert [path.name for path in small_disk.iterdir()] == ["out"]
    build_corpus([tmp_path / "small"], out)  # and the next one succeeds
    assert contents(out) == before


def test_two_workers_one_of_them_killed_make_the_same_bytes(tmp_path, monkeypatch):
    distributed = pytest.importorskip("distributed")
    source = written(tmp_path / "in", 20_000, files=8)
    monkeypatch.setattr("corpus_tools.corpus.build.PART_BYTES", 100_000)
    build_corpus([source], tmp_path / "one")
    with distributed.LocalCluster(
        n_workers=2, threads_per_worker=1, dashboard_address=None, silence_logs=50
    ) as machines:
        killed = []

        def kill_one_then(work):
            def both(staged):
                killed.append(next(iter(machines.workers.values())).pid)
                os.kill(killed[0], signal.SIGKILL)
                return work(staged)

            return both

        # Between the first pass and the second: what the dead worker had said is known already.
        monkeypatch.setattr("corpus_tools.corpus.build._find_copies", kill_one_then(_find_copies))
        build_corpus([source], tmp_path / "two", scheduler=machines.scheduler_address)
        assert killed
    assert contents(tmp_path / "one") == contents(tmp_path / "two")


def test_a_scheduler_that_does_not_answer_is_bad_input(tmp_path, monkeypatch):
    pytest.importorskip("distributed")
    monkeypatch.setattr("corpus_tools.corpus.cluster.SCHEDULER_TIMEOUT", 0.5)
    with pytest.raises(BadInput, match="no Dask scheduler answers at tcp"):
        build_corpus([written(tmp_path / "in", 9)], tmp_path / "out", scheduler="tcp://127.0.0.1:9")
