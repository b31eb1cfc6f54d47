"""Tests of the settings of halo.audit."""

import pytest

from halo.config import AuditCommandConfig, parse
from halo.runtime.errors import InputError
from tests.conftest import compose_config


def test_the_defaults_are_those_of_the_audit_after_training() -> None:
    from halo.auditing.audit import FULL

    config = parse(compose_config("audit", ["run=x"]), AuditCommandConfig)
    assert (config.num_texts, config.num_passages) == (FULL.num_texts, FULL.num_passages)
    assert config.private is None


@pytest.mark.parametrize("setting", ["num_texts=0", "num_passages=many", "private=maybe", "seed=-1"])
def test_other_values_are_refused(setting: str) -> None:
    with pytest.raises(InputError, match=setting):
        parse(compose_config("audit", ["run=x", setting]), AuditCommandConfig)
