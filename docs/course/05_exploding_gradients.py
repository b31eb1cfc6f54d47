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
# # 5. Exploding gradients
#
# [Chapter 4](04_recurrent_network.py) trained a recurrent network by backpropagation through time: the error at one
# word is blamed on the words before it, step by step into the past. At every step back the blame is multiplied by the
# same matrix. This chapter turns that matrix up until the gradient explodes, first in a toy, then in a real training
# run, and repairs the run with one line.
#
# **The idea.** What is multiplied many times by a little more than one grows without bound, and by a little less than
# one it vanishes. A gradient that exploded still points in a useful direction; only its length is absurd. So shorten
# it.

# %%
import math
from collections.abc import Callable
from typing import NamedTuple

import matplotlib.pyplot as plt
import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional as F

import halo

# %% [markdown]
# ## Interest on a gradient
#
# Money at 10 % interest grows by a factor of 1.1 a year. Nobody is surprised by the second year, everybody by the
# fiftieth.

# %%
for factor in (0.9, 1.0, 1.1):
    print(f"{factor} multiplied by itself 50 times: {factor**50:.4f}")
assert 117 < 1.1**50 < 118
assert 0.005 < 0.9**50 < 0.006

# %% [markdown]
# A recurrent network multiplies in the same way. Its state at a step is $h_t = \tanh(W h_{t-1} + x_t)$, so one step
# back multiplies a gradient $g$ by the derivative of that step:
#
# $$g_{t-1} = W^\top \left( (1 - h_t^2) \odot g_t \right)$$
#
# For a matrix the place of the factor is taken by its **spectral radius**, the largest absolute value of its
# eigenvalues: far enough back, it alone decides. The matrices here are a rotation times a number, so that this number
# is their spectral radius, and they stretch every vector by exactly it.

# %%
STEPS, UNITS = 50, 32


def gradients_by_distance(matrix: Tensor, *, squash: bool) -> list[float]:
    """Returns the length of the gradient of one number at the last step, by the state 0, 1, ... 50 steps before.

    Args:
        matrix: The recurrent weights W.
        squash: Whether the states go through tanh.
    """
    generator = torch.Generator().manual_seed(0)
    direction = F.normalize(torch.randn(len(matrix), generator=generator), dim=0)
    state = torch.zeros(len(matrix), requires_grad=True)
    states = [state]
    for _ in range(STEPS):
        inputs = 0.3 * torch.randn(len(matrix), generator=generator)
        state = matrix @ state + inputs
        state = torch.tanh(state) if squash else state
        states.append(state)
    gradients = torch.autograd.grad(direction @ state, states)
    return [gradient.norm().item() for gradient in reversed(gradients)]


rotation = nn.init.orthogonal_(torch.empty(UNITS, UNITS), generator=torch.Generator().manual_seed(1))
eigenvalues = torch.linalg.eigvals(1.1 * rotation)
assert abs(eigenvalues.abs().max().item() - 1.1) < 1e-5

without_tanh = gradients_by_distance(1.1 * rotation, squash=False)
assert np.allclose(without_tanh, [1.1**distance for distance in range(STEPS + 1)], rtol=1e-3)

# %% [markdown]
# Without tanh the law is exact: after 50 steps the gradient is 117 times as long. The derivative of tanh, $1 - h^2$, is
# at most one, so it can only shorten a gradient.
#
# > **Predict.** With tanh, which spectral radius keeps the gradient about as long as it was: 0.8, 1.0, 1.3 or 2.0? And
# > does tanh save the network with a radius of 2.0 from exploding?

# %% alt="Length of the gradient by steps back in time: it falls for spectral radii up to 1.3 and rises from 2 on."
RADII = (0.8, 1.0, 1.3, 2.0, 3.0)
lengths = {radius: gradients_by_distance(radius * rotation, squash=True) for radius in RADII}
figure, axes = plt.subplots(figsize=(6, 4))
for radius, by_distance in lengths.items():
    axes.semilogy(by_distance, label=f"radius {radius}")
axes.set(xlabel="steps back in time", ylabel="length of the gradient", title="The same matrix, again and again")
axes.legend()
figure.tight_layout()

# %%
for radius, by_distance in lengths.items():
    print(f"radius {radius}: {by_distance[-1]:10.2g} of the gradient is left after {STEPS} steps")
    assert all(length <= 1.001 * radius**distance for distance, length in enumerate(by_distance))
assert lengths[0.8][-1] < 1e-6
assert 1e-5 < lengths[1.0][-1] < 1e-3
assert 0.1 < lengths[1.3][-1] < 1
assert 100 < lengths[2.0][-1] < 10_000
assert lengths[3.0][-1] > 10_000

# %% [markdown]
# Because tanh damps, a radius of 1.0 forgets, and about 1.3 is the balance. It does not save a radius of 2.0: the lines
# rise more slowly than $2^{50}$, and rise all the same. Between forgetting and exploding there is only a narrow path,
# and training moves the weights about on both sides of it. The other half of the problem, vanishing, is the subject of
# [chapter 6](06_lstm.py); exploding has a simpler cure.
#
# ## A training run that explodes
#
# Now a real network: a recurrent language model as in chapter 4, on the first 84,000 tokens of the training text. To
# keep it quick, only the 1,000 most frequent words count and all others are `<unk>`; ids are in order of frequency, so
# that is one comparison. The recurrent weights start as a rotation, with a spectral radius of 1.

# %%
VOCABULARY, STREAMS, WINDOW, NUM_STEPS = 1000, 20, 35, 120

corpus = halo.prepare()
ids = torch.from_numpy(corpus.ids["train"][: STREAMS * (NUM_STEPS * WINDOW + 1)].astype(np.int64))
streams = torch.where(ids < VOCABULARY, ids, corpus.tokenizer.unk_id).view(STREAMS, -1)


class RecurrentLanguageModel(nn.Module):
    """Word vectors, a plain recurrent layer whose weights are a rotation times `radius`, and a softmax."""

    def __init__(self, *, units: int = 48, radius: float = 1.0) -> None:
        super().__init__()
        self.words = nn.Embedding(VOCABULARY, units)
        self.layer = nn.RNN(units, units, batch_first=True)
        self.output = nn.Linear(units, VOCABULARY)
        nn.init.orthogonal_(self.layer.get_parameter("weight_hh_l0"), gain=radius)

    def spectral_radius(self) -> float:
        """Returns the spectral radius of the recurrent weights."""
        eigenvalues = torch.linalg.eigvals(self.layer.get_parameter("weight_hh_l0").detach())
        return float(eigenvalues.abs().max())

    def loss(self, window: Tensor, state: Tensor | None) -> tuple[Tensor, Tensor]:
        """Returns the mean loss of the words of a window after the first, and the state after the window."""
        outputs, state = self.layer(self.words(window[:, :-1]), state)
        return F.cross_entropy(self.output(outputs).flatten(0, 1), window[:, 1:].flatten()), state


def gradients(model: nn.Module) -> list[Tensor]:
    """Returns the gradient of each weight matrix and bias, which may be changed in place."""
    return [parameter.grad for parameter in model.parameters() if parameter.grad is not None]


def gradient_norm(model: nn.Module) -> float:
    """Returns the length of the gradient of all weights together."""
    return math.sqrt(sum(gradient.square().sum().item() for gradient in gradients(model)))


# %% [markdown]
# This is the whole cure. If the gradient of all weights together is longer than a limit, every component is scaled down
# by the same factor (Pascanu et al. 2013). torch has the same function, and they agree:


# %%
def clip_by_norm(model: nn.Module, limit: float = 0.25) -> None:
    """Shortens the gradient of all weights together to `limit`, if it is longer."""
    scale = min(1.0, limit / gradient_norm(model))
    for gradient in gradients(model):
        gradient.mul_(scale)


def model_with_gradient() -> RecurrentLanguageModel:
    """Returns a new model with the gradient of the first window."""
    torch.manual_seed(1)
    model = RecurrentLanguageModel()
    model.loss(streams[:, : WINDOW + 1], None)[0].backward()
    return model


by_hand, by_torch = model_with_gradient(), model_with_gradient()
print(f"length before clipping: {gradient_norm(by_hand):.2f}")
assert gradient_norm(by_hand) > 0.3
clip_by_norm(by_hand)
nn.utils.clip_grad_norm_(by_torch.parameters(), 0.25)
assert abs(gradient_norm(by_hand) - 0.25) < 1e-5
assert all(torch.allclose(a, b, atol=1e-7) for a, b in zip(gradients(by_hand), gradients(by_torch), strict=True))


# %%
class Run(NamedTuple):
    """What happened at each step of a run: the loss, the length of the gradient before clipping, spectral radius."""

    losses: list[float]
    gradient_norms: list[float]
    radii: list[float]

    def final_loss(self) -> float:
        """Returns the mean loss of the last 20 steps."""
        return sum(self.losses[-20:]) / 20


def train(learning_rate: float, clip: Callable[[nn.Module], None] | None) -> Run:
    """Trains a new model by plain gradient descent; `clip` may change the gradient before each step."""
    torch.manual_seed(1)
    model = RecurrentLanguageModel()
    optimizer = torch.optim.SGD(model.parameters(), lr=learning_rate)
    run, state = Run([], [], []), None
    for first in range(0, NUM_STEPS * WINDOW, WINDOW):
        loss, state = model.loss(streams[:, first : first + WINDOW + 1], state)
        state = state.detach()  # truncated backpropagation: no gradient into earlier windows
        optimizer.zero_grad()
        loss.backward()
        run.losses.append(loss.item())
        run.gradient_norms.append(gradient_norm(model))
        run.radii.append(model.spectral_radius())
        if clip is not None:
            clip(model)
        optimizer.step()
    return run


# %% [markdown]
# > **Predict.** A model that finds all 1,000 words equally likely has a loss of ln 1,000 = 6.9. With a learning rate of
# > 10, where does the run without clipping stand after 120 steps: well below 6.9, at it, or above it? And the one whose
# > gradient is clipped to a length of 0.25?

# %% alt="Loss by step: clipped it falls to 4.8, without clipping it jumps above that of a model that knows nothing."
free, clipped = train(10, None), train(10, clip_by_norm)
figure, axes = plt.subplots(figsize=(6, 4))
axes.plot(free.losses, label="without clipping", color="tab:red")
axes.plot(clipped.losses, label="clipped to 0.25", color="tab:blue")
axes.axhline(math.log(VOCABULARY), color="gray", linestyle="--", label="all words equally likely")
axes.set(xlabel="step", ylabel="loss, in nats per word", title="The same model, learning rate and text")
axes.legend()
figure.tight_layout()

# %%
print(f"final loss: {free.final_loss():.2f} without clipping, {clipped.final_loss():.2f} with it")
assert free.final_loss() > math.log(VOCABULARY)
assert 4.6 < clipped.final_loss() < 5.0

# %% [markdown]
# The run without clipping ends worse than it began: worse than a model that knows nothing. What happened? Look at the
# first steps:

# %%
print("step  loss  gradient  spectral radius")
for step in range(8):
    print(f"{step:4} {free.losses[step]:5.1f} {free.gradient_norms[step]:9.1f} {free.radii[step]:16.1f}")
print(f"largest spectral radius: {max(free.radii):.0f} without clipping, {max(clipped.radii):.1f} with it")
assert free.radii[0] < 1.01
assert max(free.radii[:20]) > 20
assert max(clipped.radii) < 5

# %% [markdown]
# A first gradient that is a little too long, times a large learning rate, turns up the recurrent matrix. Its gradient
# is therefore longer, which turns the matrix up further: within a few steps the radius is no longer 1 but far above 20,
# in the region of the toy where nothing could be learned. With clipping no step is longer than 10 · 0.25, and the
# matrix stays where gradients can be used.
#
# ## What clipping buys, and what it does not
#
# > **Predict.** Is clipping needed at a learning rate of 1? And does it then do better than the run above?

# %% alt="Final loss by learning rate: without clipping it is good up to 3 and lost from 10 on; clipped, good up to 10."
RATES = (1, 3, 10, 30)
without = [free if rate == 10 else train(rate, None) for rate in RATES]
with_clipping = [clipped if rate == 10 else train(rate, clip_by_norm) for rate in RATES]
figure, axes = plt.subplots(figsize=(6, 4))
axes.plot(RATES, [run.final_loss() for run in without], marker="o", color="tab:red", label="without clipping")
axes.plot(RATES, [run.final_loss() for run in with_clipping], marker="o", color="tab:blue", label="clipped to 0.25")
axes.axhline(math.log(VOCABULARY), color="gray", linestyle="--", label="all words equally likely")
axes.set(xscale="log", xticks=RATES, xticklabels=RATES, xlabel="learning rate", ylabel="final loss")
axes.set_title("Clipping widens the range that works")
axes.legend()
figure.tight_layout()

# %%
print("learning rate", *RATES)
print("without      ", *(f"{run.final_loss():.2f}" for run in without))
print("clipped      ", *(f"{run.final_loss():.2f}" for run in with_clipping))
assert abs(without[0].final_loss() - with_clipping[0].final_loss()) < 0.2
assert all(run.final_loss() < 5.1 for run in [*without[:2], *with_clipping[:3]])
assert without[3].final_loss() > math.log(VOCABULARY) > with_clipping[3].final_loss()

# %% [markdown]
# With a careful learning rate this small model never explodes, and clipping gains nothing. It is a seat belt, not an
# engine: with it, a learning rate ten times too large costs nothing, and one thirty times too large costs a little
# instead of everything. In a long run one exploding step is enough, and nobody knows beforehand when it comes.
#
# ## By norm or by value
#
# There is another way: limit every component on its own to ±0.25. Here are both on a gradient with two components.

# %% alt="Three arrows. Clipped by norm, the gradient keeps its direction; clipped by value, it turns to the diagonal."
gradient = torch.tensor([1.0, 0.2])
arrows = {
    "gradient": gradient,
    "clipped by norm": gradient * 0.25 / gradient.norm(),
    "clipped by value": gradient.clamp(-0.25, 0.25),
}
figure, axes = plt.subplots(figsize=(6, 3))
for (name, (x, y)), color in zip(arrows.items(), ("gray", "tab:blue", "tab:orange"), strict=True):
    axes.annotate("", (x, y), (0, 0), arrowprops={"arrowstyle": "-|>", "color": color, "linewidth": 2})
    axes.plot([], [], color=color, label=name)
axes.set(xlim=(0, 1.05), ylim=(0, 0.3), xlabel="first component", ylabel="second component")
axes.legend(loc="lower right")
figure.tight_layout()

# %%
cosine = {name: F.cosine_similarity(gradient, arrow, dim=0).item() for name, arrow in arrows.items()}
print(cosine)
assert abs(cosine["clipped by norm"] - 1) < 1e-6
assert cosine["clipped by value"] < 0.9

# %% [markdown]
# By norm the direction stays; by value it turns, because only long components are cut.
#
# > **Predict.** Of the 100,000 components of the first gradient of our model, how many are cut by a limit of 0.25?

# %%
whole = torch.cat([each.flatten() for each in gradients(model_with_gradient())])
for limit in (0.25, 0.01, 0.001):
    cut = whole.clamp(-limit, limit)
    share, cosine_with_whole = (whole.abs() > limit).float().mean(), F.cosine_similarity(whole, cut, dim=0)
    print(f"limit {limit:5}: {share:6.2%} of {len(whole):,} components cut, cosine {cosine_with_whole:.2f}")
assert (whole.abs() > 0.25).sum() == 0
assert F.cosine_similarity(whole, whole.clamp(-0.001, 0.001), dim=0) < 0.7


def clip_by_value(limit: float) -> Callable[[nn.Module], None]:
    """Returns a function that limits each component of the gradient to ±`limit`."""
    return lambda model: nn.utils.clip_grad_value_(model.parameters(), limit)


loose, tight = train(10, clip_by_value(0.25)), train(10, clip_by_value(0.001))
print(f"final loss by value: {loose.final_loss():.2f} with 0.25, {tight.final_loss():.2f} with 0.001")
assert loose.final_loss() > 6
assert 4.4 < tight.final_loss() < 4.8

# %% [markdown]
# None. A length of 0.25 is short, but for a single component among 100,000 it is enormous, so the same number protects
# from nothing. With a limit that suits components, clipping by value works, and in this short run it is even a little
# better than by norm: probably because it lets rare words, whose components are short, move relatively more, much as
# Adam does. The price is a direction that is no longer that of the gradient. Which limit is right depends on the size
# of the model; a length can be read off a log.
#
# In `halo` both are a setting: `gradient_clip.algorithm=norm gradient_clip.value=0.25` are the defaults, and
# `gradient_clip.value=null` switches clipping off. The length before clipping is logged ([logging](../logging.md)), and
# a run that has diverged says so in its verdict ([metrics](../measurement.md)).
#
# **What we have.** Long products grow or vanish exponentially; the spectral radius is their factor, tanh damps it a
# little. Exploding is cured by shortening the gradient. Vanishing is not: a gradient of length 0 has no direction left
# that could be scaled. For that the network itself has to change, which is [chapter 6](06_lstm.py).
#
# ## Exercises
#
# ### Exercise 1
#
# Without tanh and with a spectral radius of 0.9, after how many steps is less than 1 % of a gradient left? First with
# pencil and paper, then with `gradients_by_distance`.

# %% tags=["solution"]
by_formula = math.ceil(math.log(0.01) / math.log(0.9))
measured = gradients_by_distance(0.9 * rotation, squash=False)
by_measurement = next(distance for distance, length in enumerate(measured) if length < 0.01)
print(by_formula, by_measurement)
assert by_formula == by_measurement == 44

# %% [markdown]
# ### Exercise 2
#
# Truncated backpropagation stops the gradient at the beginning of a window. Does that protect from explosion too?
# Measure the gradient of a new model with `radius=3` on the first 5, 10, 35, 70 and 140 words of the streams. Why do we
# not simply use short windows?

# %% tags=["solution"]
norms = {}
for length in (5, 10, 35, 70, 140):
    torch.manual_seed(1)
    turned_up = RecurrentLanguageModel(radius=3)
    turned_up.loss(streams[:, : length + 1], None)[0].backward()
    norms[length] = gradient_norm(turned_up)
    print(f"{length:3} words: {norms[length]:.1e}")
assert norms[5] < 2
assert norms[35] > 100
assert norms[140] > 1e9

# %% [markdown] tags=["solution"]
# It does: there is no long product in a short window. But a window of 5 words cannot teach the network to remember
# anything for longer than 5 words. Clipping keeps the long window and takes only the length of the gradient.

# %% [markdown]
# ### Exercise 3
#
# The damage was done within the first ten steps. Is it enough to clip those? Write a `clip` that stops after 30 steps,
# and train with a learning rate of 10.


# %% tags=["solution"]
def clip_only_first(steps: int) -> Callable[[nn.Module], None]:
    """Returns a function that clips by norm the first `steps` times it is called, and then no more."""
    remaining = iter(range(steps))
    return lambda model: None if next(remaining, None) is None else clip_by_norm(model)


let_loose = train(10, clip_only_first(30))
before, after = max(let_loose.losses[20:30]), max(let_loose.losses[30:])
print(f"largest loss from step 20 to 30: {before:.1f}, afterwards: {after:.1f}; final: {let_loose.final_loss():.1f}")
assert before < math.log(VOCABULARY) < let_loose.final_loss()
assert after > 10

# %% [markdown] tags=["solution"]
# No: the first step without a belt is as dangerous later on. With a learning rate that is safe without clipping the
# belt is never needed, but one rarely knows that beforehand.
