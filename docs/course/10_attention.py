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
# # 10. Attention: look back instead of remembering
#
# The LSTM of [chapter 6](06_lstm.py) reads a word and has to decide at once what of it may be needed later. What it
# does not put into its state is gone. Attention (Bahdanau et al. 2015, Vaswani et al. 2017) keeps every word, and
# decides when something is needed where to look. This chapter computes it by hand, tests its mask with a planted leak,
# takes its sense of order away, and then sets a small transformer against a small LSTM on little text.
#
# **The idea.** Every word asks a question, and every earlier word holds up a label. Where question and label match, the
# content behind the label is read.

# %%
import math
import time
from typing import NamedTuple

import matplotlib.pyplot as plt
import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional as F

import halo

torch.set_flush_denormal(True)  # a weight of 1e-40 is 0: processors are slow with numbers that small

# %% [markdown]
# ## Four lines
#
# Each word has three vectors: a **query** $q$ (its question), a **key** $k$ (its label) and a **value** $v$ (its
# content). How well the question of word $t$ fits the label of word $s$ is their scalar product. A softmax makes
# weights of these scores, which are positive and sum to 1, and the answer is the weighted mean of the values:
#
# $$a_{ts} = \operatorname{softmax}_{s \le t}\left(\frac{q_t \cdot k_s}{\sqrt d}\right)
# \qquad m_t = \sum_{s \le t} a_{ts} v_s$$
#
# $s \le t$ is the **causal mask**: a language model may not look at the words that it is to predict. In code their
# scores are set to $-\infty$, of which the softmax makes 0. The root of the number of dimensions $d$ keeps the scores
# of long vectors from growing, and the softmax from being all or nothing before anything is learned.


# %%
def attend(queries: Tensor, keys: Tensor, values: Tensor, *, causal: bool = True) -> tuple[Tensor, Tensor]:
    """Returns the mean of the values that each query reads, and its weights, (..., queries, keys)."""
    scores = queries @ keys.transpose(-2, -1) / math.sqrt(queries.size(-1))
    if causal:
        future = torch.ones(scores.shape[-2:], dtype=torch.bool).triu(diagonal=1)
        scores = scores.masked_fill(future, -math.inf)
    weights = scores.softmax(dim=-1)
    return weights @ values, weights


torch.manual_seed(1)
queries, keys, values = torch.randn(3, 2, 30, 16).unbind()  # two texts of 30 words each
read, _ = attend(queries, keys, values)
of_torch = F.scaled_dot_product_attention(queries, keys, values, is_causal=True)
print(f"largest difference from torch: {(read - of_torch).abs().max():.1e}")
assert torch.allclose(read, of_torch, atol=1e-5)

# %% [markdown]
# On a sentence, with the simplest questions there are: query and key of a word are the same vector, a 1 in the place of
# this word and 0 elsewhere, made 4 times as long. Each word asks: where did I stand before?
#
# > **Predict.** Which weights does the second "virus" have? And the very first word?

# %% alt="Weights over a sentence: each row is dark at the word and its earlier copies; the upper right is empty."
sentence = [
    "the",
    "virus",
    "spreads",
    "when",
    "people",
    "meet",
    "and",
    "the",
    "virus",
    "dies",
    "when",
    "people",
    "stay",
]
kinds = sorted(set(sentence))
one_hot = 4 * F.one_hot(torch.tensor([kinds.index(word) for word in sentence])).float()
_, weights = attend(one_hot, one_hot, one_hot)
figure, axes = plt.subplots(figsize=(6, 5.4))
axes.imshow(weights, cmap="Blues", vmin=0)
axes.set_xticks(range(len(sentence)), sentence, rotation=90)
axes.set_yticks(range(len(sentence)), sentence)
axes.set(xlabel="is read", ylabel="reads", title="Weights: each row sums to 1")
figure.tight_layout()

# %%
second = 8
score = 16 / math.sqrt(len(kinds))
expected = math.exp(score) / (2 * math.exp(score) + second - 1)  # two matches, and seven others with a score of 0
print(f"second virus: {weights[second, 1]:.3f} on the first, {weights[second, second]:.3f} on itself")
assert sentence[1] == sentence[second] == "virus"
assert torch.allclose(weights.sum(dim=-1), torch.ones(len(sentence)))
assert weights.triu(diagonal=1).abs().max() == 0
assert abs(weights[second, 1].item() - expected) < 1e-5
assert weights[0, 0] == 1

# %% [markdown]
# Half on each copy, nearly nothing elsewhere; and the first word has nothing to look at but itself. The distance plays
# no part: the first "virus" would be found as easily a thousand words back.
#
# ## Learned questions
#
# In a network the three vectors are three linear layers of the same word vector, and are learned. A task that shows
# what they learn: eight random letters, a mark `|`, and the same eight letters again. The second half can be predicted
# exactly, by looking at the right place; the first half not at all: the best loss is that of guessing one of eight,
# ln 8 = 2.08. As attention does not know where a word stands, a second vector, of its **position**, is added to it.


# %%
LETTERS, LENGTH = 8, 8
FIRST_HALF, SECOND_HALF = slice(0, LENGTH - 1), slice(LENGTH, 2 * LENGTH)  # of the predictions


class Copier(nn.Module):
    """A single attention head between an embedding and a softmax."""

    def __init__(self, *, causal: bool = True, positions: bool = True, units: int = 32) -> None:
        super().__init__()
        self.causal, self.positions = causal, positions
        self.words, self.places = nn.Embedding(LETTERS + 1, units), nn.Embedding(2 * LENGTH, units)
        self.query, self.key, self.value = (nn.Linear(units, units, bias=False) for _ in range(3))
        self.output = nn.Linear(units, LETTERS + 1)

    def forward(self, ids: Tensor) -> tuple[Tensor, Tensor]:
        """Returns the scores of the next letter, (batch, length, letters), and the weights of attention."""
        x = self.words(ids)
        if self.positions:
            x = x + self.places.weight[: ids.size(1)]
        read, weights = attend(self.query(x), self.key(x), self.value(x), causal=self.causal)
        return self.output(read), weights


def make_texts(number: int, generator: torch.Generator) -> Tensor:
    """Returns texts of eight random letters, a mark, and the same letters, shape (number, 17)."""
    half = torch.randint(LETTERS, (number, LENGTH), generator=generator)
    return torch.cat([half, torch.full((number, 1), LETTERS), half], dim=1)


def copying_losses(model: Copier, predictions: slice, *, steps: int = 100) -> list[float]:
    """Trains a model on some of the predictions in a text, and returns their mean loss at each step."""
    optimizer, generator = torch.optim.Adam(model.parameters(), lr=0.01), torch.Generator().manual_seed(1)
    losses = []
    for _ in range(steps):
        texts = make_texts(64, generator)
        scores, _ = model(texts[:, :-1])
        loss = F.cross_entropy(scores[:, predictions].flatten(0, 1), texts[:, 1:][:, predictions].flatten())
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    return losses


torch.manual_seed(1)
copier = Copier()
losses = copying_losses(copier, SECOND_HALF)
print(f"loss on the second half: {losses[0]:.2f} at first, {losses[-1]:.4f} at last")
assert losses[-1] < 0.1

# %% [markdown]
# > **Predict.** The last letter read is at place $t$, and the next one has to be named. Where does the head look?

# %% alt="Weights of the trained head: in the lower half a diagonal, each place reads the one eight before it."
text = make_texts(1, torch.Generator().manual_seed(7))
with torch.no_grad():
    _, weights = copier(text[:, :-1])
names = ["ABCDEFGH|"[letter] for letter in text[0, :-1]]
figure, axes = plt.subplots(figsize=(5.6, 5.4))
axes.imshow(weights[0], cmap="Blues", vmin=0, vmax=1)
axes.set_xticks(range(len(names)), names)
axes.set_yticks(range(len(names)), names)
axes.set(xlabel="is read", ylabel="reads", title="Where one trained head looks")
figure.tight_layout()

# %%
looked_at = weights[0, SECOND_HALF].argmax(dim=-1)
print("places that read:    ", *range(LENGTH, 2 * LENGTH))
print("places that are read:", *looked_at.tolist())
assert looked_at.tolist() == list(range(LENGTH))
assert weights[0, torch.arange(LENGTH, 2 * LENGTH), looked_at].min() > 0.5

# %% [markdown]
# Eight places back: where the letter stands that comes next. Nobody told it the length; the questions and labels of
# positions were learned. An LSTM has to carry all eight letters through one state.
#
# ## A planted leak
#
# A forgotten mask raises no error. The loss even looks better. So test it where you know what is possible: the *first*
# half is random, and whoever gets below ln 8 there has seen the answer.
#
# > **Predict.** To which loss does training fall on the first half, with the mask and without it?

# %% alt="Loss on the random half by step: with the mask it stays at ln 8, without the mask it falls to 0."
curves = {}
for causal, name in ((True, "with the mask"), (False, "without the mask")):
    torch.manual_seed(1)
    curves[name] = copying_losses(Copier(causal=causal), FIRST_HALF)
figure, axes = plt.subplots(figsize=(6, 4))
for name, losses in curves.items():
    axes.plot(losses, label=name)
axes.axhline(math.log(LETTERS), color="gray", linestyle="--", label="ln 8, the best possible")
axes.set(xlabel="step", ylabel="loss, in nats", title="Too good to be true")
axes.legend()
figure.tight_layout()

# %%
honest, leaking = (float(np.mean(losses[-20:])) for losses in curves.values())
print(f"with the mask {honest:.2f}, without {leaking:.4f}, possible {math.log(LETTERS):.2f}")
assert abs(honest - math.log(LETTERS)) < 0.05
assert leaking < 0.1

# %% [markdown]
# Without the mask it looks at the next letter and names it. On real text nobody knows the best possible loss, but a
# test is as easy: change the last word of a text, and no prediction before it may change.

# %%
changed = text.clone()
changed[0, -2] = (changed[0, -2] + 1) % LETTERS  # the last letter that is read
with torch.no_grad():
    moved = (copier(text[:, :-1])[0] - copier(changed[:, :-1])[0]).abs().amax(dim=-1)[0]
    uncovered = Copier(causal=False)
    moved_without = (uncovered(text[:, :-1])[0] - uncovered(changed[:, :-1])[0]).abs().amax(dim=-1)[0]
with_mask, without_mask = moved[:-1].max().item(), moved_without[:-1].max().item()
print(f"largest change before the last place: {with_mask:.1e} with the mask, {without_mask:.1e} without")
assert with_mask < 1e-5
assert without_mask > 1e-3

# %% [markdown]
# ## Without positions
#
# > **Predict.** Without position vectors, what is left of the copying: all of it, nothing, or a little?

# %%
torch.manual_seed(1)
without_positions = float(np.mean(copying_losses(Copier(positions=False), SECOND_HALF)[-20:]))
print(f"loss on the second half without positions: {without_positions:.2f}; guessing costs {math.log(LETTERS):.2f}")
assert 1.6 < without_positions < math.log(LETTERS)

# %% [markdown]
# A little: it knows which letters there are, as a bag of words does, but not their order. To attention a text is a set.
# An LSTM needs no positions, because it reads in order.
#
# ## A transformer and an LSTM
#
# Now text. One layer of each, with a vocabulary of 1,000 words and nearly the same number of weights. The transformer
# adds to attention what it has proved to need: a small network applied to each word, a way past both (what they compute
# is *added* to the word's vector), and normalisation before each. It sees up to 70 words; the LSTM is trained on
# windows of 35, and carries its state from one to the next.


# %%
VOCABULARY, UNITS, WINDOW, NUM_TOKENS = 1000, 96, 70, 168_000


class LstmModel(nn.Module):
    """Word vectors, an LSTM and a softmax."""

    def __init__(self) -> None:
        super().__init__()
        self.words = nn.Embedding(VOCABULARY, UNITS)
        nn.init.normal_(self.words.weight, std=0.1)
        self.layer = nn.LSTM(UNITS, UNITS, batch_first=True)
        self.output = nn.Linear(UNITS, VOCABULARY)


class TransformerModel(nn.Module):
    """Word and position vectors, one block of attention and feed-forward network, and a softmax."""

    def __init__(self) -> None:
        super().__init__()
        self.words, self.places = nn.Embedding(VOCABULARY, UNITS), nn.Embedding(WINDOW, UNITS)
        nn.init.normal_(self.words.weight, std=0.1)
        nn.init.normal_(self.places.weight, std=0.1)
        self.qkv, self.mix = nn.Linear(UNITS, 3 * UNITS, bias=False), nn.Linear(UNITS, UNITS)
        self.feed_forward = nn.Sequential(nn.Linear(UNITS, 2 * UNITS), nn.GELU(), nn.Linear(2 * UNITS, UNITS))
        self.norms = nn.ModuleList(nn.LayerNorm(UNITS) for _ in range(3))
        self.output = nn.Linear(UNITS, VOCABULARY)

    def forward(self, ids: Tensor) -> Tensor:
        """Returns the scores of the next word, shape (batch, length, words)."""
        x = self.words(ids) + self.places.weight[: ids.size(1)]
        x = x + self.mix(attend(*self.qkv(self.norms[0](x)).chunk(3, dim=-1))[0])
        x = x + self.feed_forward(self.norms[1](x))
        scores: Tensor = self.output(self.norms[2](x))
        return scores


num_weights = [sum(p.numel() for p in model.parameters()) for model in (LstmModel(), TransformerModel())]
print("weights of the LSTM and of the transformer:", *(f"{number:,}" for number in num_weights))
assert max(num_weights) < 1.03 * min(num_weights)

# %% [markdown]
# Both read the same 168,000 tokens twice, in as many steps of 700 tokens. The learning rate of each was chosen before,
# by its validation perplexity: 0.01 rather than 0.005 for the LSTM, and 0.003 rather than 0.0015 or 0.006 for the
# transformer. Each is measured on 20,000 tokens of validation text. There the transformer reads windows that overlap
# by half, so that each word that counts has at least 35 words before it.


# %%
class Result(NamedTuple):
    """Validation perplexity after each epoch, and training speed in tokens per second of processor time."""

    perplexities: list[float]
    speed: float


corpus = halo.prepare()


def common_words(ids: np.ndarray) -> Tensor:
    """Returns ids as a tensor, with all but the most frequent words replaced by `<unk>`."""
    tensor = torch.from_numpy(ids.astype(np.int64))
    return torch.where(tensor < VOCABULARY, tensor, corpus.tokenizer.unk_id)


training, validation = (
    common_words(corpus.ids["train"][: NUM_TOKENS + 1]),
    common_words(corpus.ids["validation"][:20_001]),
)


def step(model: nn.Module, optimizer: torch.optim.Optimizer, scores: Tensor, targets: Tensor) -> None:
    """Makes one step of gradient descent, with clipped gradients."""
    loss = F.cross_entropy(scores.flatten(0, 1), targets.flatten())
    optimizer.zero_grad()
    loss.backward()
    nn.utils.clip_grad_norm_(model.parameters(), 0.25)
    optimizer.step()


def train_lstm(epochs: int = 2, rate: float = 0.01) -> Result:
    """Trains the LSTM on 20 streams, in windows of 35 tokens, carrying the state."""
    torch.manual_seed(1)
    model = LstmModel()
    optimizer = torch.optim.Adam(model.parameters(), lr=rate)
    streams, perplexities, seconds = training[:NUM_TOKENS].view(20, -1), [], 0.0
    for _ in range(epochs):
        begin, state = time.process_time(), None
        for first in range(0, streams.size(1) - 1, 35):
            window = streams[:, first : first + 36]
            outputs, (h, c) = model.layer(model.words(window[:, :-1]), state)
            state = (h.detach(), c.detach())
            step(model, optimizer, model.output(outputs), window[:, 1:])
        seconds += time.process_time() - begin
        with torch.no_grad():
            scores = model.output(model.layer(model.words(validation[None, :-1]))[0])[0]
        perplexities.append(F.cross_entropy(scores, validation[1:]).exp().item())
    return Result(perplexities, epochs * NUM_TOKENS / seconds)


def train_transformer(epochs: int = 2, rate: float = 0.003) -> Result:
    """Trains the transformer on 10 windows of 70 tokens at a time, in random order."""
    torch.manual_seed(1)
    model = TransformerModel()
    optimizer = torch.optim.Adam(model.parameters(), lr=rate)
    windows, perplexities, seconds = training.unfold(0, WINDOW + 1, WINDOW), [], 0.0
    held_out = validation.unfold(0, WINDOW + 1, WINDOW // 2)
    for _ in range(epochs):
        begin = time.process_time()
        for numbers in torch.randperm(len(windows)).split(10):
            step(model, optimizer, model(windows[numbers, :-1]), windows[numbers, 1:])
        seconds += time.process_time() - begin
        with torch.no_grad():
            scores, targets = model(held_out[:, :-1])[:, WINDOW // 2 :], held_out[:, WINDOW // 2 + 1 :]
        perplexities.append(F.cross_entropy(scores.flatten(0, 1), targets.flatten()).exp().item())
    return Result(perplexities, epochs * NUM_TOKENS / seconds)


# %% [markdown]
# > **Predict.** Which has the lower perplexity after two epochs? Which processes more tokens per second on your
# > machine?

# %%
results = {"LSTM": train_lstm(), "transformer": train_transformer()}
for name, result in results.items():
    by_epoch = " ".join(f"{value:5.1f}" for value in result.perplexities)
    print(f"{name:11}  perplexity by epoch {by_epoch}, {result.speed:,.0f} tokens per second")
lstm, transformer = (result.perplexities for result in results.values())
assert 51 < lstm[-1] < 58
assert 57 < transformer[-1] < 67
assert transformer[-1] > 1.05 * lstm[-1]

# %% [markdown]
# **Equal seconds.** Equal steps are not equal time, and time differs by machine, so it is not asserted but drawn: each
# epoch stands where the measured speed of *your* machine puts it.

# %% alt="Perplexity by seconds of training, two epochs each: the line of the LSTM lies below that of the transformer."
figure, axes = plt.subplots(figsize=(6, 4))
for name, result in results.items():
    axes.plot([epoch * NUM_TOKENS / result.speed for epoch in (1, 2)], result.perplexities, marker="o", label=name)
axes.set(xlabel="seconds of processor time", ylabel="validation perplexity", title="Little text, little time", xlim=0)
axes.legend()
figure.tight_layout()

# %% [markdown]
# **The verdict.** On little text and in little time the LSTM wins. It is built on an assumption that holds for text,
# that near words matter most, and need not learn it; the transformer learns from data where to look, and here is little
# data. That says nothing about large models on large corpora, where transformers win, not least because all positions
# of a window are trained at once and a GPU does that fast. Nor does it say that no transformer of this size could do
# better: ours has one layer, one head, no dropout, two epochs and one seed, and its learning rate was chosen from a
# few values. It is a comparison of two small programs, and more would have to be measured to make it a law.
#
# **What we have.** Attention looks back instead of remembering; the mask keeps it honest, and a test keeps the mask
# honest; positions give it order. `model=transformer` trains a larger one in `halo`, `halo show` prints the attention
# of a trained one over a sentence ([show](../show.md)), and the [glossary](../glossary.md) has the terms. Whatever the
# network, it has read somebody's text: [Chapter 11](11_responsibility.py) asks what it keeps of it.
#
# ## Exercises
#
# ### Exercise 1
#
# What does the root of $d$ do? Draw 1,000 queries and 20 keys of 256 random normal numbers. How large is the largest
# weight on average, with and without the division?

# %% tags=["solution"]
torch.manual_seed(1)
scores = torch.randn(1000, 256) @ torch.randn(256, 20)
with_root = (scores / 16).softmax(dim=-1).amax(dim=-1).mean().item()
without_root = scores.softmax(dim=-1).amax(dim=-1).mean().item()
print(f"standard deviation of a score: {scores.std():.1f}")
print(f"largest weight: {without_root:.2f}, with the root {with_root:.2f}")
assert abs(scores.std().item() - 16) < 1
assert with_root < 0.3
assert without_root > 0.85

# %% [markdown] tags=["solution"]
# A sum of 256 products has a standard deviation of 16. Without the root nearly all weight falls on one random key, and
# a softmax that is sure has hardly any gradient to learn from.

# %% [markdown]
# ### Exercise 2
#
# Generating text adds one word at a time. Computing everything again costs $1 + 2 + \dots + n$ rows; show that keeping
# the keys and values of earlier words, the *key-value cache*, and computing one row for each new word gives the same.

# %% tags=["solution"]
torch.manual_seed(1)
queries, keys, values = torch.randn(3, 12, 16).unbind()
at_once, _ = attend(queries, keys, values)
one_by_one = [attend(queries[t : t + 1], keys[: t + 1], values[: t + 1], causal=False)[0] for t in range(12)]
assert torch.allclose(torch.cat(one_by_one), at_once, atol=1e-5)

# %% [markdown] tags=["solution"]
# The mask is what makes it possible: what an earlier word has read can no longer change. Note that the single row needs
# no mask, as there is nothing in the future. The cache grows with the text; the state of an LSTM does not.

# %% [markdown]
# ### Exercise 3
#
# Show that attention without a mask and without positions sees a set: if the words of a text are put in another order,
# the outputs are the same, in that order. Does it hold with the mask?

# %% tags=["solution"]
torch.manual_seed(1)
order = torch.randperm(12)
unmasked, _ = attend(queries, keys, values, causal=False)
shuffled, _ = attend(queries[order], keys[order], values[order], causal=False)
assert torch.allclose(shuffled, unmasked[order], atol=1e-5)
masked, _ = attend(queries[order], keys[order], values[order])
assert not torch.allclose(masked, at_once[order], atol=1e-2)

# %% [markdown] tags=["solution"]
# With the mask it does not: a word sees the set of those *before* it, and the order decides which these are. So a
# masked network without positions is not quite blind to order, but what it can learn of it in one layer is little.
