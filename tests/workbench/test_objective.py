"""SimSiam, CLD and the collapse level do what their papers say."""

import math

import pytest

from tests.support import need_module

torch = need_module("torch")

from torch.nn.functional import normalize  # noqa: E402

from selfee_rt.workbench.network import NetworkOutput  # noqa: E402
from selfee_rt.workbench.objective import (  # noqa: E402
    ObjectiveSettings,
    cld_loss,
    collapse_level,
    cosine_kmeans,
    selfee_loss,
    simsiam_loss,
)


def seeded(seed: int = 0):
    return torch.Generator().manual_seed(seed)


def unit(n: int, d: int, seed: int = 0):
    return normalize(torch.randn(n, d, generator=seeded(seed)), dim=1)


def output(embedding, prediction, group=None):
    return NetworkOutput(embedding, prediction, unit(len(embedding), 4) if group is None else group)


def test_simsiam_is_0_for_equal_directions_and_4_for_opposite_ones() -> None:
    z = torch.randn(6, 5, generator=seeded())
    assert float(simsiam_loss(output(z, 3 * z), output(2 * z, z))) == pytest.approx(0, abs=1e-5)
    assert float(simsiam_loss(output(z, -z), output(z, -z))) == pytest.approx(4, abs=1e-5)


def test_simsiam_compares_each_prediction_with_the_other_views_embedding() -> None:
    east, north = torch.tensor([[1.0, 0.0]]), torch.tensor([[0.0, 1.0]])
    # prediction 1 meets embedding 2, prediction 2 misses embedding 1
    assert float(simsiam_loss(output(east, north), output(north, north))) == pytest.approx(1)


def test_no_gradient_flows_through_the_embedding_that_is_predicted() -> None:
    z1, z2, p1, p2 = (torch.randn(4, 3, generator=seeded(s), requires_grad=True) for s in range(4))
    simsiam_loss(output(z1, p1), output(z2, p2)).backward()
    assert z1.grad is None
    assert z2.grad is None
    assert p1.grad.abs().sum() > 0
    assert p2.grad.abs().sum() > 0


def three_groups(seed: int = 0):
    """30 unit points about three axes, in the order 0, 1, 2, 0, and so on."""
    axes = torch.eye(3, 8)[torch.arange(30) % 3]
    return normalize(axes + 0.1 * torch.randn(30, 8, generator=seeded(seed)), dim=1)


def test_kmeans_finds_groups_that_are_there() -> None:
    points = three_groups()
    best = max(
        (cosine_kmeans(points, 3, 10, seeded(seed)) for seed in range(10)),
        key=lambda found: float((points @ found[0].t()).max(dim=1).values.sum()),
    )
    centroids, group = best
    assert centroids.norm(dim=1).tolist() == pytest.approx([1, 1, 1], abs=1e-5)
    assert [len(set(group[i::3].tolist())) for i in range(3)] == [1, 1, 1]
    assert len(set(group[:3].tolist())) == 3


def test_a_group_that_empties_keeps_its_centroid() -> None:
    points = normalize(torch.tensor([[1.0, 0.0], [1.0, 1e-3], [1.0, -1e-3], [1.0, 0.0]]), dim=1)
    centroids, group = cosine_kmeans(points, 4, 5, seeded())
    assert torch.isfinite(centroids).all()
    assert centroids.norm(dim=1).tolist() == pytest.approx([1, 1, 1, 1], abs=1e-5)
    assert group.shape == (4,)


def test_cld_is_small_where_views_share_their_groups_and_large_where_they_do_not() -> None:
    settings = ObjectiveSettings(groups=3)
    one, two = three_groups(1), three_groups(2)
    together = float(cld_loss(one, two, settings, seeded(1)))
    apart = float(cld_loss(one, two.roll(1, dims=0), settings, seeded(1)))
    assert together < 1 < apart


def test_cld_knows_nothing_where_all_points_are_one() -> None:
    points = normalize(torch.ones(20, 4), dim=1)
    assert float(cld_loss(points, points, ObjectiveSettings(), seeded())) == pytest.approx(math.log(10), abs=1e-4)


def test_cld_teaches_both_views() -> None:
    one, two = three_groups(1).requires_grad_(), three_groups(2).requires_grad_()
    cld_loss(one, two, ObjectiveSettings(groups=3), seeded()).backward()
    assert one.grad.abs().sum() > 0
    assert two.grad.abs().sum() > 0


def test_the_total_weighs_cld_twice() -> None:
    one = output(torch.randn(30, 6, generator=seeded(1)), torch.randn(30, 6, generator=seeded(2)), three_groups(1))
    two = output(torch.randn(30, 6, generator=seeded(3)), torch.randn(30, 6, generator=seeded(4)), three_groups(2))
    loss = selfee_loss(one, two, ObjectiveSettings(), seeded())
    assert float(loss.total) == pytest.approx(loss.simsiam + 2 * loss.cld, rel=1e-5)


def test_the_collapse_level_is_near_0_when_spread_and_1_when_equal() -> None:
    assert abs(collapse_level(torch.randn(4000, 32, generator=seeded()))) < 0.02
    assert collapse_level(torch.ones(50, 32)) == pytest.approx(1)
    assert 0.8 < collapse_level(torch.ones(200, 32) + 0.1 * torch.randn(200, 32, generator=seeded())) < 0.95
