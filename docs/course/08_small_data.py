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
# # 8. What pays on small data
#
# Papers offer many remedies for small data, each with a table in which it wins. Few of those tables were made with as
# little text as yours. [Chapter 7](07_overfitting.py) showed how to find out; this chapter does it for seven remedies,
# on a small network and very little text, and lets some of them lose.
#
# **The idea.** A remedy is measured by itself: one change to the same base model, the same steps, more than one seed,
# on validation text. What helped somebody else on other data is a guess.

# %%
import math
import time
from typing import Any, NamedTuple

import matplotlib.pyplot as plt
import numpy as np
import torch
from torch import nn

import halo
from halo.data.streams import StreamLoader
from halo.evaluation.text_scores import text_nll
from halo.models.ensemble import Ensemble
from halo.models.language_model import LanguageModel, Network, detach
from halo.models.recurrent import RecurrentModel
from halo.tokenization.character_ngrams import subwords

# %% [markdown]
# ## The base model
#
# The text is tiny: 8 documents to learn from, 8 others to choose on, and the 2,000 most frequent words. The base is an
# LSTM of `halo` with 48 units, dropout, tied word vectors and a sampled softmax, and none of the other parts. Each
# remedy is one line:
#
# - **Dropout** hides a random 30 % of the features of words and outputs at each step, so that the network cannot rely
#   on any single one (Srivastava et al. 2014; Gal and Ghahramani 2016).
# - **Tied weights**: the vector by which a word is read is also the one by which it is predicted (Press and Wolf 2017):
#   half as many weights, nearly, and rare words learn from both sides.
# - **Sampled softmax**: the loss compares the target with the frequent words and a sample of the others instead of all.
#   It is meant to save time, not perplexity (Jean et al. 2015).
# - **Pointer**: a second prediction, from the words of the last 300 tokens: what was said is said again (Merity et al.
#   2017).
# - **Subword vectors**: `vaccine` and `vaccines` share the vectors of their runs of characters (Bojanowski et al.
#   2017).
# - **Mogrifier**: word and state scale each other before they enter the LSTM (Melis et al. 2020).
# - **Ensemble**: train several networks, and average their probabilities (as Zaremba et al. 2014).

# %%
VOCABULARY, UNITS, EPOCHS, SEEDS = 2000, 48, 8, (1, 2)

corpus = halo.prepare()
eos_id = corpus.tokenizer.eos_id


def first_documents(split: str, number: int) -> np.ndarray:
    """Returns the ids of the first documents of a split, with all but the most frequent words replaced by `<unk>`."""
    ids = corpus.ids[split][: int(corpus.offsets[split][number])]
    return np.where(ids < VOCABULARY, ids, corpus.tokenizer.unk_id).astype(np.uint16)


learning, choosing = first_documents("train", 8), first_documents("validation", 8)
print(f"{len(learning):,} tokens to learn from, {len(choosing):,} to choose on")
BASE = {
    "embedding": UNITS,
    "hidden": UNITS,
    "dropout_input": 0.3,
    "dropout_output": 0.3,
    "mogrifier_rounds": 0,
    "pointer_tokens": None,
}


class Result(NamedTuple):
    """A trained network, its validation perplexity, and the CPU seconds that its training took."""

    model: Network
    perplexity: float
    seconds: float


def perplexity(model: LanguageModel) -> float:
    """Returns the perplexity of the validation text."""
    windows = StreamLoader(choosing, eos_id=eos_id, batch_size=8, sequence_length=90)
    return math.exp(text_nll(model, windows).mean())


def train(seed: int, *, num_frequent: int | None = 150, **change: Any) -> Result:
    """Trains the base model with one change, for a fixed number of steps.

    Args:
        seed: Seed of initial weights, dropout and samples.
        num_frequent: Words that the sampled softmax always includes; None compares with the whole vocabulary.
        change: What differs from `BASE`.
    """
    torch.manual_seed(seed)
    model = RecurrentModel(vocab_size=VOCABULARY, **{**BASE, **change})
    windows = StreamLoader(learning, eos_id=eos_id, batch_size=10, sequence_length=25)
    optimizer = torch.optim.AdamW(model.parameters(), lr=0.01, weight_decay=0.1)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, 0.01, total_steps=EPOCHS * len(windows))
    start = time.process_time()
    for _ in range(EPOCHS):
        state = None
        for window in windows:
            outputs = model.read(window.inputs_BT, state)
            state = detach(outputs.state)
            loss = model.nll(outputs, window.targets_BT, num_frequent=num_frequent).sum() / window.num_targets
            optimizer.zero_grad()
            loss.backward()
            nn.utils.clip_grad_norm_(model.parameters(), 0.25)
            optimizer.step()
            schedule.step()
    seconds = time.process_time() - start
    return Result(model, perplexity(model), seconds)


# %% [markdown]
# ## Every remedy by itself
#
# > **Predict.** Three of the seven lower perplexity by more than 5 % at equal steps, and two make it worse. Which?

# %%
ngrams = subwords(corpus.tokenizer.words()[:VOCABULARY], shortest=2, longest=5)
CHANGES: dict[str, dict[str, Any]] = {
    "base": {},
    "without dropout": {"dropout_input": 0.0, "dropout_output": 0.0},
    "without tied weights": {"tied": False},
    "without sampled softmax": {"num_frequent": None},
    "with pointer": {"pointer_tokens": 300},
    "with subword vectors": {"subwords": ngrams},
    "with Mogrifier": {"mogrifier_rounds": 2},
}
results = {name: [train(seed, **change) for seed in SEEDS] for name, change in CHANGES.items()}
together = perplexity(Ensemble([result.model for result in results["base"]]))

# %% alt="Bars of perplexity of the base and of each change, a dot for each seed: pointer and subwords are lowest."
bars = {name: [result.perplexity for result in of_seeds] for name, of_seeds in results.items()}
bars["two networks averaged"] = [together]
figure, axes = plt.subplots(figsize=(7, 4))
for place, values in enumerate(bars.values()):
    axes.barh(place, sum(values) / len(values), color="tab:gray" if place == 0 else "tab:blue", alpha=0.6)
    axes.plot(values, [place] * len(values), "k.")
axes.set_yticks(range(len(bars)), list(bars))
axes.invert_yaxis()
axes.set(
    xlabel="validation perplexity, a dot for each seed", xlim=(140, 200), title="One change at a time, equal steps"
)
figure.tight_layout()

# %%
mean = {name: sum(values) / len(values) for name, values in bars.items()}
for name, values in bars.items():
    seconds = results[name][0].seconds if name in results else sum(result.seconds for result in results["base"])
    seeds = "  ".join(f"{value:5.1f}" for value in values)
    print(f"{name:24} {mean[name]:6.1f}  ({mean[name] / mean['base'] - 1:+6.1%})  {seconds:5.1f} s   {seeds}")
spread = max(max(values) - min(values) for values in bars.values())
assert 180 < mean["base"] < 200
assert spread < 8
assert mean["with pointer"] < 0.88 * mean["base"]
assert mean["with subword vectors"] < 0.88 * mean["base"]
assert mean["with Mogrifier"] < 0.96 * mean["base"]
assert mean["without dropout"] < 0.97 * mean["base"]
assert mean["without tied weights"] < 0.93 * mean["base"]
assert abs(mean["without sampled softmax"] / mean["base"] - 1) < 0.03
assert 0.95 < together / mean["base"] < 1.01

# %% [markdown]
# The pointer, subword vectors and the Mogrifier pay. Dropout and tied weights, which every recipe has, *harm*: without
# them perplexity is lower, by more than the seeds differ. A likely reason: both keep a network from fitting its text
# too well, and after eight passes this one has not fitted it well enough. They would cure an illness that it does not
# have. Sampling the softmax changes almost nothing, as it should: its purpose is time, and with 2,000 words there is
# little to save. Two networks averaged hardly gain here, for twice the work.
#
# On the whole corpus and in more steps the order is another one: the recipe of `halo` drops half of the outputs, and
# averaging twelve networks gives the lowest figure of all. [The recipe](../recipe.md) tells what was tried, with the
# settings: `model.dropout_input`, `model.tied`, `sampled_softmax.num_frequent`, `model.pointer_tokens`,
# `model.subword_lengths`, `model.mogrifier_rounds`, `model.ensemble_size`. Nor are equal steps the only fair
# comparison: the Mogrifier takes longer for each step, as the seconds show, and at equal minutes its lead would be
# smaller.
#
# **What we have.** A way to find out what pays on *your* text, and reason to distrust a list. The next chapters use a
# trained model: [chapter 9](09_sampling.py) lets it write.
#
# ## Exercises
#
# ### Exercise 1
#
# How many weights does tying save here? Count them with `sum(p.numel() for p in model.parameters())`, and explain the
# number.

# %% tags=["solution"]
weights = {
    name: sum(parameter.numel() for parameter in results[name][0].model.parameters())
    for name in ("base", "without tied weights")
}
print(weights)
assert weights["without tied weights"] - weights["base"] == VOCABULARY * UNITS

# %% [markdown] tags=["solution"]
# One matrix of a vector for each word. It is nearly half of all weights of this network.

# %% [markdown]
# ### Exercise 2
#
# Two networks of the base averaged gained almost nothing. Average the two with a pointer. Do they gain more, compared
# with the mean of the two? (An `Ensemble` of `halo` needs networks of the same architecture.)

# %% tags=["solution"]
pair = perplexity(Ensemble([result.model for result in results["with pointer"]]))
print(f"{bars['with pointer'][0]:.1f} and {bars['with pointer'][1]:.1f} alone, {pair:.1f} together")
print(f"gain {1 - pair / mean['with pointer']:.1%}, of the base {1 - together / mean['base']:.1%}")
assert pair < mean["with pointer"]

# %% [markdown]
# ### Exercise 3
#
# Two remedies that each pay need not pay together. Train with a pointer *and* subword vectors.

# %% tags=["solution"]
both = train(1, pointer_tokens=300, subwords=ngrams)
print(f"both: {both.perplexity:.1f}")
assert both.perplexity < min(mean["with pointer"], mean["with subword vectors"])
