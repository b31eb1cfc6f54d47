"""Which tokens of a vocabulary are bases: single letters, or k-mers of them."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from halo.genomics.bases import UNKNOWN, codes_of
from halo.runtime.errors import InputError
from halo.tokenization.tokenizer import TextTokenizer


@dataclass(frozen=True)
class BaseTokens:
    """The tokens of a vocabulary that are bases and nothing else, all of the same length.

    Attributes:
        length: Number of bases of a token: 1, or k of k-mers.
        ids: The ids of these tokens, in the order of `groups`.
        groups: For each of them the number of its sequence: tokens that differ in case are one group, whose
            probabilities are added up.
        num_groups: The number of groups, at most 4 to the power of `length`.
        group_of_id: For each id of the vocabulary its group; -1 for other tokens, such as N and `<eos>`.
    """

    length: int
    ids: npt.NDArray[np.int64]
    groups: npt.NDArray[np.int64]
    num_groups: int
    group_of_id: npt.NDArray[np.int64]

    @classmethod
    def of(cls, tokenizer: TextTokenizer, *, place: str) -> "BaseTokens":
        """Returns the tokens of a vocabulary that are bases.

        Args:
            tokenizer: The vocabulary.
            place: The model, for the message.

        Raises:
            InputError: It is not the vocabulary of a genome.
        """
        tokens = {
            token: token_id
            for token, token_id in tokenizer.vocabulary().items()
            if token_id not in (tokenizer.unk_id, tokenizer.eos_id) and (codes_of(token) != UNKNOWN).all()
        }
        length = max(map(len, tokens), default=0)
        tokens = {token: token_id for token, token_id in tokens.items() if len(token) == length}
        sequences = sorted({token.upper() for token in tokens})
        if len(sequences) < 2 or tokenizer.kind not in ("char", "kmer"):
            raise InputError(
                f"{place}: its vocabulary is not that of a genome (data.tokenizer.kind={tokenizer.kind}, "
                f"{tokenizer.vocab_size:,} tokens); give a model of halo.train data=genome"
            )
        number = {sequence: group for group, sequence in enumerate(sequences)}
        ids = np.array([*tokens.values()], dtype=np.int64)
        groups = np.array([number[token.upper()] for token in tokens], dtype=np.int64)
        group_of_id = np.full(tokenizer.vocab_size, -1, dtype=np.int64)
        group_of_id[ids] = groups
        return cls(length, ids, groups, len(sequences), group_of_id)
