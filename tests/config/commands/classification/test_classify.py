"""Settings of classifiers."""

import pytest

from halo.config import ClassifyConfig, parse
from halo.runtime.errors import InputError
from tests.conftest import compose_config


@pytest.mark.parametrize(
    ("override", "message"),
    [
        ("data.label_field=null", r"^data\.label_field=null: must name a field or column of the text"),
        ("classifier.layer_divisor=0.5", r"^classifier\.layer_divisor=0\.5: must be a number of at least 1$"),
        ("classifier.class_weights=some", r"^classifier\.class_weights=some: must be none or balanced$"),
        ("adaptation.epochs=-1", r"^adaptation\.epochs=-1: must be auto, or a whole number of at least 0$"),
        ("classifier.num_labels=0", r"^classifier\.num_labels=0: must be a whole number of at least 1, or null$"),
    ],
)
def test_wrong_values_are_refused_in_one_line(override: str, message: str) -> None:
    with pytest.raises(InputError, match=message):
        parse(compose_config("classify", ["run_dir=x", override]), ClassifyConfig)
