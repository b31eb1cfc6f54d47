"""Text and figures reach TensorBoard, and no other logger."""

from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

from lightning.pytorch.loggers import CSVLogger, TensorBoardLogger
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

from halo.config import TrainConfig
from halo.corpus.prepare import prepare
from halo.training.tensorboard import log_corpus_figures, log_text


def logged(folder: Path, logger: TensorBoardLogger) -> EventAccumulator:
    logger.finalize("success")
    events = EventAccumulator(str(folder / "tensorboard"), size_guidance={"images": 0})
    events.Reload()
    return events


def trainer(*loggers: Any) -> Any:
    return cast(Any, SimpleNamespace(loggers=loggers, global_step=7))


def test_text_is_shown_as_it_is(tmp_path: Path) -> None:
    tensorboard = TensorBoardLogger(tmp_path, name="tensorboard", version="")
    log_text(trainer(CSVLogger(tmp_path), tensorboard), "samples", "a *b*\n# c")
    (event,) = logged(tmp_path, tensorboard).Tensors("samples/text_summary")
    assert event.step == 6  # the seventh, counted from 0 as in the curves
    assert event.tensor_proto.string_val[0].decode() == "    a *b*\n    # c"  # four spaces: code in Markdown


def test_the_figures_of_the_corpus_are_images(tiny_config: TrainConfig, tmp_path: Path) -> None:
    tensorboard = TensorBoardLogger(tmp_path, name="tensorboard", version="")
    log_corpus_figures(trainer(tensorboard), prepare(tiny_config.data))
    tags = logged(tmp_path, tensorboard).Tags()["images"]
    assert tags
    assert all(tag.startswith("data/") for tag in tags)
