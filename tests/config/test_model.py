"""Checks of architectures that concern several settings."""

from dataclasses import replace

import pytest

from halo.config import RecurrentConfig, TransformerConfig
from tests.conftest import model_config


def test_mogrifier_rounds_need_an_lstm() -> None:
    lstm = model_config("lstm")
    assert isinstance(lstm, RecurrentConfig)
    assert replace(lstm, mogrifier_rounds=4).mogrifier_rounds == 4
    with pytest.raises(ValueError, match=r"must be 0 unless model\.cell=lstm"):
        replace(lstm, cell="gru", mogrifier_rounds=4)


def test_heads_divide_the_word_vectors_into_even_parts() -> None:
    transformer = model_config("transformer")
    assert isinstance(transformer, TransformerConfig)
    with pytest.raises(ValueError, match=r"must be a multiple of 2 x model\.heads, with model\.heads=3"):
        replace(transformer, heads=3)


def test_an_adaptive_softmax_is_not_tied() -> None:
    lstm = model_config("lstm")
    assert isinstance(lstm, RecurrentConfig)
    assert replace(lstm, tied=False, adaptive_cutoffs=[5, 9]).adaptive_cutoffs == [5, 9]
    with pytest.raises(ValueError, match=r"must be false with model\.adaptive_cutoffs"):
        replace(lstm, tied=True, adaptive_cutoffs=[5, 9])
