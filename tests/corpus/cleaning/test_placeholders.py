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
        "readings 120 135 1400 and 202 555 0143",
        "01 02 03 04 05, 01 02 03 04 05 06 07",
        "0800 1200 1600 hours, 001 002 003, 010 200 300, 0100 0200 0300",
        "doi:10.1101/2020.03.15.20036707, 10.1016/S0140-6736(20)30183-5",
        "40.7128, -74.0060; +40.7128 -74.0060; 51.5074 0.1278",
        "ISBN 0-306-40615-2, ISSN 1234-5678, PMID 32015507, NCT04280705, lot 0123456789",
        "(120) 135 1400 and 250-300-1500 mg",
        "we made 5 calls, 120 135 1400",
        "tables 020 7946 0958 1200 1300",
    ],
)
def test_other_numbers_are_no_telephone_numbers(text: str) -> None:
    assert clean_with_counts(text, only("phones")) == (text, {})


@pytest.mark.parametrize(
    "phone",
    [
        *("Tel.: 202-555-0143", "phone 555-010-1999", "call us now on 202 555 0143", "Fax: 0123456789"),
        *("Telefon: 030 123456", "Tél. 01 23 45 67 89", "电话：01 23 45 67 89", "please dial 202.555.0143"),
    ],
)
def test_announced_telephone_numbers(phone: str) -> None:
    assert clean_with_counts(phone, only("phones"))[1] == {"phones": 1}


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("from patients.Net effect, de casa.Eu fui, andato.Io resto, meu.Com ela, end.It", 0),
        ("casa.eu fui, andato.io resto, profit.net income, x.info y, java.io, socket.io, ASP.NET, asp.net", 0),
        ("setup.py, node.js, README.md, data.csv, libc.so.6, main.rs, index.html", 0),
        ("doi:10.1101/2020.03.15, 10.1016/j.cell.2020.02.052, 1.2.3.4, v1.0.2, B.1.1.7, 2020-03-11", 0),
        ("e.g./i.e., and/or, U.S./UK, p.5/6, 3.5/4, no.1/2, a.b.c", 0),
        ("nature.com, bbc.co.uk, ox.ac.uk, mail.example.org", 4),
        ("who.int/about, youtu.be/x, doi.org/10.1000/182, example.net/a", 4),
        ("https://example.org/a?b=c#d, http://EXAMPLE.COM, ftp://x.net, www.x.de", 4),
        ("请看http://example.org/x。谢谢。见www.example.org，好", 2),
    ],
)
def test_only_what_is_surely_an_address_is_replaced(text: str, number: int) -> None:
    cleaned, counts = clean_with_counts(text, only("urls"))
    assert counts.get("urls", 0) == number
    assert number or cleaned == text
    for kept in ("。谢谢。见", "，好"):
        assert (kept in cleaned) == (kept in text)


@pytest.mark.parametrize(
    ("step", "text", "number"),
    [
        ("emails", "obj@data.frame, x@y.values, a@b, 5 @ $3, icon@2x.png, user@host, fit@call.name", 0),
        ("emails", "me@mail.example.org, me@uni-x.de. Next (a.b+c@x.com), пример@почта.рф, git@github.com:u/r", 5),
        ("handles", "@property, @Override, @param x, @app.route('/'), @article{key, @types/node, @media (x), a@b", 0),
        ("handles", "@reader, (@jo_smith), @bob: @user@example.org @张三", 5),
    ],
)
def test_at_signs_of_code_are_text(step: str, text: str, number: int) -> None:
    cleaned, counts = clean_with_counts(text, only(step))
    assert counts.get(step, 0) == number
    assert number or cleaned == text


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
