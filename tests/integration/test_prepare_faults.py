"""Kills, full disks, Ctrl-C, several at once: a prepared corpus is complete or absent, and nothing else is left.

`HALO_FAULTS=60` kills sixty times.
"""

import contextlib
import json
import os
import random
import re
import resource
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from uuid import uuid4

import pytest

from halo.config import DataConfig
from halo.corpus.prepare import prepare
from halo.runtime.errors import InputError
from tests.conftest import EXHAUSTIVE, data_config
from tests.support.preparing import contents

pytestmark = [
    pytest.mark.exhaustive,
    pytest.mark.skipif(not Path("/proc/self/environ").exists(), reason="finds processes in /proc"),
]

NUM_KILLS = int(os.environ.get("HALO_FAULTS", "3"))
PREPARING = Path(__file__).parents[1] / "support/preparing.py"
ALONE, WITH_WORKERS = 2**40, 0
MARK = "HALO_FAULTS_MARK"
WORKER = b"spawn_main"
PATIENCE = 60.0


class Preparing:
    """`halo.prepare` in a process of its own, or several, found again by a mark in their environment."""

    def __init__(self, config: DataConfig, folder: Path, *, min_parallel_bytes: int) -> None:
        self.mark = str(uuid4())
        settings = ["data=text", f"data.path={config.path}", "data.documents=paragraph"]
        settings += [f"data.cache_dir={config.cache_dir}", f"data.splits.seed={config.splits.seed}"]
        self.process = subprocess.Popen(
            [sys.executable, str(PREPARING), "command", str(min_parallel_bytes), *settings],
            cwd=folder,
            env={**os.environ, MARK: self.mark},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )
        self._seen = ""

    def wait_for(self, word: str) -> None:
        """Waits for a line of its output that has a word."""
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self._seen += line
            if word in line:
                return
        pytest.fail(f"{word} never came: {self._seen} {self.end()}")

    def wait_for_workers(self) -> list[int]:
        until(lambda: len(self.alive(WORKER)) == 2)
        return self.alive(WORKER)

    def alive(self, kind: bytes = b"") -> list[int]:
        """The processes that belong to it, its workers or all."""
        found = []
        for folder in Path("/proc").glob("[0-9]*"):
            with contextlib.suppress(OSError):
                if (
                    self.mark.encode() in (folder / "environ").read_bytes()
                    and kind in (folder / "cmdline").read_bytes()
                ):
                    found.append(int(folder.name))
        return found

    def require_gone(self) -> None:
        """Waits until its workers have ended, which takes them no longer than what they are at."""
        until(lambda: not self.alive(), 10)

    def signal(self, number: int) -> None:
        os.kill(self.process.pid, number)

    def end(self) -> tuple[int, str, str]:
        """Waits for its end, and returns exit code, output and errors."""
        out, err = self.process.communicate(timeout=PATIENCE)
        return self.process.returncode, self._seen + out, err


def until(condition: Callable[[], bool], seconds: float = PATIENCE) -> None:
    """Waits until something is so."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.01)


def write_text(file: Path, *, paragraphs: int, seed: int = 0) -> Path:
    source = random.Random(seed)
    words = [f"word{number}" for number in range(400)]
    file.write_text("\n\n".join(" ".join(source.choices(words, k=60)) for _ in range(paragraphs)), encoding="utf-8")
    return file


@pytest.fixture(scope="module")
def text(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_text(tmp_path_factory.mktemp("text") / "long.txt", paragraphs=300)


@pytest.fixture
def config(text: Path, tmp_path: Path) -> DataConfig:
    return configured(text, tmp_path / "cache")


def configured(text: Path, cache: Path, *, seed: int = 0) -> DataConfig:
    plain = data_config()
    return replace(
        plain,
        path=str(text),
        documents="paragraph",
        cache_dir=str(cache),
        cleaning=replace(plain.cleaning, keep_characters=None),  # as data=text, which the processes use
        splits=replace(plain.splits, seed=seed),
    )


@pytest.fixture(scope="module")
def whole(text: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    """The files of the corpus, as they are when nothing happens."""
    return contents(prepare(configured(text, tmp_path_factory.mktemp("undisturbed") / "cache")).folder)


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir()) if folder.exists() else []


def refused(ended: tuple[int, str, str], message: str) -> None:
    """Asserts exit code 2 and one line that matches."""
    code, _, err = ended
    assert code == 2, err
    assert re.fullmatch(rf"error: .*{message}.*\n", err), err


# Kills


def test_a_kill_or_a_full_disk_at_any_step_leaves_the_whole_or_nothing_of_use(tmp_path: Path) -> None:
    text = write_text(tmp_path / "short.txt", paragraphs=20)
    done = subprocess.run(
        [sys.executable, str(PREPARING), "steps", str(text), str(tmp_path / "cache")],
        capture_output=True,
        text=True,
        check=True,
    )
    steps = json.loads(done.stdout)
    for step in steps:
        halves = [name for name, cache_exists in step["found"].items() if not (cache_exists or name.startswith("."))]
        assert not halves, step
        assert step["recovered"], step
        assert step["hidden_after"] == [], step
        if step["fault"] == "kill":
            assert step["code"] == -signal.SIGKILL, step
        else:  # refused in one line, or a folder that is there already could not be made
            assert (step["code"], step["cache_left"]) in {(2, False), (0, True)}, step
    failed = {(step["fault"], step["step"].split(" ")[0]) for step in steps}
    assert {("kill", "os.rename"), ("kill", "os.remove"), ("full disk", "os.rename"), ("full disk", "open")} <= failed


@pytest.mark.exhaustive
def test_whenever_it_is_killed_the_next_one_finds_the_whole_or_makes_it(
    config: DataConfig, tmp_path: Path, whole: dict[str, bytes]
) -> None:
    cache = Path(config.cache_dir)
    dice = random.Random(NUM_KILLS)
    for number in range(NUM_KILLS):
        min_parallel_bytes, seconds = ((ALONE, 0.5), (WITH_WORKERS, 2.5))[number % 2]  # about as long as it takes
        running = Preparing(config, tmp_path, min_parallel_bytes=min_parallel_bytes)
        running.wait_for("begins")
        time.sleep(dice.uniform(0, seconds))
        running.signal(signal.SIGKILL)
        code, _, _ = running.end()
        assert code in (-signal.SIGKILL, 0)
        running.require_gone()
        found = [name for name in names(cache) if not name.startswith(".")]
        assert len(found) <= 1
        for name in found:
            assert contents(cache / name) == whole
        if number % 4 > 1:  # another text that is prepared in the same folder clears up as well
            prepare(replace(config, splits=replace(config.splits, seed=number)))
            assert not [name for name in names(cache) if name.startswith(".")]
        assert contents(prepare(config).folder) == whole
        assert not [name for name in names(cache) if name.startswith(".")]
        shutil.rmtree(cache)


# Several at once


@pytest.mark.exhaustive
def test_of_several_that_want_the_same_one_makes_it(
    config: DataConfig, tmp_path: Path, whole: dict[str, bytes]
) -> None:
    ended = [one.end() for one in [Preparing(config, tmp_path, min_parallel_bytes=WITH_WORKERS) for _ in range(3)]]
    assert [code for code, _, _ in ended] == [0, 0, 0]
    assert sum(out.count("makes") for _, out, _ in ended) == 1
    (name,) = names(Path(config.cache_dir))
    assert contents(Path(config.cache_dir, name)) == whole


@pytest.mark.parametrize("killed", [False, pytest.param(True, marks=EXHAUSTIVE)])
def test_one_that_waits_takes_what_the_first_made_or_makes_it_where_that_was_killed(
    config: DataConfig, tmp_path: Path, whole: dict[str, bytes], killed: bool
) -> None:
    first = Preparing(config, tmp_path, min_parallel_bytes=ALONE)
    first.wait_for("makes")
    first.signal(signal.SIGSTOP)
    second = Preparing(config, tmp_path, min_parallel_bytes=ALONE)
    second.wait_for("another process is preparing it; waiting")
    first.signal(signal.SIGKILL if killed else signal.SIGCONT)
    assert first.end()[0] == (-signal.SIGKILL if killed else 0)
    code, out, err = second.end()
    assert (code, err) == (0, "")
    assert out.count("makes") == killed
    (name,) = names(Path(config.cache_dir))
    assert contents(Path(config.cache_dir, name)) == whole


@pytest.mark.exhaustive
def test_different_texts_do_not_wait_for_each_other(
    config: DataConfig, tmp_path: Path, whole: dict[str, bytes]
) -> None:
    first = Preparing(config, tmp_path, min_parallel_bytes=ALONE)
    first.wait_for("makes")
    first.signal(signal.SIGSTOP)
    other = prepare(replace(config, splits=replace(config.splits, seed=1))).folder
    assert [name for name in names(Path(config.cache_dir)) if name.startswith(".")]  # what the first needs stays
    first.signal(signal.SIGCONT)
    assert first.end()[0] == 0
    (made,) = set(names(Path(config.cache_dir))) - {other.name}
    assert contents(Path(config.cache_dir, made)) == whole


# What ends it from outside


@pytest.mark.parametrize(
    "moment",
    [pytest.param("it begins", marks=EXHAUSTIVE), pytest.param("workers start", marks=EXHAUSTIVE), "workers work"],
)
def test_ctrl_c_ends_it_with_one_line(config: DataConfig, tmp_path: Path, moment: str) -> None:
    running = Preparing(config, tmp_path, min_parallel_bytes=WITH_WORKERS)
    running.wait_for("begins" if moment == "it begins" else "makes")
    if moment == "workers work":
        running.wait_for_workers()
        time.sleep(0.3)
    os.killpg(running.process.pid, signal.SIGINT)
    code, out, err = running.end()
    assert (code, err) == (130, "interrupted\n")
    assert "Traceback" not in out
    assert names(tmp_path / "cache") == []
    assert not [path for path in tmp_path.rglob("*") if path.is_file()]
    running.require_gone()


@pytest.mark.parametrize("starting", [True, pytest.param(False, marks=EXHAUSTIVE)])
def test_a_worker_that_is_killed_ends_it_with_one_line(config: DataConfig, tmp_path: Path, starting: bool) -> None:
    running = Preparing(config, tmp_path, min_parallel_bytes=WITH_WORKERS)
    running.wait_for("makes")
    workers = running.wait_for_workers()
    running.signal(signal.SIGSTOP)  # so that there is work left
    if not starting:
        time.sleep(1)
    os.kill(workers[0], signal.SIGKILL)
    running.signal(signal.SIGCONT)
    refused(running.end(), "a worker process was killed while cleaning text, perhaps for lack of memory")
    assert not [path for path in tmp_path.rglob("*") if path.is_file()]
    running.require_gone()


# No room


FULL = re.compile(
    r"[0-9a-f]{16}: the prepared corpus cannot be written \((No space left on device|File too large)\); free"
)


def require_whole_or_refused(config: DataConfig, whole: dict[str, bytes]) -> str:
    """Prepares, and returns what it was refused for; empty where it was not."""
    cache = Path(config.cache_dir)
    message = ""
    try:
        prepare(config)
    except InputError as error:
        message = str(error)
    if message:
        assert FULL.search(message)
        assert "\n" not in message
        assert not cache.exists()
    else:
        (made,) = names(cache)
        assert contents(cache / made) == whole
        shutil.rmtree(cache)
    return message


def test_a_full_disk_is_reported_in_one_line_and_left_as_it_was(
    config: DataConfig, small_disk: Callable[[str], Path], tmp_path: Path, whole: dict[str, bytes]
) -> None:
    on_disk = replace(config, cache_dir=str(small_disk("size=1m") / "cache" / "here"))
    needed = sum(map(len, whole.values())) + 4 * 20_000  # the token store
    sizes = [number * needed // 10 // 4096 * 4 for number in range(1, 15)]
    refusals = []
    for size in sizes:
        small_disk(f"size={size}k")
        refusals.append(require_whole_or_refused(on_disk, whole))
        assert names(tmp_path / "disk") == ([] if refusals[-1] else ["cache"])
        shutil.rmtree(tmp_path / "disk" / "cache", ignore_errors=True)
    assert refusals[0]
    assert not refusals[-1]
    small_disk(f"size={sizes[5]}k")
    refused(Preparing(on_disk, tmp_path, min_parallel_bytes=WITH_WORKERS).end(), r"cannot be written \(No space left")
    assert names(tmp_path / "disk") == []


def test_files_that_may_not_become_so_large_are_reported_in_one_line(
    config: DataConfig, whole: dict[str, bytes]
) -> None:
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    refusals = []
    for size in [0, 100, 1000, *range(5000, 100_000, 9000)]:
        try:
            resource.setrlimit(resource.RLIMIT_FSIZE, (size, limits[1]))
            refusals.append(require_whole_or_refused(config, whole))
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    assert "File too large" in refusals[0]
    assert not refusals[-1]


def test_a_cache_that_is_read_only_serves_what_it_holds(
    config: DataConfig, small_disk: Callable[[str], Path], whole: dict[str, bytes]
) -> None:
    on_disk = replace(config, cache_dir=str(small_disk("size=4m") / "cache"))
    made = prepare(on_disk).folder
    left = made.with_name(".0123456789abcdef.lock")
    left.touch()
    small_disk("ro")
    assert contents(prepare(on_disk).folder) == whole
    with pytest.raises(InputError, match=r"cannot be written \(Read-only file system\); free some space, or set"):
        prepare(replace(on_disk, splits=replace(on_disk.splits, seed=1)))
    small_disk("rw")
    assert names(made.parent) == [left.name, made.name]
    assert prepare(on_disk).folder == made
    assert names(made.parent) == [made.name]
    with pytest.raises(InputError, match=r"cannot be written \(File name too long\)"):
        prepare(replace(on_disk, cache_dir="x" * 300))
