"""The example of a custom model: trained with a folder of the user's settings, evaluated, and used from Python."""

import importlib
import re
import shutil
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
import yaml

import halo
from halo.bundle.loading import load_bundle
from tests.conftest import EXHAUSTIVE, Outcome

EXAMPLE = Path(__file__).parents[2] / "examples" / "custom_model"
CLASS = "decay_model.DecayModel"

Command = Callable[..., Outcome]


@pytest.fixture(autouse=True)
def example_on_the_path(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(str(EXAMPLE))


@pytest.fixture
def run(command: Command, tiny: list[str], tmp_path: Path) -> Path:
    """A run of the example, in a folder of its own."""
    overrides = [each for each in tiny if not each.startswith("model.")]
    outcome = command("train", "--config-dir", str(EXAMPLE / "conf"), "model=decay", "run_dir=run", *overrides)
    assert outcome.code == 0, outcome.err
    assert "DecayModel" in outcome.out
    return tmp_path / "run"


def test_the_example_trains_evaluates_and_generates(command: Command, run: Path) -> None:
    for folder in (f"run={run}", f"bundle={run / 'bundle'}"):
        model_class = f"model_class={CLASS}"
        evaluated = command("evaluate", folder, model_class, "device=cpu")
        assert evaluated.code == 0, evaluated.err
        assert "perplexity" in evaluated.out.lower()
        generated = command("generate", folder, model_class, "prompt=the people", "num_words=4", "device=cpu")
        assert generated.code == 0, generated.err
        assert generated.out.startswith("the people")
    decay_model = importlib.import_module("decay_model")
    model = halo.load(run, model_class=decay_model.DecayModel, device="cpu")
    assert model.perplexity("the people") == halo.load(run / "bundle", model_class=CLASS).perplexity("the people")
    assert "halo.Model DecayModel" in repr(model)


def test_a_saved_model_never_has_a_class_imported(
    command: Command, run: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "hostile.py").write_text("import pathlib\npathlib.Path('executed').touch()\n")
    monkeypatch.syspath_prepend(str(tmp_path))
    bundle = Path(shutil.copytree(run / "bundle", tmp_path / "bundle"))
    config = yaml.safe_load((bundle / "config.yaml").read_text())
    config["model"]["_target_"] = "hostile.Model"
    (bundle / "config.yaml").write_text(yaml.safe_dump(config))
    message = "model._target_=hostile.Model: a custom model, whose class is never imported"
    for name, text in (("generate", "prompt=the"), ("evaluate", "text=the")):
        outcome = command(name, f"bundle={bundle}", text, "device=cpu")
        assert outcome.code == 2
        (line,) = outcome.err.strip().splitlines()
        assert message in line
        assert "pass model_class=hostile.Model" in line
    with pytest.raises(halo.InputError, match=r"_target_=hostile\.Model"):
        halo.load(bundle)
    assert "hostile" not in sys.modules
    assert not (tmp_path / "executed").exists()


@pytest.mark.parametrize(
    ("target", "message"),
    [
        ("decay_model.Missing", "decay_model has no Missing"),
        pytest.param(
            "no_such_module.Model", "cannot import no_such_module .* is its folder on PYTHONPATH", marks=EXHAUSTIVE
        ),
        ("pathlib.Path", "not a subclass of halo.models.language_model.LanguageModel"),
        pytest.param("os.getcwd", "not a subclass of halo.models.language_model.LanguageModel", marks=EXHAUSTIVE),
        (CLASS, r"DecayModel cannot be constructed \(TypeError: .*features"),
    ],
)
def test_a_class_that_cannot_be_used_is_refused(
    command: Command, tiny: list[str], tmp_path: Path, target: str, message: str
) -> None:
    (tmp_path / "mine" / "model").mkdir(parents=True)
    (tmp_path / "mine" / "model" / "own.yaml").write_text(f"_target_: {target}\n")
    overrides = [each for each in tiny if not each.startswith("model.")]
    outcome = command("train", "--config-dir", str(tmp_path / "mine"), "model=own", *overrides)
    assert outcome.code == 2, outcome
    (line,) = outcome.err.strip().splitlines()
    assert re.search(message, line), line


def test_weights_of_another_class_are_refused(run: Path) -> None:
    with pytest.raises(halo.InputError, match="not a subclass"):
        load_bundle(run / "bundle", model_class=dict)  # type: ignore[arg-type]
