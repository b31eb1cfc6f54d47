"""Settings of halo.score that do not fit together are refused in one line."""

import pytest

from halo.config import ScoreConfig, parse
from halo.runtime.errors import InputError
from tests.conftest import compose_config


def score_config(*overrides: str) -> ScoreConfig:
    return parse(compose_config("score", ["bundle=b", *overrides]), ScoreConfig)


@pytest.mark.parametrize(
    ("overrides", "message"),
    [
        ((), "path=null: give path=FILE with texts to score, path=- for standard input, text=SENTENCE, or pairs=FILE"),
        (("path=a.txt", "text=b"), "path=a.txt: cannot be combined with text"),
        (("text=b", "text_field=c"), "text_field=c: names a column of path"),
        (("text=b", "regions=c"), "regions=c: names a column of path"),
        (("path=a.csv", "unit=region"), "unit=region: needs regions"),
        (("path=a.csv", "unit=line"), "unit=line: .*word, region"),
        (("path=a.csv", "format=xml"), "format=xml: .*halo, neural-complexity or lm-zoo"),
        (("path=a.csv", "format=lm-zoo", "unit=text"), "format=lm-zoo: has neither regions nor other units"),
        (("path=a.csv", "output=b.xlsx"), "output=b.xlsx: must end in .csv, .tsv, .jsonl or .parquet"),
        (("path=a.csv", "output=b.parquet", "format=lm-zoo"), "output=b.parquet: format=lm-zoo is a text file"),
        (("path=a.csv", "context=none"), "context=none: "),
        (("path=a.csv", "oov=x"), "oov=x: "),
        (("path=a.csv", "ngrams=x"), "ngrams=x: "),
        (("path=a.csv", "data.encoding=x"), "data.encoding=x: "),
    ],
)
def test_settings_that_do_not_fit_are_refused(overrides: tuple[str, ...], message: str) -> None:
    with pytest.raises(InputError, match=message) as caught:
        score_config(*overrides)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    "overrides",
    [
        ("text=b", "regions=brackets", "unit=region"),
        ("path=-", "output=-"),
        ("path=a.csv", "output=B.CSV"),
        ("path=a.csv", "output=b.txt", "format=neural-complexity"),
        ("path=a.csv", "ngrams=true"),
    ],
)
def test_settings_that_fit_are_accepted(overrides: tuple[str, ...]) -> None:
    score_config(*overrides)
