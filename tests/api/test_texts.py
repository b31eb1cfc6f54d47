"""One text or several are taken as such, and what is no text is refused with what to do."""

import pytest

from halo.api.texts import require_text, several, without_words
from halo.runtime.errors import InputError


def test_a_string_is_one_text() -> None:
    assert several("a b") == ["a b"]
    assert several(each for each in ("a", "b")) == ["a", "b"]


@pytest.mark.parametrize("wrong", [None, 3, b"bytes", {"a": 1}])
def test_what_is_no_text_is_refused(wrong: object) -> None:
    with pytest.raises(InputError, match=r"prompt=.*: must be a string or several strings"):
        several(wrong, key="prompt")  # type: ignore[arg-type]
    with pytest.raises(InputError, match=r"text=.*: must be a string; read a file"):
        require_text(wrong)


def test_a_long_text_is_cut_in_a_message() -> None:
    assert str(without_words("#" * 1000)) == f"text={'#' * 40!r}: contains no words; give some text"
