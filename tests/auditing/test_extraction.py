"""Tests of halo.auditing.extraction."""

import numpy as np
import pytest
import torch

from halo.auditing.excerpts import Excerpts
from halo.auditing.extraction import (
    NEEDED_TOKENS,
    SUFFIX_TOKENS,
    Extracted,
    continue_greedily,
    is_continuable,
    measure_extraction,
)
from halo.auditing.training_text import Integers, TrainingText
from halo.corpus.corpus import Corpus
from halo.models.model_spec import ModelSpec
from tests.auditing.conftest import Planted
from tests.conftest import model_config, vocabulary


def passages(corpus: Corpus, split: str) -> list[Integers]:
    return [each.ids_T for each in Excerpts(corpus, (split,), seed=1, length=NEEDED_TOKENS).first(5)]


def measured(planted: Planted, corpus: Corpus) -> tuple[list[Extracted], list[Extracted]]:
    train = TrainingText(corpus.ids["train"], excluded=[0], offsets_D=corpus.offsets["train"])
    both = (passages(corpus, split) for split in ("train", "test"))
    result = measure_extraction(planted.model, train, *both, eos_id=corpus.tokenizer.eos_id, unk_id=0)
    assert len(result.examples) == result.train[-1].extracted_unique
    return result.train, result.held_out


def test_a_model_that_has_memorised_its_text_gives_it_away(planted: Planted) -> None:
    train, held_out = measured(planted, planted.corpus)
    assert train[-1].extracted_unique >= 3
    assert train[-1].share > 0.5
    assert train[-1].interval[0] > held_out[-1].share == 0.0
    assert [each.prefix_tokens for each in train] == [10, 25, 50, 100]


def test_a_model_that_never_saw_a_text_cannot_give_it_away(planted: Planted) -> None:
    train, held_out = measured(planted, planted.unseen)
    assert all(each.extracted == 0 and each.correct_tokens < 2 for each in (*train, *held_out))


@pytest.mark.parametrize("name", ["lstm", "gru", "awd_lstm", "transformer"])
def test_every_architecture_continues_as_its_whole_reading_does(name: str) -> None:
    torch.manual_seed(1)
    model = ModelSpec.of(model_config(name, "ensemble_size=2"), vocabulary(20)).build().eval()
    prefixes = np.random.default_rng(1).integers(2, 20, (3, 4))
    written = continue_greedily(model, prefixes, num_tokens=3, eos_id=1, unk_id=0)
    for prefix, row in zip(prefixes, written, strict=True):
        for number in range(3):
            ids = torch.tensor([[1, *prefix, *row[:number]]])
            with torch.no_grad():
                logits = model(ids)[0][0, -1]
            logits[0] = -torch.inf
            assert row[number] == int(logits.argmax())


def test_passages_with_unknown_words_in_the_suffix_are_left_out() -> None:
    passage = np.arange(1, NEEDED_TOKENS + 1)
    assert is_continuable(passage, unk_id=0)
    assert is_continuable(np.where(passage == 1, 0, passage), unk_id=0)
    assert not is_continuable(np.where(passage == NEEDED_TOKENS - SUFFIX_TOKENS + 1, 0, passage), unk_id=0)
    assert not is_continuable(passage[1:], unk_id=0)
