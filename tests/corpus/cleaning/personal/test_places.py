"""Streets with a house number, and postcodes."""

import pytest

from halo.corpus.cleaning.personal.places import find_postcodes, find_streets


def streets(text: str) -> list[str]:
    return [text[start:end] for start, end in find_streets(text)]


def postcodes(text: str) -> list[str]:
    return [text[start:end] for start, end in find_postcodes(text, street="\ufddb")]


@pytest.mark.parametrize(
    "street",
    [
        *(
            "12 Elm Street",
            "221B Baker Street",
            "Flat 3, 14 Victoria Road",
            "350 Fifth Avenue, Apt 4B",
            "1600 N. Main St",
        ),
        *(
            "Hauptstraße 5a",
            "Berliner Straße 12",
            "Am Alten Markt 7",
            "Lindenallee 12-14",
            "Goethestr. 3",
            "PO Box 1234",
        ),
        *("12 rue de la Paix", "Unter den Linden 77"),
    ],
)
def test_streets(street: str) -> None:
    assert streets(f"lives at {street}, upstairs") == [street]


@pytest.mark.parametrize(
    "text",
    [
        *(
            "a street of 12 houses",
            "5 St. Mary's nurses",
            "3 Dr. Smith",
            "on the way 5 patients",
            "Platz 3",
            "Arbeitsplatz 12",
        ),
        *("Im Januar 15 Patienten", "10 patients in the High Street study", "Elm Street", "Lösungsweg 2"),
    ],
)
def test_no_streets(text: str) -> None:
    assert streets(text) == []


def test_postcodes() -> None:
    assert postcodes("SW1A 1AA, M1 1AE, EC1A1BB, K1A 0B1") == ["SW1A 1AA", "M1 1AE", "EC1A1BB", "K1A 0B1"]
    assert postcodes("Boston, MA 02118-1234 and NY 10001") == ["02118-1234", "10001"]
    assert postcodes("\ufddb, 10115 Berlin; D-80331 München; PLZ 50667; zip code 94103") == [
        "10115",
        "80331",
        "50667",
        "94103",
    ]


def test_no_postcodes() -> None:
    assert postcodes("12345 people, 10115 Berlin, B12 vitamin, CD4 8AB, IL 6 and IL10 5, CO 2020, Type O1 2CC") == []
