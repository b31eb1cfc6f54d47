"""Line ends: those of verse and source code are told from those of wrapped prose."""

import textwrap

import pytest

from halo.corpus.cleaning_messages import describe_line_ends
from halo.corpus.store.line_ends import LineEndCounter
from tests.conftest import data_config
from tests.support.reading import read_documents

POEM = """The tide goes out along the shore
and leaves the shells behind,
it will come back for them once more
when it has changed its mind.

The gulls are walking up and down
with nothing much to say;
they look across towards the town
and then they fly away.

The lamps are lit, the boats are in,
the nets are hung to dry,
and all the evening's noise and din
goes up into the sky.
"""
CODE = """import sys

def total(values):
    result = 0
    for value in values:
        if value > 0:
            result += value
    return result

def main():
    numbers = [int(each) for each in sys.argv[1:]]
    print(total(numbers))
    return 0

class Counter:
    def __init__(self):
        self.count = 0
    def add(self):
        self.count += 1
"""
CHINESE_POEM = "\n\n".join(["床前明月光，\n疑是地上霜。\n举头望明月，\n低头思故乡。"] * 4)
CHAT = "\n".join(["A: hello there", "B: hi", "A: did you see the match last night, it was great", "B: no"] * 5)


def described(*texts: str) -> list[str]:
    counter = LineEndCounter()
    counter.add(texts)
    return describe_line_ends(counter.as_dict())


@pytest.mark.parametrize("text", [POEM, CODE, CHINESE_POEM, CHAT], ids=["poem", "code", "Chinese poem", "chat"])
def test_lines_that_mean_something_are_reported(text: str) -> None:
    (sentence,) = described(text)
    assert "data.cleaning.line_ends=eol" in sentence


@pytest.mark.parametrize("width", [40, 60, 72, 78, 100])
def test_wrapped_prose_is_not_reported(width: int) -> None:
    prose = [document.text for document in read_documents(data_config())][:20]
    wrapped = ["\n\n".join(textwrap.fill(part, width) for part in text.split("\n\n")) for text in prose]
    assert described(*wrapped) == []
    assert described(*prose) == []
    indented = ["\n\n".join(textwrap.fill(part, width, initial_indent="    ") for part in wrapped)]
    assert described(*indented) == []


@pytest.mark.parametrize("text", ["", "one line", "one\ntwo\n\nthree\nfour", "\n\n\n", POEM[:60]])
def test_few_lines_are_not_reported(text: str) -> None:
    assert described(text) == []


def test_a_counter_can_begin_anew() -> None:
    counter = LineEndCounter()
    counter.add([POEM])
    assert counter.as_dict()["examined"] == 9
    counter.clear()
    assert counter.as_dict() == {"examined": 0, "early": 0}
