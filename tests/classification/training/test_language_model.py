from pathlib import Path
from typing import Any

import pytest

from halo.classification.training import language_model
from halo.classification.training.language_model import LanguageModelRun, make_language_model, open_language_model
from halo.config import ClassifyConfig, TrainConfig, parse
from halo.runtime.errors import InputError
from tests.conftest import compose_config
from tests.support.tiny_classifiers import tiny_language_model, tiny_tokenizer

OLD = ["walking", "talking", "river", "stone"]


def classify_config(*overrides: str) -> ClassifyConfig:
    return parse(compose_config("classify", ["run_dir=x", *overrides]), ClassifyConfig)


@pytest.fixture
def run(tmp_path: Path) -> LanguageModelRun:
    return LanguageModelRun(parse(compose_config("train", [f"run_dir={tmp_path}/lm"]), TrainConfig), [], [])


def test_a_model_with_the_vocabulary_of_the_text_is_used_as_it_is(run: LanguageModelRun) -> None:
    given = tiny_language_model(OLD)
    assert make_language_model(classify_config(), run, given, tiny_tokenizer(OLD)) is given


def test_no_epochs_only_map_the_vocabulary(run: LanguageModelRun) -> None:
    tokenizer = tiny_tokenizer(["river", "cloud"])
    found = make_language_model(classify_config("adaptation.epochs=0"), run, tiny_language_model(OLD), tokenizer)
    assert found is not None
    assert found.tokenizer is tokenizer
    assert not found.model.training


def test_another_vocabulary_is_adapted_with_the_settings_of_the_adaptation(
    run: LanguageModelRun, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: dict[str, Any] = {}

    def record(config: TrainConfig, *, make_model: Any, **_: Any) -> None:
        seen.update(config=config, model=make_model(tiny_tokenizer(["river", "cloud"])))

    monkeypatch.setattr(language_model, "fit", record)
    given = tiny_language_model(OLD)
    assert make_language_model(classify_config("adaptation.lr=0.5"), run, given, tiny_tokenizer(["river"])) is None
    assert seen["config"].trainer["max_epochs"] == 3
    assert seen["config"].optim.lr == 0.5
    assert seen["config"].model == given.config.model
    assert seen["model"].training


def test_a_folder_without_a_model_is_refused(tmp_path: Path) -> None:
    assert open_language_model(classify_config()) is None
    with pytest.raises(InputError, match=r"language_model=.*nowhere: no such folder"):
        open_language_model(classify_config(f"language_model={tmp_path}/nowhere"))
    (tmp_path / "runs" / "one").mkdir(parents=True)
    (tmp_path / "runs" / "one" / "config.yaml").touch()
    with pytest.raises(InputError, match=r"^language_model=.*runs: holds several runs; .* such as language_model="):
        open_language_model(classify_config(f"language_model={tmp_path}/runs"))
