"""Short names of settings, for tables."""

from collections import Counter
from collections.abc import Sequence


def short_names(keys: Sequence[str]) -> dict[str, str]:
    """Returns for each key as many of its last parts as tell it from the others.

    >>> short_names(["optim.lr", "model.hidden", "data.path", "data.test.path"])
    {'optim.lr': 'lr', 'model.hidden': 'hidden', 'data.path': 'data.path', 'data.test.path': 'test.path'}
    """

    def endings(key: str) -> list[str]:
        parts = key.split(".")
        return [".".join(parts[start:]) for start in range(len(parts) - 1, -1, -1)]

    count = Counter(ending for key in keys for ending in endings(key))
    return {key: next(each for each in [*endings(key), key] if count[each] == 1 or each == key) for key in keys}
