from __future__ import annotations

import csv
import io
import tempfile
from pathlib import Path

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from studio.datasets.errors import DatasetError
from studio.datasets.options import ImportOptions
from studio.datasets.readers import delimited
from studio.datasets.readers.encodings import detect
from studio.datasets.readers.raw import RawTable, RawWriter, unique_names
from studio.datasets.report import Report


def read(content: bytes, report: Report | None = None, **options: object) -> RawTable:
    folder = Path(tempfile.mkdtemp())
    return delimited.read_delimited(
        lambda: io.BytesIO(content), "table.csv", len(content), lambda names: RawWriter(folder / "raw.arrow", names), ImportOptions.read(options),
        report or Report(), _unwatched,
    )  # fmt: skip


def refusal(content: bytes) -> str:
    """The sentence with which a table is refused, "" if it is not."""
    try:
        read(content)
    except DatasetError as error:
        return str(error)
    return ""


def _unwatched(fraction: float) -> None:
    """A progress that nobody looks at."""


def rows_of(table: RawTable) -> list[list[str]]:
    columns = [table.column(position).to_pylist() for position in range(len(table.names))]
    return [[cell or "" for cell in row] for row in zip(*columns, strict=True)]


words = st.text(st.characters(blacklist_categories=("Cs", "Cc"), blacklist_characters="\u2028\u2029\x85"), max_size=12).map(str.strip)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(words, st.integers(-999, 999), st.floats(-1e6, 1e6)), min_size=3, max_size=30), st.sampled_from(delimited.DELIMITERS))
def test_what_csv_writes_is_read_with_any_delimiter(rows: list[tuple[str, int, float]], delimiter: str) -> None:
    assume(not any(other in word for word, _, _ in rows for other in delimited.DELIMITERS))
    out = io.StringIO()
    writer = csv.writer(out, delimiter=delimiter)
    writer.writerows([("name", "count", "size"), *rows])
    table = read(out.getvalue().encode("utf-8"))
    assert table.names == ["name", "count", "size"]
    assert rows_of(table) == [[word, str(count), str(size)] for word, count, size in rows]


@settings(max_examples=40, deadline=None)
@given(st.binary(min_size=1, max_size=400))
def test_any_bytes_are_a_table_or_refused_with_a_sentence(content: bytes) -> None:
    assert refusal(content).endswith((".", ")", ""))


@settings(max_examples=60, deadline=None)
@given(st.lists(st.lists(st.text('ab1",\n ;', max_size=5), min_size=1, max_size=5), min_size=1, max_size=12))
def test_any_mess_of_quotes_and_breaks_is_a_table_or_refused(cells: list[list[str]]) -> None:
    assert "\n" not in refusal("\n".join(",".join(row) for row in cells).encode())


_TEXTS = {
    "utf-8": "größe,名前,label\n1,äöü,ja\n2,中文,nein\n",
    "utf-8-sig": "größe,名前,label\n1,äöü,ja\n2,中文,nein\n",
    "utf-16": "größe,名前,label\n1,äöü,ja\n2,中文,nein\n",
    "utf-16-le": "groesse,name,label\n1,abc,ja\n2,def,nein\n",
    "gb18030": "城市,面积,等级\n北京,100.5,高\n上海,156.2,低\n深圳,88.1,高\n",
    "big5": "城市,面積,等級\n臺北,100.5,高\n高雄,156.2,低\n臺中,88.1,高\n",
    "shift_jis": "都市,面積,クラス\n東京,100.5,たかい\n大阪,156.2,ひくい\nさっぽろ,88.1,たかい\n",
    "euc_kr": "도시,면적,등급\n서울,100.5,높음\n부산,156.2,낮음\n대구,88.1,높음\n",
    "cp1252": "Straße;Größe;Klasse\nMünchner Straße;1,5;groß\nKöln;2,5;klein\nGöttingen;3,0;groß\n",
    "cp1251": "город,площадь,класс\nМосква,100.5,высокий\nКазань,156.2,низкий\nТверь,88.1,высокий\n",
}


@pytest.mark.parametrize("encoding", _TEXTS)
def test_encodings_are_found(encoding: str) -> None:
    text = _TEXTS[encoding]
    table = read(text.encode(encoding))
    delimiter = ";" if ";" in text else ","
    assert table.names == text.split("\n")[0].split(delimiter)
    assert rows_of(table) == [line.split(delimiter) for line in text.strip().split("\n")[1:]]


@settings(max_examples=60)
@given(st.text(min_size=1))
def test_utf8_is_always_recognised(text: str) -> None:
    content = text.encode("utf-8", "surrogatepass")
    assume(b"\0" not in content and "\ufeff" not in text[:1])
    try:
        content.decode("utf-8")
    except UnicodeDecodeError:
        assume(False)
    assert detect(io.BytesIO(content)).name == "utf-8"


def test_a_given_encoding_that_does_not_fit_is_refused() -> None:
    with pytest.raises(DatasetError, match="can't be read as ascii"):
        read("a,b\nä,1\n".encode(), encoding="ascii")
    with pytest.raises(DatasetError, match="no encoding named"):
        read(b"a,b\n1,2\n", encoding="utf-99")


def test_ragged_rows_are_named() -> None:
    report = Report()
    table = read(b"a,b,c\n1,2,x\n1,2\n1,2,y\n1,2,x,4\n\n1,2,y\n", report)
    assert table.rows == 3
    assert report.warnings() == ["Left out 1 row (fewer than 3 cells): 3.", "Left out 1 row (more than 3 cells): 5."]


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("a,b\n1,x\n2,y\n", ["a", "b"]),
        ("1,x\n2,y\n3,x\n", ["column_1", "column_2"]),
        ("1.5,2\n2.5,3\n3.5,4\n", ["column_1", "column_2"]),
        ("0,1,2\n2.5,3,7\n3.5,4,8\n", ["0", "1", "2"]),
        ("red,yes\nblue,no\nred,yes\n", ["column_1", "column_2"]),
        ("text,label\nhello you,a\nbye you,b\n", ["text", "label"]),
        ("sep=;\na;b\n1;2\n3;4\n", ["a", "b"]),
        ("A report\n\na;b;c\n1;2;3\n3;4;5\n4;5;6\n", ["a", "b", "c"]),
        ("a b   c\n1  2 3\n4 5  6\n", ["a", "b", "c"]),
        ("x y\nr1 1 2\nr2 3 4\n", ["column_1", "x", "y"]),
        ("a;b;\n1;2;\n3;4;\n", ["a", "b", "column_3"]),
        ("a,a, a ,\n1,2,3,4\n5,6,7,8\n", ["a", "a_2", "a_3", "column_4"]),
        ('"a","b"\r\n"1","x, y"\r\n"2","z"\r\n', ["a", "b"]),
        ("a,b\r1,2\r3,4\r", ["a", "b"]),
    ],
)
def test_headers_and_odd_forms(text: str, names: list[str]) -> None:
    assert read(text.encode()).names == names


def test_a_header_can_be_insisted_on() -> None:
    assert read(b"1,2\n3,4\n5,6\n", header=True).names == ["1", "2"]
    assert read(b"a,b\n3,4\n5,6\n", header=False).rows == 3


def test_a_quotation_mark_that_is_never_closed_costs_named_rows() -> None:
    report = Report()
    lines = ["a,b"] + [f"{number},x" for number in range(20)] + ['21,"y'] + [f"{number},x" for number in range(22, 40)]
    table = read("\n".join(lines).encode(), report)
    assert table.rows == 38
    assert report.warnings() == ["Left out 1 row (a quotation mark is never closed): 22."]


@pytest.mark.parametrize("content", [b"only\none\ncolumn\n", b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", b"   \n  \n"])
def test_what_is_no_table_is_refused(content: bytes) -> None:
    with pytest.raises(DatasetError):
        read(content)


@pytest.mark.parametrize("quoted", [False, True])
def test_the_quick_way_reads_the_same(quoted: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    out = io.StringIO()
    csv.writer(out, quoting=csv.QUOTE_ALL if quoted else csv.QUOTE_MINIMAL).writerows(
        [("name", "n", "note"), *[(f"größe {number}", number / 7, 'say "hi",\nthere' if number % 5 == 0 else "") for number in range(500)]]
    )
    content = out.getvalue().encode()
    slow = rows_of(read(content))
    monkeypatch.setattr(delimited, "_FAST_BYTES", 0)
    used = []
    original = delimited.read_regular
    monkeypatch.setattr(delimited, "read_regular", lambda *given: used.append(original(*given)) or used[-1])
    assert rows_of(read(content)) == slow
    assert used == [True]
    ragged = content + b"1,2\n"
    report = Report()
    assert rows_of(read(ragged, report)) == slow
    assert used == [True, False]
    assert "fewer than 3 cells" in report.warnings()[0]


def test_names_become_unique() -> None:
    assert unique_names(["a", "a", "a_2", None])[0] == ["a", "a_3", "a_2", "column_4"]
