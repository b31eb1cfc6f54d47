"""Settings of evaluation and generation."""

from dataclasses import replace
from typing import Any, get_args

import pytest

from halo.config import DTYPES, SCHEMAS, EvaluateConfig, GenerateConfig, conf_dir, parse
from halo.config.commands import MAX_SAMPLES, MAX_WORDS
from halo.runtime.errors import InputError
from tests.conftest import compose_config, data_config


def test_every_command_with_a_file_in_conf_has_a_schema() -> None:
    assert {file.stem for file in conf_dir().glob("*.yaml")} == SCHEMAS.keys()


def test_adapted_scores_are_of_the_models_own_corpus() -> None:
    config = parse(compose_config("evaluate", ["run=x", "cache=true"]), EvaluateConfig)
    with pytest.raises(ValueError, match="cache=true: is for the model's own corpus"):
        replace(config, text="the virus")
    with pytest.raises(ValueError, match=r"path=a\.txt: cannot be combined with text"):
        replace(config, cache=False, text="the virus", path="a.txt")


def test_reading_is_as_in_training_unless_settings_say_otherwise() -> None:
    trained = replace(data_config(), text_field="body", label_field="kind", encoding="cp1252", title_field="head")
    config = parse(compose_config("evaluate", ["run=x", "path=a.csv"]), EvaluateConfig)
    assert config.data.applied_to(trained) == replace(trained, label_field="auto")
    changes = ["data.text_field=t", "data.title_field=null", "data.table.delimiter=tab", "data.encoding=utf8"]
    config = parse(compose_config("evaluate", ["run=x", "path=a.csv", *changes]), EvaluateConfig)
    applied = config.data.applied_to(trained)
    assert (applied.text_field, applied.title_field, applied.encoding) == ("t", None, "utf-8")
    assert applied.table == replace(trained.table, delimiter="tab")


@pytest.mark.parametrize(
    ("override", "message"),
    [
        ("data.text_field=body", r"^data\.text_field=body: says how path is read; give a path$"),
        ("data.table.header=false", r"^data\.table\.header=False: says how path is read"),
        ("data.label_field=kind", r"^data\.label_field=kind: says how path is read"),
    ],
)
def test_settings_of_reading_need_a_path(override: str, message: str) -> None:
    with pytest.raises(InputError, match=message):
        parse(compose_config("evaluate", ["run=x", override]), EvaluateConfig)


def test_the_size_of_a_generated_text_is_limited() -> None:
    config = parse(compose_config("generate", ["run=x", "prompt=the"]), GenerateConfig)
    assert replace(config, num_words=MAX_WORDS, num_samples=MAX_SAMPLES).num_words == MAX_WORDS
    changes: list[dict[str, Any]] = [
        {"num_words": MAX_WORDS + 1},
        {"num_samples": MAX_SAMPLES + 1},
        {"dtype": "float64"},
    ]
    for change in changes:
        with pytest.raises(ValueError, match=next(iter(change))):
            replace(config, **change)
    assert {*get_args(GenerateConfig.__annotations__["dtype"])} == {*DTYPES}
