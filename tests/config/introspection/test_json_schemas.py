"""Every file of conf/ validates against its JSON schema, and a wrong one does not."""

import json
import re
from pathlib import Path
from typing import Any

import pytest
import yaml
from jsonschema import Draft202012Validator

from halo.config import conf_dir
from halo.config.introspection.json_schemas import file_schemas

FILES = sorted(file for file in conf_dir().rglob("*.yaml") if "hydra" not in file.relative_to(conf_dir()).parts)
SCHEMAS = file_schemas()


class Loader(yaml.SafeLoader):
    """Reads floats as OmegaConf does, such as 1e-3."""


Loader.add_implicit_resolver(
    "tag:yaml.org,2002:float", re.compile(r"^[-+]?[0-9][0-9_]*(\.[0-9_]*)?[eE][-+]?[0-9]+$"), list("-+0123456789")
)


def schema_of(file: Path) -> str:
    """The name of the schema in the file's comment, whose path leads to the file of the repository."""
    line = next(each for each in file.read_text(encoding="utf-8").splitlines() if "$schema=" in each)
    path = (file.parent / line.rpartition("$schema=")[2]).resolve()
    assert path.parent == conf_dir().parent / "schemas"
    return path.stem


def errors(name: str, settings: Any) -> list[str]:
    return [each.message for each in Draft202012Validator(SCHEMAS[name]).iter_errors(settings)]


@pytest.mark.parametrize("file", FILES, ids=lambda file: str(file.relative_to(conf_dir())))
def test_every_file_of_conf_names_its_schema_and_validates(file: Path) -> None:
    settings = yaml.load(file.read_text(encoding="utf-8"), Loader=Loader)
    assert errors(schema_of(file), settings) == []


def test_the_written_schemas_are_current() -> None:
    folder = conf_dir().parent / "schemas"
    written = {file.stem: json.loads(file.read_text(encoding="utf-8")) for file in folder.glob("*.json")}
    assert written == SCHEMAS, "out of date; run python -m halo.schema --output schemas"


@pytest.mark.parametrize(
    ("name", "settings"),
    [
        ("model", {"hiden": 5}),
        ("model", {"name": "lstm", "hidden": 0}),
        ("model", {"name": "gpt"}),
        ("model", {"name": "lstm", "heads": 4}),
        ("optim", {"name": "sgd", "lr": "fast"}),
        ("data", {"tokenizer": {"kind": "words"}}),
        ("data", {"cleaning": {"steps": ["url"]}}),
        ("train", {"seed": -1}),
        ("train", {"model": {"hiden": 5}}),
        ("generate", {"dtype": "float64"}),
    ],
)
def test_a_wrong_file_does_not_validate(name: str, settings: dict[str, Any]) -> None:
    assert errors(name, settings)


@pytest.mark.parametrize(
    ("name", "settings"),
    [
        ("model", {"_target_": "my_package.Model", "size": 3}),
        ("model", {"hidden": "${model.embedding}"}),
        ("generate", {"prompt": "???"}),
        ("callbacks", {"own": {"_target_": "my_package.Callback", "x": 1}}),
        ("trainer", {"gradient_clip_val": 1}),
    ],
)
def test_what_hydra_and_users_bring_validates(name: str, settings: dict[str, Any]) -> None:
    assert errors(name, settings) == []
