"""Text and figures reach TensorBoard, and no other logger."""

from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import numpy as np
from lightning.pytorch.loggers import CSVLogger, TensorBoardLogger
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

from halo.config import TrainConfig
from halo.corpus.prepare import prepare
from halo.training.module import LOGGED
from halo.training.tensorboard import OrderedTensorBoardLogger, log_corpus_figures, log_text, log_word_vectors, tag_of


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


def test_the_final_figures_come_first_and_diagnosis_last(tmp_path: Path) -> None:
    names = [*LOGGED, "lr-AdamW/weights", "epoch", "diagnosis/clipped", "hp/test_perplexity", "data/zipf"]
    ordered = sorted(map(tag_of, names))
    assert ordered[:3] == ["0_final/test_perplexity", "1_perplexity/train", "1_perplexity/validation"]
    assert ordered[3].startswith("2_loss/")
    assert ordered[-1] == "z_diagnosis/clipped"
    assert len({*ordered}) == len(names)
    tensorboard = OrderedTensorBoardLogger(tmp_path, name="tensorboard", version="")
    tensorboard.log_metrics({"val/perplexity": 80.0}, 3)
    (event,) = logged(tmp_path, tensorboard).Scalars("1_perplexity/validation")
    assert (event.step, event.value) == (3, 80.0)


def test_words_without_a_visible_character_have_a_label(tmp_path: Path) -> None:
    for _ in range(2):  # of a run that is measured again
        tensorboard = OrderedTensorBoardLogger(tmp_path, name="tensorboard", version="")
        log_word_vectors(trainer(tensorboard), ["the", " ", "a\tb", "naïve"], np.eye(4, 3, dtype=np.float32))
    (labels,) = (tmp_path / "tensorboard").glob("*/word_vectors/metadata.tsv")
    assert labels.read_text(encoding="utf-8").splitlines() == ["the", "' '", "'a\\tb'", "naïve"]
    assert (tmp_path / "tensorboard" / "projector_config.pbtxt").read_text().count("tensor_name") == 1
