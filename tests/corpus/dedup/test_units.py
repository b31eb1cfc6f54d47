"""Units: words as they are, characters of scripts without spaces, pieces of long words."""

import pytest

from halo.corpus.dedup.units import MAX_WORD_CHARACTERS, NGRAM_CHARACTERS, split_units

DNA = "acgtgcatta" * 5


@pytest.mark.parametrize(
    ("word", "units"),
    [
        ("(COVID-19),", ["(COVID-19),"]),
        ("d'été", ["d'été"]),
        ("вирус!", ["вирус!"]),
        ("वायरस।", ["वायरस।"]),
        ("فيروس؟", ["فيروس؟"]),
        ("코로나19는", ["코로나19는"]),
        ("ቫይረስ", ["ቫይረስ"]),
        ("我很好。", ["我", "很", "好", "。"]),
        ("iPhone手机19", ["iPhone", "手", "机", "19"]),
        ("コロナー", ["コ", "ロ", "ナ", "ー"]),
        ("𠀀𠀁", ["𠀀", "𠀁"]),
        ("เป็น", ["เ", "ป็", "น"]),
        ("ភាសា", ["ភា", "សា"]),
        ("བོད་ཡིག", ["བོ", "ད", "་", "ཡི", "ག"]),
        ("မြန်မာ", ["မြ", "န်", "မာ"]),
        ("ລາວ", ["ລ", "າ", "ວ"]),
        ("-" * 80, ["-" * 80]),
        ("a" * MAX_WORD_CHARACTERS, ["a" * MAX_WORD_CHARACTERS]),
        (DNA, [DNA[i : i + NGRAM_CHARACTERS] for i in range(len(DNA) - NGRAM_CHARACTERS + 1)]),
        (
            f"print({'x' * 10},{'y' * 10},{'z' * 10},1)",
            ["print", "(", "x" * 10, ",", "y" * 10, ",", "z" * 10, ",", "1", ")"],
        ),
    ],
)
def test_units_of_a_word(word: str, units: list[str]) -> None:
    assert split_units(word) == units


def test_an_insertion_changes_only_units_nearby() -> None:
    before, after = split_units(DNA), split_units(f"{DNA[:20]}g{DNA[20:]}")
    assert before[:17] == after[:17]
    assert before[20:] == after[21:]
