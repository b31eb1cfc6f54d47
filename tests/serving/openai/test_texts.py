"""Stop texts are never part of a completion, however they fall on tokens; tokens are together the text."""

from hypothesis import given
from hypothesis import strategies as st

from halo.generation.stream import Alternative, GeneratedToken
from halo.serving.answers.served_model import ServedModel
from halo.serving.openai.texts import ChoiceWriter, Piece, echoed_tokens, logprobs_of


def written(pieces: list[str], stops: list[str], turns: int) -> list[Piece]:
    writer, parts = ChoiceWriter(0, offset=10, stops=stops), []
    for number, text in enumerate(pieces, start=1):
        writer.add(GeneratedToken(number, text, text, -1.0, 1, ()))
        is_last = number == len(pieces)
        if is_last or number % turns == 0 or writer.is_stopped:
            parts.append(writer.take(is_complete=is_last))
        if writer.is_stopped:
            break
    return parts


texts = st.text(alphabet="ab.", max_size=3)


@given(
    st.lists(texts, min_size=1, max_size=8),
    st.lists(st.text(alphabet="ab.", min_size=1, max_size=4)),
    st.integers(1, 3),
)
def test_a_text_ends_before_the_first_stop_text(pieces: list[str], stops: list[str], turns: int) -> None:
    whole = Piece.joined(written(pieces, stops, turns))
    ends = [place for stop in stops if (place := "".join(pieces).find(stop)) >= 0]
    assert len(whole.text) <= min(ends, default=1000)
    assert not any(stop in whole.text for stop in stops)
    assert "".join(pieces).startswith(whole.text)
    assert whole.finish_reason == ("stop" if ends else "length")
    if not ends:
        assert "".join(token.text for token in whole.tokens) == whole.text == "".join(pieces)
    offsets = [token.offset for token in whole.tokens]
    assert offsets == [10 + len("".join(pieces[:number])) for number in range(len(offsets))]


def test_likely_tokens_are_named_as_they_would_stand_in_the_text() -> None:
    alternatives = (Alternative("were", -0.5), Alternative(",", -1.0), Alternative("who", -2.0))
    writer = ChoiceWriter(0, offset=0, stops=[])
    writer.add(GeneratedToken(1, "who", " who", -2.0, 3, alternatives))
    (token,) = writer.take(is_complete=True).tokens
    assert token.likeliest == {" were": -0.5, ",": -1.0, " who": -2.0}


def test_the_words_of_a_prompt_are_together_the_prompt(served: ServedModel) -> None:
    for prompt in (" The  virus, \U0001f600 spreads\n", "", "\U0001f600"):
        scored = served.scored_text(prompt, num_alternatives=2)
        tokens = echoed_tokens(prompt, scored)
        assert "".join(token.text for token in tokens) == (prompt if tokens else "")
        assert [token.offset for token in tokens] == logprobs_of(tokens).text_offset
    (first, *_) = echoed_tokens("The virus", served.scored_text("The virus", num_alternatives=0))
    assert first.text == "The"
    assert first.logprob < 0
