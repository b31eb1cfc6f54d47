"""Prompts: their ids, the file or pipe that one comes from, and beginnings of the training text that suit as one."""

import contextlib
import functools
import io
import logging
import os
import stat
import sys
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

import numpy as np

from halo.config import CleaningConfig
from halo.corpus.cleaning.pipeline import clean
from halo.corpus.cleaning.white_space import lines_to_paragraphs, paragraphs
from halo.runtime.errors import InputError, reason
from halo.tokenization.tokenizer import TextTokenizer, TokenIds

log = logging.getLogger(__name__)

MAX_PROMPT_BYTES = 2**24
"""The largest prompt that is read from a file or pipe: some million words."""

STANDARD_INPUT = "-"

MAX_TOKENS = 200_000
"""Tokens of the text that are looked at."""

TOKENS_OF_A_BEGINNING = 24
"""More than two words have, in characters or subwords."""

MAX_CHARACTERS = 30
MAX_SHOWN = 60
"""Characters of a prompt that a message shows."""


class EncodedPrompt(NamedTuple):
    """A prompt as token ids.

    Attributes:
        ids: The token ids.
        unknown: Its words outside the vocabulary.
    """

    ids: list[int]
    unknown: list[str]


def encode_prompt(
    prompt: str, tokenizer: TextTokenizer, cleaning: CleaningConfig, *, eos: str = "document", key: str = "prompt"
) -> list[int]:
    """Returns the token ids of a prompt; see `encode_quietly`. Words outside the vocabulary are logged."""
    encoded = encode_quietly(prompt, tokenizer, cleaning, eos=eos, key=key)
    if encoded.unknown:
        log.info("Words of %s outside the vocabulary: %s", key, ", ".join(encoded.unknown))
    return encoded.ids


def encode_quietly(
    prompt: str, tokenizer: TextTokenizer, cleaning: CleaningConfig, *, eos: str = "document", key: str = "prompt"
) -> EncodedPrompt:
    """Returns the token ids of a prompt, cleaned like the training text, and logs nothing.

    Args:
        prompt: The text.
        tokenizer: The vocabulary.
        cleaning: The cleaning of the training text.
        eos: Where the training text has `<eos>`, see `TokenizerConfig`; one is put between paragraphs, or lines, of the
            prompt, but none at its end.
        key: The setting that holds the text, for messages.

    Raises:
        InputError: The prompt is empty, or none of its words is in the vocabulary.
    """
    text = clean(lines_to_paragraphs(prompt) if eos == "line" else prompt, cleaning)
    shown = prompt if len(prompt) <= MAX_SHOWN else f"{prompt[:MAX_SHOWN]}..."
    if not text:
        raise InputError(f"{key}={shown!r}: contains no words; give the beginning of a sentence")
    words = [word for part in paragraphs(text) for word in tokenizer.tokens(part)]
    ids = [token_id for part in paragraphs(text) for token_id in tokenizer.encode(part)]
    unknown = [word for word, token_id in zip(words, ids, strict=True) if token_id == tokenizer.unk_id]
    if len(unknown) == len(words):
        raise InputError(f"{key}={shown!r}: the model knows none of these words; use words of its training text")
    if eos != "document":
        ids = [token_id for part in paragraphs(text) for token_id in (tokenizer.eos_id, *tokenizer.encode(part))][1:]
    return EncodedPrompt(ids, unknown)


def has_piped_input() -> bool:
    """Returns whether standard input is a pipe or a file, rather than a terminal or nothing."""
    try:
        mode = os.fstat(sys.stdin.fileno()).st_mode
    except (AttributeError, OSError, ValueError):  # no standard input, or a closed one
        return False
    return stat.S_ISFIFO(mode) or stat.S_ISREG(mode) or stat.S_ISSOCK(mode)


def read_prompt(source: str) -> str:
    """Returns the text of a prompt file, or of standard input.

    Args:
        source: A file of UTF-8 text, or `-` for standard input, which is read once for all jobs of a sweep.

    Raises:
        InputError: It cannot be read, is too large, empty, or not text.
    """
    place = "standard input" if source == STANDARD_INPUT else f"prompt_file={source}"
    if source != STANDARD_INPUT and Path(source).is_dir():
        raise InputError(f"{place}: is a folder; name a file with one prompt")
    try:
        content = _standard_input() if source == STANDARD_INPUT else _read_file(Path(source))
    except (OSError, ValueError) as error:
        raise InputError(f"{place}: cannot be read ({reason(error)}); name a file with one prompt") from error
    if len(content) > MAX_PROMPT_BYTES:
        raise InputError(f"{place}: more than {MAX_PROMPT_BYTES:,} bytes; a prompt is the beginning of one text")
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise InputError(f"{place}: not UTF-8 text (byte {error.start:,}); save it as UTF-8") from error
    if "\0" in text:
        raise InputError(f"{place}: holds NUL characters, as files that are no text do; save it as UTF-8 text")
    if not text.strip():
        raise InputError(f"{place}: is empty; write the beginning of a text in it")
    return text.rstrip("\r\n")


@functools.cache
def _standard_input() -> bytes:
    return sys.stdin.buffer.read(MAX_PROMPT_BYTES + 1)


def _read_file(file: Path) -> bytes:
    with file.open("rb") as stream:
        return stream.read(MAX_PROMPT_BYTES + 1)


def typed_lines(first: Iterable[str] = ()) -> Iterator[str]:
    """Yields given lines, then those that are typed in a terminal, with arrows for the earlier ones, or piped in.

    Args:
        first: The lines that come before what is typed.
    """
    yield from first
    if isinstance(sys.stdin, io.TextIOWrapper):
        sys.stdin.reconfigure(errors="replace")
    if sys.stdin is None or not (sys.stdin.isatty() and sys.stdout.isatty()):
        yield from (line.rstrip("\r\n") for line in sys.stdin or ())
        return
    with contextlib.suppress(ImportError):  # Python without the library: lines without arrows
        import readline  # noqa: F401  `input` uses it

    while True:
        try:
            yield input("> ")
        except EOFError:
            print()
            return


def frequent_beginnings(ids: TokenIds, tokenizer: TextTokenizer, *, number: int = 2) -> list[str]:
    """Returns the most frequent first two words of paragraphs, the most frequent first; of equals the earlier one.

    A beginning ends before an unknown word, so it may be one word. Paragraphs that begin with an unknown word, or whose
    beginning has no letter, are left out, so there may be fewer.

    Args:
        ids: Token ids of the text, shape (num_tokens,).
        tokenizer: Its vocabulary.
        number: The number of beginnings.
    """
    ids = np.asarray(ids[:MAX_TOKENS])
    starts = [0, *(np.flatnonzero(ids == tokenizer.eos_id) + 1)]
    found = (_beginning(ids[start : start + TOKENS_OF_A_BEGINNING], tokenizer) for start in starts)
    counts = Counter(each for each in found if each is not None)
    return [beginning for beginning, _ in counts.most_common(number)]


def _beginning(ids_T: TokenIds, tokenizer: TextTokenizer) -> str | None:
    ends = np.flatnonzero((ids_T == tokenizer.eos_id) | (ids_T == tokenizer.unk_id))
    known = ids_T[: ends[0]] if len(ends) else ids_T
    if tokenizer.kind in ("word", "whitespace"):
        text = tokenizer.decode(known[:2].tolist())
    elif " " not in tokenizer.vocabulary():  # a sequence, such as a genome
        text = tokenizer.decode(known[: 12 if tokenizer.kind == "char" else 2].tolist())
    else:  # the last word may be cut off
        text = " ".join(tokenizer.decode(known.tolist()).split()[:-1][:2])
    is_usable = any(map(str.isalpha, text)) and len(text) <= MAX_CHARACTERS
    return text if is_usable else None
