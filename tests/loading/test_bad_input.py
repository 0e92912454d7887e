"""Bad input by kind: each gets its reason and its place; nothing crashes and nothing vanishes."""

import gzip
import io
import json
import stat
import zipfile

import polars as pl
import pytest

from corpus_tools.corpus.build import read_corpus
from corpus_tools.corpus.documents import quarantine_reasons
from corpus_tools.errors import BadInput

GOOD = "قالت الشرطة إنها أوقفت شخصين في المدينة."
ARTICLE = json.dumps({"text": GOOD}, ensure_ascii=False)


def lines(*rows):
    return "\n".join(rows).encode()


def packed(*members, **options):
    place = io.BytesIO()
    with zipfile.ZipFile(place, "w", zipfile.ZIP_DEFLATED, **options) as archive:
        for name, content in members:
            archive.writestr(name, content)
    return place.getvalue()


def link(name):
    info = zipfile.ZipInfo(name)
    info.external_attr = (stat.S_IFLNK | 0o777) << 16
    return info


def encrypted():
    raw = bytearray(packed(("a.json", f"[{ARTICLE}]")))
    raw[6] |= 1
    raw[raw.index(b"PK\x01\x02") + 8] |= 1
    return bytes(raw)


def cut(raw, share=0.5):
    return raw[: int(len(raw) * share)]


def parquet(**columns):
    place = io.BytesIO()
    pl.DataFrame(columns).write_parquet(place)
    return place.getvalue()


def warc(body, kind="text/html", rest=b""):
    head = f"HTTP/1.1 200 OK\r\nContent-Type: {kind}\r\n\r\n".encode()
    payload = head + body
    about = (
        "WARC/1.0\r\nWARC-Type: response\r\nWARC-Target-URI: http://news.example/1\r\n"
        "WARC-Date: 2024-01-01T00:00:00Z\r\nWARC-Record-ID: <urn:uuid:1>\r\n"
        f"Content-Type: application/http; msgtype=response\r\nContent-Length: {len(payload)}\r\n"
    )
    return about.encode() + b"\r\n" + payload + b"\r\n\r\n" + rest


LONG = "كلمة " * 250_000
MENU = "الرئيسية من نحن اتصل بنا سياسة الخصوصية جميع الحقوق محفوظة"
PERSIAN = "پلیس گفت که دو نفر را در شهر دستگیر کرده‌اند و گزارش آن چاپ می‌شود"
PAGE = f"<html><body><article><p>{GOOD * 5}</p></article></body></html>"

# name of the file -> (its bytes, the row that is refused or None for the file, the reason)
KINDS = {
    # texts
    "nothing.txt": (b"", None, "empty"),
    "blank.txt": (b" \n \n", None, "empty"),
    "only-mark.txt": (b"\xef\xbb\xbf", None, "empty"),
    "only-byline.txt": ("ليلى- الخبر".encode(), None, "empty"),
    "byline-and-blank.txt": ("ليلى- الخبر\n \n".encode(), None, "empty"),
    "byline-no-outlet.txt": (f"ليلى-\n{GOOD}".encode(), None, "byline"),
    "byline-address-only.txt": (f"ليلى - khabar.example\n{GOOD}".encode(), None, "byline"),
    "one-word.txt": ("نعم".encode(), None, "short"),
    "two-words.txt": ("نعم ولا.".encode(), None, "short"),
    "only-numbers.txt": (b"12 13 14 15", None, "short"),
    "only-punctuation.txt": ("…!؟ «».".encode(), None, "short"),
    "only-marks.txt": ("\u064e\u064f\u0650 \u0651".encode(), None, "short"),
    "only-zero-width.txt": ("\u200b\u200b\u200b".encode(), None, "short"),
    "english.txt": (b"The police said that two men were arrested.", None, "not_arabic"),
    "french.txt": ("La police a arrêté deux hommes à Rabat.".encode(), None, "not_arabic"),
    "russian.txt": ("Полиция задержала двух человек в городе".encode(), None, "not_arabic"),
    "hebrew.txt": ("המשטרה עצרה שני אנשים בעיר".encode(), None, "not_arabic"),
    "chinese.txt": ("警方 逮捕 两人 在 城里 昨天".encode(), None, "not_arabic"),
    "persian.txt": (PERSIAN.encode(), None, "not_arabic"),
    "urdu.txt": ("پولیس نے شہر میں دو افراد کو گرفتار کر لیا ہے".encode(), None, "not_arabic"),
    "mostly-english.txt": (f"{GOOD} {'the police said ' * 9}".encode(), None, "not_arabic"),
    "menu.txt": (MENU.encode(), None, "navigation"),
    "cookies.txt": (
        "نستخدم ملفات تعريف الارتباط لتحسين تجربتك، راجع سياسة الخصوصية".encode(),
        None,
        "navigation",
    ),
    "not-found.txt": ("الصفحة غير موجودة عد إلى الصفحة الرئيسية".encode(), None, "navigation"),
    "book.txt": (LONG.encode(), None, "oversize"),
    "library.txt": (LONG.encode() * 3, None, "oversize"),
    "damaged-utf8.txt": (
        GOOD.encode()[:-3] + b"\xff\xfe\xfd." + GOOD.encode(),
        None,
        "undecodable",
    ),
    "cut-utf8.txt": (GOOD.encode()[:-2] + b"\xd9", None, "undecodable"),
    "latin1.txt": ("é è à ç ù ñ ö ü".encode("latin-1"), None, "undecodable"),
    "cut-utf16.txt": (GOOD.encode("utf-16")[:-1], None, "undecodable"),
    "binary.txt": (bytes(range(128, 256)) + bytes(range(32)), None, "undecodable"),
    "picture.txt": (b"\x89PNG\r\n\x1a\n\x00\x00\xff\xfe\xfa\x80\x81", None, "undecodable"),
    # tables
    "nothing.csv": (b"", None, "empty"),
    "header-only.csv": (b"text,title\n", None, "empty"),
    "blank-header.csv": (lines("", GOOD), None, "empty"),
    "no-text.csv": (lines("titre,corps", "a,b"), 0, "no_text"),
    "few-fields.csv": (lines("title,text", f"a,{GOOD}", GOOD), 1, "malformed"),
    "many-fields.csv": (lines("title,text", f"a,{GOOD},b,c"), 0, "malformed"),
    "empty-field.csv": (lines("title,text", "a,"), 0, "empty"),
    "blank-field.csv": (lines("title,text", 'a,"  "'), 0, "empty"),
    "open-quote.csv": (lines("title,text", f'a,"{GOOD}', f"b,{GOOD}"), 0, "duplicate-free"),
    "huge-field.csv": (lines("title,text", f'a,"{LONG * 4}"'), 0, "malformed"),
    "bad-byte.csv": (lines("text", GOOD) + b"\n" + GOOD.encode() + b"\xff\n", 1, "undecodable"),
    "short-field.csv": (lines("title,text", "a,نعم"), 0, "short"),
    "bad-title.csv": (b"title,text\n\xe9,a\n", 0, "undecodable"),
    "same-id.csv": (lines("id,text", f"1,{GOOD}", f"1,{GOOD} وعاد."), 1, "duplicate_id"),
    "few-fields.tsv": (lines("title\ttext", f"a\t{GOOD}", GOOD), 1, "malformed"),
    "no-text.tsv": (lines("a\tb", "c\td"), 0, "no_text"),
    # JSON
    "nothing.json": (b"", None, "empty"),
    "empty-array.json": (b"[]", None, "empty"),
    "blank.json": (b" \n", None, "empty"),
    "cut.json": (f'[{ARTICLE}, {{"text": "'.encode(), 1, "malformed"),
    "not.json": (b"text", 0, "malformed"),
    "string.json": (b'"text"', 0, "malformed"),
    "strings.json": (f'["a", {ARTICLE}]'.encode(), 0, "malformed"),
    "numbers.json": (b"[1]", 0, "malformed"),
    "null-row.json": (f"[{ARTICLE}, null]".encode(), 1, "malformed"),
    "no-text.json": (b'[{"titel": "a"}]', 0, "no_text"),
    "null-text.json": (b'[{"text": null}]', 0, "empty"),
    "number-text.json": (b'[{"text": 12}]', 0, "malformed"),
    "flag-text.json": (b'[{"text": true}]', 0, "malformed"),
    "half-emoji.json": (f'[{{"text": "{GOOD} \\ud83d"}}]'.encode(), 0, "undecodable"),
    "bad-byte.json": (f'[{{"text": "{GOOD}'.encode() + b'\xff"}]', 0, "undecodable"),
    "after-array.json": (f"[{ARTICLE}] {{".encode(), 1, "malformed"),
    "deep.json": (b'[{"text":' + b"[" * 100_000, 0, "malformed"),
    "same-id.json": (
        json.dumps([{"id": 7, "text": GOOD}, {"id": 7, "text": GOOD * 2}]).encode(),
        1,
        "duplicate_id",
    ),
    "digits.json": (b'[{"text": ' + b"9" * 5000 + b"}]", 0, "malformed"),
    # JSON lines
    "bad-bytes-beyond.json": (f"[{ARTICLE} ".encode() + b"\xff]", 1, "malformed"),
    "digits.jsonl": (b'{"text": ' + b"9" * 5000 + b"}", 0, "malformed"),
    "cut-wide.jsonl": (ARTICLE.encode("utf-16") + b"\n", 0, "malformed"),
    "nothing.jsonl": (b"", None, "empty"),
    "blank-lines.jsonl": (b"\n\n\n", None, "empty"),
    "bad-line.jsonl": (lines(ARTICLE, '{"text": ', ARTICLE), 1, "malformed"),
    "array-line.jsonl": (lines(ARTICLE, f"[{ARTICLE}]"), 1, "malformed"),
    "bad-byte.jsonl": (
        lines(ARTICLE) + b'\n{"text": "\xff\xfe' + GOOD.encode() + b'"}',
        1,
        "undecodable",
    ),
    "empty-text.jsonl": (lines(ARTICLE, '{"text": ""}'), 1, "empty"),
    # Parquet
    "nothing.parquet": (b"", None, "damaged"),
    "not.parquet": (b"PAR1 and no more", None, "damaged"),
    "cut.parquet": (cut(parquet(text=[GOOD] * 9)), None, "damaged"),
    "no-text.parquet": (parquet(corps=[GOOD]), 0, "no_text"),
    "no-rows.parquet": (parquet(text=[]), None, "empty"),
    "numbers.parquet": (parquet(text=[1]), 0, "malformed"),
    "null.parquet": (parquet(text=[GOOD, None]), 1, "empty"),
    # pages and their archives
    "nothing.html": (b"", None, "empty"),
    "menu.html": (b"<html><body><nav><a href='/'>a</a></nav></body></html>", None, "short"),
    "script.html": (b"<script>var a = 1;</script>", None, "navigation"),
    "english.html": (
        PAGE.replace(GOOD, "The police arrested two men. ").encode(),
        None,
        "not_arabic",
    ),
    "nothing.warc": (b"", None, "empty"),
    "not.warc": (b"this is no archive\r\n\r\n", 0, "damaged"),
    "picture.warc": (warc(b"\x89PNG", "image/png"), 0, "unknown_kind"),
    "no-address.warc": (
        warc(PAGE.encode()).replace(b"WARC-Target-URI", b"WARC-Target-URL"),
        0,
        "damaged",
    ),
    "empty-page.warc": (warc(b""), 0, "empty"),
    "menu.warc": (warc(b"<html><body><nav>a</nav></body></html>"), 0, "short"),
    "cut.warc.gz": (cut(gzip.compress(warc(PAGE.encode()))), 0, "damaged"),
    # sentences
    "bad-sentences.txt": (lines(f"1\t{GOOD}", "no number and tab"), 1, "malformed"),
    # what is packed
    "not.zip": (b"text", None, "damaged"),
    "cut.zip": (cut(packed(("a.json", f"[{ARTICLE}]"))), None, "damaged"),
    "nothing.zip": (packed(), None, "empty"),
    "locked.zip": (encrypted(), None, "damaged"),
    "outside.zip": (packed(("../a.json", f"[{ARTICLE}]")), None, "unsafe"),
    "absolute.zip": (packed(("/etc/a.json", f"[{ARTICLE}]")), None, "unsafe"),
    "drive.zip": (packed(("C:/a.json", f"[{ARTICLE}]")), None, "unsafe"),
    "backslash.zip": (packed(("..\\a.json", f"[{ARTICLE}]")), None, "unsafe"),
    "nameless.zip": (
        packed(("a.json", f"[{ARTICLE}]")).replace(b"a.json", b"\0.json"),
        None,
        "unsafe",
    ),
    "link.zip": (packed((link("a.json"), "/etc/passwd")), None, "unsafe"),
    "bomb.zip": (packed(("a.json", b"[" + b" " * 50_000_000)), None, "unsafe"),
    "nested.zip": (packed(("b.zip", packed(("a.json", f"[{ARTICLE}]")))), None, "unsafe"),
    "picture.zip": (packed(("a.png", b"\x89PNG")), None, "unknown_kind"),
    "bad-member.zip": (packed(("a.json", b"[1]")), 0, "malformed"),
    "not.json.gz": (b"text", None, "damaged"),
    "cut.json.gz": (cut(gzip.compress(f"[{ARTICLE}]".encode() * 99)), None, "damaged"),
    "bomb.json.gz": (gzip.compress(b"[" + b" " * 50_000_000), None, "unsafe"),
    "nothing.json.gz": (gzip.compress(b""), None, "empty"),
    # folders
    "picture.png": (b"\x89PNG\r\n", None, "unknown_kind"),
    "report.docx": (packed(("word/document.xml", "<a/>")), None, "unknown_kind"),
}
del KINDS["open-quote.csv"]  # lenient readers take it for a text of two lines: nothing is lost


@pytest.fixture(scope="module")
def found(tmp_path_factory):
    """A corpus of all of them together, and one good article."""
    folder = tmp_path_factory.mktemp("bad")
    for name, (content, _, _) in KINDS.items():
        (folder / name).write_bytes(content)
    (folder / "good.json").write_text(f"[{ARTICLE}]", "utf-8")
    return read_corpus(folder)


def test_there_are_at_least_eighty_kinds_of_bad_input():
    assert len(KINDS) >= 80


@pytest.mark.parametrize("name", KINDS)
def test_bad_input_is_set_aside_with_its_place_and_reason(found, name):
    _, row, reason = KINDS[name]
    own = (pl.col("source") == name) | pl.col("source").str.starts_with(f"{name}/")
    rows = found.quarantine.filter(own).select("row", "reason").rows()
    assert rows == [(row, reason)]


def test_nothing_vanishes(found):
    facts = found.manifest
    assert facts["read"] == facts["documents"] + facts["duplicates"] + facts["quarantined"]
    assert facts["read"] == found.inputs["rows"].sum() and facts["quarantined"] == len(KINDS)
    assert set(found.inputs["source"]) == {*KINDS, "good.json"}


def test_every_reason_is_explained_and_used():
    assert {reason for _, _, reason in KINDS.values()} == set(quarantine_reasons()["reason"])


def test_strict_stops_at_the_first(tmp_path):
    (tmp_path / "a.jsonl").write_bytes(lines(ARTICLE, "{", "["))
    with pytest.raises(BadInput, match=r"a\.jsonl, row 1, was rejected as malformed \(line 2"):
        read_corpus(tmp_path, strict=True)


def test_a_corpus_with_nothing_left_says_why(tmp_path):
    (tmp_path / "a.txt").write_text("ليلى-\nنص", encoding="utf-8")
    with pytest.raises(BadInput, match=r"a\.txt was rejected as byline .* as was everything else"):
        read_corpus(tmp_path)
