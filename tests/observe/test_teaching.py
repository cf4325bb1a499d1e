"""Teachings are a value: what holds is the log of labels without those that were taken back."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from selfee_rt.config import KnnConfig, RiverClassifierConfig
from selfee_rt.errors import ControlError
from selfee_rt.observe.classify import Knn
from selfee_rt.observe.learners import RiverClassifier
from selfee_rt.observe.reference import Reference, random_projection
from selfee_rt.observe.teachable import declaring, extended, from_nothing
from selfee_rt.observe.teaching import Tally, Teachings, taught
from tests.observe.support import MODEL, make_reference, points
from tests.observe.teaching_support import DIM, observed, remember

LABELS = ("still", "chasing", "rearing")
KNOWN = from_nothing(MODEL, DIM, 3, LABELS)
label_actions = st.tuples(st.just("label"), st.sampled_from(LABELS), st.integers(0, 40), st.integers(1, 6))
actions = st.lists(
    label_actions | st.just(("undo",)) | st.tuples(st.just("retract"), st.integers(0, 12)), min_size=1, max_size=15
)


def apply(teachings, recent, action):
    match action:
        case ("label", label, first, length):
            return teachings.with_label("left", label, recent.stretch("left", first, first + length - 1))
        case ("undo",):
            return teachings.without(teachings.find(None))
        case ("retract", teaching_id):
            return teachings.without(teachings.find(teaching_id))


@given(actions=actions)
def test_what_holds_is_what_was_labelled_and_not_taken_back(actions):
    recent, teachings = remember(range(50)), Teachings(KNOWN, 1000)
    held, next_id = {}, 1
    for action in actions:
        before = teachings
        try:
            teachings = apply(teachings, recent, action)
        except ControlError:
            assert teachings is before
            assert action[0] != "label"
            assert not held or (action[0] == "retract" and action[1] not in held)
            continue
        if action[0] == "label":
            held[next_id] = action[1:]
            next_id += 1
        else:
            del held[max(held) if action[0] == "undo" else action[1]]
    assert [each.teaching_id for each in teachings.held] == list(held)
    assert [(each.label, each.stretch.start_index, each.exposures) for each in teachings.held] == list(held.values())
    assert teachings.exposures == sum(length for _, _, length in held.values())
    assert list(teachings.examples().label_of) == [
        LABELS.index(label) for label, _, n in held.values() for _ in range(n)
    ]


def test_examples_are_projected_one_at_a_time_in_their_order():
    recent = remember(range(10))
    teachings = Teachings(KNOWN, 100).with_label("left", "rearing", recent.stretch("left", 4, 5))
    teachings = teachings.with_label("left", "still", recent.stretch("left", 1, 1))
    examples = teachings.examples()
    wanted = [KNOWN.project(observed(index)[0].vector[0]) for index in (4, 5, 1)]
    np.testing.assert_array_equal(examples.points, wanted)
    assert list(examples.label_of) == [2, 2, 0]
    assert Teachings(KNOWN, 100).examples().points.shape == (0, 3)


def test_a_tally_judges_what_was_said_before_it_was_taught_and_forgets_what_was_taken_back():
    recent = remember(range(4), label="still")
    recent.push(*observed(4, label=None))
    teachings = Teachings(KNOWN, 100).with_label("left", "still", recent.stretch("left", 2, 4))
    teachings = teachings.with_label("left", "rearing", recent.stretch("left", 0, 1))
    assert teachings.tallies() == {"still": Tally(3, 2), "rearing": Tally(2, 0)}
    assert teachings.without(teachings.held[1]).tallies() == {"still": Tally(3, 2)}


def test_refusals_say_what_there_is():
    recent = remember(range(10))
    teachings = Teachings(KNOWN, 5)
    with pytest.raises(ControlError, match=r"no label is called 'rear'; expected one of: still, chasing, rearing; dec"):
        teachings.with_label("left", "rear", recent.stretch("left", 0, 1))
    with pytest.raises(ControlError, match="nothing that was taught holds"):
        teachings.find(None)
    teachings = teachings.with_label("left", "still", recent.stretch("left", 0, 2))
    with pytest.raises(ControlError, match=r"got 3 exposures to teach, expected at most 2 more; .*teach_exposures"):
        teachings.with_label("left", "still", recent.stretch("left", 3, 5))
    with pytest.raises(ControlError, match=r"got teaching_id 7, but it was never given; expected one of: 1"):
        teachings.find(7)
    teachings = teachings.with_label("left", "still", recent.stretch("left", 3, 4))
    with pytest.raises(ControlError, match=r"teaching_id 1, but it was taken back; expected one of: 2"):
        teachings.without(teachings.held[0]).find(1)


def test_a_persons_label_is_a_bout_of_theirs():
    teachings = Teachings(KNOWN, 5).with_label("left", "rearing", remember([2, 4, 5]).stretch("left", 1, 5))
    bout = teachings.held[0].bout
    assert (bout.label, bout.start_index, bout.stop_index, bout.source) == ("rearing", 2, 5, "user")


def river(known, **more):
    return RiverClassifier(RiverClassifierConfig(model="river.naive_bayes.GaussianNB", warm_up=4, **more), known)


CLASSIFIERS = {"knn": lambda known: Knn(known, KnnConfig(k=4)), "river": river}


@pytest.fixture(params=CLASSIFIERS)
def make(request):
    return CLASSIFIERS[request.param]


def answers(classifier, dim):
    return [classifier.probabilities(point) for point in points(20, dim=dim, seed=9)]


@pytest.mark.parametrize("declared", [(), ("rearing",)])
def test_what_is_taken_back_leaves_the_classifier_that_never_learned_it(make, declared):
    reference = make_reference(dim=DIM)
    known = declaring(reference, declared)
    recent = remember(range(40))
    once = Teachings(known, 100).with_label("left", "nothing", recent.stretch("left", 0, 9))
    twice = once.with_label("left", known.labels[-1], recent.stretch("left", 20, 29))
    untaught = {"left": make(known)}
    after = taught(taught(untaught, twice), twice.without(twice.held[1]))["left"]
    np.testing.assert_array_equal(answers(after, 5), answers(taught(untaught, once)["left"], 5))
    back = taught(untaught, once.without(once.held[0]))["left"]
    np.testing.assert_array_equal(answers(back, 5), answers(make(known), 5))
    changed = taught(untaught, twice)["left"]
    assert not np.array_equal(answers(changed, 5), answers(make(known), 5))


def test_a_declared_label_is_never_said_until_it_is_taught(make):
    known = declaring(make_reference(dim=DIM), ("rearing", "nothing"))
    assert known.labels == ("chasing", "nothing", "winging", "rearing")
    classifier = make(known)
    assert all(each[3] == 0 for each in answers(classifier, 5))
    recent = remember(range(40))
    teachings = Teachings(known, 100).with_label("left", "rearing", recent.stretch("left", 0, 19))
    learned = taught({"left": classifier}, teachings)["left"]
    assert learned.probabilities(known.project(observed(7)[0].vector[0]))[3] > 0.2


def test_taught_from_nothing_it_says_nothing_until_it_has_enough(make):
    known = from_nothing(MODEL, DIM, 3, ("still", "rearing"))
    untaught, recent = {"left": make(known)}, remember(range(40))
    assert answers(untaught["left"], 3) == [None] * 20
    teachings = Teachings(known, 100).with_label("left", "still", recent.stretch("left", 0, 2))
    assert answers(taught(untaught, teachings)["left"], 3) == [None] * 20
    teachings = teachings.with_label("left", "rearing", recent.stretch("left", 30, 32))
    learned = taught(untaught, teachings)["left"]
    assert learned.probabilities(known.project(observed(31)[0].vector[0])).argmax() == 1


@pytest.mark.parametrize("from_what", ["reference", "nothing"])
def test_what_was_taught_and_saved_says_the_same_in_another_session(tmp_path, from_what):
    reference = make_reference(dim=DIM)
    known = declaring(reference, ("jumping", "rearing"))
    if from_what == "nothing":
        known = from_nothing(MODEL, DIM, 5, ("jumping", "rearing"))
    teachings = Teachings(known, 100).with_label("left", "rearing", remember(range(9)).stretch("left", 0, 6))
    extended(teachings, "session_x").save(tmp_path / "new.npz")
    loaded = Reference.load(tmp_path / "new.npz")
    assert loaded.labels == ((*reference.labels, "rearing") if from_what == "reference" else ("rearing",))
    assert (loaded.made_from[-1].name, loaded.made_from[-1].exposures) == ("session_x", 7)
    learned = taught({"left": Knn(known, KnnConfig(k=5))}, teachings)["left"]
    positions = [known.labels.index(label) for label in loaded.labels]
    again = Knn(loaded, KnnConfig(k=5))
    np.testing.assert_allclose([each[positions] for each in answers(learned, 5)], answers(again, 5), atol=1e-12)


def test_nothing_taught_is_not_saved_and_thresholds_do_not_outlive_their_bank():
    known = make_reference(dim=DIM)
    with pytest.raises(ControlError, match="nothing to save"):
        extended(Teachings(known, 100), "s")
    teachings = Teachings(known, 100).with_label("left", "winging", remember(range(9)).stretch("left", 0, 6))
    assert extended(teachings, "s").thresholds == {}


def test_a_random_projection_is_the_same_every_time():
    first, second = (from_nothing(MODEL, DIM, 3, ("a",)) for _ in range(2))
    np.testing.assert_array_equal(first.projection, second.projection)
    np.testing.assert_array_equal(first.projection, random_projection(DIM, 3, 0))
