"""The gallery of experiments: entries that users add, the page about them, and the result file of a run.

An entry is `gallery/experiment/NAME.yaml`, a Hydra experiment, and `gallery/results/NAME.json`, what it reached. The
second is written from a finished run:

    python -m halo.train --config-dir gallery experiment=NAME
    python -m docs.site.gallery NAME outputs/train/DATE/TIME
"""

import argparse
import hashlib
import json
import sys
from datetime import date
from pathlib import Path
from typing import Any, Literal

import yaml
from pydantic import BaseModel, ConfigDict, Field

from docs.site.pages import ADDRESS, ROOT, relative

FOLDER = ROOT / "gallery"
BUNDLED = ROOT / "src" / "halo" / "corpora"
FIGURES = ("train_perplexity", "validation_perplexity", "test_perplexity", "kneser_ney_test_perplexity")

INTRODUCTION = """\
# Gallery of experiments

What others have trained, with the settings to repeat it. Every entry is an experiment of Hydra and a file with what it
reached. The tests compose all of them, and train those marked *repeated* again: the figure has to come out within the
stated tolerance.

| experiment | text | validation | test | Kneser-Ney 5-gram, test | minutes | repeated |
|---|---|---|---|---|---|---|
"""
ADDING = f"""\
## Add yours

1. Write `gallery/experiment/NAME.yaml`: the settings that differ from the defaults, with a comment that says why.
2. Train: `python -m halo.train --config-dir gallery experiment=NAME`. The text has to be one that others can get; a
   text of your own that may be shared goes to a data repository with a licence, not into this one.
3. Write the result: `python -m docs.site.gallery NAME RUN_FOLDER`, and fill in `title`, `finding` and `author` in
   `gallery/results/NAME.json`. Whoever reads `finding` learns something: what was compared with what, and what came
   out. A negative result is welcome.
4. `pytest tests/integration/test_gallery.py` checks both files; if the experiment trains in under 20 seconds, set
   `repeated` to true. Then open a pull request.

Perplexities compare only between entries with the same text, cleaning and vocabulary. Test text is for the figure that
is reported, and never for choosing settings ([measurement]({ADDRESS}/blob/main/docs/measurement.md)).
"""


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)


class Corpus(_Strict):
    """The text of an experiment."""

    name: str = Field(min_length=3, description="What it is, and where others get it.")
    sha256: str = Field(pattern="^[0-9a-f]{64}$", description="Hash of the file.")
    licence: str = Field(min_length=2, description="Such as Apache-2.0.")


class Result(_Strict):
    """What an experiment reached; the content of `gallery/results/NAME.json`."""

    title: str = Field(min_length=3, max_length=80)
    finding: str = Field(min_length=20, description="What was compared with what, and what came out.")
    author: str = Field(min_length=2)
    date: str = Field(pattern=r"^\d{4}-\d\d-\d\d$")
    overrides: list[str] = Field(description="Settings on the command line besides the experiment.")
    corpus: Corpus
    machine: str = Field(min_length=3, description="Processor or GPU, and threads.")
    minutes: float | None = Field(gt=0, description="Null where the machine was busy with other work as well.")
    versions: dict[Literal["Semblance Halo", "PyTorch", "Lightning", "Python"], str] = Field(min_length=4)
    num_parameters: int = Field(gt=0)
    figures: dict[str, float] = Field(description="Perplexities, as in metrics.json.")
    repeated: bool = Field(description="Whether the tests train it again: under 20 seconds.")
    tolerance: float = Field(gt=0, le=0.05, description="By which share a repeated figure may differ.")


def entries() -> dict[str, Result]:
    """Returns the entries by name.

    Raises:
        ValidationError: A result has other fields or values.
    """
    files = sorted((FOLDER / "results").glob("*.json"))
    return {file.stem: Result.model_validate_json(file.read_text(encoding="utf-8")) for file in files}


def experiment_file(name: str) -> Path:
    """Returns the settings of an entry: in the gallery, or among the project's own experiments."""
    own = FOLDER / "experiment" / f"{name}.yaml"
    return own if own.exists() else ROOT / "conf" / "experiment" / f"{name}.yaml"


def command(name: str, result: Result) -> str:
    """Returns the command that repeats an entry."""
    where = " --config-dir gallery" if experiment_file(name).is_relative_to(FOLDER) else ""
    return " ".join([f"python -m halo.train{where} experiment={name}", *result.overrides])


def page() -> str:
    """Returns the page of the gallery in Markdown."""
    rows, sections = "", ""
    for name, result in entries().items():
        shown = [f"{result.figures[figure]:,.1f}" for figure in FIGURES[1:]]
        minutes = "not measured" if result.minutes is None else f"{result.minutes:.1f}"
        cells = [f"[{result.title}](#{name})", result.corpus.name, *shown, minutes, "yes" if result.repeated else "no"]
        rows += f"| {' | '.join(cells)} |\n"
        versions = ", ".join(f"{library} {version}" for library, version in result.versions.items())
        sections += f"""\
## {name}

**{result.title}.** {result.finding}

```sh
{command(name, result)}
```

```yaml
{experiment_file(name).read_text(encoding="utf-8").strip()}
```

{result.num_parameters:,} parameters. {result.author}, {result.date}, on {result.machine}. {versions}. Text:
{result.corpus.name}, {result.corpus.licence}, SHA-256 `{result.corpus.sha256[:16]}`.
[All figures]({ADDRESS}/blob/main/gallery/results/{name}.json)

"""
    return f"{INTRODUCTION}{rows}\n{sections}{ADDING}"


def result_of(run: Path) -> dict[str, Any]:
    """Returns what a finished run reached, with the fields that only its author can fill in left empty.

    Raises:
        OSError: The folder lacks files of a finished run.
    """
    metrics = json.loads((run / "metrics.json").read_text(encoding="utf-8"))
    config = yaml.safe_load((run / "config.yaml").read_text(encoding="utf-8"))
    environment = metrics["environment"]
    path = str(config["data"]["path"])
    bundled = path.startswith("bundled:")
    file = BUNDLED / path.removeprefix("bundled:") if bundled else Path(path).expanduser()
    hashed = hashlib.sha256(file.read_bytes()).hexdigest() if file.is_file() else ""
    return {
        "title": "",
        "finding": "",
        "author": "",
        "date": date.today().isoformat(),
        "overrides": [],
        "corpus": {
            "name": "the bundled corpus" if bundled else "",
            "sha256": hashed,
            "licence": "Apache-2.0" if bundled else "",
        },
        "machine": f"{environment['processor']}, {environment['device']}, {environment['threads']} CPU threads",
        "minutes": round(metrics["minutes"], 2),
        "versions": {name: environment[name] for name in ("Semblance Halo", "PyTorch", "Lightning", "Python")},
        "num_parameters": metrics["num_parameters"],
        "figures": {name: round(metrics[name], 2) for name in FIGURES},
        "repeated": False,
        "tolerance": 0.02,
    }


def main() -> int:
    """Writes the result of a run into the gallery; returns the exit status."""
    parser = argparse.ArgumentParser(prog="python -m docs.site.gallery", description=(__doc__ or "").split("\n\n")[0])
    parser.add_argument("name", help="name of the experiment")
    parser.add_argument("run", type=Path, help="folder of a finished run")
    options = parser.parse_args()
    target = FOLDER / "results" / f"{options.name}.json"
    if not experiment_file(options.name).exists():
        print(
            f"error: {options.name}: there is no gallery/experiment/{options.name}.yaml; write it first",
            file=sys.stderr,
        )
        return 2
    if target.exists():
        print(f"error: {relative(target)} exists; remove it to write it again", file=sys.stderr)
        return 2
    try:
        content = result_of(options.run)
    except (OSError, KeyError, ValueError) as error:
        print(
            f"error: {options.run}: not the folder of a finished run ({type(error).__name__}: {error})", file=sys.stderr
        )
        return 2
    target.write_text(json.dumps(content, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    print(f"{relative(target)}: now fill in title, finding and author")
    return 0


if __name__ == "__main__":
    sys.exit(main())
