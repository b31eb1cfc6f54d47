"""What every architecture is: ids and a state in, logits and the next state out.

Shape letters: B streams, T tokens of a window, V words of the vocabulary, D features that the output sees.
"""

import contextlib
from abc import ABC, abstractmethod
from collections.abc import Iterator
from typing import NamedTuple

from torch import Tensor, nn

from halo.config import SampledSoftmaxConfig
from halo.models.ngram.unigram import Unigram
from halo.models.output import AdaptiveOutput, SoftmaxOutput
from halo.models.pointer import PointerOutput, pointer_mixture_logits, pointer_mixture_nll

State = list[tuple[Tensor, ...]]
"""What each layer remembers of the text so far, and a pointer after them; the first dimension of every tensor is B."""


class ModelOutput(NamedTuple):
    """What a model makes of a window.

    Attributes:
        features_BTD: What the output turns into logits.
        state: The state after the window.
        pointer_output: What a pointer says of the next words; None where the model has none.
        penalty: What regularisation of the activations adds to the summed nats of the window in training, a float32
            scalar; None where there is none.
        members: Of an ensemble, what each member made of it.
    """

    features_BTD: Tensor
    state: State
    pointer_output: PointerOutput | None
    penalty: Tensor | None
    members: tuple["ModelOutput", ...] = ()


class LanguageModel(nn.Module, ABC):
    """Predicts each next word of parallel streams from the words before it.

    The state of one window, handed to the next, makes reading window by window the same as reading the whole at once.
    """

    @abstractmethod
    def read(self, ids_BT: Tensor, state: State | None) -> ModelOutput:
        """Returns the features of the next words, and the state after the window.

        Args:
            ids_BT: Token ids, int64.
            state: The state after the window before, or None at the start of a text. It is used as it is: detach it
                where gradients must not flow back into earlier windows.
        """

    @abstractmethod
    def forward(self, ids_BT: Tensor, state: State | None = None) -> tuple[Tensor, State]:
        """Returns the logits of the next words, shape (B, T, V), and the state after the window; see `read`."""

    @abstractmethod
    def nll(self, outputs: ModelOutput, targets_BT: Tensor, *, sampled: SampledSoftmaxConfig | None = None) -> Tensor:
        """Returns the negative log-likelihood of each target in nats, float32, shape (B, T); 0 where it is left out.

        Args:
            outputs: What the model made of the window.
            targets_BT: The words that came, int64; those below 0 are left out.
            sampled: The part of the vocabulary that a full softmax is estimated from; None takes all of it.
        """

    @abstractmethod
    def init_output_bias(self, unigram: Unigram) -> None:
        """Lets untrained logits be those of a unigram model; an adaptive softmax stays as it is."""


class Network(LanguageModel):
    """A language model with an output of its own; an architecture says how a window is read.

    Attributes:
        output: Features -> logits.
    """

    output: SoftmaxOutput | AdaptiveOutput

    def forward(self, ids_BT: Tensor, state: State | None = None) -> tuple[Tensor, State]:
        """Returns the logits of the next words, shape (B, T, V), and the state after the window; see `read`."""
        outputs = self.read(ids_BT, state)
        return self.logits(outputs), outputs.state

    def logits(self, outputs: ModelOutput) -> Tensor:
        """Returns the logits of the next words, shape (B, T, V)."""
        logits_BTV: Tensor = self.output(outputs.features_BTD)
        return (
            logits_BTV if outputs.pointer_output is None else pointer_mixture_logits(logits_BTV, outputs.pointer_output)
        )

    def nll(self, outputs: ModelOutput, targets_BT: Tensor, *, sampled: SampledSoftmaxConfig | None = None) -> Tensor:
        """Returns the nats of each target, as `LanguageModel` says."""
        if sampled is not None and sampled.num_frequent is not None and isinstance(self.output, SoftmaxOutput):
            nll_BT = self.output.sampled_nll(outputs.features_BTD, targets_BT, num_frequent=sampled.num_frequent)
        else:
            nll_BT = self.output.nll(outputs.features_BTD, targets_BT)
        return (
            nll_BT
            if outputs.pointer_output is None
            else pointer_mixture_nll(nll_BT, targets_BT, outputs.pointer_output)
        )

    def init_output_bias(self, unigram: Unigram) -> None:
        """Lets untrained logits be those of a unigram model; an adaptive softmax stays as it is."""
        if isinstance(self.output, SoftmaxOutput):
            self.output.init_output_bias(unigram)


def detach(state: State) -> State:
    """Returns the state cut off from the graph that made it."""
    return [tuple(tensor.detach() for tensor in layer) for layer in state]


@contextlib.contextmanager
def evaluation_mode(model: nn.Module) -> Iterator[None]:
    """Switches dropout off for a while, and restores the previous mode at the end, also after an exception.

    >>> layer = nn.Dropout()
    >>> with evaluation_mode(layer):
    ...     print(layer.training)
    False
    >>> layer.training
    True
    """
    was_training = model.training
    model.eval()
    try:
        yield
    finally:
        model.train(was_training)
