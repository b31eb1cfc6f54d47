"""Comparisons of run folders: order, groups over seeds, sets that cannot be ranked, and what is left out."""

import json
from pathlib import Path

import numpy as np
import pytest

from halo.comparing.compare import compare_runs
from halo.comparing.comparison import Comparison
from halo.evaluation.document_scores import DocumentScores
from halo.runtime.errors import InputError
from tests.support.compared_runs import document_scores, write_run


def compared(folder: Path, **options: object) -> Comparison:
    return compare_runs([str(folder)], **options)  # type: ignore[arg-type]


def test_runs_are_ranked_by_validation_and_tested_against_the_best(tmp_path: Path) -> None:
    for number, (lr, nll) in enumerate([(0.1, 4.3), (0.2, 4.0), (0.3, 4.05)]):
        write_run(tmp_path / str(number), nll=nll, noise=number, optim__lr=lr)
    found = compared(tmp_path)
    assert [group.label for group in found.groups] == ["lr=0.2", "lr=0.3", "lr=0.1"]
    assert [run.trial for run in found.runs] == [1, 2, 0]
    assert found.varied == {"optim.lr": "lr"}
    second, third = found.differences
    assert second.reference == third.reference == found.groups[0].key
    test = second.splits["test"]
    assert test.change == pytest.approx(np.expm1(0.05), abs=0.01)
    assert test.over_documents is not None
    assert test.over_documents.low is not None
    assert test.over_documents.low < test.change < (test.over_documents.high or 0)
    assert test.over_documents.p_value < 0.05
    assert test.over_documents.corrected_p_value >= test.over_documents.p_value
    assert test.over_seeds is None
    assert "lr=0.3 is worse by" in found.summary[1]
    assert "another seed was not tried" in found.summary[1]
    assert json.loads(json.dumps(found.as_dict()))["measure"] == "perplexity"


def test_another_run_can_be_the_reference(tmp_path: Path) -> None:
    for lr, nll in ((0.1, 4.3), (0.2, 4.0)):
        write_run(tmp_path / f"lr {lr}", nll=nll, optim__lr=lr)
    for reference in (str(tmp_path / "lr 0.1"), "lr 0.1"):
        found = compared(tmp_path, reference=reference)
        assert found.differences[0].group == found.groups[0].key
        assert found.differences[0].splits["test"].change < 0
        assert "lr=0.2 is better by" in found.summary[1]
    with pytest.raises(InputError, match=r"not among the finished runs; give one of them, such as lr 0\.2"):
        compared(tmp_path, reference="lr 0.3")


def test_runs_that_differ_in_the_seed_are_a_group_and_compared_over_seeds(tmp_path: Path) -> None:
    for lr in (0.1, 0.2):
        for seed in (1, 2, 3):
            write_run(
                tmp_path / f"{lr}" / f"seed_{seed}", nll=4 + lr + seed / 1000, noise=seed, optim__lr=lr, seed=seed
            )
    found = compared(tmp_path)
    assert [len(group.runs) for group in found.groups] == [3, 3]
    values = [found.runs[index].value("validation") for index in found.groups[0].runs]
    assert found.groups[0].spread["validation"].mean == pytest.approx(np.mean(np.array(values, float)))
    assert found.groups[0].spread["validation"].standard_deviation == pytest.approx(
        np.std(np.array(values, float), ddof=1)
    )
    over_seeds = found.differences[0].splits["test"].over_seeds
    assert over_seeds is not None
    assert over_seeds.observations == 6
    assert over_seeds.p_value < 0.05


def test_a_copy_of_a_run_is_no_other_seed(tmp_path: Path) -> None:
    for name in ("a", "b"):
        write_run(tmp_path / name)
    found = compared(tmp_path)
    assert [group.runs for group in found.groups] == [[0]]
    assert found.notes == ["b: left out: settings, seed and figures are those of another run"]


def test_other_vocabularies_are_ranked_by_bits_per_character(tmp_path: Path) -> None:
    write_run(tmp_path / "a", nll=4.2)
    write_run(tmp_path / "b", nll=4.0, vocabulary="c", data__tokenizer__min_count=3)
    found = compared(tmp_path)
    assert found.measure == "bits_per_character"
    assert found.runs[0].name == "b"
    assert found.obstacles[0].startswith(
        "Perplexities of a and b cannot be ranked; they differ in "
        "vocabulary (9 tokens each; data.tokenizer.min_count=2 and 3)"
    )
    assert "Ranked by bits per character instead" in found.obstacles[1]
    change = found.differences[0].splits["test"].change
    assert change == pytest.approx(0.2 / 5 / np.log(2), rel=0.1)


def test_other_texts_cannot_be_ranked_at_all(tmp_path: Path) -> None:
    write_run(tmp_path / "a")
    write_run(tmp_path / "b", vocabulary="c", texts="d", data__cleaning__case="lower")
    found = compared(tmp_path)
    assert {group.comparable for group in found.groups} == {0, 1}
    assert found.best is None
    assert "cleaning (data.cleaning.case=keep and lower)" in found.obstacles[0]
    assert found.obstacles[1] == "Bits per character cannot be ranked either, since the texts differ"
    assert found.differences == []


def test_a_run_that_has_not_finished_is_a_row_without_a_rank(tmp_path: Path) -> None:
    write_run(tmp_path / "a")
    write_run(tmp_path / "b", optim__lr=0.2, finished=False)
    write_run(tmp_path / "c", nll=float("nan"), with_scores=False, optim__lr=0.3)
    found = compared(tmp_path)
    assert [run.status for run in found.runs] == ["finished", "failed", "failed"]
    assert found.runs[2].reason == "its validation perplexity is not a finite number"
    assert len(found.groups) == 1
    assert found.summary[0].startswith("Only one to rank: lr=0.01")


def test_scores_that_are_missing_are_computed_where_they_can_be(tmp_path: Path) -> None:
    for number, nll in enumerate((4.0, 4.1)):
        write_run(tmp_path / str(number), nll=nll, optim__lr=0.1 * number, with_scores=False)
    assert compared(tmp_path).notes == ["2 runs without document_scores.npz: ranked, but not tested"]

    def score(runs: object) -> dict[str, dict[str, DocumentScores] | str]:
        scores = {split: document_scores(4.0, 0, "a", f"b{split}") for split in ("validation", "test")}
        return {str(tmp_path / "0"): scores, str(tmp_path / "1"): "1: its text is gone"}

    found = compared(tmp_path, score_runs=score)
    assert found.notes == ["1: its text is gone"]
    assert found.differences[0].splits["test"].over_documents is None


def test_texts_that_were_read_in_other_streams_are_noted(tmp_path: Path) -> None:
    write_run(tmp_path / "a")
    folder = write_run(tmp_path / "b", nll=4.5, optim__lr=0.2)
    metrics = json.loads((folder / "metrics.json").read_text())
    metrics["splits"]["test"]["batch_size"] = 1
    (folder / "metrics.json").write_text(json.dumps(metrics))
    assert compared(tmp_path).notes[0].startswith("texts were read in 1 and 20 streams")


def test_scores_of_another_model_are_not_used(tmp_path: Path) -> None:
    write_run(tmp_path / "a")
    write_run(tmp_path / "b", nll=4.5, optim__lr=0.2)
    (tmp_path / "a" / "document_scores.npz").write_bytes((tmp_path / "b" / "document_scores.npz").read_bytes())
    assert "a: its document_scores.npz is of another model than its metrics.json" in compared(tmp_path).notes
