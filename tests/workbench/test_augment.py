"""Views differ only by what should not matter, and repeat with their seed."""

from dataclasses import asdict

import numpy as np
import pytest

from tests.support import need_module

torch = need_module("torch")

from selfee_rt.errors import ConfigError  # noqa: E402
from selfee_rt.workbench.augment import Augmentation, Augmenter  # noqa: E402
from selfee_rt.workbench.turbo import TABLE, turbo  # noqa: E402

OFF = {
    "smallest_crop": 1.0,
    "rotation_deg": 0.0,
    **dict.fromkeys(("horizontal_flip", "vertical_flip", "turbo", "brightness", "contrast", "saturation", "hue"), 0.0),
}
NOTHING = Augmentation(**OFF)
JITTER = dict.fromkeys(("brightness", "contrast", "saturation", "hue"), 0.1)


def seeded(seed: int = 0):
    return torch.Generator().manual_seed(seed)


def pictures(n: int = 6, size: int = 40):
    """Smooth grey pictures (n, 3, size, size) uint8, bright at the top left, each channel of its own level."""
    ramp = torch.linspace(200, 20, size)
    picture = (ramp[:, None] + ramp[None, :]) / 2
    levels = torch.tensor([1.0, 0.8, 0.6])[:, None, None]
    return (picture * levels).round().to(torch.uint8).repeat(n, 1, 1, 1)


def only(**changes: float) -> Augmentation:
    return Augmentation(**{**OFF, **changes})


def test_the_defaults_are_the_authors() -> None:
    assert asdict(Augmentation()) == {
        "smallest_crop": 0.7,
        "rotation_deg": 45.0,
        "horizontal_flip": 0.5,
        "vertical_flip": 0.5,
        "turbo": 0.5,
        "brightness": 0.1,
        "contrast": 0.1,
        "saturation": 0.1,
        "hue": 0.1,
        "beyond_crop": "black",
    }


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
    view = Augmenter(40, only(horizontal_flip=0.5, vertical_flip=0.5))(pictures(200), seeded())
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


def test_turbo_is_the_published_table() -> None:
    cv2 = need_module("cv2")
    ramp = np.arange(256, dtype=np.uint8)[:, None]
    assert (cv2.applyColorMap(ramp, cv2.COLORMAP_TURBO)[:, 0, ::-1] == TABLE.numpy()).all()


def test_turbo_maps_each_channel_by_its_own_column() -> None:
    levels = (torch.arange(256) / 255).repeat(2, 3, 1, 1)
    mapped = turbo(levels)[1, :, 0]
    assert torch.equal(mapped, TABLE.t().float() / 255)


def test_turbo_is_applied_to_the_share_asked_for() -> None:
    view = Augmenter(40, only(turbo=0.5))(pictures(300), seeded())
    plain = pictures(1)[0].float() / 255
    untouched = sum(torch.allclose(row, plain, atol=1e-4) for row in view)
    assert 110 < untouched < 190


def test_jitter_stays_small_and_changes_brightness_both_ways() -> None:
    view = Augmenter(40, only(**JITTER))(pictures(200), seeded())
    plain = pictures(1)[0].float() / 255
    ratio = view.mean(dim=(1, 2, 3)) / plain.mean()
    assert 0.8 < float(ratio.min()) < 0.95
    assert 1.05 < float(ratio.max()) < 1.2


def test_jitter_leaves_black_black() -> None:
    black = torch.zeros(20, 3, 16, 16, dtype=torch.uint8)
    assert float(Augmenter(16, only(**JITTER))(black, seeded()).max()) < 1e-6


def test_saturation_and_hue_keep_grey_grey() -> None:
    grey = torch.full((30, 3, 16, 16), 128, dtype=torch.uint8)
    view = Augmenter(16, only(**JITTER))(grey, seeded()).numpy()
    assert np.abs(view - view.mean(axis=1, keepdims=True)).max() < 2e-3


@pytest.mark.parametrize(("hue", "moves"), [(0.0, False), (0.1, True)])
def test_hue_is_turned_only_as_far_as_asked_for(hue: float, moves: bool) -> None:
    red = torch.zeros(20, 3, 8, 8, dtype=torch.uint8)
    red[:, 0] = 200
    view = Augmenter(8, only(hue=hue))(red, seeded())
    assert bool((view[:, 1:].amax() > 0.05).item()) is moves


def test_views_need_not_be_square_and_a_rotation_keeps_shapes_there_too() -> None:
    disc = torch.zeros(200, 3, 80, 120, dtype=torch.uint8)
    y, x = torch.meshgrid(torch.arange(80) - 39.5, torch.arange(120) - 59.5, indexing="ij")
    disc[:, :, (x - 20) ** 2 + y**2 < 36] = 255  # right of the centre
    view = Augmenter((80, 120), only(rotation_deg=45.0))(disc, seeded())[:, 0]
    assert view.shape == (200, 80, 120)
    mass = view.sum(dim=(1, 2))
    across, down = (view.sum(dim=1) @ x[0]) / mass, (view.sum(dim=2) @ y[:, 0]) / mass
    assert torch.allclose((across**2 + down**2).sqrt(), torch.full((200,), 20.0), atol=0.5)
    assert float(down.abs().max()) > 12


def test_a_view_of_another_aspect_is_the_whole_crop_brought_to_size() -> None:
    half = torch.zeros(1, 3, 40, 80, dtype=torch.uint8)
    half[..., 40:] = 200
    view = Augmenter((30, 20), NOTHING)(half, seeded())
    assert view.shape == (1, 3, 30, 20)
    assert view[0, 0, :, :9].max() == 0
    assert torch.allclose(view[0, 0, :, 11:], torch.tensor(200 / 255))


@pytest.mark.parametrize(("beyond", "corner_is_black"), [("black", True), ("picture", False)])
def test_the_corners_of_a_rotated_crop_are_black_unless_the_picture_may_fill_them(
    beyond: str, corner_is_black: bool
) -> None:
    grey = torch.full((300, 3, 40, 40), 200, dtype=torch.uint8)
    small = Augmentation(**{**OFF, "smallest_crop": 0.3, "rotation_deg": 45.0}, beyond_crop=beyond)
    view = Augmenter(40, small)(grey, seeded())
    dark = (view[:, 0, 0, 0] == 0).float().mean()
    assert (float(dark) > 0.9) is corner_is_black


def test_everything_out_of_range_is_named_at_once() -> None:
    with pytest.raises(ConfigError) as caught:
        Augmentation(smallest_crop=0.0, rotation_deg=-1.0, turbo=1.5, hue=0.6, contrast=float("nan"), beyond_crop="x")
    names = {problem.split(":")[0] for problem in caught.value.problems}
    assert names == {"smallest_crop", "rotation_deg", "turbo", "hue", "contrast", "beyond_crop"}


@pytest.mark.gpu
def test_on_a_gpu_views_differ_by_rounding_only() -> None:
    if not torch.cuda.is_available():
        pytest.skip("no CUDA device")
    images = torch.randint(0, 256, (8, 3, 50, 40), dtype=torch.uint8, generator=seeded())
    augment = Augmenter((40, 32))
    there = augment(images.cuda(), seeded(3))
    assert there.device.type == "cuda"
    # turbo jumps by up to 6 of 255 where rounding to a grey value falls the other way
    assert float((there.cpu() - augment(images, seeded(3))).abs().max()) < 0.05
