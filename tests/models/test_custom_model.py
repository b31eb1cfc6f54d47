"""Importing a model class by its path, and constructing it with the user's arguments."""

from pathlib import Path

import pytest

from halo.models.custom_model import construct_model, import_model_class, require_model_class
from halo.models.language_model import LanguageModel, Network
from halo.models.recurrent import RecurrentModel
from halo.runtime.errors import InputError


def test_a_class_is_found_by_its_path() -> None:
    assert import_model_class("halo.models.recurrent.RecurrentModel", key="model_class") is RecurrentModel


@pytest.mark.parametrize(
    ("path", "message"),
    [
        ("Model", "module_class=Model: give module and class"),
        ("no_such_module.Model", r"cannot import no_such_module \(.*\); is its folder on PYTHONPATH\?"),
        ("halo.models.recurrent.Missing", "halo.models.recurrent has no Missing"),
        ("pathlib.Path", "Path: not a subclass of halo.models.language_model.LanguageModel"),
    ],
)
def test_a_path_that_leads_to_no_model_is_refused(path: str, message: str) -> None:
    with pytest.raises(InputError, match=message):
        import_model_class(path, key="module_class")


def test_a_module_that_fails_is_one_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "failing_model.py").write_text("raise RuntimeError('no\\nway')\n")
    monkeypatch.syspath_prepend(str(tmp_path))
    with pytest.raises(InputError, match=r"cannot import failing_model \(no way\); correct the module"):
        import_model_class("failing_model.Model", key="model_class")


@pytest.mark.parametrize("candidate", [dict, RecurrentModel(vocab_size=5, hidden=4, embedding=4), None, "x"])
def test_only_classes_of_language_models_are_accepted(candidate: object) -> None:
    with pytest.raises(InputError, match="not a subclass"):
        require_model_class(candidate, key="model_class")
    assert require_model_class(Network, key="model_class") is Network


def test_a_constructor_that_fails_is_reported_with_its_reason() -> None:
    model = construct_model(RecurrentModel, vocab_size=7, arguments={"hidden": 4, "embedding": 4})
    assert isinstance(model, LanguageModel)
    with pytest.raises(InputError, match=r"RecurrentModel cannot be constructed \(TypeError: .*hiden"):
        construct_model(RecurrentModel, vocab_size=7, arguments={"hiden": 4})
