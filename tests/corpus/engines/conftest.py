"""One local Ray cluster for all tests of this folder."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from halo.corpus.engines import ray_cluster


@pytest.fixture(scope="package")
def cluster() -> Iterator[None]:
    """A cluster of two cores on this machine."""
    ray = pytest.importorskip("ray")
    os.environ[ray_cluster.USAGE_STATISTICS] = "0"
    with ray_cluster.quiet(ray):
        ray.init("local", num_cpus=2, include_dashboard=False, log_to_driver=False, object_store_memory=2**27)
        yield
        ray.shutdown()


@pytest.fixture
def text(tmp_path: Path) -> Path:
    """A folder of a large file and small ones, with near duplicates and what is logged when it is read."""
    folder = tmp_path / "text"
    folder.mkdir()
    words = [f"word{number % 97} of{number % 89}" for number in range(3000)]
    paragraphs = [" ".join(words[start : start + 30]) for start in range(0, 2900, 7)]
    lines = [
        f'{{"text": "{a}\\nwith a line end\\nor two\\n\\n{b}"}}'
        for a, b in zip(paragraphs, paragraphs[9:], strict=False)
    ]
    (folder / "large.jsonl").write_text("\n".join([*lines, *lines[::3]]), encoding="utf-8")
    for number in range(9):
        (folder / f"small{number}.txt").write_text(f"{paragraphs[number * 5]} ends {number}\n\nA caf\u00c3\u00a9.")
    (folder / "blank.txt").write_text("\n\n")
    return folder
