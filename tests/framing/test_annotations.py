"""Human codings, from tables and from what annotation tools export."""

import io
import json
import re
import zipfile

import cassis
import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from corpus_tools.errors import BadInput
from corpus_tools.framing.annotations import open_gold, read_annotations, select_coder
from corpus_tools.framing.codebook import read_codebook
from corpus_tools.framing.refi_qda import write_qdc

BOOK = read_codebook()
FIRST = ["عاد الهدوء إلى المدينة.", "ألقت الشرطة القبض على عصابة.", "كان الطقس جميلا."]
SECOND = ["خصصت الحكومة ميزانية.", "عاد الهدوء إلى المدينة."]


@pytest.fixture
def texts(article):
    return article(FIRST, SECOND)


def rows(table):
    return sorted(table.select("coder", "document", "paragraph", "frames").rows())


def test_a_table_has_a_column_for_each_coder(texts, tmp_path):
    (tmp_path / "c.csv").write_text(
        "document,paragraph,ann,ben\n000,1,crime_control threat,crime_control\n001,0,,economy\n",
        "utf-8",
    )
    assert rows(read_annotations(tmp_path / "c.csv", texts, BOOK)) == [
        ("ann", 0, 1, ["crime_control", "threat"]),
        ("ann", 1, 0, []),
        ("ben", 0, 1, ["crime_control"]),
        ("ben", 1, 0, ["economy"]),
    ]


def test_a_long_table_and_labels_in_arabic_or_english(texts, tmp_path):
    (tmp_path / "c.tsv").write_text(
        "coder\tdocument\tparagraph\tframes\nann\t000\t1\tCrime control; التهديد\nann\t000\t2\t\n",
        "utf-8",
    )
    assert rows(read_annotations(tmp_path / "c.tsv", texts, BOOK)) == [
        ("ann", 0, 1, ["crime_control", "threat"]),
        ("ann", 0, 2, []),
    ]


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        ("document,ann\n000,x\n", "has no column «paragraph»"),
        ("id,paragraph,ann\n000,0,x\n", "has no column «document»"),
        ("document,paragraph,ann\n000,0,weather\n", "line 2: the label «weather» is not a frame"),
        ("document,paragraph,ann\n000,0,\n009,0,\n", "line 3: the corpus has no document «009»"),
        ("document,paragraph,ann\n000,7,\n", "document «000» has no paragraph «7»"),
        ("document,paragraph,ann\n000,one,\n", "document «000» has no paragraph «one»"),
        ("document,paragraph,ann\n", "holds no coding"),
    ],
)
def test_what_is_wrong_with_a_table_is_said(texts, tmp_path, content, reason):
    (tmp_path / "c.csv").write_text(content, "utf-8")
    with pytest.raises(BadInput, match=reason):
        read_annotations(tmp_path / "c.csv", texts, BOOK)


def span(text, part):
    start = text.index(part)
    return start, start + len(part)


def test_doccano_marks_stretches_or_whole_texts(texts, tmp_path):
    whole = "\n\n".join(FIRST)  # a tool may show paragraphs with a blank line between them
    start, end = span(whole, "القبض على عصابة")
    entries = [
        {"id": 1, "text": whole, "label": [[start, end, "crime_control"]]},
        {"id": 2, "text": SECOND[0], "label": ["economy"]},
    ]
    lines = "\n".join(json.dumps(entry, ensure_ascii=False) for entry in entries)
    (tmp_path / "ann.jsonl").write_text(lines, "utf-8")
    assert rows(read_annotations(tmp_path / "ann.jsonl", texts, BOOK)) == [
        ("ann", 0, 0, []),
        ("ann", 0, 1, ["crime_control"]),
        ("ann", 0, 2, []),
        ("ann", 1, 0, ["economy"]),
    ]
    mark = {"id": 5, "label": "crime_control", "start_offset": start, "end_offset": end}
    relations = {"text": whole, "entities": [mark], "relations": []}
    (tmp_path / "r.jsonl").write_text(json.dumps(relations), "utf-8")
    assert read_annotations(tmp_path / "r.jsonl", texts, BOOK)["frames"].to_list()[1] == [
        "crime_control"
    ]


def test_a_zip_of_doccano_holds_a_file_for_each_coder(texts, tmp_path):
    entry = json.dumps({"text": FIRST[2], "label": []})
    with zipfile.ZipFile(tmp_path / "p.zip", "w") as archive:
        for name in ("ann", "ben", "all"):  # "all" repeats the others
            archive.writestr(f"{name}.jsonl", entry)
    found = read_annotations(tmp_path / "p.zip", texts, BOOK)
    assert rows(found) == [("ann", 0, 2, []), ("ben", 0, 2, [])]


def test_label_studio_names_who_completed_what(texts, tmp_path):
    text = "\n".join(FIRST)
    start, end = span(text, "الطقس")
    marked = {"value": {"start": start, "end": end, "labels": ["morality"]}, "type": "labels"}
    chosen = {"value": {"choices": ["economy"]}, "type": "choices"}
    ben = {"id": 8, "email": "ben@example.org"}
    first = [
        {"completed_by": 7, "result": [marked]},
        {"completed_by": ben, "result": []},
        {"completed_by": 9, "was_cancelled": True, "result": []},
    ]
    second = [{"completed_by": 7, "result": [chosen]}]
    tasks = [
        {"id": 3, "data": {"text": text}, "annotations": first},
        {"id": 4, "data": {"text": SECOND[0]}, "annotations": second},
    ]
    (tmp_path / "export.json").write_text(json.dumps(tasks), "utf-8")
    found = read_annotations(tmp_path / "export.json", texts, BOOK)
    assert rows(found) == [
        ("7", 0, 0, []), ("7", 0, 1, []), ("7", 0, 2, ["morality"]), ("7", 1, 0, ["economy"]),
        ("ben@example.org", 0, 0, []), ("ben@example.org", 0, 1, []), ("ben@example.org", 0, 2, []),
    ]  # fmt: skip


EMOJI = "عاد الهدوء إلى المدينة 😀😀."


def test_doccano_counts_as_a_browser_does(texts, tmp_path):
    text = "\n".join([EMOJI, *FIRST[1:]])
    start, end = span(text, "جميلا.")  # to the end: two units further on, for two signs
    entry = {"text": text, "label": [[start + 2, end + 2, "morality"]]}
    (tmp_path / "ann.jsonl").write_text(json.dumps(entry), "utf-8")
    found = read_annotations(tmp_path / "ann.jsonl", texts, BOOK)["frames"].to_list()
    assert found == [[], [], ["morality"]]


@pytest.mark.parametrize("further", [0, 2, 5])  # characters, units of UTF-16, or neither
def test_label_studio_says_what_was_marked_whatever_it_counts(texts, tmp_path, further):
    text = "\n".join([EMOJI, *FIRST[1:]])
    start, end = span(text, "جميلا.")
    value = {
        "start": start + further,
        "end": end + further,
        "text": "جميلا.",
        "labels": ["morality"],
    }
    task = {
        "data": {"text": text},
        "annotations": [{"completed_by": 1, "result": [{"value": value}]}],
    }
    (tmp_path / "export.json").write_text(json.dumps([task]), "utf-8")
    found = read_annotations(tmp_path / "export.json", texts, BOOK)["frames"].to_list()
    assert found == [[], [], ["morality"]]


def cas(text, marks):
    """A CAS as INCEpTION writes it: a layer of its own with a string feature, and one of tokens."""
    system = cassis.TypeSystem()
    layer = system.create_type("webanno.custom.Frame", supertypeName="uima.tcas.Annotation")
    system.create_feature(layer, name="label", rangeType="uima.cas.String")
    token = system.create_type(
        "de.tudarmstadt.ukp.dkpro.core.api.segmentation.type.Token", "uima.tcas.Annotation"
    )
    system.create_feature(token, name="form", rangeType="uima.cas.String")
    made = cassis.Cas(typesystem=system)
    made.sofa_string, made.sofa_mime = text, "text/plain"
    made.add(token(begin=0, end=3, form="x"))
    for begin, end, label in marks:
        made.add(layer(begin=begin, end=end, label=label))
    return made.to_xmi().encode(), system.to_xml().encode()


def test_inception_as_one_document_and_as_a_project(texts, tmp_path):
    # A sign outside the basic plane before the mark: Java counts it as two.
    text = "\n".join(["عاد الهدوء إلى المدينة 😀.", *FIRST[1:]])
    xmi, types = cas(text, [(*span(text, "عصابة"), "crime_control")])
    (tmp_path / "ann.xmi").write_bytes(xmi)
    with pytest.raises(BadInput, match=r"TypeSystem\.xml is not beside it"):
        read_annotations(tmp_path / "ann.xmi", texts, BOOK)
    (tmp_path / "TypeSystem.xml").write_bytes(types)
    expected = [("ann", 0, 0, []), ("ann", 0, 1, ["crime_control"]), ("ann", 0, 2, [])]
    assert rows(read_annotations(tmp_path / "ann.xmi", texts, BOOK)) == expected
    with zipfile.ZipFile(tmp_path / "project.zip", "w") as project:
        for coder in ("ann", "ben", "INITIAL_CAS"):  # the last is the text before any coder
            inner = io.BytesIO()
            with zipfile.ZipFile(inner, "w") as archive:
                archive.writestr(f"{coder}.xmi", xmi)
                archive.writestr("TypeSystem.xml", types)
            project.writestr(f"annotation/text.txt/{coder}.zip", inner.getvalue())
        project.writestr("exportedproject.json", "{}")
    found = read_annotations(tmp_path / "project.zip", texts, BOOK)
    assert rows(found.filter(coder="ann")) == expected
    assert found["coder"].unique().sort().to_list() == ["ann", "ben"]


PROJECT = """<?xml version="1.0" encoding="utf-8"?>
<Project xmlns="urn:QDA-XML:project:1.0" name="p" origin="test">
<Users><User guid="U1" name="ann"/><User guid="U2" name="ben"/></Users>
<CodeBook><Codes><Code guid="C0" name="All" isCodable="false">
<Code guid="C1" name="Crime control" isCodable="true"/>
<Code guid="C2" name="economy" isCodable="true"/></Code></Codes></CodeBook>
<Sources>
<TextSource guid="S1" name="first" plainTextPath="internal://S1.txt" creatingUser="U1">
<PlainTextSelection guid="P1" startPosition="{0}" endPosition="{1}" creatingUser="U1">
<Coding guid="K1" creatingUser="U1"><CodeRef targetGUID="C1"/></Coding></PlainTextSelection>
<PlainTextSelection guid="P2" startPosition="0" endPosition="4" creatingUser="U2">
<Coding guid="K2"><CodeRef targetGUID="C2"/></Coding></PlainTextSelection>
</TextSource></Sources></Project>"""


def project(path, xml, text):
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("project.qde", xml)
        if text is not None:
            archive.writestr("sources/S1.txt", text)


def test_a_refi_qda_project_holds_the_codings_of_its_users(texts, tmp_path):
    text = "\n".join(FIRST)
    project(tmp_path / "p.qdpx", PROJECT.format(*span(text, "القبض")), text)
    assert rows(read_annotations(tmp_path / "p.qdpx", texts, BOOK)) == [
        ("ann", 0, 0, []), ("ann", 0, 1, ["crime_control"]), ("ann", 0, 2, []),
        ("ben", 0, 0, ["economy"]), ("ben", 0, 1, []), ("ben", 0, 2, []),
    ]  # fmt: skip


def test_what_is_wrong_with_a_project_is_said(texts, tmp_path):
    text, xml = "\n".join(FIRST), PROJECT.format(0, 4)
    cases = {
        "is not a REFI-QDA project": ("<x/>", None, b"no zip"),
        "the text of first is not inside": (xml, None, None),
        "a coding of first names no code": (xml.replace('"C1"/', '"C9"/'), text, None),
        "declares entities": ('<!DOCTYPE x [<!ENTITY a "b">]>' + xml[39:], text, None),
        "is not valid XML": (xml[:-5], text, None),
        "outside the text": (xml.replace('endPosition="4"', 'endPosition="999"'), text, None),
        "the label «all» is not a frame": (xml.replace('"C1"/', '"C0"/'), text, None),
    }  # fmt: skip
    for reason, (content, inside, raw) in cases.items():
        place = tmp_path / "p.qdpx"
        project(place, content, inside)
        if raw:
            place.write_bytes(raw)
        with pytest.raises(BadInput, match=reason):
            read_annotations(place, texts, BOOK)


def test_what_cannot_be_unpacked_is_said(texts, tmp_path):
    text = "\n".join(FIRST)
    project(tmp_path / "p.qdpx", PROJECT.format(0, 4), text.encode("utf-16"))
    with pytest.raises(BadInput, match=r"sources/S1\.txt is not UTF-8"):
        read_annotations(tmp_path / "p.qdpx", texts, BOOK)
    project(tmp_path / "p.qdpx", PROJECT.format(0, 4), text)
    whole = (tmp_path / "p.qdpx").read_bytes()
    at = whole.index(text.encode()[:20])  # stored, not packed: its sum no longer fits
    (tmp_path / "p.qdpx").write_bytes(whole[:at] + b"x" + whole[at + 1 :])
    with pytest.raises(BadInput, match=r"sources/S1\.txt cannot be unpacked"):
        read_annotations(tmp_path / "p.qdpx", texts, BOOK)
    with zipfile.ZipFile(tmp_path / "project.zip", "w") as archive:
        archive.writestr("annotation/text.txt/ann.zip", b"no zip")
    with pytest.raises(BadInput, match=r"ann\.zip is not a valid zip archive"):
        read_annotations(tmp_path / "project.zip", texts, BOOK)


def test_a_stretch_codes_every_paragraph_it_touches(texts, tmp_path):
    text = "\n".join(FIRST)
    entry = {"text": text, "label": [[text.index("المدينة"), text.index("القبض") + 2, "conflict"]]}
    (tmp_path / "ann.jsonl").write_text(json.dumps(entry), "utf-8")
    found = read_annotations(tmp_path / "ann.jsonl", texts, BOOK)["frames"].to_list()
    assert found == [["conflict"], ["conflict"], []]


def test_a_paragraph_that_recurs_is_that_of_its_own_text(texts, tmp_path):
    # "Calm came back to the town." stands in both; the text as a whole says which is meant.
    entry = {"text": "\n".join(SECOND), "label": [[25, 30, "public_trust"]]}
    (tmp_path / "ann.jsonl").write_text(json.dumps(entry), "utf-8")
    assert read_annotations(tmp_path / "ann.jsonl", texts, BOOK)["document"].to_list() == [1, 1]


@pytest.mark.parametrize(
    ("name", "content", "reason"),
    [
        ("a.jsonl", '{"text": "نص آخر.", "label": []}', "1 of 1 paragraphs are not in the corpus"),
        ("a.jsonl", '{"label": []}', "entry 1 is neither doccano's nor Label Studio's"),
        ("a.jsonl", "{", "is not valid JSON"),
        ("a.json", "[1]", "entry 1 is neither"),
        ("a.docx", "", "is of an unknown kind"),
        ("a.zip", "", "is not a valid zip archive"),
        ("a.xmi", "<x/>", "TypeSystem.xml is not beside it"),
    ],
)
def test_what_is_wrong_with_an_export_is_said(texts, tmp_path, name, content, reason):
    (tmp_path / name).write_text(content, "utf-8")
    with pytest.raises(BadInput, match=reason):
        read_annotations(tmp_path / name, texts, BOOK)
    with pytest.raises(BadInput, match=r"is not a file|does not exist"):
        read_annotations(tmp_path / f"nowhere-{name}", texts, BOOK)


def test_a_cas_that_is_none_is_said(texts, tmp_path):
    (tmp_path / "a.xmi").write_text("<x/>", "utf-8")
    (tmp_path / "TypeSystem.xml").write_text("<y/>", "utf-8")
    with pytest.raises(BadInput, match="is not a CAS in INCEpTION's format"):
        read_annotations(tmp_path / "a.xmi", texts, BOOK)


def test_a_codebook_survives_the_way_to_other_programs_and_back(tmp_path):
    write_qdc(BOOK.frames, tmp_path / "b.qdc")
    again = read_codebook(tmp_path / "b.qdc")
    for column in BOOK.frames.columns:
        if column != "survives_negation":  # other programs know of no such thing
            assert again.frames[column].to_list() == BOOK.frames[column].to_list(), column
    assert again.cues.is_empty()
    before = (tmp_path / "b.qdc").read_bytes()
    hexa = r"[0-9A-F]{8}-(?:[0-9A-F]{4}-){3}[0-9A-F]{12}"
    assert len(set(re.findall(rf'<Code guid="({hexa})"', before.decode()))) == 16
    write_qdc(again.frames, tmp_path / "b.qdc")
    assert (tmp_path / "b.qdc").read_bytes() == before  # its GUIDs stay, too


def test_a_codebook_of_another_program_is_read(tmp_path):
    (tmp_path / "other.qdc").write_text(
        '<CodeBook xmlns="urn:QDA-XML:codebook:1.0" origin="Another 9"><Codes>'
        '<Code guid="1" name="Public trust" isCodable="true"><Description>closeness\nto people'
        '</Description><Code guid="2" name="الثقة" isCodable="true"/></Code></Codes></CodeBook>',
        "utf-8",
    )
    book = read_codebook(tmp_path / "other.qdc")
    assert book.frames.select("frame", "definition", "source").rows() == [
        ("public_trust", "closeness to people", "Another 9"),
        ("الثقة", "الثقة", "Another 9"),
    ]
    (tmp_path / "no.qdc").write_text("<x/>", "utf-8")
    with pytest.raises(BadInput, match="is not a REFI-QDA codebook"):
        read_codebook(tmp_path / "no.qdc")


def test_a_folder_of_coded_texts_is_opened_or_said_to_lack_something(tmp_path):
    with pytest.raises(BadInput, match="articles does not exist"):
        open_gold(tmp_path, BOOK)
    table = pl.DataFrame({"coder": ["a"], "document": [0], "paragraph": [0], "frames": [["x"]]})
    with pytest.raises(BadInput, match="no coder is called «gold»"):
        select_coder(table, "gold")


def only_bad_input(work):
    """Whatever the file holds, it is read or refused in one sentence."""
    try:
        work()
    except BadInput as error:
        assert "\n" not in str(error)


TREES = st.recursive(
    st.none() | st.booleans() | st.integers(-9, 99) | st.text(max_size=5) | st.just(FIRST[0]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["text", "data", "label", "annotations", "result", "value", "start",
                             "end", "labels", "entities", "completed_by", "meta", "id"]),
            inner, max_size=4)
    ),
    max_leaves=12,
)  # fmt: skip


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(content=st.binary(max_size=60), suffix=st.sampled_from(
    [".json", ".jsonl", ".qdpx", ".zip", ".xmi", ".csv", ".tsv", ".qdc", ".toml"]))  # fmt: skip
def test_bytes_that_nobody_wrote_are_refused(texts, tmp_path, content, suffix):
    place = tmp_path / f"a{suffix}"
    place.write_bytes(content)
    (tmp_path / "TypeSystem.xml").write_bytes(content)
    read = read_codebook if suffix in (".qdc", ".toml") else None
    only_bad_input(lambda: read(place) if read else read_annotations(place, texts, BOOK))


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(entries=st.lists(TREES, min_size=1, max_size=3))
def test_json_of_any_shape_is_read_or_refused(texts, tmp_path, entries):
    (tmp_path / "a.json").write_text(json.dumps(entries), "utf-8")
    only_bad_input(lambda: read_annotations(tmp_path / "a.json", texts, BOOK))


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(data=st.data())
def test_a_project_that_lost_something_is_read_or_refused(texts, tmp_path, data):
    text = "\n".join(FIRST)
    xml = PROJECT.format(*span(text, "القبض"))
    pieces = re.findall(r' \w+="[^"]*"', xml)
    gone = data.draw(st.lists(st.sampled_from(pieces), max_size=3))
    other = data.draw(st.sampled_from(["", "x", "-1", "é"]))
    for piece in gone:
        name = piece.split("=")[0]
        xml = xml.replace(piece, "" if not other else f'{name}="{other}"', 1)
    project(tmp_path / "p.qdpx", xml, text)
    only_bad_input(lambda: read_annotations(tmp_path / "p.qdpx", texts, BOOK))


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(cell=st.text(max_size=12), header=st.sampled_from(["ann", "frames", "coder,frames"]))
def test_a_table_with_any_cell_is_read_or_refused(texts, tmp_path, cell, header):
    (tmp_path / "c.csv").write_text(f"document,paragraph,{header}\n000,0,{cell}\n", "utf-8")
    only_bad_input(lambda: read_annotations(tmp_path / "c.csv", texts, BOOK))
