"""Opening a classifier on a device, by the settings of a command."""

from pathlib import Path

from halo.bundle.loading import ModelClass, find_device
from halo.classification.classifier_bundle import ClassifierBundle, load_classifier
from halo.models.computed_weights import fix_computed_weights
from halo.models.language_model import LanguageModel
from halo.runtime.user_classes import import_class


def open_classifier(folder: Path, *, device: str, model_class: str | ModelClass = None) -> ClassifierBundle:
    """Returns a classifier in evaluation mode on a device.

    Args:
        folder: The folder of a saved classifier, or of the run that has saved one.
        device: `auto` for an accelerator if there is one, or a device of torch.
        model_class: The class of a custom language model, or its dotted path, which is imported.

    Raises:
        InputError: It holds no classifier, or its files are damaged, or the device cannot be used.
    """
    if isinstance(model_class, str):
        model_class = import_class(model_class, LanguageModel, key="model_class")  # type: ignore[type-abstract]
    classifier = load_classifier(folder, model_class=model_class)
    fix_computed_weights(classifier.model.encoder)
    classifier.model.to(find_device(device))
    return classifier
