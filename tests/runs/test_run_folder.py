"""A run folder belongs to one run, and makes its checkpoints usable from the first one on."""

from dataclasses import replace
from pathlib import Path

import pytest
import yaml

from halo.config import TrainConfig
from halo.corpus.prepare import prepare
from halo.runs.run_folder import open_run_folder, require_new, run_folder
from halo.runtime.errors import InputError, TrainingError
from halo.tokenization.tokenizer import TextTokenizer
from halo.training.trainer import build_trainer


@pytest.fixture
def tokenizer(tiny_config: TrainConfig) -> TextTokenizer:
    return prepare(tiny_config.data).tokenizer


def test_a_run_needs_a_folder(tiny_config: TrainConfig) -> None:
    with pytest.raises(InputError, match="run_dir=None: name the run folder"):
        run_folder(replace(tiny_config, run_dir=None))


def test_only_a_folder_without_a_run_is_new(tmp_path: Path) -> None:
    require_new(tmp_path / "missing")
    require_new(tmp_path)
    (tmp_path / "config.yaml").touch()
    with pytest.raises(InputError, match=f"run_dir={tmp_path}: already holds a run"):
        require_new(tmp_path)


def test_settings_and_vocabulary_are_there_before_training(tiny_config: TrainConfig, tokenizer: TextTokenizer) -> None:
    folder = run_folder(tiny_config)
    trainer = build_trainer(tiny_config.trainer, folder, [], [])
    with open_run_folder(tiny_config, trainer, tokenizer, None):
        assert yaml.safe_load((folder / "config.yaml").read_text())["seed"] == tiny_config.seed
        assert TextTokenizer.load(folder / "tokenizer.json").words() == tokenizer.words()


def test_a_folder_in_use_is_refused_and_free_afterwards(tiny_config: TrainConfig, tokenizer: TextTokenizer) -> None:
    trainer = build_trainer(tiny_config.trainer, run_folder(tiny_config), [], [])
    resuming = replace(tiny_config, resume="auto")
    with open_run_folder(tiny_config, trainer, tokenizer, None):  # noqa: SIM117  the second is to fail
        with pytest.raises(InputError, match="another run is using it"):
            open_run_folder(resuming, trainer, tokenizer, None).__enter__()
    with open_run_folder(resuming, trainer, tokenizer, None):
        pass


def test_a_full_disk_becomes_a_one_line_error(tiny_config: TrainConfig, tokenizer: TextTokenizer) -> None:
    trainer = build_trainer(tiny_config.trainer, run_folder(tiny_config), [], [])
    with pytest.raises(TrainingError, match="free some space, then start a new run"):  # noqa: SIM117
        with open_run_folder(tiny_config, trainer, tokenizer, None):
            raise OSError(28, "No space left on device", "metrics.csv")
