"""Scored texts as Python code and notebooks use them: as rows of a table, and as coloured text."""

import html
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from halo.runtime.errors import packages_of_extra
from halo.scoring.scored_text import ScoredText, ScoredWord

if TYPE_CHECKING:
    import pandas

NO_COLUMNS = ("first_token", "num_tokens", "alternatives")
"""Fields of a word that say how it was computed, and are no columns of a table."""

MAX_SHOWN_TEXTS = 50
MAX_COLOURED_BITS = 20.0
MAX_STRENGTH = 0.6
"""Opacity of the strongest background: black and white text can both be read on it."""
HUE = "255, 140, 0"
"""Orange, as red, green and blue: its lightness changes with the surprisal, which colour blindness does not hide."""


class ScoredTexts(list[ScoredText]):
    """The scores of several texts: a list with a table of all their words.

    In a notebook it is shown as text whose background is the darker the more surprising a word is; the surprisal stands
    below each word.
    """

    def __repr__(self) -> str:
        num_words = sum(len(text.words) for text in self)
        return f"<halo.ScoredTexts: {len(self):,} texts, {num_words:,} words>"

    def rows(self) -> list[dict[str, Any]]:
        """Returns a dict for each word of each text: the numbers of text and word, from 0, and the word's scores."""
        return list(self._rows())

    def _rows(self) -> Iterator[dict[str, Any]]:
        for text_number, text in enumerate(self):
            for word_number, word in enumerate(text.words):
                scores = {name: value for name, value in word._asdict().items() if name not in NO_COLUMNS}
                yield {"text_number": text_number, "word_number": word_number, **scores}

    def to_pandas(self) -> "pandas.DataFrame":
        """Returns the rows as a data frame.

        Raises:
            InputError: pandas is not installed.
        """
        with packages_of_extra("stats", purpose="a data frame"):
            import pandas
        return pandas.DataFrame(self.rows())

    def _repr_html_(self) -> str:
        paragraphs = [f"<p>{''.join(map(_coloured, text.words))}</p>" for text in self[:MAX_SHOWN_TEXTS]]
        if len(self) > MAX_SHOWN_TEXTS:
            paragraphs.append(f"<p>and {len(self) - MAX_SHOWN_TEXTS:,} more texts</p>")
        note = (
            "<p><small>Below each word its surprisal in bits; an underlined word is unknown to the model.</small></p>"
        )
        return f'<div style="line-height: 2.6">{"".join(paragraphs)}{note}</div>'


def _coloured(word: ScoredWord) -> str:
    """Returns a word as HTML, with its surprisal below it and as the strength of its background."""
    if word.bits is None:
        title = html.escape(word.note) or "no score"
        return f'<span title="{title}" style="opacity: 0.6">{html.escape(word.text)}</span> '
    strength = MAX_STRENGTH * min(word.bits, MAX_COLOURED_BITS) / MAX_COLOURED_BITS
    unknown = "" if word.is_known else "; text-decoration: underline dotted"
    style = f"background: rgba({HUE}, {strength:.2f}); padding: 0 2px{unknown}"
    below = f'<rt style="ruby-position: under">{word.bits:.1f}</rt>'
    return f'<ruby style="ruby-position: under; {style}">{html.escape(word.text)}{below}</ruby> '
