"""The network of a classifier: a language model reads a text, and a head classifies what its last layer has computed.

Shape letters: B texts side by side, N tokens of the longest text, T tokens of a window, D features of the language
model, F = 3 D pooled features, C labels.
"""

from collections.abc import Iterator

import torch
from torch import Tensor, nn

from halo.models.computed_weights import cached_weights
from halo.models.language_model import LanguageModel, State, detach, evaluation_mode

WINDOW_TOKENS = 100
"""Tokens that are read at once; the state is carried from window to window."""

MIN_DEVIATION = 1e-4
"""Smallest standard deviation by which a pooled feature is divided: one that hardly varies says nothing."""


class TextClassifier(nn.Module):
    """Classifies texts by the features that a language model computes for their tokens.

    Each text is read after an `<eos>`, window by window with carried state, so that its length is not limited. The
    features of its last token, their maximum and their mean over all tokens are concatenated (concat pooling, Howard
    and Ruder 2018, Universal Language Model Fine-tuning for Text Classification, section 3.3), standardised, and passed
    to the head: a linear layer, or two with a rectifier between them.

    In training, gradients flow back only through the windows of the last tokens (BPT3C, the same section): at least
    `max_gradient_tokens` of the shortest text of a batch. The pooling covers all tokens.

    Args:
        encoder: The language model.
        num_labels: Number of labels, C.
        eos_id: The id of `<eos>`.
        head_hidden: Units between the two layers of the head; None for a single linear layer.
        head_dropout: Dropout before each layer of the head.
        max_gradient_tokens: Number of last tokens through which gradients flow in training.

    >>> from halo.models.recurrent import RecurrentModel
    >>> encoder = RecurrentModel(vocab_size=100, embedding=16, hidden=32)
    >>> classifier = TextClassifier(encoder, 3, eos_id=1)
    >>> tuple(classifier(torch.zeros(4, 7, dtype=torch.int64), torch.tensor([7, 7, 5, 1])).shape)
    (4, 3)
    """

    center_F: Tensor
    deviation_F: Tensor

    def __init__(
        self,
        encoder: LanguageModel,
        num_labels: int,
        *,
        eos_id: int,
        head_hidden: int | None = None,
        head_dropout: float = 0.0,
        max_gradient_tokens: int = 400,
    ) -> None:
        super().__init__()
        self.encoder = encoder
        self.eos_id = eos_id
        self.max_gradient_tokens = max_gradient_tokens
        num_pooled = 3 * num_features(encoder)
        self.register_buffer("center_F", torch.zeros(num_pooled))
        self.register_buffer("deviation_F", torch.ones(num_pooled))
        if head_hidden is None:
            self.head = nn.Sequential(nn.Dropout(head_dropout), nn.Linear(num_pooled, num_labels))
        else:
            self.head = nn.Sequential(
                *(nn.Dropout(head_dropout), nn.Linear(num_pooled, head_hidden), nn.ReLU()),
                *(nn.Dropout(head_dropout), nn.Linear(head_hidden, num_labels)),
            )

    def forward(self, ids_BN: Tensor, lengths_B: Tensor) -> Tensor:
        """Returns the logits of the labels, float32, shape (B, C).

        Args:
            ids_BN: Token ids, int64; behind the end of a text any ids may stand.
            lengths_B: Number of tokens of each text, int64, at least 1.
        """
        logits_BC: Tensor = self.head(self.standardise(self.pool(ids_BN, lengths_B)))
        return logits_BC

    def standardise(self, pooled_BF: Tensor) -> Tensor:
        """Returns pooled features with mean 0 and variance 1 over the texts of `set_standardisation`."""
        return (pooled_BF - self.center_F) / self.deviation_F

    @torch.no_grad()
    def set_standardisation(self, pooled_BF: Tensor) -> None:
        """Sets mean and standard deviation of each pooled feature from those of some texts, at least one.

        They are measured once, before training, instead of in each batch as by the batch normalisation of Howard and
        Ruder: the texts of a batch have similar lengths, on which the maximum depends.
        """
        self.center_F.copy_(pooled_BF.mean(0))
        self.deviation_F.copy_(pooled_BF.std(0, correction=0).clamp(min=MIN_DEVIATION))

    def pool(self, ids_BN: Tensor, lengths_B: Tensor) -> Tensor:
        """Returns the features of each text: of its last token, their maximum, their mean; float32, shape (B, F).

        Args:
            ids_BN: As in `forward`.
            lengths_B: As in `forward`.
        """
        eos_B1 = torch.full_like(ids_BN[:, :1], self.eos_id)
        last_BD = max_BD = total_BD = torch.zeros(0)
        for begin, features_BTD in self._windows(torch.cat([eos_B1, ids_BN], dim=1), lengths_B):
            positions_T = torch.arange(begin, begin + features_BTD.size(1), device=ids_BN.device) - 1
            is_token_BT1 = ((positions_T >= 0) & (positions_T < lengths_B.unsqueeze(1))).unsqueeze(2)
            is_last_BT1 = (positions_T == lengths_B.unsqueeze(1) - 1).unsqueeze(2)
            last = (features_BTD * is_last_BT1).sum(1)
            largest = features_BTD.masked_fill(~is_token_BT1, float("-inf")).amax(1)
            total = (features_BTD * is_token_BT1).sum(1)
            is_first = begin == 0
            last_BD = last if is_first else last_BD + last
            max_BD = largest if is_first else torch.maximum(max_BD, largest)
            total_BD = total if is_first else total_BD + total
        return torch.cat([last_BD, max_BD, total_BD / lengths_B.unsqueeze(1)], dim=1)

    def _windows(self, ids_BN: Tensor, lengths_B: Tensor) -> Iterator[tuple[int, Tensor]]:
        """Yields the index of the first token of each window, and its features in float32.

        Windows before the last `max_gradient_tokens` are read without gradients. Word vectors made of n-grams are
        computed once for these windows, and once more for the others: what is computed without gradients has none.
        """
        size = ids_BN.size(1)
        without_gradient = 0
        if self.training and torch.is_grad_enabled():
            covered = max(0, int(lengths_B.min()) - self.max_gradient_tokens)
            without_gradient = covered // WINDOW_TOKENS * WINDOW_TOKENS
        state: State | None = None
        for first, last in ((0, without_gradient), (without_gradient, size)):
            has_gradient = torch.is_grad_enabled() and first == without_gradient
            with cached_weights(self.encoder):
                for begin in range(first, last, WINDOW_TOKENS):
                    with torch.set_grad_enabled(has_gradient):
                        outputs = self.encoder.read(ids_BN[:, begin : min(begin + WINDOW_TOKENS, last)], state)
                        state = outputs.state if has_gradient else detach(outputs.state)
                        features_BTD = outputs.features_BTD.float()
                    yield begin, features_BTD


def num_features(encoder: LanguageModel) -> int:
    """Returns the number of features that a language model computes for a token, D."""
    with torch.no_grad(), evaluation_mode(encoder):
        device = next(encoder.parameters()).device
        return encoder.read(torch.zeros(1, 1, dtype=torch.int64, device=device), None).features_BTD.size(2)
