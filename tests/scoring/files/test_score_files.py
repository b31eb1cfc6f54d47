"""A file of texts becomes a file of scores: each text, each word and each column of the input is there."""

import csv
import io
import logging
from functools import cache
from pathlib import Path

import pytest

from halo.bundle.loading import Bundle
from halo.config import ScoreConfig, parse
from halo.runtime.errors import InputError
from halo.runtime.hydra_quoting import literal_settings
from halo.scoring.files import items as module
from halo.scoring.files.score_files import score_files
from halo.scoring.scorer import score_texts
from tests.conftest import compose_config
from tests.support.tiny_bundles import tiny_bundle

ITEMS = 'item,word,sentence,critical\n1,w,"the virus, spreads",2-3\n2,x,,\n3,y,😀,1\n4,z,so  fast zyzzyva,"1,2-3"\n'


@cache
def bundle() -> Bundle:
    return tiny_bundle()


def score_config(*overrides: str) -> ScoreConfig:
    return parse(compose_config("score", ["bundle=b", "ngrams=false", *literal_settings(overrides)]), ScoreConfig)


def score(*overrides: str, is_terminal: bool = False) -> tuple[list[dict[str, str]], str]:
    """Returns the rows that a command prints, and the whole output."""
    config = score_config(*overrides)
    lines: list[str] = []
    score_files(bundle(), config, print_text=lines.append, is_terminal=is_terminal)
    text = "".join(lines)
    return [*csv.DictReader(io.StringIO(text), delimiter="\t")], text


@pytest.fixture
def items(tmp_path: Path) -> Path:
    file = tmp_path / "items.csv"
    file.write_text(ITEMS, encoding="utf-8")
    return file


def test_every_word_has_a_row_with_the_columns_of_the_input(items: Path, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO):
        rows, _ = score(f"path={items}")
    words = ["the", "virus,", "spreads", "", "😀", "so", "fast", "zyzzyva"]
    assert [row["word"] for row in rows] == words
    assert [row["sentence_id"] for row in rows] == ["1", "1", "1", "2", "3", "4", "4", "4"]
    assert [row["input_word"] for row in rows] == [*"wwwxyzzz"]
    assert [row["note"] for row in rows] == ["", "", "", "empty", "removed", "", "", ""]
    assert {name: rows[5][name] for name in ("item", "critical", "start", "end", "known")} == {
        **{"item": "4", "critical": "1,2-3", "start": "0", "end": "2", "known": "true"},
    }
    assert rows[7]["known"] == "false"
    (expected,) = score_texts(bundle(), ["the virus, spreads"])
    assert [float(row["surprisal_bits"]) for row in rows[:3]] == pytest.approx(
        [word.bits for word in expected.words], rel=1e-5
    )
    assert "each text is read by itself, after <eos> (context=reset)" in caplog.text
    assert "4 texts, 7 words, 7 tokens: " in caplog.text
    assert "1 word without own scores: " in caplog.text
    assert "2 texts without a word to score; the rows have empty values" in caplog.text


def test_chunks_change_nothing(items: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for context in ("reset", "running"):
        _, whole = score(f"path={items}", f"context={context}")
        monkeypatch.setattr(module, "TEXTS_PER_CHUNK", 1)
        rows, parts = score(f"path={items}", f"context={context}")
        assert parts.splitlines()[0] == whole.splitlines()[0]
        before = [*csv.DictReader(io.StringIO(whole), delimiter="\t")]
        for one, other in zip(rows, before, strict=True):
            assert one["word"] == other["word"]
            assert float(one["surprisal_bits"] or 0) == pytest.approx(float(other["surprisal_bits"] or 0), abs=1e-5)
        monkeypatch.undo()


def test_regions_are_sums_of_their_words(items: Path) -> None:
    words, _ = score(f"path={items}", "regions=critical")
    assert [row["region"] for row in words] == ["", "1", "1", "", "1", "1", "2", "2"]
    regions, _ = score(f"path={items}", "regions=critical", "unit=region")
    assert [(row["sentence_id"], row["region"], row["note"]) for row in regions] == [
        *(
            ("1", "virus, spreads", ""),
            ("2", "", "empty"),
            ("3", "😀", "removed"),
            ("4", "so", ""),
            ("4", "fast zyzzyva", ""),
        ),
    ]
    sums = sum(float(row["surprisal_bits"]) for row in words[1:3])
    assert float(regions[0]["surprisal_bits"]) == pytest.approx(sums, abs=1e-4)
    texts, _ = score(f"path={items}", "unit=text")
    assert [row["text"] for row in texts] == ["the virus, spreads", "", "😀", "so  fast zyzzyva"]
    assert [row["item"] for row in texts] == ["1", "2", "3", "4"]
    marked, _ = score("text=the [virus spreads] so", "regions=brackets", "unit=region")
    plain, _ = score("text=the virus spreads so")
    sums = sum(float(row["surprisal_bits"]) for row in plain[1:3])
    assert float(marked[0]["surprisal_bits"]) == pytest.approx(sums, abs=1e-4)


def test_other_tools_have_exactly_their_columns(items: Path, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO):
        _, text = score(f"path={items}", "format=neural-complexity")
    assert text.splitlines()[0] == "word sentid sentpos wlen surp entropy entred"
    assert text.splitlines()[4].split(" ") == ["😀", "2", "0", "1", "NA", "NA", "NA"]
    assert "format=neural-complexity has no other columns: item, word, critical are left out" in caplog.text
    rows, text = score(f"path={items}", "format=lm-zoo", "oov=na")
    assert text.splitlines()[0] == "sentence_id\ttoken_id\ttoken\tsurprisal"
    assert [row["token"] for row in rows] == ["the", "virus", ",", "spreads", "so", "fast", "<unk>"]
    assert rows[-1]["surprisal"] == ""


def test_a_terminal_gets_a_table_and_a_file_its_format(items: Path, tmp_path: Path) -> None:
    _, text = score(f"path={items}", is_terminal=True)
    assert "Text 4: surprisal in bits" in text
    _, text = score(f"path={items}", f"output={tmp_path}/a.csv", is_terminal=True)
    assert text == ""
    assert (tmp_path / "a.csv").read_text(encoding="utf-8").startswith("sentence_id,word_id,word,")
    _, text = score(f"path={items}", "output=-", is_terminal=True)
    assert text.startswith("sentence_id\t")


@pytest.mark.parametrize(
    ("overrides", "message"),
    [
        (("regions=nothing",), r"regions=nothing: no such column in .* \(other columns: 'item', 'word', 'critical'\)"),
        (("regions=item", "unit=region"), "line 3: item='2': no words 2; the text has 0 words"),
        (("text_field=none",), "no column 'none'"),
    ],
)
def test_wrong_columns_are_refused(overrides: tuple[str, ...], message: str, items: Path) -> None:
    config = score_config(f"path={items}", *overrides)
    lines: list[str] = []
    with pytest.raises(InputError, match=message):
        score_files(bundle(), config, print_text=lines.append, is_terminal=False)
    assert lines == []


def test_texts_without_a_word_are_refused_and_leave_no_file(tmp_path: Path) -> None:
    file = tmp_path / "a.txt"
    file.write_text("😀\n\n", encoding="utf-8")
    with pytest.raises(InputError, match=r"path=.*a.txt: contains no words"):
        score(f"path={file}", f"output={tmp_path}/b.csv")
    with pytest.raises(InputError, match="text='😀': contains no words"):
        score("text=😀")
    assert [each.name for each in tmp_path.iterdir()] == ["a.txt"]


def test_the_name_of_a_file_is_no_text(items: Path) -> None:
    with pytest.raises(InputError, match="is the name of a file; use path="):
        score(f"text={items}")
