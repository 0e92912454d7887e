import datetime
import gzip
import hashlib
import json
import tomllib
import zipfile

import fsspec
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from places import ROOT

from corpus_tools.corpus.build import read_corpus
from corpus_tools.errors import BadInput
from corpus_tools.loading.dates import parse_date
from corpus_tools.loading.formats import parse_byline
from corpus_tools.loading.records import Rejected, SourceFile, Unreadable
from corpus_tools.loading.sources import KNOWN_SUFFIXES, find_files, read_rows

TEXT = "قالت الشرطة إنها أوقفت شخصين."
PAGE = f"""<html><head><title>خبر</title></head><body><nav><a href="/">الرئيسية</a></nav>
<article><h1>خبر</h1><p>{TEXT * 3}</p><p>{TEXT * 3}</p></article></body></html>"""


def read(*paths, **options):
    found = [row for file in find_files(paths) for row in read_rows(file, **options)]
    return [row for row in found if isinstance(row, dict)]


def test_the_byline_is_metadata_and_not_text(seed):
    row = seed.documents.row(0, named=True)
    assert (row["author"], row["outlet"], row["url"]) == ("محمد الشاوي", "بلاحدود", "bilahodoud.ma")
    assert "محمد الشاوي" not in row["text"]


def test_metadata_beside_a_text_is_added_and_agrees_with_its_byline(seed):
    path = ROOT / "seeds" / "article" / "000_f222ddbe4d105493.txt"
    byline = parse_byline(path.read_text("utf-8").splitlines()[0])
    beside = tomllib.loads(path.with_suffix(".toml").read_text("utf-8"))
    assert byline == {name: beside[name] for name in byline}
    assert seed.documents["subject_year"][0] == 2024
    assert "outside this project's licence" in seed.documents["rights"][0].lower()


@pytest.mark.parametrize("line", ["ليلى- الخبر", "ليلى – الخبر", "ليلى | الخبر khabar.example"])
def test_a_byline_may_use_any_dash_and_lack_an_address(line):
    assert parse_byline(line)["outlet"] == "الخبر"


@pytest.mark.parametrize("line", ["ليلى-", "ليلى - khabar.example"])
def test_a_byline_without_outlet_is_refused(line):
    with pytest.raises(Unreadable, match=r"no outlet in its byline .* make its"):
        parse_byline(line)


@pytest.mark.parametrize("line", ["وصل الوزير", TEXT, "قالت الشرطة - أمس - إنها " + "كلمة " * 30])
def test_a_first_line_that_is_no_byline_is_text(tmp_path, line):
    (tmp_path / "a.txt").write_text(f"{line}\n{TEXT}", encoding="utf-8")
    assert read(tmp_path)[0]["text"] == f"{line}\n{TEXT}"


def one(tmp_path, name, content):
    (tmp_path / name).write_bytes(content)
    return read(tmp_path / name)


ROWS = [{"content": TEXT, "source": "الخبر", "headline": "خبر", "section": "أ"}]
TABLE = f"content,source,headline,section\n{TEXT},الخبر,خبر,أ\n"


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.json", json.dumps(ROWS).encode()),
        ("a.jsonl", json.dumps(ROWS[0]).encode()),
        ("one.json", json.dumps(ROWS[0]).encode()),
        ("a.csv", TABLE.encode()),
        ("mark.csv", TABLE.encode("utf-8-sig")),
        ("semicolon.csv", TABLE.replace(",", ";").encode()),
        ("windows.csv", TABLE.encode("windows-1256")),
        ("wide.csv", TABLE.encode("utf-16")),
        ("a.tsv", TABLE.replace(",", "\t").encode()),
        ("a.csv.gz", gzip.compress(TABLE.encode())),
        ("a.jsonl.gz", gzip.compress(json.dumps(ROWS[0]).encode())),
    ],
)
def test_tables_are_read_under_the_usual_names_of_their_columns(tmp_path, name, content):
    (row,) = one(tmp_path, name, content)
    assert (row["text"], row["outlet"], row["title"], row["section"]) == (TEXT, "الخبر", "خبر", "أ")
    assert (row["source"], row["row"]) == (name, 0)


def test_parquet_and_archives_are_read(tmp_path):
    pl.DataFrame(ROWS).write_parquet(tmp_path / "a.parquet")
    with zipfile.ZipFile(tmp_path / "day.zip", "w") as archive:
        archive.writestr("a.json", json.dumps(ROWS))
        archive.writestr("b/b.csv", TABLE)
    found = read(tmp_path)
    assert [row["source"] for row in found] == ["a.parquet", "day.zip/a.json", "day.zip/b/b.csv"]
    assert {row["outlet"] for row in found} == {"الخبر"}


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be",
                                      "windows-1256"])  # fmt: skip
def test_encodings_are_told_apart_and_said(tmp_path, encoding):
    (row,) = one(tmp_path, "a.txt", TEXT.encode(encoding))
    assert (row["text"], row["encoding"]) == (TEXT, encoding)


def test_a_page_is_read_without_its_frame(tmp_path):
    (row,) = one(tmp_path, "a.html", PAGE.encode())
    assert TEXT in row["text"] and "الرئيسية" not in row["text"] and row["title"] == "خبر"
    (row,) = one(tmp_path, "b.html", PAGE.encode("windows-1256"))
    assert TEXT in row["text"]


def test_a_web_archive_is_read_page_by_page(tmp_path):
    from io import BytesIO

    from warcio.statusandheaders import StatusAndHeaders
    from warcio.warcwriter import WARCWriter

    with (tmp_path / "a.warc.gz").open("wb") as stream:
        writer = WARCWriter(stream, gzip=True)
        for number in range(2):
            headers = StatusAndHeaders("200 OK", [("Content-Type", "text/html")], "HTTP/1.1")
            address = f"http://news.example/{number}"
            record = writer.create_warc_record(
                address, "response", payload=BytesIO(PAGE.encode()), http_headers=headers
            )
            writer.write_record(record)
    rows = read(tmp_path)
    assert [row["url"] for row in rows] == ["http://news.example/0", "http://news.example/1"]
    assert all(TEXT in row["text"] for row in rows) and [row["row"] for row in rows] == [0, 1]


def test_leipzig_sentences_are_articles_where_the_files_beside_say_so(tmp_path):
    (tmp_path / "n-sentences.txt").write_text(f"1\tأول.\n2\tثان.\n3\t{TEXT}\n", "utf-8")
    assert [row["text"] for row in read(tmp_path / "n-sentences.txt")] == ["أول.", "ثان.", TEXT]
    (tmp_path / "n-sources.txt").write_text("7\thttp://news.example\t2020-01-02\n", "utf-8")
    (tmp_path / "n-inv_so.txt").write_text("7\t1\n7\t2\n", "utf-8")
    rows = read(tmp_path / "n-sentences.txt")
    assert [row["text"] for row in rows] == ["أول.\nثان.", TEXT]
    assert (rows[0]["url"], rows[0]["date"]) == ("http://news.example", "2020-01-02")


def test_what_cannot_be_read_does_not_hide_what_comes_after_it(tmp_path):
    good = json.dumps({"text": TEXT})
    (tmp_path / "a.jsonl").write_text(f'{{"title": "خبر"}}\n{good}', "utf-8")
    with zipfile.ZipFile(tmp_path / "b.zip", "w") as archive:
        archive.writestr("a.json", '[{"title": "خبر"}]')
        archive.writestr("b.json.gz", b"no gzip")
        archive.writestr("c.json", f"[{good}]")
    (tmp_path / "c.json").write_text(
        f'[{{"text": 1}}, {{"n": {10**40}, "text": "{TEXT}"}}]', "utf-8"
    )
    found = read_corpus(tmp_path)
    assert found.manifest["read"] == 7 and found.duplicates.height == 2
    assert found.documents["source"].to_list() == ["a.jsonl"]
    reasons = found.quarantine.select("source", "reason").rows()
    assert reasons == [("a.jsonl", "no_text"), ("b.zip/a.json", "no_text"),
                       ("b.zip/b.json.gz", "damaged"), ("c.json", "malformed")]  # fmt: skip


def test_columns_may_be_named(tmp_path):
    (tmp_path / "a.csv").write_text(f"matn,text\n{TEXT},ملخص\n", "utf-8")
    (row,) = read(tmp_path, columns={"text": "matn"})
    assert (row["text"], row["text_given"]) == (TEXT, "ملخص")


def test_columns_of_this_packages_own_names_are_kept_under_another(tmp_path):
    (row,) = one(tmp_path, "a.csv", f"text,row,sha256\n{TEXT},7,x\n".encode())
    assert (row["row"], row["row_given"], row["sha256_given"]) == (0, "7", "x")


def test_two_columns_of_one_name_are_both_kept(tmp_path):
    (tmp_path / "a.csv").write_text(f"title,text,title\nأول,{TEXT},ثان", "utf-8")
    (row,) = read(tmp_path)
    assert (row["title"], row["title_2"]) == ("أول", "ثان")


def test_numbers_beyond_64_bits_are_kept_as_text(tmp_path):
    rows = [{"text": TEXT, "n": 10**30}, {"text": TEXT * 2, "n": 10**60}]
    for number, row in enumerate(rows):
        (tmp_path / f"{number}.json").write_text(json.dumps([row]), "utf-8")
        built = read_corpus(tmp_path)
        assert built.documents["n"].to_list() == [str(r["n"]) for r in rows[: number + 1]]


def test_globs_and_urls_are_read(tmp_path):
    fsspec = pytest.importorskip("fsspec")
    for name in ("a.txt", "b.txt", "c.csv"):
        (tmp_path / name).write_text(f"text\n{TEXT}", "utf-8")
    assert [file.name for file in find_files([f"{tmp_path}/*.txt"])] == ["a.txt", "b.txt"]
    with fsspec.open("memory://news/a.jsonl", "w") as stream:
        stream.write(json.dumps({"text": TEXT}))
    assert read("memory://news/a.jsonl")[0]["text"] == TEXT
    assert read("memory://news")[0]["source"] == "a.jsonl"
    with pytest.raises(BadInput, match="cannot be opened"):
        find_files(["nothing://news"])


def test_missing_and_empty_sources_are_refused(tmp_path):
    with pytest.raises(BadInput, match="does not exist"):
        find_files([tmp_path / "nowhere"])
    with pytest.raises(BadInput, match="holds no articles"):
        find_files([tmp_path])
    (tmp_path / "a.doc").write_bytes(b"x")
    with pytest.raises(BadInput, match="of an unknown kind"):
        find_files([tmp_path / "a.doc"])


def test_two_sources_of_one_name_are_refused(tmp_path):
    for folder in ("one", "two"):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "a.txt").write_text(f"{TEXT} {folder}", encoding="utf-8")
    with pytest.raises(BadInput, match="name of two sources"):
        find_files([tmp_path / "one", tmp_path / "two"])
    assert len(find_files([tmp_path])) == 2


def test_bad_metadata_is_named(tmp_path):
    (tmp_path / "a.txt").write_text(f"ليلى- الخبر\n{TEXT}", encoding="utf-8")
    (tmp_path / "a.toml").write_text("title = ", encoding="utf-8")
    with pytest.raises(BadInput, match=r"a\.toml beside it is not TOML"):
        read_corpus(tmp_path)


def test_files_are_read_in_the_order_of_their_names(tmp_path):
    for name in ("b.txt", "a.txt", "sub/c.txt"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(f"ليلى- الخبر\n{TEXT}", encoding="utf-8")
    assert [row["source"] for row in read(tmp_path)] == ["a.txt", "b.txt", "sub/c.txt"]


@given(st.binary(max_size=300), st.sampled_from([*KNOWN_SUFFIXES, ".csv.gz", ".zip"]))
def test_any_bytes_are_rows_or_refused_and_never_an_error(tmp_path_factory, raw, suffix):
    path = tmp_path_factory.getbasetemp() / f"any{suffix}"
    path.write_bytes(raw)
    for row in read_rows(SourceFile(path.name, str(path), len(raw))):
        if isinstance(row, Rejected):
            assert row.reason and row.detail
        else:
            row["text"].encode()


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("الأحد 05 ماي 2019", (2019, 5, 5)),
        ("١٢ شتنبر ٢٠٢٣", (2023, 9, 12)),
        ("1 غشت 2020 - 10:30", (2020, 8, 1)),
        ("12 تشرين الثاني / نوفمبر 2020", (2020, 11, 12)),
        ("3 كانون الأول 2019", (2019, 12, 3)),
        ("2015-07-21T10:00:00Z", (2015, 7, 21)),
        ("21/07/2015", (2015, 7, 21)),
        ("July 3, 2014", (2014, 7, 3)),
        ("30 فبراير 2020", None),
        ("1436/10/5", None),
        ("أمس", None),
        ("", None),
    ],
)
def test_dates_of_the_arabic_press_are_read(text, day):
    assert parse_date(text) == (datetime.date(*day) if day else None)


def test_a_date_that_cannot_be_read_is_kept_as_text_and_counted(tmp_path):
    rows = [
        {"text": f"{TEXT} {n}", "date": date} for n, date in enumerate(["أمس", "21 يوليوز 2024"])
    ]
    (tmp_path / "a.json").write_text(json.dumps(rows), "utf-8")
    found = read_corpus(tmp_path)
    assert found.documents["date"].to_list() == ["أمس", "21 يوليوز 2024"]
    assert found.documents["day"].to_list() == [None, datetime.date(2024, 7, 21)]
    assert found.manifest["unread_dates"] == 1


def test_a_url_is_fetched_once_and_hashed_from_the_bytes_that_were_read(monkeypatch):
    system = fsspec.filesystem("memory")
    raw = '[{"text": "قالت الشرطة إن الأمن عاد"}]'.encode()
    system.pipe("/news/a.json", raw)
    opened, fsspec_open = [], fsspec.open
    monkeypatch.setattr(fsspec, "open", lambda *a, **k: opened.append(a) or fsspec_open(*a, **k))
    corpus = read_corpus("memory://news/a.json")
    assert len(opened) == 1
    assert corpus.inputs["sha256"].to_list() == [hashlib.sha256(raw).hexdigest()]


def test_the_hash_of_an_archive_is_that_of_its_own_bytes(tmp_path):
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        archive.writestr("a.json", '[{"text": "قالت الشرطة إن الأمن عاد"}]')
    corpus = read_corpus(tmp_path)
    expected = hashlib.sha256((tmp_path / "a.zip").read_bytes()).hexdigest()
    assert corpus.inputs["sha256"].to_list() == [expected]
