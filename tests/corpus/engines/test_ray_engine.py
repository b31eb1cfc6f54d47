"""Preparation on Ray: the same bytes as on one machine, also when workers die, and the same one-line errors."""

import logging
from dataclasses import replace
from pathlib import Path

import pytest

from halo.config import DataConfig
from halo.corpus.corpus import Corpus
from halo.corpus.engines import ray_engine, shards
from halo.corpus.prepare import prepare
from halo.corpus.sources import files as files_module
from halo.runtime.errors import InputError
from tests.conftest import EXHAUSTIVE, data_config
from tests.support.ray_tasks import FLAG, shard_of_killed_worker, shard_that_always_kills

pytestmark = [pytest.mark.exhaustive, pytest.mark.slow, pytest.mark.usefixtures("cluster", "small")]


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    """Cuts the text into several shards."""
    monkeypatch.setattr(shards, "SHARD_BYTES", 2**16)
    monkeypatch.setattr(files_module, "CHUNK_BYTES", 2**14)


@pytest.fixture
def config(text: Path, tmp_path: Path) -> DataConfig:
    settings = replace(
        data_config(), path=str(text), cache_dir=str(tmp_path / "local"), name=f"{FLAG}{tmp_path}/killed"
    )
    return replace(settings, batch_size=4, sequence_length=8, eval_batch_size=2)


def on_ray(config: DataConfig) -> DataConfig:
    return replace(config, engine="ray", cache_dir=f"{config.cache_dir}_ray")


def contents(corpus: Corpus) -> dict[str, bytes]:
    return {file.name: file.read_bytes() for file in corpus.folder.iterdir()}


def logged(caplog: pytest.LogCaptureFixture) -> list[str]:
    return [record.getMessage() for record in caplog.records if "prepared in" not in record.getMessage()]


def test_every_file_is_that_of_one_machine_also_with_a_worker_killed(
    config: DataConfig, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    monkeypatch.chdir(tmp_path)  # a relative path means the same file to the workers, which run elsewhere
    config = replace(config, path="text")
    alone = prepare(config)
    lines = logged(caplog)
    caplog.clear()
    monkeypatch.setattr(ray_engine, "tokenize_shard", shard_of_killed_worker)
    together = prepare(on_ray(config))
    assert (tmp_path / "killed").exists()
    assert contents(together) == contents(alone)
    assert together.folder.name == alone.folder.name
    lost = [line for line in logged(caplog) if "Ray worker" in line]
    assert len(lost) == 1
    assert lost[0].endswith("a Ray worker that was cleaning it was lost; it was started again")
    assert [line for line in logged(caplog) if line not in lost] == ["Preparing on Ray: 2 cores on 1 node", *lines]


def test_a_worker_that_is_always_killed_is_one_line(config: DataConfig, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ray_engine, "tokenize_shard", shard_that_always_kills)
    monkeypatch.setattr(ray_engine, "MAX_RETRIES", 0)
    with pytest.raises(
        InputError, match=r"blank\.txt: Ray lost the workers that were cleaning it, 1 times \(\w+\), pe"
    ):
        prepare(on_ray(config))
    assert not Path(f"{config.cache_dir}_ray").exists()


@pytest.mark.parametrize("bad", [pytest.param(b"\xff", marks=EXHAUSTIVE), b"not JSON\n"], ids=["not UTF-8", "not JSON"])
def test_poisoned_input_is_the_same_line_as_on_one_machine(config: DataConfig, text: Path, bad: bytes) -> None:
    content = (text / "large.jsonl").read_bytes()
    cut = content.rfind(b"\n", 0, -2000) + 1
    (text / "large.jsonl").write_bytes(content[:cut] + bad + content[cut:])
    messages = []
    for each in (config, on_ray(config)):
        with pytest.raises(InputError) as raised:
            prepare(each)
        messages.append(str(raised.value))
        assert not Path(each.cache_dir).exists()
    assert messages[0] == messages[1]
    assert "line 5" in messages[0]


def test_a_file_that_a_node_does_not_have_is_named(config: DataConfig, monkeypatch: pytest.MonkeyPatch) -> None:
    def elsewhere(shard: shards.Shard) -> shards.Shard:
        return tuple(replace(part, location=f"/mnt/none{part.location}") for part in shard)

    monkeypatch.setattr(ray_engine, "_located", elsewhere)
    message = (
        r"data\.path=\S+: \S+blank\.txt cannot be read on the Ray node [\d.]+ \(no such file there\); put the text"
    )
    with pytest.raises(InputError, match=message):
        prepare(on_ray(config))
