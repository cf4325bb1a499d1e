"""Views differ only by what should not matter, and repeat with their seed."""

import numpy as np
import pytest

from tests.support import need_module

torch = need_module("torch")

from selfee_rt.workbench.augment import Augmentation, Augmenter, turbo  # noqa: E402

NOTHING = Augmentation(smallest_crop=1.0, rotation_deg=0.0, flip=0.0, turbo=0.0, jitter=0.0)


def seeded(seed: int = 0):
    return torch.Generator().manual_seed(seed)


def pictures(n: int = 6, size: int = 40):
    """Smooth grey pictures (n, 3, size, size) uint8, bright at the top left, each channel of its own level."""
    ramp = torch.linspace(200, 20, size)
    picture = (ramp[:, None] + ramp[None, :]) / 2
    levels = torch.tensor([1.0, 0.8, 0.6])[:, None, None]
    return (picture * levels).round().to(torch.uint8).repeat(n, 1, 1, 1)


def only(**changes: float) -> Augmentation:
    values = {"smallest_crop": 1.0, "rotation_deg": 0.0, "flip": 0.0, "turbo": 0.0, "jitter": 0.0, **changes}
    return Augmentation(**values)


def test_without_any_change_a_view_is_the_picture() -> None:
    view = Augmenter(40, NOTHING)(pictures(), seeded())
    assert torch.allclose(view, pictures().float() / 255, atol=1e-5)


@pytest.mark.parametrize("size", [32, 40, 64])
def test_a_view_has_the_networks_size_and_range(size: int) -> None:
    view = Augmenter(size)(pictures(), seeded())
    assert view.shape == (6, 3, size, size)
    assert view.dtype == torch.float32
    assert 0 <= float(view.min()) <= float(view.max()) <= 1


def test_the_same_seed_gives_the_same_view_and_another_one_another() -> None:
    augment = Augmenter(32)
    assert torch.equal(augment(pictures(), seeded(4)), augment(pictures(), seeded(4)))
    assert not torch.equal(augment(pictures(), seeded(4)), augment(pictures(), seeded(5)))


def test_every_picture_of_a_batch_gets_a_change_of_its_own() -> None:
    view = Augmenter(32)(pictures(), seeded())
    assert len({row.numpy().tobytes() for row in view}) == 6


def test_flips_are_the_mirror_images_each_half_of_the_time() -> None:
    view = Augmenter(40, only(flip=0.5))(pictures(200), seeded())
    plain = pictures(1)[0].float() / 255
    kinds = [plain, plain.flip(2), plain.flip(1), plain.flip(1, 2)]
    counts = [sum(torch.allclose(row, kind, atol=1e-4) for row in view) for kind in kinds]
    # the ramp is the same along both axes, but no two of its mirror images are equal
    assert sum(counts) == 200
    assert min(counts) > 25


def test_a_crop_magnifies_within_the_picture() -> None:
    view = Augmenter(40, only(smallest_crop=0.7))(pictures(100), seeded())
    plain = pictures(1)[0].float() / 255
    contrast = (view[:, 0, 0, 0] - view[:, 0, -1, -1]) / (plain[0, 0, 0] - plain[0, -1, -1])
    assert 0.65 < float(contrast.min()) < 0.8
    assert 0.9 < float(contrast.max()) <= 1.0
    assert float(view.min()) >= float(plain.min()) - 0.005


def test_rotation_reaches_its_limit_in_both_directions_and_no_further() -> None:
    dot = torch.zeros(300, 3, 65, 65, dtype=torch.uint8)
    dot[:, :, 30:35, 54:59] = 255  # right of the centre
    view = Augmenter(65, only(rotation_deg=45.0))(dot, seeded())[:, 0]
    axis = torch.arange(65) - 32.0
    mass = view.sum(dim=(1, 2))
    x, y = (view.sum(dim=1) @ axis) / mass, (view.sum(dim=2) @ axis) / mass
    angle = torch.rad2deg(torch.atan2(y, x))
    assert -46 < float(angle.min()) < -40
    assert 40 < float(angle.max()) < 46
    assert torch.allclose((x**2 + y**2).sqrt(), torch.full((300,), 24.0), atol=0.7)


def test_turbo_maps_each_channel_by_its_own_column() -> None:
    levels = torch.linspace(0, 1, 5).repeat(1, 3, 1, 1)
    red, green, blue = turbo(levels)[0, :, 0]
    # the published 256-entry table at 0, 64, 128, 191 and 255, which the polynomial follows within 0.13
    assert red.tolist() == pytest.approx([0.190, 0.158, 0.644, 0.986, 0.480], abs=0.13)
    assert green.tolist() == pytest.approx([0.072, 0.736, 0.990, 0.498, 0.016], abs=0.13)
    assert blue.tolist() == pytest.approx([0.232, 0.923, 0.234, 0.128, 0.011], abs=0.13)


def test_turbo_is_applied_to_the_share_asked_for() -> None:
    view = Augmenter(40, only(turbo=0.5))(pictures(300), seeded())
    plain = pictures(1)[0].float() / 255
    untouched = sum(torch.allclose(row, plain, atol=1e-4) for row in view)
    assert 110 < untouched < 190


def test_jitter_stays_small_and_changes_brightness_both_ways() -> None:
    view = Augmenter(40, only(jitter=0.1))(pictures(200), seeded())
    plain = pictures(1)[0].float() / 255
    ratio = view.mean(dim=(1, 2, 3)) / plain.mean()
    assert 0.8 < float(ratio.min()) < 0.95
    assert 1.05 < float(ratio.max()) < 1.2


def test_jitter_leaves_black_black() -> None:
    black = torch.zeros(20, 3, 16, 16, dtype=torch.uint8)
    assert float(Augmenter(16, only(jitter=0.1))(black, seeded()).max()) < 1e-6


def test_saturation_and_hue_keep_grey_grey() -> None:
    grey = torch.full((30, 3, 16, 16), 128, dtype=torch.uint8)
    view = Augmenter(16, only(jitter=0.1))(grey, seeded()).numpy()
    assert np.abs(view - view.mean(axis=1, keepdims=True)).max() < 2e-3
