import math
from collections.abc import Sequence

import numpy as np
import pytest

from halo.topic_modelling.coherence import WINDOW, coherence, count_together, share_seen


def c_npmi(topic: Sequence[str], texts: Sequence[Sequence[str]]) -> float:
    """NPMI as gensim defines it (topic_coherence.direct_confirmation_measure.log_ratio_measure), window by window."""
    windows = [
        {*text[first : first + WINDOW]} for text in texts for first in range(max(1, len(text) - WINDOW + 1)) if text
    ]

    def share(*words: str) -> float:
        return sum(all(word in window for word in words) for window in windows) / len(windows)

    values = []
    for number, first in enumerate(topic):
        for second in topic[:number]:
            if share(first) * share(second) == 0:
                values.append(0.0)
                continue
            together = share(first, second) + 1e-12
            values.append(math.log(together / (share(first) * share(second))) / -math.log(together))
    return sum(values) / len(values)


def test_npmi_is_that_of_the_definition() -> None:
    generator = np.random.default_rng(0)
    texts = [[str(word) for word in generator.integers(12, size=size)] for size in (5, 30, 80, 0, WINDOW, 120)]
    topic = ["0", "3", "7", "11", "unseen"]
    counts = count_together([[*text, *["x"] * 60] for text in texts], {*topic})
    assert coherence(topic, counts) == pytest.approx(c_npmi(topic, [[*text, *["x"] * 60] for text in texts]))
    assert share_seen([topic], counts) == 0.8


def test_words_that_only_occur_together_have_one_and_words_that_never_do_are_below_zero() -> None:
    counts = count_together([["a", "b"], ["a", "b"], ["c", "d"], ["x", "y"]], {"a", "b", "c"})
    assert coherence(["a", "b"], counts) == pytest.approx(1)
    assert coherence(["a", "c"], counts) < -0.5


def test_without_text_nothing_is_known() -> None:
    assert math.isnan(coherence(["a", "b"], count_together([], {"a", "b"})))
    assert math.isnan(coherence(["a"], count_together([["a"]], {"a"})))
