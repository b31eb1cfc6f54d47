"""The commands of the README run as written there, on a small text."""

import datetime
import io
import json
import random
import re
import shlex
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from halo.cli.command_list import commands
from tests.conftest import EXHAUSTIVE, TINY, Outcome, Run

README = Path(__file__).parents[2] / "README.md"
BLOCKS = re.findall(r"```sh\n(.*?)```", README.read_text(encoding="utf-8"), flags=re.DOTALL)
LINES = [shlex.split(line, comments=True) for block in BLOCKS for line in block.splitlines()]
COMMANDS = [line for line in LINES if line[:2] == ["python", "-m"]]
COMMANDS += [["python", "-m", f"halo.{line[1]}", *line[2:]] for line in LINES if line[:1] == ["halo"]]
IDS = [" ".join(line) for line in COMMANDS]
VARIANTS = {
    *("-m", "pruner=asha", "workers=2", "data.engine=ray", "trainer.precision=auto", "seeds=5", "find_lr=true"),
    *("data=genome", "data=series", "data=code", "data.label_field=LABEL", "by=surprisal"),
    *(
        "run_dir=FOLDER",
        "data=ptb",
        "data=wikitext2",
        "experiment=covid_best",
        "experiment=ptb_small_cpu",
        "experiment=semblance_halo",
    ),
}
"""Arguments of commands that take long, and whose parts other tests run as well."""

ELSEWHERE = {
    "halo.predict": "needs a classifier; tests/integration/test_predict.py runs it",
    "halo.genome": "needs a model of a genome; tests/genomics runs it",
    "halo.forecast": "needs a model of a series; tests/forecasting runs it",
    "halo.serve": "serves until it is stopped; tests/serving and .ci/smoke-test-wheel run it",
}

SMALLER = [each for each in TINY if not each.startswith(("data=", "trainer=", "model."))]


def test_there_are_commands_for_everything() -> None:
    modules = {line[2] for line in COMMANDS}
    assert modules == {f"halo.{name}" for name in commands()} - {"halo.schema"}
    assert ["make", "train"] in LINES
    assert ["make", "serve"] in LINES
    assert ["make", "test"] in LINES


@pytest.fixture(scope="module")
def places(tmp_path_factory: pytest.TempPathFactory, trained: Run, corpus_file: Path) -> dict[str, str]:
    """Paths for the placeholders of the README; FOLDER holds files named as those of the benchmarks."""
    folder = tmp_path_factory.mktemp("benchmarks")
    for part in ("train", "valid", "test"):
        for name in (f"ptb.{part}.txt", f"wiki.{part}.tokens"):
            (folder / name).write_text(" the <unk> of the bridge is N metres long \n \n" * 80)
    draw = random.Random(0)
    kinds = {"news": ["tide", "harbour", "storm", "boat"], "forum": ["soup", "bread", "onion", "salt"]}
    labelled = [
        {"text": " ".join(draw.choices([*kinds[label], "the", "a", "is"], k=40)), "register": label}
        for label in [*kinds] * 20
    ]
    (folder / "labelled.jsonl").write_text("\n".join(map(json.dumps, labelled)))
    (folder / "genome.fa").write_text(f">lambda\n{''.join(draw.choices('ACGT', k=40_000))}\n")
    start = datetime.date(2020, 1, 1)
    days = [f"{start + datetime.timedelta(day)},{100 + draw.random()}" for day in range(400)]
    (folder / "prices.csv").write_text("\n".join(["date,close", *days]))
    sweep = tmp_path_factory.mktemp("sweep")
    for seed in (1, 2):
        run = Path(shutil.copytree(trained.folder, sweep / str(seed)))
        settings = (run / "config.yaml").read_text(encoding="utf-8")
        (run / "config.yaml").write_text(settings.replace("\nseed: 1\n", f"\nseed: {seed}\n"), encoding="utf-8")
    return {
        "outputs/sweep/STUDY": str(sweep),
        "OTHER_RUN": str(sweep / "2"),
        "RUN": str(sweep / "1"),
        "outputs/train/DATE/TIME": str(trained.folder),
        "GENOME.fa.gz": str(folder / "genome.fa"),
        "PRICES.csv": str(folder / "prices.csv"),
        "=LABEL": "=register",
        "REVIEWS": str(folder / "labelled.jsonl"),
        "=FILE_OR_FOLDER": f"={corpus_file}",
        "=FOLDER": f"={folder}",
    }


@pytest.mark.parametrize(
    "line",
    [pytest.param(line, marks=EXHAUSTIVE if VARIANTS & {*line[3:]} else ()) for line in COMMANDS],
    ids=IDS,
)
def test_a_command_of_the_readme_runs(
    line: list[str], command: Callable[..., Outcome], places: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    if line[2] in ELSEWHERE:
        pytest.skip(ELSEWHERE[line[2]])
    monkeypatch.setattr("sys.stdin", io.StringIO("/quit\n"))
    if {"trainer=ddp", "trainer=fsdp"} & {*line}:
        pytest.skip("needs GPUs; tests/integration/test_ranks.py and tests/training/test_sharding.py run it on a CPU")
    if "launcher=slurm" in line:
        pytest.skip("needs SLURM; tests/sweeping/launchers runs it with stand-ins for its commands")
    name = line[2].removeprefix("halo.")
    arguments = [each for each in line[3:] if each != "trainer.accelerator=gpu"]  # left to a machine that has one
    if name == "classify":
        arguments = [each for each in arguments if not each.startswith("data.path=")] + ["data.path=REVIEWS"]
    for written, place in places.items():
        arguments = [each.replace(written, place) for each in arguments]
    if name == "sweep":
        trials = ["num_trials=1", "workers=1", "search_space.parameters.model.hidden=[8, 16]"]
        arguments = [each for each in arguments if not each.startswith(("num_trials=", "workers="))] + trials
    if name in ("train", "sweep", "classify"):
        smaller = [each for each in SMALLER if name != "classify" or not each.startswith("audit.")]
        arguments += [*smaller, "trainer.accelerator=cpu", "trainer.max_epochs=1"]
        if not any(each.startswith(("data=", "data.path=")) for each in arguments):
            arguments += [f"data.path{places['=FILE_OR_FOLDER']}"]
        if "experiment=covid_best" in arguments:
            arguments += ["model.ensemble_size=2"]
        if "seeds=5" in arguments:
            arguments += ["seeds=2"]
        if "experiment=semblance_halo" in arguments:
            arguments += ["data.sequence_length=8", "max_unknown=1"]  # little is left to learn words from
    if name == "topics":
        arguments += ["num_topics=2", "num_seeds=1", "min_df=1", "max_df=1"]
    outcome = command(name, *arguments)
    assert outcome.code == 0, outcome.err
    assert outcome.out.strip() or outcome.err.strip()  # halo.score writes only messages beside a file
