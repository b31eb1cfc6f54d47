"""Canaries: random secrets that are inserted into the training text, to measure how well a model remembers them.

A canary is a paragraph of its own, `the code of NAME is 4 0 7 7 1 9`. NAME and digits are drawn at random, so that
nothing but its repetitions in the training text can make a model prefer these digits to others. Some are inserted once,
some several times, and some never: those are the control.
"""

import json
import math
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from itertools import accumulate
from pathlib import Path
from typing import Any

import numpy as np

from halo.corpus.corpus import Corpus
from halo.runtime.atomic_files import atomic_write
from halo.runtime.errors import InputError, reason, require
from halo.tokenization.tokenizer import TextTokenizer

FILE_NAME = "canaries.json"
REPETITIONS = (1, 4, 16)
"""How often canaries are inserted, in turn."""

CONTROLS = 10
"""Number of canaries that are made and never inserted."""

SECRETS = 10**6
"""Number of different secrets that a canary may have, at least."""

MIN_SYMBOLS = 4
"""Length of a secret of other symbols than digits, at least."""

PREFIX_TOKENS = 4
"""Tokens before the secret where the vocabulary cannot write the usual sentence."""

WORD_KINDS = ("word", "whitespace")
LETTERS = "abcdefghijklmnopqrstuvwxyz"
MIN_NAME, MAX_NAME = 4, 12


@dataclass(frozen=True)
class Canary:
    """One secret and what stands before it.

    Attributes:
        text: The canary as text.
        prefix_ids: Token ids before the secret.
        secret: The symbols of the secret, as numbers of `Canaries.symbols`.
        repetitions: How often it is inserted; 0 for a control.
    """

    text: str
    prefix_ids: tuple[int, ...]
    secret: tuple[int, ...]
    repetitions: int


@dataclass(frozen=True)
class Canaries:
    """All canaries of a run.

    Attributes:
        form: How they are written, for readers.
        symbols: The token ids of each symbol that secrets are made of: several where a digit and its space are.
        canaries: The canaries, controls included.
    """

    form: str
    symbols: tuple[tuple[int, ...], ...]
    canaries: tuple[Canary, ...]

    def ids(self, canary: Canary) -> list[int]:
        """Returns the token ids of a canary, without `<eos>`."""
        return [*canary.prefix_ids, *(token for symbol in canary.secret for token in self.symbols[symbol])]

    @property
    def inserted(self) -> list[Canary]:
        """The canaries that are inserted."""
        return [canary for canary in self.canaries if canary.repetitions]

    @property
    def secrets(self) -> int:
        """Number of different secrets that each canary could have had."""
        return int(len(self.symbols) ** len(self.canaries[0].secret))

    def save(self, folder: Path, *, private: bool = False) -> None:
        """Writes canaries.json into the run folder; of a private run without text, since names are its words."""
        shown = replace(self, canaries=tuple(replace(each, text="") for each in self.canaries)) if private else self
        atomic_write(folder / FILE_NAME, json.dumps(asdict(shown), indent=1, ensure_ascii=False) + "\n")

    @classmethod
    def load(cls, folder: Path) -> "Canaries | None":
        """Returns the canaries of a run; None if it was trained without.

        Raises:
            InputError: The file is damaged.
        """
        file = folder / FILE_NAME
        if not file.exists():
            return None
        try:
            found = json.loads(file.read_text(encoding="utf-8"))
            symbols = tuple(_numbers(symbol) for symbol in found["symbols"])
            canaries = tuple(_canary(each, len(symbols)) for each in found["canaries"])
            if not canaries or not all(symbols):
                raise ValueError("no canaries, or a symbol without ids")
            return cls(str(found["form"]), symbols, canaries)
        except (OSError, ValueError, KeyError, TypeError, RecursionError) as error:
            problem = f"not the canaries of a run ({reason(error)}); restore it, or delete it to audit without"
            raise InputError(f"{file}: {problem}") from error


def _canary(found: dict[str, Any], num_symbols: int) -> Canary:
    canary = Canary(
        str(found["text"]), _numbers(found["prefix_ids"]), _numbers(found["secret"]), int(found["repetitions"])
    )
    if not canary.secret or not canary.prefix_ids or max(canary.secret) >= num_symbols:
        raise ValueError("a canary without a secret of its symbols")
    return canary


def _numbers(found: Sequence[Any]) -> tuple[int, ...]:
    numbers = tuple(int(number) for number in found)
    if any(number < 0 for number in numbers):
        raise ValueError("a number below 0")
    return numbers


def make_canaries(tokenizer: TextTokenizer, *, number: int, seed: int, controls: int = CONTROLS) -> Canaries:
    """Returns new canaries that the vocabulary can write without `<unk>`; the same seed returns the same ones.

    Where it lacks the words or the digits of the usual sentence, they are random tokens.

    Args:
        tokenizer: The tokenizer of the text.
        number: Number of canaries that are inserted; `REPETITIONS` says how often, in turn.
        seed: Seed of names and secrets.
        controls: Number of canaries that are never inserted.

    Raises:
        InputError: The vocabulary has too few words for so many different names.
    """
    generator = np.random.default_rng(seed)
    repetitions = [REPETITIONS[each % len(REPETITIONS)] for each in range(number)] + [0] * controls
    digits = [f" {digit}" for digit in range(10)]
    symbols = tuple(tuple(tokenizer.encode(digit)) for digit in digits)
    names = _names(tokenizer, len(repetitions), generator) if _can_write(tokenizer, digits, symbols) else None
    if names is None:
        return _random_canaries(tokenizer, repetitions, generator)
    length = round(math.log10(SECRETS))
    canaries = []
    for name, times in zip(names, repetitions, strict=True):
        secret = tuple(generator.integers(10, size=length).tolist())
        prefix = _prefix(name)
        text = prefix + "".join(digits[digit] for digit in secret)
        canaries.append(Canary(text, tuple(tokenizer.encode(prefix)), secret, times))
    return Canaries(_prefix("NAME") + " D" * length, symbols, tuple(canaries))


def _prefix(name: str) -> str:
    return f"the code of {name} is"


def _can_write(tokenizer: TextTokenizer, digits: Sequence[str], symbols: Sequence[tuple[int, ...]]) -> bool:
    """Returns whether the sentence has no `<unk>`, and its ids are those of its parts, one after the other."""
    prefix, all_digits = _prefix("the"), [token for symbol in symbols for token in symbol]
    ids = tokenizer.encode(prefix + "".join(digits))
    is_joined = ids == [*tokenizer.encode(prefix), *all_digits]
    return is_joined and tokenizer.unk_id not in ids


def _names(tokenizer: TextTokenizer, number: int, generator: np.random.Generator) -> list[str] | None:
    """Returns different names: words of the vocabulary, or of letters where tokens are no words; None if too few."""
    if tokenizer.kind in WORD_KINDS:
        words = [word for word in tokenizer.words() if word.isalpha() and MIN_NAME <= len(word) <= MAX_NAME]
        if len(words) < number:
            return None
        return [words[each] for each in generator.permutation(len(words))[:number]]
    drawn = ["".join(generator.permutation(list(LETTERS))[:6].tolist()) for _ in range(number)]
    is_known = all(tokenizer.unk_id not in tokenizer.encode(_prefix(name)) for name in drawn)
    return drawn if is_known and len(set(drawn)) == number else None


def _random_canaries(tokenizer: TextTokenizer, repetitions: Sequence[int], generator: np.random.Generator) -> Canaries:
    """Returns canaries of random tokens: a prefix, which is different for each, and a secret."""
    special = (tokenizer.unk_id, tokenizer.eos_id)
    tokens = [token for token in range(tokenizer.vocab_size) if token not in special]
    enough = len(tokens) > 1 and len(tokens) ** PREFIX_TOKENS >= 10 * len(repetitions)
    allowed = f"a vocabulary of {tokenizer.vocab_size} tokens has too few different canaries; use 0"
    require(enough, "audit.canaries", sum(1 for times in repetitions if times), allowed)
    length = max(MIN_SYMBOLS, math.ceil(math.log(SECRETS) / math.log(len(tokens))))
    prefixes: list[tuple[int, ...]] = []
    while len(prefixes) < len(repetitions):
        prefix = tuple(generator.choice(tokens, PREFIX_TOKENS).tolist())
        prefixes += [] if prefix in prefixes else [prefix]
    canaries = []
    for prefix, times in zip(prefixes, repetitions, strict=True):
        secret = tuple(generator.integers(len(tokens), size=length).tolist())
        text = tokenizer.decode([*prefix, *(tokens[symbol] for symbol in secret)])
        canaries.append(Canary(text, prefix, secret, times))
    form = f"{PREFIX_TOKENS} + {length} random tokens"
    return Canaries(form, tuple((token,) for token in tokens), tuple(canaries))


def insert_canaries(corpus: Corpus, canaries: Canaries, *, seed: int) -> Corpus:
    """Returns a corpus whose training split also has the canaries; its files stay as they are.

    Each is inserted after an `<eos>` that is drawn at random, or after a random token in a text with few of them, and
    ends in an `<eos>`. Between two documents it becomes a part of the second one. The ids of the training split are
    then in memory.

    Args:
        corpus: The prepared text.
        canaries: What to insert.
        seed: Seed of the places.

    Raises:
        InputError: The prepared text is at a URL.
    """
    ids, eos_id = corpus.ids["train"], corpus.tokenizer.eos_id
    number = len(canaries.inserted)
    allowed = "a prepared text on this machine is needed; give a folder as data.cache_dir"
    require(isinstance(ids, np.ndarray), "audit.canaries", number, allowed)
    generator = np.random.default_rng(seed)
    pieces = [[*canaries.ids(canary), eos_id] for canary in canaries.inserted for _ in range(canary.repetitions)]
    pieces = [pieces[each] for each in generator.permutation(len(pieces))]
    (ends,) = np.nonzero(np.asarray(ids) == eos_id)
    places = ends + 1 if len(ends) >= len(pieces) else np.arange(1, len(ids) + 1)
    chosen = np.sort(generator.choice(places, len(pieces), replace=len(pieces) > len(places)))
    lengths = np.array([len(piece) for piece in pieces])
    added = np.fromiter((token for piece in pieces for token in piece), dtype=ids.dtype, count=int(lengths.sum()))
    with_canaries = np.insert(ids, np.repeat(chosen, lengths), added)
    before = np.array([0, *accumulate(lengths.tolist())])
    old_offsets = np.asarray(corpus.offsets["train"])
    offsets = old_offsets + before[np.searchsorted(chosen, old_offsets)]
    offsets[-1] = len(with_canaries)
    note = (
        f"Canaries in the training split: {number} secrets (`{canaries.form}`), inserted {len(pieces):,} times in all: "
        f"{len(added):,} tokens, {len(added) / len(with_canaries):.2%} of it; audit.canaries=0 trains without"
    )
    counts, texts = corpus.counts["train"], [each.text for each in canaries.inserted for _ in range(each.repetitions)]
    return replace(
        corpus,
        ids={**corpus.ids, "train": with_canaries},
        offsets={**corpus.offsets, "train": offsets},
        counts={
            **corpus.counts,
            "train": replace(
                counts,
                words=counts.words + sum(len(text.split()) for text in texts),
                characters=counts.characters + sum(map(len, texts)),
                tokens=len(with_canaries),
                eos_tokens=counts.eos_tokens + len(pieces),
            ),
        },
        manifest={**corpus.manifest, "notes": [*corpus.manifest.get("notes", ()), note]},
    )
