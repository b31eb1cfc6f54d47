"""`halo.fit`: from overrides, or complete settings, to a finished run."""

from dataclasses import replace
from pathlib import Path

import pytest

import halo
from halo.config import TrainConfig


@pytest.mark.slow
def test_overrides_make_a_run_that_can_be_loaded(tiny: list[str], tmp_path: Path) -> None:
    cache = f"data.cache_dir={tmp_path / 'cache'}"
    result = halo.fit(*tiny, cache, "trainer.max_epochs=1", "model.hidden=12", run_dir=tmp_path / "run")
    assert result.run_dir == tmp_path / "run"
    assert (tmp_path / "run" / "tensorboard").is_dir()
    model = halo.load(result.run_dir, device="cpu")
    assert model.num_parameters == result.num_parameters
    with pytest.raises(halo.InputError, match="already holds a run"):
        halo.fit(*tiny, cache, run_dir=tmp_path / "run")


@pytest.mark.slow
def test_complete_settings_make_a_run(tiny_config: TrainConfig) -> None:
    result = halo.fit(config=replace(tiny_config, callbacks={}, logger={}))
    assert str(result.run_dir) == tiny_config.run_dir
    assert halo.load(result.run_dir, device="cpu").vocab_size == result.uniform_perplexity


@pytest.mark.parametrize(
    ("overrides", "message"),
    [
        (["model.hiden=3"], r"model\.hiden"),
        (["model.hidden=many"], r"model\.hidden=many"),
        (["model=gpt"], "gpt"),
        (["seeds=3"], "seeds=3: 1 is needed"),
        (["find_lr=true"], "find_lr"),
        (["run_dir=x"], "give the folder as the argument run_dir"),
        (["="], "^=: settings are given as KEY=VALUE"),
    ],
)
def test_wrong_overrides_are_refused(
    overrides: list[str], message: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(halo.InputError, match=message):
        halo.fit(*overrides)
    assert not [*tmp_path.iterdir()]


def test_settings_come_from_one_place(tiny_config: TrainConfig) -> None:
    with pytest.raises(halo.InputError, match="cannot be combined with overrides"):
        halo.fit("seed=2", config=tiny_config)
    with pytest.raises(halo.InputError, match="run_dir"):
        halo.fit(config=tiny_config, run_dir="elsewhere")


def test_a_stopped_run_says_how_to_resume_it(tiny_config: TrainConfig, monkeypatch: pytest.MonkeyPatch) -> None:
    def stop(*_: object, **__: object) -> None:
        raise halo.Stopped(15, step=3)

    monkeypatch.setattr("halo.runs.fit.fit", stop)
    with pytest.raises(halo.Stopped, match=r'after step 3; resume with halo.fit\(..., "resume=auto", run_dir='):
        halo.fit(config=tiny_config)
