"""A language model that is not part of the package, trained without editing the package.

Run in this folder:

    python -m halo.train --config-dir conf model=decay run_dir=run
    python -m halo.evaluate run=run model_class=decay_model.DecayModel
    python -m halo.generate bundle=run/bundle model_class=decay_model.DecayModel prompt="the virus"

conf/model/decay.yaml names this class. The last two commands need it again, because a class that a saved model names is
never imported by itself. From Python: `halo.load("run", model_class=DecayModel)`.

Shape letters: B streams, T tokens of a window, D features.
"""

import torch
from torch import Tensor, nn

from halo.models.language_model import ModelOutput, Network, State
from halo.models.output import SoftmaxOutput


class DecayModel(Network):
    """Predicts the next word from an exponentially decaying mean of the word vectors so far.

    Args:
        vocab_size: Number of words of the vocabulary; the program passes it.
        features: Size of the word vectors, D.
        decay: Weight of the earlier words in the mean, in [0, 1).
    """

    def __init__(self, *, vocab_size: int, features: int, decay: float) -> None:
        super().__init__()
        self.embedding = nn.Embedding(vocab_size, features)
        self.output = SoftmaxOutput(self.embedding)
        self.decay = decay

    def read(self, ids_BT: Tensor, state: State | None) -> ModelOutput:
        """Returns the mean after each token as features, and the last mean as state."""
        vectors_BTD = self.embedding(ids_BT)
        mean_BD = torch.zeros_like(vectors_BTD[:, 0]) if state is None else state[0][0]
        means = []
        for vectors_BD in vectors_BTD.unbind(1):
            mean_BD = self.decay * mean_BD + (1 - self.decay) * vectors_BD
            means.append(mean_BD)
        return ModelOutput(torch.stack(means, dim=1), [(mean_BD,)], pointer_output=None, penalty=None)
