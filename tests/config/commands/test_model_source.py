"""Which trained model a command uses."""

import pytest

from halo.config import EvaluateConfig, GenerateConfig, parse
from tests.conftest import compose_config


@pytest.mark.parametrize(("command", "schema"), [("evaluate", EvaluateConfig), ("generate", GenerateConfig)])
def test_a_folder_may_be_named_by_a_number(command: str, schema: type) -> None:
    assert parse(compose_config(command, ["run=2026", "prompt=a"][: 1 + (command == "generate")]), schema).run == "2026"
