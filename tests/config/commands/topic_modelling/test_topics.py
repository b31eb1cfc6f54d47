import pytest

from halo.runtime.errors import InputError
from tests.support.found_topics import topics_config


def test_paths_may_be_one_or_several() -> None:
    assert topics_config().paths == []
    assert topics_config("path=a.txt").paths == ["a.txt"]
    assert topics_config("path=[a.txt,b.txt]").paths == ["a.txt", "b.txt"]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ("num_topics=1", "num_topics=1: must be auto, or a whole number from 2 to 1000"),
        ("num_topics=many", "num_topics=many: must be auto, or a whole number from 2 to 1000"),
        ("date_field=day", "date_field=day: is a field of path; give a path"),
        ("data.text_field=body", "data.text_field=body: says how path is read; give a path"),
        ("max_df=0", "max_df=0: must be a number above 0, up to 1"),
        ("unit=sentence", "unit=sentence: must be"),
    ],
)
def test_wrong_settings_are_one_line(change: str, message: str) -> None:
    with pytest.raises(InputError) as raised:
        topics_config(change)
    assert str(raised.value).startswith(message)
