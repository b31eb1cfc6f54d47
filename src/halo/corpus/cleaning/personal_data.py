"""Personal data in a text: what the cleaning steps for addresses, numbers, dates and names find, and where."""

from collections.abc import Callable, Iterable
from functools import partial
from typing import NamedTuple

from halo.config import CleaningConfig
from halo.corpus.cleaning.personal.account_numbers import find_ibans
from halo.corpus.cleaning.personal.addresses import find_emails, find_handles, find_urls
from halo.corpus.cleaning.personal.dates import find_dates
from halo.corpus.cleaning.personal.network_addresses import find_ips
from halo.corpus.cleaning.personal.own_patterns import find_own
from halo.corpus.cleaning.personal.phones import find_phones
from halo.corpus.cleaning.personal.places import find_postcodes, find_streets
from halo.corpus.cleaning.personal.record_numbers import find_ids
from halo.corpus.cleaning.personal.spans import Span, cover_spans
from halo.corpus.cleaning.placeholders import INTERNAL, KINDS, OWN_STAND_INS, PLACEHOLDERS


class PlaceholderStep(NamedTuple):
    """A cleaning step that puts a placeholder in place of what it finds.

    Attributes:
        kind: Name of the placeholder, without angle brackets.
        find: Returns what is to be replaced in a text, in its order.
        stand_in: The internal character that stands for the placeholder.
    """

    kind: str
    find: Callable[[str], list[Span]]
    stand_in: str


def _step(kind: str, find: Callable[[str], list[Span]]) -> PlaceholderStep:
    return PlaceholderStep(kind, find, KINDS[kind])


PLACEHOLDER_STEPS = {
    "urls": _step("url", find_urls),
    "emails": _step("email", find_emails),
    "ibans": _step("iban", find_ibans),
    "ids": _step("id", find_ids),
    "ips": _step("ip", find_ips),
    "dates": _step("date", find_dates),
    "streets": _step("street", find_streets),
    "postcodes": _step("postcode", partial(find_postcodes, street=KINDS["street"])),
    "phones": _step("phone", find_phones),
    "handles": _step("handle", find_handles),
}
"""The steps of `data.cleaning.steps` that put in placeholders, in the order in which they run."""

ENTITY_KINDS = ("person", "location", "organisation")
"""What a named-entity engine finds."""


def own_steps(config: CleaningConfig) -> dict[str, PlaceholderStep]:
    """Returns the steps of `data.cleaning.patterns`, which run before all others, by name."""
    return {
        f"<{name}>": PlaceholderStep(name, partial(find_own, name=name, pattern=pattern, internal=INTERNAL), stand_in)
        for (name, pattern), stand_in in zip(config.patterns.items(), OWN_STAND_INS, strict=False)
    }


def further_placeholders(config: CleaningConfig) -> dict[str, str]:
    """Returns the stand-in of each placeholder that these settings put in besides `PLACEHOLDERS`, by its name."""
    if not config.has_further_placeholders:
        return {}
    steps = [step for name, step in PLACEHOLDER_STEPS.items() if name in config.steps]
    kinds = [*(step.kind for step in steps), *(ENTITY_KINDS if config.engine else ())]
    own = {step.kind: step.stand_in for step in own_steps(config).values()}
    return {kind: KINDS[kind] for kind in kinds if f"<{kind}>" not in PLACEHOLDERS} | own


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


def find_personal_data(text: str, *, steps: Iterable[str] = tuple(PLACEHOLDER_STEPS)) -> list[PersonalData]:
    """Returns the personal data that cleaning steps find in a text, in the order of the text, without overlaps.

    The text is read as it is, neither cleaned nor in lower case; names of persons are not found.

    >>> text = "write to ann@example.org or call 020 7946 0958"
    >>> [(kind, text[start:end]) for kind, start, end in find_personal_data(text)]
    [('email', 'ann@example.org'), ('phone', '020 7946 0958')]

    Args:
        text: The text.
        steps: The steps of `PLACEHOLDER_STEPS` to run.
    """
    chosen = set(steps)
    found: list[PersonalData] = []
    again = True
    while again:  # as in cleaning: what has been found is out of the way of the steps that follow
        again = False
        for name, step in PLACEHOLDER_STEPS.items():
            if name in chosen and (spans := step.find(text)):
                text = cover_spans(text, spans, step.stand_in)
                found += [PersonalData(step.kind, start, end) for start, end in spans]
                again = True
    return sorted(found, key=lambda each: each.start)
