"""Topics as clusters of vectors: fitted, saved as plain arrays, and given new texts.

Shape letters: N texts, D features of a vector, K topics.
"""

import io
import json
import warnings
import zipfile
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from pydantic import TypeAdapter

from halo.runtime.array_types import IntArray
from halo.runtime.atomic_files import atomic_write_bytes, json_text
from halo.runtime.errors import InputError, packages_of_extra, reason

ARRAYS, DESCRIPTION = "topic_model.npz", "topic_model.json"
FORMAT = 1
MAX_BYTES = 2**26
COMMON_QUANTILE = 0.99
"""Texts farther from all topics than this share of the training texts are unlike all of them."""

FloatArray = npt.NDArray[np.float64]


class Assignment(NamedTuple):
    """The topics of texts.

    Attributes:
        topics_N: The topic of each text, as a number from 0.
        weights_NK: The weight of each topic in each text; those of a text add up to 1.
    """

    topics_N: IntArray
    weights_NK: FloatArray


@dataclass(frozen=True)
class TopicDescription:
    """What a saved model of topics says of itself.

    Attributes:
        format: The version of its files.
        unit: What its topics are of, `paragraph` or `document`.
        probe: The vector of a probe text under the language model that made the vectors, see `probe_vector`.
        words: The words of each topic with their weights, the most telling first.
    """

    format: int
    unit: str
    probe: list[float]
    words: list[list[tuple[str, float]]]


@dataclass(frozen=True)
class TopicModel:
    """Topics as centres of clusters of texts.

    The mean of the training vectors is subtracted from a vector, which is then scaled to length 1, and belongs to the
    topic whose centre is nearest.

    Attributes:
        mean_D: The mean of the training vectors.
        centres_KD: The centre of each topic.
        variance: The mean squared distance of training texts from their centres, per independent feature.
        max_distance: The distance from the nearest centre that 99% of the training texts keep within.
        description: The words of the topics, and what the model belongs to.
    """

    mean_D: FloatArray
    centres_KD: FloatArray
    variance: float
    max_distance: float
    description: TopicDescription

    @property
    def num_topics(self) -> int:
        """The number of topics, K."""
        return len(self.centres_KD)

    @property
    def words(self) -> list[list[tuple[str, float]]]:
        """The words of each topic with their weights, the most telling first."""
        return self.description.words

    def project(self, vectors_ND: npt.NDArray[np.float32]) -> FloatArray:
        """Returns vectors as topics see them, without their mean and of length 1, shape (N, D)."""
        return _unit_length(vectors_ND - self.mean_D)

    def distances(self, vectors_ND: npt.NDArray[np.float32]) -> FloatArray:
        """Returns the distance of each vector from each centre, shape (N, K)."""
        return _distances(self.project(vectors_ND), self.centres_KD)

    def assign(self, vectors_ND: npt.NDArray[np.float32]) -> Assignment:
        """Returns the topic of each vector, and the weight of every topic in it.

        The weights are the posterior probabilities under a mixture of spherical Gaussians around the centres, equally
        frequent and equally wide, of which k-means is the limit.
        """
        distances_NK = self.distances(vectors_ND)
        logits_NK = -(distances_NK**2) / (2 * self.variance)
        weights_NK = np.exp(logits_NK - logits_NK.max(axis=1, keepdims=True))
        return Assignment(distances_NK.argmin(axis=1), weights_NK / weights_NK.sum(axis=1, keepdims=True))

    def is_unlike_all(self, vectors_ND: npt.NDArray[np.float32]) -> npt.NDArray[np.bool_]:
        """Returns whether each vector is farther from all topics than 99% of the training texts, shape (N,)."""
        far_N: npt.NDArray[np.bool_] = self.distances(vectors_ND).min(axis=1) > self.max_distance
        return far_N

    def save(self, folder: Path) -> None:
        """Writes topic_model.npz and topic_model.json."""
        buffer = io.BytesIO()
        np.savez(
            buffer,
            mean_D=self.mean_D,
            centres_KD=self.centres_KD,
            limits=np.array([self.variance, self.max_distance]),
        )
        atomic_write_bytes(folder / ARRAYS, buffer.getvalue())
        atomic_write_bytes(folder / DESCRIPTION, json_text(asdict(self.description)).encode())


def load_topics(folder: Path) -> TopicModel:
    """Returns the topics that `TopicModel.save` wrote.

    Raises:
        InputError: There are none in the folder, or they are damaged or of another version.
    """
    file = folder / ARRAYS
    for each in (file, folder / DESCRIPTION):
        if not each.is_file():
            raise InputError(f"topics={folder}: no {each.name} there; give a folder that halo.topics wrote")
        if each.stat().st_size > MAX_BYTES:
            raise InputError(f"{each}: {each.stat().st_size:,} bytes, more than topics take; use another folder")
    try:
        plain = json.loads((folder / DESCRIPTION).read_bytes())
        description = TypeAdapter(TopicDescription).validate_python(plain)
        if description.format != FORMAT:
            raise ValueError(f"format {description.format}, this version reads {FORMAT}")
        with np.load(file, allow_pickle=False) as arrays:
            mean_D, centres_KD, limits = (
                arrays[name].astype(np.float64) for name in ("mean_D", "centres_KD", "limits")
            )
        fits = centres_KD.ndim == 2 and mean_D.shape == centres_KD.shape[1:]
        if not fits or limits.shape != (2,) or len(centres_KD) != len(description.words):
            raise ValueError("its arrays do not belong together")
        if not all(np.isfinite(each).all() for each in (mean_D, centres_KD, limits)) or limits[0] <= 0:
            raise ValueError("some values are not finite numbers above 0")
    except (OSError, EOFError, ValueError, KeyError, TypeError, RecursionError, zipfile.BadZipFile) as error:
        raise InputError(f"{file}: damaged topics ({reason(error)}); run halo.topics again") from error
    return TopicModel(mean_D, centres_KD, float(limits[0]), float(limits[1]), description)


def fit_topics(vectors_ND: npt.NDArray[np.float32], *, num_topics: int, seed: int) -> TopicModel:
    """Returns topics of training vectors by k-means, the largest first and still without words.

    The mean of all vectors is subtracted, which is what all texts have in common, and the rest is scaled to length 1,
    so that k-means compares directions (spherical k-means, Dhillon and Modha 2001).

    Args:
        vectors_ND: The vectors of the training texts.
        num_topics: The number of topics, K.
        seed: Seed of the first centres.

    Raises:
        InputError: There are fewer different texts than topics, or scikit-learn is not installed.
    """
    with packages_of_extra("topics", purpose="finding topics"):
        from sklearn.cluster import KMeans
        from sklearn.exceptions import ConvergenceWarning

    different = len(np.unique(vectors_ND, axis=0))
    if different < num_topics:
        raise InputError(
            f"num_topics={num_topics}: only {different:,} different training texts; give a smaller number, or more text"
        )
    mean_D = vectors_ND.mean(axis=0, dtype=np.float64)
    projected_ND = _unit_length(vectors_ND - mean_D)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)  # fewer different directions than topics
        found = KMeans(num_topics, n_init=10, random_state=seed).fit(projected_ND)
    by_size = np.argsort(-np.bincount(found.labels_, minlength=num_topics), kind="stable")
    centres_KD = found.cluster_centers_[by_size].astype(np.float64)
    distances_NK = _distances(projected_ND, centres_KD)
    topics_N, nearest_N = distances_NK.argmin(axis=1), distances_NK.min(axis=1)
    variance = max(float((nearest_N**2).mean()) / _independent_features(projected_ND - centres_KD[topics_N]), 1e-9)
    limit = float(np.quantile(nearest_N, COMMON_QUANTILE))
    return TopicModel(mean_D, centres_KD, variance, limit, TopicDescription(FORMAT, "", [], []))


def _independent_features(residuals_ND: FloatArray) -> float:
    """Returns how many independent features of equal variance residuals are like: the participation ratio."""
    variances = np.linalg.eigvalsh(residuals_ND.T @ residuals_ND)
    return float(variances.sum() ** 2 / max((variances**2).sum(), 1e-300))


def _unit_length(vectors: FloatArray) -> FloatArray:
    lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
    scaled: FloatArray = vectors / np.maximum(lengths, 1e-12)
    return scaled


def _distances(vectors_ND: FloatArray, centres_KD: FloatArray) -> FloatArray:
    squares_NK = (vectors_ND**2).sum(1)[:, None] - 2 * vectors_ND @ centres_KD.T + (centres_KD**2).sum(1)
    distances_NK: FloatArray = np.sqrt(np.maximum(squares_NK, 0))
    return distances_NK
