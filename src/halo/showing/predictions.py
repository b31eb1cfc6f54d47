"""What a model predicts at each token of a sentence, and what that costs.

Shape letters: T tokens of the sentence, V words of the vocabulary.
"""

from typing import NamedTuple

import torch
import torch.nn.functional as F
from torch import Tensor

from halo.models.language_model import LanguageModel, Network


class Predictions(NamedTuple):
    """The predictions of a model over a sentence, on the CPU.

    Attributes:
        logits_TV: Output of the network for each next word, before the softmax; log-probabilities where the output
            layer gives these.
        log_probabilities_TV: Natural logarithm of the probability of each next word, that of a pointer included.
        pointer_share_T: Share of the probability that the pointer gives away; None without a pointer.
    """

    logits_TV: Tensor
    log_probabilities_TV: Tensor
    pointer_share_T: Tensor | None


@torch.no_grad()
def predict_sentence(model: LanguageModel, ids_T: Tensor) -> Predictions:
    """Returns what a model predicts after each token, from the start of a text.

    Args:
        model: The network, in evaluation mode.
        ids_T: The tokens that it reads, int64, on the device of the model.
    """
    outputs = model.read(ids_T.unsqueeze(0), None)
    mixed_TV = model(ids_T.unsqueeze(0))[0][0].float()
    log_probabilities_TV = F.log_softmax(mixed_TV, dim=-1).cpu()
    if outputs.pointer_output is None or not isinstance(model, Network):
        return Predictions(mixed_TV.cpu(), log_probabilities_TV, None)
    logits_TV = model.output(outputs.features_BTD)[0].float().cpu()
    return Predictions(logits_TV, log_probabilities_TV, outputs.pointer_output.gate_BT[0].exp().cpu())


def ranks(log_probabilities_TV: Tensor, targets_T: Tensor) -> Tensor:
    """Returns how many words were likelier than each target, plus 1.

    >>> ranks(torch.tensor([[0.2, 0.5, 0.3]]).log(), torch.tensor([2]))
    tensor([2])
    """
    target_T1 = log_probabilities_TV.gather(1, targets_T.unsqueeze(1))
    return (log_probabilities_TV > target_T1).sum(1) + 1
