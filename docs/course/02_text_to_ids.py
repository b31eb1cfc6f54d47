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
# # 2. Text to ids
#
# A model never sees a word. It sees numbers, and somebody decided which: what was cleaned away, what counts as a word,
# which words are known at all, and in what order they are read. These decisions are made before any training, and each
# of them changes what a perplexity means.
#
# **The idea.** Between a text and a model stand four small machines: cleaning, tokenization, a vocabulary, and
# batching. None of them is clever, and all of them matter.

# %%
import dataclasses
import json
from collections import Counter
from itertools import pairwise

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.patches import Rectangle

import halo
from halo.api.composing import compose_settings
from halo.config import PrepareConfig, parse
from halo.corpus.cleaning.pipeline import clean
from halo.corpus.sources.discovery import CORPORA_DIR
from halo.data.streams import IGNORED, StreamLoader
from halo.models.ngram.unigram import Unigram

# %% [markdown]
# ## Cleaning, step by step
#
# Text from the world holds things that are no words: characters that cannot be seen, tags, quotation marks of five
# kinds, addresses. Cleaning runs a list of small steps, and `data.cleaning.steps` says which. Here is a short text with
# something for each of them.

# %%
untidy = """The ﬁrst do\u200bse — of BioNTech’s vac-
cine — was free&nbsp;of charge… 😷 The vaccine? See https://www.who.int, write to jane.doe@example.org
or @JaneDoe, or call +44 20 7946 0958. <b>PCR</b> costs £85, R0 was 2.5."""

settings = parse(compose_settings("prepare", [], config_dir=None), PrepareConfig).data
after = {}
previous = clean(untidy, dataclasses.replace(settings.cleaning, steps=[], case="keep"))
for number, step in enumerate(settings.cleaning.steps, 1):
    after[step] = clean(
        untidy, dataclasses.replace(settings.cleaning, steps=settings.cleaning.steps[:number], case="keep")
    )
    changed = [word for word in after[step].split() if word not in previous.split()]
    print(f"{step:12}", " ".join(changed) or "(only removes)")
    previous = after[step]
print(f"\n{clean(untidy, settings.cleaning)}")

# %% [markdown]
# `\u200b` is a space without width in the middle of `dose`: nobody sees it, and without the step `control` it would be
# a word of its own kind for ever. `vac-cine` becomes `vaccine` only because the text has that word elsewhere. The last
# line is the result, in which letter case has been lowered too, except where it carries meaning, as in `PCR`.
#
# The placeholders deserve a second look. `<email>` is one word that stands for all addresses. A model cannot repeat an
# address that it has never seen, but the name `JaneDoe` is gone only because it had an @ before it ([what is masked,
# and what is not](../privacy.md)).

# %%
assert "dose" not in untidy
assert "dose" in after["control"]
assert "first" in after["unicode"]
assert "<b>" not in after["html"]
assert "vaccine" in after["hyphenation"]
assert "BioNTech's" in after["typography"]
assert "jane.doe@example.org" in after["urls"]
assert "<email>" in after["emails"]
assert "😷" in after["handles"]
assert "😷" not in after["special"]

# %% [markdown]
# ## What is a word?
#
# > **Predict.** The corpus has 229,000 words separated by white space, of which about 21,800 are different. How many
# > are left if punctuation marks are words of their own, so that `masks`, `masks,` and `"masks"` share one: 20,000,
# > 12,000 or 5,000? And which does more after that, the cleaning steps or the lower case?

# %%
corpus = halo.prepare()
tokenizer = corpus.tokenizer
lines = (CORPORA_DIR / "covid_discussions.jsonl").read_text(encoding="utf-8").splitlines()
documents = [json.loads(line)["text"] for line in lines]


def tokens_of(texts: list[str]) -> list[str]:
    """Returns the words and punctuation marks of texts, one after the other."""
    return [token for text in texts for paragraph in text.split("\n\n") for token in tokenizer.tokens(paragraph)]


cleaned = [clean(text, dataclasses.replace(settings.cleaning, case="keep")) for text in documents]
lowered = [clean(text, settings.cleaning) for text in documents]
tokens = tokens_of(lowered)
different = {
    "separated by white space": len({word for text in documents for word in text.split()}),
    "marks apart": len(set(tokens_of(documents))),
    "and cleaned": len(set(tokens_of(cleaned))),
    "and in lower case": len(set(tokens)),
}
for stage, count in different.items():
    print(f"{stage:26}{count:7,}")

# %%
by_space, marks_apart, and_cleaned, in_lower_case = different.values()
assert 21_000 < by_space < 22_500
assert 12_000 < marks_apart < 12_700
assert marks_apart - and_cleaned < 50  # this corpus is tidy: it was written for the purpose
assert 1_000 < and_cleaned - in_lower_case < 1_600

# %% [markdown]
# Splitting off punctuation nearly halves the number of words: what was learned about `masks` now also holds before a
# comma. On a tidy text the cleaning steps do next to nothing. On a scraped one they decide whether it can be used.
#
# ## Few words are frequent, most are rare
#
# Sort the words by frequency, and plot frequency by rank. In all known languages the result is close to a straight line
# on logarithmic axes, Zipf's law: the word of rank 1,000 is about a tenth as frequent as that of rank 100. The second
# picture asks how many different words there are in the first N words of the text. If the vocabulary were ever
# complete, the line would turn flat.
#
# > **Predict.** How many of the 11,000 different words occur exactly once? Does the second line turn flat?

# %% alt="Left, frequency by rank falls along a straight line. Right, the number of words grows without levelling off."
counts = Counter(tokens)
ranked = np.array(sorted(counts.values(), reverse=True))
generator = np.random.default_rng(0)
shuffled = [tokens[index] for index in generator.permutation(len(tokens))]  # so that the order of topics plays no part
sizes = [*(1000 * 2 ** np.arange(8)), len(tokens)]
growth = [len(set(shuffled[:size])) for size in sizes]
figure, (left, right) = plt.subplots(1, 2, figsize=(7, 3.5))
left.loglog(np.arange(1, len(ranked) + 1), ranked)
left.set(xlabel="rank", ylabel="occurrences", title="Zipf's law")
right.loglog(sizes, growth, marker="o")
right.set(xlabel="words read", ylabel="different words", title="Heaps' law")
figure.tight_layout()

# %%
once = int((ranked == 1).sum())
exponent = np.polyfit(np.log(sizes), np.log(growth), 1)[0]
print(f"{once:,} of {len(counts):,} words occur once; the vocabulary grows like N^{exponent:.2f}")
assert 0.38 < once / len(counts) < 0.44
assert 0.5 < exponent < 0.75

# %% [markdown]
# Four words in ten occur a single time. The second line bends a little, but new text always brings new words. So no
# vocabulary is complete, and nothing can be learned about a word from a single occurrence. Both problems have the same
# remedy: words that occur only once in the training text become `<unk>`, *unknown*. The model learns how unknown words
# are used in general, and is prepared for those of new text.

# %%
sentence = "the epidemiologist met the virologist and the zookeeper."
ids = tokenizer.encode(sentence)
print(ids)
print([tokenizer.token(token_id) for token_id in ids])
assert ids.count(tokenizer.encode("the")[0]) == 3
assert ids[-3:].count(tokenizer.unk_id) == 1  # zookeeper

# %% [markdown]
# Ids are ordered by frequency; 0 is `<unk>` and 1 is `<eos>`, which ends each paragraph. The vocabulary comes from the
# training split alone. If words of the validation text were in it, the model would be told beforehand what it is about
# to be asked.
#
# ## A smaller vocabulary looks better
#
# > **Predict.** We keep only the most frequent 1,000 words, or 100, or 10, and all others become `<unk>`. Does the
# > perplexity of the validation text rise or fall? Is the model better or worse?

# %%
train_ids, validation_ids = np.asarray(corpus.ids["train"]), np.asarray(corpus.ids["validation"])
perplexity_of_size, unknown_of_size = {}, {}
for size in (tokenizer.vocab_size, 1000, 100, 10):
    kept_train, kept_validation = (
        np.where(text < size, text, tokenizer.unk_id) for text in (train_ids, validation_ids)
    )
    total_nll = Unigram(kept_train, size).total_nll(kept_validation)
    perplexity_of_size[size] = np.exp(total_nll / len(kept_validation))
    unknown_of_size[size] = np.mean(kept_validation == tokenizer.unk_id)
    print(f"{size:6,} words: perplexity {perplexity_of_size[size]:6.1f}, {unknown_of_size[size]:4.0%} unknown")
assert sorted(perplexity_of_size.values(), reverse=True) == [*perplexity_of_size.values()]
assert 355 < perplexity_of_size[tokenizer.vocab_size] < 357  # as in chapter 1
assert 3 < perplexity_of_size[10] < 6
assert unknown_of_size[10] > 0.5

# %% [markdown]
# The perplexity falls and falls, and the model knows less and less: `<unk>` is easy to predict when everything is
# unknown. A perplexity can only be compared with another one of the same words, and it should never be reported without
# the share of unknown words. Where vocabularies differ, *bits per character* with a price for spelling out each unknown
# word is the fair measure ([which figures can be compared](../measurement.md#which-figures-can-be-compared)).
#
# ## Streams: many readers side by side
#
# A computer is fast when it does many things at once. So the text, one long row of ids, is cut into as many equal
# **streams** as a batch is to have rows, and all of them are read side by side, a **window** of a few words at a time.
# What each row has to predict is the same row shifted by one word.
#
# > **Predict.** 24 words, four streams, windows of three words. Which word is read after the last word of the first row
# > of the first window?

# %% alt="24 words in four rows: each row is a stream of six consecutive words, cut into two windows of three."
num_streams, window_length = 4, 3
few_ids = np.asarray(corpus.ids["train"][:24])
streams = few_ids.reshape(num_streams, -1)
figure, axes = plt.subplots(figsize=(7, 2.8))
for row in range(num_streams):
    for column in range(streams.shape[1]):
        color = ("#cfe2f3", "#fce5cd")[column // window_length]
        axes.add_patch(Rectangle((column, row), 1, 1, facecolor=color, edgecolor="white"))
        axes.text(column + 0.5, row + 0.5, tokenizer.token(int(streams[row, column])), ha="center", va="center")
axes.set(xlim=(0, streams.shape[1]), ylim=(num_streams, 0), title="Window 1 (left), then window 2 (right)")
axes.set_xticks([])
axes.set_yticks(np.arange(num_streams) + 0.5, [f"stream {row + 1}" for row in range(num_streams)])
figure.tight_layout()

# %%
loader = StreamLoader(few_ids, eos_id=tokenizer.eos_id, batch_size=num_streams, sequence_length=window_length)
first, second = loader
print("inputs ", [tokenizer.token(token_id) for token_id in first.inputs_BT[0].tolist()])
print("targets", [tokenizer.token(token_id) for token_id in first.targets_BT[0].tolist()])
assert np.array_equal(np.hstack([first.targets_BT, second.targets_BT]), streams)  # each word is a target exactly once
assert first.inputs_BT[0, 1:].tolist() == first.targets_BT[0, :-1].tolist()  # shifted by one word
assert second.inputs_BT[:, 0].tolist() == first.targets_BT[:, -1].tolist()  # each row goes on where it stopped

# %% [markdown]
# The first row of the second window goes on where the first row of the first one stopped. This is what lets a recurrent
# network remember: its state after a window belongs to the same stream as the next window ([chapter
# 4](04_recurrent_network.py)). Shuffling windows, as one shuffles pictures, would destroy it.
#
# **What we have.** A row of numbers, a known share of it `<unk>`, folded into streams. From here on, a text is a
# matrix.
#
# ## Exercises
#
# ### Exercise 1
#
# Prepare the corpus with capital letters kept (`halo.prepare("data.cleaning.case=keep")`). How does the size of the
# vocabulary change, and how the number of unknown words? Why both in this direction?

# %% tags=["solution"]
with_capitals = halo.prepare("data.cleaning.case=keep")
unknown, unknown_with_capitals = (
    each.counts["validation"].unknown_tokens / each.counts["validation"].tokens for each in (corpus, with_capitals)
)
print(f"{tokenizer.vocab_size:,} -> {with_capitals.tokenizer.vocab_size:,} words")
print(f"{unknown:.1%} -> {unknown_with_capitals:.1%} unknown")
assert with_capitals.tokenizer.vocab_size > tokenizer.vocab_size
assert unknown_with_capitals > unknown

# %% [markdown] tags=["solution"]
# `The` and `the` are two words now, so there are more of them. Each is rarer, so more of them occur just once, or not
# at all in the training text.

# %% [markdown]
# ### Exercise 2
#
# Fit Heaps' law, $V = K N^\beta$, to the first half of the shuffled words, and foretell the number of different words
# of the whole. Is it too many or too few, and why?

# %% tags=["solution"]
half = [size for size in sizes if size < len(tokens) / 2]
beta, log_k = np.polyfit(np.log(half), np.log([len(set(shuffled[:size])) for size in half]), 1)
foretold = np.exp(log_k) * len(tokens) ** beta
print(f"foretold {foretold:,.0f}, found {len(counts):,}")
assert 1.15 < foretold / len(counts) < 1.4

# %% [markdown] tags=["solution"]
# Too many. A text on one subject slowly runs out of the words of its subject, so the line bends. Heaps' law describes
# it well where it was fitted, and badly beyond, as most fitted lines do.

# %% [markdown]
# ### Exercise 3
#
# Write a function that folds ids into streams and windows as `StreamLoader` does, for a text whose length the number of
# streams does not divide. Stream $b$ of $B$ begins at $\lfloor b N / B \rfloor$; where a stream is one word shorter,
# its last target is `IGNORED`. Check it on the whole training text with 28 streams and windows of 25 words.


# %% tags=["solution"]
def windows_of(text: np.ndarray, batch_size: int, length: int) -> list[np.ndarray]:
    """Returns the targets of each window, shape (batch_size, at most length)."""
    bounds = [stream * len(text) // batch_size for stream in range(batch_size + 1)]
    longest = max(np.diff(bounds))
    rows = np.full((batch_size, longest), IGNORED)
    for row, (begin, end) in enumerate(pairwise(bounds)):
        rows[row, : end - begin] = text[begin:end]
    return [rows[:, begin : begin + length] for begin in range(0, longest, length)]


ours = windows_of(train_ids, 28, 25)
loader = StreamLoader(train_ids, eos_id=tokenizer.eos_id, batch_size=28, sequence_length=25)
assert len(ours) == len(loader)
assert all(np.array_equal(window, of_loader.targets_BT) for window, of_loader in zip(ours, loader, strict=True))
assert sum(of_loader.num_targets for of_loader in loader) == len(train_ids)

# %% [markdown]
# **Next:** [3. A neural bigram](03_neural_bigram.py). **In the documentation:** [text preparation](../text.md),
# [measurement](../measurement.md), [glossary](../glossary.md).
