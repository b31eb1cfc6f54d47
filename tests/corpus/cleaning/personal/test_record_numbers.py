"""Numbers of records and documents: those with a form of their own, and those that a word announces."""

import pytest

from halo.corpus.cleaning.personal.record_numbers import find_ids


def found(text: str) -> list[str]:
    return [text[start:end] for start, end in find_ids(text)]


@pytest.mark.parametrize(
    ("text", "number"),
    [
        *(("on 123-45-6789 we", "123-45-6789"), ("AB123456C", "AB123456C"), ("ab 12 34 56 c", "ab 12 34 56 c")),
        *(("943 476 5919", "943 476 5919"), ("65 170839 J 003", "65 170839 J 003"), ("MRN: 0044713", "0044713")),
        *(
            ("NHS number 943 476 5918", "943 476 5918"),
            ("patient ID A-33812", "A-33812"),
            ("Passport No. C01X00T47", "C01X00T47"),
        ),
        *(("Patientennummer: 2020/4711", "2020/4711"), ("Aktenzeichen 12 C 345/19", "12 C 345/19")),
        *(
            ("Steuer-ID 12 345 678 901", "12 345 678 901"),
            ("Kundennr. 884213 war", "884213"),
            ("account number 12345678", "12345678"),
        ),
        ("paid with 4111 1111 1111 1111", "4111 1111 1111 1111"),
    ],
)
def test_numbers(text: str, number: str) -> None:
    assert found(text) == [number]


@pytest.mark.parametrize(
    "text",
    [
        *(
            "120 of 135 patients",
            "patient number 3",
            "case no. 12",
            "the number of patients 1234",
            "000-12-3456, 666-12-3456",
        ),
        *(
            "943 476 5918",
            "readings 120 135 1400",
            "ISBN 0-306-40615-2",
            "in the records 2020",
            "case numbers of 2020: 1,200",
        ),
        *("Article 12345", "the policy 2020", "65 170839 J 004", "passport control 12345678", "the account 1.500"),
    ],
)
def test_no_numbers(text: str) -> None:
    assert found(text) == []
