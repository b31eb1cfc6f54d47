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
# # 1. Counting words
#
# A language model says how probable each word is after the words before it. The simplest one counts: what followed
# these words in the text that I know? This chapter builds such a model by hand, meets its one great problem, that most
# of new text is new, and ends with Kneser-Ney smoothing, the best way to count. It is the yardstick for everything that
# follows: a neural network that does not beat it was not worth training.
#
# **The idea.** A probability is a share of counts, and some of it has to be kept for what was never seen.

# %%
import math
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from itertools import pairwise

import matplotlib.pyplot as plt
import numpy as np

import halo
from halo.models.ngram.kneser_ney import KneserNey

# %% [markdown]
# ## A few sentences
#
# Eight short sentences are a whole text for now. Each begins with a start symbol, which is never predicted, and ends
# with an end symbol, which is predicted like a word: a model has to know when a sentence is over.

# %%
START, END = "<s>", "</s>"
sentences = [
    sentence.split()
    for sentence in [
        "hong kong closed the schools",
        "the schools in hong kong opened",
        "masks in hong kong",
        "hong kong opened the schools",
        "the virus spreads in the air",
        "the air in the rooms",
        "open the windows",
        "the virus spreads",
    ]
]
word_counts = Counter(word for sentence in sentences for word in [*sentence, END])
print(word_counts.most_common(6))

# %% [markdown]
# Word counts alone predict the same word everywhere: `the`, however often it has just been said. Counting **pairs**, or
# *bigrams*, asks what followed one particular word. The probability of a word after another is
#
# $$p(w \mid c) = \frac{\text{count}(c\,w)}{\text{count}(c)}$$
#
# In the picture each row is a word, each column the word after it, and every row is a small model of its own.


# %%
def predictions(sentence: list[str]) -> Iterator[tuple[tuple[str, ...], str]]:
    """Yields each word of a sentence, and its end, with all that stands before it."""
    padded = (START, *sentence, END)
    for position in range(1, len(padded)):
        yield padded[:position], padded[position]


pair_counts: defaultdict[str, Counter[str]] = defaultdict(Counter)
for sentence in sentences:
    for before, word in predictions(sentence):
        pair_counts[before[-1]][word] += 1

assert pair_counts["hong"] == {"kong": 4}
assert sum(pair_counts["the"].values()) == word_counts["the"] == 9

# %% alt="A grid of counts: rows are words, columns the words that follow them. Most of its cells are empty."
shown = [START, *sorted(word_counts.keys() - {END}), END]
grid = np.array([[pair_counts[before][after] for after in shown[1:]] for before in shown[:-1]])
figure, axes = plt.subplots(figsize=(7, 6))
axes.imshow(grid, cmap="Blues")
axes.set_xticks(range(len(shown) - 1), shown[1:], rotation=90)
axes.set_yticks(range(len(shown) - 1), shown[:-1])
for row, column in zip(*np.nonzero(grid), strict=True):
    color = "white" if grid[row, column] > 2 else "black"
    axes.text(column, row, str(grid[row, column]), ha="center", va="center", color=color)
axes.set(xlabel="next word", ylabel="word", title="How often each word followed each other word")
figure.tight_layout()

# %% [markdown]
# ## The problem: one new pair spoils everything
#
# > **Predict.** `the virus spreads in the rooms` and `the virus in the rooms` are both sensible English, and all their
# > words occur above. Which probability do the counts of pairs give to each of them?


# %%
def by_counts(word: str, before: tuple[str, ...]) -> float:
    """Returns the share of a word among those that followed the last word."""
    followers = pair_counts[before[-1]]
    return followers[word] / sum(followers.values())


def probability_of(sentence: str) -> float:
    """Returns the product of the probabilities of all words of a sentence."""
    return math.prod(by_counts(word, before) for before, word in predictions(sentence.split()))


seen_pairs = probability_of("the virus spreads in the rooms")
new_pair = probability_of("the virus in the rooms")
print(f"{seen_pairs:.5f}  {new_pair}")
assert 0 < seen_pairs < 0.01
assert new_pair == 0  # because of a single pair: "virus in"

# %% [markdown]
# The first sentence is new as a whole, and possible, because each of its pairs was seen. The second is impossible,
# since `virus in` was not. Would more text help? The course has a corpus of 150 documents about the COVID-19 pandemic.
# It is prepared once and kept in `outputs/cache`, as by all commands; [chapter 2](02_text_to_ids.py) shows what happens
# to it. Here each of its paragraphs is one long sentence.

# %%
corpus = halo.prepare()
vocabulary = corpus.tokenizer.words()


def paragraphs(split: str) -> list[list[str]]:
    """Returns the words of each paragraph of a split."""
    text = " ".join(vocabulary[token_id] for token_id in corpus.ids[split])
    return [paragraph.split() for paragraph in text.split(" <eos>")[:-1]]


train, validation = paragraphs("train"), paragraphs("validation")
num_train = sum(len(paragraph) + 1 for paragraph in train)
num_validation = sum(len(paragraph) + 1 for paragraph in validation)
print(f"{num_train:,} words to count, {num_validation:,} words to predict, {len(vocabulary):,} different ones")
assert (num_train, num_validation) == (len(corpus.ids["train"]), len(corpus.ids["validation"]))

# %% [markdown]
# > **Predict.** Of all pairs of neighbouring words in the validation text, how many never occur in the 215,000 words of
# > training text: 2 %, 20 % or 60 %? And of **n-grams** of five words: of runs of
# five neighbouring words?


# %% alt="Share of the n-grams of new text that training text never had: none for one word, 98 % for five."
def ngrams(sentence: list[str], length: int) -> list[tuple[str, ...]]:
    """Returns the n-grams of a sentence, with start and end symbol; each ends in a predicted word."""
    padded = (START, *sentence, END)
    return [padded[first : first + length] for first in range(int(length == 1), len(padded) - length + 1)]


lengths = [1, 2, 3, 4, 5]
new_shares = []
for length in lengths:
    known = {ngram for paragraph in train for ngram in ngrams(paragraph, length)}
    found = [ngram in known for paragraph in validation for ngram in ngrams(paragraph, length)]
    new_shares.append(1 - sum(found) / len(found))
figure, axes = plt.subplots(figsize=(6, 3.5))
axes.bar(lengths, [100 * share for share in new_shares])
axes.set(xlabel="n", ylabel="n-grams never seen, %", ylim=(0, 100), title="Most of new text is new")
figure.tight_layout()

# %%
print([f"{share:.1%}" for share in new_shares])
assert new_shares[0] == 0  # words that were not seen twice are <unk>, which is a word like any other
assert 0.20 < new_shares[1] < 0.22
assert 0.97 < new_shares[4] < 0.99

# %% [markdown]
# One pair in five is new, and a paragraph has some eighty. So every paragraph would be impossible. Longer n-grams,
# which say more about what comes next, are nearly always new. That is the problem of language modelling, and all of
# this course is about ways to say something sensible about what was never seen.
#
# ## Perplexity: a number of equally likely words
#
# First a measure. If a model gives the words of a text the probabilities $p_1, \dots, p_N$, its **negative
# log-likelihood** is $-\ln p$ on average, and **perplexity** is the exponential of that. It is a number of words: a
# model with a perplexity of 80 is as uncertain as if it had to choose among 80 words that are all equally likely.
#
# > **Predict.** What is the perplexity of a fair die? And of a model that knows only how many words there are?


# %%
def perplexity(probabilities: list[float]) -> float:
    """Returns exp of the mean negative log-likelihood."""
    return math.exp(-sum(map(math.log, probabilities)) / len(probabilities))


Model = Callable[[str, tuple[str, ...]], float]


def perplexity_of(model: Model) -> float:
    """Returns the perplexity of the validation text."""
    return perplexity([model(word, before) for text in validation for before, word in predictions(text)])


assert math.isclose(perplexity([1 / 6] * 100), 6)
uniform = perplexity_of(lambda word, before: 1 / len(vocabulary))
assert math.isclose(uniform, len(vocabulary))

# %% [markdown]
# ## Smoothing
#
# The oldest remedy is to add 1 to every count, as if each possible pair had been seen once more. It is a poor one:
# there are 33 million possible pairs, and nearly all the probability goes to them.
#
# A better one takes a little from each count, the **discount** $D$, and hands what was taken to a simpler model that
# does not look at the word before:
#
# $$p(w \mid c) = \frac{\max(\text{count}(c\,w) - D,\ 0)}{\text{count}(c)} + \text{taken}(c) \cdot p(w)$$
#
# A pair that was never seen now has the probability of its word, scaled down. But which probability of a word? In our
# sentences `kong` and `in` are both frequent.
#
# > **Predict.** After a word that we know nothing about, which of the two would you bet on? What do word counts say?

# %%
print(word_counts["kong"], word_counts["in"])
different_words_before = {
    word: sum(word in followers for followers in pair_counts.values()) for word in ("kong", "in", "the")
}
print(different_words_before)
assert word_counts["kong"] == 4
assert different_words_before == {"kong": 1, "in": 4, "the": 5}

# %% [markdown]
# `kong` only ever follows `hong`; in a new place it is a bad bet, however frequent it is. `in` stands after all kinds
# of words. **Kneser-Ney smoothing** (Kneser and Ney 1995) therefore measures a word, in the simpler model, by the
# number of *different words before it*. That is its whole secret. Here are the remedies on the corpus, each in a few
# lines:

# %%
DISCOUNT = 0.75
followers_of: defaultdict[str, Counter[str]] = defaultdict(Counter)
for paragraph in train:
    for before, word in predictions(paragraph):
        followers_of[before[-1]][word] += 1
totals = {word: sum(followers.values()) for word, followers in followers_of.items()}
frequency = Counter(word for paragraph in train for word in [*paragraph, END])
variety = Counter(word for followers in followers_of.values() for word in followers)


def add_one(word: str, before: tuple[str, ...]) -> float:
    """Returns the probability of a word after the last one, every count raised by 1."""
    return (followers_of[before[-1]][word] + 1) / (totals.get(before[-1], 0) + len(vocabulary))


def discounted(simple: Counter[str]) -> Model:
    """Returns a model of pairs that hands what the discount takes to shares of `simple`."""
    total = sum(simple.values())

    def model(word: str, before: tuple[str, ...]) -> float:
        alone = (simple[word] + 1) / (total + len(vocabulary))
        if before[-1] not in totals:
            return alone
        followers, count = followers_of[before[-1]], totals[before[-1]]
        return max(followers[word] - DISCOUNT, 0) / count + DISCOUNT * len(followers) / count * alone

    return model


results = {
    "words alone": perplexity_of(lambda word, before: (frequency[word] + 1) / (num_train + len(vocabulary))),
    "pairs, add one": perplexity_of(add_one),
    "pairs, discount, frequency of words": perplexity_of(discounted(frequency)),
    "pairs, discount, variety of words": perplexity_of(discounted(variety)),
}
for name, value in results.items():
    print(f"{name:38} {value:7.1f}")

# %%
alone, added, by_frequency, by_variety = results.values()
assert by_variety < by_frequency < alone < added < uniform
assert 355 < alone < 357
assert 139 < by_variety < 143

# %% [markdown]
# Adding one is worse than not looking at the word before at all. With a discount, a single word of context brings the
# perplexity from 356 down to 141. Of the two simpler models the one by variety wins.
#
# ## Any number of words, and three discounts
#
# Nothing stops us from repeating the step: five words fall back on four, four on three, down to one, and that on all
# words being equal. Each simpler level counts different words before an n-gram instead of occurrences. Chen and Goodman
# (1999) added two refinements: n-grams seen once, twice, and three times or more have discounts of their own, and these
# are computed from how many n-grams occur once, twice, three and four times. This is all of it:


# %%
def discounts_of(counts: Counter[tuple[str, ...]]) -> list[float]:
    """Returns the discounts of counts 0, 1, 2, and 3 or more, estimated from the number of n-grams with each count."""
    n = Counter(counts.values())
    share = n[1] / (n[1] + 2 * n[2])
    return [0.0, *(i - (i + 1) * share * n[i + 1] / n[i] for i in (1, 2, 3))]


class HandMadeKneserNey:
    """Interpolated Kneser-Ney smoothing with three discounts for each length, in plain dictionaries."""

    def __init__(self, text: list[list[str]], order: int) -> None:
        occurrences = [Counter(ngram for part in text for ngram in ngrams(part, k)) for k in range(1, order + 1)]
        self.order, self.counts = order, occurrences
        for shorter, longer in pairwise(occurrences):
            preceded = Counter(ngram[1:] for ngram in longer)  # the number of different words before each n-gram
            shorter.update({ngram: preceded[ngram] - shorter[ngram] for ngram in shorter if preceded[ngram]})
        self.discounts = [discounts_of(counts) for counts in self.counts]
        self.total: Counter[tuple[str, ...]] = Counter()
        self.taken: defaultdict[tuple[str, ...], float] = defaultdict(float)
        for counts, discounts in zip(self.counts, self.discounts, strict=True):
            for ngram, count in counts.items():
                self.total[ngram[:-1]] += count
                self.taken[ngram[:-1]] += discounts[min(count, 3)]

    def probability(self, word: str, before: tuple[str, ...]) -> float:
        """Returns the probability of a word after others, of which the last `order` - 1 count."""
        before = before[max(0, len(before) - self.order + 1) :]
        simpler = self.probability(word, before[1:]) if before else 1 / len(vocabulary)
        if before not in self.total:
            return simpler
        count, discounts = self.counts[len(before)][*before, word], self.discounts[len(before)]
        return (count - discounts[min(count, 3)] + self.taken[before] * simpler) / self.total[before]


by_hand = HandMadeKneserNey(train, order=3)
print(f"perplexity by hand: {perplexity_of(by_hand.probability):.4f}")
assert 130 < perplexity_of(by_hand.probability) < 131.5

# %% [markdown]
# `halo` has the same model, in NumPy, and reports it beside every network that it trains
# ([measurement](../measurement.md)). Do the two agree, word for word?

# %%
library = KneserNey(corpus.ids["train"], len(vocabulary), eos_id=corpus.tokenizer.eos_id, order=3)
of_library = library.probabilities(corpus.ids["validation"])
of_hand = np.array([by_hand.probability(word, before) for text in validation for before, word in predictions(text)])
difference = np.abs(of_library - of_hand).max()
print(f"largest difference of {len(of_hand):,} probabilities: {difference:.1e}")
assert difference < 1e-12
assert abs(perplexity(of_hand.tolist()) - math.exp(library.nll(corpus.ids["validation"]).mean())) < 1e-6

# %% [markdown]
# > **Predict.** How does perplexity change with the number of words the model looks at: on validation text, and on the
# > training text that it has counted?

# %% alt="Perplexity by n: on training text it falls from 412 to 8, on validation text from 354 to 129."
perplexities: dict[str, list[float]] = {"training text": [], "validation text": []}
for order in lengths:
    model = KneserNey(corpus.ids["train"], len(vocabulary), eos_id=corpus.tokenizer.eos_id, order=order)
    for split, values in zip(("train", "validation"), perplexities.values(), strict=True):
        values.append(math.exp(model.nll(corpus.ids[split]).mean()))
figure, axes = plt.subplots(figsize=(6, 3.5))
for name, values in perplexities.items():
    axes.plot(lengths, values, marker="o", label=name)
axes.set(yscale="log", xticks=lengths, xlabel="n", ylabel="perplexity")
axes.legend()
figure.tight_layout()

# %%
on_train, on_validation = perplexities.values()
print([round(value, 1) for value in on_validation], [round(value, 1) for value in on_train])
assert 8 < on_train[4] < 9
assert 129 < on_validation[4] < on_validation[3] < on_validation[2] < 131

# %% [markdown]
# Beyond three words there is almost nothing to gain on new text: what would help has not been seen. On its own text the
# model is nearly certain, because it has memorised it. A figure on training text says nothing about what a model is
# worth; [chapter 7](07_overfitting.py) comes back to that.
#
# **What we have.** The yardstick: a perplexity of 129.3 from counts alone. Counts treat every word as a thing of its
# own, though: what was learned about `masks` says nothing about `face coverings`. [Chapter 3](03_neural_bigram.py)
# begins to change that. But first, where do these words come from?
#
# ## Exercises
#
# ### Exercise 1
#
# A model is only a model if the probabilities of all words sum to 1 after any context. Check that for the hand-made
# one: after a frequent word, at the start of a paragraph, and after words that never stood together. Why does it hold
# whatever the discounts are?

# %% tags=["solution"]
outcomes = [END if word == "<eos>" else word for word in vocabulary]
for before in [(START,), (START, "the"), ("masks", "vaccine")]:
    total_probability = sum(by_hand.probability(word, before) for word in outcomes)
    print(before, total_probability)
    assert math.isclose(total_probability, 1, abs_tol=1e-9)

# %% [markdown] tags=["solution"]
# What is taken from the counts of a context is exactly what the simpler model may distribute, and that one sums to 1 by
# the same argument, down to the uniform model.

# %% [markdown]
# ### Exercise 2
#
# Add a smaller number than 1: try 0.1, 0.01 and 0.001 with pairs, and choose the best on the validation text. Does it
# reach Kneser-Ney?


# %% tags=["solution"]
def add(amount: float) -> Model:
    """Returns a model of pairs in which every count is raised by `amount`."""
    return lambda word, before: (
        (followers_of[before[-1]][word] + amount) / (totals.get(before[-1], 0) + amount * len(vocabulary))
    )


of_amounts = {amount: perplexity_of(add(amount)) for amount in (1, 0.1, 0.01, 0.001)}
print({amount: round(value, 1) for amount, value in of_amounts.items()})
assert min(of_amounts, key=of_amounts.__getitem__) == 0.01
assert of_amounts[0.01] > 1.5 * by_variety

# %% [markdown]
# ### Exercise 3
#
# Let the models of 2-grams and of 5-grams write 2,000 words each: draw each word from `model.distribution(ids)`. Which
# text reads better? Then count how many of the 5-grams that they write stand in the training text. Of those of the
# validation text, 2 % do. Does the model of 5-grams copy more than that?


# %% tags=["solution"]
def copied_share(order: int) -> float:
    """Prints the first words of a text drawn from a model, and returns the share of its 5-grams that are copied."""
    model = KneserNey(corpus.ids["train"], len(vocabulary), eos_id=corpus.tokenizer.eos_id, order=order)
    generator, ids = np.random.default_rng(0), [corpus.tokenizer.eos_id]
    for _ in range(2000):
        ids.append(generator.choice(len(vocabulary), p=model.distribution(np.array(ids[-order:]))))
    print(f"order {order}:", corpus.tokenizer.decode(ids[:40], paragraph_break=" / "))
    text = corpus.ids["train"].tolist()
    known = set(zip(*(text[first:] for first in range(5)), strict=False))
    written = list(zip(*(ids[first:] for first in range(5)), strict=False))
    return sum(ngram in known for ngram in written) / len(written)


of_pairs, of_fives = copied_share(2), copied_share(5)
print(f"copied: {of_pairs:.1%} and {of_fives:.1%}")
assert of_pairs < 0.005
assert 0.01 < of_fives < 0.03

# %% [markdown] tags=["solution"]
# Neither reads well, and neither copies more than another text of the same kind has in common with this one. Smoothing
# is the reason: where a 5-gram was seen once or twice, most of its probability is handed down. Without it the model
# could only repeat what it has counted. [Chapter 11](11_responsibility.py) asks the same of a network.

# %% [markdown]
# **Next:** [2. Text to ids](02_text_to_ids.py). **In the documentation:** [how text is measured](../measurement.md),
# [glossary](../glossary.md).
