"""A PostgreSQL server for the tests of sweeps."""

from collections.abc import Iterator

import pytest

from tests.support.postgresql import running_postgresql


@pytest.fixture(scope="session")
def postgresql() -> Iterator[str]:
    """The HOST:PORT of a PostgreSQL server with the user `halo`."""
    with running_postgresql() as address:
        yield address
