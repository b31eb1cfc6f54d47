"""The commands as a user meets them: output, exit status, one line for what is wrong, and nothing left behind."""

import csv
import io
import itertools
import json
import logging
import os
import re
import shlex
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
import torch
import yaml
from safetensors.torch import load_file, save_file

from halo.evaluation import evaluation_report as report
from halo.training.callbacks.throughput import Throughput
from tests.conftest import EXHAUSTIVE, Outcome, Run

Command = Callable[..., Outcome]


def refused(outcome: Outcome, message: str) -> None:
    """Asserts exit status 2 and one line that matches."""
    assert outcome.code == 2
    lines = outcome.err.strip().splitlines()
    assert len(lines) == 1, outcome.err
    assert re.search(message, lines[0]), lines[0]
    assert lines[0].startswith("error: ")


def nothing_written(folder: Path) -> bool:
    return not (folder / "outputs").exists() or not any(path.is_file() for path in folder.rglob("*"))


# What is wrong with the settings


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["model.hiden=5"], r"model\.hiden: unknown setting; did you mean model\.hidden\?"),
        (["sede=5"], r"sede: unknown setting; did you mean seed\?"),
        (["zyzzyva=5"], r"zyzzyva: unknown setting; `--help` lists all settings"),
        (["trainer.nonsense=3"], r"trainer\.nonsense: unknown setting; `--help` lists all settings"),
        (["trainer.gradient_clip_val=1"], r"trainer\.gradient_clip_val: .*use gradient_clip\.value"),
        (
            ["callbacks=none", "callbacks.checkpoint.save_top_k=3"],
            r"callbacks\.checkpoint=\{save_top_k: 3\}: must be a class",
        ),
        (["model=gpt"], r"model=gpt: choose one of awd_lstm, gru, lstm, transformer"),
        (["model.hidden=many"], r"model\.hidden=many: must be a whole number from 1"),
        (["model.hidden=-3"], r"model\.hidden=-3: must be a whole number from 1"),
        (["optim.lr=0"], r"optim\.lr=0"),
        (["data.path=nowhere.txt"], r"data\.path=nowhere\.txt: no such file or folder"),
        (["trainer.accelerator=tpu"], r"trainer: .*(tpu|torch_xla)"),
        (["trainer.max_epochs=many"], r"trainer\.max_epochs=many: .*int"),
        (["trainer.max_epochs=1.5"], r"trainer\.max_epochs=1\.5: .*int"),
        (["trainer.deterministic=perhaps"], r"trainer"),
        (["+trainer.max_epoch=3"], r"trainer\.max_epoch: unknown setting; did you mean trainer\.max_epochs\?"),
        (["+trainer.gradient_clip_val=1"], r"trainer\.gradient_clip_val: .*use gradient_clip\.value"),
        (["+callbacks.mine._target_=no.such.Callback"], r"no\.such\.Callback"),
        (["model.hidden"], r"model\.hidden: settings are given as KEY=VALUE; write model\.hidden=VALUE"),
        (["model.hidden=[1"], r"model\.hidden=\[1: the value cannot be read; a text is quoted for Hydra as well"),
        (["model.hidden=1,2"], r"model\.hidden=1,2: several values; add -m for a sweep"),
        (["--experimental-rerun=x"], r"unrecognized arguments: --experimental-rerun"),
        (["model.hidden=1\x1b"], r"model\.hidden=1\ufffd"),
        (["model.hidden=" + "9" * 30], r"model\.hidden=9+: must be a whole number from 1 to 1,048,576"),
        (["optim.lr=1" + "0" * 400], r"optim\.lr=10+\.\.\.: must be a number above 0"),
        (["samples.prompts=" + "[" * 300 + "]" * 300], r"too deeply|maximum recursion depth"),
        (["~data=-0.0"], r"~data: the group has another choice"),
        (["--nothing"], r"unrecognized arguments: --nothing; settings are given as KEY=VALUE"),
    ],
)
def test_a_wrong_setting_of_train(command: Command, tmp_path: Path, arguments: list[str], message: str) -> None:
    refused(command("train", *arguments), message)
    assert nothing_written(tmp_path)


def test_a_model_that_does_not_fit_into_memory(command: Command, tiny: list[str], tmp_path: Path) -> None:
    message = r"model=[\d.,]+ GiB for [\d,]+ weights: this machine has [\d.,]+; lower model\.hidden"
    refused(command("train", *tiny, "model.hidden=1000000"), message)
    assert [path.name for path in (tmp_path / "outputs").iterdir()] == ["cache"]


@pytest.mark.skipif(torch.cuda.is_available(), reason="this machine has a GPU")
def test_a_gpu_where_there_is_none(command: Command, tmp_path: Path) -> None:
    refused(command("train", "trainer.accelerator=gpu"), r"trainer: .*accelerator=gpu.*auto selects an available one")
    assert nothing_written(tmp_path)


def test_a_folder_that_cannot_be_written_is_reported(command: Command, tmp_path: Path) -> None:
    (tmp_path / "outputs").write_text("a file where the folder of all runs should be")
    refused(command("prepare"), r"the output folder cannot be written \(Not a directory\); free some space, or use")


# What is wrong with the text


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", r"own\.txt: contains no text"),
        (b"caf\xe9", r"own\.txt: not UTF-8 at byte 3"),
        (b"a\n\nfew\n\nwords", r"the train split has \d+ tokens, but at least 700 are needed"),
    ],
)
def test_a_text_that_cannot_be_used(command: Command, tmp_path: Path, content: bytes, message: str) -> None:
    (tmp_path / "own.txt").write_bytes(content)
    for name in ("train", "prepare"):
        refused(command(name, "data=text", "data.path=own.txt"), message)
    assert {path.name for path in tmp_path.rglob("*") if path.is_file()} == {"own.txt"}


def test_ones_own_text_is_prepared(command: Command, tmp_path: Path) -> None:
    sentences = "\n\n".join(f"sentence {i} is about the weather of day {i}." for i in range(200))
    (tmp_path / "own.txt").write_text(sentences)
    outcome = command("prepare", "data=text", "data.path=own.txt")
    assert outcome.code == 0
    assert "cut into contiguous parts at paragraph ends" in outcome.out
    assert re.search(r"train .* 1 .* 1,\d\d\d", outcome.out)


# The page about a run


def test_report_writes_the_page_again(command: Command, trained: Run, tmp_path: Path) -> None:
    page = (trained.folder / "report.html").read_text(encoding="utf-8")
    cache = f"cache_dir={trained.started_in / 'outputs' / 'cache'}"
    outcome = command("report", str(trained.folder), cache, "device=cpu", "output=page.html")
    assert outcome.code == 0, outcome.err
    assert outcome.out.endswith("Report: page.html\n")
    assert (tmp_path / "page.html").read_text(encoding="utf-8") == page
    outcome = command("report", str(trained.folder / "bundle"), cache, "device=cpu")
    assert re.search(r"^Report: outputs/report/\S*/report.html$", outcome.out, re.MULTILINE)
    refused(command("report", str(trained.folder), "device=cpu", "output=."), r"output=\.: is a folder; name a file")


# Generating


def test_generate_writes_what_was_asked_for(command: Command, trained: Run, tmp_path: Path) -> None:
    arguments = ["prompt=the people", "num_words=7", "num_samples=3", "top_k=10", "top_p=0.9", "temperature=0.7"]
    first = command("generate", f"run={trained.folder}", "device=cpu", *arguments)
    again = command("generate", f"bundle={trained.folder / 'bundle'}", "device=cpu", *arguments)
    other = command("generate", f"run={trained.folder}", "device=cpu", *arguments, "seed=2")
    assert first.code == 0
    assert first.out == again.out
    assert first.out != other.out
    samples = first.out.strip().split("\n\n---\n\n")
    assert len(samples) == 3
    assert all(sample.startswith("the people") for sample in samples)
    assert "<unk>" not in first.out
    kept = sorted(tmp_path.glob("outputs/generate/*/*/samples.txt"))[0].read_text()
    assert kept in {first.out, other.out}


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["prompt=the", "prompt_file=a.txt"], r"prompt_file=a.txt: give one of prompt and prompt_file"),
        (["prompt_file=a.txt"], r"prompt_file=a.txt: cannot be read \(No such file or directory\)"),
        (["prompt=the", "beams=2", "num_samples=3"], r"num_samples=3: must be at most beams \(2\)"),
        (["prompt=the", "output=."], r"output=.: is a folder; name a file"),
        (["prompt=the", "format=xml"], r"format=xml: must be one of text, jsonl"),
        (["--interactive", "format=jsonl"], r"format=jsonl: cannot be combined with interactive=true"),
        (["prompt=zyzzyva"], r"the model knows none of these words"),
        (["prompt=the", "temperature=-1"], r"temperature=-1"),
        (["prompt=the", "top_p=0"], r"top_p=0"),
        (["prompt=the", "num_words=0"], r"num_words=0"),
        (["prompt=the", f"num_words={10**30}"], r"num_words=10+: must be a whole number from 1 to 1,000,000"),
        (["prompt=the", f"num_samples={10**30}"], r"num_samples=10+: must be a whole number from 1 to 10,000"),
        (["prompt=the", "device=warp"], r"device=warp: cannot be used here"),
        (["prompt=the", "bundle=elsewhere"], r"give one model"),
    ],
)
def test_generate_refuses(command: Command, trained: Run, tmp_path: Path, arguments: list[str], message: str) -> None:
    refused(command("generate", f"run={trained.folder}", *arguments), message)
    assert nothing_written(tmp_path)


def test_unknown_words_of_a_prompt_are_named(command: Command, trained: Run) -> None:
    outcome = command("generate", f"run={trained.folder}", "prompt=the zyzzyva", "device=cpu")
    assert outcome.code == 0
    assert "outside the vocabulary: zyzzyva" in outcome.err
    assert outcome.out.startswith("the zyzzyva")  # as it was given


def test_standard_output_is_json_lines_for_other_programs(command: Command, trained: Run, tmp_path: Path) -> None:
    arguments = [str(trained.folder), "prompt=The people", "num_words=5", "num_samples=2", "stop=zyzzyva", "device=cpu"]
    printed = command("generate", *arguments, "format=jsonl")
    assert "stop=zyzzyva: not in the vocabulary" in printed.err
    records = [json.loads(line) for line in printed.out.splitlines()]
    assert [record["text"][: len("The people")] for record in records] == ["The people"] * 2
    assert [len(record["logprobs"]) for record in records] == [5, 5]
    assert records[0]["settings"]["stops"] == ["zyzzyva"]
    written = command("generate", *arguments, "output=own/samples.jsonl")
    assert written.out == ""
    assert (tmp_path / "own" / "samples.jsonl").read_text(encoding="utf-8") == printed.out
    assert command("generate", *arguments).out.strip() == "\n\n---\n\n".join(record["text"] for record in records)


def test_without_a_prompt_a_paragraph_is_started(command: Command, trained: Run) -> None:
    outcome = command("generate", str(trained.folder), "num_words=5", "device=cpu")
    assert outcome.code == 0
    assert outcome.err.startswith("No prompt is given, so each text starts a paragraph")
    assert outcome.out[0] == outcome.out[0].upper()
    greedy = [command("generate", str(trained.folder), "num_words=5", f"beams={beams}") for beams in (1, 2)]
    assert "have no effect" in greedy[1].err


def test_a_text_is_written_in_turns(
    command: Command, trained: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "stdin", io.StringIO("The people\n/temperature x\n/num_words 2\n\n"))
    outcome = command("generate", str(trained.folder), "--interactive", "num_words=5", "device=cpu")
    assert outcome.code == 0
    first, wrong, changed, second = outcome.out.splitlines()
    assert first.startswith("The people")
    assert wrong == "temperature=x: must be a number of at least 0"
    assert changed == "num_words is 2"
    (kept,) = tmp_path.glob("outputs/generate/*/*/samples.txt")
    assert kept.read_text(encoding="utf-8") == f"{first}{second}\n"


# Evaluating


def test_evaluate_reports_each_split(command: Command, trained: Run, tmp_path: Path) -> None:
    outcome = command("evaluate", f"run={trained.folder}", "device=cpu")
    assert outcome.code == 0
    metrics = json.loads((trained.folder / "metrics.json").read_text())
    for name in ("train", "validation", "test"):
        assert f"{metrics[f'{name}_perplexity']:.2f}" in outcome.out
    (kept,) = tmp_path.glob("outputs/evaluate/*/*/metrics.json")
    assert json.loads(kept.read_text())["test"]["perplexity"] == pytest.approx(metrics["test_perplexity"])


def test_evaluate_measures_ones_own_text(command: Command, trained: Run, tmp_path: Path) -> None:
    (tmp_path / "own.txt").write_text("The people of the town.\n\nThe zyzzyva.")
    outcome = command("evaluate", f"bundle={trained.folder / 'bundle'}", "path=own.txt", "device=cpu")
    assert outcome.code == 0
    (kept,) = tmp_path.glob("outputs/evaluate/*/*/metrics.json")
    assert json.loads(kept.read_text())["own.txt"]["tokens"] == 11  # six words and marks, three, and two <eos>
    assert json.loads(kept.read_text())["own.txt"]["batch_size"] == 1


def test_evaluate_reads_a_table_by_settings_that_it_names(command: Command, trained: Run, tmp_path: Path) -> None:
    (tmp_path / "b.csv").write_text("id,body\n1,The people of the town.\n2,The town.\n")
    arguments = ("evaluate", f"bundle={trained.folder / 'bundle'}", "path=b.csv", "device=cpu")
    refused(command(*arguments), r"b\.csv, line 1: no field 'text' .*name the field with data\.text_field")
    assert command(*arguments, "data.text_field=body").code == 0
    (kept,) = tmp_path.glob("outputs/evaluate/*/*/metrics.json")
    assert json.loads(kept.read_text())["b.csv"]["documents"] == 2


def test_evaluate_reads_a_long_text_in_several_streams(
    command: Command, trained: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(report, "TOKENS_PER_STREAM", 4)
    (tmp_path / "own.txt").write_text("The people of the town.\n\nThe zyzzyva.")
    assert command("evaluate", f"bundle={trained.folder / 'bundle'}", "path=own.txt", "device=cpu").code == 0
    (kept,) = tmp_path.glob("outputs/evaluate/*/*/metrics.json")
    figures = json.loads(kept.read_text())["own.txt"]
    assert (figures["batch_size"], figures["tokens"]) == (2, 11)


def test_evaluate_shows_surprisal_word_by_word(command: Command, trained: Run) -> None:
    outcome = command("evaluate", f"run={trained.folder}", "text=the people of the town", "device=cpu")
    assert outcome.code == 0
    assert "Surprisal in bits" in outcome.out
    assert outcome.out.count("people") == 1


def test_evaluate_reports_adapted_models_apart(command: Command, trained: Run, tmp_path: Path) -> None:
    outcome = command("evaluate", f"run={trained.folder}", "cache=true", "dynamic=true", "ngram=true", "device=cpu")
    assert outcome.code == 0
    metrics = json.loads((trained.folder / "metrics.json").read_text())
    (kept,) = tmp_path.glob("outputs/evaluate/*/*/metrics.json")
    adapted = json.loads(kept.read_text())["adaptation"]
    assert adapted["no_adaptation"]["test"] == pytest.approx(metrics["test_perplexity"], rel=1e-5)
    assert len(adapted) == 4
    for name in ("neural_cache", "ngram_interpolation"):  # a weight near 0 is the plain model
        assert adapted[name]["validation"] < 1.05 * adapted["no_adaptation"]["validation"]
        assert f"{adapted[name]['test']:.2f}" in outcome.out
    refused(command("evaluate", f"run={trained.folder}", "cache=true", "text=the"), r"cache=true: is for the model")


def test_evaluate_refuses_a_corpus_that_is_gone(command: Command, trained: Run, tmp_path: Path) -> None:
    moved = tmp_path / "bundle"
    shutil.copytree(trained.folder / "bundle", moved)
    config = yaml.safe_load((moved / "config.yaml").read_text())
    config["data"]["path"] = "gone.jsonl"
    (moved / "config.yaml").write_text(yaml.safe_dump(config))
    refused(command("evaluate", f"bundle={moved}"), r"data\.path=gone\.jsonl: no such file")


# Run folders and saved models that cannot be used


def copy_of(trained: Run, tmp_path: Path) -> Path:
    return Path(shutil.copytree(trained.folder, tmp_path / "copy"))


def test_a_folder_without_a_checkpoint(command: Command, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    refused(command("evaluate", "run=empty"), r"run=empty: no checkpoint in it")
    refused(command("evaluate", "run=nowhere"), r"run=nowhere: no such folder")
    refused(command("evaluate", "bundle=empty"), r"bundle=empty: no model\.safetensors there")
    assert nothing_written(tmp_path)


@pytest.mark.parametrize("content", [b"", b"no checkpoint", b"PK\x03\x04 cut off"])
def test_a_broken_checkpoint(command: Command, trained: Run, tmp_path: Path, content: bytes) -> None:
    copy = copy_of(trained, tmp_path)
    (copy / "checkpoints" / "best.ckpt").write_bytes(content)
    refused(command("evaluate", f"run={copy}"), r"best\.ckpt: broken, or not of this model")


def test_a_cut_off_checkpoint(command: Command, trained: Run, tmp_path: Path) -> None:
    copy = copy_of(trained, tmp_path)
    file = copy / "checkpoints" / "best.ckpt"
    file.write_bytes(file.read_bytes()[:-1000])
    refused(command("evaluate", f"run={copy}"), r"best\.ckpt: broken, or not of this model")


class _Payload:
    """What a hostile checkpoint could hold."""

    def __reduce__(self) -> tuple[object, tuple[str]]:
        return Path.touch, (Path("executed"),)  # type: ignore[return-value]


@pytest.mark.parametrize("content", [{"weights": 1}, [1, 2], {"state_dict": {"a": torch.zeros(1)}}, _Payload()])
def test_a_foreign_checkpoint(command: Command, trained: Run, tmp_path: Path, content: object) -> None:
    copy = copy_of(trained, tmp_path)
    torch.save(content, copy / "checkpoints" / "best.ckpt")
    refused(command("evaluate", f"run={copy}"), r"best\.ckpt: (broken, or not of this model|not a checkpoint of halo)")
    assert not (tmp_path / "executed").exists()


def test_foreign_weights_in_a_bundle(command: Command, trained: Run, tmp_path: Path) -> None:
    copy = copy_of(trained, tmp_path) / "bundle"
    weights = load_file(copy / "model.safetensors")
    save_file({"other": next(iter(weights.values()))}, copy / "model.safetensors")
    refused(command("generate", f"bundle={copy}", "prompt=the"), r"model\.safetensors: broken, or not of this model")
    (copy / "model.safetensors").write_bytes(b"broken")
    refused(command("generate", f"bundle={copy}", "prompt=the"), r"model\.safetensors: broken, or not of this model")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", r"not the configuration of a halo run"),
        ("[1, 2]", r"not the configuration of a halo run"),
        ("data: {}\nmodel: {name: lstm}", r"config\.yaml: "),
        ("data: {}\nmodel: {name: '${oc.env:HOME}'}", r"holds a reference"),
        ("data: {}\nmodel: {name: lstm, _target_: os.system}", r"config\.yaml: "),
    ],
)
def test_a_configuration_that_is_none(command: Command, trained: Run, tmp_path: Path, text: str, message: str) -> None:
    copy = copy_of(trained, tmp_path)
    (copy / "config.yaml").write_text(text)
    refused(command("evaluate", f"run={copy}"), message)


# Output folders


def files(folder: Path) -> dict[Path, bytes]:
    return {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_a_run_leaves_everything_in_its_own_folder(command: Command, tiny: list[str], tmp_path: Path) -> None:
    settings = [*tiny, "data.cache_dir=cache", "trainer.max_epochs=1"]
    assert command("train", *settings, "run_dir=runs/mine").code == 0
    assert {path.name for path in tmp_path.iterdir()} == {"cache", "runs"}
    assert {path.name for path in (tmp_path / "runs").iterdir()} == {"mine"}
    assert {".hydra", "train.log", "config.yaml"} <= {path.name for path in (tmp_path / "runs" / "mine").iterdir()}
    before = files(tmp_path)
    refused(command("train", *settings, "run_dir=runs/mine"), "already holds a run")
    refused(command("train", *settings, "run_dir=runs/mine", "resume=auto", "model.hidden=7"), "resume")
    refused(command("train", *settings, "resume=runs/mine", "optim.lr=7"), "resume")
    refused(command("train", *settings, "resume=runs", "run_dir=other"), "run_dir=other")
    refused(command("train", *settings, "run_dir=runs/mine/below", "model.hidden=0"), "model.hidden=0")
    assert files(tmp_path) == before
    assert {path.name for path in tmp_path.iterdir()} == {"cache", "runs"}


@pytest.mark.parametrize(("setting", "result"), [("seeds=2", "metrics.json"), ("find_lr=true", "lr_finder.json")])
def test_other_kinds_of_runs_leave_everything_in_their_folder(
    command: Command, tiny: list[str], tmp_path: Path, setting: str, result: str
) -> None:
    settings = [*tiny, "data.cache_dir=cache", "trainer.max_epochs=1", setting]
    assert command("train", *settings, "run_dir=mine").code == 0
    assert {path.name for path in tmp_path.iterdir()} == {"cache", "mine"}
    assert {".hydra", result} <= {path.name for path in (tmp_path / "mine").iterdir()}


# Commands that are printed


@pytest.mark.parametrize(
    "settings",
    [
        ["run_dir=my runs/it's (1), a=b"],
        ["run_dir=none", "callbacks=none", "logger=none"],
        pytest.param(
            ["run_dir=elsewhere", "callbacks.checkpoint.dirpath=${run_dir}/else where", "samples.prompts=[]"],
            marks=EXHAUSTIVE,
        ),
        ["-m", "run_dir=a sweep", "seed=3"],
    ],
    ids=lambda settings: settings[0] if settings[0] != "-m" else settings[1],
)
def test_the_commands_that_a_run_prints_work_as_they_stand(
    command: Command, tiny: list[str], settings: list[str], tmp_path: Path
) -> None:
    outcome = command("train", *tiny, "trainer.max_epochs=1", "data.cache_dir=my cache", *settings)
    assert outcome.code == 0, outcome.err
    printed = [shlex.split(line) for line in outcome.out.splitlines() if line.startswith("  python -m ")]
    assert [words[2] for words in printed] == ["halo.generate", "halo.evaluate"]
    assert ("tensorboard --logdir" in outcome.out) == ("logger=none" not in settings)
    for _, _, name, *arguments in printed:
        again = command(name.removeprefix("halo."), *arguments)
        assert again.code == 0, again.err
    assert not (tmp_path / "outputs" / "cache").exists()


def test_a_finished_run_that_is_resumed_says_so(command: Command, tiny: list[str]) -> None:
    each_step = "callbacks.resume.every_n_steps=1"
    assert command("train", *tiny, each_step, "trainer.max_epochs=1", "run_dir=run").code == 0
    outcome = command("train", *tiny, each_step, "trainer.max_epochs=1", "resume=run")
    assert outcome.code == 0, outcome.err
    assert "The run was finished already" in outcome.out


# Sweeps and processes


def test_a_sweep_leaves_one_table_and_continues_after_a_failure(
    command: Command, tiny: list[str], tmp_path: Path
) -> None:
    outcome = command("train", "-m", *tiny, "trainer.max_epochs=1", "model.hidden=8,0,12")
    assert outcome.code == 2
    assert "error: model.hidden=0: must be a whole number from 1" in outcome.err
    (table,) = tmp_path.glob("outputs/train/multirun/*/*/sweep.csv")
    rows = list(csv.reader(table.read_text(encoding="utf-8").splitlines()))
    column = rows[0].index("model.hidden")
    assert sorted(row[column] for row in rows[1:3]) == ["12", "8"]
    best, second = (float(row[rows[0].index("validation_perplexity")]) for row in rows[1:3])
    assert best <= second
    assert "Perplexities, lowest validation first" in outcome.out


@pytest.mark.exhaustive
def test_a_folder_of_settings_can_ask_for_a_sweep(command: Command, tiny: list[str], tmp_path: Path) -> None:
    folder = tmp_path / "own" / "experiment"
    folder.mkdir(parents=True)
    sweep = "# @package _global_\nhydra:\n  mode: MULTIRUN\n  sweeper:\n    params:\n      gradient_clip.value: -1,-2\n"
    (folder / "swept.yaml").write_text(sweep)
    outcome = command("train", "--config-dir=own", "experiment=swept", *tiny)
    assert outcome.code == 2
    assert "gradient_clip.value=-1" in outcome.err
    assert "gradient_clip.value=-2" in outcome.err
    assert "model.hidden=-3:" in command("train", "hydra.mode=MULTIRUN", *tiny, "model.hidden=0,-3").err


def run_subprocess(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", *arguments], cwd=folder, capture_output=True, text=True, timeout=200, check=False
    )


@pytest.mark.exhaustive
def test_two_processes_are_one(tiny: list[str], tmp_path: Path) -> None:
    """Training without randomness on two processes and on one gives the same figures, also as a job of a sweep."""
    penalties = ["model.activation_regularisation=2", "model.temporal_activation_regularisation=1"]
    drawn = ["model.dropout_input=0", "model.dropout_output=0", "sampled_softmax.num_frequent=null"]
    steady = [*tiny, *drawn, *penalties]
    alone = run_subprocess(tmp_path, "halo.train", *steady, "hydra.run.dir=alone")
    assert alone.returncode == 0, alone.stderr
    pair = run_subprocess(tmp_path, "halo", "train", "-m", *steady, "trainer=ddp_cpu", "run_dir=pair")
    assert pair.returncode == 0, pair.stderr
    first, second = (json.loads((tmp_path / run / "metrics.json").read_text()) for run in ("alone", "pair/0"))
    for name in ("train", "validation", "test"):
        assert first[f"{name}_perplexity"] == pytest.approx(second[f"{name}_perplexity"], rel=1e-4)
    logged = [
        [line.split(",") for line in (tmp_path / run / "csv" / "metrics.csv").read_text().splitlines()]
        for run in ("alone", "pair/0")
    ]
    for key in ("val/nll", "train/nll", "tokens_seen"):
        columns = [[row[rows[0].index(key)] for row in rows[1:]] for rows in logged]
        values = [[float(value) for value in column if value] for column in columns]
        assert values[0]
        assert values[0] == pytest.approx(values[1], rel=1e-5)
    assert sorted(path.name for path in (tmp_path / "pair").iterdir()) == ["0", "multirun.yaml", "sweep.csv"]


@pytest.mark.parametrize("name", ["train", "evaluate", "generate", "prepare", "report"])
def test_help_is_worth_reading_and_needs_no_torch(name: str, tmp_path: Path) -> None:
    call = f"try:\n    from halo.{name} import main; main()\nexcept SystemExit: pass\n"
    code = f"import sys; sys.argv[1:] = ['--help']\n{call}print('torch' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True, check=True)
    assert done.stdout.rstrip().endswith("False")
    assert f"python -m halo.{name}" in done.stdout
    assert not any(tmp_path.iterdir())


def test_a_loss_that_explodes_ends_with_one_line_and_status_1(
    command: Command, tiny: list[str], tmp_path: Path
) -> None:
    outcome = command("train", *tiny, "optim.lr=1e30", "gradient_clip.value=null", "schedule=plateau")
    assert outcome.code == 1
    assert re.fullmatch(r"error: the loss became (nan|inf) at step \d+ .*\n", outcome.err)


@pytest.mark.parametrize(
    ("callbacks", "line"),
    [
        ("default", r"stopped by SIGINT after step 4; resume with `python -m halo\.train .* resume=outputs/train/\S+`"),
        ("none", "interrupted"),
    ],
)
def test_ctrl_c_ends_training_with_one_line_and_status_130(
    command: Command, tiny: list[str], monkeypatch: pytest.MonkeyPatch, callbacks: str, line: str
) -> None:
    handler = signal.getsignal(signal.SIGINT)
    steps = itertools.count()

    def press(*_: object) -> None:
        if next(steps) == 3:
            os.kill(os.getpid(), signal.SIGINT)

    monkeypatch.setattr(Throughput, "on_train_batch_end", press)
    try:
        outcome = command("train", *tiny, f"callbacks={callbacks}")
    finally:
        signal.signal(signal.SIGINT, handler)  # Lightning leaves it ignored
    assert outcome.code == 130
    assert re.fullmatch(line, outcome.err.splitlines()[-1]), outcome.err
    assert "Traceback" not in outcome.err + outcome.out
    (run,) = Path().glob("outputs/train/*/*")
    assert (run / "config.yaml").exists()
    assert not (run / "metrics.json").exists()


def test_a_reader_that_goes_away_is_no_error(tmp_path: Path, tiny: list[str]) -> None:
    settings = [argument for argument in tiny if argument.startswith("data")]
    line = shlex.join([sys.executable, "-m", "halo.prepare", *settings])
    ended = subprocess.run(
        ["bash", "-c", f"{line} | head -1"], cwd=tmp_path, capture_output=True, text=True, check=True
    )
    assert ended.stderr == ""
    assert ended.stdout.count("\n") == 1


def test_a_refused_run_leaves_no_log_that_later_messages_would_look_for(command: Command) -> None:
    refused(command("train", "seed=-1"), "seed")
    logging.getLogger("halo").info("a message after it")
