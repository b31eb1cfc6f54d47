"""Placeholders: what is replaced by them and what is not, and that later steps leave them intact."""

import pytest

from halo.corpus.cleaning.pipeline import clean
from halo.corpus.cleaning.placeholders import PLACEHOLDERS, decode_placeholders, encode_placeholders
from halo.tokenization.tokenizer import TextTokenizer
from tests.corpus.cleaning.test_pipeline import clean_with_counts, only, rules


def test_placeholders_are_single_characters_while_a_text_is_cleaned() -> None:
    text = "see <url>, <EMAIL> and <unk>"
    encoded = encode_placeholders(text)
    assert len(encoded) == len(text) - len("<url><EMAIL>") + 2
    assert decode_placeholders(encoded) == "see <url>, <email> and <unk>"


@pytest.mark.parametrize(
    "phone",
    [
        "+44 20 7946 0958",
        "+44 (0)20 7946 0958",
        "+442079460958",
        "+1-202-555-0143",
        "+49 30 123456",
        "(202) 555-0143",
        "202-555-0143",
        "202.555.0143",
        "1-800-555-0199",
        "020 7946 0958",
        "(020) 7946 0958",
        "07700 900123",
        "07700900123",
        "01632 960 001",
        "01 23 45 67 89",
        "030/1234567",
    ],
)
def test_telephone_numbers(phone: str) -> None:
    assert clean_with_counts(f"Call {phone}, or not.", only("phones")) == ("Call <phone>, or not.", {"phones": 1})


@pytest.mark.parametrize(
    "text",
    [
        "1.5 and 1,200 and 95% of £4m",
        "R0, COVID-19, B.1.1.7, SARS-CoV-2",
        "in 2020-21, 10-14 days, 1918-1919, 2019 2020 2021",
        "on 2020-03-15, 15/03/2020, 15.03.2020, 01-02-2020 12:30, 05-06-2021",
        "2020-03-15T12:30:00, 12:30:45",
        "1,234,567.89 and 10 000 000 and 1.000.000",
        "3.14159265358979 and +1.23456789 and 0.123456789",
        "192.168.100.200, ISBN 978-0-306-40615-7",
        "+0.12 0.34 0.56 0.78, +10%, +5",
        "£120,000-150,000 for 1,000-2,000 people",
        "100 200 300 400",
        "version 1.2.3.4, PM2.5, 501Y.V2",
        "0000000000" + " 0" * 20 + " 1",
    ],
)
def test_other_numbers_are_no_telephone_numbers(text: str) -> None:
    assert clean_with_counts(text, only("phones")) == (text, {})


def test_a_table_of_zeros_takes_no_longer_than_other_text() -> None:
    text = "0 " * 100_000 + "1"  # minutes, were it read to its end from each of them
    assert clean_with_counts(text, only("phones")) == (text, {})


@pytest.mark.parametrize("case", ["keep", "lower", "lower_keep_acronyms"])
@pytest.mark.parametrize("numbers", ["keep", "digits_to_0", "placeholder"])
def test_placeholders_pass_every_later_step_as_one_token(case: str, numbers: str) -> None:
    text = clean("(HTTP://A.B), a@b.org; 020 7946 0958? @Someone! “x”", rules(case, numbers))
    tokens = TextTokenizer.train([text], kind="word", min_count=1, max_size=None).tokens(text)
    assert [token for token in tokens if token in PLACEHOLDERS] == ["<url>", "<email>", "<phone>", "<handle>"]


@pytest.mark.parametrize(
    ("numbers", "cleaned", "count"),
    [
        ("keep", "in 2020-21, 3.5% of £4m; R0, B.1.1.7 and COVID-19", 0),
        ("digits_to_0", "in 0000-00, 0.0% of £0m; R0, B.0.0.0 and COVID-00", 12),
        ("placeholder", "in <number>-<number>, <number>% of £4m; R0, B.1.1.7 and COVID-19", 3),
    ],
)
def test_number_policies(numbers: str, cleaned: str, count: int) -> None:
    text, counts = clean_with_counts("in 2020-21, 3.5% of £4m; R0, B.1.1.7 and COVID-19", rules("keep", numbers))
    assert (text, counts.get("numbers", 0)) == (cleaned, count)
