"""One model or several, each given once."""

from pathlib import Path

import pytest

from halo.config import ScoreConfig, parse
from halo.runtime.errors import InputError
from halo.scoring.comparison.open_models import open_models
from tests.conftest import compose_config


def score_config(*settings: str) -> ScoreConfig:
    return parse(compose_config("score", [*settings, "text=x"]), ScoreConfig)


@pytest.fixture
def opened(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str | None, str | None]]:
    """Records what is opened instead of opening it: the run and the bundle."""
    calls: list[tuple[str | None, str | None]] = []

    def record(*, run: str | None, bundle: str | None, **_: object) -> None:
        calls.append((run, bundle))

    monkeypatch.setattr("halo.scoring.comparison.open_models.open_model", record)
    return calls


def test_runs_and_bundles_are_told_apart(opened: list[tuple[str | None, str | None]], tmp_path: Path) -> None:
    for name in ("run", "bundle"):
        (tmp_path / name).mkdir()
    (tmp_path / "bundle" / "model.safetensors").touch()
    run, bundle = str(tmp_path / "run"), str(tmp_path / "bundle")
    assert [*open_models(score_config(f"models=[{run},{bundle}]"))] == [run, bundle]
    assert opened == [(run, None), (None, bundle)]
    assert [*open_models(score_config(f"run={run}"))] == [run]


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        (["models=[a,a]"], "models: a is given twice"),
        (["models=[a,./a]"], "models: ./a is given twice"),
        (["models=[a,b]"], "models: a: no such folder; give run folders or bundles"),
        (["models=[a]", "run=b"], "run=b: cannot be combined with models"),
        (["models=[a]", "bundle=b"], "bundle=b: cannot be combined with models"),
    ],
)
def test_what_does_not_fit_is_refused(
    settings: list[str], message: str, opened: list[tuple[str | None, str | None]]
) -> None:
    with pytest.raises(InputError, match=message):
        open_models(score_config(*settings))
