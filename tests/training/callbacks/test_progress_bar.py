"""The progress bar counts epochs as the printed lines do."""

from types import SimpleNamespace
from typing import Any, cast

import pytest

from halo.training.callbacks.progress_bar import EpochProgressBar


@pytest.mark.parametrize(("max_epochs", "description"), [(11, "epoch 1/11"), (-1, "epoch 1   "), (None, "epoch 1   ")])
def test_epochs_count_from_one(max_epochs: int | None, description: str) -> None:
    bar = EpochProgressBar()
    bar._trainer = cast(Any, SimpleNamespace(max_epochs=max_epochs))
    assert bar._get_train_description(0) == description
