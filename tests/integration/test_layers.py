"""The direction of imports, as CONTRIBUTING.md draws it, sub-packages included."""

import ast
from pathlib import Path

import pytest

import halo

SOURCE = Path(halo.__file__).parent

LAYERS: dict[str, set[str]] = {
    "runtime": set(),
    "config": {"runtime"},
    "distributed": {"runtime"},
    "corpus.sources": {"corpus.cleaning", "config", "runtime"},
    "corpus.cleaning": {"config", "runtime"},
    "tokenization": {"corpus.cleaning", "runtime"},
    "corpus.dedup": {"corpus.cleaning", "config", "runtime"},
    "corpus.store": {"tokenization", "corpus.dedup", "corpus.cleaning", "corpus.sources", "config", "runtime"},
    "corpus.splits": {"corpus.store", "corpus.dedup", "config", "runtime"},
    "corpus.engines": {"corpus.store", "corpus.sources", "config", "runtime"},
    "corpus.remote": {"config", "runtime"},
    "corpus.genomes": {"corpus.store", "corpus.dedup", "corpus.sources", "tokenization", "config", "runtime"},
    "corpus": {
        *(
            "corpus.splits",
            "corpus.engines",
            "corpus.remote",
            "corpus.genomes",
            "corpus.store",
            "corpus.dedup",
            "corpus.cleaning",
            "corpus.sources",
        ),
        *("tokenization", "config", "runtime"),
    },
    "models": {"tokenization", "config", "runtime"},
    "data": {"corpus", "config", "runtime"},
    "reports": {"corpus", "corpus.genomes", "config", "runtime"},
    "reports.data_report": {"reports", "models", "corpus", "corpus.genomes", "corpus.store", "config", "runtime"},
    "reports.cards": {"reports", "corpus", "corpus.cleaning", "corpus.genomes", "config", "runtime"},
    "bundle": {"models", "tokenization", "config", "runtime"},
    "generation": {"models", "tokenization", "corpus.cleaning", "config", "runtime"},
    "evaluation": {
        *("generation", "bundle", "reports", "data", "models"),
        *("corpus", "corpus.store", "corpus.cleaning", "corpus.sources", "corpus.genomes", "tokenization", "config"),
        "runtime",
    },
    "auditing.canaries": {"evaluation", "data", "models", "corpus", "tokenization", "runtime"},
    "auditing": {
        *("auditing.canaries", "scoring.comparison", "generation", "evaluation", "bundle", "reports", "data", "models"),
        *("reports.data_report", "corpus", "corpus.cleaning", "tokenization", "config", "runtime"),
    },
    "evaluation.counterfactuals": {"evaluation", "data", "models", "corpus", "tokenization", "runtime"},
    "auditing.output": {
        "auditing",
        "auditing.canaries",
        "bundle",
        "reports",
        "reports.data_report",
        "reports.run_page",
        "runtime",
    },
    "scoring": {
        *("generation", "evaluation", "bundle", "data", "models"),
        *("corpus", "corpus.cleaning", "tokenization", "config", "runtime"),
    },
    "genomics": {
        *("scoring.files", "evaluation", "reports", "models"),
        *("corpus", "corpus.genomes", "corpus.sources", "tokenization", "config", "runtime"),
    },
    "genomics.variants": {"genomics", "scoring.files", "evaluation", "reports", "corpus.sources", "runtime"},
    "genomics.command": {
        *("genomics.variants", "genomics", "evaluation", "bundle", "reports", "corpus", "corpus.genomes"),
        *("config", "runtime"),
    },
    "scoring.files": {"scoring", "evaluation", "bundle", "reports", "corpus", "corpus.sources", "config", "runtime"},
    "scoring.comparison": {
        *("scoring", "scoring.files", "evaluation", "bundle", "reports"),
        *("corpus", "corpus.sources", "config", "runtime"),
    },
    "scoring.pairs": {
        *("scoring.comparison", "scoring", "scoring.files", "evaluation", "bundle", "reports"),
        *("corpus.sources", "config", "runtime"),
    },
    "scoring.reading_times": {
        *("scoring.comparison", "scoring", "scoring.files", "evaluation", "bundle", "reports"),
        *("corpus.sources", "config", "runtime"),
    },
    "exporting.portable": {"models", "tokenization", "corpus.cleaning", "config", "runtime"},
    "exporting.onnx": {
        *("exporting.portable", "classification", "evaluation", "bundle", "reports", "data", "models"),
        *("corpus", "corpus.sources", "tokenization", "config", "runtime"),
    },
    "exporting": {
        *(
            "auditing",
            "exporting.onnx",
            "exporting.portable",
            "classification",
            "bundle",
            "reports",
            "reports.cards",
            "models",
        ),
        *("tokenization", "config", "runtime"),
    },
    "training": {
        *("evaluation", "generation", "reports", "reports.data_report", "data", "models", "corpus", "tokenization"),
        *("distributed", "config", "runtime"),
    },
    "training.callbacks": {
        *("training", "training.resume", "evaluation", "generation", "reports", "data", "models", "tokenization"),
        *("config", "runtime"),
    },
    "training.loggers": {"runtime"},
    "training.resume": {"training", "training.loggers", "bundle", "data", "models", "corpus", "config", "runtime"},
    "runs": {
        *(
            "training",
            "training.callbacks",
            "training.loggers",
            "training.resume",
            "evaluation",
            "evaluation.counterfactuals",
            "auditing",
            "auditing.output",
            "auditing.canaries",
            "genomics",
            "bundle",
            "reports",
            "reports.cards",
            "reports.run_page",
        ),
        *(
            "reports.run_page.analysis",
            "reports.data_report",
            "data",
            "models",
            "corpus",
            "tokenization",
            "distributed",
            "config",
            "runtime",
        ),
    },
    "reports.run_page": {
        *("reports.run_page.analysis", "reports.data_report", "reports", "evaluation", "bundle", "models", "corpus"),
        *("corpus.genomes", "tokenization", "config", "runtime"),
    },
    "reports.run_page.analysis": {"evaluation", "data", "models", "corpus", "tokenization", "config"},
    "classification": {"bundle", "models", "corpus", "tokenization", "config", "runtime"},
    "classification.measurement": {
        *("classification", "scoring.comparison", "evaluation", "reports", "tokenization", "config", "runtime"),
    },
    "classification.page": {
        *("classification", "classification.measurement", "scoring.comparison", "evaluation", "reports"),
        *("reports.data_report", "reports.run_page", "tokenization", "config", "runtime"),
    },
    "classification.prediction": {
        *("classification", "classification.measurement", "scoring", "scoring.files", "scoring.comparison"),
        *("evaluation", "bundle", "reports", "models", "corpus", "corpus.sources", "config", "runtime"),
    },
    "classification.training": {
        *(
            "classification.page",
            "classification",
            "reports.cards",
            "runs",
            "training",
            "training.callbacks",
            "training.resume",
            "bundle",
            "models",
        ),
        *("classification.measurement", "corpus", "tokenization", "config", "runtime"),
    },
    "sweeping": {"config", "runtime"},
    "sweeping.launchers": {"reports", "config", "runtime"},
    "comparing.page.charts": {"comparing", "reports", "reports.data_report", "reports.run_page", "config"},
    "comparing.page": {
        *("comparing.page.charts", "comparing", "reports", "reports.data_report", "reports.run_page", "runtime"),
    },
    "comparing": {"evaluation", "bundle", "reports.run_page", "corpus.store", "config", "runtime"},
    "comparing.output": {"comparing", "reports", "config", "runtime"},
    "forecasting": {
        *("comparing", "bundle", "reports", "reports.data_report", "reports.run_page", "models"),
        *("corpus", "corpus.sources", "tokenization", "config", "runtime"),
    },
    "sweeping.workers": {"sweeping", "training.resume", "distributed", "config", "runtime"},
    "sweeping.results": {
        *("sweeping", "sweeping.workers", "comparing", "comparing.page", "reports", "config", "runtime"),
    },
    "sweeping.command": {
        *(
            "sweeping",
            "sweeping.workers",
            "sweeping.launchers",
            "sweeping.results",
            "api",
            "cli",
            "corpus",
            "config",
            "runtime",
        ),
    },
    "topic_modelling.crossings": {"comparing", "scoring", "evaluation", "bundle", "reports", "runtime"},
    "topic_modelling.output": {
        *("topic_modelling", "topic_modelling.crossings", "classification", "scoring.files", "bundle"),
        *("corpus", "corpus.cleaning", "corpus.sources", "config", "runtime"),
    },
    "topic_modelling.page": {
        *("topic_modelling", "topic_modelling.output", "topic_modelling.crossings", "comparing.page"),
        *("comparing.page.charts", "reports", "reports.data_report", "reports.run_page", "runtime"),
    },
    "cli": {"reports", "distributed", "config", "runtime"},
    "api": {
        *("classification", "classification.prediction"),
        *("runs", "cli", "scoring", "evaluation", "generation", "bundle", "data", "models"),
        *("corpus", "corpus.cleaning", "tokenization", "config", "runtime"),
    },
    "topic_modelling": {
        *("api", "evaluation", "generation", "bundle", "reports", "reports.run_page.analysis"),
        *("corpus", "corpus.cleaning", "corpus.sources"),
        *("corpus.splits", "corpus.store", "tokenization", "topic_modelling.crossings", "config", "runtime"),
    },
    "showing": {
        *("evaluation", "bundle", "reports", "data", "models", "corpus", "corpus.cleaning", "tokenization", "config"),
        "runtime",
    },
    "showing.page": {"showing", "reports.data_report", "runtime"},
    "serving.requests": {"config", "runtime"},
    "serving.answers": {
        *("serving.requests", "api", "classification", "scoring", "generation", "bundle", "reports.cards"),
        *("tokenization", "config", "runtime"),
    },
    "serving.openai": {"serving.answers", "serving.requests", "scoring", "generation", "config", "runtime"},
    "serving": {"serving.openai", "serving.answers", "serving.requests", "generation", "config", "runtime"},
}
"""For each package, the packages that it may import; a sub-package has its own entry."""

HOMES: dict[str, set[str]] = {
    "hydra": {"api", "cli", "commands"},
    "omegaconf": {"api", "cli", "commands", "config", "sweeping.command"},
    "pydivsufsort": {"auditing"},
    "lightning": {
        *("training", "training.loggers", "training.callbacks", "training.resume", "runs", "data"),
        "classification.training",
    },
    "torchmetrics": {"training"},
    "tokenizers": {"tokenization", "corpus.dedup", "exporting.portable"},
    "fsspec": {"corpus.sources", "corpus.engines", "corpus.remote"},
    "charset_normalizer": {"corpus.sources"},
    "rensa": {"corpus.dedup"},
    "safetensors": {"bundle", "exporting"},
    "torch": {
        *(
            "models",
            "data",
            "distributed",
            "bundle",
            "generation",
            "evaluation",
            "evaluation.counterfactuals",
            "auditing",
            "auditing.canaries",
            "scoring",
            "genomics",
            "training",
            "training.callbacks",
            "training.resume",
            "forecasting",
        ),
        *("runs", "api", "runtime", "reports.run_page", "reports.run_page.analysis", "showing"),
        *("classification", "classification.training"),
        *("runs", "api", "runtime", "serving.answers", "exporting", "exporting.onnx", "exporting.portable"),
    },
    "fastapi": {"serving", "serving.requests", "serving.answers", "serving.openai"},
    "starlette": {"serving", "serving.requests", "serving.answers"},
    "uvicorn": {"serving"},
    "prometheus_client": {"serving", "serving.requests"},
    "rich": {"reports", "runtime"},
    "jinja2": {"reports.cards", "reports.data_report", "exporting"},
    "onnx": {"exporting.onnx"},
    "onnxruntime": {"exporting.onnx"},
    "markupsafe": {
        *("reports.data_report", "reports.run_page", "comparing.page", "comparing.page.charts"),
        *("classification.page", "topic_modelling.page", "forecasting", "showing.page", "auditing.output"),
    },
    "sklearn": {"auditing", "classification.measurement", "topic_modelling", "topic_modelling.page"},
    "arch": {"forecasting"},
    "filelock": {"runtime", "corpus"},
    "optuna": {"sweeping", "sweeping.results", "comparing.page"},
    "plotly": {"comparing.page", "comparing.page.charts", "topic_modelling.page"},
    "sqlalchemy": {"sweeping"},
    "submitit": {"sweeping.launchers"},
    "tomotopy": {"topic_modelling"},
    "matplotlib": {"training.callbacks", "reports.data_report", "runs"},
}
"""The packages that may import a library; libraries not listed may be imported anywhere."""

COMMANDS = {
    "__init__",
    "__main__",
    "train",
    "audit",
    "classify",
    "compare",
    "evaluate",
    "export",
    "forecast",
    "generate",
    "genome",
    "predict",
    "prepare",
    "report",
    "schema",
    "score",
    "serve",
    "show",
    "sweep",
    "topics",
}
"""The modules at the top of src/halo: one per command."""

MAX_MODULES = 12


def package(name: str) -> str:
    """Returns the innermost package of `LAYERS` that contains a dotted name below `halo`; `commands` at the top."""
    parts = name.split(".")
    prefixes = (".".join(parts[:length]) for length in range(len(parts), 0, -1))
    return next((each for each in prefixes if each in LAYERS), "commands")


def dotted(file: Path) -> str:
    return ".".join(file.relative_to(SOURCE).with_suffix("").parts)


def imports(file: Path) -> set[str]:
    names: set[str] = set()
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{file}: relative import"
            names |= {f"{node.module}.{alias.name}" for alias in node.names}
    return names


FILES = sorted(SOURCE.rglob("*.py"))


@pytest.mark.parametrize("file", FILES, ids=dotted)
def test_imports_go_one_way(file: Path) -> None:
    here = package(dotted(file))
    for name in imports(file):
        top, _, rest = name.partition(".")
        if top == "halo" and here != "commands":
            assert package(rest) in {here, *LAYERS[here]}, f"{dotted(file)} imports {name}"
        if top in HOMES:
            assert here in HOMES[top], f"{dotted(file)} imports {name}"


def test_the_table_has_no_cycle_and_no_unknown_package() -> None:
    order: list[str] = []
    while len(order) < len(LAYERS):
        free = [each for each in LAYERS if each not in order and LAYERS[each] <= {*order}]
        assert free, f"a cycle among {sorted(LAYERS.keys() - set(order))}"
        order += free
    assert {package(dotted(file)) for file in FILES} == {*LAYERS, "commands"}


def test_no_package_has_too_many_modules() -> None:
    folders = {file.parent for file in FILES} - {SOURCE}  # which has one module for each command
    for folder in folders:
        modules = [file.stem for file in folder.glob("*.py") if file.stem != "__init__"]
        assert len(modules) <= MAX_MODULES, f"{folder.relative_to(SOURCE)}: {len(modules)} modules"


def test_only_commands_are_at_the_top() -> None:
    assert {file.stem for file in SOURCE.glob("*.py")} == COMMANDS
