"""Drawing words: limits are exact, banned words never come, the same seed draws the same."""

import pytest
import torch
from torch import Tensor

from halo.config import CleaningConfig, SamplingConfig
from halo.generation.generator import encode_prompt, generate
from halo.generation.sampling import sample_next
from halo.models.language_model import LanguageModel
from halo.models.model_spec import build_model
from halo.runtime.errors import InputError
from halo.tokenization.tokenizer import TextTokenizer
from tests.conftest import MODELS, model_config

CLEANING = CleaningConfig(steps=["special"], case="lower", numbers="keep", keep_characters=".,")


def draw(
    logits: list[float], *, temperature: float = 1.0, top_k: int = 0, top_p: float = 1.0, banned: tuple[int, ...] = ()
) -> set[int]:
    """The ids that 2,000 drawings from the logits give."""
    drawn: Tensor = sample_next(
        torch.tensor(logits).expand(2000, -1),
        temperature=temperature,
        top_k=top_k,
        top_p=top_p,
        banned_ids=torch.tensor(banned, dtype=torch.int64),
        generator=torch.Generator().manual_seed(0),
    )
    return set(drawn.tolist())


def test_top_k_keeps_exactly_k_even_with_ties() -> None:
    assert len(draw([1.0, 1.0, 1.0, 1.0, 0.0], top_k=2)) == 2
    assert draw([0.0, 2.0, 1.0], top_k=2) == {1, 2}


def test_top_p_keeps_the_fewest_words_that_reach_the_share() -> None:
    probabilities = torch.tensor([0.5, 0.3, 0.15, 0.05]).log().tolist()
    assert draw(probabilities, top_p=0.8) == {0, 1}
    assert draw(probabilities, top_p=0.81) == {0, 1, 2}
    assert draw(probabilities, top_p=0.01) == {0}


def test_top_p_counts_the_share_among_the_k_likeliest() -> None:
    probabilities = torch.tensor([0.4, 0.3, 0.2, 0.1]).log().tolist()
    assert draw(probabilities, top_k=2, top_p=0.5) == {0}  # 0.4 / 0.7 reaches one half


def test_temperature_zero_takes_the_likeliest() -> None:
    assert draw([0.0, 3.0, 1.0], temperature=0) == {1}
    assert draw([0.0, 3.0, 1.0], temperature=0, banned=(1,)) == {2}


def test_banned_words_never_come_and_leave_room_for_others() -> None:
    assert draw([9.0, 0.0, 0.0], banned=(0,), top_k=2) == {1, 2}


def test_frequencies_are_the_probabilities() -> None:
    probabilities = torch.tensor([0.6, 0.3, 0.1])
    drawn = sample_next(
        probabilities.log().expand(20_000, -1),
        temperature=1,
        top_k=0,
        top_p=1,
        banned_ids=torch.tensor([], dtype=torch.int64),
        generator=torch.Generator().manual_seed(0),
    )
    torch.testing.assert_close(drawn.bincount() / 20_000, probabilities, atol=0.015, rtol=0)


@pytest.fixture
def tokenizer() -> TextTokenizer:
    return TextTokenizer.train(["the virus spreads in the air ."], kind="word", min_count=1, max_size=None)


@pytest.fixture(params=MODELS)
def model(request: pytest.FixtureRequest, tokenizer: TextTokenizer) -> LanguageModel:
    torch.manual_seed(0)
    return build_model(model_config(request.param), tokenizer.words())


def sampling(*, seed: int = 1, temperature: float = 1.0) -> SamplingConfig:
    return SamplingConfig(num_words=12, temperature=temperature, top_k=0, top_p=1.0, seed=seed)


def test_the_same_seed_writes_the_same_text(model: LanguageModel, tokenizer: TextTokenizer) -> None:
    def write(seed: int) -> list[str]:
        return generate(model, tokenizer, [3, 4], num_samples=3, sampling=sampling(seed=seed))

    assert write(1) == write(1)
    assert write(1) != write(2)
    assert len(set(write(1))) == 3


def test_sampling_leaves_the_global_random_state_alone(model: LanguageModel, tokenizer: TextTokenizer) -> None:
    before = torch.get_rng_state()
    generate(model, tokenizer, [], num_samples=1, sampling=sampling())
    assert torch.equal(before, torch.get_rng_state())


def test_greedy_text_is_that_of_reading_everything_anew(model: LanguageModel, tokenizer: TextTokenizer) -> None:
    (text,) = generate(model, tokenizer, [2], num_samples=1, sampling=sampling(temperature=0))
    ids = [tokenizer.eos_id, 2]
    model.eval()
    for _ in range(12):
        logits_1TV, _ = model(torch.tensor([ids]))
        logits_1TV[..., tokenizer.unk_id] = -torch.inf
        ids.append(int(logits_1TV[0, -1].argmax()))
    assert text == tokenizer.decode(ids[1:])


def test_a_prompt_is_cleaned_as_the_text_was(tokenizer: TextTokenizer) -> None:
    assert encode_prompt("The *Virus*", tokenizer, CLEANING) == tokenizer.encode("the virus")


@pytest.mark.parametrize(("prompt", "message"), [("", "no words"), (" *** ", "no words"), ("zebra", "knows none")])
def test_a_prompt_without_known_words_is_refused(tokenizer: TextTokenizer, prompt: str, message: str) -> None:
    with pytest.raises(InputError, match=message):
        encode_prompt(prompt, tokenizer, CLEANING)


@pytest.mark.parametrize("kind", ["char", "bpe"])
def test_characters_and_pieces_are_written_without_spaces_between(kind: str) -> None:
    texts = ["the virus spreads in the air."]
    tokenizer = TextTokenizer.train(texts, kind=kind, min_count=1, max_size=270 if kind == "bpe" else None)
    model = build_model(model_config("lstm"), tokenizer.words())
    prompt_ids = encode_prompt("The virus", tokenizer, CLEANING)
    (text,) = generate(model, tokenizer, prompt_ids, num_samples=1, sampling=sampling())
    assert text.startswith("the virus")
    assert "<unk>" not in text
    assert tokenizer.decode(prompt_ids) == "the virus"
