"""The interface of every architecture: ids and a state in, logits and the next state out.

Shape letters: B streams, T tokens of a window, V words of the vocabulary, D features of the output layer.
"""

import contextlib
from abc import ABC, abstractmethod
from collections.abc import Iterator
from typing import NamedTuple

from torch import Tensor, nn

from halo.models.ngram.unigram import Unigram
from halo.models.output import AdaptiveOutput, SoftmaxOutput
from halo.models.pointer import PointerOutput, pointer_mixture_logits, pointer_mixture_nll

State = list[tuple[Tensor, ...]]
"""The state of each layer after the text so far, then that of a pointer; the first dimension of every tensor is B."""


class ModelOutput(NamedTuple):
    """The result of reading a window.

    Attributes:
        features_BTD: Input of the output layer.
        state: The state after the window.
        pointer_output: The pointer's prediction of the next words; None if the model has no pointer.
        penalty: Regularisation of the activations, to be added to the window's summed loss in training: a float32
            scalar; None if there is none.
        members: The outputs of an ensemble's members; empty for a single network.
    """

    features_BTD: Tensor
    state: State
    pointer_output: PointerOutput | None
    penalty: Tensor | None
    members: tuple["ModelOutput", ...] = ()


class LanguageModel(nn.Module, ABC):
    """Predicts each next word of parallel streams from the words before it.

    With the state of each window passed on to the next, reading window by window equals reading the whole text at once.
    A model of your own derives from `Network`, or from this class if it computes its own loss.
    """

    @abstractmethod
    def read(self, ids_BT: Tensor, state: State | None) -> ModelOutput:
        """Returns the features of the next words, and the state after the window.

        Args:
            ids_BT: Token ids, int64.
            state: The state after the previous window, or None at the start of a text. It is used as it is: `detach`
                it where gradients must not flow back into earlier windows.
        """

    @abstractmethod
    def forward(self, ids_BT: Tensor, state: State | None = None) -> tuple[Tensor, State]:
        """Returns the logits of the next words, shape (B, T, V), and the state after the window; see `read`."""

    @abstractmethod
    def nll(self, outputs: ModelOutput, targets_BT: Tensor, *, num_frequent: int | None = None) -> Tensor:
        """Returns the negative log-likelihood of each target in nats, float32, shape (B, T).

        Args:
            outputs: The result of reading the window.
            targets_BT: The actual next words, int64; the loss of negative ids is 0.
            num_frequent: Estimates the loss of a full softmax from the first `num_frequent` words and a sample of the
                others, for training (`SoftmaxOutput.sampled_nll`); None uses the whole vocabulary.
        """

    @abstractmethod
    def init_output_bias(self, unigram: Unigram) -> None:
        """Sets the output bias so that the untrained model predicts like a unigram model."""


class Network(LanguageModel):
    """A language model with an output layer; a subclass sets `output` and implements `read`.

    Attributes:
        output: Maps features to logits.
    """

    output: SoftmaxOutput | AdaptiveOutput

    def forward(self, ids_BT: Tensor, state: State | None = None) -> tuple[Tensor, State]:
        """Returns the logits of the next words, shape (B, T, V), and the state after the window; see `read`."""
        outputs = self.read(ids_BT, state)
        return self.logits(outputs), outputs.state

    def logits(self, outputs: ModelOutput) -> Tensor:
        """Returns the logits of the next words, shape (B, T, V)."""
        logits_BTV: Tensor = self.output(outputs.features_BTD)
        if outputs.pointer_output is None:
            return logits_BTV
        return pointer_mixture_logits(logits_BTV, outputs.pointer_output)

    def nll(self, outputs: ModelOutput, targets_BT: Tensor, *, num_frequent: int | None = None) -> Tensor:
        """Returns the negative log-likelihood of each target in nats; see `LanguageModel.nll`."""
        if num_frequent is not None and isinstance(self.output, SoftmaxOutput):
            nll_BT = self.output.sampled_nll(outputs.features_BTD, targets_BT, num_frequent=num_frequent)
        else:
            nll_BT = self.output.nll(outputs.features_BTD, targets_BT)
        if outputs.pointer_output is None:
            return nll_BT
        return pointer_mixture_nll(nll_BT, targets_BT, outputs.pointer_output)

    def init_output_bias(self, unigram: Unigram) -> None:
        """Sets the bias of a full softmax to a unigram model's log-probabilities; an adaptive softmax is unchanged."""
        if isinstance(self.output, SoftmaxOutput):
            self.output.init_output_bias(unigram)


def detach(state: State) -> State:
    """Returns the state without its computation graph, so that gradients do not flow into earlier windows."""
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
    if was_training:  # a model in evaluation mode is left alone: other threads may be using it
        model.eval()
    try:
        yield
    finally:
        if was_training:
            model.train()


def num_parameters(model: nn.Module) -> int:
    """Returns the number of parameters; shared ones are counted once."""
    return sum(parameter.numel() for parameter in model.parameters())
