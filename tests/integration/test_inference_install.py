"""Without the extra `train` a model can be loaded, scored and sampled from; all else is refused in one line."""

import subprocess
import sys

import pytest

from tests.conftest import EXHAUSTIVE, Run

TRAINING_PACKAGES = [
    *("lightning", "pytorch_lightning", "torchmetrics", "hydra", "omegaconf", "tensorboard", "matplotlib", "rich"),
    *("rensa", "fsspec", "filelock", "jinja2", "joblib"),
]
BLOCK = f"import sys; sys.modules.update(dict.fromkeys({TRAINING_PACKAGES}))\n"

USE = """
import halo
model = halo.load(sys.argv[1], device="cpu")
assert model.perplexity("the people") > 1
(scored,) = model.score("the people")
assert len(scored.tokens) == 2
assert len(model.generate("the people", num_samples=2, num_words=3)) == 2
"""

IMPORT = """
import halo.corpus.cleaning.pipeline, halo.tokenization.tokenizer, halo.data.streams, halo.models.model_spec
import halo.bundle.loading, halo.bundle.saving, halo.generation.generator, halo.evaluation.text_scores, halo.config
"""

REFUSE = """
import halo
for function in (halo.fit, halo.prepare):
    try:
        function()
    except halo.InputError as error:
        assert "pip install 'semblance-halo[train]'" in str(error), error
    else:
        raise AssertionError(function)
"""


def run(program: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Runs a program for which the packages of the extra cannot be imported."""
    command = [sys.executable, "-c", BLOCK + program, *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=False)


@pytest.mark.parametrize(
    "program", [USE, pytest.param(IMPORT, marks=EXHAUSTIVE), REFUSE], ids=["use", "import", "refuse"]
)
def test_inference_needs_no_training_packages(trained: Run, program: str) -> None:
    for folder in (trained.folder, trained.folder / "bundle"):
        done = run(program, str(folder))
        assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("name", ["train", "prepare", "evaluate", "generate"])
def test_a_command_without_its_packages_is_one_line(name: str) -> None:
    done = run(f"import runpy; runpy.run_module('halo.{name}', run_name='__main__')")
    assert done.returncode == 2, done
    (line,) = done.stderr.strip().splitlines()
    assert line.startswith("error: ")
    assert "pip install 'semblance-halo[train]'" in line
