"""Settings of the tasks of halo.score that do not fit together are refused in one line."""

import pytest

from halo.config import ScoreConfig, parse
from halo.runtime.errors import InputError
from tests.conftest import compose_config


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        (["pairs=a", "text=x"], "text=x: cannot be combined with pairs"),
        (["pairs=a", "path=x"], "path=x: cannot be combined with pairs"),
        (["pairs=a", "context=running"], "context=running: cannot be combined with pairs"),
        (["pairs=a", "format=lm-zoo"], "format=lm-zoo: cannot be combined with pairs"),
        (["path=a", "good_field=x"], "good_field=x: names a field of minimal pairs; give pairs"),
        (["path=a", "predicts=rt"], "predicts=rt: needs a table with a word a row; .* group_field"),
        (["path=a", "order_field=n"], "order_field=n: needs a table with a word a row"),
        (["text=a", "group_field=n"], "group_field=n: is for tables with a word a row; give path"),
        (["path=a", "group_field=n", "models=[a,b]"], "models=a,b: one model is used"),
        (["path=a", "models=[a,b]", "output=x.csv"], "output=x.csv: cannot be combined with models"),
        (["path=a", "group_field=n", "folds=1"], "folds=1: must be a whole number from 2"),
        (["path=a", "group_field=n", "reading_time_limits=[9,1]"], "the first must be below the second"),
        (["path=a", "group_field=n", "reading_time_limits=[9]"], "reading_time_limits.*two numbers in milliseconds"),
    ],
)
def test_combinations_without_meaning_are_refused(settings: list[str], message: str) -> None:
    with pytest.raises(InputError, match=message):
        parse(compose_config("score", [*settings, "bundle=x"]), ScoreConfig)


@pytest.mark.parametrize(
    "settings", [["pairs=a", "models=[a,b]"], ["path=a", "models=[a]"], ["path=a", "group_field=n"]]
)
def test_tasks_are_accepted(settings: list[str]) -> None:
    parse(compose_config("score", settings), ScoreConfig)
