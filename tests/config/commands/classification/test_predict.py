"""Settings of halo.predict that do not fit together are refused in one line."""

import pytest

from halo.config import PredictConfig, parse
from halo.runtime.errors import InputError
from tests.conftest import compose_config


def config(*overrides: str) -> PredictConfig:
    return parse(compose_config("predict", [*overrides]), PredictConfig)


@pytest.mark.parametrize(
    ("overrides", "message"),
    [
        (("path=a.txt",), r"give one classifier: run=FOLDER of halo\.classify, or bundle=FOLDER"),
        (("run=a", "bundle=b", "path=a.txt"), "give one classifier: "),
        (("run=a",), "path=null: give path=FILE with texts, path=- for standard input, or text=SENTENCE"),
        (("run=a", "path=a.txt", "text=b"), r"path=a\.txt: cannot be combined with text"),
        (("run=a", "text=b", "label_field=c"), "label_field=c: names a column of path"),
        (("run=a", "text=b", "text_field=c"), "text_field=c: names a column of path"),
        (("run=a", "path=a.csv", "output=b.xlsx"), r"output=b\.xlsx: must end in \.csv, \.tsv, \.jsonl or \.parquet"),
        (("run=a", "path=a.csv", "threshold=0"), "threshold=0: "),
        (("run=a", "path=a.csv", "threshold=90"), "threshold=90: "),
        (("run=a", "path=a.csv", "explain=5"), "explain=5: "),
    ],
)
def test_settings_that_do_not_fit_are_refused(overrides: tuple[str, ...], message: str) -> None:
    with pytest.raises(InputError, match=message) as caught:
        config(*overrides)
    assert "\n" not in str(caught.value)


def test_settings_that_fit_are_accepted() -> None:
    given = config("bundle=b", "path=-", "output=-", "threshold=0.9", "probabilities=true", "label_field=null")
    assert given.label_field is None
    assert config("run=a", "text=b").threshold is None
