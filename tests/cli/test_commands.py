import json
import shutil
import subprocess
import sys

import pytest
from places import ROOT, SHARED

from corpus_tools.cli.main import main

ARTICLE = str(ROOT / "seeds" / "article")


@pytest.fixture
def run(capsys, monkeypatch):
    """Run the command in this process: exit status, standard output, standard error."""

    def call(*arguments):
        monkeypatch.setattr(sys, "argv", ["corpus-tools", *map(str, arguments)])
        status = 0
        try:
            main()
        except SystemExit as end:
            status = end.code or 0
        captured = capsys.readouterr()
        return status, captured.out, captured.err

    return call


def objects(out):
    return [json.loads(line) for line in out.splitlines()]


def test_build_prints_one_object_whose_rows_add_up(run, tmp_path):
    status, out, _ = run("build", ARTICLE, "--out", tmp_path / "c", "--json")
    (facts,) = objects(out)
    assert status == 0
    assert {"documents", "quarantined", "duplicates", "words", "types", "seconds"} <= set(facts)
    assert facts["read"] == facts["documents"] + facts["duplicates"] + facts["quarantined"]
    assert (facts["documents"], facts["words"], facts["types"]) == (1, 478, 295)


def test_kwic_prints_an_object_a_line(run, tmp_path):
    run("build", ARTICLE, "--out", tmp_path / "c")
    _, out, _ = run("kwic", tmp_path / "c", "حموشي", "--json")
    lines = objects(out)
    assert len(lines) == 6 and {line["node"] for line in lines} == {"حموشي"}
    _, text, _ = run("kwic", tmp_path / "c", "حموشي")
    assert len(text.splitlines()) == 6


def test_frames_prints_every_paragraph_from_0_with_headings(run):
    _, out, _ = run("frames", ARTICLE, "--json")
    lines = objects(out)
    assert [line["paragraph"] for line in lines] == list(range(19))
    assert set(lines[0]) == {"document", "paragraph", "text", "frames", "reasons"}
    assert "achievement" in lines[0]["frames"]
    reason = lines[0]["reasons"][0]
    assert reason == {
        "frame": "achievement",
        "words": ["الإنجازات", "البارزة"],
        "probability": None,
    }
    assert lines[2]["text"].startswith("تعزيز الأمن الداخلي")


def test_frames_are_learnt_from_a_coded_corpus(run, tmp_path):
    gold = ROOT / "seeds" / "teaching"
    _, out, _ = run("frames", ARTICLE, "--coder", "learned", "--gold", gold, "--json")
    first = objects(out)[0]
    assert "leadership" in first["frames"] and 0.9 < first["reasons"][2]["probability"] <= 1
    _, text, _ = run("frames", ARTICLE, "--coder", "learned", "--gold", gold)
    assert "achievement: الإنجازات + البارزة" in text
    vectors = tmp_path / "v.safetensors"
    press = ROOT / "seeds" / "press"
    run("embed", press, "--out", vectors, "--size", "50", "--replicates", "0")
    options = ("--coder", "meaning", "--gold", gold, "--vectors", vectors)
    _, out, _ = run("frames", ARTICLE, *options, "--json")
    assert "counter_terrorism" in objects(out)[5]["frames"]


def test_a_codebook_is_listed_and_written_for_other_programs(run, tmp_path):
    _, out, _ = run("codebook", "--qdc", tmp_path / "b.qdc", "--json")
    assert len(objects(out)) == 16 and objects(out)[0]["frame"] == "achievement"
    _, again, _ = run("codebook", tmp_path / "b.qdc", "--json")
    assert [row["cues"] for row in objects(again)] == [0] * 16


def test_agreement_of_coders_is_a_line_a_frame(run):
    folder = ROOT / "seeds" / "teaching"
    where = (folder / "articles", folder / "coding.csv", "--key", "article", "--json")
    _, out, _ = run("agreement", *where, "--coder", "pass_1", "--coder", "pass_2")
    lines = objects(out)
    assert len(lines) == 16 and {line["coders"] for line in lines} == {2}
    assert min(line["alpha"] for line in lines) > 0.75


def test_discourse_prints_a_document_a_line_with_count_rate_and_lines(run):
    _, out, _ = run("discourse", ARTICLE, "--json")
    (report,) = objects(out)
    for found in report["indicators"].values():
        assert {"count", "rate", "lines"} <= set(found)
    assert report["indicators"]["quantification"]["categories"]["exact"] == 0


def test_a_corpus_folder_serves_as_source_too(run, tmp_path):
    run("build", ARTICLE, "--out", tmp_path / "c")
    assert run("frames", tmp_path / "c", "--json") == run("frames", ARTICLE, "--json")


@pytest.fixture
def many(tmp_path):
    """Sixty invented articles, enough for vectors."""
    lines = [
        "الشرطة توقف اللص في المدينة",
        "الوزير يزور المدرسة في القرية",
        "الأمن يعود إلى البلاد",
    ]
    rows = [{"text": ". ".join(lines[(n + k) % 3] + f" {n}" for k in range(3))} for n in range(60)]
    (tmp_path / "many.json").write_text(json.dumps(rows), encoding="utf-8")
    return tmp_path / "many.json"


@pytest.mark.parametrize("method", ["ppmi", "word2vec", "fasttext"])
def test_embed_and_neighbours_work_together(run, many, tmp_path, method):
    run("build", many, "--out", tmp_path / "c")
    options = ("--method", method, "--size", 5, "--replicates", 2, "--seed", 1)
    status, out, _ = run("embed", tmp_path / "c", "--out", tmp_path / "v.txt", *options, "--json")
    assert status == 0 and objects(out)[0]["replicates"] == 2
    status, out, _ = run("neighbours", tmp_path / "v.txt", "الشرطة", "--number", 3, "--json")
    assert status == 0 and {"word", "cosine", "low", "high", "kept"} <= set(objects(out)[0])
    assert len(objects(out)) == 3
    _, printed, _ = run("neighbours", tmp_path / "v.txt", "الأَمن", "--number", 3)
    *rows, verdict = printed.splitlines()  # asked for as a newspaper might spell it
    assert len(rows) == 3 and "of its 10 neighbours recur" in verdict


def test_the_press_can_be_embedded_and_used(run, tmp_path):
    place = tmp_path / "v.safetensors"
    status, out, _ = run(
        "embed", ROOT / "seeds" / "press", "--out", place, "--replicates", 2, "--json"
    )
    assert status == 0 and objects(out)[0]["words"] == 5289
    _, out, _ = run("evaluate", place, "--json")
    whole = {row["test"]: row for row in objects(out) if row["category"] == "all"}
    assert whole["related"]["score"] > 0.9 and set(whole) == {"related", "analogies"}
    _, out, _ = run("axes", place, ARTICLE, "--json")
    places = {row["axis"]: row for row in objects(out)}
    assert places["failure_competence"]["bias"] > 0 and len(places) == 4


def test_ppmi_has_twenty_replicates_unless_told_otherwise(run, many, tmp_path):
    run("build", many, "--out", tmp_path / "c")
    status, out, _ = run(
        "embed", tmp_path / "c", "--out", tmp_path / "v.safetensors", "--size", 5, "--json"
    )
    assert status == 0 and objects(out)[0]["replicates"] == 20


def test_a_refusal_is_one_sentence_and_exit_status_1(run, tmp_path):
    run("build", ARTICLE, "--out", tmp_path / "c")
    status, _, err = run("embed", tmp_path / "c", "--out", tmp_path / "v.txt")
    assert status == 1 and "needs more words than dimensions" in err


BAD = {
    "no seeds": (("frames", "{0}/nowhere"), "does not exist"),
    "empty seeds": (("frames", "{0}/empty"), "holds no articles"),
    "not UTF-8": (("frames", "{0}/bad/latin.txt"), "was rejected as undecodable"),
    "empty file": (("frames", "{0}/bad/empty.txt"), "is empty"),
    "no outlet": (("frames", "{0}/bad/outlet.txt"), "no outlet in its byline"),
    "no corpus": (("kwic", "{0}/empty", "أمن"), "is incomplete"),
    "half a corpus": (("kwic", "{0}/half", "أمن"), "tokens is missing"),
    "another version": (("kwic", "{0}/other", "أمن"), "of format 0"),
    "unknown form": (("kwic", "{0}/whole", "أمن", "--form", "root"), "no form «root»"),
    "unknown method": (("embed", "{0}/whole", "--out", "{0}/v", "--method", "glove"), "no method"),
    "a press in no such form": (
        ("embed", ROOT / "seeds" / "press", "--out", "{0}/v", "--form", "stem"),
        "the reference corpus has no form «stem»",
    ),
    "pairs for word2vec": (
        ("embed", ROOT / "seeds" / "press", "--out", "{0}/v", "--method", "word2vec"),
        "pairs do not keep: take ppmi",
    ),
    "no vectors to place on": (("axes", "{0}/nowhere", ARTICLE), "does not exist"),
    "no vectors to score": (("evaluate", "{0}/bad/latin.txt"), "not in the word2vec format"),
    "no vectors": (("neighbours", "{0}/nowhere", "أمن"), "does not exist"),
    "no codebook": (("frames", ARTICLE, "--codebook", "{0}/nowhere.toml"), "is not a file"),
    "no codebook to list": (("codebook", "{0}/nowhere.qdc"), "is not a file"),
    "no cues": (("frames", ARTICLE, "--codebook", "{0}/bare.qdc"), "has no cues"),
    "nothing to learn from": (("frames", ARTICLE, "--coder", "learned"), "name one with --gold"),
    "no gold": (("frames", ARTICLE, "--coder", "learned", "--gold", "{0}/bad"), "does not exist"),
    "no vectors for meaning": (
        ("frames", ARTICLE, "--coder", "meaning", "--gold", ROOT / "seeds" / "teaching"),
        "name a file with --vectors",
    ),
    "no coding": (("agreement", ARTICLE, "{0}/nowhere.csv"), "does not exist"),
    "seeds for reproduce": (("reproduce", "--seeds", "{0}/nowhere"), "does not exist"),
    "no press source": (("press", "{0}/nowhere", "{0}/out"), "does not exist"),
    "build onto other files": (("build", ARTICLE, "--out", "{0}/bad"), "is not a corpus"),
}


@pytest.fixture
def broken(run, tmp_path):
    for folder in ("empty", "bad"):
        (tmp_path / folder).mkdir()
    (tmp_path / "bad" / "latin.txt").write_bytes("قالت الشرطة".encode() + b"\xff\xd9")
    (tmp_path / "bad" / "empty.txt").write_bytes(b"")
    (tmp_path / "bad" / "outlet.txt").write_text("ليلى-\nنص", encoding="utf-8")
    for folder in ("whole", "half", "other"):
        run("build", ARTICLE, "--out", tmp_path / folder)
    shutil.rmtree(tmp_path / "half" / "tokens")
    (tmp_path / "other" / "manifest.json").write_text('{"format": 0}')
    run("codebook", "--qdc", tmp_path / "bare.qdc")
    return tmp_path


@pytest.mark.parametrize("name", BAD)
def test_bad_input_is_one_sentence_and_exit_status_2(run, broken, name, monkeypatch):
    monkeypatch.chdir(ROOT)
    arguments, reason = BAD[name]
    status, out, err = run(*(str(a).replace("{0}", str(broken)) for a in arguments))
    assert status == 2 and reason in err and out == ""
    assert err.count("\n") == 1 and "Traceback" not in err


def test_with_json_an_error_is_an_object_too(run, tmp_path):
    status, out, _ = run("frames", tmp_path / "nowhere", "--json")
    assert status == 2 and "does not exist" in objects(out)[0]["error"]


def test_wrong_usage_has_exit_status_2(run):
    assert run("kwic")[0] == 2
    assert run("frobnicate")[0] == 2


def test_the_installed_command_runs_without_a_traceback(tmp_path):
    command = [sys.executable, "-c", "from corpus_tools.cli.main import main; main()"]
    done = subprocess.run([*command, "frames", str(tmp_path)], capture_output=True, text=True)
    assert done.returncode == 2 and done.stderr.startswith("corpus-tools: ")
    assert "Traceback" not in done.stderr


def test_build_of_a_real_newspaper_corpus(run, saudinewsnet, tmp_path):
    status, out, _ = run(
        "build", saudinewsnet / "2015-08-01.zip", "--out", tmp_path / "c", "--json"
    )
    (facts,) = objects(out)
    assert status == 0 and facts["documents"] > 1000
    assert facts["read"] == facts["documents"] + facts["duplicates"] + facts["quarantined"]


def test_discourse_and_frames_of_real_moroccan_news(run, tmp_path):
    source = SHARED / "moroccan_febrayer" / "febrayer.jsonl"
    if not source.exists():
        pytest.skip("the Moroccan articles are not beside this repository (../shared/data)")
    rows = [json.loads(line) for line in source.read_text("utf-8").splitlines()]
    (tmp_path / "febrayer.json").write_text(json.dumps(rows[:80]), encoding="utf-8")
    status, out, _ = run("discourse", tmp_path, "--json")
    reports = objects(out)
    assert status == 0 and len(reports) == 80
    totals = [report["indicators"]["sourcing"]["count"] for report in reports]
    assert sum(totals) > 80  # real news names its sources, unlike the seed article
    assert run("frames", tmp_path, "--json")[0] == 0


def test_numbers_are_printed_to_the_digits_that_hold(run, many, tmp_path):
    run("build", many, "--out", tmp_path / "c")
    run("embed", tmp_path / "c", "--out", tmp_path / "v", "--size", 5, "--replicates", 2)
    _, out, _ = run("neighbours", tmp_path / "v", "الشرطة", "--number", 3, "--json")
    for row in objects(out):
        assert row["cosine"] == round(row["cosine"], 4) and row["low"] == round(row["low"], 3)
    _, out, _ = run("axes", tmp_path / "v", ARTICLE, "--json")
    assert all(value == round(value, 4) for row in objects(out) for value in row.values()
               if isinstance(value, float))  # fmt: skip


def test_vectors_are_safetensors_unless_the_name_asks_for_word2vec(run, many, tmp_path):
    run("build", many, "--out", tmp_path / "c")
    options = ("--size", 5, "--replicates", 2)
    run("embed", tmp_path / "c", "--out", tmp_path / "plain", *options)
    run("embed", tmp_path / "c", "--out", tmp_path / "text.txt", *options)
    assert sorted(path.name for path in tmp_path.iterdir() if path.is_file()) == [
        "many.json", "plain", "text.txt", "text.txt.1", "text.txt.2", "text.txt.json",
        "text.txt.words.csv",
    ]  # fmt: skip
    asked = ("الشرطة", "--number", 3, "--json")
    assert run("neighbours", tmp_path / "plain", *asked)[0] == 0


def test_near_copies_are_folded_before_vectors_are_made_and_the_sum_is_said(run, tmp_path):
    base = "قالت وزارة الداخلية اليوم إن الأمن عاد إلى المدينة بعد أيام من البحث عن الجناة"
    texts = [base, f"{base} أمس", *(f"خبر {n} عن شرطة ومحكمة وقاض وشاهد" for n in "ابتثجح")]
    rows = [{"text": text, "outlet": f"ص{n}"} for n, text in enumerate(texts)]
    (tmp_path / "a.json").write_text(json.dumps(rows), "utf-8")
    run("build", tmp_path / "a.json", "--out", tmp_path / "c")
    options = ("--out", tmp_path / "v", "--size", 2, "--min-count", 1, "--replicates", 0, "--json")
    (folded,) = objects(run("embed", tmp_path / "c", *options)[1])
    (every,) = objects(run("embed", tmp_path / "c", *options, "--near-copies")[1])
    assert folded["near_copies_folded"] >= 1 and every["near_copies_folded"] == 0
    assert folded["words"] < every["words"]
