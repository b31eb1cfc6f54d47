"""Loggers get the settings and the text of a run before training, and its result afterwards."""

from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest
import yaml
from lightning.pytorch.loggers import CSVLogger, TensorBoardLogger
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator
from tensorboard.plugins.hparams.plugin_data_pb2 import HParamsPluginData

from halo.config import SPLITS, TrainConfig
from halo.corpus.prepare import prepare
from halo.runs.build import build
from halo.runs.run_logs import hparams_columns, log_result, start_logs
from halo.training.resume.restore import ResumeSource
from halo.training.trainer import build_trainer


def test_settings_are_logged_without_callbacks_and_loggers(tiny_config: TrainConfig, tmp_path: Path) -> None:
    logger = CSVLogger(tmp_path, name="csv", version="")
    trainer = build_trainer(tiny_config.trainer, tmp_path, [], [logger])
    start_logs(tiny_config, trainer, prepare(tiny_config.data), None)
    logger.save()
    settings = yaml.safe_load((tmp_path / "csv" / "hparams.yaml").read_text())
    assert settings["model"]["hidden"] == 16
    assert not {"callbacks", "logger"} & settings.keys()


def test_the_result_is_where_the_hyper_parameter_tab_looks_for_it(tiny_config: TrainConfig, tmp_path: Path) -> None:
    logger = TensorBoardLogger(tmp_path, name="tensorboard", version="", default_hp_metric=False)
    trainer = build_trainer(tiny_config.trainer, tmp_path, [], [logger])
    start_logs(tiny_config, trainer, prepare(tiny_config.data), None)
    scores = {split: SimpleNamespace(perplexity=float(number)) for number, split in enumerate(SPLITS, start=10)}
    corpus, model = build(tiny_config)[0].corpus, build(tiny_config)[1].model
    for _ in range(2):  # a finished run that is resumed is measured again
        log_result(tiny_config, trainer, cast(Any, SimpleNamespace(scores=scores)), model=model, corpus=corpus)
    logger.finalize("success")
    events = EventAccumulator(str(tmp_path / "tensorboard"))
    events.Reload()
    logged = {split: events.Scalars(f"hp/{split}_perplexity")[-1].value for split in SPLITS}
    assert logged == {split: each.perplexity for split, each in scores.items()}
    assert "corpus/text_summary" in events.Tags()["tensors"]
    start = HParamsPluginData.FromString(events.summary_metadata["_hparams_/session_start_info"].plugin_data.content)
    shown = start.session_start_info.hparams
    assert shown["optim.lr"].number_value == pytest.approx(0.006)
    assert {"model.hidden", "data.batch_size", "seed"} <= set(shown)
    assert "_hparams_/experiment" not in events.summary_metadata  # or TensorBoard would not put first what differs
    assert not any(name.startswith(("samples.", "data.cache_dir", "run_dir", "data.cleaning")) for name in shown)
    assert len(list((tmp_path / "tensorboard").glob("*/word_vectors/tensors.tsv"))) == 1


def test_a_run_that_was_not_measured_has_no_figure_and_no_row(tiny_config: TrainConfig, tmp_path: Path) -> None:
    logger = TensorBoardLogger(tmp_path, name="tensorboard", version="", default_hp_metric=False)
    trainer = build_trainer(tiny_config.trainer, tmp_path, [], [logger])
    start_logs(tiny_config, trainer, prepare(tiny_config.data), None)
    logger.finalize("failed")
    events = EventAccumulator(str(tmp_path / "tensorboard"))
    events.Reload()
    assert events.Tags()["scalars"] == []
    assert "_hparams_/session_start_info" not in events.summary_metadata


@pytest.mark.parametrize(
    ("settings", "columns"),
    [
        ({"lr": 1}, {"lr": 1.0}),
        ({"lr": 0.5}, {"lr": 0.5}),
        ({"lr": None}, {}),
        ({"tied": True}, {"tied": True}),
        ({"trainer": {"devices": 1}}, {"trainer.devices": "1"}),
        ({"trainer": {"devices": "auto"}}, {"trainer.devices": "auto"}),
        ({"trainer": {"deterministic": True}}, {"trainer.deterministic": "True"}),
        ({"trainer": {"precision": 32}}, {"trainer.precision": "32"}),
        ({"data": {"path": ["a", "b"], "splits": {}}}, {"data.path": "['a', 'b']"}),
    ],
)
def test_a_column_has_values_of_one_type(settings: dict[str, Any], columns: dict[str, Any]) -> None:
    found = hparams_columns(settings)
    assert found == columns
    assert [type(value) for value in found.values()] == [type(value) for value in columns.values()]


def test_a_resumed_run_says_where_it_resumes(
    tiny_config: TrainConfig, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    trainer = build_trainer(tiny_config.trainer, tmp_path, [], [])
    resumed = ResumeSource(tmp_path / "resume-00000040.ckpt", 40, 0, "text", processes=1, threads=1)
    with caplog.at_level("INFO", logger="halo"):
        start_logs(replace(tiny_config, resume="auto"), trainer, prepare(tiny_config.data), resumed)
    assert f"Resuming after step 40, from {resumed.file}" in caplog.text
