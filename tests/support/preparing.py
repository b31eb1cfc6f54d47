"""Programs that `test_prepare_faults.py` runs in processes of their own, to kill them.

python preparing.py command BYTES SETTING...   runs halo.prepare, and prints when it begins and when it makes the corpus
                                               itself; texts of BYTES and more are cleaned by two worker processes
python preparing.py steps TEXT CACHE           kills preparation before each of its steps in the folder CACHE, or lets
                                               the step fail as on a full disk, and prints the outcome
"""

import json
import os
import shutil
import signal
import sys
import traceback
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

from hydra import compose, initialize_config_dir

from halo.config import DataConfig, PrepareConfig, conf_dir, parse
from halo.corpus import prepare as corpus
from halo.corpus.engines import local, shards
from halo.prepare import main as prepare_main
from halo.runtime.errors import InputError

STEPS = {"open", "os.mkdir", "os.rename", "os.remove", "os.rmdir", "os.listdir", "os.scandir"}
NEED_ROOM = {"open", "os.mkdir", "os.rename"}
MADE, REFUSED, CRASHED = 0, 2, 3


def main() -> None:
    what, *arguments = sys.argv[1:]
    if what == "command":
        run_command(int(arguments[0]), arguments[1:])
    else:
        print(json.dumps(list(try_each_step(*map(Path, arguments)))))


def run_command(min_parallel_bytes: int, settings: list[str]) -> None:
    local.MIN_PARALLEL_BYTES, shards.BATCH_CHARACTERS = min_parallel_bytes, 4000
    local.num_cores = lambda: 2  # type: ignore[attr-defined]
    for name, word in (("prepare", "begins"), ("_make_folder", "makes")):
        setattr(corpus, name, announced(word, getattr(corpus, name)))
    sys.argv = ["halo.prepare", *settings]
    prepare_main()


def announced(word: str, function: Callable[..., Any]) -> Callable[..., Any]:
    def call(*arguments: Any, **named: Any) -> Any:
        print(word, flush=True)
        return function(*arguments, **named)

    return call


def try_each_step(text: Path, cache: Path) -> Iterator[dict[str, Any]]:
    with initialize_config_dir(version_base="1.3", config_dir=str(conf_dir())):
        settings = ["data=text", f"data.path={text}", "data.documents=paragraph", f"data.cache_dir={cache}"]
        config = parse(compose("prepare", settings), PrepareConfig).data
    other = replace(config, splits=replace(config.splits, seed=1))
    steps = Steps(cache)
    sys.addaudithook(steps)
    folder = corpus.prepare(config).folder
    steps.stop()
    undisturbed = contents(folder)
    shutil.rmtree(cache)
    for fault, number in steps.all():
        code = in_child(config, steps, fault, number)
        found = {path.name: contents(path) == undisturbed for path in cache.glob("*")}
        cache_left = cache.exists()
        # Another text that is prepared in the same folder clears up as well.
        corpus.prepare(other if number % 2 else config)
        hidden = [path.name for path in cache.glob(".*")]
        yield {
            "fault": fault,
            "step": steps.names[fault][number],
            "code": code,
            "found": found,
            "cache_left": cache_left,
            "hidden_after": hidden,
            "recovered": contents(corpus.prepare(config).folder) == undisturbed,
        }
        shutil.rmtree(cache)


class Steps:
    """An audit hook that records the steps of a process in a folder, and later makes one of them fail.

    Args:
        cache: The folder.
    """

    def __init__(self, cache: Path) -> None:
        self._cache = str(cache)
        self._watching = True
        self._fault, self._left = "", 0
        self.names: dict[str, list[str]] = {"kill": [], "full disk": []}

    def stop(self) -> None:
        self._watching = False

    def all(self) -> Iterator[tuple[str, int]]:
        return ((fault, number) for fault, names in self.names.items() for number in range(len(names)))

    def fail_at(self, fault: str, number: int) -> None:
        self._watching, self._fault, self._left = True, fault, number

    def __call__(self, event: str, arguments: tuple[Any, ...]) -> None:
        if not self._watching or event not in STEPS or not str(arguments[0]).startswith(self._cache):
            return
        if event == "open" and not arguments[2] & (os.O_WRONLY | os.O_RDWR):
            return  # for reading
        needs_room = event in NEED_ROOM
        if not self._fault:
            for fault in self.names if needs_room else ["kill"]:
                self.names[fault].append(f"{event} {Path(arguments[0]).name}")
        elif self._fault == "kill" or needs_room:
            self._left -= 1
            if self._left == -1 and self._fault == "kill":
                os.kill(os.getpid(), signal.SIGKILL)
            if self._left == -1:
                raise OSError(28, "No space left on device")


def in_child(config: DataConfig, steps: Steps, fault: str, number: int) -> int:
    """Prepares in a child process with a fault at one step, and returns its exit code."""
    child = os.fork()
    if child:
        return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    code = CRASHED
    try:
        steps.fail_at(fault, number)
        corpus.prepare(config)
        code = MADE
    except InputError as error:
        code = REFUSED if "\n" not in str(error) and "No space left" in str(error) else CRASHED
    except BaseException:
        traceback.print_exc()
    finally:
        os._exit(code)


def contents(folder: Path) -> dict[str, bytes]:
    return {file.name: file.read_bytes() for file in folder.iterdir()} if folder.is_dir() else {}


if __name__ == "__main__":
    main()
