"""Which runs have measured the same text."""

from dataclasses import replace
from pathlib import Path

from halo.comparing.comparable_sets import (
    MeasuredRun,
    comparable_sets,
    text_differences,
    token_differences,
    vocabulary_hash,
)
from halo.comparing.run_reader import read_run
from halo.evaluation.document_scores import read_document_scores
from tests.support.compared_runs import write_run


def measured(folder: Path, **options: object) -> MeasuredRun:
    write_run(folder, **options)  # type: ignore[arg-type]
    return MeasuredRun(read_run(folder, folder.name), vocabulary_hash(folder), read_document_scores(folder))


def test_the_same_documents_can_be_ranked_whatever_the_settings_say(tmp_path: Path) -> None:
    first = measured(tmp_path / "a")
    second = measured(tmp_path / "b", data__path="a copy of corpus.txt", data__cleaning__case="lower")
    assert token_differences(first, second) == text_differences(first, second) == []


def test_settings_decide_where_documents_are_unknown(tmp_path: Path) -> None:
    first, same = measured(tmp_path / "a"), measured(tmp_path / "b", with_scores=False)
    other = measured(tmp_path / "c", with_scores=False, data__path="other.txt")
    assert token_differences(first, same) == []
    assert token_differences(first, other) == ["documents (data.path=corpus.txt and other.txt)"]
    assert comparable_sets([other, same, first], token_differences) == [[1, 2], [0]]


def test_other_documents_are_counted(tmp_path: Path) -> None:
    first = measured(tmp_path / "a")
    assert first.scores is not None
    fewer = {
        split: replace(each, hashes=each.hashes[1:], nll=each.nll[1:], tokens=each.tokens[1:])
        for split, each in first.scores.items()
    }
    second = replace(first, scores=fewer)
    expected = [f"{split} documents (12 and 11, of which 11 are the same)" for split in ("validation", "test")]
    assert token_differences(first, second) == expected


def test_a_run_without_tokenizer_is_not_ranked_with_others(tmp_path: Path) -> None:
    first, second = measured(tmp_path / "a"), measured(tmp_path / "b")
    (tmp_path / "b" / "tokenizer.json").unlink()
    assert vocabulary_hash(tmp_path / "b") == ""
    assert token_differences(first, replace(second, vocabulary=""))[0].startswith("vocabulary")
