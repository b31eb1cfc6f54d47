"""Unknown settings get a hint, values are shown as in YAML."""

import pytest

from halo.config.messages import MAX_SHOWN, shown, unknown_setting

KNOWN = ["seed", "seeds", "model", "model.hidden", "model.layers", "optim.lr"]


@pytest.mark.parametrize(
    ("key", "hint"),
    [
        ("model.hiden", "did you mean model.hidden?"),
        ("sede", "did you mean seed?"),
        ("hidden", "did you mean model.hidden?"),
        ("lr", "did you mean optim.lr?"),
        ("model.heads", "`--help` lists all settings"),
        ("xyz", "`--help` lists all settings"),
    ],
)
def test_an_unknown_setting_names_the_nearest_one(key: str, hint: str) -> None:
    assert unknown_setting(key, KNOWN) == f"{key}: unknown setting; {hint}"


def test_a_long_value_is_shortened_to_one_line() -> None:
    assert shown("a\nb") == "a b"
    assert len(shown("x" * 5000)) == MAX_SHOWN + 3
    assert shown({"a": [None, False]}) == "{a: [null, false]}"
