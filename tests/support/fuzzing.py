"""What the commands are tried with: arguments and files, each one that is right, changed at random.

An input has a number, from which all about it follows. `benchmarks/fuzz.py` tries thousands, `test_fuzz_commands.py`
some hundred. What may come of one: it is accepted, or refused in one line that can be printed; no traceback, no hang,
and no file anywhere but in the folders of outputs.
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
from halo.generation.generator import encode_prompt, generate
from halo.runs.run_folder import run_folder as folder_of
from halo.runtime.errors import InputError
from halo.training.trainer import build_trainer
from tests.conftest import compose_config, run_command
from tests.support.spoiling import FILES, some_arguments, some_content

SECONDS = 30  # of the slowest computer there may be; more is a hang


class Tried(NamedTuple):
    """What came of an input.

    Attributes:
        kind: What was changed.
        outcome: `accepted`, `refused`, `traceback`, `hang`, or `stray files`.
        told: The message, or what went wrong.
    """

    kind: str
    outcome: str
    told: str


class Sandbox(NamedTuple):
    """A folder with a trained model, in which commands run.

    Attributes:
        root: The folder; nothing in it but `work/outputs` may change.
        text: A small text.
        cache: The name of the folder of the prepared text.
    """

    root: Path
    text: Path
    cache: str

    @property
    def work(self) -> Path:
        """The folder that commands are started in."""
        return self.root / "work"

    @property
    def outputs(self) -> Path:
        """Where they write."""
        return self.work / "outputs"

    @property
    def run(self) -> Path:
        """The run folder."""
        return self.work / "run"

    def contents(self) -> dict[str, tuple[int, int]]:
        """Returns size and time of every file that may not change."""
        files: dict[str, tuple[int, int]] = {}
        for folder, names, found in os.walk(self.root):
            if folder == str(self.work):
                names.remove("outputs")
            for name in found:
                facts = os.lstat(os.path.join(folder, name))  # noqa: PTH118  of thousands of inputs
                files[f"{folder}/{name}"] = (facts.st_size, facts.st_mtime_ns)
        return files


def make_sandbox(root: Path, *, run: Path, text: Path) -> Sandbox:
    """Returns a sandbox in an empty folder, with a copy of a run folder whose corpus has been prepared."""
    sandbox = Sandbox(root, text, "")
    sandbox.outputs.mkdir(parents=True)
    shutil.copytree(run, sandbox.run)
    with contextlib.chdir(sandbox.work), quiet():
        prepared = training_corpus(opened(sandbox.run / "bundle"), cache_dir="outputs/cache")
    return sandbox._replace(cache=prepared.folder.name)


def opened(folder: Path) -> Bundle:
    is_bundle = folder.name == "bundle"
    return open_model(run=None if is_bundle else str(folder), bundle=str(folder) if is_bundle else None, device="cpu")


# Trying


def try_input(number: int, sandbox: Sandbox, keys: dict[str, list[str]], *, share_of_arguments: float = 0.2) -> Tried:
    """Returns what came of an input."""
    dice = random.Random(number)
    before = sandbox.contents()
    if dice.random() < share_of_arguments:
        name = dice.choice(list(keys))
        kind = f"arguments of {name}"
        arguments = some_arguments(name, keys[name], sandbox.text, dice)
        outcome, told = _watched(lambda: _run_command(name, arguments), sandbox)
    else:
        kind = dice.choice(FILES)
        file = sandbox.work / kind.replace("cache/", f"outputs/cache/{sandbox.cache}/")
        whole, facts = file.read_bytes(), file.stat()
        others = [(sandbox.work / other).read_bytes() for other in FILES if other.startswith("run")]
        file.write_bytes(some_content(file.name, whole, others, dice))
        outcome, told = _watched(lambda: _use(kind, sandbox, dice), sandbox)
        file.write_bytes(whole)
        os.utime(file, ns=(facts.st_atime_ns, facts.st_mtime_ns))
    after = sandbox.contents()
    strays = {name for name in {*before, *after} if before.get(name) != after.get(name)}
    return Tried(kind, "stray files", f"{sorted(strays)[:3]}") if strays else Tried(kind, outcome, told)


class _Refused(Exception):  # noqa: N818  no error of this program
    """A command said no, in one line."""


class _Hang(BaseException):
    """An input took too long; not an exception that anything would catch."""


def _watched(task: Callable[[], None], sandbox: Sandbox) -> tuple[str, str]:
    def ring(*_: object) -> None:
        raise _Hang

    before = signal.signal(signal.SIGALRM, ring)
    signal.alarm(SECONDS)
    try:
        with contextlib.chdir(sandbox.work), quiet():
            task()
    except (InputError, _Refused) as error:
        told = str(error)
        # Commands see to it that what they tell can be printed, whatever is in an `InputError`.
        fine = told and "\n" not in told and (told.isprintable() or isinstance(error, InputError))
        return ("refused", told) if fine else ("traceback", f"not one line that can be printed: {told!r}")
    except _Hang:
        return "hang", traceback.format_exc()
    except BaseException:
        return "traceback", traceback.format_exc()
    finally:
        signal.alarm(0)
        signal.signal(signal.SIGALRM, before)
        for handler in list(logging.getLogger().handlers):  # of the run that has ended, whose folder goes
            if isinstance(handler, logging.FileHandler):
                logging.getLogger().removeHandler(handler)
                handler.close()
        for folder in [*sandbox.outputs.iterdir(), *(sandbox.outputs / "cache").iterdir()]:
            if folder.name not in ("cache", sandbox.cache):
                shutil.rmtree(folder)
    return "accepted", ""


@contextlib.contextmanager
def quiet() -> Iterator[io.TextIOWrapper]:
    """Takes up what is printed, as strictly as a terminal does; gives what goes to standard error."""
    out = io.TextIOWrapper(io.BytesIO(), encoding="utf-8", write_through=True)
    err = io.TextIOWrapper(io.BytesIO(), encoding="utf-8", errors="backslashreplace", write_through=True)
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        yield err


def _run_command(name: str, arguments: list[str]) -> None:
    """Runs a command; of training only what comes before it."""
    with quiet() as err, contextlib.ExitStack() as stack:
        stack.enter_context(mock.patch("halo.runs.fit.fit", _fit_nothing))
        stack.enter_context(mock.patch("halo.runs.seeds.fit_seeds"))
        stack.enter_context(mock.patch("halo.runs.learning_rate_finder.find_learning_rate"))
        code = run_command(name, arguments)
    told = err.buffer.getvalue().decode().strip()  # type: ignore[attr-defined]
    assert code in (0, 2), f"exit code {code} of {name} {arguments}: {told}"
    if code == 2:
        assert told.startswith("error: "), f"{arguments}: {told}"
        left = [str(path) for path in Path("outputs").rglob("*") if path.is_file() and path.parts[1] == name]
        assert not left, f"{arguments}: left {left}"
        raise _Refused(told)


def _fit_nothing(config: TrainConfig, *, callbacks: Any, loggers: Any) -> None:
    build_trainer(config.trainer, folder_of(config), callbacks, loggers)


@cache
def _sampling() -> SamplesConfig:
    return parse(compose_config("train", ["run_dir=x", "samples.num_words=3"]), TrainConfig).samples


def _use(kind: str, sandbox: Sandbox, dice: random.Random) -> None:
    """Does with a spoiled file what the commands would."""
    model = opened(sandbox.run / "bundle" if "bundle" in kind or kind.startswith("cache") else sandbox.run)
    if kind.startswith("cache"):
        training_corpus(model, cache_dir="outputs/cache")
        return
    prompt = encode_prompt("the people", model.tokenizer, model.config.data.cleaning)
    generate(model.model, model.tokenizer, prompt, num_samples=2, sampling=_sampling())[0].encode()
    print(report_surprisal(model, "the people of the town").text)
    if "metrics" in kind or ("config" in kind and dice.random() < 0.2):
        corpus = training_corpus(model, cache_dir="outputs/spoiled")
        print(report_splits(model, corpus, "all").text)
