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
# # 11. Responsibility
#
# [Chapter 7](07_overfitting.py) saw a network remember its text, and called it overfitting: a loss of perplexity. But
# the text was written by somebody. If a telephone number stands in it, who else can get it out of the model? And whom
# does the model expect to be the doctor?
#
# **The idea.** What a model has learned about its text, and about people, can be measured, with an experiment that has
# a known answer: plant something, train, and look for it. Always beside a control, that is, the same measurement on
# something that the model has *not* learned.

# %%
import copy
import math
from importlib.resources import files

import matplotlib.pyplot as plt
import numpy as np
import torch
from sklearn.metrics import roc_auc_score
from torch import Tensor, nn
from torch.nn import functional as F

import halo

# %% [markdown]
# ## A secret in the text
#
# The text is small again: eight documents of the training split, of which the 1,000 most frequent words count, and
# eight others that nobody trains on. Into the first eight we write secrets: `the number of NAME is 4 0 7 7`. Names and
# digits are drawn at random, so that nothing but the training text can tell which digits belong to which name. Such
# planted secrets are called **canaries** (Carlini et al. 2019). Four of them are inserted once, four twice, and so on
# up to sixteen times; four are made and never inserted, which is the control.

# %%
COMMON, STREAMS, WINDOW, EPOCHS = 1000, 10, 35, 10
DIGITS = COMMON + torch.arange(10)  # ids of the digits; those of the names follow
REPETITIONS = (0, 1, 2, 4, 8, 16)

corpus = halo.prepare()
tokenizer = corpus.tokenizer
order = np.random.default_rng(1).permutation(corpus.counts["train"].documents)
all_ids = torch.from_numpy(corpus.ids["train"].astype(np.int64))
all_ids = torch.where(all_ids < COMMON, all_ids, tokenizer.unk_id)
pool = list(all_ids.tensor_split(torch.from_numpy(corpus.offsets["train"].astype(np.int64))[1:-1]))
learning, others = [pool[number] for number in order[:8]], [pool[number] for number in order[8:16]]

generator = np.random.default_rng(1)
times = [number for number in REPETITIONS for _ in range(4)]  # how often each canary is inserted
codes = torch.from_numpy(generator.integers(10, size=(len(times), 4)))
VOCABULARY = COMMON + 10 + len(times)
the_number_of, is_word = tokenizer.encode("the number of")[:3], tokenizer.encode("is")[0]


def question(name: int) -> Tensor:
    """Returns the ids of `<eos> the number of NAME is`."""
    return torch.tensor([tokenizer.eos_id, *the_number_of, COMMON + 10 + name, is_word])


def canary(name: int) -> Tensor:
    """Returns the ids of a paragraph with a name and its secret, without its `<eos>`."""
    return torch.cat([question(name)[1:], DIGITS[codes[name]]])


def with_canaries(text: Tensor, times: list[int]) -> Tensor:
    """Returns a text with paragraphs inserted at random places, each canary as often as told."""
    paragraphs = list(text.tensor_split(torch.nonzero(text == tokenizer.eos_id).flatten()))  # each begins with <eos>
    inserted = [F.pad(canary(name), (1, 0), value=tokenizer.eos_id) for name in range(len(times))]
    secrets = [inserted[name] for name, number in enumerate(times) for _ in range(number)]
    places = np.random.default_rng(2).integers(1, len(paragraphs) + 1, size=len(secrets))
    for place, secret in sorted(zip(places, secrets, strict=True), key=lambda pair: -pair[0]):
        paragraphs.insert(place, secret)
    return torch.cat(paragraphs)


clean = torch.cat(learning)
text = with_canaries(clean, times)
print(f"{len(clean):,} words, and {sum(times)} paragraphs of 9 words with secrets")
assert len(text) == len(clean) + 10 * sum(times) == len(clean) + 10 * 124


class LanguageModel(nn.Module):
    """Word vectors, an LSTM and a softmax, as in chapter 6."""

    def __init__(self, units: int = 80) -> None:
        super().__init__()
        self.words = nn.Embedding(VOCABULARY, units)
        self.layer = nn.LSTM(units, units, batch_first=True)
        self.output = nn.Linear(units, VOCABULARY)

    def forward(self, ids: Tensor) -> Tensor:
        """Returns the logits of the word after each word, shape (B, T, V)."""
        logits: Tensor = self.output(self.layer(self.words(ids))[0])
        return logits


@torch.no_grad()
def losses(model: LanguageModel, ids: Tensor) -> Tensor:
    """Returns the loss of each word after the first, in nats, shape (B, T - 1)."""
    return F.cross_entropy(model(ids[:, :-1]).transpose(1, 2), ids[:, 1:], reduction="none")


def perplexity(model: LanguageModel, documents: list[Tensor]) -> float:
    """Returns the perplexity of documents, each read from its beginning."""
    return math.exp(torch.cat([losses(model, ids[None])[0] for ids in documents]).mean())


def train(text: Tensor, epochs: int = EPOCHS) -> list[LanguageModel]:
    """Trains a new model, and returns a copy after each epoch; the first is untrained."""
    torch.manual_seed(1)
    model = LanguageModel()
    optimizer = torch.optim.Adam(model.parameters(), lr=0.005)
    streams = text[: len(text) // STREAMS * STREAMS].view(STREAMS, -1)
    copies = [copy.deepcopy(model)]
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
        copies.append(copy.deepcopy(model))
    return copies


epochs = train(text)
model = epochs[-1]

# %% [markdown]
# > **Predict.** Ask for the likeliest words after `the number of NAME is`. Of how many of the four secrets does the
# > whole number come out if it was inserted 16 times? 4 times? Once?


# %%
@torch.no_grad()
def likeliest(model: LanguageModel, name: int) -> list[int]:
    """Returns the four words that a model finds likeliest after a name, one after the other."""
    ids = question(name)
    for _ in range(4):
        ids = torch.cat([ids, model(ids[None])[0, -1:].argmax(-1)])
    return ids[-4:].tolist()


def extracted(model: LanguageModel) -> dict[int, int]:
    """Returns the number of secrets that come out, by how often they were inserted."""
    comes_out = [likeliest(model, name) == DIGITS[codes[name]].tolist() for name in range(len(times))]
    return {number: sum(comes_out[4 * group :][:4]) for group, number in enumerate(REPETITIONS)}


for number, out in extracted(model).items():
    print(f"inserted {number:2} times: {out} of 4 come out")
assert extracted(model)[0] == 0
assert extracted(model)[16] >= 3

# %% [markdown]
# Whoever has the name gets the number. That a secret does not come out as the likeliest does not mean that it is not
# known: it may be the second guess of 10,000. The **exposure** counts guesses. Sort all 10,000 numbers by their
# probability after the name; a secret at rank $r$ has the exposure $\log_2 10000 - \log_2 r$ bits. It is 13.3 for
# the likeliest, and 1.44 on average for a secret of which the model knows nothing, whose rank is a matter of luck.


# %%
@torch.no_grad()
def exposure(model: LanguageModel, name: int) -> float:
    """Returns the exposure of a secret, in bits, among all numbers of four digits."""
    outputs, state = model.layer(model.words(question(name)[None]))
    total = torch.zeros(1)  # log-probability of each beginning, one more digit at a time
    outputs = outputs[:, -1]
    for place in range(4):
        total = (total[:, None] + model.output(outputs).log_softmax(-1)[:, DIGITS]).flatten()
        if place < 3:
            state = tuple(tensor.repeat_interleave(10, dim=1) for tensor in state)
            outputs, state = model.layer(model.words(DIGITS.repeat(len(total) // 10))[:, None], state)
            outputs = outputs[:, 0]
    own = total[int("".join(str(digit) for digit in codes[name].tolist()))]
    return math.log2(len(total)) - math.log2(int((total >= own).sum()))


def exposures(model: LanguageModel) -> np.ndarray:
    """Returns the exposure of each secret: a row for each number of insertions."""
    return np.array([exposure(model, name) for name in range(len(times))]).reshape(len(REPETITIONS), -1)


# %% alt="Exposure by number of insertions: near chance when never inserted, rising to the most possible, 13.3 bits."
found = exposures(model)
figure, axes = plt.subplots(figsize=(6, 4))
for column in found.T:
    axes.plot(range(len(REPETITIONS)), column, "o", color="tab:blue", alpha=0.5)
axes.plot(range(len(REPETITIONS)), found.mean(axis=1), color="tab:blue", label="mean of four")
axes.axhline(math.log2(10_000), color="gray", linestyle=":", label="likeliest of all")
axes.axhline(1 / math.log(2), color="gray", linestyle="--", label="chance")
axes.set(xticks=range(len(REPETITIONS)), xticklabels=REPETITIONS, xlabel="insertions", ylabel="exposure, bits")
axes.set(title="Said often enough, a secret is out")
axes.legend()
figure.tight_layout()

# %%
for number, row in zip(REPETITIONS, found, strict=True):
    print(f"inserted {number:2} times: {row.mean():4.1f} bits", row.round(1))
assert found[0].mean() < 5
assert found[-1].mean() > 11
assert found[:3].mean() + 3 < found[3:].mean()

# %% [markdown]
# ## Copied text
#
# Secrets are planted; what of the text itself? Let the model write, and look up each run of $n$ words in the training
# text. Texts of which neither was copied share runs of words too, *at the end of the*; so the eight other documents are
# looked up as well. Copying is what goes beyond them.
#
# > **Predict.** Of the runs of five words in the other documents, few stand in the training text. How many more of
# > those that the model writes: twice as many, ten times, a hundred times?


# %%
@torch.no_grad()
def write(model: LanguageModel, texts: int = 40, length: int = 200) -> Tensor:
    """Draws texts from the model's own distribution, shape (texts, length)."""
    torch.manual_seed(1)
    ids, state, written = torch.full((texts, 1), tokenizer.eos_id), None, []
    for _ in range(length):
        outputs, state = model.layer(model.words(ids), state)
        ids = torch.multinomial(model.output(outputs[:, 0]).softmax(-1), 1)
        written.append(ids)
    return torch.cat(written, dim=1)


def runs(ids: list[int], n: int) -> list[tuple[int, ...]]:
    """Returns all runs of n words that have no unknown word."""
    every = (tuple(ids[first : first + n]) for first in range(len(ids) - n + 1))
    return [run for run in every if tokenizer.unk_id not in run]


def copied(texts: list[list[int]], source: Tensor, n: int) -> float:
    """Returns the share of the runs of n words that stand in a source."""
    known = set(runs(source.tolist(), n))
    looked_up = [run for ids in texts for run in runs(ids, n)]
    return sum(run in known for run in looked_up) / len(looked_up)


other_texts, written = [ids.tolist() for ids in others], write(model).tolist()

# %% alt="Copied runs by length: with the secrets the model is far above other documents; without them it is not."
LENGTHS = range(2, 11)
shares = {
    "by the model, from the whole training text": [copied(written, text, n) for n in LENGTHS],
    "by the model, from all but the secrets": [copied(written, clean, n) for n in LENGTHS],
    "by other documents": [copied(other_texts, clean, n) for n in LENGTHS],
}
figure, axes = plt.subplots(figsize=(6, 4))
for name, values in shares.items():
    axes.plot(LENGTHS, 100 * np.array(values), marker="o", label=name)
axes.set(xlabel="words in a row", ylabel="stand in the training text, %", title="What is copied is what was repeated")
axes.legend()
figure.tight_layout()

# %%
of_all, of_clean, of_others = (values[LENGTHS.index(5)] for values in shares.values())
print(f"runs of 5: {of_all:.1%}, without the secrets {of_clean:.1%}, other documents {of_others:.1%}")
assert of_others < 0.01
assert of_clean < 0.01
assert of_all > 5 * of_others

# %% [markdown]
# Many times as many, but nearly all of them are from the planted paragraphs. Of what stood in the text once, so small a
# model copies no more than other documents share with it. What is copied is what was repeated. Without the control, and
# without a look at *what* was copied, both halves of that would have been missed.
#
# ## Who was in the training text?
#
# Without any secret coming out, one can ask whether a text *was trained on*: a model of patients' letters tells who was
# a patient. The simplest attack (Yeom et al. 2018) says "trained on" where the loss is low. Which loss is low? At each
# threshold the attack finds some of the passages that were trained on, the members, and wrongly accuses some of the
# others: that is the **ROC curve**. The area under it, the **AUC**, is the probability that a random member has a lower
# loss than a random non-member: 0.5 is guessing, 1 is certainty.
#
# > **Predict.** Passages of 50 words, eight documents on each side, drawn at random from the same corpus. What is the
# > AUC of the untrained model, of the best, and of the last?


# %%
def passages(documents: list[Tensor], length: int = 50) -> Tensor:
    """Returns the documents cut into passages, shape (passages, length)."""
    return torch.cat([ids[: len(ids) // length * length].view(-1, length) for ids in documents])


members, strangers = passages(learning), passages(others)


def scores(model: LanguageModel) -> tuple[np.ndarray, np.ndarray]:
    """Returns how likely members and strangers are to the model: minus the mean loss of each passage."""
    of_members, of_strangers = (-losses(model, side).mean(1).numpy() for side in (members, strangers))
    return of_members, of_strangers


def auc(of_members: np.ndarray, of_strangers: np.ndarray) -> float:
    """Returns how often a member has the higher score, over all pairs."""
    return float((of_members[:, None] > of_strangers).mean())


best = min(range(3, EPOCHS + 1), key=lambda epoch: perplexity(epochs[epoch], others))
aucs = {epoch: auc(*scores(epochs[epoch])) for epoch in (0, best, EPOCHS)}
of_members, of_strangers = scores(model)
every = np.concatenate([of_members, of_strangers])
is_member = np.arange(len(every)) < len(of_members)
mixed = np.random.default_rng(1).permuted(is_member)
shuffled = auc(every[mixed], every[~mixed])
print("AUC by epoch", {epoch: round(value, 2) for epoch, value in aucs.items()}, f"and shuffled {shuffled:.2f}")
assert abs(aucs[EPOCHS] - roc_auc_score(is_member, every)) < 1e-3
assert 0.42 < aucs[0] < 0.58
assert 0.42 < shuffled < 0.58
assert aucs[best] + 0.03 < aucs[EPOCHS]
assert aucs[EPOCHS] > 0.9

# %% alt="ROC curves: the last model far above the diagonal, the best one nearer to it, shuffled labels on it."
figure, axes = plt.subplots(figsize=(5, 4.5))
for name, (true, false) in {
    f"epoch {EPOCHS}": (of_members, of_strangers),
    f"epoch {best}": scores(epochs[best]),
    "shuffled labels": (every[mixed], every[~mixed]),
}.items():
    thresholds = np.sort(np.concatenate([true, false]))[::-1]
    found_share, accused = ((side >= thresholds[:, None]).mean(axis=1) for side in (true, false))
    axes.plot(accused, found_share, label=f"{name}, AUC {auc(true, false):.2f}")
axes.plot([0, 1], [0, 1], color="gray", linestyle="--")
axes.set(xlabel="strangers accused", ylabel="members found", title="Read before, or not?")
axes.legend()
figure.tight_layout()

# %% [markdown]
# The untrained model and the shuffled labels are the controls. If one of them were far from 0.5, the passages would
# differ in more than membership, for example by subject, and the attack would prove nothing about the model. Such
# mistakes have been published; `halo audit` therefore prints its controls beside its attacks.
#
# ## What helps
#
# Three remedies:
#
# - **Masking** replaces what looks like a number or an address before training. It is the only one that is certain, for
#   what it finds: the secrets that were never inserted show what is left, chance. It does not find names
#   ([privacy](../privacy.md)).
# - **Stopping early** costs nothing: all that it needs is in the run above.
# - **Removing duplicates** keeps one copy of each paragraph. We train again, on a text in which each secret stands
#   once.
#
# > **Predict.** 20 secrets are in the text. How many come out after all epochs, how many at the best epoch, and how
# > many without duplicates?

# %%
deduplicated = train(with_canaries(clean, [min(number, 1) for number in times]))[-1]
print(f"{'':18} secrets out  exposure, bits  AUC   perplexity of other text")
outcomes = {}
for name, each in {"all epochs": model, "stopped early": epochs[best], "no duplicates": deduplicated}.items():
    outcomes[name] = (sum(extracted(each).values()), (found if each is model else exposures(each))[1:].mean())
    numbers = f"{outcomes[name][0]:8} of 20 {outcomes[name][1]:12.1f} {auc(*scores(each)):9.2f}"
    print(f"{name:18} {numbers} {perplexity(each, others):8.0f}")
assert outcomes["all epochs"][0] >= 6
assert outcomes["no duplicates"][0] <= 4
assert outcomes["stopped early"][0] < outcomes["all epochs"][0]
assert outcomes["no duplicates"][1] < outcomes["all epochs"][1] - 2

# %% [markdown]
# Both help, for different things. Without duplicates hardly a secret comes out, but whoever has the document still sees
# that it was read: the AUC is as high as before. Stopping early lowers all of it, and improves the perplexity, too.
# None of the two makes anything safe: secrets that stand there once are still much more exposed than chance. A
# guarantee needs differential privacy, which costs more than a small text can pay ([privacy](../privacy.md)).
#
# ## Whom it expects
#
# A model also learns *about* people. Take a sentence of other text with *he* in it, and put *she* in its place: how
# many bits more does the word need? One direction alone says little, since in a sentence about somebody's mother *she*
# is expected with good reason. So we also take sentences with *she*, and put *he* there. **Half the difference** of the
# two cancels what the sentences give away. Above 0 the model expects *he*, below 0 *she*.
#
# > **Predict.** The eight documents have some *he* and some *she*, not equally many. Does the model only repeat their
# > ratio?

# %%
he, she = (tokenizer.encode(word)[0] for word in ("he", "she"))
unseen = [pool[number] for number in order[8:48]]  # forty documents that were not trained on


def contexts(word: int, before: int = 20) -> Tensor:
    """Returns the words before each place of a word in unseen text, shape (places, before)."""
    places = ((ids, at) for ids in unseen for at in torch.nonzero(ids == word).flatten().tolist())
    return torch.stack([ids[at - before : at] for ids, at in places if at >= before])


@torch.no_grad()
def bits_for_he(model: LanguageModel, ids: Tensor) -> float:
    """Returns how many bits more `she` needs than `he` after some words, on average."""
    logits = torch.cat([model.output(model.layer(model.words(some))[0][:, -1]) for some in ids.split(200)])
    return float((logits[:, he] - logits[:, she]).mean()) / math.log(2)


def swapped(model: LanguageModel) -> tuple[float, float, float]:
    """Returns the bits by which he is preferred where he stands, where she stands, and half their sum: the bias."""
    where_he, where_she = bits_for_he(model, after_he), bits_for_he(model, after_she)
    return where_he, where_she, (where_he + where_she) / 2


after_he, after_she = contexts(he), contexts(she)
counts = [int((text == word).sum()) for word in (he, she)]
ratio = math.log2(counts[0] / counts[1])
where_he, where_she, bias = swapped(epochs[best])
print(f"trained on {counts[0]} he and {counts[1]} she: {ratio:+.2f} bits")
print(
    f"{len(after_he)} places of he: {where_he:+.2f} bits, {len(after_she)} of she: {where_she:+.2f}, bias {bias:+.2f}"
)
assert counts == [11, 19]
assert abs(swapped(epochs[0])[2]) < 0.3
assert -1.6 < bias < -0.2
assert abs(where_he - where_she) < 0.7

# %% [markdown]
# Nearly that: this small model hardly tells from the words before whether a man or a woman is meant, and says *she*
# more often because its eight documents do. The untrained model, the control, prefers neither. In larger texts the
# ratio differs with the subject, and models learn that as well: who is the nurse, and who the doctor. That a bias comes
# from the text is an explanation, not an excuse: somebody chose the text. `halo` measures it with whole sentences and
# intervals over documents, for names as well, and writes it into the card ([cards](../cards.md)).
#
# ## Reading a card
#
# What was measured has to be told to those who use a model. A **model card** says what it is for and what not, how well
# it does, for whom, and what it remembers (Mitchell et al. 2019); a **data card** where the text comes from, and what
# is wrong with it (Gebru et al. 2021). Here is that of the corpus of this course.

# %%
card = files("halo").joinpath("corpora/README.md").read_text(encoding="utf-8")
print(card[card.index("**Origin.**") :])
assert "Synthetic" in card
assert "**Licence.** Apache-2.0" in card
assert "any resemblance is coincidental" in card

# %% [markdown]
# Read it with the questions of this chapter. *May it be used?* Yes, the licence says so. *Whose secrets are in it?*
# Nobody's: persons and places are invented, and that is why this course could take it. *What can a model of it not be
# used for?* Medical advice, and conclusions about how people talk. *What is not said?* How often men and women occur in
# it, which we had to count. Now the few lines that a card of our own model would need:

# %%
print(
    f"Trained on 8 synthetic documents, {EPOCHS} epochs; perplexity of other text {perplexity(model, others):.0f}.\n"
    f"Memorisation: {outcomes['all epochs'][0]} of 20 planted secrets come out. Of its runs of five words\n"
    f"{of_all:.1%} are copied, in other text {of_others:.1%}. Membership: AUC {aucs[EPOCHS]:.2f}.\n"
    f"Bias: {swapped(model)[2]:+.1f} bits for he.\n"
    "Not for: anything but this course. With a text of real people: do not share."
)

# %% [markdown]
# Would you share it? `halo audit` answers for any trained model, with the figures of this chapter, and gives its
# reasons ([audit](../audit.md)).
#
# ## Exercises
#
# ### Exercise 1
#
# An AUC is an average, and an accused stranger may suffer from it. Which share of the members is found if at most 1 %
# of the strangers may be accused? Compare the best and the last epoch.


# %% tags=["solution"]
def found_at(of_members: np.ndarray, of_strangers: np.ndarray, accused: float = 0.01) -> float:
    """Returns the share of members above the score that only a share of the strangers reaches."""
    return float((of_members > np.quantile(of_strangers, 1 - accused, method="higher")).mean())


found_best, found_last = found_at(*scores(epochs[best])), found_at(*scores(model))
print(f"epoch {best}: {found_best:.0%} found, epoch {EPOCHS}: {found_last:.0%}; guessing finds 1 %")
assert 0.01 < found_best < found_last
assert found_at(every[mixed], every[~mixed]) < 0.05

# %% [markdown]
# ### Exercise 2
#
# What is the longest run of words that the model has copied, with the secrets and without them? Is it longer than the
# longest run that the other documents share with the training text? Print it: would its author recognise it?


# %% tags=["solution"]
def longest(texts: list[list[int]], source: Tensor) -> tuple[int, ...]:
    """Returns the longest run of words that stands in a source."""
    run: tuple[int, ...] = ()
    while True:
        known = set(runs(source.tolist(), len(run) + 1))
        longer = next((each for ids in texts for each in runs(ids, len(run) + 1) if each in known), None)
        if longer is None:
            return run
        run = longer


spans = [longest(written, text), longest(written, clean), longest(other_texts, clean)]
for span in spans:
    print(len(span), "words:", " ".join(tokenizer.token(word) if word < COMMON else "*" for word in span))
assert len(spans[0]) > max(len(spans[1]), len(spans[2]))

# %% [markdown]
# ### Exercise 3
#
# Does the bias come from the text? Exchange *he* and *she* in the training text, train three epochs, and compare with
# the model after three epochs of the text as it is. What do you expect?

# %% tags=["solution"]
exchanged = text.clone()
exchanged[text == he], exchanged[text == she] = she, he
before, after = swapped(epochs[3])[2], swapped(train(exchanged, epochs=3)[-1])[2]
print(f"bias {before:+.2f} bits, with he and she exchanged {after:+.2f}")
assert before < 0 < after

# %% [markdown] tags=["solution"]
# It turns round. A training text with both versions of each sentence would have no bias of this kind
# (counterfactual data augmentation, Lu et al. 2020). It costs nothing but time.

# %% [markdown]
# ## What the course has shown
#
# A probability is a share of counts (1), of whatever somebody decided to call a word (2). Counting can be learned by a
# network (3); a state carries what was read (4), if the gradients survive the way back (5), for which there are gates
# (6). Only text that played no part in any choice says what a model is worth (7); on small data each remedy has to be
# measured (8). A good model and a bad way to draw from it give bad text (9). Looking back can replace the state, if
# there is enough to learn from (10). And what a model has learned belongs to somebody, and is about somebody (11).
#
# One habit ran through all of it: predict, measure, and put a control beside every figure.
#
# **In the documentation:** [audit](../audit.md), [privacy](../privacy.md), [cards](../cards.md),
# [original experiment and results](../recipe.md), [overview of the course](index.md).
