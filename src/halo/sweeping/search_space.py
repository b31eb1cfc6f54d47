"""The search space: which settings a sweep tries, and which values of each."""

import itertools
import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from halo.config.messages import shown
from halo.runtime.errors import InputError, require
from halo.runtime.hydra_quoting import quote_value

if TYPE_CHECKING:
    from optuna.trial import BaseTrial

KEY = "search_space.parameters"
RANGE = ("low", "high", "step", "log")
MAX_GRID = 100_000
Value = str | int | float | bool | None


@dataclass(frozen=True)
class Parameter:
    """A setting of halo.train that a sweep varies.

    Attributes:
        key: Its full key, such as `optim.lr`.
        choices: The values to choose from; None for a range.
        low: The lowest value of a range.
        high: The highest value of a range.
        step: The distance between the values of a range; None where there are no steps.
        log: Whether each order of magnitude of a range is equally likely.
    """

    key: str
    choices: tuple[Any, ...] | None = None
    low: float = 0
    high: float = 0
    step: float | None = None
    log: bool = False

    @property
    def is_integer(self) -> bool:
        """Whether all values of the range are whole numbers."""
        return all(isinstance(each, int) for each in (self.low, self.high, self.step or 1))

    def suggest(self, trial: "BaseTrial") -> Value:
        """Returns the value of a trial, which its sampler chooses unless it has one already."""
        if self.choices is not None:
            return trial.suggest_categorical(self.key, [*map(_storable, self.choices)])
        if self.is_integer:
            step = int(self.step or 1)
            return trial.suggest_int(self.key, int(self.low), int(self.high), step=step, log=self.log)
        return trial.suggest_float(self.key, self.low, self.high, step=self.step, log=self.log)

    def override(self, value: Value) -> str:
        """Returns the setting of halo.train for a value, in Hydra's grammar.

        >>> Parameter("optim.lr").override(0.001), Parameter("model", choices=("gru", "lstm")).override("gru")
        ('optim.lr=0.001', 'model=gru')
        """
        is_text = isinstance(value, str) and (self.choices is None or value in self.choices)
        return f"{self.key}={quote_value(value) if isinstance(value, str) and is_text else shown(value)}"

    @property
    def ends(self) -> list[Any]:
        """The values between which all others are: every choice, or both ends of the range."""
        return [self.low, self.high] if self.choices is None else [*self.choices]

    def extremes(self) -> list[Value]:
        """Returns `ends` as Optuna stores them."""
        return [*map(_storable, self.ends)]

    def grid(self) -> list[Value]:
        """Returns all values.

        Raises:
            InputError: There are infinitely many.
        """
        if self.choices is not None:
            return self.extremes()
        if (not self.is_integer and self.step is None) or self.log:
            given = shown({"low": self.low, "high": self.high})
            raise InputError(
                f"{KEY}.{self.key}={given}: sampler=grid needs a finite number of values; give choices or a step, or "
                "use sampler=random"
            )
        step = self.step or 1
        count = round((self.high - self.low) / step) + 1
        values = [self.low + number * step for number in range(min(count, MAX_GRID + 1))]
        return [*values] if self.is_integer else [round(value, 12) for value in values]


def parse_search_space(parameters: Mapping[str, Any]) -> list[Parameter]:
    """Returns the parameters of a search space, sorted by key.

    Args:
        parameters: For each setting its values, as in conf/search_space; null for one that is not varied. The parts of
            a key may also be nested.

    Raises:
        InputError: The values of a setting are not described as they should be, or there is no setting.

    >>> parse_search_space({"optim": {"lr": {"low": 0.1, "high": 1}}, "model.layers": [1, 2]})[0]
    Parameter(key='model.layers', choices=(1, 2), low=0, high=0, step=None, log=False)
    """
    found = dict(_flat(parameters, ""))
    require(bool(found), KEY, "{}", "nothing to try; name settings of halo.train, as in conf/search_space/default.yaml")
    return [_parameter(key, found[key]) for key in sorted(found)]


def grid_of(parameters: Sequence[Parameter]) -> dict[str, list[Value]]:
    """Returns all values of each parameter.

    Raises:
        InputError: There are infinitely many, or too many combinations.
    """
    grid = {each.key: each.grid() for each in parameters}
    size = math.prod(map(len, grid.values()))
    if size > MAX_GRID:
        raise InputError(f"{KEY}: sampler=grid would try {size:,} combinations; use sampler=random, or fewer values")
    return grid


def combinations_of(parameters: Sequence[Parameter]) -> int:
    """Returns the number of combinations of a grid."""
    return len([*itertools.product(*grid_of(parameters).values())])


def _flat(node: Mapping[str, Any], prefix: str) -> Iterator[tuple[str, Any]]:
    for name, below in node.items():
        key = f"{prefix}{name}"
        is_description = not isinstance(below, Mapping) or not below or {*below} & {*RANGE, "choices"}
        if is_description:
            if below is not None:
                yield key, below
        else:
            yield from _flat(below, f"{key}.")


def _parameter(key: str, given: Any) -> Parameter:
    place = f"{KEY}.{key}"
    described = {"choices": given} if isinstance(given, list) else given
    example = "give {low: 1, high: 4}, with step or log: true if need be, or {choices: [1, 2]}"
    require(isinstance(described, Mapping) and bool(described), place, shown(given), f"no values to try; {example}")
    unknown = sorted({*map(str, described)} - {*RANGE, "choices"})
    if unknown:
        raise InputError(f"{place}.{unknown[0]}: unknown; {example}")
    if "choices" in described:
        return _choice(place, key, described)
    for end in ("low", "high"):
        value = described.get(end)
        is_number = isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)
        require(is_number, f"{place}.{end}", shown(value), f"must be a number; {example}")
    return _range(place, key, described)


def _choice(place: str, key: str, described: Mapping[str, Any]) -> Parameter:
    choices = described["choices"]
    require(len(described) == 1, place, shown(dict(described)), "give choices, or low and high, but not both")
    is_list = isinstance(choices, list) and bool(choices)
    require(is_list, f"{place}.choices", shown(choices), "must be a list of values: [1, 2]")
    texts = [shown(each) for each in choices]
    repeated = next((each for number, each in enumerate(texts) if each in texts[:number]), None)
    require(repeated is None, f"{place}.choices", f"[{', '.join(texts)}]", f"{repeated} is named twice")
    return Parameter(key, choices=tuple(choices))


def _range(place: str, key: str, described: Mapping[str, Any]) -> Parameter:
    low, high = described["low"], described["high"]
    step, log = described.get("step"), described.get("log")
    given = shown(dict(described))
    require(low <= high, place, given, "low must not be above high")
    require(log in (None, True, False), f"{place}.log", shown(log), "must be true or false")
    require(not log or low > 0, place, given, "log: true needs a low above 0")
    require(not log or step is None, place, given, "give a step or log: true, but not both")
    is_step = step is None or (isinstance(step, int | float) and not isinstance(step, bool) and 0 < step < math.inf)
    require(is_step, f"{place}.step", shown(step), "must be a number above 0")
    if step is not None:
        steps = (high - low) / step
        fits = abs(steps - round(steps)) < 1e-9 * max(1, steps)
        require(fits, place, given, "high must be low and a whole number of steps")
    return Parameter(key, low=low, high=high, step=step, log=bool(log))


def _storable(choice: Any) -> Value:
    """Returns a choice as Optuna can store it: a list or mapping as its text."""
    return choice if choice is None or isinstance(choice, str | int | float | bool) else shown(choice)
