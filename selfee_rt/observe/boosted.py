"""LightGBM on window features; imported only where that classifier is configured, since it needs an extra."""

import lightgbm
import numpy as np
from numpy.typing import NDArray

from selfee_rt.errors import ConfigError, ControlError, ReferenceFileError
from selfee_rt.observe.reference import Reference
from selfee_rt.observe.reference_parts import check_fps
from selfee_rt.observe.windows import FEATURES_PER_DIMENSION, Windows
from selfee_rt.types import Examples


class BoostedClassifier:
    """The reference's LightGBM model on a causal window; unknown (None) until the window is full.

    One thread, so that the answer does not depend on the machine's load.
    Source: Jia et al. 2022, eLife 11:e76218; Ke et al. 2017, NeurIPS 30.

    Raises:
        ConfigError: the reference holds no such model, or one learned at another frame rate.
        ReferenceFileError: the model is not one for this reference.
    """

    def __init__(self, reference: Reference, fps: float) -> None:
        if reference.boosted is None or reference.boosted_text is None:
            raise ConfigError(
                [
                    "observe.classifier: the reference holds no LightGBM model; make one with "
                    "`selfee-rt fit --classifier lightgbm`"
                ]
            )
        check_fps("the windows of the LightGBM model", reference.boosted.fps, fps)
        self.labels: tuple[str, ...] = reference.labels
        self._model = _loaded(reference.boosted_text.tobytes().decode("utf-8"))
        points_dim = reference.projection.shape[1]
        _check(self._model, FEATURES_PER_DIMENSION * points_dim, len(self.labels))
        self._windows = Windows(reference.boosted.window_exposures, points_dim)

    def probabilities(self, point: NDArray[np.float32]) -> NDArray[np.float64] | None:
        """Probability of each label for the window that ends with `point` (d,): (C,), sum 1; None until it is full."""
        features = self._windows.features(point)
        if features is None:
            return None
        given: NDArray[np.float64] = self._model.predict(features[None], num_threads=1)[0]
        return given

    def observe(self, point: NDArray[np.float32]) -> None:
        """Move the window on to `point` (d,)."""
        self._windows.push(point)

    def reset(self, why: str) -> None:
        """Empty the window: it would span the break."""
        self._windows.clear()

    def taught(self, examples: Examples) -> "BoostedClassifier":
        """Refuse: single points have no windows.

        Raises:
            ControlError: always.
        """
        raise ControlError(
            "the LightGBM classifier learns from windows of whole recordings and cannot be taught during a session; "
            'use kind = "knn", "probe" or "river" for that, or make a new reference from the recording afterwards'
        )


def _loaded(text: str) -> lightgbm.Booster:
    try:
        return lightgbm.Booster(model_str=text)
    except (lightgbm.basic.LightGBMError, ValueError, KeyError) as error:
        raise ReferenceFileError(
            f"this version of LightGBM, {lightgbm.__version__}, cannot read the reference's model ({error}); "
            "make the reference anew with `selfee-rt fit`"
        ) from error


def _check(model: lightgbm.Booster, features: int, labels: int) -> None:
    """Refuse a model of other features or labels.

    Raises:
        ReferenceFileError: it is.
    """
    got = (model.num_feature(), model.num_model_per_iteration())
    if got != (features, labels):
        raise ReferenceFileError(
            f"the reference's LightGBM model has {got[0]} features and {got[1]} labels, expected {features} and "
            f"{labels}; make the reference anew with `selfee-rt fit`"
        )
