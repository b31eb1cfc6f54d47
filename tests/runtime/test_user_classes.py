"""Classes of the user's own are imported and constructed, or rejected in one line."""

from pathlib import Path

import pytest

from halo.runtime.errors import InputError
from halo.runtime.user_classes import construct, import_class, require_subclass

MODULE = """
class Own(dict):
    def __init__(self, size):
        self.size = size

def function():
    pass
"""


@pytest.fixture(autouse=True)
def modules(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "own_classes.py").write_text(MODULE)
    (tmp_path / "broken_classes.py").write_text("1 / 0")
    monkeypatch.syspath_prepend(tmp_path)


def test_a_class_is_imported_and_constructed() -> None:
    own = import_class("own_classes.Own", dict, key="optim._target_")
    assert construct(own, arguments={"size": 3}, key="optim").size == 3  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("path", "message"),
    [
        ("Own", "optim._target_=Own: give module and class, such as my_package.MyClass"),
        ("no_such_module.Own", r"cannot import no_such_module \(No module named 'no_such_module'\); is its folder on"),
        ("broken_classes.Own", r"cannot import broken_classes \(division by zero\); correct the module"),
        ("own_classes.Missing", "own_classes has no Missing; correct the name"),
        ("own_classes.function", "own_classes.function: not a subclass of builtins.dict; derive the class from it"),
        ("pathlib.Path", "pathlib.Path: not a subclass of builtins.dict; derive the class from it"),
    ],
)
def test_what_is_no_such_class_is_rejected_in_one_line(path: str, message: str) -> None:
    with pytest.raises(InputError, match=message) as raised:
        import_class(path, dict, key="optim._target_")
    assert "\n" not in str(raised.value)


@pytest.mark.parametrize("arguments", [{}, {"size": 3, "speed": 4}])
def test_arguments_that_do_not_fit_are_rejected_in_one_line(arguments: dict[str, int]) -> None:
    own = import_class("own_classes.Own", dict, key="optim._target_")
    with pytest.raises(
        InputError, match=r"^optim: Own cannot be constructed \(TypeError: .*\); correct its arguments$"
    ):
        construct(own, arguments=arguments, key="optim")


@pytest.mark.parametrize("candidate", [list, {"a": 1}, None, "dict"])
def test_only_a_subclass_is_accepted(candidate: object) -> None:
    with pytest.raises(InputError, match=r"model_class=.*: not a subclass of builtins\.dict"):
        require_subclass(candidate, dict, key="model_class")
    assert require_subclass(dict, dict, key="model_class") is dict
