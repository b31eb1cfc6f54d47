"""Figures of a served model agree with the model's own probabilities, and texts are continued as they stand."""

import math

import numpy as np
import pytest
import torch

from halo.config import default_sampling
from halo.runtime.errors import InputError
from halo.serving.answers.seen import Passage
from halo.serving.answers.served_model import ServedModel, sampled_probabilities, whole_words
from halo.serving.requests.errors import ApiError


def test_next_words_are_the_likeliest_of_the_model(served: ServedModel) -> None:
    found = served.next_words("The virus", sampling=default_sampling(temperature=1.0, top_k=0, top_p=1.0), k=500)
    network, tokenizer = served.model.bundle.model, served.model.bundle.tokenizer
    with torch.no_grad():
        logits, _ = network(torch.tensor([[tokenizer.eos_id, *tokenizer.encode("the virus")]]))
    expected = logits[0, -1].double().softmax(-1)
    assert len(found.words) == tokenizer.vocab_size - 1  # all but <unk>
    assert [word.probability for word in found.words] == sorted((w.probability for w in found.words), reverse=True)
    known = 1 - float(expected[tokenizer.unk_id])
    for word in found.words:
        probability = float(expected[tokenizer.vocabulary()[word.word]])
        assert word.probability == pytest.approx(probability, rel=1e-5)
        assert word.bits == pytest.approx(-math.log2(probability), rel=1e-5)
        assert word.sampled_probability == pytest.approx(probability / known, rel=1e-5)
    assert found.entropy_bits == pytest.approx(float(torch.special.entr(expected).sum()) / math.log(2), rel=1e-5)


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({}, [0.5, 0.25, 0.125, 0.125]),
        ({"temperature": 0}, [1, 0, 0, 0]),
        ({"temperature": 0.5}, [16 / 22, 4 / 22, 1 / 22, 1 / 22]),
        ({"top_k": 1}, [1, 0, 0, 0]),
        ({"top_p": 0.7}, [2 / 3, 1 / 3, 0, 0]),
        ({"min_p": 0.5}, [2 / 3, 1 / 3, 0, 0]),
    ],
)
def test_sampled_probabilities_are_those_of_the_settings(changes: dict[str, float], expected: list[float]) -> None:
    neutral = {"temperature": 1.0, "top_k": 0, "top_p": 1.0, "min_p": 0.0, "typical_p": 1.0}
    scores = torch.tensor([[0.5, 0.25, 0.125, 0.125]]).log()
    found = sampled_probabilities(scores, default_sampling(**{**neutral, **changes}))
    np.testing.assert_allclose(found[0], expected, rtol=1e-5)


@pytest.mark.parametrize("text", ["", "The virus", "the virus ", 'she said "', "The people of the town.\n\n"])
def test_the_text_and_all_pieces_are_the_new_text(served: ServedModel, text: str) -> None:
    tokens = [*served.stream(text, sampling=default_sampling(num_words=12, seed=3), num_alternatives=2)]
    new = text + "".join(token.text for token in tokens)
    assert len(tokens) == 12
    assert "  " not in new
    assert new.startswith(text)
    ids = [*served.prompt_ids(text), *(token.token_id for token in tokens)]
    assert served.prompt_ids(new)[: len(ids) - 1] == ids[:-1]  # reading it again gives the same tokens
    assert all(len(token.alternatives) == 2 for token in tokens)


def test_texts_that_the_model_cannot_read_are_refused(served: ServedModel) -> None:
    assert served.prompt_ids(" \n ") == []
    for text in ("zyzzyva", "\U0001f600"):
        with pytest.raises(InputError, match="text"):
            served.prompt_ids(text)
    with pytest.raises(ApiError, match="no words"):
        served.score("\n", num_alternatives=1)


def test_scores_are_of_the_words_as_they_stand(served: ServedModel) -> None:
    text = "The  virus, (zyzzyva)!"
    scored = served.score(text, num_alternatives=3)
    assert [text[word.start : word.end] for word in scored.words] == [word.text for word in scored.words]
    assert [(word.text, word.is_known) for word in scored.words] == [
        ("The", True),
        ("virus,", True),
        ("(zyzzyva)!", False),
    ]
    assert scored.bits_per_word == pytest.approx(sum(word.bits for word in scored.words) / 3)
    for word in scored.words:
        assert word.probability == pytest.approx(2**-word.bits)
        assert len(word.alternatives) == 3
        assert word.rank > 3 or word.bits > 0


def test_passages_of_the_training_text_are_whole_words(served: ServedModel) -> None:
    text = "Now The virus spreads in the air, and zyzzyva stay at home."
    spans = served.seen(text, min_words=3).spans
    assert [(text[span.start : span.end], span.words) for span in spans] == [
        ("The virus spreads in the air, and", 7),
        ("stay at home.", 3),
    ]
    assert served.seen("the town stay", min_words=4).spans == []
    assert whole_words([0, 0, 0], Passage(1, 2)) == (1, -1)


def test_the_entry_describes_the_model(served: ServedModel) -> None:
    entry = served.entry()
    assert entry.id == "tiny"
    assert entry.architecture == "lstm"
    assert entry.has_training_text
    assert entry.vocabulary == served.model.vocab_size
    assert served.card() == "# A model"
