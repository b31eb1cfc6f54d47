"""The vocabulary of a genome, and the ids of regions, as arrays: a genome is one word of millions of letters.

Shape letters: L letters of a region, N its tokens.
"""

import itertools
from collections import Counter
from collections.abc import Iterable, Mapping

import numpy as np
import numpy.typing as npt

from halo.config import TokenizerConfig
from halo.corpus.genomes.letters import BASES, Letters
from halo.runtime.array_types import IntArray
from halo.tokenization.tokenizer import TextTokenizer, TokenIds

_BYTES = 8  # of a k-mer that is padded to a number


def token_counts(letters: Iterable[Letters], token_length: int) -> Counter[str]:
    """Returns the number of occurrences of each token; those of plain bases are there even if they never occur.

    Args:
        letters: Regions, whose lengths are multiples of `token_length`.
        token_length: Number of bases of a token.
    """
    counts = Counter({"".join(bases): 0 for bases in itertools.product(BASES.decode(), repeat=token_length)})
    for each in letters:
        codes, numbers = np.unique(_codes(each, token_length), return_counts=True)
        for code, number in zip(codes.tolist(), numbers.tolist(), strict=True):
            counts[_token(code, token_length)] += number
    return counts


def make_tokenizer(counts: Mapping[str, int], config: TokenizerConfig) -> TextTokenizer:
    """Returns the tokenizer of a genome: all tokens of plain bases, and those with other letters that are frequent.

    Args:
        counts: Number of occurrences of each token in the training split.
        config: The kind, and the limits of the vocabulary.
    """
    kept = {
        token: count for token, count in counts.items() if count >= config.min_count or not token.encode().strip(BASES)
    }
    # Tokens that do not occur are entries too: another part of the genome has them.
    return TextTokenizer.from_counts(kept, kind=config.kind, min_count=0, max_size=config.max_size)


class RegionEncoder:
    """Turns regions into ids, as the tokenizer does, but thousands of times faster.

    Args:
        tokenizer: The tokenizer, of kind `char` or `kmer`.
        token_length: Number of bases of a token.

    Attributes:
        token_length: As the argument.
    """

    def __init__(self, tokenizer: TextTokenizer, token_length: int) -> None:
        vocabulary = tokenizer.vocabulary()
        specials = (tokenizer.unk_id, tokenizer.eos_id)
        tokens = [(token, number) for token, number in vocabulary.items() if number not in specials]
        text = np.frombuffer("".join(token for token, _ in tokens).encode(), dtype=np.uint8)
        codes = _codes(text, token_length)
        order = np.argsort(codes)
        self._codes = codes[order]
        self._ids = np.array([number for _, number in tokens], dtype=np.uint32)[order]
        self._unk_id = tokenizer.unk_id
        self.token_length = token_length

    def encode(self, letters: Letters) -> TokenIds:
        """Returns the ids of a region without `<eos>`, shape (N,)."""
        codes_N = _codes(letters, self.token_length)
        places_N = np.minimum(np.searchsorted(self._codes, codes_N), len(self._codes) - 1)
        is_known_N = self._codes[places_N] == codes_N
        ids: TokenIds = np.where(is_known_N, self._ids[places_N], np.uint32(self._unk_id))
        return ids


def unknown_tokens(letters: Letters, is_unknown: npt.NDArray[np.bool_], token_length: int) -> list[str]:
    """Returns the tokens of a region that are unknown, shape (number of these,)."""
    return [_token(code, token_length) for code in _codes(letters, token_length)[is_unknown].tolist()]


def _codes(letters: Letters, token_length: int) -> npt.NDArray[np.uint64]:
    """Returns each token as a number, shape (N,)."""
    padded = np.zeros((len(letters) // token_length, _BYTES), dtype=np.uint8)
    padded[:, :token_length] = letters.reshape(-1, token_length)
    codes: npt.NDArray[np.uint64] = padded.view("<u8")[:, 0]
    return codes


def _token(code: int, token_length: int) -> str:
    return code.to_bytes(_BYTES, "little")[:token_length].decode()


def label_numbers(records: Iterable[str], *, max_labels: int) -> tuple[list[str], IntArray]:
    """Returns the labels of regions and the number of each region's: their records, if there are not too many.

    Args:
        records: The record of each region.
        max_labels: The largest number of labels.
    """
    listed = list(records)
    names = list(dict.fromkeys(listed))
    if not 1 < len(names) <= max_labels:
        return [""], np.zeros(len(listed), dtype=np.int64)
    number_of = {name: number for number, name in enumerate(names)}
    return names, np.array([number_of[name] for name in listed], dtype=np.int64)
