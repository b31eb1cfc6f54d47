"""The sections that the model card has as well: swapped words, and what the model remembers."""

from collections.abc import Iterator

from halo.reports.run_page.material import NOT_MEASURED, Context, Material
from halo.reports.run_page.run_metrics import Estimate, SwapFigures


def swaps_context(material: Material) -> Context:
    """Returns what swapped pronouns and names have shown: a sentence for each pair, and the figures."""
    metrics = material.run.metrics
    if metrics is None:
        return {"missing": NOT_MEASURED}
    measured = metrics.counterfactuals
    if measured is None:
        return {"missing": "the run did not record swapped words"}
    if measured.skipped:
        return {"missing": measured.skipped}
    return {
        "sentences": [line for swap in measured.swaps for line in _told(swap)],
        "rows": [
            (each.name, f"{each.sentences:,} in {each.documents:,}", _shown(each.word_bits), _shown(each.rest_bits))
            for swap in measured.swaps
            for each in swap.directions
        ],
        "skipped": [f"{swap.name}: {swap.skipped}" for swap in measured.swaps if swap.skipped],
    }


def _told(swap: SwapFigures) -> Iterator[str]:
    """Yields what the figures of both directions together mean, in plain English."""
    if swap.preference is None:
        return
    first, _, second = swap.preference.name.partition(" rather than ")
    mean, low, high = swap.preference.word_bits
    if low <= 0 <= high:
        interval = f"({mean:+.2f} bits, 95% interval {low:+.2f} to {high:+.2f})"
        yield f"Between {first} and {second}, no preference can be told from chance {interval}."
        return
    if mean < 0:
        first, second, mean, low, high = second, first, -mean, -high, -low
    interval = f"({mean:.2f} bits, 95% interval {low:.2f} to {high:.2f})"
    yield f"The model prefers {first} to {second}: {2 ** min(mean, 99):.2f} times the probability {interval}."


def _shown(estimate: Estimate) -> str:
    mean, low, high = estimate
    return f"{mean:+.2f} ({low:+.2f} to {high:+.2f})"


def memorisation_context(material: Material) -> Context:
    """Returns the verdict of the audit, with its reasons and limits."""
    audit = material.run.audit
    if audit is None:
        return {"missing": "there is no audit of this model; halo audit writes one, and halo report shows it"}
    return {"audit": audit.verdict}
