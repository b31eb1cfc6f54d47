"""Language models and classifiers are told apart by what their folders hold, and have short ids."""

from collections.abc import Callable
from pathlib import Path

import pytest

from halo.config import ServeConfig, parse
from halo.runtime.errors import InputError
from halo.serving.answers.opening import model_ids, open_classifiers, open_models
from tests.conftest import compose_config
from tests.serving.conftest import Home
from tests.support.opened_classifiers import saved_classifier, tiny_classifier


@pytest.fixture(scope="module")
def classifier(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("classify") / "labels"
    saved_classifier(folder / "bundle", tiny_classifier())
    return folder


def config(*overrides: str) -> ServeConfig:
    return parse(compose_config("serve", ["device=cpu", *overrides]), ServeConfig)


@pytest.mark.parametrize("setting", ["run", "bundle", "classifier"])
def test_a_classifier_alone_is_served(setting: str, classifier: Path) -> None:
    given = config(f"{setting}={classifier}")
    assert open_models(given) == {}
    assert [*open_classifiers(given)] == ["labels"]


def test_a_classifier_is_served_beside_a_model(classifier: Path, home: Home) -> None:
    for given in (
        config(f"bundle={home.bundle}", f"classifier={classifier}"),
        config(f"models=[{home.bundle},{classifier}]"),
    ):
        assert [*open_models(given)] == ["tiny"]
        assert [*open_classifiers(given)] == ["labels"]
    assert open_classifiers(config(f"bundle={home.bundle}")) == {}


def test_a_language_model_is_no_classifier(home: Home) -> None:
    with pytest.raises(InputError, match=r"holds no classifier; give a folder that halo.classify wrote"):
        open_classifiers(config(f"bundle={home.bundle}", f"classifier={home.bundle}"))


@pytest.mark.parametrize(
    ("folders", "ids"),
    [
        (["/a/runs/x", "/b/runs/x"], ["x", "x-2"]),
        (["/a/2026-01-02/03-04-05"], ["2026-01-02_03-04-05"]),
        (["/a/x/bundle", "/a/bundle"], ["x", "a"]),
    ],
)
def test_ids_are_names_of_folders(folders: list[str], ids: list[str]) -> None:
    assert model_ids(folders) == ids


def test_one_model_and_one_classifier_at_most_are_named(settings: Callable[..., ServeConfig]) -> None:
    with pytest.raises(InputError, match=r"give one of: run=FOLDER of a training run, .* and classifier=FOLDER"):
        config()
    with pytest.raises(InputError, match="give one of: "):
        settings("run=a", "classifier=b")
