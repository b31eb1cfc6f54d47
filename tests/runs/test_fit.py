"""A whole run: what it leaves, that its figures hold, and that a saved model is the trained one."""

import csv
import json
from collections.abc import Callable
from pathlib import Path

import pytest
import torch
import yaml
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

from halo.bundle.loading import open_model
from halo.config import SPLITS, TrainConfig
from halo.corpus.prepare import prepare
from halo.evaluation.text_metrics import evaluate_split
from halo.evaluation.text_scores import NLLSummary, text_nll, windows_to_score
from halo.runs.fit import fit
from halo.runtime.errors import InputError
from tests.conftest import EXHAUSTIVE, Outcome, Run


def test_it_leaves_a_whole_run_folder(trained: Run) -> None:
    expected = {
        "config.yaml",
        "tokenizer.json",
        "metrics.json",
        "document_scores.npz",
        "report.html",
        "learning_curve.png",
        "train.log",
        "checkpoints/best.ckpt",
        "checkpoints/last.ckpt",
        "csv/metrics.csv",
        "bundle/model.safetensors",
        "bundle/tokenizer.json",
        "bundle/config.yaml",
        "bundle/metrics.json",
        "bundle/README.md",
        "bundle/data_card.md",
    }
    present = {str(path.relative_to(trained.folder)) for path in trained.folder.rglob("*") if path.is_file()}
    assert expected <= present


def test_it_prints_its_figures_and_the_commands_to_go_on_with(trained: Run) -> None:
    metrics = json.loads((trained.folder / "metrics.json").read_text())
    for name in SPLITS:
        assert f"{metrics[f'{name}_perplexity']:.1f}" in trained.out
        assert f"{metrics[f'unigram_{name}_perplexity']:.1f}" in trained.out
        assert f"{metrics[f'kneser_ney_{name}_perplexity']:.1f}" in trained.out
    relative = trained.folder.relative_to(trained.started_in)
    assert f"python -m halo.generate run={relative}" in trained.out
    assert f"\nReport: {relative}/report.html\n" in trained.out
    assert "out of vocabulary" in trained.out


@pytest.mark.parametrize("kind", ["run", "bundle"])
def test_a_saved_model_scores_as_reported(trained: Run, kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(trained.started_in)
    run, bundle = (str(trained.folder), None) if kind == "run" else (None, str(trained.folder / "bundle"))
    opened = open_model(run=run, bundle=bundle, device="cpu")
    metrics = json.loads((trained.folder / "metrics.json").read_text())
    corpus = prepare(opened.config.data)
    for name in SPLITS:
        result = evaluate_split(opened.model, corpus, name, opened.config.data)
        assert result.perplexity == pytest.approx(metrics[f"{name}_perplexity"], rel=1e-6)
        assert result.as_dict()["by_label"] == metrics["splits"][name]["by_label"]


def test_bundle_and_best_checkpoint_give_the_same_logits(trained: Run) -> None:
    from_run = open_model(run=str(trained.folder), bundle=None, device="cpu")
    from_bundle = open_model(run=None, bundle=str(trained.folder / "bundle"), device="cpu")
    ids_BT = torch.randint(from_run.tokenizer.vocab_size, (2, 9))
    assert torch.equal(from_run.model(ids_BT)[0], from_bundle.model(ids_BT)[0])
    assert not from_run.model.training


def test_the_chosen_weights_are_the_best_on_validation(trained: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(trained.started_in)
    with (trained.folder / "csv" / "metrics.csv").open() as file:
        logged = [float(row["val/perplexity"]) for row in csv.DictReader(file) if row["val/perplexity"]]
    assert len(logged) == 2
    opened = open_model(run=None, bundle=str(trained.folder / "bundle"), device="cpu")
    data = opened.config.data
    corpus = prepare(data)
    ids, eos_id = corpus.ids["validation"], corpus.tokenizer.eos_id
    nll = text_nll(opened.model, windows_to_score(ids, eos_id=eos_id, batch_size=data.eval_batch_size))
    assert NLLSummary.from_tokens(nll).perplexity == pytest.approx(min(logged), rel=1e-5)


def test_curves_can_be_drawn_against_steps_tokens_and_seconds(trained: Run) -> None:
    validations = json.loads((trained.folder / "metrics.json").read_text())["validations"]
    with (trained.folder / "csv" / "metrics.csv").open() as file:
        rows = [row for row in csv.DictReader(file) if row["val/nll"]]
    assert [float(row["tokens_seen"]) for row in rows] == [each["tokens"] for each in validations]
    assert [float(row["seconds"]) for row in rows] == pytest.approx([each["seconds"] for each in validations])
    assert validations[1]["tokens"] == 2 * validations[0]["tokens"] > 0
    assert validations[1]["seconds"] > validations[0]["seconds"] > 0


def test_the_figures_that_belong_together_are_in_the_terminal_and_on_the_card(trained: Run) -> None:
    metrics = json.loads((trained.folder / "metrics.json").read_text())
    card = (trained.folder / "bundle" / "README.md").read_text()
    for shown in (trained.out, card):
        for split in SPLITS:
            assert f"{metrics['splits'][split]['bits_per_character']:.4f}" in shown
            assert f"{metrics['splits'][split]['perplexity_known_words']:.2f}" in shown
        assert metrics["verdict"] in " ".join(shown.split())
    assert "label: forum" in trained.out
    assert "count in training text: <unk>" in trained.out
    assert "position in document: 1 to 10" in trained.out
    assert "| forum | " in card
    assert max(len(line) for line in trained.out.splitlines() if line[:1] in "┏│└") <= 80


def test_tensorboard_has_curves_samples_and_hyper_parameters(trained: Run) -> None:
    events = EventAccumulator(str(trained.folder / "tensorboard"))
    events.Reload()
    tags = events.Tags()
    expected = {
        "1_perplexity/train",
        "1_perplexity/validation",
        "2_loss/train_step",
        "2_loss/validation",
        "3_training/grad_norm",
        "3_training/lr-AdamW/weights",
        "3_training/tokens_seen",
    }
    assert expected <= set(tags["scalars"])
    groups = sorted({tag.partition("/")[0] for tag in tags["scalars"]})
    assert groups == ["0_final", "1_perplexity", "2_loss", "3_training", "z_diagnosis"]
    assert {"samples/1: a new paragraph/text_summary", "corpus/text_summary"} <= set(tags["tensors"])
    assert len(events.Tensors("samples/1: a new paragraph/text_summary")) == 2  # a text for each validation
    (labels,) = trained.folder.glob("tensorboard/*/word_vectors/metadata.tsv")
    words = labels.read_text(encoding="utf-8").splitlines()
    assert "the" in words[:5]
    assert len(words) == len(labels.with_name("tensors.tsv").read_text().splitlines()) <= 1_000
    metrics = json.loads((trained.folder / "metrics.json").read_text())
    final = events.Scalars("0_final/test_perplexity")[-1].value
    assert final == pytest.approx(metrics["test_perplexity"], rel=1e-5)
    assert events.summary_metadata["_hparams_/session_start_info"]


def test_the_configuration_is_kept_with_the_run(trained: Run, corpus_file: Path) -> None:
    kept = yaml.safe_load((trained.folder / "config.yaml").read_text())
    assert kept["data"]["path"] == str(corpus_file)
    assert kept["model"]["hidden"] == 16


def test_checkpoints_hold_plain_data(trained: Run) -> None:
    for name in ("best.ckpt", "last.ckpt"):
        torch.load(trained.folder / "checkpoints" / name, weights_only=True)


def test_a_folder_that_holds_a_run_is_left_alone(tiny_config: TrainConfig) -> None:
    folder = Path(str(tiny_config.run_dir))
    folder.mkdir()
    (folder / "config.yaml").write_text("kept")
    with pytest.raises(InputError, match="already holds a run"):
        fit(tiny_config, callbacks=[], loggers=[])
    assert (folder / "config.yaml").read_text() == "kept"


def test_without_checkpoints_the_last_weights_are_taken_and_said_to_be(
    command: Callable[..., Outcome], tiny: list[str], tmp_path: Path
) -> None:
    outcome = command("train", *tiny, "callbacks=none", "logger=none", "trainer.max_epochs=1")
    assert outcome.code == 0
    assert "the last weights are measured and saved" in outcome.out
    (metrics,) = tmp_path.glob("outputs/train/*/*/metrics.json")
    assert json.loads(metrics.read_text())["chosen_weights"].startswith("last, step ")


@pytest.mark.parametrize(
    ("steps", "schedule"),
    [(1, "one_cycle"), pytest.param(4, "one_cycle", marks=EXHAUSTIVE), pytest.param(2, "plateau", marks=EXHAUSTIVE)],
)
def test_a_run_of_less_than_an_epoch_is_whole(
    command: Callable[..., Outcome], tiny: list[str], tmp_path: Path, steps: int, schedule: str
) -> None:
    outcome = command("train", *tiny, f"trainer.max_steps={steps}", f"schedule={schedule}", "logger=csv")
    assert outcome.code == 0, outcome.err
    (metrics,) = tmp_path.glob("outputs/train/*/*/metrics.json")
    assert json.loads(metrics.read_text())["chosen_weights"] == f"last, step {steps}"


def test_without_loggers_nothing_is_logged_and_all_else_is_as_ever(
    command: Callable[..., Outcome], tiny: list[str], tmp_path: Path
) -> None:
    outcome = command("train", *tiny, "logger=none", "trainer.max_epochs=1")
    assert outcome.code == 0, outcome.err
    assert outcome.out.count("LearningRateMonitor is left out") == 1
    (run,) = tmp_path.glob("outputs/train/*/*")
    assert (run / "checkpoints" / "best.ckpt").is_file()
    assert not (run / "csv").exists()
    assert not (run / "tensorboard").exists()
