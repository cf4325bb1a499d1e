"""What observations are compared with: the reference, the projection that comes with it, templates."""

from pathlib import Path

from selfee_rt.build.line import model_path
from selfee_rt.config import SessionConfig
from selfee_rt.decide import Project
from selfee_rt.embed.model import ModelCard, read_card, shipped
from selfee_rt.errors import ConfigError
from selfee_rt.observe.reference import Reference, random_projection
from selfee_rt.observe.teachable import declaring, from_nothing
from selfee_rt.observe.template import Template

SHIPPED_REFERENCE = "synthetic_arena.npz"
"""Reference of the shipped model for the synthetic arena."""

PROJECTED_DIM = 64
"""Dimensions of the random projection that river's detectors work on where there is no reference."""


def reference_path(config: SessionConfig) -> Path | None:
    """The reference that `config` names; the shipped one where shipped model and synthetic arena meet; else None."""
    if config.observe.reference is not None:
        return config.observe.reference
    if config.source.kind == "synthetic" and config.model.file is None:
        return shipped(SHIPPED_REFERENCE)
    return None


def reference(config: SessionConfig, model_id: str) -> Reference | None:
    """Read the reference of `reference_path`, if there is one; with room for the labels of `observe.labels`.

    Without one, `observe.labels` begin with an empty bank and a random projection.

    Raises:
        ReferenceFileError: it cannot be read, or was made with another model.
    """
    path, labels = reference_path(config), config.observe.labels
    if path is None:
        return _from_nothing(config, model_id) if labels else None
    loaded = Reference.load(path)
    loaded.check_model(model_id)
    return declaring(loaded, labels)


def _from_nothing(config: SessionConfig, model_id: str) -> Reference:
    dim = read_card(model_path(config.model)).embedding_dim
    return from_nothing(model_id, dim, min(PROJECTED_DIM, dim), config.observe.labels)


def projection(known: Reference | None, config: SessionConfig, card: ModelCard) -> Project | None:
    """How an embedding becomes a point: by the reference, else by the templates, else at random for detectors."""
    if known is not None:
        return known.project
    if config.observe.template:
        return Template.load(config.observe.template[0].file).project
    if not config.observe.detector:
        return None
    matrix = random_projection(card.embedding_dim, min(PROJECTED_DIM, card.embedding_dim), seed=0)
    return lambda vector: vector @ matrix


def templates(
    config: SessionConfig, known: Reference | None, model_id: str | None = None
) -> tuple[tuple[Template, float | None], ...]:
    """Read every template that `config` names, each with the threshold that `config` says for it.

    Raises:
        TemplateFileError: one cannot be read, was made with a model other than `model_id`, or is projected in
            another way than the reference or the first template.
        ConfigError: two have one name.
    """
    loaded = [(Template.load(each.file), each.threshold) for each in config.observe.template]
    names = [template.name for template, _ in loaded]
    if len(set(names)) < len(names):
        raise ConfigError([f"observe.template: two have the same name: {', '.join(sorted(names))}; leave one out"])
    for template, _ in loaded:
        if model_id is not None:
            template.check_model(model_id)
        space = loaded[0][0] if known is None else known
        template.check_projection(space.mean, space.projection)
    return tuple(loaded)


def required(known: Reference | None, what: str) -> Reference:
    """The reference, for `what` cannot do without.

    Raises:
        ConfigError: there is none.
    """
    if known is None:
        raise ConfigError(
            [f"observe: {what} needs a reference, and there is none; set observe.reference, made by `selfee-rt fit`"]
        )
    return known
