"""The step that opens a layer."""

import pytest
import torch
from torch import Tensor

from halo.runtime.errors import InputError
from halo.showing.inside import layer_section
from halo.showing.lesson import Section, Strip
from tests.support.lessons import material_of


def section(model: str, *, layer: int | None = None, head: int = 1) -> Section:
    material = material_of(model)
    inputs_T: Tensor = torch.tensor([material.tokenizer.eos_id, *material.sentence.ids[:-1]])
    return layer_section(material, inputs_T, layer=layer, head=head)


@pytest.mark.parametrize(
    ("model", "columns"),
    [
        ("lstm", ("read", "input", "forget", "output", "cell", "hidden state")),
        ("awd_lstm", ("read", "input", "forget", "output", "cell", "hidden state")),
        ("gru", ("read", "reset", "update", "hidden state")),
        ("transformer", ("token", "attends to", "most to", "weight")),
    ],
)
def test_there_is_a_row_for_each_token(model: str, columns: tuple[str, ...]) -> None:
    (table,) = section(model).tables
    assert table.header == columns
    assert table.caption.endswith("2 of 2" if model != "transformer" else "layer 2 of 2")
    assert [row[0] for row in table.rows] == ["<eos>", "the", "virus", "spreads", "<unk>", "in", "the", "air"]


def test_attention_has_a_block_for_each_token_so_far() -> None:
    strips = [row[1] for row in section("transformer", layer=1, head=2).tables[0].rows]
    assert [len(strip.values) for strip in strips if isinstance(strip, Strip)] == list(range(1, 9))


def test_layers_and_heads_that_a_model_lacks_are_refused() -> None:
    with pytest.raises(InputError, match=r"^layer=3: must be at most 2, the number of its layers$"):
        section("gru", layer=3)
    with pytest.raises(InputError, match=r"^head=3: must be at most 2, the number of its heads$"):
        section("transformer", head=3)
    with pytest.raises(InputError, match=r"^head=2: is of transformers; leave it out$"):
        section("lstm", head=2)
