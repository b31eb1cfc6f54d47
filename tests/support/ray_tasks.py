"""Tasks of Ray that fail in chosen ways, for the tests of preparation on a cluster."""

import os
import signal
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from halo.corpus.engines.ray_engine import tokenize_shard

FLAG = "HALO_TEST_KILLED"
"""A setting of the text, `name`, that begins with this and goes on with a file: its existence says who was killed."""


def shard_of_killed_worker(shard: Any, config: Any, **settings: Any) -> Iterator[Any]:
    """Tokenizes a shard; the first worker to have yielded a batch of it is killed."""
    for result in tokenize_shard(shard, config, **settings):
        yield result
        flag = Path(config.name.removeprefix(FLAG))
        if not flag.exists():
            flag.touch()
            os.kill(os.getpid(), signal.SIGKILL)


def shard_that_always_kills(*_: Any, **__: Any) -> Iterator[Any]:
    """Kills its worker."""
    os.kill(os.getpid(), signal.SIGKILL)
    yield None


def other_versions() -> dict[str, str]:
    """Returns another version in each process."""
    return {"prepare": f"of process {os.getpid()}"}
