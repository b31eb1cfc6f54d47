"""Settings of showing a batch."""

import pytest

from halo.config import ShowConfig, parse
from halo.runtime.errors import InputError
from tests.conftest import compose_config


@pytest.mark.parametrize(
    ("override", "message"),
    [
        ("layer=0", r"^layer=0: must be a whole number of at least 1, or null$"),
        ("head=0", r"^head=0: must be a whole number of at least 1$"),
        ("max_norm=0", r"^max_norm=0: must be a number above 0 or as_trained$"),
        ("max_norm=none", r"^max_norm=none: must be a number above 0 or as_trained$"),
    ],
)
def test_settings_that_cannot_be_shown_are_refused(override: str, message: str) -> None:
    with pytest.raises(InputError, match=message):
        parse(compose_config("show", [override]), ShowConfig)
