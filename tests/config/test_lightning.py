"""Settings that are passed to Lightning are described, every one of the composed configuration."""

from halo.config.lightning import CALLBACKS, LOGGERS, TRAINER
from tests.conftest import compose_config


def test_every_composed_argument_of_lightning_is_described() -> None:
    composed = compose_config("train", [])
    assert set(composed.trainer) <= TRAINER.keys()
    for described, group in ((CALLBACKS, composed.callbacks), (LOGGERS, composed.logger)):
        assert set(group) == described.keys()
        for name, arguments in group.items():
            assert set(arguments) <= described[name]["properties"].keys()
