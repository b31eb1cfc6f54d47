"""Shared fixtures: a small text, configurations composed from conf/, and one tiny trained run."""

import contextlib
import gc
import json
import logging
import os
import shutil
import signal
import subprocess
import sys
import zipfile
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from typing import NamedTuple

import pytest
import torch
from hydra import compose, initialize_config_dir
from hypothesis import settings
from omegaconf import DictConfig

from halo import (
    audit,
    classify,
    compare,
    evaluate,
    export,
    forecast,
    generate,
    genome,
    predict,
    report,
    score,
    show,
    sweep,
    topics,
    train,
)
from halo.config import DataConfig, ModelVariant, PrepareConfig, TrainConfig, conf_dir, parse
from halo.prepare import main as prepare_main
from tests.support.reading import read_documents

# Models this small are slower on two threads than on one, and far slower on a busy machine.
os.environ["OMP_NUM_THREADS"] = "1"
torch.set_num_threads(1)

# A shell makes its background jobs ignore Ctrl-C, and the processes that tests start would inherit that.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)

# The first example of a test composes the configuration, and the machine may be busy: no deadline per example.
settings.register_profile("halo", deadline=None, max_examples=60)
settings.load_profile("halo")

PTB = Path(os.environ.get("HALO_PTB") or Path(__file__).parents[2] / "shared" / "benchmarks" / "ptb.zip")

COMMANDS: dict[str, Callable[[], None]] = {
    "train": train.main,
    "audit": audit.main,
    "prepare": prepare_main,
    "classify": classify.main,
    "compare": compare.main,
    "evaluate": evaluate.main,
    "forecast": forecast.main,
    "generate": generate.main,
    "genome": genome.main,
    "predict": predict.main,
    "report": report.main,
    "export": export.main,
    "score": score.main,
    "show": show.main,
    "sweep": sweep.main,
    "topics": topics.main,
}

MODELS = sorted(file.stem for file in (conf_dir() / "model").glob("*.yaml"))
"""Every architecture of conf/model."""

TINY = [
    "data=text",
    "data.batch_size=4",
    "data.sequence_length=16",
    "data.eval_batch_size=3",
    "model.embedding=8",
    "model.hidden=16",
    "trainer=cpu",
    "trainer.max_epochs=2",
    "samples.num_words=5",
    "audit.enabled=false",  # the tests of auditing have their own models; `trained` has it
]


EXHAUSTIVE = pytest.mark.exhaustive
"""For variants of a test that `make test` leaves out and `make test-all` runs."""

SLOW_FIXTURES = {"command", "trained", "small_disk"}
"""Fixtures that run whole commands."""

READS_SOURCE = {"test_course", "test_layers", "test_mirror", "test_repository"}
"""The modules of tests/integration that run nothing, but for tests with a mark."""


def is_slow(item: pytest.Item) -> bool:
    """Whether a test trains or starts a process, by its fixtures, folder and imports; others say so with a mark."""
    if hasattr(getattr(item, "module", None), "subprocess"):
        return True
    fixtures = {*getattr(item, "fixturenames", ())}
    folder = item.path.relative_to(item.config.rootpath).parts[1]
    if folder == "integration":
        return item.path.stem not in READS_SOURCE
    return bool(SLOW_FIXTURES & fixtures) or (folder in ("runs", "training") and "tiny_config" in fixtures)


@pytest.hookimpl(tryfirst=True)  # before -m "not slow" selects
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if is_slow(item):
            item.add_marker(pytest.mark.slow)


def pytest_collection_finish() -> None:
    # Commands collect garbage when they end, which takes 0.3 s where it looks at all modules of torch and Lightning.
    gc.freeze()


def vocabulary(size: int) -> list[str]:
    """Returns a vocabulary of the given size, for a model without a text."""
    return ["<unk>", "<eos>", *(f"word{number}" for number in range(size - 2))]


class Outcome(NamedTuple):
    """The exit status of a command, and what it printed."""

    code: int
    out: str
    err: str


class Run(NamedTuple):
    """A finished training run: its folder, the working directory it was started in, and its output."""

    folder: Path
    started_in: Path
    out: str


@pytest.fixture
def ptb_folder(tmp_path: Path) -> Path:
    """The Penn Treebank, whose licence does not permit including it in the project."""
    if not PTB.exists():
        pytest.skip("no Penn Treebank: set HALO_PTB to its folder or zip file")
    if PTB.is_dir():
        return PTB
    with zipfile.ZipFile(PTB) as archive:
        archive.extractall(tmp_path / "ptb")
    return tmp_path / "ptb"


@pytest.fixture(scope="session")
def corpus_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Twelve documents in two registers, about 150 words each."""
    file = tmp_path_factory.mktemp("corpus") / "small.jsonl"
    documents = read_documents(data_config())
    chosen = [document for document in documents if document.label in ("news", "forum")][:12]
    records = [{"text": "\n\n".join(d.text.split("\n\n")[:3]), "register": d.label} for d in chosen]
    file.write_text("\n".join(map(json.dumps, records)), encoding="utf-8")
    return file


@pytest.fixture(scope="session")
def tiny(corpus_file: Path) -> list[str]:
    """Overrides for a training run of about a second."""
    return [*TINY, f"data.path={corpus_file}"]


def compose_config(name: str, overrides: list[str]) -> DictConfig:
    """Composes `conf/NAME.yaml` as the command NAME does."""
    with initialize_config_dir(version_base="1.3", config_dir=str(conf_dir())):
        return compose(name, overrides)


@cache
def data_config() -> DataConfig:
    """Returns the default data settings, for the bundled corpus; tests `replace` what they are about."""
    return parse(compose_config("prepare", []), PrepareConfig).data


@cache
def model_config(name: str, *overrides: str) -> ModelVariant:
    """Returns the settings of a small model of two layers: `model_config("lstm", "tied=false")`."""
    small = ["embedding=8", "hidden=12", "layers=2", *overrides]
    if name == "awd_lstm":
        small.append("last_hidden=8")
    if name == "transformer":
        small = ["heads=2", "context=6", *small]  # fewer tokens than the texts of the tests have
    changes = [f"model.{each}" for each in small]
    return parse(compose_config("train", [f"model={name}", "run_dir=x", *changes]), TrainConfig).model


@pytest.fixture
def no_corpus_figures(monkeypatch: pytest.MonkeyPatch) -> None:
    """Draws no figures of the corpus for TensorBoard, and no report.html, which take time; `trained` draws them."""
    monkeypatch.setattr("halo.runs.run_logs.log_corpus_figures", lambda *_: None)
    monkeypatch.setattr("halo.runs.fit._write_page", lambda *_: None)


@pytest.fixture
def tiny_config(tiny: list[str], tmp_path: Path, no_corpus_figures: None) -> TrainConfig:
    """The parsed configuration of a tiny run that writes under the test's own folder."""
    places = [f"run_dir={tmp_path / 'run'}", f"data.cache_dir={tmp_path / 'cache'}"]
    return parse(compose_config("train", [*tiny, *places]), TrainConfig)


def run_command(name: str, arguments: list[str]) -> int:
    """Runs a command in this process, in the current folder, and returns its exit status."""
    before = sys.argv
    sys.argv = [f"halo.{name}", *arguments]
    try:
        COMMANDS[name]()
    except SystemExit as end:
        return int(end.code or 0)
    finally:
        sys.argv = before
    return 0


@pytest.fixture
def command(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], no_corpus_figures: None
) -> Callable[..., Outcome]:
    """Runs a command in an empty folder: `command("train", "seed=2")`; several seeds go in turn."""
    monkeypatch.setattr("halo.runs.seeds.num_cores", lambda: 1)
    monkeypatch.chdir(tmp_path)

    def run(name: str, *arguments: str) -> Outcome:
        capsys.readouterr()
        code = run_command(name, list(arguments))
        printed = capsys.readouterr()
        return Outcome(code, printed.out, printed.err)

    return run


@pytest.fixture(scope="session")
def trained(tmp_path_factory: pytest.TempPathFactory, tiny: list[str]) -> Run:
    """A tiny run of `halo.train`."""
    folder = tmp_path_factory.mktemp("trained")
    log = folder / "printed.txt"
    with contextlib.chdir(folder), log.open("w") as printed, contextlib.redirect_stdout(printed):
        assert run_command("train", [*tiny, "audit.enabled=true"]) == 0
    gc.freeze()  # training has imported the rest of Lightning
    (run,) = folder.glob("outputs/train/*/*")
    return Run(run, folder, log.read_text())


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Callable[[str], Path]]:
    """Yields a function that mounts a small disk, or remounts it with other options."""
    disk = tmp_path / "disk"

    def mount(options: str) -> Path:
        again = "remount," if disk.is_mount() else ""
        disk.mkdir(exist_ok=True)
        done = subprocess.run(
            ["mount", "-t", "tmpfs", "-o", f"{again}{options}", "halo", str(disk)],
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode:
            pytest.skip(f"mounting is not permitted: {done.stderr.strip()}")
        return disk

    if shutil.which("mount") is None:
        pytest.skip("no mount command")
    yield mount
    for handler in [*logging.getLogger().handlers]:  # the log of a run whose folder is on the disk
        if isinstance(handler, logging.FileHandler) and Path(handler.baseFilename).is_relative_to(disk):
            logging.getLogger().removeHandler(handler)
            handler.close()
    if disk.is_mount():
        subprocess.run(["umount", str(disk)], check=True)
