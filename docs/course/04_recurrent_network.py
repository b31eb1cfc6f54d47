# ---
# jupyter:
#   jupytext:
#     text_representation:
#       extension: .py
#       format_name: percent
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
# ---

# %% [markdown]
# # 4. A recurrent network
#
# Counts of five words hardly help, because five words are nearly always new. A recurrent network does not store what it
# has read. It keeps a **state**, a vector of fixed size, and changes it with every word. The state is all that it knows
# about the text so far, and it has to learn what is worth keeping.
#
# **The idea.** Read a word, update the state, predict from the state; carry the state on for as long as the text lasts,
# and look back only a little way when learning.

# %%
import math
from collections.abc import Iterator

import matplotlib.pyplot as plt
import numpy as np
import torch
from torch import Tensor, nn
from torch.nn.functional import cross_entropy

import halo
from halo.data.streams import IGNORED, StreamLoader
from halo.models.ngram.kneser_ney import KneserNey

# %% [markdown]
# ## A network by hand
#
# With $x_t$ the vector of the word that is read and $h_{t-1}$ the state before it,
#
# $$h_t = \tanh(x_t W + h_{t-1} U + b)$$
#
# and the scores of the next word are $h_t O + c$, as in [chapter 3](03_neural_bigram.py). The same $W$, $U$ and $O$
# serve at every step. In code it is a loop. The shape letters are those of the project: B streams side by side, T
# words.


# %%
class RecurrentNetwork(nn.Module):
    """Predicts each next word from a state."""

    def __init__(self, vocab_size: int, *, embedding: int, hidden: int) -> None:
        super().__init__()
        self.vectors = nn.Parameter(0.1 * torch.randn(vocab_size, embedding))
        self.w = nn.Parameter(torch.randn(embedding, hidden) / embedding**0.5)
        self.u = nn.Parameter(0.9 * torch.randn(hidden, hidden) / hidden**0.5)
        self.b = nn.Parameter(torch.zeros(hidden))
        self.o = nn.Parameter(0.1 * torch.randn(hidden, vocab_size) / hidden**0.5)
        self.c = nn.Parameter(torch.zeros(vocab_size))

    def forward(self, inputs_BT: Tensor, state_BH: Tensor) -> tuple[Tensor, Tensor]:
        """Returns the scores of each next word, and the state after the last one."""
        return self.read(self.vectors[inputs_BT], state_BH)

    def read(self, vectors_BTD: Tensor, state_BH: Tensor) -> tuple[Tensor, Tensor]:
        """Does the same with vectors instead of ids."""
        states = []
        for vectors_BD in vectors_BTD.unbind(dim=1):
            state_BH = torch.tanh(vectors_BD @ self.w + state_BH @ self.u + self.b)
            states.append(state_BH)
        return torch.stack(states, dim=1) @ self.o + self.c, state_BH


def loss_of(logits: Tensor, targets: Tensor) -> Tensor:
    """Returns the mean negative log-likelihood of the targets, in nats."""
    return cross_entropy(logits.flatten(0, 1), targets.flatten(), ignore_index=IGNORED)


# %% [markdown]
# Learning needs gradients through all these steps, from the loss at the end back to the first word: **backpropagation
# through time**. torch does it, if it keeps all states in between. A text of 215,000 words would fill the memory and
# take a minute for a single update. So a text is read in **windows**, with an update after each, and gradients stop at
# the beginning of the window: `detach` keeps the numbers of the state and forgets how they came about. This is
# *truncated* backpropagation. What happens without `detach`?

# %%
torch.manual_seed(0)
network = RecurrentNetwork(10, embedding=4, hidden=8)
window = torch.randint(10, (2, 5))
logits, state = network(window, torch.zeros(2, 8))
loss_of(logits, window).backward()
message = ""
try:
    loss_of(network(window, state)[0], window).backward()  # goes back into the first window, whose graph is gone
except RuntimeError as error:
    message = str(error)
print(message[:62])
assert "backward through the graph a second time" in message
loss_of(network(window, state.detach())[0], window).backward()

# %% [markdown]
# ## An echo: carry the state, look back far enough
#
# A task for which everything can be worked out beforehand: the network reads random bits and must say which bit it read
# some steps ago. Bits are random, so whoever does not remember has a loss of $\ln 2 = 0.693$.
#
# > **Predict.** Windows of five steps, in four settings. Which loss can each of them reach?
# >
# > 1. An echo of 3 steps; each window starts with the state that the one before left behind. 2. An echo of 3 steps;
# > each window starts with a state of zeros. 3. An echo of 8 steps; the state is carried. 4. The same, with windows of
# > 12 steps.


# %%
def learn_echo(*, lag: int, length: int, carry: bool, steps: int = 400) -> list[float]:
    """Returns the loss of each window."""
    torch.manual_seed(0)
    network, streams = RecurrentNetwork(2, embedding=4, hidden=32), 32
    optimizer = torch.optim.Adam(network.parameters(), lr=0.02)
    bits = torch.randint(2, (streams, lag + length * steps))
    zeros = state = torch.zeros(streams, 32)
    losses = []
    for begin in range(0, length * steps, length):
        inputs, echo = bits[:, begin + lag : begin + lag + length], bits[:, begin : begin + length]
        logits, state = network(inputs, state.detach() if carry else zeros)
        loss = loss_of(logits, echo)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    return losses


echoes = {
    "1. echo 3, window 5, carried": learn_echo(lag=3, length=5, carry=True),
    "2. echo 3, window 5, zeros": learn_echo(lag=3, length=5, carry=False),
    "3. echo 8, window 5, carried": learn_echo(lag=8, length=5, carry=True),
    "4. echo 8, window 12, carried": learn_echo(lag=8, length=12, carry=True),
}

# %% alt="Loss by window: settings 1 and 4 fall to 0, setting 2 stays at 0.42, setting 3 at 0.69."
figure, axes = plt.subplots(figsize=(6, 4))
for name, losses in echoes.items():
    axes.plot(np.convolve(losses, np.ones(20) / 20, mode="valid"), label=name)
axes.set(xlabel="windows read", ylabel="loss, mean of 20 windows", ylim=(0, 1.2), title="Learning to echo")
axes.legend(loc="upper right", fontsize="small")
figure.tight_layout()

# %%
reached = [float(np.mean(losses[-50:])) for losses in echoes.values()]
print([round(loss, 3) for loss in reached])
assert reached[0] < 0.01
assert math.isclose(reached[1], 3 / 5 * math.log(2), abs_tol=0.02)
assert math.isclose(reached[2], math.log(2), abs_tol=0.04)
assert reached[3] < 0.1

# %% [markdown]
# Without the carried state, the first three of five echoes cannot be known: $\frac{3}{5} \ln 2 = 0.416$ is the best
# that anybody can do. With it, there is nothing that cannot be known. But an echo of 8 steps is never learned in
# windows of 5: the gradient never reaches the bit that mattered, so the network is not told that keeping it would have
# helped. Two things are at work, and they are often confused:
#
# - what a network can **use** reaches as far back as its state is carried;
# - what it can **learn to keep** reaches only as far back as its windows.
#
# ## On the corpus
#
# Now the text, with the 1,000 most frequent words as in chapter 3, in 28 streams and windows of 25 words ([chapter
# 2](02_text_to_ids.py)). Two passes over the text have to do; and gradients are clipped, which [chapter
# 5](05_exploding_gradients.py) explains.
#
# > **Predict.** The bigram of chapter 3 reached 57.3 on the validation text, with Kneser-Ney at 59.2. How much does it
# > cost to start each window with a state of zeros?

# %%
VOCABULARY, HIDDEN = 1000, 128
corpus = halo.prepare()
eos_id, unk_id = corpus.tokenizer.eos_id, corpus.tokenizer.unk_id
train_ids, validation_ids = (
    np.where(np.asarray(corpus.ids[split]) < VOCABULARY, corpus.ids[split], unk_id).astype(np.uint16)
    for split in ("train", "validation")
)


def learn(*, carry: bool) -> RecurrentNetwork:
    """Returns a network after two passes over the training text."""
    torch.manual_seed(0)
    network = RecurrentNetwork(VOCABULARY, embedding=64, hidden=HIDDEN)
    optimizer = torch.optim.Adam(network.parameters(), lr=0.003)
    for _ in range(2):
        zeros = state = torch.zeros(28, HIDDEN)
        for window in StreamLoader(train_ids, eos_id=eos_id, batch_size=28, sequence_length=25):
            logits, state = network(window.inputs_BT, state.detach() if carry else zeros)
            loss = loss_of(logits, window.targets_BT)
            optimizer.zero_grad()
            loss.backward()
            nn.utils.clip_grad_norm_(network.parameters(), 0.25)
            optimizer.step()
    return network


@torch.no_grad()
def perplexity(network: RecurrentNetwork, *, length: int = 32, carry: bool = True) -> float:
    """Returns the perplexity of the validation text, read in ten streams."""
    total, state = 0.0, torch.zeros(10, HIDDEN)
    for window in StreamLoader(validation_ids, eos_id=eos_id, batch_size=10, sequence_length=length):
        logits, state = network(window.inputs_BT, state if carry else torch.zeros_like(state))
        total += loss_of(logits, window.targets_BT).item() * window.num_targets
    return math.exp(total / len(validation_ids))


carried, from_zeros = learn(carry=True), learn(carry=False)
of_counts = {
    order: math.exp(KneserNey(train_ids, VOCABULARY, eos_id=eos_id, order=order).nll(validation_ids).mean())
    for order in (2, 5)
}
print(f"state carried {perplexity(carried):.1f}, learned from zeros {perplexity(from_zeros):.1f}")
print(f"Kneser-Ney: two words {of_counts[2]:.1f}, five words {of_counts[5]:.1f}")
assert 55 < perplexity(carried) < 61
assert perplexity(carried) < 0.95 * perplexity(from_zeros)
assert of_counts[5] < of_counts[2]

# %% [markdown]
# Carrying the state costs nothing and brings a tenth. Both numbers were read with a carried state; only the training
# differs. After two passes, the network is hardly better than counting pairs, and still behind Kneser-Ney of five
# words. Recurrent networks need more passes, and better cells ([chapter 6](06_lstm.py)).
#
# What is the state worth when the trained network reads? We set it to zero again every few words.

# %% alt="Perplexity of validation text falls with the number of words after which the state is set to zero."
lengths = [1, 2, 4, 8, 16, 32]
of_lengths = [perplexity(carried, length=length, carry=False) for length in lengths]
figure, axes = plt.subplots(figsize=(6, 3.5))
axes.plot(lengths, of_lengths, marker="o", label="state set to zero after every N words")
axes.axhline(perplexity(carried), color="black", linestyle="--", label="state never set to zero")
axes.set(xscale="log", xlabel="N", ylabel="perplexity", title="What the state is worth")
axes.set_xticks(lengths, [str(length) for length in lengths])
axes.legend()
figure.tight_layout()

# %%
print([round(value, 1) for value in of_lengths])
assert of_lengths == sorted(of_lengths, reverse=True)
assert of_lengths[0] > 2 * perplexity(carried)
assert of_lengths[-1] > 1.05 * perplexity(carried)

# %% [markdown]
# A part of this is that the network is not used to a state of zeros. But even after 32 words the carried state helps.
#
# ## How far back does the gradient reach?
#
# > **Predict.** By how much does the loss of the last word of a passage depend on the word 5, 10 or 20 places before
# > it?


# %%
def gradient_by_distance(network: RecurrentNetwork, length: int) -> Iterator[float]:
    """Yields the size of the gradient of the last loss with respect to each word's vector, the nearest first."""
    window = next(iter(StreamLoader(validation_ids, eos_id=eos_id, batch_size=100, sequence_length=length)))
    vectors = network.vectors[window.inputs_BT].detach().requires_grad_()
    logits, _ = network.read(vectors, torch.zeros(100, HIDDEN))
    loss_of(logits[:, -1:], window.targets_BT[:, -1:]).backward()
    assert vectors.grad is not None
    yield from vectors.grad.norm(dim=2).mean(dim=0).flip(0).tolist()


sizes = np.array([*gradient_by_distance(carried, 25)])
sizes /= sizes[0]

# %% alt="The gradient falls with distance: ten words back it is a small share of what it is at the last word."
figure, axes = plt.subplots(figsize=(6, 3.5))
axes.plot(sizes, marker="o")
axes.set(
    yscale="log", xlabel="words back", ylabel="gradient, as a share of the last word's", title="The far past fades"
)
figure.tight_layout()

# %%
print({distance: round(float(sizes[distance]), 4) for distance in (1, 5, 10, 20)})
assert 0.02 < sizes[5] < 0.2
assert sizes[20] < 0.01

# %% [markdown]
# The gradient passes through $U$ and the slope of tanh at every step, and gets smaller each time. So the network hears
# little of what it should have kept long ago. The opposite happens too: if $U$ is large, gradients grow at each step.
#
# **What we have.** A network with a memory, trained in windows with a state that is carried and detached. What we lack
# is a gradient that neither fades nor explodes.
#
# ## Exercises
#
# ### Exercise 1
#
# `nn.RNN` is the same network, without the loop in Python. Copy the weights of `carried` into one, and check that its
# states lead to the same scores. Mind that `nn.RNN` multiplies from the other side, and has two biases.

# %% tags=["solution"]
library = nn.RNN(64, HIDDEN, batch_first=True)
with torch.no_grad():
    from_input, from_state, bias, second_bias = library.parameters()
    from_input.copy_(carried.w.T)
    from_state.copy_(carried.u.T)
    bias.copy_(carried.b)
    second_bias.zero_()
    first = next(iter(StreamLoader(validation_ids, eos_id=eos_id, batch_size=10, sequence_length=25)))
    states, _ = library(carried.vectors[first.inputs_BT])
    of_library = states @ carried.o + carried.c
    of_loop, _ = carried(first.inputs_BT, torch.zeros(10, HIDDEN))
print((of_library - of_loop).abs().max())
assert torch.allclose(of_library, of_loop, atol=1e-4)

# %% [markdown]
# ### Exercise 2
#
# Which loss can be reached for an echo of 3 steps if each window of 10 steps begins with zeros? And in windows of 2?
# Work out both, then try.

# %% tags=["solution"]
for length, share in ((10, 3 / 10), (2, 1)):
    last = float(np.mean(learn_echo(lag=3, length=length, carry=False)[-50:]))
    print(f"windows of {length}: {last:.3f}, worked out {share * math.log(2):.3f}")
    assert math.isclose(last, share * math.log(2), abs_tol=0.03)

# %% [markdown]
# ### Exercise 3
#
# A network of one unit without input: $h_t = \tanh(u h_{t-1})$. Work out $dh_T / dh_0$, and compare it with what torch
# computes, for $u = 0.9$, $h_0 = 0.5$ and $T = 20$. Can it be above 1, for another $u$?


# %% tags=["solution"]
def derivatives(u: float, steps: int = 20) -> tuple[float, float]:
    """Returns the derivative of the last state by the first: by hand, and by torch."""
    start = torch.tensor(0.5, dtype=torch.float64, requires_grad=True)
    state, product = start, 1.0
    for _ in range(steps):
        state = torch.tanh(u * state)
        product *= u * (1 - state.item() ** 2)
    return product, torch.autograd.grad(state, start)[0].item()


for u in (0.9, 1.0, 1.5):
    by_hand, by_torch = derivatives(u)
    print(f"u = {u}: {by_hand:.2e}")
    assert math.isclose(by_hand, by_torch, rel_tol=1e-9)
    assert by_hand < 1

# %% [markdown] tags=["solution"]
# $dh_T / dh_0 = \prod_t u (1 - h_t^2)$. Each factor is below $u$. With $u$ above 1 the state moves to where tanh is
# flat, and the product is small again; only near 0, where the slope of tanh is 1, can it grow. With more units it is
# easier.

# %% [markdown]
# **Next:** [5. Exploding gradients](05_exploding_gradients.py). **In the documentation:** [glossary](../glossary.md)
# ("truncated backpropagation", "carried state"), [what training costs](../performance.md).
