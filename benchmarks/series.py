"""How good are forecasts of real series beside persistence, history and GARCH(1,1)?

The series are those that arch and statsmodels bring along: sp500, nasdaq, wti and vix (log returns), sunspots (values
around those of the last year) and the level of the Nile. Each is trained on with `experiment=series` and forecast by
`halo forecast`, on the dates after those that the model was trained and chosen on.

    python benchmarks/series.py                          # all series; minutes on two cores
    python benchmarks/series.py --series vix --epochs 2  # one of them, to see that it runs
    python benchmarks/series.py --split validation --setting data.series.scaling=ewma
"""

import argparse
import json
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from halo.forecasting.terminal import SHORT_NAMES
from halo.reports.console import table, wrapped


def _sp500() -> Any:
    from arch.data import sp500

    return sp500.load()[["Adj Close"]]


def _nasdaq() -> Any:
    from arch.data import nasdaq

    return nasdaq.load()[["Adj Close"]]


def _wti() -> Any:
    from arch.data import wti

    return wti.load()


def _vix() -> Any:
    from arch.data import vix

    return vix.load()


def _sunspots() -> Any:
    from statsmodels.datasets import sunspots

    return sunspots.load_pandas().data.set_index("YEAR")


def _nile() -> Any:
    from statsmodels.datasets import nile

    return nile.load_pandas().data.set_index("year")


SERIES: dict[str, tuple[Callable[[], Any], list[str]]] = {
    "sp500": (_sp500, []),
    "nasdaq": (_nasdaq, []),
    "wti": (_wti, []),
    "vix": (_vix, []),
    "sunspots": (_sunspots, ["data.series.transform=none", "data.series.num_bins=10", "data.batch_size=4"]),
    "nile": (_nile, ["data.series.transform=none", "data.series.num_bins=5", "data.batch_size=2"]),
}
"""What loads each series, and the settings that suit it."""


def run(*arguments: str, folder: Path) -> None:
    """Runs a command of halo in a folder."""
    subprocess.run([sys.executable, "-m", *arguments], cwd=folder, check=True, stdout=subprocess.DEVNULL)


def measure(name: str, *, split: str, epochs: int | None, settings: list[str]) -> dict[str, Any]:
    """Returns the figures of `halo forecast` for a series."""
    load, own = SERIES[name]
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        load().to_csv(folder / f"{name}.csv")
        changed = [] if epochs is None else [f"trainer.max_epochs={epochs}"]
        data = ["experiment=series", f"data.path={name}.csv", "run_dir=run", "logger=none"]
        run("halo.train", *data, *own, *changed, *settings, folder=folder)
        run("halo.forecast", "run", f"split={split}", folder=folder)
        (file,) = folder.glob("outputs/forecast/*/*/metrics.json")
        (figures,) = json.loads(file.read_text(encoding="utf-8"))["series"].values()
    return dict(figures)


def main() -> None:
    """Prints a table of log scores, and a verdict for each series."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--series", nargs="+", choices=[*SERIES], default=[*SERIES])
    parser.add_argument("--split", choices=("test", "validation"), default="test")
    parser.add_argument("--epochs", type=int)
    parser.add_argument("--setting", nargs="*", default=[], help="further settings of halo.train, KEY=VALUE")
    arguments = parser.parse_args()
    rows, verdicts = [], []
    for name in arguments.series:
        figures = measure(name, split=arguments.split, epochs=arguments.epochs, settings=arguments.setting)
        methods = figures["methods"]
        scores = [f"{methods[each]['log_score']:.3f}" if each in methods else "-" for each in SHORT_NAMES]
        rows.append([name, f"{figures['dates']:,}", *scores])
        verdicts.append(wrapped(f"{name}: {figures['verdict']}"))
    header = [
        "",
        "dates",
        *(each.replace("this ", "").replace("persistence", "persist.") for each in SHORT_NAMES.values()),
    ]
    print(table(f"Log score in nats on {arguments.split} dates, higher is better", header, rows))
    print("\n".join(verdicts))


if __name__ == "__main__":
    main()
