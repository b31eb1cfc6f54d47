"""The settings that a saved model keeps."""

import pytest

from halo.config import SavedConfig, parse, plain
from halo.runtime.errors import InputError
from tests.conftest import data_config, model_config


def test_text_and_architecture_are_kept_and_nothing_else() -> None:
    saved = {"data": plain(data_config()), "model": plain(model_config("lstm"))}
    assert parse(saved, SavedConfig).model == model_config("lstm")
    with pytest.raises(InputError, match="optim"):
        parse({**saved, "optim": {}}, SavedConfig)
