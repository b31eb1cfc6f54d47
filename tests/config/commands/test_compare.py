"""The settings of `halo compare`."""

import pytest

from halo.config import CompareConfig, parse
from halo.runtime.errors import InputError
from tests.conftest import compose_config


def config(**changes: object) -> CompareConfig:
    composed = compose_config("compare", ["runs=[a,b]"])
    for key, value in changes.items():
        composed[key] = value
    return parse(composed, CompareConfig)


@pytest.mark.parametrize(
    ("changes", "kind"),
    [
        ({}, "table"),
        ({"output": "a.CSV"}, "csv"),
        ({"format": "json"}, "json"),
        ({"output": "a", "format": "csv"}, "csv"),
    ],
)
def test_the_format_is_that_of_the_ending_unless_it_is_given(changes: dict[str, str], kind: str) -> None:
    assert config(**changes).written_format == kind


def test_a_page_may_be_a_file() -> None:
    assert (config().wants_page, config().page_file) == (False, None)
    assert (config(page="true").wants_page, config(page=True).page_file) == (True, None)
    assert config(page="a.html").page_file == "a.html"


def test_runs_are_needed() -> None:
    with pytest.raises(InputError, match="runs=null: give at least two runs"):
        config(runs=None)
