"""Ensembles: several networks read the same text, and their predictions are averaged.

Shape letters: K members, B streams, T tokens of a window, V words of the vocabulary.
"""

import math
from collections.abc import Sequence

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from halo.models.language_model import LanguageModel, ModelOutput, Network, State
from halo.models.ngram.unigram import Unigram


class Ensemble(LanguageModel):
    """Averages the probabilities that its members assign to each word (as Zaremba et al. 2014).

    Members differ in their initial weights and in their dropout masks, and learn independently: the training loss is
    the mean of theirs, so that the gradient of each is one K-th of what it would be alone.

    Args:
        members: Networks of the same architecture.
    """

    def __init__(self, members: Sequence[Network]) -> None:
        super().__init__()
        self.members = nn.ModuleList(members)

    def read(self, ids_BT: Tensor, state: State | None) -> ModelOutput:
        """Returns the outputs of all members, with their features and states concatenated in order."""
        member_outputs = []
        for index, member in enumerate(self.networks()):
            own = None
            if state is not None:
                size = len(state) // len(self.members)
                own = state[index * size : (index + 1) * size]
            member_outputs.append(member.read(ids_BT, own))
        penalties = [outputs.penalty for outputs in member_outputs if outputs.penalty is not None]
        return ModelOutput(
            features_BTD=torch.cat([outputs.features_BTD for outputs in member_outputs], dim=2),
            state=[layer for outputs in member_outputs for layer in outputs.state],
            pointer_output=None,
            penalty=torch.stack(penalties).mean() if penalties else None,
            members=tuple(member_outputs),
        )

    def forward(self, ids_BT: Tensor, state: State | None = None) -> tuple[Tensor, State]:
        """Returns the log-probabilities of the next words, shape (B, T, V), which are logits too, and the state."""
        outputs = self.read(ids_BT, state)
        members = zip(self.networks(), outputs.members, strict=True)
        each_KBTV = [F.log_softmax(member.logits(own).float(), dim=-1) for member, own in members]
        return torch.stack(each_KBTV).logsumexp(0) - math.log(len(each_KBTV)), outputs.state

    def nll(self, outputs: ModelOutput, targets_BT: Tensor, *, num_frequent: int | None = None) -> Tensor:
        """Returns the negative log-likelihood of each target in nats; see `LanguageModel.nll`.

        In training it is the mean of the members' losses, in evaluation the loss of their mean probability.
        """
        members = zip(self.networks(), outputs.members, strict=True)
        nll_KBT = torch.stack([member.nll(own, targets_BT, num_frequent=num_frequent) for member, own in members])
        if self.training:
            return nll_KBT.mean(0)
        mixture_BT = math.log(len(nll_KBT)) - (-nll_KBT).logsumexp(0)
        return mixture_BT.masked_fill(targets_BT < 0, 0.0)

    def init_output_bias(self, unigram: Unigram) -> None:
        """Sets the output bias of each member; see `Network.init_output_bias`."""
        for member in self.networks():
            member.init_output_bias(unigram)

    def networks(self) -> list[Network]:
        """Returns the members."""
        return [member for member in self.members if isinstance(member, Network)]
