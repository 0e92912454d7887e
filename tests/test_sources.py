import json
import tomllib
import zipfile

import polars as pl
import pytest
from places import ROOT

from corpus_tools import BadInput, sources


def read(path):
    return pl.concat(list(sources.read([path])), how="diagonal_relaxed")


def test_the_byline_is_metadata_and_not_text(seed):
    row = seed.documents.row(0, named=True)
    assert (row["author"], row["outlet"], row["url"]) == ("محمد الشاوي", "بلاحدود", "bilahodoud.ma")
    assert "محمد الشاوي" not in row["text"]


def test_metadata_beside_a_text_is_added_and_agrees_with_its_byline(seed):
    path = ROOT / "seeds" / "article" / "000_f222ddbe4d105493.txt"
    byline = sources.read_byline(path.read_text("utf-8").splitlines()[0])
    beside = tomllib.loads(path.with_suffix(".toml").read_text("utf-8"))
    assert byline == {name: beside[name] for name in byline}
    assert seed.documents["subject_year"][0] == 2024
    assert "outside this project's licence" in seed.documents["rights"][0].lower()


@pytest.mark.parametrize("line", ["ليلى- الخبر", "ليلى – الخبر", "ليلى | الخبر khabar.example"])
def test_a_byline_may_use_any_dash_and_lack_an_address(line):
    assert sources.read_byline(line)["outlet"] == "الخبر"


@pytest.mark.parametrize(
    "line", ["ليلى", "ليلى-", "ليلى - khabar.example", "قالت الشرطة - أمس - إنها " + "كلمة " * 30]
)
def test_a_byline_without_outlet_is_refused_by_name_of_the_file(line):
    with pytest.raises(BadInput, match=r"a\.txt names no outlet .* make its first line"):
        sources.read_byline(line, "a.txt")


def test_json_arrays_are_read_from_a_zip_under_their_usual_names(tmp_path):
    rows = [{"source": "الخبر", "content": "نص", "date_extracted": "2015-07-21", "section": "أ"}]
    with zipfile.ZipFile(tmp_path / "day.zip", "w") as archive:
        archive.writestr("day.json", json.dumps(rows))
    row = read(tmp_path / "day.zip").row(0, named=True)
    assert (row["outlet"], row["text"], row["date"]) == ("الخبر", "نص", "2015-07-21")
    assert (row["source"], row["row"], row["section"]) == ("day.zip", 0, "أ")


BAD = {
    "empty.txt": (b"", "is empty"),
    "blank.txt": (b" \n \n", "is empty"),
    "one-line.txt": ("ليلى- الخبر".encode(), "one line only"),
    "latin.txt": ("ليلى- الخبر\nنص".encode("windows-1256"), "not UTF-8"),
    "no-outlet.txt": ("ليلى\nنص".encode(), "names no outlet"),
    "broken.json": (b'[{"text": ', "not JSON"),
    "object.json": (b'{"text": "a"}', "no array of articles"),
    "strings.json": (b'["a"]', "no array of articles"),
    "nothing.json": (b"[]", "no array of articles"),
    "no-text.json": (b'[{"titel": "a"}]', "no column of texts"),
    "broken.zip": (b"PK\x03\x04 and no more", "cannot be unpacked"),
    "not-a.zip": (b"text", "cannot be unpacked"),
    "article.doc": (b"text", "no known kind"),
}


@pytest.mark.parametrize("name", BAD)
def test_bad_files_are_named_with_what_to_do(tmp_path, name):
    content, reason = BAD[name]
    path = tmp_path / name
    path.write_bytes(content)
    with pytest.raises(BadInput, match=reason) as error:
        list(sources.read([path]))
    message = str(error.value)
    assert name in message and ":" in message and message.endswith(".") and "\n" not in message


def test_bad_metadata_is_named(tmp_path):
    (tmp_path / "a.txt").write_text("ليلى- الخبر\nنص", encoding="utf-8")
    (tmp_path / "a.toml").write_text("title = ", encoding="utf-8")
    with pytest.raises(BadInput, match=r"a\.toml is not TOML"):
        read(tmp_path)


def test_a_zip_without_articles_is_refused(tmp_path):
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        archive.writestr("readme.md", "no")
    with pytest.raises(BadInput, match=r"no \.json file"):
        read(tmp_path / "a.zip")


def test_missing_and_empty_folders_are_refused(tmp_path):
    with pytest.raises(BadInput, match="does not exist"):
        read(tmp_path / "nowhere")
    with pytest.raises(BadInput, match="holds no articles"):
        read(tmp_path)


def test_files_are_read_in_the_order_of_their_names(tmp_path):
    for name in ("b.txt", "a.txt", "sub/c.txt"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text("ليلى- الخبر\nنص", encoding="utf-8")
    assert read(tmp_path)["source"].to_list() == ["a.txt", "b.txt", "sub/c.txt"]
