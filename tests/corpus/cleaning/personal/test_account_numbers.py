"""Account and card numbers: what their check digits say."""

import pytest

from halo.corpus.cleaning.personal.account_numbers import find_cards, find_ibans


@pytest.mark.parametrize(
    "iban",
    [
        *(
            "DE89370400440532013000",
            "DE89 3704 0044 0532 0130 00",
            "GB82 WEST 1234 5698 7654 32",
            "de89370400440532013000",
        ),
        *("FR14 2004 1010 0505 0001 3M02 606", "NO93 8601 1117 947", "CH9300762011623852957", "NL91-ABNA-0417-1643-00"),
    ],
)
def test_an_iban_with_and_without_spaces(iban: str) -> None:
    assert find_ibans(f"pay {iban} and more") == find_ibans(f"pay {iban}, or") == [(4, 4 + len(iban))]


def test_one_wrong_digit_makes_no_iban_unless_it_is_announced() -> None:
    wrong = "DE89 3704 0044 0532 0130 01"
    assert find_ibans(f"pay {wrong}") == find_ibans("DE89 3704") == find_ibans("GB82 of 2020") == []
    assert find_ibans(f"IBAN: {wrong}") == [(6, 6 + len(wrong))]


@pytest.mark.parametrize(
    "card", ["4111 1111 1111 1111", "5500-0000-0000-0004", "378282246310005", "3782 822463 10005", "6011111111111117"]
)
def test_a_card_has_a_check_digit(card: str) -> None:
    assert find_cards(f"card {card}.") == [(5, 5 + len(card))]
    last = str((int(card[-1]) + 1) % 10)
    assert find_cards(f"card {card[:-1]}{last}.") == []


def test_other_long_numbers_are_no_cards() -> None:
    assert find_cards("9780306406157 and 1234 5678 9012 3456 and 0000 0000 0000 0000") == []
