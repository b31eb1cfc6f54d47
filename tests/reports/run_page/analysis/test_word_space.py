"""Content words come in bunches; neighbours point the same way; the map keeps distances as well as a plane can."""

import numpy as np
import pytest
import torch

from halo.models.model_spec import build_model
from halo.reports.run_page.analysis.word_space import content_words, map_words, nearest, word_vectors
from halo.tokenization.tokenizer import TextTokenizer
from tests.conftest import MODELS, model_config, vocabulary

TOPICS = ["virus", "münze", "दिन", "ship"]


def topical_text() -> str:
    """Returns a text of four chapters in which grammatical words are everywhere, and each topic in one chapter."""
    generator = np.random.default_rng(0)
    common = ["the", "of", "and", "to", "a", "in", "it", "is", "was", "that", "for", ",", "9"]
    chapters = [" ".join([str(each) for each in generator.choice([*common, topic], 3000)]) for topic in TOPICS]
    return " ".join(chapters)


def test_content_words_are_those_that_come_in_bunches() -> None:
    text = topical_text()
    tokenizer = TextTokenizer.train([text], kind="whitespace", min_count=1, max_size=None)
    ids = np.array(tokenizer.encode(text), dtype=np.uint16)
    assert {tokenizer.token(each) for each in content_words(ids, tokenizer)} == {*TOPICS}


@pytest.mark.parametrize("kind", ["char", "bpe"])
def test_other_tokens_are_looked_through_too(kind: str) -> None:
    text = topical_text()
    tokenizer = TextTokenizer.train([text], kind=kind, min_count=1, max_size=300)
    found = [tokenizer.token(each) for each in content_words(np.array(tokenizer.encode(text)), tokenizer)]
    assert found
    assert all(token.strip().isalpha() or token.strip() == "दिन" or len(token) == 1 for token in found)


def test_a_text_of_a_few_words_has_hardly_any_content_words() -> None:
    tokenizer = TextTokenizer.train(["a b"], kind="word", min_count=1, max_size=None)
    assert content_words(np.array(tokenizer.encode("a b a")), tokenizer) == []
    assert content_words(np.array(tokenizer.encode("a b a b a b a b a b")), tokenizer) != []


@pytest.mark.parametrize("name", MODELS)
def test_every_architecture_has_word_vectors(name: str) -> None:
    model = build_model(model_config(name), vocabulary(30))
    vectors = word_vectors(model, 30)
    assert vectors is not None
    assert vectors.shape == (30, 8)
    assert word_vectors(torch.nn.Linear(3, 3), 30) is None  # type: ignore[arg-type]


def test_neighbours_point_the_same_way() -> None:
    tokenizer = TextTokenizer.train(["a b c d"], kind="word", min_count=1, max_size=None)
    vectors = np.array([[9, 0], [9, 0], [1, 0], [2, 0.2], [0, 1], [-1, 0]], dtype=np.float32)
    near = nearest(vectors, tokenizer.encode("a")[0], tokenizer, number=2, known=6)
    assert [each.word for each in near] == ["b", "c"]
    assert near[0].similarity == pytest.approx(np.cos(np.arctan(0.1)))
    assert len(nearest(vectors, 2, tokenizer, number=5, known=3)) == 0


def test_the_map_shows_the_plane_of_the_largest_variance() -> None:
    tokenizer = TextTokenizer.train(["a b c d e f g h"], kind="word", min_count=1, max_size=None)
    vectors = np.random.default_rng(0).normal(size=(10, 3)).astype(np.float32)
    found, again = (map_words(vectors, range(2, 10), tokenizer) for _ in range(2))
    assert found is not None
    assert found == again
    assert [word.word for word in found.words] == list("abcdefgh")
    assert 0.5 < found.explained <= 1
    assert map_words(vectors, range(2, 9), tokenizer) is None
    assert map_words(np.ones((10, 3), dtype=np.float32), range(2, 10), tokenizer) is None
    assert map_words(vectors[:, :1], range(2, 10), tokenizer) is None
