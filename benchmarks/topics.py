"""Are topics from a language model's vectors as coherent as LDA's, on text that neither has seen?

Both divide the same paragraphs or documents among the same number of topics, described by the same words; NPMI is
measured on the test split, and every figure is a mean over the same seeds with its 95% interval.

    python benchmarks/topics.py --bundle outputs/train/DATE/TIME/bundle
    python benchmarks/topics.py --bundle FOLDER --path abstracts.csv --set data.text_field=abstract unit=document
"""

import argparse
import time

from halo.api.composing import compose_settings
from halo.bundle.loading import open_model
from halo.config import TopicsConfig, parse
from halo.reports.console import table
from halo.runtime.threads import limit_threads, measure_cores
from halo.topic_modelling.find_topics import find_topics
from halo.topic_modelling.result import MethodResult
from halo.topic_modelling.unit_files import topic_units

HEADER = ("topics", "method", "NPMI", "diversity", "same words", "same units", "words seen")


def settings(arguments: argparse.Namespace, number: int) -> TopicsConfig:
    """Returns the settings of one search."""
    given = [f"num_topics={number}", f"num_seeds={arguments.seeds}", *arguments.set]
    sources = {"run": arguments.run, "bundle": arguments.bundle, "path": arguments.path}
    return parse(compose_settings("topics", given, config_dir=None, **sources), TopicsConfig)


def figures(number: int, method: MethodResult) -> list[str]:
    """Returns a row of the table."""
    estimates = (method.coherence, method.diversity, method.jaccard, method.rand)
    shown = [f"{each.mean:.3f}\n± {each.high - each.mean:.3f}" for each in estimates]
    return [str(number), method.name, *shown, f"{method.words_seen:.0%}"]


def main() -> None:
    """Prints one table: each number of topics, with both methods."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--run", help="run folder of a model")
    parser.add_argument("--bundle", help="or a saved model")
    parser.add_argument("--path", help="texts; the model's own corpus without it")
    parser.add_argument("--topics", type=int, nargs="+", default=[10, 20], help="numbers of topics")
    parser.add_argument("--seeds", type=int, default=10)
    parser.add_argument("--set", nargs="*", default=[], metavar="SETTING=VALUE", help="further settings of halo.topics")
    arguments = parser.parse_args()
    limit_threads(measure_cores())
    model = open_model(run=arguments.run, bundle=arguments.bundle, device="cpu")
    configs = [settings(arguments, number) for number in arguments.topics]
    units = topic_units(model, configs[0])
    began, rows = time.perf_counter(), []
    for config in configs:
        result = find_topics(model, units, config)
        methods = [each for each in (result.clusters, result.lda) if each is not None]
        rows += [figures(result.model.num_topics, each) for each in methods]
    title = f"{len(units):,} units of {arguments.path or 'the model’s own corpus'}, {arguments.seeds} seeds"
    seconds = time.perf_counter() - began
    print(f"{table(title, HEADER, rows, text_columns=(1,))}\n{seconds:.0f} s without the vectors")


if __name__ == "__main__":
    main()
