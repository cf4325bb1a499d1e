"""SimSiam, BYOL and CLD do what their papers, and the authors' code, say."""

import math

import pytest

from tests.support import need_module

torch = need_module("torch")

from torch.nn.functional import normalize  # noqa: E402

from selfee_rt.workbench.cld import cld_loss, cosine_kmeans, euclidean_kmeans  # noqa: E402
from selfee_rt.workbench.network import NetworkOutput  # noqa: E402
from selfee_rt.workbench.objective import Target, agreement_loss, cld_weight, contrastive_loss, selfee_loss  # noqa: E402
from selfee_rt.workbench.objective_settings import ObjectiveSettings  # noqa: E402


def seeded(seed: int = 0):
    return torch.Generator().manual_seed(seed)


def unit(n: int, d: int, seed: int = 0):
    return normalize(torch.randn(n, d, generator=seeded(seed)), dim=1)


def output(embedding, prediction, group=None):
    return NetworkOutput(embedding, prediction, unit(len(embedding), 4) if group is None else group)


def test_the_agreement_is_0_for_equal_directions_and_4_for_opposite_ones() -> None:
    z = torch.randn(6, 5, generator=seeded())
    assert float(agreement_loss(3 * z, z, z, 2 * z)) == pytest.approx(0, abs=1e-5)
    assert float(agreement_loss(-z, -z, z, z)) == pytest.approx(4, abs=1e-5)


def test_each_prediction_is_compared_with_the_other_views_embedding() -> None:
    east, north = torch.tensor([[1.0, 0.0]]), torch.tensor([[0.0, 1.0]])
    # prediction 1 meets embedding 2, prediction 2 misses embedding 1
    assert float(agreement_loss(north, north, east, north)) == pytest.approx(1)


def test_no_gradient_flows_through_the_embedding_that_is_predicted() -> None:
    z1, z2, p1, p2 = (torch.randn(4, 3, generator=seeded(s), requires_grad=True) for s in range(4))
    agreement_loss(p1, p2, z1, z2).backward()
    assert z1.grad is None
    assert z2.grad is None
    assert p1.grad.abs().sum() > 0
    assert p2.grad.abs().sum() > 0


def three_groups(seed: int = 0):
    """30 unit points about three axes, in the order 0, 1, 2, 0, and so on."""
    axes = torch.eye(3, 8)[torch.arange(30) % 3]
    return normalize(axes + 0.1 * torch.randn(30, 8, generator=seeded(seed)), dim=1)


@pytest.mark.parametrize("kmeans", [cosine_kmeans, euclidean_kmeans])
def test_kmeans_finds_groups_that_are_there(kmeans) -> None:
    points = three_groups()
    centroids, group = max(
        (kmeans(points, 3, 10, seeded(seed)) for seed in range(10)),
        key=lambda found: float((points @ found[0].t()).max(dim=1).values.sum()),
    )
    assert [len(set(group[i::3].tolist())) for i in range(3)] == [1, 1, 1]
    assert len(set(group[:3].tolist())) == 3
    means = torch.stack([points[group == i].mean(dim=0) for i in range(3)])
    assert torch.allclose(centroids, means if kmeans is euclidean_kmeans else normalize(means, dim=1), atol=1e-5)


def test_a_euclidean_centroid_carries_its_members_gradient_and_a_cosine_one_none() -> None:
    points = three_groups().requires_grad_()
    centroids, group = euclidean_kmeans(points, 3, 10, seeded(1))
    centroids[group[0]].sum().backward()
    share = 1 / (group == group[0]).sum()
    assert torch.allclose(points.grad, ((group == group[0]).float() * share)[:, None].expand_as(points))
    assert not cosine_kmeans(points, 3, 10, seeded(1))[0].requires_grad


def test_an_empty_euclidean_group_is_at_the_origin() -> None:
    centroids, group = euclidean_kmeans(torch.ones(6, 4), 3, 5, seeded())
    assert sorted(centroids.norm(dim=1).tolist()) == pytest.approx([0, 0, 2])
    assert len(set(group.tolist())) == 1


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
    assert float(cld_loss(points, points, ObjectiveSettings(kmeans="cosine"), seeded())) == pytest.approx(
        math.log(10), abs=1e-4
    )


def test_cld_teaches_both_views() -> None:
    one, two = three_groups(1).requires_grad_(), three_groups(2).requires_grad_()
    cld_loss(one, two, ObjectiveSettings(groups=3), seeded()).backward()
    assert one.grad.abs().sum() > 0
    assert two.grad.abs().sum() > 0


def two_views():
    one = output(torch.randn(30, 6, generator=seeded(1)), torch.randn(30, 6, generator=seeded(2)), three_groups(1))
    two = output(torch.randn(30, 6, generator=seeded(3)), torch.randn(30, 6, generator=seeded(4)), three_groups(2))
    return one, two


def test_the_total_weighs_cld_twice() -> None:
    loss = selfee_loss(*two_views(), ObjectiveSettings(), seeded())
    assert float(loss.total) == pytest.approx(loss.agreement + 2 * loss.cld, rel=1e-5)


def test_without_cld_only_the_agreement_counts() -> None:
    one, two = two_views()
    loss = selfee_loss(one, two, ObjectiveSettings(cld_weight=0), seeded())
    assert (float(loss.total), loss.cld) == (pytest.approx(loss.agreement), 0)


def test_byol_predicts_the_targets_and_pairs_each_view_with_the_others_target() -> None:
    one, two = two_views()
    targets = (Target(one.prediction, three_groups(5)), Target(two.prediction, three_groups(6)))
    settings = ObjectiveSettings(method="byol", groups=3)
    loss = selfee_loss(one, two, settings, seeded(1), targets=targets)
    assert loss.agreement == pytest.approx(
        float(agreement_loss(one.prediction, two.prediction, one.prediction, two.prediction))
    )
    random = seeded(1)
    first = cld_loss(one.group, targets[1].group, settings, random)
    second = cld_loss(targets[0].group, two.group, settings, random)
    assert loss.cld == pytest.approx(float(first + second) / 2)


def test_a_ramp_takes_the_weight_of_cld_from_nothing_to_all() -> None:
    ramp = ObjectiveSettings(cld_ramp=True, cld_weight=3)
    assert [round(cld_weight(ramp, done), 6) for done in (0, 0.5, 1)] == [0, 1.5, 3]
    assert cld_weight(ObjectiveSettings(cld_weight=3), 0) == 3


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"target_momentum": 0.9}, "for method"),
        ({"contrast_temperature": 0.1}, "for method"),
        ({"cld_ramp": True, "cld_weight": 0}, "which is 0"),
    ],
)
def test_a_setting_without_effect_is_refused(values: dict[str, object], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        ObjectiveSettings(**values)


def test_the_contrastive_loss_is_that_of_its_paper() -> None:
    one, two = torch.randn(5, 4, generator=seeded(0)), torch.randn(5, 4, generator=seeded(1))
    views = [row / row.norm() for pair in zip(one, two, strict=True) for row in pair]  # 2k and 2k + 1 are a pair
    losses = []
    for i, view in enumerate(views):
        likeness = {k: math.exp(float(view @ other) / 0.3) for k, other in enumerate(views) if k != i}
        losses.append(-math.log(likeness[i ^ 1] / sum(likeness.values())))
    assert float(contrastive_loss(one, two, 0.3)) == pytest.approx(sum(losses) / 10, rel=1e-5)


def test_where_all_are_equal_the_contrastive_loss_knows_nothing() -> None:
    same = torch.ones(8, 3)
    assert float(contrastive_loss(same, same, 0.2)) == pytest.approx(math.log(15))


def test_the_contrastive_objective_has_no_predictor_and_may_have_cld() -> None:
    z1, z2 = (torch.randn(6, 5, generator=seeded(s)) for s in (0, 1))
    first, second = output(z1, torch.full_like(z1, math.nan)), output(z2, torch.full_like(z2, math.nan))
    alone = selfee_loss(first, second, ObjectiveSettings(method="contrastive", cld_weight=0), seeded())
    assert alone.agreement == pytest.approx(float(contrastive_loss(z1, z2, 0.2)))
    assert float(alone.total) == pytest.approx(alone.agreement) and alone.cld == 0
    both = selfee_loss(first, second, ObjectiveSettings(method="contrastive", groups=3), seeded())
    assert float(both.total) == pytest.approx(both.agreement + 2 * both.cld, rel=1e-5) and both.cld > 0
