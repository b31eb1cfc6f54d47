"""Several networks that read the same text, and one prediction made of theirs.

Shape letters: K members, B streams, T tokens of a window, V words of the vocabulary.
"""

import math
from collections.abc import Sequence

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from halo.config import SampledSoftmaxConfig
from halo.models.language_model import LanguageModel, ModelOutput, Network, State
from halo.models.ngram.unigram import Unigram


class Ensemble(LanguageModel):
    """Gives each word the mean of the probabilities that its members give it (as Zaremba et al. 2014).

    Members differ in the weights that they begin with, and in what dropout leaves of them. Each learns on its own: the
    loss is the mean of theirs, so the gradient of each is a K-th of what it would be alone.

    Args:
        members: Networks of the same architecture.
    """

    def __init__(self, members: Sequence[Network]) -> None:
        super().__init__()
        self.members = nn.ModuleList(members)

    def read(self, ids_BT: Tensor, state: State | None) -> ModelOutput:
        """Returns what the members make of the window, and their features and states one after the other."""
        readings = []
        for index, member in enumerate(self.networks()):
            own = None
            if state is not None:
                size = len(state) // len(self.members)
                own = state[index * size : (index + 1) * size]
            readings.append(member.read(ids_BT, own))
        penalties = [outputs.penalty for outputs in readings if outputs.penalty is not None]
        return ModelOutput(
            features_BTD=torch.cat([outputs.features_BTD for outputs in readings], dim=2),
            state=[layer for outputs in readings for layer in outputs.state],
            pointer_output=None,
            penalty=torch.stack(penalties).mean() if penalties else None,
            members=tuple(readings),
        )

    def forward(self, ids_BT: Tensor, state: State | None = None) -> tuple[Tensor, State]:
        """Returns the log-probabilities of the next words, shape (B, T, V), which are logits too, and the state."""
        outputs = self.read(ids_BT, state)
        members = zip(self.networks(), outputs.members, strict=True)
        each_KBTV = [F.log_softmax(member.logits(own).float(), dim=-1) for member, own in members]
        return torch.stack(each_KBTV).logsumexp(0) - math.log(len(each_KBTV)), outputs.state

    def nll(self, outputs: ModelOutput, targets_BT: Tensor, *, sampled: SampledSoftmaxConfig | None = None) -> Tensor:
        """Returns the nats of each target: in training the mean of the members', else those of their mean probability.

        Args:
            outputs: What the members made of the window.
            targets_BT: The words that came, int64; those below 0 are left out.
            sampled: The part of the vocabulary that a full softmax is estimated from; None takes all of it.
        """
        members = zip(self.networks(), outputs.members, strict=True)
        nats_KBT = torch.stack([member.nll(own, targets_BT, sampled=sampled) for member, own in members])
        if self.training:
            return nats_KBT.mean(0)
        together_BT = math.log(len(nats_KBT)) - (-nats_KBT).logsumexp(0)
        return together_BT.masked_fill(targets_BT < 0, 0.0)

    def init_output_bias(self, unigram: Unigram) -> None:
        """Lets the untrained logits of each member be those of a unigram model."""
        for member in self.networks():
            member.init_output_bias(unigram)

    def networks(self) -> list[Network]:
        """Returns the members."""
        return [member for member in self.members if isinstance(member, Network)]
