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
# # 7. Overfitting, and honest figures
#
# The network of [chapter 6](06_lstm.py) can remember. Give it little text and enough time, and it remembers that text:
# its figure on what it has read gets better and better, and it gets worse at everything else. This chapter makes that
# happen, stops it in time, and then asks the harder question: once we have tried many things and kept the best, what is
# the figure of the best one still worth?
#
# **The idea.** Text that played a part in any choice flatters the choice. So text is divided: one part to learn from,
# one to choose on, and one that is looked at once, at the end.

# %%
import copy
import math
from typing import NamedTuple

import matplotlib.pyplot as plt
import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional as F
from torch.nn.utils.rnn import pad_sequence

import halo
from halo.evaluation.bootstrap import perplexity_interval

# %% [markdown]
# ## A small world
#
# Whole documents are divided, never sentences: a sentence is easier to predict for somebody who has read the next one.
# Our world has 40 documents of the training split, shuffled, and 15 test documents. As before only the 1,000 most
# frequent words count.

# %%
VOCABULARY, STREAMS, WINDOW = 1000, 10, 35

corpus = halo.prepare()


def documents_of(split: str) -> list[Tensor]:
    """Returns the ids of each document of a split, with all but the most frequent words replaced by `<unk>`."""
    ids = torch.from_numpy(corpus.ids[split].astype(np.int64))
    common = torch.where(ids < VOCABULARY, ids, corpus.tokenizer.unk_id)
    return list(common.tensor_split(torch.from_numpy(corpus.offsets[split].astype(np.int64))[1:-1]))


order = np.random.default_rng(1).permutation(corpus.counts["train"].documents)[:40]
pool = [documents_of("train")[number] for number in order]
test = documents_of("test")
print(f"{len(pool)} documents of {sum(map(len, pool)) / len(pool):,.0f} tokens, {len(test)} for the end")
assert (len(pool), len(test)) == (40, 15)


class LanguageModel(nn.Module):
    """Word vectors, an LSTM and a softmax."""

    def __init__(self, units: int) -> None:
        super().__init__()
        self.words = nn.Embedding(VOCABULARY, units)
        self.layer = nn.LSTM(units, units, batch_first=True)
        self.output = nn.Linear(units, VOCABULARY)


def document_losses(model: LanguageModel, documents: list[Tensor]) -> np.ndarray:
    """Returns the loss of each document, summed over its words; each is read from its beginning."""
    ids = pad_sequence(documents, batch_first=True)  # one row for each document, filled up with zeros
    with torch.no_grad():
        outputs, _ = model.layer(model.words(ids))
        summed = [
            F.cross_entropy(model.output(output[: len(document) - 1]), document[1:], reduction="sum").item()
            for output, document in zip(outputs, documents, strict=True)
        ]
    return np.array(summed)


def sizes(documents: list[Tensor]) -> np.ndarray:
    """Returns the number of predicted words of each document, all but the first."""
    return np.array([len(document) - 1 for document in documents])


def perplexity(losses: np.ndarray, documents: list[Tensor]) -> float:
    """Returns exp(summed loss / words): long documents count more than short ones."""
    return math.exp(losses.sum() / sizes(documents).sum())


class Run(NamedTuple):
    """Perplexity after each epoch on the training and the validation text, and the best weights by validation."""

    training: list[float]
    validation: list[float]
    best: LanguageModel

    @property
    def best_epoch(self) -> int:
        """The epoch with the lowest validation perplexity, counted from 0."""
        return int(np.argmin(self.validation))


def train(text: list[Tensor], validation: list[Tensor], *, units: int, epochs: int, seed: int = 1) -> Run:
    """Trains a new model, measures it after each epoch, and keeps a copy of the best."""
    torch.manual_seed(seed)
    model = LanguageModel(units)
    optimizer = torch.optim.Adam(model.parameters(), lr=0.005)
    ids = torch.cat(text)
    streams = ids[: len(ids) // STREAMS * STREAMS].view(STREAMS, -1)
    run = Run([], [], model)
    for _ in range(epochs):
        state = None
        for first in range(0, streams.size(1) - 1, WINDOW):
            window = streams[:, first : first + WINDOW + 1]
            outputs, (h, c) = model.layer(model.words(window[:, :-1]), state)
            state = (h.detach(), c.detach())
            loss = F.cross_entropy(model.output(outputs).flatten(0, 1), window[:, 1:].flatten())
            optimizer.zero_grad()
            loss.backward()
            nn.utils.clip_grad_norm_(model.parameters(), 0.25)
            optimizer.step()
        run.training.append(perplexity(document_losses(model, text), text))
        run.validation.append(perplexity(document_losses(model, validation), validation))
        if run.best_epoch == len(run.validation) - 1:
            run = run._replace(best=copy.deepcopy(model))
    return run


# %% [markdown]
# ## A model too large on little text
#
# Eight documents to learn from, 14,000 words, and a network with 267,000 weights: 19 for each word.
#
# > **Predict.** It reads its text nine times. What do the perplexities on the training text and on eight validation
# > documents do: fall together, part, or does one of them rise?

# %% alt="Perplexity by epoch: on training text it falls throughout, on validation text it turns and rises again."
learning, choosing = pool[:8], pool[8:16]
large = train(learning, choosing, units=96, epochs=9)
epochs = range(1, len(large.training) + 1)
figure, axes = plt.subplots(figsize=(6, 4))
axes.plot(epochs, large.training, marker="o", label="training text")
axes.plot(epochs, large.validation, marker="o", label="validation text")
axes.axvline(large.best_epoch + 1, color="gray", linestyle="--", label="lowest on validation")
axes.set(xlabel="epoch", ylabel="perplexity", title="Better and better, at the wrong thing")
axes.legend()
figure.tight_layout()

# %%
print("training  ", *(f"{value:6.1f}" for value in large.training))
print("validation", *(f"{value:6.1f}" for value in large.validation))
assert sorted(large.training, reverse=True) == large.training
assert large.training[-1] < 40
assert 2 <= large.best_epoch <= 5
assert large.validation[-1] > 1.05 * min(large.validation)

# %% [markdown]
# On its own text the network improves to the end. On new text it improves for a few epochs, while it learns what texts
# have in common, and then gets worse, while it learns what only these eight say. The training figure shows none of it,
# which is why nobody should be impressed by one.
#
# **Early stopping** takes the weights of the lowest point. As one does not know the future, one waits a little: if
# validation has not improved for some epochs, the *patience*, one stops and goes back.


# %%
def stopping_epoch(validation: list[float], patience: int) -> int:
    """Returns the epoch after which training stops, counted from 0: the first that is `patience` behind the best."""
    for epoch in range(len(validation)):
        if epoch - int(np.argmin(validation[: epoch + 1])) >= patience:
            return epoch
    return len(validation) - 1


stopped = stopping_epoch(large.validation, patience=2)
print(f"stopped after epoch {stopped + 1}, back to epoch {large.best_epoch + 1}")
assert stopping_epoch([5, 4, 3, 4, 5, 6], patience=2) == 4
assert stopped == large.best_epoch + 2 < len(large.validation)

# %% [markdown]
# ## What a figure is worth
#
# Now the test text, for the first time: one figure, with the weights that validation chose. How much does it depend on
# which 15 documents happen to be the test? The **bootstrap** (Efron and Tibshirani 1993) answers from the documents
# themselves: draw 15 of them at random with replacement, so that some count twice and some not at all, a thousand
# times.
#
# > **Predict.** The perplexity is near 90. How wide is the range of 95 % of the draws: 1, 4 or 12? And if one draws
# > words instead of documents?

# %%
test_losses, test_sizes = document_losses(large.best, test), sizes(test)
drawn = np.random.default_rng(1).integers(len(test), size=(1000, len(test)))
resampled = np.exp(test_losses[drawn].sum(axis=1) / test_sizes[drawn].sum(axis=1))
low, high = np.quantile(resampled, [0.025, 0.975])
print(f"test perplexity {perplexity(test_losses, test):.1f}, 95% interval {low:.1f} to {high:.1f}")
assert 82 < perplexity(test_losses, test) < 96
assert 8 < high - low < 18

of_halo = perplexity_interval(test_losses, test_sizes)
assert of_halo is not None
assert np.allclose(of_halo, (low, high), rtol=0.01)

# %% [markdown]
# Twelve, a seventh of the figure. Words of one document depend on each other: a difficult document is difficult
# throughout. Drawing single words pretends that there were 26,000 independent observations, and gives a range that is
# too narrow. For it a formula will do: the standard error of a mean, times 1.96.

# %%
with torch.no_grad():
    word_losses = torch.cat(
        [
            F.cross_entropy(
                large.best.output(large.best.layer(large.best.words(ids[None, :-1]))[0][0]), ids[1:], reduction="none"
            )
            for ids in test
        ]
    )
error = word_losses.std().item() / math.sqrt(len(word_losses))
center = word_losses.mean().item()
low_by_words, high_by_words = math.exp(center - 1.96 * error), math.exp(center + 1.96 * error)
print(f"drawing words: {low_by_words:.1f} to {high_by_words:.1f}")
assert 1.5 < (high - low) / (high_by_words - low_by_words) < 4

# %% [markdown]
# There is a second source of chance, the seed: other initial weights, another result. A smaller network this time,
# three times, each stopped by validation.
#
# > **Predict.** Which moves the figure more: another seed, or other test documents?

# %%
runs = [train(learning, choosing, units=48, epochs=8, seed=seed) for seed in (1, 2, 3)]
of_seeds = [perplexity(document_losses(run.best, test), test) for run in runs]
print("test perplexity by seed:", *(f"{value:.1f}" for value in of_seeds))
assert all(84 < value < 99 for value in of_seeds)
assert max(of_seeds) - min(of_seeds) < (high - low) / 2

# %% [markdown]
# The documents, by far. But they move all models together: on a difficult document all are worse. So the interval says
# how well *new text* will be predicted, and the spread of the seeds whether a *difference* between two models is more
# than luck. The large network, with all its weights, is not better than the small one by more than the seeds differ.
#
# ## The winner's curse
#
# Suppose that you try twenty settings, measure each on the test text, and report the best. What is wrong with that?
# Suppose further that all twenty are in truth equally good. The best of them has still won, by luck on these 15
# documents, and you report the luck. A simulation knows the truth, so it can measure this. How large luck is on one
# document we take from our own runs: the difference between two networks, document by document.

# %%
per_word = np.array([document_losses(run.best, test) / test_sizes for run in [*runs, large]])
luck = float(np.mean([(per_word[k] - per_word[3]).std(ddof=1) for k in range(3)]) / math.sqrt(2))
difficulty = float(per_word.mean(axis=0).std(ddof=1))
print(f"standard deviation over documents: difficulty {difficulty:.3f}, luck of one model {luck:.3f} nats per word")
assert 0.08 < difficulty < 0.2
assert 0.007 < luck < 0.03


def optimism(candidates: int, documents: int, *, chosen_on_test: bool, repeats: int = 2000) -> float:
    """Returns reported minus true loss of the best of equally good candidates, in standard deviations of their luck.

    Args:
        candidates: Number of models to choose from.
        documents: Number of test documents, and of validation documents.
        chosen_on_test: Whether the model is chosen on the test documents that are then reported, or on validation.
        repeats: Number of simulated experiments.
    """
    generator = np.random.default_rng(1)
    shared = difficulty * generator.standard_normal((repeats, 1, 2)) / math.sqrt(documents)
    own = luck * generator.standard_normal((repeats, candidates, 2)) / math.sqrt(documents)
    on_test, on_validation = np.moveaxis(shared + own, -1, 0)  # means over documents, around the truth, which is 0
    chosen = (on_test if chosen_on_test else on_validation).argmin(axis=1)
    reported = on_test[np.arange(repeats), chosen] - shared[:, 0, 0]
    return float(reported.mean()) / (luck / math.sqrt(documents))


# %% [markdown]
# > **Predict.** How does the optimism grow with the number of candidates? And if they are chosen on validation text and
# > reported on test text, how much of it is left?

# %% alt="Optimism by number of candidates: chosen on test it grows to 2.5 deviations, on validation it is 0."
CANDIDATES = (1, 2, 5, 10, 20, 50, 100)
figure, axes = plt.subplots(figsize=(6, 4))
for chosen_on_test, label in ((True, "chosen on test"), (False, "chosen on validation")):
    values = [-optimism(number, len(test), chosen_on_test=chosen_on_test) for number in CANDIDATES]
    axes.plot(CANDIDATES, values, marker="o", label=label)
axes.set(xscale="log", xticks=CANDIDATES, xticklabels=CANDIDATES, xlabel="number of candidates, all equally good")
axes.set(ylabel="optimism, standard deviations", title="The more you try, the luckier the winner")
axes.legend()
figure.tight_layout()

# %%
on_test = optimism(20, len(test), chosen_on_test=True)
on_validation = optimism(20, len(test), chosen_on_test=False)
points = 90 * (1 - math.exp(on_test * luck / math.sqrt(len(test))))
print(
    f"best of 20: {on_test:.2f} chosen on test, {on_validation:.2f} on validation; {points:.2f} of a perplexity of 90"
)
assert abs(on_test - -1.867) < 0.06  # the expected minimum of 20 standard normal numbers
assert abs(on_validation) < 0.06
assert 0.2 < points < 2

# %% [markdown]
# The best of twenty equal models looks 1.87 standard deviations better than it is, and of a hundred 2.5. Chosen on
# validation, its test figure is right on average: the luck it had there does not follow it. In perplexity the error is
# small here, below one, because equal models have their luck in common. It is as large as many an improvement that is
# reported, though, and on a smaller test text, or with models that differ more, it is larger. The remedy costs nothing
# but discipline.
#
# ## Validation three times training
#
# The experiment from which this project grew chose on three times as much text as it learned from, where usually a
# tenth is set aside. What does that bring, and what does it cost? We divide our 40 documents both ways: 8 to learn from
# and 24 to choose on, or 32 and 4. (The rest stays unused, to make both multiples.) The networks make the same number
# of steps: 8 epochs of a quarter of the text, or 2 of all of it.
#
# > **Predict.** By which factor does the interval of the validation figure shrink with six times as many documents? How
# > many points of test perplexity does it cost to learn from a quarter?

# %%
little = runs[0]
much = train(pool[:32], pool[32:36], units=48, epochs=2)
widths = {}
for name, run, held_out in (("8 and 24", little, pool[8:32]), ("32 and 4", much, pool[32:36])):
    interval = perplexity_interval(document_losses(run.best, held_out), sizes(held_out))
    assert interval is not None
    widths[name] = math.log(interval[1] / interval[0])
    on_test_text = perplexity(document_losses(run.best, test), test)
    print(f"{name:8}  validation interval {interval[0]:.1f} to {interval[1]:.1f}, test perplexity {on_test_text:.1f}")
cost = of_seeds[0] - perplexity(document_losses(much.best, test), test)
assert 12 < cost < 25
assert widths["8 and 24"] < widths["32 and 4"]

# %% [markdown]
# The square root of six is 2.4, but with four documents an interval is itself a matter of luck, mostly too narrow. The
# price is clear, though: a fifth of the perplexity. Much validation text makes choices reliable; on small data the text
# is needed more urgently for learning. A tenth each for validation and test is the usual compromise, and the default of
# `halo`; `experiment=semblance_halo` divides as the original did.
#
# **What we have.** A training figure says nothing. Stop where validation is lowest; choose on validation; look at test
# once, and report it with an interval over documents and a spread over seeds. `halo.train` does all of this
# ([measurement](../measurement.md)), `seeds=5` repeats it, and `halo compare` tests differences document by document
# ([comparison](../comparison.md)). [Chapter 8](08_small_data.py) puts it to use: what helps a small network on little
# text?
#
# ## Exercises
#
# ### Exercise 1
#
# Somebody stops with a patience of 1 on this validation curve: 100, 90, 91, 85, 80, 82, 83. What do they miss? Which
# patience would have found the lowest point, and why not simply take 100?

# %% tags=["solution"]
curve = [100.0, 90, 91, 85, 80, 82, 83]
for patience in (1, 2):
    stop = stopping_epoch(curve, patience)
    print(f"patience {patience}: stops after epoch {stop + 1}, best {min(curve[: stop + 1])}")
assert min(curve[: stopping_epoch(curve, patience=1) + 1]) == 90
assert min(curve[: stopping_epoch(curve, patience=2) + 1]) == 80

# %% [markdown] tags=["solution"]
# One bad epoch ends the run at 90 instead of 80. A very long patience finds every lowest point, but pays for it with
# epochs that are thrown away, and chooses the best of more candidates: a small winner's curse of its own.

# %% [markdown]
# ### Exercise 2
#
# The optimism is -1.87 standard deviations for 20 candidates whatever the number of documents. How many documents make
# it smaller than 0.1 points of a perplexity of 90? Compute it, and check it with `optimism`.

# %% tags=["solution"]
allowed = -math.log(1 - 0.1 / 90)  # in nats per word
needed = math.ceil((1.867 * luck / allowed) ** 2)
achieved = optimism(20, needed, chosen_on_test=True) * luck / math.sqrt(needed)
print(f"{needed} documents: {90 * (1 - math.exp(achieved)):.3f} points")
assert needed > len(test)
assert abs(90 * (1 - math.exp(achieved)) - 0.1) < 0.01

# %% [markdown]
# ### Exercise 3
#
# What if the candidates are not equally good? Let the true losses of 20 candidates be normal with a standard deviation
# as large as that of the luck on the whole test text. Does the one that wins on validation text have the lowest true
# loss? How often, and how much is lost on average, in the same unit?

# %% tags=["solution"]
generator = np.random.default_rng(1)
truth = generator.standard_normal((5000, 20))  # in standard deviations of the luck
measured = truth + generator.standard_normal((5000, 20))
winner, best = measured.argmin(axis=1), truth.argmin(axis=1)
loss_of_choice = (truth[np.arange(5000), winner] - truth.min(axis=1)).mean()
print(f"the best wins in {(winner == best).mean():.0%} of the cases; on average {loss_of_choice:.2f} is lost")
assert 0.25 < (winner == best).mean() < 0.45
assert abs(truth[np.arange(5000), winner].mean() - -1.867 / math.sqrt(2)) < 0.05

# %% [markdown] tags=["solution"]
# In about a third of the cases. Choosing still pays: the winner is 1.32 standard deviations better than a random
# candidate, which is $1.87 / \sqrt 2$: half of the variance that it won by was real.
