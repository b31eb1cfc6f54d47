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
# # 3. A neural bigram
#
# Chapter 1 counted. This chapter learns: it starts with a model that knows nothing, looks at its errors, and changes
# its numbers a little so that they become smaller. The first result is that gradient descent finds exactly the counts.
# The second is what makes networks worth the effort: words that behave alike can share what is learned about them.
#
# **The idea.** A word becomes a vector, a list of numbers. If the vectors are short, words have to share them, and what
# is learned about one holds for its neighbours.

# %%
import math
from collections.abc import Callable
from typing import NamedTuple

import matplotlib.pyplot as plt
import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor
from torch.nn.functional import log_softmax, normalize, softmax

import halo
from halo.models.ngram.kneser_ney import KneserNey

# %% [markdown]
# To keep everything small, only the 1,000 most frequent words are known here; all others are `<unk>`. So perplexities
# are lower than in chapter 1, and cannot be compared with those ([chapter 2](02_text_to_ids.py) shows why). The models
# see one word of context, so all that they can learn from a text is how often each word followed each other word: a
# table of counts.

# %%
VOCABULARY = 1000
corpus = halo.prepare()
words, eos_id = corpus.tokenizer.words()[:VOCABULARY], corpus.tokenizer.eos_id
train_ids, validation_ids = (
    np.where(np.asarray(corpus.ids[split]) < VOCABULARY, corpus.ids[split], corpus.tokenizer.unk_id).astype(np.int64)
    for split in ("train", "validation")
)
words_before = np.concatenate([[eos_id], validation_ids[:-1]])  # those of the validation text; it begins after <eos>


def count_pairs(ids: npt.NDArray[np.int64]) -> Tensor:
    """Returns how often each word followed each other word, shape (V, V)."""
    before = np.concatenate([[eos_id], ids[:-1]])
    pairs = (torch.from_numpy(before), torch.from_numpy(ids))
    return torch.zeros(VOCABULARY, VOCABULARY).index_put_(pairs, torch.ones(len(ids)), accumulate=True)


counts, validation_counts = count_pairs(train_ids), count_pairs(validation_ids)
assert counts.sum() == len(train_ids)

# %% [markdown]
# ## Scores, softmax, loss
#
# The model is a table of scores, called *logits*: a row for each word, a column for each word that may follow it. The
# **softmax** makes the scores of a row positive and divides them by their sum, so that they are probabilities:
#
# $$p(w \mid c) = \frac{e^{s_{cw}}}{\sum_v e^{s_{cv}}}$$
#
# The loss is the mean negative log-likelihood of the text. Its gradient is as simple as one could wish: for each score,
# the predicted probability minus the observed share, times how often the context occurs. Where too much was predicted,
# the score goes down; where too little, up; where it is just right, nothing happens.


# %%
def loss_of(logits: Tensor, pairs: Tensor) -> Tensor:
    """Returns the mean negative log-likelihood of a text, given as a table of pairs, in nats per word."""
    return -(pairs * log_softmax(logits, dim=1)).sum() / pairs.sum()


table = torch.zeros(VOCABULARY, VOCABULARY, requires_grad=True)
loss = loss_of(table, counts)
loss.backward()
by_hand = (softmax(table.detach(), dim=1) * counts.sum(dim=1, keepdim=True) - counts) / counts.sum()
assert table.grad is not None
assert torch.allclose(table.grad, by_hand, atol=1e-7)
perplexity = math.exp(loss.item())
print(f"perplexity before learning: {perplexity:.1f}")
assert math.isclose(perplexity, VOCABULARY, rel_tol=1e-3)

# %% [markdown]
# With all scores at 0 every word is equally likely, and the perplexity is the size of the vocabulary. That is a useful
# check for any network: if its first loss is far from $\ln V$, something is wrong.
#
# ## Gradient descent learns the counts
#
# > **Predict.** We follow the gradient a hundred times. What is the lowest perplexity that the table can reach on the
# > training text? And what happens on validation text meanwhile?


# %%
class Learned(NamedTuple):
    """The perplexity on both texts before and after each step, and the scores that were best on validation text."""

    train: list[float]
    validation: list[float]
    best: Tensor


def learn(parameters: list[Tensor], scores: Callable[[], Tensor], *, learning_rate: float, steps: int) -> Learned:
    """Changes the parameters so that the loss of the training text falls (with Adam, Kingma and Ba 2015)."""
    optimizer = torch.optim.Adam(parameters, lr=learning_rate)
    on_train, on_validation, best = [], [], torch.empty(0)
    for _ in range(steps + 1):
        logits = scores()
        loss = loss_of(logits, counts)
        on_train.append(math.exp(loss.item()))
        on_validation.append(math.exp(loss_of(logits.detach(), validation_counts).item()))
        if on_validation[-1] == min(on_validation):
            best = logits.detach().clone()
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    return Learned(on_train, on_validation, best)


shares = counts / counts.sum(dim=1, keepdim=True).clamp(min=1)
of_counts = math.exp(-(counts * torch.where(counts > 0, shares.log(), 0)).sum() / counts.sum())
of_table = learn([table], lambda: table, learning_rate=0.3, steps=100)
kneser_ney = KneserNey(train_ids, VOCABULARY, eos_id=eos_id, order=2)
of_kneser_ney = math.exp(kneser_ney.nll(validation_ids).mean())

# %% alt="The perplexity of the training text falls to the line of the counts; that of validation text rises again."
figure, axes = plt.subplots(figsize=(6, 3.8))
axes.plot(of_table.train, label="training text")
axes.plot(of_table.validation, label="validation text")
axes.axhline(of_counts, color="black", linestyle="--", label="shares of counts, training text")
axes.axhline(of_kneser_ney, color="gray", linestyle=":", label="Kneser-Ney, validation text")
axes.set(yscale="log", xlabel="step", ylabel="perplexity", title="A table of scores learns the counts")
axes.legend()
figure.tight_layout()

# %%
print(f"training text: {of_table.train[-1]:.2f}, from shares of counts {of_counts:.2f}")
print(f"validation text: best {min(of_table.validation):.1f}, last {of_table.validation[-1]:.1f}")
assert of_counts < of_table.train[-1] < 1.005 * of_counts
frequent = counts.sum(dim=1) > 1000
assert (softmax(table.detach(), dim=1) - shares)[frequent].abs().max() < 0.01
assert min(of_table.validation) < 0.85 * of_table.validation[-1]
assert of_table.validation[-1] > 1.5 * of_kneser_ney

# %% [markdown]
# On the training text no table can be better than the shares of the counts, and gradient descent comes as close as one
# likes: the probabilities it has learned *are* these shares. Nothing was gained over counting, and something was lost.
# There is no smoothing: pairs that were never seen get ever smaller scores, and validation text suffers. Stopping early
# helps a little. Kneser-Ney remains far ahead.
#
# ## Words become vectors
#
# The table has a million scores, for 215,000 words of text. Each of its rows learns alone: what is learned about
# `three` says nothing about `four`. Now every word gets two vectors of 64 numbers, one for when it comes before and one
# for when it follows, its **embeddings**, and a score is the product of the two (plus a number for how frequent the
# second is):
#
# $$s_{cw} = e_c \cdot o_w + b_w$$
#
# These are 129,000 numbers, too few to store the counts. Words have to share.
#
# > **Predict.** Is this model better than the table on training text? On validation text? Better than Kneser-Ney?

# %%
DIMENSION = 64


def embeddings(dimension: int) -> tuple[Tensor, Tensor, Tensor]:
    """Returns a vector for each word before and for each word after, at random, and a bias of 0 for each word."""
    generator = torch.Generator().manual_seed(0)
    before, after = (0.1 * torch.randn(VOCABULARY, dimension, generator=generator) for _ in range(2))
    return before.requires_grad_(), after.requires_grad_(), torch.zeros(VOCABULARY, requires_grad=True)


before, after, bias = embeddings(DIMENSION)
of_vectors = learn([before, after, bias], lambda: before @ after.T + bias, learning_rate=0.02, steps=60)
print(f"training text {of_vectors.train[-1]:.1f}, validation text {min(of_vectors.validation):.1f}")
print(f"Kneser-Ney, validation text {of_kneser_ney:.1f}")
assert of_vectors.train[-1] > 1.2 * of_table.train[-1]
assert 56 < min(of_vectors.validation) < 58.5
assert 59 < of_kneser_ney < 59.5

# %% [markdown]
# Worse on the text it has learned from, far better on new text, and a little better than the best way to count. To see
# why, look at which words have similar vectors.
#
# > **Predict.** Nobody told the model what words mean. Which words will be closest to `three`, to `could`, to `march`?


# %%
def neighbours(word: str) -> list[str]:
    """Returns the words whose vectors point in the most similar directions."""
    directions = normalize(before.detach() - before.detach().mean(dim=0), dim=1)
    similarity = directions @ directions[words.index(word)]
    return [words[index] for index in similarity.topk(7).indices.tolist()[1:]]


for word in ("three", "could", "march", "she", "hospital", "masks"):
    print(f"{word:9}", " ".join(neighbours(word)))
assert len({"two", "four", "five", "six", "seven", "eight"} & {*neighbours("three")}) >= 3
assert len({"would", "should", "will", "can", "might", "must", "may", "cannot", "can't"} & {*neighbours("could")}) >= 4

# %% alt="A map of word vectors in which numbers, auxiliary verbs, and people each stand together."
groups = {
    "numbers": ["two", "three", "four", "five", "six", "eight", "ten"],
    "auxiliary verbs": ["could", "would", "should", "will", "can", "might", "must", "may"],
    "people": ["nurse", "doctor", "teacher", "mother", "father", "sister"],
}
indices = [words.index(word) for group in groups.values() for word in group]
vectors = normalize(before.detach()[indices], dim=1)
_, _, directions = torch.linalg.svd(vectors - vectors.mean(dim=0))
positions = iter(((vectors - vectors.mean(dim=0)) @ directions[:2].T).tolist())
figure, axes = plt.subplots(figsize=(6, 4))
for (name, group), marker in zip(groups.items(), "os^", strict=True):
    axes.scatter(*zip(*(next(positions) for _ in group), strict=True), marker=marker, label=f"{name}: {group[0]}, ...")
axes.set(xticks=[], yticks=[], title="Word vectors, seen from where they differ most")
axes.legend()
figure.tight_layout()

# %% [markdown]
# Numbers, auxiliary verbs and people have found each other, only because similar words follow them. So if `six weeks`
# was never seen but `four weeks` was, the model expects it anyway. Frequent words have good vectors. Rare ones, such as
# `masks` with its hundred occurrences, are still close to where chance had put them.
#
# Does sharing help where counting fails, with pairs that were never seen?

# %%
seen = counts.numpy()[words_before, validation_ids] > 0
of_each = {
    "Kneser-Ney": kneser_ney.probabilities(validation_ids),
    "vectors": softmax(of_vectors.best, dim=1).numpy()[words_before, validation_ids].astype(np.float64),
}
print(f"{1 - seen.mean():.0%} of the pairs are new")
on_new = {}
for name, probabilities in of_each.items():
    on_seen, on_new[name] = (np.exp(-np.log(probabilities[which]).mean()) for which in (seen, ~seen))
    print(f"{name:11} perplexity of pairs that were seen {on_seen:5.1f}, of new ones {on_new[name]:6,.0f}")
assert on_new["vectors"] < 0.75 * on_new["Kneser-Ney"]

# %% [markdown]
# It does: on new pairs the perplexity is lower by more than a quarter. The model is still very surprised by them, and
# no wonder. It sees a single word, and one word says little about the next.
#
# **What we have.** Learning by gradient descent, and vectors that let words share. What is missing is more context. A
# table for five words would have $V^5$ rows; [chapter 4](04_recurrent_network.py) finds another way.
#
# ## Exercises
#
# ### Exercise 1
#
# Do without `backward`: take 20 steps of plain gradient descent on a table of zeros, with the gradient by hand from
# above and a learning rate of 20, and once more with `backward`. Both must reach the same loss. Why may the learning
# rate be so large?


# %% tags=["solution"]
def descend(gradient: Callable[[Tensor], Tensor]) -> float:
    """Returns the loss after 20 steps of gradient descent."""
    scores = torch.zeros(VOCABULARY, VOCABULARY)
    for _ in range(20):
        scores = scores - 20 * gradient(scores)
    return loss_of(scores, counts).item()


def gradient_by_hand(scores: Tensor) -> Tensor:
    """Returns what was predicted minus what was observed, for each pair."""
    return (softmax(scores, dim=1) * counts.sum(dim=1, keepdim=True) - counts) / counts.sum()


def gradient_by_torch(scores: Tensor) -> Tensor:
    """Returns the same from automatic differentiation."""
    scores = scores.detach().requires_grad_()
    return torch.autograd.grad(loss_of(scores, counts), scores)[0]


hand, automatic = descend(gradient_by_hand), descend(gradient_by_torch)
print(hand, automatic)
assert math.isclose(hand, automatic, rel_tol=1e-3)
assert hand < math.log(VOCABULARY) - 0.5

# %% [markdown] tags=["solution"]
# Each score has a share in the loss only as large as its context is frequent: a context that makes up a thousandth of
# the text has gradients of a thousandth. Adam scales every number by its own gradients, which is why it needs no such
# rate.

# %% [markdown]
# ### Exercise 2
#
# Train with vectors of 4 and of 16 numbers (70 steps, learning rates 0.1 and 0.05). What do they cost?


# %% tags=["solution"]
def best_perplexity(dimension: int, learning_rate: float) -> float:
    """Returns the lowest perplexity on validation text with vectors of a given length."""
    e, o, b = embeddings(dimension)
    return min(learn([e, o, b], lambda: e @ o.T + b, learning_rate=learning_rate, steps=70).validation)


best_of = {64: min(of_vectors.validation), 16: best_perplexity(16, 0.05), 4: best_perplexity(4, 0.1)}
print({dimension: round(value, 1) for dimension, value in best_of.items()})
assert best_of[64] < best_of[16] < best_of[4]

# %% [markdown]
# ### Exercise 3
#
# Counts and vectors make different mistakes. Predict with the mean of the two probabilities. How good is that?

# %% tags=["solution"]
mean = (of_each["Kneser-Ney"] + of_each["vectors"]) / 2
of_both = np.exp(-np.log(mean).mean())
print(f"{of_both:.1f}")
assert of_both < 0.99 * min(of_kneser_ney, *of_vectors.validation)

# %% [markdown] tags=["solution"]
# Better than either. Two models that are right in different places are worth more than one: [chapter
# 8](08_small_data.py) comes back to that.

# %% [markdown]
# **Next:** [4. A recurrent network](04_recurrent_network.py). **In the documentation:** [the default
# model](../recipe.md), [glossary](../glossary.md).
