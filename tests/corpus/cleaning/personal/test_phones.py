"""Where telephone numbers are; what is one, tests/corpus/cleaning/test_placeholders.py says."""

from halo.corpus.cleaning.personal.phones import find_phones


def test_places() -> None:
    text = "call +44 20 7946 0958 or (202) 555-0143, not 120 135 1400"
    assert [text[start:end] for start, end in find_phones(text)] == ["+44 20 7946 0958", "(202) 555-0143"]
