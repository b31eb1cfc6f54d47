"""Character n-grams: those that enough words share, and none for special tokens."""

from halo.tokenization.character_ngrams import MIN_WORDS, subwords

WORDS = ["<unk>", "<eos>", ".", *(f"Vir{letter}" for letter in "abcdefgh"[:MIN_WORDS]), "rare"]


def test_only_ngrams_of_enough_words_count() -> None:
    found = subwords(WORDS, shortest=3, longest=4)
    assert found.vocab_size == len(WORDS)
    assert found.num_ngrams == 3  # <vi, vir, <vir
    assert set(found.word_ids_P.tolist()) == set(range(3, 3 + MIN_WORDS))
    assert sorted(set(found.ngram_ids_P.tolist())) == [0, 1, 2]


def test_a_small_vocabulary_may_have_none() -> None:
    found = subwords(["<unk>", "<eos>", "word"], shortest=3, longest=5)
    assert found.num_ngrams == len(found.word_ids_P) == len(found.ngram_ids_P) == 0
