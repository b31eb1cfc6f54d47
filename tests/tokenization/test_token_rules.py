"""The rules of tokens: what one token is, and that none extends beyond white space."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from halo.tokenization.token_rules import pre_tokenizer, word_splitter
from tests.tokenization.test_tokenizer import WORD


@pytest.mark.parametrize("kind", ["char", "bpe"])
def test_kinds_without_words_are_counted_by_words(kind: str) -> None:
    assert word_splitter(kind)("(COVID-19),") == ["(", "COVID-19", ")", ","]
    assert word_splitter("whitespace")("(COVID-19),") == ["(COVID-19),"]


def test_a_placeholder_of_any_name_is_one_word_where_cleaning_puts_them_in() -> None:
    split = word_splitter("word", any_placeholder=True)
    assert split("<date>.") == ["<date>", "."]
    assert split("(<my_ward>-<eos>") == ["(", "<my_ward>", "-", "<", "eos", ">"]
    assert word_splitter("word")("<url><date>") == ["<url>", "<", "date", ">"]


def test_characters_include_white_space() -> None:
    assert [token for token, _ in pre_tokenizer("char").pre_tokenize_str("a b\n")] == ["a", " ", "b", "\n"]


@pytest.mark.parametrize(
    ("text", "tokens"),
    [
        ("COVID-19, SARS-CoV-2", ["COVID-19", ",", "SARS-CoV-2"]),
        ("mRNA SpO2 R0 PM2.5 B.1.1.7", ["mRNA", "SpO2", "R0", "PM2.5", "B.1.1.7"]),
        ("1.5, 1,200.50 and 3.5%.", ["1.5", ",", "1,200.50", "and", "3.5%", "."]),
        ("£4m $1.9 at 6:30 p.m.", ["£4m", "$1.9", "at", "6:30", "p.m."]),
        ("U.S. e.g. ends here.", ["U.S.", "e.g.", "ends", "here", "."]),
        ("don't e-mail us", ["don't", "e-mail", "us"]),
        ('he said: "no (never)..."', ["he", "said", ":", '"', "no", "(", "never", ")", "...", '"']),
        ("50 °C, 50°C, 50°", ["50", "°C", ",", "50", "°C", ",", "50", "°"]),
        ("ME/CFS - well", ["ME", "/", "CFS", "-", "well"]),
        ("-80 to (-5.5), 3-4, x -y", ["-80", "to", "(", "-5.5", ")", ",", "3-4", ",", "x", "-", "y"]),
        ("two- or threefold", ["two-", "or", "threefold"]),
        ("<url>, (<email>) £<number>", ["<url>", ",", "(", "<email>", ")", "£", "<number>"]),
        ("<unk> <eos>", ["<", "unk", ">", "<", "eos", ">"]),
        ("p=.05 (.5) r = -.32, $.50", ["p", "=", ".05", "(", ".5", ")", "r", "=", "-.32", ",", "$.50"]),
        ("a.05 no.5 end.The ...and", ["a", ".", "05", "no", ".", "5", "end", ".", "The", "...", "and"]),
        (".NET, C++, C#, a+b, 65+", [".NET", ",", "C++", ",", "C#", ",", "a", "+", "b", ",", "65+"]),
        ("Ph.D. B.Sc. z.B. Ph.D.s Ph.D", ["Ph.D.", "B.Sc.", "z.B.", "Ph.D.s", "Ph.D"]),
        ("non-U.S. U.S.-led U.S.'s", ["non-U.S.", "U.S.-led", "U.S.'s"]),
        ("'90s rock 'n' roll", ["'", "90s", "rock", "'", "n", "'", "roll"]),
        ("AT&T r&d R & D and/or", ["AT&T", "r&d", "R", "&", "D", "and", "/", "or"]),
        ("10⁻⁶ cm⁻¹ CO₂ 10^5 10^-6 m^2", ["10⁻⁶", "cm⁻¹", "CO₂", "10^5", "10^-6", "m^2"]),
        ("±0.3 37.5 ± 0.3 p<0.05 ≥65", ["±0.3", "37.5", "±", "0.3", "p", "<", "0.05", "≥65"]),
        ("US$5 5€ 5 € $5-$10 5%-10%", ["US$5", "5€", "5", "€", "$5-$10", "5%-10%"]),
        ("#1 # x_1 _x_ @me @ ~ = ^ |", ["#1", "#", "x_1", "_", "x", "_", "@me", "@", "~", "=", "^", "|"]),
        ("?! -- == ** x <= 5 :)", ["?", "!", "--", "==", "**", "x", "<=", "5", ":)"]),
        ("50°C, 5 °Celsius", ["50", "°C", ",", "5", "°", "Celsius"]),
        ("http://a.b/c?d=1, a.b@c.org.", ["http://a.b/c?d=1", ",", "a.b@c.org", "."]),
        ("他说：“好吗？”我", ["他", "说", "：", "“", "好", "吗", "？", "”", "我"]),
        ("3月にラーメンを。", ["3", "月", "に", "ラ", "ー", "メ", "ン", "を", "。"]),
        ("¿Qué? ¡No! حالك؟ نعم، है।", ["¿", "Qué", "?", "¡", "No", "!", "حالك", "؟", "نعم", "،", "है", "।"]),
        ("می\u200cخواهم Ինչո՞ւ col·lecció", ["می\u200cخواهم", "Ինչո՞ւ", "col·lecció"]),
        ("😂😂 👩\u200d🔬 ❤️ 🇩🇪🇫🇷", ["😂", "😂", "👩\u200d🔬", "❤️", "🇩🇪", "🇫🇷"]),
    ],
)
def test_what_is_one_word(text: str, tokens: list[str]) -> None:
    assert WORD.tokens(text) == tokens


@given(st.text(st.sampled_from("aZ09.,;:?!-'%£(é $<>=+#@&_^±⁻你。¿\"*/\u200c🇩"), max_size=80))
def test_no_token_reaches_beyond_a_space(text: str) -> None:
    cut = word_splitter("word")
    assert [token for word in text.split() for token in cut(word)] == WORD.tokens(" ".join(text.split()))


@pytest.mark.parametrize(
    "unit", ["a", "a.", "ab.", "a-", "a.-", "a@", "a@b.", "1.", "1%-", "+", "a\u200c", "你", "🇩", "❤️", "\u0301"]
)
def test_time_is_linear_in_the_length_of_a_word(unit: str) -> None:
    assert "".join(word_splitter("word")(unit * 50_000)) == unit * 50_000  # takes hours if it is not
