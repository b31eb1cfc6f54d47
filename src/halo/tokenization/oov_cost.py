"""The cost of spelling out-of-vocabulary words, which makes models with different vocabularies comparable.

A word-level model only predicts `<unk>` where a character-level model has to spell the word. To make their bits per
character comparable, the words behind `<unk>` are charged the cost of spelling them with a unigram model of characters.
"""

import math
from collections import Counter

from halo.tokenization.tokenizer import TextTokenizer

CODE_POINTS = 0x110000  # of Unicode


class OOVCost:
    """A unigram model of characters for words that are not in a vocabulary.

    The characters, and the end of a word, have their relative frequencies in the words of the vocabulary, each word
    counted once: unknown words are rare, and rare words are spelt like a list of words rather than like running text.
    Add-one smoothing reserves probability for characters that no such word contains, shared evenly over all of Unicode.
    So every word has a cost, and the probabilities of all words sum to 1.

    Mielke (2019), Can you compare perplexity across different segmentations?

    Args:
        tokenizer: The tokenizer with the vocabulary; for bpe, which can encode any text, all costs are 0.
    """

    def __init__(self, tokenizer: TextTokenizer) -> None:
        vocabulary = tokenizer.vocabulary()
        self._known = vocabulary.keys()
        self._kind = tokenizer.kind
        specials = (tokenizer.unk_id, tokenizer.eos_id)
        words = [word for word, token_id in vocabulary.items() if token_id not in specials]
        counts = Counter("".join(words))
        total = counts.total() + len(words) + len(counts) + 2  # including the end of a word, and unseen characters
        self._cost = {character: math.log(total / (count + 1)) for character, count in counts.items()}
        self._end_cost = math.log(total / (len(words) + 1))
        self._new_cost = math.log(total) + math.log(CODE_POINTS)

    def nll(self, word: str) -> float:
        """Returns the negative log-likelihood of a word and its end, in nats."""
        return math.fsum(self._cost.get(character, self._new_cost) for character in word) + self._end_cost

    def of_token(self, token: str) -> float:
        """Returns the cost of spelling the unknown part of a token, in nats: nothing, the whole token, or characters.

        A literal `<unk>`, as in some benchmarks, is in the vocabulary: there is no other word behind it.
        """
        if self._kind == "bpe":
            return 0.0
        parts = token if self._kind == "char" else (token,)
        return math.fsum(self.nll(part) for part in parts if part not in self._known)
