"""How topics are called on the page."""

from tests.support.topics import material


def test_topics_are_called_by_number_and_words() -> None:
    shown = material()
    assert shown.names[0] == "1: ventilation, oxygen, intubation"
    assert shown.units_name == "paragraphs"
    assert shown.again(shown.result.topics[0]) == "9 of 9"
