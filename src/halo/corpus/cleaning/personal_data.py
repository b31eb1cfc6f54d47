"""Personal data in a text: what the cleaning steps for addresses and numbers find, and where."""

from typing import NamedTuple

from halo.corpus.cleaning.placeholders import PLACEHOLDER_STEPS


class PersonalData(NamedTuple):
    """A place in a text that names, or leads to, a person.

    Attributes:
        kind: What it is, as its placeholder calls it: `email` for <email>, ...
        start: Where it begins in the text, in characters.
        end: Where it ends, one character behind it.
    """

    kind: str
    start: int
    end: int


def find_personal_data(text: str) -> list[PersonalData]:
    """Returns the personal data that the cleaning steps find in a text, in the order of the text, without overlaps.

    The text is read as it is, neither cleaned nor in lower case; names of persons are not found.

    >>> text = "write to ann@example.org or call 020 7946 0958"
    >>> [(kind, text[start:end]) for kind, start, end in find_personal_data(text)]
    [('email', 'ann@example.org'), ('phone', '020 7946 0958')]
    """
    found: list[PersonalData] = []
    again = True
    while again:  # as in cleaning: what has been found is out of the way of the steps that follow
        again = False
        for step in PLACEHOLDER_STEPS.values():
            for start, end in step.find(text):
                text = text[:start] + step.stand_in * (end - start) + text[end:]
                found.append(PersonalData(step.kind, start, end))
                again = True
    return sorted(found, key=lambda each: each.start)
