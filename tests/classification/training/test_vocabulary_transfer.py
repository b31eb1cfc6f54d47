import pytest
import torch

from halo.classification.training.vocabulary_transfer import transfer_vocabulary
from halo.models.language_model import LanguageModel
from halo.runtime.errors import InputError
from halo.tokenization.tokenizer import TextTokenizer
from tests.support.tiny_classifiers import tiny_language_model, tiny_tokenizer

OLD = ["walking", "talking", "working", "looking", "making", "taking", "river", "stone"]
NEW = ["stone", "baking", "walking", "talking", "working", "looking", "making", "cloud"]


def vectors(model: LanguageModel, tokenizer: TextTokenizer, word: str) -> torch.Tensor:
    weight_VD = model.get_submodule("embedding").weight
    assert isinstance(weight_VD, torch.Tensor)
    return weight_VD[tokenizer.vocabulary()[word]].detach()


@pytest.mark.parametrize("setting", ["subword_lengths=[2,4]", "subword_lengths=null"])
def test_known_words_keep_their_vectors_and_new_ones_start_from_the_mean(setting: str) -> None:
    source, tokenizer = tiny_language_model(OLD, setting), tiny_tokenizer(NEW)
    if "null" not in setting:
        ngram_vectors = source.model.get_parameter("embedding.parametrizations.weight.0.vectors")
        torch.nn.init.normal_(ngram_vectors)
    moved = transfer_vocabulary(source, tokenizer)
    assert (moved.num_copied, moved.num_new) == (8, 2)  # with <unk> and <eos>
    for word in ("walking", "stone", "<eos>"):
        torch.testing.assert_close(vectors(moved.model, tokenizer, word), vectors(source.model, source.tokenizer, word))
    if "null" in setting:
        known = [
            vectors(moved.model, tokenizer, word) for word in [*NEW, "<unk>", "<eos>"] if word in OLD or "<" in word
        ]
        torch.testing.assert_close(vectors(moved.model, tokenizer, "cloud"), torch.stack(known).mean(0))
    else:
        assert not torch.allclose(vectors(moved.model, tokenizer, "cloud"), vectors(moved.model, tokenizer, "baking"))


def test_known_text_is_read_alike() -> None:
    source, tokenizer = tiny_language_model(OLD), tiny_tokenizer(NEW)
    moved = transfer_vocabulary(source, tokenizer).model.eval()
    words = "walking stone looking making"
    features = [
        model.read(torch.tensor([ids]), None).features_BTD
        for model, ids in (
            (source.model, source.tokenizer.encode(words)),
            (moved, tokenizer.encode(words)),
        )
    ]
    torch.testing.assert_close(features[0], features[1])


def test_a_model_of_another_language_is_refused() -> None:
    with pytest.raises(InputError, match="knows no word of this text"):
        transfer_vocabulary(tiny_language_model(OLD), tiny_tokenizer(["fluss", "stein"]))
