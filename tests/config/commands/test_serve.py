"""Settings of the server: one source of models, and a token that no message shows."""

import pytest

from halo.config import ServeConfig, parse
from halo.config.commands.serve import require_usable_token
from halo.runtime.errors import InputError
from tests.conftest import compose_config


def config(*changes: str) -> ServeConfig:
    return parse(compose_config("serve", [*changes]), ServeConfig)


@pytest.mark.parametrize("given", [[], ["run=a", "bundle=b"], ["bundle=b", "models=[c,d]"]])
def test_models_are_named_in_one_way(given: list[str]) -> None:
    with pytest.raises(InputError, match="give one of: run=FOLDER"):
        config(*given)


def test_several_models() -> None:
    assert config("models=[a,b]").models == ["a", "b"]


@pytest.mark.parametrize("token", ["short", "'with space 12'", "'nön-äscii-token'"])
def test_a_weak_token_is_refused_without_showing_it(token: str) -> None:
    with pytest.raises(InputError, match="at least 8 characters") as refused:
        config("bundle=b", f"token={token}")
    assert token.strip("'") not in str(refused.value)


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        ("port=65536", "port=65536"),
        ("port=-1", "port=-1"),
        ("max_words=0", "max_words=0"),
        ("requests_per_minute=-1", "requests_per_minute=-1"),
        ("request_seconds=0", "request_seconds=0"),
        ("allowed_origins=[example.org]", "allowed_origins=example.org: must be like https://example.org"),
        ("allowed_origins=['https://example.org/']", "without a path"),
        ("host=''", "host="),
    ],
)
def test_wrong_settings_are_one_line(change: str, problem: str) -> None:
    with pytest.raises(InputError) as refused:
        config("bundle=b", change)
    assert problem in str(refused.value)
    assert "\n" not in str(refused.value)


def test_a_weak_token_of_the_environment_is_refused_by_its_name() -> None:
    require_usable_token("long-enough", key="HALO_TOKEN")
    with pytest.raises(InputError, match="HALO_TOKEN: must have at least 8"):
        require_usable_token("short", key="HALO_TOKEN")
