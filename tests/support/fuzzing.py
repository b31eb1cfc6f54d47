"""Fuzzing of the commands with valid arguments and files that are changed at random.

The number of an input is its seed. `benchmarks/fuzz.py` tries thousands of inputs, `test_fuzz_commands.py` a few
hundred. An input must be accepted, or refused with a printable one-line message: no traceback, no hang, and no file
outside the output folders.
"""

import contextlib
import io
import logging
import os
import random
import shutil
import signal
import traceback
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple
from unittest import mock

from halo.bundle.loading import Bundle, open_model
from halo.config import SamplesConfig, TrainConfig, parse
from halo.evaluation.evaluation_report import report_splits, report_surprisal, training_corpus
from halo.generation.generator import generate
from halo.generation.prompts import encode_prompt
from halo.runs.run_folder import run_folder
from halo.runtime.errors import InputError
from halo.training.trainer import build_trainer
from tests.conftest import compose_config, run_command
from tests.support.spoiling import FILES, random_arguments, random_content

TIMEOUT_SECONDS = 30  # generous for the slowest machine; longer counts as a hang


class Tried(NamedTuple):
    """The outcome of an input.

    Attributes:
        kind: The file or the command whose input was changed.
        outcome: `accepted`, `refused`, `traceback`, `hang`, or `stray files`.
        message: The error message, or what went wrong.
    """

    kind: str
    outcome: str
    message: str


class Sandbox(NamedTuple):
    """A folder with a trained model in which commands run.

    Attributes:
        root: The folder; only `work/outputs` in it may change.
        text: A file with a small text.
        cache: The name of the folder of the prepared text.
    """

    root: Path
    text: Path
    cache: str

    @property
    def work(self) -> Path:
        """The working directory of the commands."""
        return self.root / "work"

    @property
    def outputs(self) -> Path:
        """The folder that the commands write to."""
        return self.work / "outputs"

    @property
    def run(self) -> Path:
        """The run folder of the trained model."""
        return self.work / "run"

    def contents(self) -> dict[str, tuple[int, int]]:
        """Returns size and modification time of every file that must not change."""
        files: dict[str, tuple[int, int]] = {}
        for folder, names, found in os.walk(self.root):
            if folder == str(self.work):
                names.remove("outputs")
            for name in found:
                facts = os.lstat(os.path.join(folder, name))  # noqa: PTH118  faster than Path, for thousands of inputs
                files[f"{folder}/{name}"] = (facts.st_size, facts.st_mtime_ns)
        return files


def make_sandbox(root: Path, *, run: Path, text: Path) -> Sandbox:
    """Creates a sandbox in an empty folder: a copy of a run folder, with its corpus prepared."""
    sandbox = Sandbox(root, text, "")
    sandbox.outputs.mkdir(parents=True)
    shutil.copytree(run, sandbox.run)
    with contextlib.chdir(sandbox.work), quiet():
        prepared = training_corpus(open_folder(sandbox.run / "bundle"), cache_dir="outputs/cache")
    return sandbox._replace(cache=prepared.folder.name)


def open_folder(folder: Path) -> Bundle:
    """Opens a run folder or a bundle."""
    is_bundle = folder.name == "bundle"
    return open_model(run=None if is_bundle else str(folder), bundle=str(folder) if is_bundle else None, device="cpu")


def try_input(number: int, sandbox: Sandbox, keys: dict[str, list[str]], *, share_of_arguments: float = 0.2) -> Tried:
    """Tries the input with the given number and returns its outcome."""
    dice = random.Random(number)
    before = sandbox.contents()
    if dice.random() < share_of_arguments:
        name = dice.choice(list(keys))
        kind = f"arguments of {name}"
        arguments = random_arguments(name, keys[name], sandbox.text, dice)
        outcome, message = _watched(lambda: _run_command(name, arguments), sandbox)
    else:
        kind = dice.choice(FILES)
        file = sandbox.work / kind.replace("cache/", f"outputs/cache/{sandbox.cache}/")
        whole, facts = file.read_bytes(), file.stat()
        others = [(sandbox.work / other).read_bytes() for other in FILES if other.startswith("run")]
        file.write_bytes(random_content(file.name, whole, others, dice))
        outcome, message = _watched(lambda: _use_file(kind, sandbox, dice), sandbox)
        file.write_bytes(whole)
        os.utime(file, ns=(facts.st_atime_ns, facts.st_mtime_ns))
    after = sandbox.contents()
    strays = {name for name in {*before, *after} if before.get(name) != after.get(name)}
    return Tried(kind, "stray files", f"{sorted(strays)[:3]}") if strays else Tried(kind, outcome, message)


class _Refused(Exception):  # noqa: N818  an expected outcome, not an error
    """A command refused its input with a one-line message."""


class _Hang(BaseException):
    """An input took too long. A BaseException, so that no `except Exception` catches it."""


def _watched(task: Callable[[], None], sandbox: Sandbox) -> tuple[str, str]:
    def ring(*_: object) -> None:
        raise _Hang

    before = signal.signal(signal.SIGALRM, ring)
    signal.alarm(TIMEOUT_SECONDS)
    try:
        with contextlib.chdir(sandbox.work), quiet():
            task()
    except (InputError, _Refused) as error:
        message = str(error)
        # Commands escape what cannot be printed, so an `InputError` itself may contain it.
        # Several wrong settings have a line each.
        lines = message.splitlines()
        is_valid = all(line and (line.isprintable() or isinstance(error, InputError)) for line in lines or [""])
        is_valid &= isinstance(error, InputError) or all(line.startswith("error: ") for line in lines)
        return ("refused", message) if is_valid else ("traceback", f"not printable lines: {message!r}")
    except _Hang:
        return "hang", traceback.format_exc()
    except BaseException:
        return "traceback", traceback.format_exc()
    finally:
        signal.alarm(0)
        signal.signal(signal.SIGALRM, before)
        for handler in list(logging.getLogger().handlers):  # of the run that has ended, whose folder is deleted next
            if isinstance(handler, logging.FileHandler):
                logging.getLogger().removeHandler(handler)
                handler.close()
        for folder in [*sandbox.outputs.iterdir(), *(sandbox.outputs / "cache").iterdir()]:
            if folder.name not in ("cache", sandbox.cache):
                shutil.rmtree(folder)
    return "accepted", ""


@contextlib.contextmanager
def quiet() -> Iterator[io.TextIOWrapper]:
    """Captures standard output and error, as strict about encoding as a terminal; yields standard error."""
    out = io.TextIOWrapper(io.BytesIO(), encoding="utf-8", write_through=True)
    err = io.TextIOWrapper(io.BytesIO(), encoding="utf-8", errors="backslashreplace", write_through=True)
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        yield err


def _run_command(name: str, arguments: list[str]) -> None:
    """Runs a command; of `train`, everything up to the first training step."""
    with quiet() as err, contextlib.ExitStack() as stack:
        stack.enter_context(mock.patch("halo.runs.fit.fit", _build_trainer_only))
        stack.enter_context(mock.patch("halo.runs.seeds.fit_seeds"))
        stack.enter_context(mock.patch("halo.runs.learning_rate_finder.find_learning_rate"))
        code = run_command(name, arguments)
    message = err.buffer.getvalue().decode().strip()  # type: ignore[attr-defined]
    assert code in (0, 2), f"exit status {code} of {name} {arguments}: {message}"
    if code == 2:
        assert message.startswith("error: "), f"{arguments}: {message}"
        written = [str(path) for path in Path("outputs").rglob("*") if path.is_file() and path.parts[1] == name]
        assert not written, f"{arguments}: refused, but wrote {written}"
        raise _Refused(message)


def _build_trainer_only(config: TrainConfig, *, callbacks: Any, loggers: Any) -> None:
    build_trainer(config.trainer, run_folder(config), callbacks, loggers)


@cache
def _sampling() -> SamplesConfig:
    return parse(compose_config("train", ["run_dir=x", "samples.num_words=3"]), TrainConfig).samples


def _use_file(kind: str, sandbox: Sandbox, dice: random.Random) -> None:
    """Uses a corrupted file as the commands would."""
    model = open_folder(sandbox.run / "bundle" if "bundle" in kind or kind.startswith("cache") else sandbox.run)
    if kind.startswith("cache"):
        training_corpus(model, cache_dir="outputs/cache")
        return
    prompt = encode_prompt("the people", model.tokenizer, model.config.data.cleaning)
    generate(model.model, model.tokenizer, prompt, num_samples=2, sampling=_sampling())[0].encode()
    print(report_surprisal(model, "the people of the town").text)
    if "metrics" in kind or ("config" in kind and dice.random() < 0.2):
        corpus = training_corpus(model, cache_dir="outputs/other_cache")
        print(report_splits(model, corpus, "all").text)
