"""Special characters: what is removed, and what `keep` keeps."""

import pytest

from halo.config import CleaningConfig
from halo.corpus.cleaning.pipeline import clean
from halo.corpus.cleaning.special_characters import remove_special_characters
from tests.corpus.cleaning.test_pipeline import rules


@pytest.mark.parametrize(
    ("text", "keep", "cleaned", "count"),
    [
        ("a_b *c* 😀", "", "a b  c   ", 4),
        ("a_b *c*", "_*", "a_b *c*", 0),
        ("naïve e\u0301 日本 ½ Ⅷ", "", "naïve e\u0301 日本 ½ Ⅷ", 0),
        ("[a]-b^", "]-^", " a]-b^", 1),
        ("a\tb\nc", "", "a\tb\nc", 0),
    ],
)
def test_what_is_not_a_letter_digit_or_kept_becomes_a_space(text: str, keep: str, cleaned: str, count: int) -> None:
    assert remove_special_characters(text, text, keep=keep)[0] == cleaned
    assert remove_special_characters(text, text, keep=keep)[1].total() == count


def test_marks_that_typography_put_in_need_not_be_listed() -> None:
    assert remove_special_characters('"a" - b', "", keep="-") == (" a  - b", {'"': 2})


@pytest.mark.parametrize(
    "text",
    [
        "37.5 ± 0.3, p < 0.05, age ≥65, x ≤ 5, ~50%, 3 × 10^5, ≈ ≠ ∞ √ ∑ ∫ ∂ ∈ ∅ ¬ ÷ − · ∙",
        "10⁻⁶ m, cm⁻¹, μg·m⁻³, x₁₊₂, H₂O, ½, Ⅷ, ①",
        "25‰, 5′ 30″, § 5, ¶, †, ‡, №, ℃, ™, ®, ©, °C, Ω, ℓ, ㎏, ℞, ª, º",
        "#1, a_b, x=y, @, `code`, [1], {x}, a|b, \\n, ^, ~, *, ¦, ¬, ¯",
        "$ € £ ¥ ₹ ₽ ₿ ¢ ฿",
        "→ ← ↑ ↓ ↔ ⇒ ⇌ ⟶ ➔ ♀ ♂ ⚥ ♭ ♯ ✓ ✗ ★★☆ ☉ ♞ ☐ ☒ • ● ○ ■ ▲ ◦ ⌀",
        "¿Cómo? ¡Bien!",
        "他说：“你好吗？”我很好。（中）《书》、「引」【注】…—",
        "هل أنت؟ نعم، شكرا؛ ٪ ٫ ۔",
        "यह है। ठीक॥ ৳ ௹ ဗမာ။ ខ្មែរ។ ราคา ฿ ๆ ฯ հայ։ ግዕዝ። བོད་། ⠃⠗⠇",
        "می\u200cخواهم ක්\u200dෂ",
    ],
)
def test_signs_of_text_are_kept_in_all_scripts(text: str) -> None:
    assert remove_special_characters(text, text, keep=None) == (text, {})


@pytest.mark.parametrize(
    ("text", "cleaned"),
    [
        ("I ❤️ this ☀️ day ⚠️", "I this day"),
        ("👩\u200d💻 🤷🏽\u200d♀️ 👍🏽 🇩🇪 1️⃣ 2️⃣", "1 2"),
        ("🏴\U000e0067\U000e0062\U000e007f and 🏳️\u200d🌈", "and"),
        ("©️ ™️ ♀️", "© ™ ♀"),
        ("┌──┐ █▄ \ue000 \ufffd \ufffc ␀ x", "x"),
        ("😀😷🦠 ☺ ♥ ♠ ♻ ⌚ ⏰ ✈ ✂ ✅ ❌ ⭐ 🀄 🂡 x", "x"),
        ("\U0001f3fb \u20e3 \ufe0f x", "x"),
    ],
)
def test_pictographs_go_without_a_trace(text: str, cleaned: str) -> None:
    assert clean(text, rules("keep", keep_characters=None)) == cleaned
    assert clean(text, CleaningConfig(["special"], "keep", "keep", None)).split() == cleaned.split()
