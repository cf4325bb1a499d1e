"""Training settings are the authors' unless said otherwise, and nothing unknown is taken."""

import tomllib

import pytest

from selfee_rt.errors import ConfigError, ModelError
from tests.support import need_module

torch = need_module("torch")
need_module("torchvision")

from selfee_rt.workbench.network import NetworkShape  # noqa: E402
from selfee_rt.workbench.stored_run import stored_settings  # noqa: E402
from selfee_rt.workbench.train_settings import PRESETS, TrainSettings, differences, settings_of  # noqa: E402
from selfee_rt.workbench.train_settings_file import read_settings, written  # noqa: E402


def test_the_defaults_are_the_authors() -> None:
    """The numbers are those of train_selfee.py, github.com/EBGU/Selfee."""
    fly, mouse = PRESETS["selfee-fly"], PRESETS["selfee-mouse"]
    assert (fly.steps, fly.batch, fly.learning_rate, fly.weight_decay, fly.warm_up) == (20_000, 256, 0.05, 1e-4, 0.025)
    assert (fly.objective.method, fly.objective.cld_weight, fly.objective.cld_ramp) == ("simsiam", 2.0, False)
    assert (fly.objective.groups, fly.objective.iterations, fly.objective.temperature) == (10, 10, 0.07)
    assert fly.objective.target_momentum == 0.99
    assert (fly.shape.backbone, fly.shape.projector_dim, fly.shape.embedding_dim) == ("resnet50", 2048, 2048)
    assert (fly.shape.predictor_dim, fly.shape.group_dim, fly.shape.output_affine) == (512, 1024, True)
    assert (fly.size_px, round(fly.interval_ms * 30 / 1000), fly.inner_shuffle) == ((224, 224), 1, False)
    assert (mouse.size_px, round(mouse.interval_ms * 30 / 1000), mouse.inner_shuffle) == ((256, 192), 2, True)
    assert (fly.augmentation.smallest_crop, fly.augmentation.rotation_deg, fly.augmentation.turbo) == (0.7, 45, 0.5)


def test_the_momentum_is_what_onecyclelr_makes_of_the_authors_settings() -> None:
    theirs = torch.optim.SGD([torch.nn.Parameter(torch.zeros(1))], 0.05, momentum=0.9, weight_decay=1e-4)
    schedule = torch.optim.lr_scheduler.OneCycleLR(theirs, 0.05, 1000, pct_start=0.025)
    seen = []
    for _ in range(999):
        seen.append(theirs.param_groups[0]["momentum"])
        theirs.step()
        schedule.step()
    assert TrainSettings().momentum == (pytest.approx(min(seen)), pytest.approx(max(seen)))


@pytest.mark.parametrize("preset", PRESETS)
def test_printed_settings_are_a_file_that_gives_the_same_settings(preset, tmp_path) -> None:
    path = tmp_path / "settings.toml"
    path.write_text(written(PRESETS[preset]), encoding="utf-8")
    assert settings_of("small", read_settings(path), where="the file") == PRESETS[preset]


def test_every_key_is_printed_under_a_comment() -> None:
    lines = written(TrainSettings()).splitlines()
    keys = [i for i, line in enumerate(lines) if " = " in line and not line.startswith("#")]
    assert len(keys) == len(tomllib.loads("\n".join(lines))) - 3 + sum(
        len(section) for section in tomllib.loads("\n".join(lines)).values() if isinstance(section, dict)
    )
    assert [lines[i] for i in keys if not lines[i - 1].startswith("# ")] == []
    assert all(len(line) <= 100 for line in lines)


def test_what_is_given_later_replaces_what_was_given_before_key_by_key() -> None:
    settings = settings_of(
        "small", {"batch": 32, "objective": {"groups": 5}}, {"batch": 64, "shape": {"backbone": "resnet34"}}, where="x"
    )
    assert (settings.batch, settings.objective.groups, settings.objective.cld_weight) == (64, 5, 2.0)
    assert settings.shape == NetworkShape("resnet34", 512, 512)


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"stepps": 5}, "stepps: unknown key"),
        ({"objective": {"beta": 1}}, "objective.beta: unknown key"),
        ({"shape": {"depth": 1}}, "shape.depth: "),
        ({"augmentation": {"turbo": 2.0}}, "augmentation: .*turbo: got 2, expected 0..1"),
        ({"size_px": [16, 64]}, "size_px.0: Input should be greater than or equal to 32, got 16"),
        ({"batch": 4}, "10 groups for a batch of 4; lower objective.groups"),
        ({"objective": 3}, "objective: "),
    ],
)
def test_what_does_not_fit_is_named(given, message) -> None:
    with pytest.raises(ConfigError, match=f"my.toml: {message}" if "groups" not in message else message):
        settings_of("small", given, where="my.toml")


def test_every_problem_is_named_at_once() -> None:
    with pytest.raises(ConfigError) as caught:
        settings_of("small", {"steps": 1, "learning_rate": 0}, where="my.toml")
    assert len(caught.value.problems) == 2


def test_settings_survive_a_checkpoint() -> None:
    settings = PRESETS["selfee-mouse"]
    assert TrainSettings.from_dict(settings.as_dict()) == settings
    assert differences(settings, PRESETS["selfee-fly"])[0] == "size_px: [256, 192] and [224, 224]"


OLD = {
    "steps": 950,
    "shape": {"backbone": "resnet18", "projector_dim": 512, "embedding_dim": 512},
    "size_px": 128,
    "batch": 96,
    "interval_ms": 70.0,
    "seed": 0,
    "learning_rate": 0.2,
    "warm_up": 0.025,
    "momentum": 0.9,
    "weight_decay": 1e-4,
    "bf16": True,
}


def test_a_checkpoint_of_the_first_version_still_says_what_it_was() -> None:
    settings = stored_settings({"settings": OLD})
    assert (settings.size_px, settings.precision, settings.momentum) == ((128, 128), "bf16", (0.9, 0.9))
    assert (settings.objective.kmeans, settings.objective.groups, settings.inner_shuffle) == ("cosine", 10, True)
    assert settings.shape == NetworkShape("resnet18", 512, 512)


@pytest.mark.parametrize("broken", [{}, {"settings": {"steps": 5, "what": 1}}, {"settings": {"bf16": True}}])
def test_settings_that_cannot_be_read_are_a_message(broken) -> None:
    with pytest.raises(ModelError, match="another version made it"):
        stored_settings(broken)
