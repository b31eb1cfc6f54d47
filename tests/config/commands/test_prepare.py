"""Settings of the preparation, and the list of all commands."""

from halo.config import SCHEMAS, PrepareConfig, conf_dir, parse
from tests.conftest import compose_config


def test_every_command_with_a_file_in_conf_has_a_schema() -> None:
    assert {file.stem for file in conf_dir().glob("*.yaml")} == SCHEMAS.keys()


def test_only_the_text_is_configured() -> None:
    assert parse(compose_config("prepare", []), PrepareConfig).data.name == "covid"
