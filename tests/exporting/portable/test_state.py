"""The state of an exported model is named, of fixed size, and all zeros at the start of a text."""

import pytest
from torch import Tensor

from halo.exporting.portable.state import state_of
from halo.models.language_model import LanguageModel, ModelOutput, State
from halo.models.ngram.unigram import Unigram
from halo.runtime.errors import InputError
from tests.support.exported import small_model


def test_layers_come_first_and_the_pointer_last() -> None:
    state = state_of(small_model("lstm"))
    names = ["layer_0_hidden", "layer_0_cell", "layer_1_hidden", "layer_1_cell"]
    assert [tensor.name for tensor in state] == [*names, "pointer_keys", "pointer_ids", "num_tokens"]
    assert [tuple(tensor.zeros(2).shape) for tensor in state[-3:]] == [(2, 5, 64), (2, 5), (2,)]
    assert not any(tensor.zeros(2).any() for tensor in state)


def test_members_of_an_ensemble_have_their_own() -> None:
    names = [tensor.name for tensor in state_of(small_model("ensemble"))]
    assert len(names) == len({*names}) == 14
    assert names[7] == "member_1_layer_0_hidden"


class OfTheUser(LanguageModel):
    """A custom model that does nothing."""

    def read(self, ids_BT: Tensor, state: State | None) -> ModelOutput:
        raise NotImplementedError

    def forward(self, ids_BT: Tensor, state: State | None = None) -> tuple[Tensor, State]:
        raise NotImplementedError

    def nll(self, outputs: ModelOutput, targets_BT: Tensor, *, num_frequent: int | None = None) -> Tensor:
        raise NotImplementedError

    def init_output_bias(self, unigram: Unigram) -> None:
        raise NotImplementedError


def test_a_custom_model_is_refused() -> None:
    with pytest.raises(InputError, match="OfTheUser: a custom model cannot be exported"):
        state_of(OfTheUser())
