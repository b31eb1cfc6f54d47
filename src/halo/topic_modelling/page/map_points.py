"""Texts as points in a plane.

Shape letters: N texts, D features, M texts on the map.
"""

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from halo.runtime.errors import packages_of_extra

MAX_POINTS = 1500
"""More points than these cover each other, and take minutes."""
MIN_NEIGHBOURS_MAP = 12
"""With fewer texts there are no neighbourhoods to keep, and the map is a plane through the vectors."""
COMPONENTS = 50
PERPLEXITY = 30

Floats = npt.NDArray[np.floating]


class TextMap(NamedTuple):
    """The places of texts in a plane.

    Attributes:
        numbers: The numbers of the texts on the map, in their order.
        places: Their coordinates, shape (M, 2).
        method: `t-SNE` or `PCA`.
    """

    numbers: npt.NDArray[np.int64]
    places: Floats
    method: str


def map_texts(vectors_ND: Floats, *, seed: int) -> TextMap | None:
    """Returns texts as points in a plane, similar ones near each other; None for fewer than three texts.

    The map is t-SNE (van der Maaten and Hinton 2008) of the first 50 principal components; of very few texts it is that
    of the first two components. Of many texts an even sample is drawn.

    Args:
        vectors_ND: A vector for each text.
        seed: Seed of the sample and of the map.

    Raises:
        InputError: scikit-learn is not installed.
    """
    with packages_of_extra("topics", purpose="the map of texts"):
        from sklearn.decomposition import PCA
        from sklearn.manifold import TSNE
    if len(vectors_ND) < 3:
        return None
    numbers = np.arange(len(vectors_ND))
    if len(numbers) > MAX_POINTS:
        numbers = np.sort(np.random.default_rng(seed).choice(numbers, MAX_POINTS, replace=False))
    chosen = vectors_ND[numbers].astype(np.float64)
    if not np.ptp(chosen, axis=0).any():
        return None  # all texts are the same
    size = min(COMPONENTS, *chosen.shape)
    components = PCA(size, random_state=seed).fit_transform(chosen)
    if len(numbers) < MIN_NEIGHBOURS_MAP or size < 2:
        return TextMap(numbers, np.pad(components[:, :2], ((0, 0), (0, max(0, 2 - size)))), "PCA")
    components /= components[:, 0].std() or 1.0
    perplexity = min(PERPLEXITY, (len(numbers) - 1) / 3)
    start = 1e-4 * components[:, :2]
    places = TSNE(2, perplexity=perplexity, init=start, random_state=seed).fit_transform(components)
    return TextMap(numbers, places, "t-SNE")
