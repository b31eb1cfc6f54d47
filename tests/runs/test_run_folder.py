"""A run folder belongs to one run, and makes its checkpoints usable from the first one on."""

import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
import yaml
from lightning.fabric.utilities.exceptions import MisconfigurationException
from lightning.pytorch.callbacks import ModelCheckpoint

from halo.auditing.canaries.insertion import Canaries
from halo.config import TrainConfig
from halo.corpus.corpus import Corpus
from halo.corpus.prepare import prepare
from halo.runs.build import open_text
from halo.runs.run_folder import open_run_folder, require_new, run_folder
from halo.runtime.errors import InputError, TrainingError
from halo.tokenization.tokenizer import TextTokenizer
from halo.training.callbacks.text_samples import TextSamples
from halo.training.trainer import build_trainer
from tests.conftest import EXHAUSTIVE, Outcome


@pytest.fixture
def corpus(tiny_config: TrainConfig) -> Corpus:
    return prepare(tiny_config.data)


def test_a_run_needs_a_folder(tiny_config: TrainConfig) -> None:
    with pytest.raises(InputError, match="run_dir=None: name the run folder"):
        run_folder(replace(tiny_config, run_dir=None))


def test_only_a_folder_without_a_run_is_new(tmp_path: Path) -> None:
    require_new(tmp_path / "missing")
    require_new(tmp_path)
    (tmp_path / "config.yaml").touch()
    with pytest.raises(InputError, match=f"run_dir={tmp_path}: already holds a run"):
        require_new(tmp_path)


def test_settings_and_vocabulary_are_there_before_training(tiny_config: TrainConfig, corpus: Corpus) -> None:
    folder = run_folder(tiny_config)
    trainer = build_trainer(tiny_config.trainer, folder, [], [])
    with open_run_folder(tiny_config, trainer, corpus, None):
        assert yaml.safe_load((folder / "config.yaml").read_text())["seed"] == tiny_config.seed
        assert TextTokenizer.load(folder / "tokenizer.json").words() == corpus.tokenizer.words()
        assert (folder / "word_statistics.json").exists()


def test_canaries_of_a_run_are_in_its_folder_for_the_audit(tiny_config: TrainConfig, corpus: Corpus) -> None:
    folder, config = run_folder(tiny_config), replace(tiny_config, audit=replace(tiny_config.audit, canaries=3))
    trainer = build_trainer(config.trainer, folder, [], [])
    with open_run_folder(config, trainer, corpus, None):
        canaries = Canaries.load(folder)
    assert canaries is not None
    assert len(canaries.inserted) == 3
    train_ids = open_text(config).corpus.ids["train"].tolist()
    for canary in canaries.inserted:
        assert str(canaries.ids(canary))[1:-1] in str(train_ids)


def test_a_folder_in_use_is_refused_and_free_afterwards(tiny_config: TrainConfig, corpus: Corpus) -> None:
    trainer = build_trainer(tiny_config.trainer, run_folder(tiny_config), [], [])
    resuming = replace(tiny_config, resume="auto")
    with open_run_folder(tiny_config, trainer, corpus, None):  # noqa: SIM117  the second is to fail
        with pytest.raises(InputError, match="another run is using it"):
            open_run_folder(resuming, trainer, corpus, None).__enter__()
    with open_run_folder(resuming, trainer, corpus, None):
        pass


def test_a_full_disk_becomes_a_one_line_error(tiny_config: TrainConfig, corpus: Corpus) -> None:
    trainer = build_trainer(tiny_config.trainer, run_folder(tiny_config), [], [])
    with pytest.raises(TrainingError, match="free some space, then start a new run"):  # noqa: SIM117
        with open_run_folder(tiny_config, trainer, corpus, None):
            raise OSError(28, "No space left on device", "metrics.csv")


@pytest.mark.parametrize("error", [ValueError("too large"), MisconfigurationException("`x` is wrong."), TypeError("y")])
def test_what_is_rejected_before_the_first_step_leaves_nothing(
    tiny_config: TrainConfig, corpus: Corpus, error: Exception
) -> None:
    folder = run_folder(tiny_config)
    folder.mkdir()
    (folder / "notes.txt").write_text("kept")
    trainer = build_trainer(tiny_config.trainer, folder, [], [])
    with pytest.raises(InputError, match=r"^training cannot start: ") as raised:  # noqa: PT012, SIM117
        with open_run_folder(tiny_config, trainer, corpus, None):
            (folder / "csv").mkdir()
            (folder / "csv" / "metrics.csv").touch()
            raise error
    assert "\n" not in str(raised.value)
    assert [path.name for path in folder.iterdir()] == ["notes.txt"]
    with open_run_folder(tiny_config, trainer, corpus, None):
        pass


def test_a_checkpoint_folder_that_cannot_be_made_is_reported_before_training(
    tiny_config: TrainConfig, corpus: Corpus, tmp_path: Path
) -> None:
    (tmp_path / "file").touch()
    checkpoint = ModelCheckpoint(dirpath=tmp_path / "file" / "checkpoints")
    trainer = build_trainer(tiny_config.trainer, run_folder(tiny_config), [checkpoint], [])
    with pytest.raises(TrainingError, match="checkpoints: cannot be written"):
        open_run_folder(tiny_config, trainer, corpus, None).__enter__()
    assert not list(run_folder(tiny_config).iterdir())


@pytest.mark.parametrize(
    ("setting", "message"),
    [
        ("trainer.val_check_interval=1000", r"training cannot start: ValueError: val_check_interval \(1000\)"),
        pytest.param(
            "trainer.limit_train_batches=1e-6", r"training cannot start: .*limit_train_batches", marks=EXHAUSTIVE
        ),
        pytest.param("trainer.max_epochs=-1", r"schedule=one_cycle needs a run with an end", marks=EXHAUSTIVE),
    ],
)
def test_a_corrected_command_uses_the_same_folder(
    command: Callable[..., Outcome], tiny: list[str], tmp_path: Path, setting: str, message: str
) -> None:
    short = [*tiny, "run_dir=run", "trainer.max_steps=2", "logger=csv"]
    refused = command("train", *short, "trainer.max_steps=-1", setting)
    assert refused.code == 2
    assert re.fullmatch(rf"error: {message}.*\n", refused.err), refused.err
    assert not (tmp_path / "run").exists()
    assert command("train", *short).code == 0


def test_a_failing_callback_is_one_line_that_names_the_checkpoint(
    command: Callable[..., Outcome], tiny: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(self: TextSamples, *_: object) -> None:
        raise KeyError("missing")

    monkeypatch.setattr(TextSamples, "on_validation_end", fail)
    outcome = command("train", *tiny, "run_dir=run", "callbacks.resume.every_n_steps=20")
    assert outcome.code == 1
    assert re.search(r"^error: training failed: KeyError: 'missing'; .* \(this run is saved in .*resume-", outcome.err)
