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
# # 9. Sampling
#
# A language model gives a probability to every next word. To write with it, somebody has to choose one, again and
# again. It seems natural to take the likeliest. It is not: the likeliest text is not a typical one, and a model that
# is asked for it repeats itself for ever. Drawing at random has its own trouble. This chapter looks at both, and at
# the rules in between.
#
# **The idea.** A good model and a bad way to draw from it give bad text.

# %%
import math
from collections.abc import Callable
from itertools import pairwise

import matplotlib.pyplot as plt
import numpy as np
import torch
from torch import Tensor

import halo
from halo.config import default_sampling
from halo.data.streams import StreamLoader
from halo.evaluation.text_scores import perplexity, text_nll, windows_to_score
from halo.generation.generator import generate_samples
from halo.generation.sampling import limited_weights
from halo.models.language_model import detach
from halo.models.ngram.unigram import Unigram
from halo.models.recurrent import RecurrentModel

# %% [markdown]
# ## A model to draw from
#
# A small LSTM, as [chapter 6](06_lstm.py) builds it, trained for a single pass over the text. Everything in this cell
# has been explained before: streams and carried state, the clipped gradient, and a first guess from word counts.

# %%
corpus = halo.prepare()
vocab_size, eos, unk = corpus.tokenizer.vocab_size, corpus.tokenizer.eos_id, corpus.tokenizer.unk_id
torch.manual_seed(1)
model = RecurrentModel(
    vocab_size=vocab_size,
    embedding=128,
    hidden=128,
    mogrifier_rounds=0,
    pointer_tokens=None,
    dropout_input=0.1,
    dropout_output=0.1,
)
model.init_output_bias(Unigram(corpus.ids["train"], vocab_size))
loader = StreamLoader(corpus.ids["train"], eos_id=eos, batch_size=28, sequence_length=25)
optimizer = torch.optim.AdamW(model.parameters(), lr=0.015, fused=True)
schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, 0.015, total_steps=len(loader), pct_start=0.2)
state = None
for window in loader:
    outputs = model.read(window.inputs_BT, state)
    state = detach(outputs.state)
    loss = model.nll(outputs, window.targets_BT, num_frequent=150).sum() / window.num_targets
    optimizer.zero_grad()
    loss.backward()
    torch.nn.utils.clip_grad_norm_(model.parameters(), 0.25)
    optimizer.step()
    schedule.step()
model.eval()
validation = windows_to_score(corpus.ids["validation"], eos_id=eos, batch_size=10)
validation_perplexity = perplexity(float(text_nll(model, validation).mean()))
print(f"validation perplexity {validation_perplexity:.1f}")
assert 117 < validation_perplexity < 127  # counting, in chapter 1, reached 129

# %% [markdown]
# Writing is a loop: read the last word, get the probabilities of the next one, let a **rule** change them, draw. A rule
# is a function from probabilities to probabilities. 16 texts are written side by side, each from the start of a
# paragraph. `<unk>`, which stands for words that the vocabulary lacks, is never written.
#
# For each word two things are kept: the word, and how surprising the *model* found it, in bits, before any rule
# changed the probabilities. One bit is a coin toss: a word of probability 1/1024 has a surprisal of 10 bits.

# %%
Rule = Callable[[Tensor], Tensor]


@torch.no_grad()
def write(rule: Rule, length: int = 100, texts: int = 16, seed: int = 1) -> tuple[Tensor, Tensor]:
    """Returns ids of texts and their surprisal in bits, each of shape (texts, length)."""
    generator = torch.Generator().manual_seed(seed)
    last, state, ids, bits = torch.full((texts, 1), eos), None, [], []
    for _ in range(length):
        logits, state = model(last, state)
        logits[:, :, unk] = -torch.inf
        probabilities = logits[:, -1].softmax(-1)
        last = torch.multinomial(rule(probabilities), 1, generator=generator)
        ids.append(last)
        bits.append(-probabilities.gather(1, last).log2())
    return torch.cat(ids, 1), torch.cat(bits, 1)


def shown(ids: Tensor) -> str:
    """Returns a text, with / between paragraphs."""
    return corpus.tokenizer.decode(ids.tolist(), paragraph_break=" / ")


# %% [markdown]
# ## The likeliest word
#
# > **Predict.** The rule **greedy** always takes the likeliest word. What will a text of a hundred words look like?


# %%
def greedy(probabilities: Tensor) -> Tensor:
    """Keeps the likeliest word only."""
    return torch.nn.functional.one_hot(probabilities.argmax(-1), vocab_size).float()


def repeated(ids: Tensor, length: int = 4) -> float:
    """Returns the share of runs of four words that stood in the same text before."""
    again = total = 0
    for text in ids.tolist():
        runs = list(zip(*(text[first:] for first in range(length)), strict=False))
        again, total = again + len(runs) - len(set(runs)), total + len(runs)
    return again / total


greedy_ids, greedy_bits = write(greedy, texts=1)
print(shown(greedy_ids[0]))
print(f"{repeated(greedy_ids):.0%} of its runs of four words are repetitions")
assert repeated(greedy_ids) > 0.5

# %% [markdown]
# It runs in a circle. Nothing random happens, so a state that has come by once leads to the same words as before, and
# these lead back to it. Exercise 3 finds out how long the circle is.
#
# > **Predict.** Somebody's real text is not the likeliest one. How does its surprisal, word by word, compare with
# > that of the greedy text: about the same, twice as high, or much higher?

# %% alt="Surprisal by word: the greedy text stays low and periodic, human text jumps between 0 and 15 bits."
human_text = torch.from_numpy(np.asarray(corpus.ids["validation"]).astype(np.int64))
streams = human_text[: 16 * (len(human_text) // 16)].view(16, -1)[:, :101]
with torch.no_grad():
    human_logits, _ = model(streams[:, :-1])
human_logits[:, :, unk] = -torch.inf
is_known = streams[:, 1:] != unk
human_bits = -human_logits.log_softmax(-1).gather(2, streams[:, 1:, None]).squeeze(2) / math.log(2)
figure, axes = plt.subplots(figsize=(8, 3.5))
axes.plot(human_bits[0, :60], label="human")
axes.plot(greedy_bits[0, :60], label="greedy")
axes.set(xlabel="word", ylabel="surprisal in bits", title="People do not say the likeliest thing")
axes.legend()
figure.tight_layout()

# %%
human_mean = float(human_bits[is_known].mean())
greedy_mean = float(greedy_bits.mean())
print(f"human {human_mean:.2f} bits per word, greedy {greedy_mean:.2f}")
assert 6 < human_mean < 8
assert greedy_mean < 0.75 * human_mean

# %% [markdown]
# This is the picture of Holtzman et al. (2020, The Curious Case of Neural Text Degeneration). A sentence carries
# information by being surprising now and then; a text without surprises says nothing.
#
# ## Drawing at random, and the tail
#
# So draw each word with the probability that the model gives it: **pure sampling**. If the model were perfect, this
# would be indistinguishable from human text.

# %%
pure_ids, pure_bits = write(lambda probabilities: probabilities)
print(shown(pure_ids[0, :60]))
print(f"repeated {repeated(pure_ids):.1%}, {float(pure_bits.mean()):.2f} bits per word")
assert repeated(pure_ids) < 0.01
assert human_mean - 1 < float(pure_bits.mean()) < human_mean + 1

# %% [markdown]
# No circles, and the surprisal is about that of real text. But it makes little sense. The vocabulary has 5,771 words.
# At most places a few dozen are possible, and the model gives each of the thousands of others a tiny probability.
# Tiny, but there are many.
#
# > **Predict.** How much probability do all words *outside* the 200 likeliest have together, on average? In how many
# > texts of 20 words will there be at least one of them?

# %% alt="Probability left outside the k likeliest words, falling slowly: a fifth is left outside of 200."
by_rank = human_logits.softmax(-1).sort(-1, descending=True).values.mean((0, 1))
outside = 1 - by_rank.cumsum(0)
figure, axes = plt.subplots(figsize=(6, 3.5))
axes.semilogx(range(1, vocab_size + 1), 100 * outside)
axes.set(xlabel="k", ylabel="probability outside the k likeliest, %", title="The tail is thin, long, and heavy")
figure.tight_layout()

# %%
tail = float(outside[199])
print(f"outside the 200 likeliest: {tail:.1%}; at least one in 20 words: {1 - (1 - tail) ** 20:.1%}")
assert 0.15 < tail < 0.24

# %% [markdown]
# Nearly every fifth word comes from the tail, where the model knows almost nothing. One such word spoils a sentence,
# and all words after it are predicted from a beginning that no person would have written.
#
# ## Rules in between
#
# Each rule cuts or bends the tail in its own way:
#
# - **Temperature** $T$: divide the logits by it, $p_i^{1/T}$ and again to sum 1. Below 1 the likely gets likelier.
# - **Top-k** (Fan et al. 2018): keep the $k$ likeliest words.
# - **Nucleus** or **top-p** (Holtzman et al. 2020): keep the fewest words that hold the share $p$ of the probability.
#   Few where the model is sure, many where it is not.
# - **Locally typical** (Meister et al. 2023): keep the words whose surprisal is nearest to the expected one, the
#   entropy: neither too surprising nor too dull.


# %%
def temperature(value: float) -> Rule:
    """Bends the distribution."""
    return lambda probabilities: (probabilities.log() / value).softmax(-1)


def top_k(k: int) -> Rule:
    """Keeps the k likeliest words."""

    def rule(probabilities: Tensor) -> Tensor:
        lowest = probabilities.topk(k).values[:, -1:]
        return probabilities.masked_fill(probabilities < lowest, 0)

    return rule


def fewest(probabilities: Tensor, order: Tensor, share: float) -> Tensor:
    """Keeps the first words of an order until they hold a share of the probability."""
    ordered = probabilities.gather(1, order)
    before = ordered.cumsum(1) - ordered  # what the words before this one hold
    return torch.zeros_like(probabilities).scatter(1, order, ordered.masked_fill(before >= share, 0))


def nucleus(share: float) -> Rule:
    """Keeps the fewest words that hold a share of the probability."""
    return lambda probabilities: fewest(probabilities, probabilities.argsort(descending=True, stable=True), share)


def typical(share: float) -> Rule:
    """Keeps the words whose surprisal is nearest to the entropy, until they hold a share of the probability."""

    def rule(probabilities: Tensor) -> Tensor:
        surprisal = -probabilities.log()
        entropy = torch.where(probabilities > 0, probabilities * surprisal, 0).sum(1, keepdim=True)
        return fewest(probabilities, (surprisal - entropy).abs().argsort(stable=True), share)

    return rule


example = torch.tensor([[0.5, 0.2, 0.15, 0.1, 0.05]])
for rule, kept in [(top_k(2), [0, 1]), (nucleus(0.8), [0, 1, 2]), (typical(0.3), [1, 2])]:
    assert rule(example)[0].nonzero().flatten().tolist() == kept
assert temperature(1e-3)(example)[0].argmax() == 0 < temperature(1e3)(example)[0].min() - 0.19

# %% [markdown]
# Look at the last of them: of five words with the probabilities 0.5, 0.2, 0.15, 0.1 and 0.05, typical sampling with a
# share of 0.3 keeps the second and the third, and *not* the likeliest.
#
# > **Predict.** Which rule comes closest to human text in *both* respects: as few repetitions and as many different
# > pairs of words, and words that are about as surprising?

# %%
rules: dict[str, Rule] = {
    "greedy": greedy,
    "temperature 0.5": temperature(0.5),
    "top-k 10": top_k(10),
    "temperature 0.8": temperature(0.8),
    "top-k 100": top_k(100),
    "nucleus 0.6": nucleus(0.6),
    "nucleus 0.9": nucleus(0.9),
    "typical 0.9": typical(0.9),
    "pure": lambda probabilities: probabilities,
}


def variety(ids: Tensor) -> float:
    """Returns the number of different pairs of words, as a share of all pairs, over all texts together."""
    pairs = [pair for text in ids.tolist() for pair in pairwise(text)]
    return len(set(pairs)) / len(pairs)


human_ids = streams[:, 1:]
table = {"human": (repeated(human_ids), variety(human_ids), human_mean)}
for name, rule in rules.items():
    ids, bits = write(rule)
    table[name] = (repeated(ids), variety(ids), float(bits.mean()))
print(f"{'':16} repeated  different pairs   bits")
for name, (again, pairs, mean) in table.items():
    print(f"{name:16} {again:8.1%} {pairs:16.1%} {mean:6.2f}")

# %% alt="Variety against surprisal: greedy low on both, nucleus 0.9 and typical 0.9 near human text, pure beyond."
figure, axes = plt.subplots(figsize=(6.5, 4.5))
for number, (name, (_, pairs, mean)) in enumerate(table.items()):
    axes.plot(mean, 100 * pairs, "k*" if name == "human" else "o", markersize=12 if name == "human" else 6)
    offset, side = ((7, -12), "left") if number % 2 else ((-7, 5), "right")
    axes.annotate(name, (mean, 100 * pairs), xytext=offset, textcoords="offset points", ha=side)
axes.set(xlabel="surprisal, bits per word", ylabel="different pairs, %", title="From a circle to noise")
figure.tight_layout()

# %%
for name, (again, pairs, _) in table.items():
    careful = name in ("greedy", "temperature 0.5", "top-k 10")
    assert careful == (pairs < 0.6 * table["human"][1]), name
    assert name in ("greedy", "temperature 0.5") or again < 0.05
assert table["greedy"][2] < table["nucleus 0.6"][2] < table["nucleus 0.9"][2] < table["pure"][2]

# %%
print(shown(write(nucleus(0.9), texts=4)[0][2]))

# %% [markdown]
# There is no rule that makes a good text out of a model of this size. But the rules differ far more than models do:
# from a circle to word salad with the same weights. `halo.generate` draws with `temperature=1 top_p=0.9`, which was
# chosen with a table like the one above ([how](../generation.md#the-defaults)).
#
# ## Forbidding repetition
#
# One can also forbid a model to repeat itself: lower the probability of every word that was used lately (a **repetition
# penalty**), or never write the same run of words twice. That cures the circle of greedy, and it treats a symptom: real
# text repeats `the` every ten words, and must be allowed to.

# %%
penalties: dict[str, dict[str, float]] = {
    "none": {},
    "penalty 1.5": {"repetition_penalty": 1.5},
    "no run of 4 twice": {"no_repeat_ngram": 4},
}
shares = {}
for name, setting in penalties.items():
    sampling = default_sampling(num_words=100, temperature=0, top_p=1, **setting)
    (sample,) = generate_samples(model, corpus.tokenizer, [], num_samples=1, sampling=sampling)
    shares[name] = repeated(torch.tensor([sample.ids]))
    print(f"{name}: {shares[name]:.0%} repeated; {shown(torch.tensor(sample.ids[:40]))}")
assert abs(shares["none"] - repeated(greedy_ids)) < 0.01  # the loop above, with the library's code
assert shares["penalty 1.5"] < 0.5 * shares["none"]
assert shares["no run of 4 twice"] == 0

# %% [markdown]
# ## Exercises
#
# ### Exercise 1
#
# Search for the temperature at which texts are as surprising to the model as human text is. Is it 1? What would it tell
# you about the model if it were far below 1?

# %% tags=["solution"]
by_temperature = {value: float(write(temperature(value), length=60)[1].mean()) for value in (0.8, 0.9, 1.0, 1.1)}
print({value: round(mean, 2) for value, mean in by_temperature.items()}, round(human_mean, 2))
assert list(by_temperature.values()) == sorted(by_temperature.values())
assert by_temperature[0.8] < human_mean < by_temperature[1.1]

# %% [markdown] tags=["solution"]
# It is close to 1. If texts drawn at temperature 1 were far less surprising to the model than human
# text, the model would be too sure of itself: overfitted, as in [chapter 7](07_overfitting.py).

# %% [markdown]
# ### Exercise 2
#
# Is `nucleus` right? Compare it with the library, `halo.generation.sampling.limited_weights`, on the predictions for
# the validation text. Then find out how many words a nucleus of 0.9 has: the fewest, the most, and the middle value.

# %% tags=["solution"]
some = human_logits[:, 20].softmax(-1)
settings = default_sampling(temperature=1, top_k=0, top_p=0.9)
weights, order = limited_weights(some.log(), sampling=settings, precise=torch.float64)
assert order is not None
in_library = torch.zeros_like(some).scatter(1, order, weights) > 0
by_hand = nucleus(0.9)(some) > 0
print(f"{(by_hand != in_library).sum()} of {by_hand.numel():,} decisions differ")
assert (by_hand != in_library).sum() <= 5  # rounding, at the border
sizes = (nucleus(0.9)(human_logits[:, 10:60].flatten(0, 1).softmax(-1)) > 0).sum(1)
print(f"from {sizes.min()} to {sizes.max()} words, median {sizes.median()}")
assert sizes.min() < 20
assert 100 < sizes.median() < 1000 < sizes.max()

# %% [markdown] tags=["solution"]
# That is why a fixed $k$ is never right: the same `k = 100` lets in rubbish at one place and bans good words at
# another.

# %% [markdown]
# ### Exercise 3
#
# Let greedy write 600 words. From some word on, does it repeat itself *exactly*, and after how many words? Would the
# same happen with pure sampling?


# %% tags=["solution"]
def period(ids: list[int], longest: int = 150) -> int | None:
    """Returns after how many words the end of a text repeats itself exactly; None if it does not."""
    end = len(ids) - longest
    return next((size for size in range(1, longest + 1) if ids[end:] == ids[end - size : -size]), None)


circle = period(write(greedy, length=600, texts=1)[0][0].tolist())
print(f"greedy repeats itself every {circle} words")
assert circle is not None
assert period(write(lambda probabilities: probabilities, length=600, texts=1)[0][0].tolist()) is None

# %% [markdown] tags=["solution"]
# A circle of a few dozen words, for ever. The network has only so many states that it can tell apart, and greedy has no
# way out of one that it has visited. Randomness has. Larger models do the same: Holtzman et al. (2020) found that each
# repetition of a phrase makes the next one likelier.

# %% [markdown]
# **Next:** [10. Attention](10_attention.py). **In the documentation:** [generating text](../generation.md),
# [glossary](../glossary.md).
