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
# # 6. The LSTM, gate by gate
#
# [Chapter 5](05_exploding_gradients.py) cured gradients that explode. Those that vanish cannot be cured by rescaling:
# the plain network rewrites its whole state at every step, and what it rewrites it forgets. The LSTM (Hochreiter and
# Schmidhuber 1997) adds a second state that is only ever changed by gates. This chapter builds it from five lines of
# arithmetic, shows why it remembers, and watches its gates while it reads.
#
# **The idea.** A conveyor belt runs past the words. At each word some of what is on the belt is taken off, something
# new may be put on, and some of it is shown. What nobody touches travels on unchanged, however far.

# %%
import math
from typing import NamedTuple

import matplotlib.pyplot as plt
import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional as F

import halo

# %% [markdown]
# ## Five lines
#
# The belt is the **cell state** $c$. Three gates, numbers between 0 and 1 for each unit, decide what happens to it. All
# are computed from the word $x$ and the last output $h$:
#
# $$f = \sigma(W_f x + U_f h + b_f) \qquad i = \sigma(W_i x + U_i h + b_i) \qquad o = \sigma(W_o x + U_o h + b_o)$$
#
# $$c \leftarrow f \odot c + i \odot \tanh(W_g x + U_g h + b_g) \qquad h \leftarrow o \odot \tanh(c)$$
#
# The **forget gate** $f$ says how much of the belt stays, the **input gate** $i$ how much of the new candidate is put
# on it, and the **output gate** $o$ how much is shown to the rest of the network. torch keeps the four matrices on top
# of each other, in the order $i, f, g, o$, and two biases where one would do.


# %%
class Step(NamedTuple):
    """Output, cell state and gates of an LSTM after one word, each of shape (units,)."""

    h: Tensor
    c: Tensor
    input_gate: Tensor
    forget_gate: Tensor
    output_gate: Tensor


def lstm_step(layer: nn.LSTM, x: Tensor, h: Tensor, c: Tensor) -> Step:
    """Computes one step of an LSTM layer by hand, with the weights of torch's."""
    from_x, from_h, bias_x, bias_h = layer.parameters()
    sums = from_x @ x + bias_x + from_h @ h + bias_h
    i, f, g, o = sums.chunk(4)
    i, f, g, o = torch.sigmoid(i), torch.sigmoid(f), torch.tanh(g), torch.sigmoid(o)
    c = f * c + i * g
    return Step(o * torch.tanh(c), c, i, f, o)


def read(layer: nn.LSTM, inputs: Tensor) -> list[Step]:
    """Reads inputs, shape (steps, features), one after the other, beginning with an empty belt."""
    h = c = torch.zeros(layer.hidden_size)
    steps = []
    for x in inputs:
        steps.append(lstm_step(layer, x, h, c))
        h, c = steps[-1].h, steps[-1].c
    return steps


torch.manual_seed(1)
layer, inputs = nn.LSTM(8, 16), torch.randn(30, 8)
by_hand = read(layer, inputs)
outputs, (last_h, last_c) = layer(inputs)
difference = (torch.stack([step.h for step in by_hand]) - outputs).abs().max().item()
print(f"largest difference from nn.LSTM in 30 steps: {difference:.1e}")
assert difference < 1e-6
assert torch.allclose(by_hand[-1].c, last_c[0], atol=1e-6)

# %% [markdown]
# ## Why it remembers
#
# In chapter 5 one step back multiplied a gradient by a matrix and by the slope of tanh. On the belt it is multiplied by
# the forget gate, $\partial c_t / \partial c_{t-1} = f$, and by nothing else, if we look only along the belt. A gate of
# exactly 1 would carry a gradient any distance. A gate is a sigmoid, and where it stands before training is the choice
# of a bias: $\sigma(0) = 0.5$, $\sigma(1) = 0.73$, $\sigma(4) = 0.98$.
#
# > **Predict.** After 50 steps, how much of a gradient is left on the belt with a bias of 1, which many programs use?
# > And with a bias of 4?

# %%
for bias in (0, 1, 4):
    gate = 1 / (1 + math.exp(-bias))
    print(f"bias {bias}: forget gate {gate:.3f}, after 50 steps {gate**50:.1e} of the gradient")


def make_lstm(size_in: int, units: int, *, forget_bias: float) -> nn.LSTM:
    """Returns an LSTM layer whose biases are 0, except for those of the forget gate."""
    layer = nn.LSTM(size_in, units, batch_first=True)
    _, _, bias, second_bias = layer.parameters()
    nn.init.zeros_(second_bias)
    nn.init.zeros_(bias)
    nn.init.constant_(bias[units : 2 * units], forget_bias)  # i, f, g, o: the second quarter
    return layer


def make_belt_alone(units: int, *, forget_bias: float) -> nn.LSTM:
    """Returns an LSTM layer without a way back but the belt, and with gates that no word moves."""
    layer = make_lstm(8, units, forget_bias=forget_bias)
    for weights in list(layer.parameters())[:2]:
        nn.init.zeros_(weights)
    return layer


def gradients_by_distance(layer: nn.LSTM | nn.RNN, steps: int = 50) -> list[float]:
    """Returns the length of the gradient of the last state by the state 0, 1, ... steps before.

    The state is the belt of an LSTM, and the output of a plain network.
    """
    generator = torch.Generator().manual_seed(0)
    inputs = 0.3 * torch.randn(steps, layer.input_size, generator=generator)
    direction = F.normalize(torch.randn(layer.hidden_size, generator=generator), dim=0)
    h, state = torch.zeros(layer.hidden_size), torch.zeros(layer.hidden_size, requires_grad=True)
    states = [state]
    for x in inputs:
        if isinstance(layer, nn.LSTM):
            h, state = lstm_step(layer, x, h, state)[:2]
        else:
            from_x, from_h, *_ = layer.parameters()
            state = torch.tanh(from_x @ x + from_h @ state)
        states.append(state)
    gradients = torch.autograd.grad(direction @ state, states)
    return [gradient.norm().item() for gradient in reversed(gradients)]


gate = 1 / (1 + math.exp(-1))
belt_alone = make_belt_alone(32, forget_bias=1)
assert np.allclose(gradients_by_distance(belt_alone), [gate**distance for distance in range(51)], rtol=1e-3)

# %% [markdown]
# With the belt alone the law is exact. In a real layer a gradient also flows back through $h$ and the gates. Here are
# untrained layers with the weights that torch draws.

# %% alt="Length of the gradient by steps back: plain network and LSTM with bias 0 lose all of it, with bias 4 nothing."
torch.manual_seed(1)
lines = {"plain network": gradients_by_distance(nn.RNN(8, 32))}
for bias in (0, 1, 4):
    torch.manual_seed(1)
    lines[f"LSTM, forget bias {bias}"] = gradients_by_distance(make_lstm(8, 32, forget_bias=bias))
figure, axes = plt.subplots(figsize=(6, 4))
for (name, by_distance), style in zip(lines.items(), ("r--", "C0", "C1", "C2"), strict=True):
    axes.semilogy(by_distance, style, label=name)
axes.set(xlabel="steps back in time", ylabel="length of the gradient", title="What is left on the belt")
axes.legend(loc="lower left")
figure.tight_layout()

# %%
left = {name: by_distance[-1] for name, by_distance in lines.items()}
for name, length in left.items():
    print(f"{name:21} {length:8.1e}")
assert left["plain network"] < 1e-9
assert left["LSTM, forget bias 0"] < 1e-8
assert 1e-6 < left["LSTM, forget bias 1"] < 1e-2
assert left["LSTM, forget bias 4"] > 0.3

# %% [markdown]
# An LSTM does not remember because it is an LSTM. With forget gates half open it is as forgetful as the plain network;
# it remembers if its forget gates are open. `halo` starts with a bias of 1, as Jozefowicz et al. (2015) recommend for
# language, and training opens them further where that pays.
#
# ## One bit, fifty steps
#
# A task that takes nothing but memory: the first symbol is A or B, then come fifty blanks, and at the end the network
# has to say which of the two it was. Guessing costs ln 2 = 0.69.
#
# > **Predict.** Which of these learn it within 60 of the 120 steps: the plain network, the LSTM with a forget
# > bias of 1, the LSTM with a bias of 4?


# %%
def memory_losses(layer: nn.LSTM | nn.RNN, *, symbols: int = 2, blanks: int = 50, rate: float = 0.003) -> list[float]:
    """Trains a layer to name the first symbol after many blanks, and returns the loss of each step."""
    first = torch.arange(symbols)
    text = torch.full((symbols, 1 + blanks), symbols)  # one row for each symbol; the last id is the blank
    text[:, 0] = first
    inputs = F.one_hot(text, symbols + 1).float()
    output = nn.Linear(layer.hidden_size, symbols)
    parameters = [*layer.parameters(), *output.parameters()]
    optimizer = torch.optim.Adam(parameters, lr=rate)
    losses = []
    for _ in range(120):
        loss = F.cross_entropy(output(layer(inputs)[0][:, -1]), first)
        optimizer.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(parameters, 1.0)
        optimizer.step()
        losses.append(loss.item())
    return losses


SEEDS = (1, 2, 3)
curves: dict[str, list[list[float]]] = {"plain network": [], "LSTM, forget bias 1": [], "LSTM, forget bias 4": []}
for seed in SEEDS:
    torch.manual_seed(seed)
    curves["plain network"].append(memory_losses(nn.RNN(3, 16, batch_first=True)))
    for bias in (1, 4):
        torch.manual_seed(seed)
        curves[f"LSTM, forget bias {bias}"].append(memory_losses(make_lstm(3, 16, forget_bias=bias)))

# %% alt="Loss by step, three seeds each: with bias 4 it falls to 0, with bias 1 once and briefly, without gates never."
figure, axes = plt.subplots(figsize=(6, 4))
for (name, of_seeds), style in zip(curves.items(), ("r--", "C1", "C2"), strict=True):
    for number, losses in enumerate(of_seeds):
        axes.plot(losses, style, label=name if number == 0 else None)
axes.set(xlabel="step", ylabel="loss, in nats", title="A or B, fifty blanks ago?", ylim=(0, 0.9))
axes.legend()
figure.tight_layout()

# %%
for name, of_seeds in curves.items():
    print(f"{name:20}", *(f"{losses[-1]:.3f}" for losses in of_seeds))
assert all(abs(losses[59] - math.log(2)) < 0.02 for losses in curves["plain network"] + curves["LSTM, forget bias 1"])
assert all(losses[59] < 0.2 for losses in curves["LSTM, forget bias 4"])
assert all(losses[-1] < 0.05 for losses in curves["LSTM, forget bias 4"])

# %% [markdown]
# The plain network has nothing to learn from: by the time the error reaches the first symbol it is $10^{-12}$ of
# itself. The LSTM with a bias of 1 has very little: for the first 60 steps it does not leave guessing either, while the
# one with a bias of 4 is nearly done. Later one of its three seeds found the trick and lost it again at once, which may
# go otherwise on your machine. None of this makes 1 a bad choice for text, where most of what a word depends on stands
# a few words before it.
#
# ## What the gates do over a sentence
#
# Now a language model: word vectors, an LSTM of 48 units and a softmax, trained on 84,000 tokens of the corpus, twice,
# with the 1,000 most frequent words.

# %%
VOCABULARY, STREAMS, WINDOW, NUM_WINDOWS = 1000, 20, 35, 120

corpus = halo.prepare()


def common_words(ids: np.ndarray) -> Tensor:
    """Returns ids as a tensor, with all but the most frequent words replaced by `<unk>`."""
    tensor = torch.from_numpy(ids.astype(np.int64))
    return torch.where(tensor < VOCABULARY, tensor, corpus.tokenizer.unk_id)


streams = common_words(corpus.ids["train"][: STREAMS * (NUM_WINDOWS * WINDOW + 1)]).view(STREAMS, -1)
torch.manual_seed(1)
words, reader, output = nn.Embedding(VOCABULARY, 48), make_lstm(48, 48, forget_bias=1), nn.Linear(48, VOCABULARY)
parameters = [*words.parameters(), *reader.parameters(), *output.parameters()]
optimizer = torch.optim.Adam(parameters, lr=0.01)
for epoch in range(2):
    state, losses = None, []
    for first in range(0, NUM_WINDOWS * WINDOW, WINDOW):
        window = streams[:, first : first + WINDOW + 1]
        outputs, (h, c) = reader(words(window[:, :-1]), state)
        state = (h.detach(), c.detach())
        loss = F.cross_entropy(output(outputs).flatten(0, 1), window[:, 1:].flatten())
        optimizer.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(parameters, 0.25)
        optimizer.step()
        losses.append(loss.item())
    print(f"epoch {epoch + 1}: loss {sum(losses) / len(losses):.2f}")
assert sum(losses) / len(losses) < 4.4

# %% [markdown]
# It reads 2,000 tokens of validation text, with our own five lines, and we keep the gates. How far back does each unit
# remember? A gate of 0.95 halves what is on the belt every 13 words.

# %%
text = common_words(corpus.ids["validation"][:2000])
names = [corpus.tokenizer.words()[token_id] for token_id in text]
with torch.no_grad():
    steps = read(reader, words(text))
forget_gates = torch.stack([step.forget_gate for step in steps])  # (tokens, units)
half_lives = math.log(0.5) / forget_gates.log().mean(0)
print("words after which half is forgotten, by unit:")
print(*(f"{value:.1f}" for value in half_lives.sort().values.tolist()))
assert math.isclose(math.log(0.5) / math.log(0.95), 13.5, abs_tol=0.05)
assert half_lives.min() < 1
assert half_lives.max() > 10

# %% [markdown]
# > **Predict.** At which word would a useful unit empty its belt?

# %%
at_stop = torch.tensor([name == "." for name in names])
difference_at_stop = forget_gates[at_stop].mean(0) - forget_gates[~at_stop].mean(0)  # of each unit
unit = int(difference_at_stop.argmin())
for mark in (".", ",", "<eos>", "the", "in"):
    here = torch.tensor([name == mark for name in names])
    print(f"forget gate of unit {unit} at {mark:6} {forget_gates[here, unit].mean():.2f}")
print(f"elsewhere it is {forget_gates[~at_stop, unit].mean():.2f}")
assert difference_at_stop[unit] < -0.5

# %% alt="Forget gates over a sentence: the unit in the first row empties its belt at full stops, the last rows never."
first, last = 8, 34
rows = [unit, *half_lives.argsort()[::7].tolist()]  # and seven more, from short to long memory
figure, axes = plt.subplots(figsize=(7, 4.2))
image = axes.imshow(forget_gates[first:last, rows].T, cmap="viridis", vmin=0, vmax=1, aspect="auto")
axes.set_xticks(range(last - first), names[first:last], rotation=90)
axes.set_yticks(range(len(rows)), [str(each) for each in rows])
axes.set(ylabel="unit", title="Forget gates: yellow keeps, dark forgets")
figure.colorbar(image)
figure.tight_layout()

# %% [markdown]
# Nobody told it about sentences. One unit has found out that a full stop is where something ends: it keeps its belt
# through a sentence and empties it at the stop. (Which of the 48 it is depends on the seed.) Others forget at nearly
# every word and remember only the last one; most keep half of what they know for ten or twenty words, and what it is
# that they keep cannot be read off a picture. Be careful with stories about single units: this one was found by
# searching 48 units for the one that fits the story.
#
# **What we have.** A network that can be trained to remember: the belt carries both the past forward and the gradient
# back, and gates decide what happens to it. `model.cell=lstm` is the default of `halo`, with torch's own fast
# implementation of the five lines; `model.cell=gru` is the variant of the first exercise (the
# [glossary](../glossary.md) has the terms). Such a network can also memorise, and a small text is easily memorised.
# [Chapter 7](07_overfitting.py) is about noticing.
#
# ## Exercises
#
# ### Exercise 1
#
# The gated recurrent unit (GRU, Cho et al. 2014) has no second state. With a reset gate $r$ and an update gate $z$,
#
# $$n = \tanh(W_n x + b_n + r \odot (U_n h + d_n)) \qquad h \leftarrow (1 - z) \odot n + z \odot h$$
#
# Write it by hand with the weights of `nn.GRU`, which are in the order $r, z, n$, and compare. Which of its gates is
# the forget gate?


# %% tags=["solution"]
def gru_step(layer: nn.GRU, x: Tensor, h: Tensor) -> Tensor:
    """Computes one step of a GRU layer by hand, with the weights of torch's."""
    from_x, from_h, bias_x, bias_h = layer.parameters()
    r_x, z_x, n_x = (from_x @ x + bias_x).chunk(3)
    r_h, z_h, n_h = (from_h @ h + bias_h).chunk(3)
    r, z = torch.sigmoid(r_x + r_h), torch.sigmoid(z_x + z_h)
    return (1 - z) * torch.tanh(n_x + r * n_h) + z * h


torch.manual_seed(1)
gru, some_inputs = nn.GRU(8, 16), torch.randn(30, 8)
h = torch.zeros(16)
for x, expected in zip(some_inputs, gru(some_inputs)[0], strict=True):
    h = gru_step(gru, x, h)
    assert torch.allclose(h, expected, atol=1e-6)

# %% [markdown] tags=["solution"]
# The update gate $z$: it multiplies the old state. What is put on the belt is tied to it as $1 - z$, where the LSTM has
# a gate of its own.

# %% [markdown]
# ### Exercise 2
#
# A unit should still have half of what it saw 100 words ago. Which forget gate does it need, and which bias, if nothing
# else moves the gate? Check it with `make_belt_alone`.

# %% tags=["solution"]
needed_gate = 0.5 ** (1 / 100)
needed_bias = math.log(needed_gate / (1 - needed_gate))
print(f"gate {needed_gate:.4f}, bias {needed_bias:.2f}")
patient = make_belt_alone(32, forget_bias=needed_bias)
assert 4.9 < needed_bias < 5.0
assert abs(gradients_by_distance(patient, steps=100)[100] - 0.5) < 1e-3

# %% [markdown]
# ### Exercise 3
#
# Make the task harder: one of four symbols, with a learning rate of 0.01. A forget bias of 4 no longer does it in 120
# steps. Tallec and Ollivier (2018) give every unit a memory of its own length: the forget bias of each is ln of a
# random number between 1 and the number of steps, and its input bias is minus that, so that blanks put little on the
# belt. Does that help?

# %% tags=["solution"]
all_open, of_all_lengths = [], []
for seed in SEEDS:
    torch.manual_seed(seed)
    all_open.append(memory_losses(make_lstm(5, 16, forget_bias=4), symbols=4, rate=0.01)[-1])
    torch.manual_seed(seed)
    layer = make_lstm(5, 16, forget_bias=0)
    log_lengths = torch.empty(16).uniform_(1, 49).log()
    layer.get_parameter("bias_ih_l0").data[:32] = torch.cat([-log_lengths, log_lengths])
    of_all_lengths.append(memory_losses(layer, symbols=4, rate=0.01)[-1])
print("bias 4:             ", *(f"{loss:.3f}" for loss in all_open))
print("bias ln of a length:", *(f"{loss:.3f}" for loss in of_all_lengths))
assert min(all_open) > 0.1
assert max(of_all_lengths) < 0.05
