"""A probe says how well a network separates labels, by the project's blocked protocol, and leaves the network alone."""

from pathlib import Path

import numpy as np
import pytest

from selfee_rt.config import KnnConfig
from selfee_rt.errors import ConfigError, LabelsError, ModelError
from selfee_rt.workbench.dataset import LiveFrameSet, Recording, live_frames
from selfee_rt.workbench.evaluate import Blocked, centred, held_out_probabilities, macro
from tests.support import need_module
from tests.workbench.dataset.small import walk

torch = need_module("torch")
need_module("torchvision")

from selfee_rt.workbench.network import NetworkShape, SelfeeNetwork  # noqa: E402
from selfee_rt.workbench.probe import Probe  # noqa: E402

FRAMES = 240
PROTOCOL = Blocked(blocks=4, guard_exposures=5, knn=KnnConfig(k=10))
LABELS = tuple(("dark", "bright", "unlabel")[i // 10 % 3] for i in range(FRAMES))


class Brightness(torch.nn.Module):
    """A network that says how bright the current exposure is, next to a batch norm that would learn."""

    def __init__(self, useful: bool = True) -> None:
        super().__init__()
        self.norm = torch.nn.BatchNorm1d(2)
        self.frozen = torch.nn.BatchNorm1d(2).eval()
        self.useful = useful

    def embed(self, images):
        level = images[:, 1].mean(dim=(1, 2)) if self.useful else torch.ones(len(images))
        return self.frozen(self.norm(torch.stack([level, 0.5 * torch.ones(len(images))], dim=1)))


def clip() -> LiveFrameSet:
    """A clip whose brightness says its label."""
    level = {"dark": 40, "bright": 200, "unlabel": 120}
    random = np.random.default_rng(0)
    grey = np.stack([random.integers(0, 30, (32, 32), dtype=np.uint8) + level[label] for label in LABELS])
    return live_frames(Recording("clip", 30.0, np.arange(FRAMES), grey.astype(np.uint8)), 30.0)


def probe(**changes) -> Probe:
    return Probe(LABELS, clip(), **{"protocol": PROTOCOL, **changes})


def test_labels_that_the_embedding_shows_are_found_and_others_are_not() -> None:
    made = probe()
    assert made.labels == ("bright", "dark")
    good, bad = made(Brightness()), made(Brightness(useful=False))
    assert good.f1 == good.mean_average_precision == 1.0
    assert good.examples == sum(label != "unlabel" for label in LABELS[1:-1])
    assert bad.f1 < 0.6


def test_the_figure_is_that_of_the_blocked_protocol() -> None:
    network, live = SelfeeNetwork(NetworkShape("resnet18", 16, 16)), clip()
    found = probe()(network)
    chosen = np.array([i for i in range(1, FRAMES - 1) if LABELS[i] != "unlabel"])
    with torch.no_grad():
        rows = network.eval().embed(torch.from_numpy(live.images(chosen - 1)).float() / 255)
    label_of = np.array([("bright", "dark").index(LABELS[i]) for i in chosen])
    probabilities = held_out_probabilities(
        centred(rows.half().numpy()), chosen, label_of, ("bright", "dark"), exposures=FRAMES, protocol=PROTOCOL
    )
    assert (found.f1, found.mean_average_precision) == pytest.approx(macro(label_of, probabilities), abs=0.02)


def test_a_probe_leaves_the_network_and_the_random_numbers_as_they_were() -> None:
    network = Brightness()
    state = {name: value.clone() for name, value in network.state_dict().items()}
    before = torch.random.get_rng_state()
    first = probe()(network)
    assert network.training
    assert network.norm.training
    assert not network.frozen.training
    assert all(torch.equal(value, state[name]) for name, value in network.state_dict().items())
    assert torch.equal(torch.random.get_rng_state(), before)
    assert probe()(network) == first


def test_only_some_live_frames_of_a_long_clip_are_embedded_evenly() -> None:
    found = probe(most=100)(Brightness())
    assert (found.examples, found.f1) == (80, 1.0)  # every second of 160


def test_a_network_that_failed_says_so() -> None:
    network = Brightness()
    network.norm.weight.data.fill_(float("nan"))
    with pytest.raises(ModelError, match="not finite"):
        probe()(network)
    assert network.training


def test_too_few_labels_or_examples_are_refused() -> None:
    with pytest.raises(ConfigError, match="a probe needs two or more"):
        Probe(("dark",) * FRAMES, clip())
    with pytest.raises(ConfigError, match="examples in its smallest fold, expected at least 500"):
        probe(protocol=Blocked(knn=KnnConfig(k=500)))


def test_a_probe_is_made_from_a_video_and_its_labels(tmp_path: Path) -> None:
    video = walk(tmp_path / "walk.mkv", frames=200)
    lines = [f"{i},{('left', 'right')[i // 20 % 2]}" for i in range(200)]
    (tmp_path / "labels.csv").write_text("\n".join(["frame,label", *lines]) + "\n")
    made = Probe.of_video(video, tmp_path / "labels.csv", (24, 32), 66.7)
    found = made(SelfeeNetwork(NetworkShape("resnet18", 16, 16)))
    assert found.examples == 196
    assert 0 <= found.f1 <= 1
    (tmp_path / "short.csv").write_text("\n".join(["frame,label", *lines[:-1]]) + "\n")
    with pytest.raises(LabelsError, match="the labels end with frame 198"):
        Probe.of_video(video, tmp_path / "short.csv", (24, 32), 66.7)
