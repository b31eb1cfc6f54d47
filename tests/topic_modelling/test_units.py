import pytest

from halo.runtime.errors import InputError
from halo.topic_modelling.units import MIN_WORDS, Unit, collect_units
from tests.support.tiny_bundles import tiny_bundle


def unit(text: str, document: int = 0) -> Unit:
    return Unit(text, text, tiny_bundle().tokenizer.encode(text), document, "", "train", 0, "file.txt")


def test_units_of_few_or_unknown_words_are_left_out_and_counted() -> None:
    long = "the virus spreads in the air"
    units = collect_units(tiny_bundle(), [unit(long), unit("the air"), unit("qq ww ee rr tt yy")])
    assert units.texts == [long]
    assert units.num_skipped == 2
    assert units.dates is None
    assert len(units.tokens[0]) >= MIN_WORDS


def test_without_any_unit_is_one_line() -> None:
    with pytest.raises(InputError, match="none of 1 texts has 5 words or more"):
        collect_units(tiny_bundle(), [unit("the air")])
