"""Tables with a word a row -> texts, and the scores of each row in the context of its text."""

import math
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from halo.runtime.errors import InputError
from halo.scoring.files.items import Item, Items
from halo.scoring.scored_text import ScoredText, ScoredWord
from halo.scoring.scorer import Scorer

MAX_LISTED = 12
EMPTY = "empty"
"""The note of a row without a word."""


class WordRow(NamedTuple):
    """A row of a table that has a word a row.

    Attributes:
        item: The row: the word is its text.
        text_id: The text that the word belongs to.
        position: The number of the word in its text, from 0; rows of different readers may have the same one.
    """

    item: Item
    text_id: str
    position: int


class WordTable(NamedTuple):
    """The rows of a table, and the texts that they are.

    Attributes:
        rows: The rows in their order.
        texts: The words of each text, in order.
    """

    rows: list[WordRow]
    texts: dict[str, list[str]]


def read_word_table(items: Items, *, group_field: str, order_field: str | None) -> WordTable:
    """Returns the texts that the rows of a table are the words of.

    Args:
        items: The rows, with the word as text.
        group_field: The column that says which text a word belongs to.
        order_field: The column with the number of the word in its text, by which the words of a text are put in order;
            rows with the same number are the same word, read by several readers. None: the order of the rows.

    Raises:
        InputError: A column is missing, a text or number is missing, or two words have the same number.
    """
    for key, name in (("group_field", group_field), ("order_field", order_field)):
        if name is not None:
            require_column(items, key, name)
    rows = [(_text_id(item, group_field), _order(item, order_field), item) for item in items.rows]
    words: dict[str, dict[float, Item]] = {}
    for number, (text_id, order, item) in enumerate(rows):
        text = words.setdefault(text_id, {})
        other = text.setdefault(number if order is None else order, item)
        if other.text.strip() != item.text.strip():
            raise InputError(
                f"{item.location}: {item.text.strip()!r} has the {order_field} of {other.text.strip()!r} in the same "
                f"text, {group_field}={text_id} ({other.location}); give each word of a text its own number"
            )
    places = {name: {order: place for place, order in enumerate(sorted(text))} for name, text in words.items()}
    return WordTable(
        [
            WordRow(item, text_id, places[text_id][number if order is None else order])
            for number, (text_id, order, item) in enumerate(rows)
        ],
        {name: [text[order].text for order in sorted(text)] for name, text in words.items()},
    )


def require_column(items: Items, key: str, name: str) -> None:
    """Raises `InputError` unless a file has a column besides that of the words."""
    if name in items.names:
        return
    listed = ", ".join(map(repr, items.names[:MAX_LISTED])) or "none"
    more = f", and {len(items.names) - MAX_LISTED} more" if len(items.names) > MAX_LISTED else ""
    raise InputError(f"{key}={name}: no such column in {items.name} (columns: {listed}{more}); name one of them")


def score_words(texts: Mapping[str, Sequence[str]], scorer: Scorer) -> dict[str, list[ScoredWord]]:
    """Returns the scores of the words of each text, read one after the other with spaces between them.

    Args:
        texts: The words of each text, as rows give them: one that has spaces inside has the sum of its parts.
        scorer: Scores the texts.
    """
    joined = [" ".join(words) for words in texts.values()]
    scored = scorer.score(joined)
    return {name: _by_row(words, each) for (name, words), each in zip(texts.items(), scored, strict=True)}


def _by_row(words: Sequence[str], scored: ScoredText) -> list[ScoredWord]:
    """Returns the scores of each word that was joined, from those of the words between spaces."""
    rows, start, first = [], 0, 0
    for word in words:
        end = start + len(word)
        last = first
        while last < len(scored.words) and scored.words[last].end <= end:
            last += 1
        rows.append(_merge(word, start, scored.words[first:last]))
        start, first = end + 1, last
    return rows


def _merge(text: str, start: int, parts: Sequence[ScoredWord]) -> ScoredWord:
    """Returns the scores of a word whose parts have scores of their own: sums, and the predictions before the first."""
    if not parts:
        return ScoredWord(text, start, start + len(text), None, note=EMPTY)
    if len(parts) == 1:
        return parts[0]
    given = [part for part in parts if part.num_tokens]
    bits = _sum(part.bits for part in given)
    frequencies = [part.log_frequency for part in given if part.log_frequency is not None]
    return (given or parts)[0]._replace(
        text=text,
        start=start,
        end=start + len(text),
        bits=bits,
        probability=None if bits is None else 2.0**-bits,
        log_frequency=min(frequencies, default=None),
        kneser_ney_bits=_sum(part.kneser_ney_bits for part in given),
        unigram_bits=_sum(part.unigram_bits for part in given),
        is_known=all(part.is_known for part in parts),
        num_tokens=sum(part.num_tokens for part in parts),
    )


def _sum(values: Iterable[float | None]) -> float | None:
    given = [*values]
    return math.fsum(value or 0.0 for value in given) if given and None not in given else None


def _text_id(item: Item, group_field: str) -> str:
    value = item.columns[group_field]
    if value is None or not str(value).strip():
        raise InputError(f"{item.location}: no {group_field}; say of each word which text it belongs to")
    return str(value).strip()


def _order(item: Item, order_field: str | None) -> float | None:
    if order_field is None:
        return None
    number = as_number(item.columns[order_field])
    if number is None or not math.isfinite(number):
        shown = str(item.columns[order_field])[:40]
        raise InputError(f"{item.location}: {order_field}={shown!r} is not a number; give the number of each word")
    return number


def as_number(value: object) -> float | None:
    """Returns a value of a table as a number; None if it is none.

    >>> as_number(" 412.5 "), as_number("fast"), as_number(""), as_number(3)
    (412.5, None, None, 3.0)
    """
    try:
        return float(str(value))
    except ValueError:
        return None
