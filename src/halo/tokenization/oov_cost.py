"""What it would cost to spell the words that a vocabulary does not hold.

A model of words says `<unk>` and is done, where a model of characters has to write the word. For their bits per
character to compare, the words behind `<unk>` are charged what a model without any skill needs to spell them.
"""

import math
from collections import Counter

from halo.tokenization.tokenizer import TextTokenizer

CODE_POINTS = 0x110000  # of Unicode


class OOVCost:
    """Spells the words that are not in a vocabulary, one character after another, each independent of the others.

    The characters, and the end of a word, have the shares that they have in the words of the vocabulary, each word
    counted once: unknown words are rare, and rare words are spelt like a list of words rather than like running text.
    Add-one smoothing leaves something for characters that no such word has, which share it evenly over all of Unicode.
    So every word has a cost, and the probabilities of all words sum to 1.

    Mielke (2019), Can you compare perplexity across different segmentations?

    Args:
        tokenizer: Its vocabulary; for bpe, which knows every text, all costs are 0.
    """

    def __init__(self, tokenizer: TextTokenizer) -> None:
        vocabulary = tokenizer.vocabulary()
        self._known = vocabulary.keys()
        self._kind = tokenizer.kind
        specials = (tokenizer.unk_id, tokenizer.eos_id)
        words = [word for word, token_id in vocabulary.items() if token_id not in specials]
        counts = Counter("".join(words))
        total = counts.total() + len(words) + len(counts) + 2  # with the end of a word, and characters never seen
        self._cost = {character: math.log(total / (count + 1)) for character, count in counts.items()}
        self._end_cost = math.log(total / (len(words) + 1))
        self._new_cost = math.log(total) + math.log(CODE_POINTS)

    def nll(self, word: str) -> float:
        """Returns the cost of spelling a word, and that it ends, in nats."""
        return math.fsum(self._cost.get(character, self._new_cost) for character in word) + self._end_cost

    def of_token(self, token: str) -> float:
        """Returns the cost in nats of spelling what of a token is not in the vocabulary: all, nothing, or characters.

        A literal `<unk>`, as benchmarks have it, is in the vocabulary: there is no other word behind it.
        """
        if self._kind == "bpe":
            return 0.0
        parts = token if self._kind == "char" else (token,)
        return math.fsum(self.nll(part) for part in parts if part not in self._known)
