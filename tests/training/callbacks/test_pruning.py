"""A pruned run leaves a resume checkpoint, is not measured, and can go on to its end."""

from dataclasses import replace
from pathlib import Path

import pytest

from halo.api.components import make_components
from halo.config import AUTO, TrainConfig
from halo.runs.fit import fit
from halo.runtime.errors import Pruned
from halo.training.callbacks.pruning import Pruning


def test_a_run_reports_its_validations_and_stops_when_told(tiny_config: TrainConfig) -> None:
    reports: list[tuple[int, float]] = []

    def report(number: int, perplexity: float) -> bool:
        reports.append((number, perplexity))
        return len(reports) == 1

    def run(config: TrainConfig) -> None:
        callbacks = [*make_components(config.callbacks, key="callbacks"), Pruning(report)]
        fit(config, callbacks=callbacks, loggers=[])

    config = replace(tiny_config, trainer={**tiny_config.trainer, "limit_train_batches": 5})
    with pytest.raises(Pruned, match=r"pruned after step 5: other trials are better") as caught:
        run(config)
    folder = Path(str(config.run_dir))
    assert caught.value.exit_status == 3
    assert (folder / "checkpoints" / "resume-00000005.ckpt").is_file()
    assert not (folder / "metrics.json").exists()
    run(replace(config, resume=AUTO))
    assert [number for number, _ in reports] == [1, 2]
    assert (folder / "metrics.json").is_file()
