"""The bits of each base of sequences under a trained model, read on one strand.

Shape letters: B sequences side by side, T tokens of a window, V words of the vocabulary, G groups of base tokens,
P positions of a sequence, N tokens of a sequence.
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from halo.genomics.base_tokens import BaseTokens
from halo.genomics.markov import Floats
from halo.genomics.pieces import Piece
from halo.models.computed_weights import cached_weights
from halo.models.language_model import LanguageModel, State, evaluation_mode
from halo.runtime.errors import InputError
from halo.tokenization.tokenizer import TextTokenizer

SEQUENCES_PER_BATCH = 64
TOKENS_PER_WINDOW = 2048
MAX_LOGITS = 2**22
"""The largest number of logits of a window, 16 MB."""
IGNORED = -1


class BaseScores(NamedTuple):
    """The scores of the bases of a sequence, shape (P,); NaN where there is none.

    Attributes:
        nll: The negative log-likelihood of each base in nats.
        entropy: The entropy of the prediction at each base in nats.
    """

    nll: Floats
    entropy: Floats


class ModelScorer:
    """Scores sequences with a model, each by itself after an `<eos>`.

    The probabilities are those among bases: a model of DNA also gives some probability to N and `<eos>`, which a model
    of order k over four letters does not, and which sequences without N never need. Of k-mers, each base has an equal
    share of the k-mer's value, and a k-mer with another letter, or a rest shorter than k, has none.

    Args:
        model: The model, on its own device.
        tokenizer: Its vocabulary.
        place: Its folder, for messages.

    Raises:
        InputError: It is not a model of a genome.
    """

    def __init__(self, model: LanguageModel, tokenizer: TextTokenizer, *, place: str) -> None:
        self._model, self._tokenizer, self._place = model, tokenizer, place
        self._tokens = BaseTokens.of(tokenizer, place=place)
        device = next(model.parameters()).device
        self._ids_G = torch.from_numpy(self._tokens.ids).to(device)
        self._groups_G = torch.from_numpy(self._tokens.groups).to(device)

    @property
    def token_length(self) -> int:
        """Number of bases of a token: 1, or k of k-mers."""
        return self._tokens.length

    def score(self, pieces: Sequence[Piece]) -> list[BaseScores]:
        """Returns the scores of each piece; sequences of similar length are read side by side.

        Raises:
            InputError: The model's predictions are not finite numbers.
        """
        texts = [self._read_text(piece) for piece in pieces]
        ids = [np.array(self._tokenizer.encode(text), dtype=np.int64) for text in texts]
        found: list[BaseScores | None] = [None] * len(pieces)
        by_length = sorted(range(len(ids)), key=lambda number: len(ids[number]))
        for first in range(0, len(by_length), SEQUENCES_PER_BATCH):
            numbers = by_length[first : first + SEQUENCES_PER_BATCH]
            scores = self._score_batch([ids[number] for number in numbers])
            for number, each in zip(numbers, scores, strict=True):
                found[number] = BaseScores(*(self._per_base(values, pieces[number]) for values in each))
        return [each for each in found if each is not None]

    def nll(self, pieces: Sequence[Piece]) -> list[Floats]:
        """Returns the negative log-likelihood of each base in nats, shape (P,); see `score`."""
        return [each.nll for each in self.score(pieces)]

    def _read_text(self, piece: Piece) -> str:
        """Returns the text to read: of k-mers, the sequence begins with one, and the last one is filled up."""
        length = self.token_length
        before = piece.before[len(piece.before) % length :]
        rest = -len(piece.sequence) % length
        return before + piece.sequence + (piece.after[:rest] if len(piece.after) >= rest else "")

    def _per_base(self, values_N: Floats, piece: Piece) -> Floats:
        """Returns values of tokens as values of the bases of a piece."""
        length = self.token_length
        first = len(piece.before) // length
        values = np.repeat(values_N[first:] / length, length)[: len(piece.sequence)]
        return np.concatenate([values, np.full(len(piece.sequence) - len(values), np.nan)])

    @torch.no_grad()
    def _score_batch(self, texts: Sequence[npt.NDArray[np.int64]]) -> list[BaseScores]:
        """Returns the scores of the tokens of some texts; NaN for tokens that are no bases."""
        model, eos_id = self._model, self._tokenizer.eos_id
        longest = max(1, *map(len, texts))
        ids_BN = np.full((len(texts), longest), eos_id, dtype=np.int64)
        for row, ids in enumerate(texts):
            ids_BN[row, : len(ids)] = ids
        inputs_BN = np.concatenate([np.full((len(texts), 1), eos_id), ids_BN[:, :-1]], axis=1)
        targets_BN = self._tokens.group_of_id[ids_BN]
        size = min(TOKENS_PER_WINDOW, MAX_LOGITS // self._tokenizer.vocab_size) // len(texts)
        state: State | None = None
        windows = []
        with evaluation_mode(model), cached_weights(model):
            for first in range(0, longest, max(1, size)):
                window = slice(first, first + max(1, size))
                inputs_BT, targets_BT = (
                    torch.from_numpy(np.ascontiguousarray(each[:, window])).to(self._ids_G.device)
                    for each in (inputs_BN, targets_BN)
                )
                logits_BTV, state = model(inputs_BT, state)
                windows.append(self._window_scores(logits_BTV.float(), targets_BT))
        nll_BN, entropy_BN = (torch.cat(parts, dim=1).double().cpu().numpy() for parts in zip(*windows, strict=True))
        if not np.isfinite(entropy_BN).all():
            raise InputError(f"{self._place}: the model's predictions are not finite numbers; use another model")
        is_base_BN = targets_BN != IGNORED
        return [
            BaseScores(*(np.where(is_base, each, np.nan)[: len(ids)] for each in (nll, entropy)))
            for ids, is_base, nll, entropy in zip(texts, is_base_BN, nll_BN, entropy_BN, strict=True)
        ]

    def _window_scores(self, logits_BTV: Tensor, targets_BT: Tensor) -> tuple[Tensor, Tensor]:
        """Returns the loss of each target among base tokens and the entropy over them in nats, shape (B, T)."""
        log_p_BTG = logits_BTV.index_select(2, self._ids_G).log_softmax(2)
        if self._tokens.num_groups < len(self._ids_G):  # small letters have tokens of their own
            shape = (*log_p_BTG.shape[:2], self._tokens.num_groups)
            p_BTG = log_p_BTG.new_zeros(shape).index_add_(2, self._groups_G, log_p_BTG.exp())
            log_p_BTG = p_BTG.clamp(min=torch.finfo(p_BTG.dtype).tiny).log()
        else:
            log_p_BTG = log_p_BTG.index_select(2, self._groups_G.argsort())
        nll_BT = -log_p_BTG.gather(2, targets_BT.clamp(min=0).unsqueeze(2)).squeeze(2)
        return nll_BT, -(log_p_BTG.exp() * log_p_BTG).sum(2)
