"""Whatever happens in a session, the rules do what a slow and simple reading of their description says."""

from dataclasses import replace
from itertools import pairwise

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from selfee_rt.config import StimulationConfig
from selfee_rt.stimuli import TRIALS, Order
from selfee_rt.trigger.history import History
from tests.trigger.exposures import FIRST_MEDIA_NS, MS, Camera, S, orders, trigger_of
from tests.trigger.recall import recall
from tests.trigger.slow_rules import MINUTE_NS, SlowRules, length_us
from tests.trigger.stories import SUBJECTS, lived, stories, tell

often = settings(deadline=None, max_examples=100, suppress_health_check=[HealthCheck.too_slow])


@given(stories())
@often
def test_what_is_decided_is_what_a_slow_reading_of_the_whole_past_decides(story):
    camera = lived(story)
    slow = SlowRules(story.configs, StimulationConfig.model_validate(story.stimulation), SUBJECTS, story.planned_ns())
    now_ns, said, stimuli, first = 0, [], [], True
    for event in story.events:
        if isinstance(event, tuple):
            slow.command(event[1], armed=event[0] == "arm")
            continue
        now_ns, first = now_ns + (0 if first else round(event["step_ms"] * MS)), False
        more, stimulus = slow.show(now_ns, event["labels"], event["age_ms"])
        said += [(each.rule, each.origin, each.verdict, each.now_ns) for each in more]
        stimuli.append(stimulus)
    assert camera.stimuli == stimuli
    assert [_as_slow(trigger_of(each)) for each in camera.said] == said


def _as_slow(trigger):
    verdict = "trial" if trigger.verdict in TRIALS else trigger.verdict
    return trigger.rule, trigger.origin, verdict, trigger.media_ns - FIRST_MEDIA_NS


@given(stories(), st.integers(1, 1000))
@often
def test_every_decision_has_its_own_number_and_every_trial_its_order(story, first_id):
    camera = lived(story, first_id=first_id)
    triggers = [trigger_of(each) for each in camera.said]
    assert [each.trigger_id for each in triggers] == list(range(first_id, first_id + len(triggers)))
    assert [isinstance(each, Order) for each in camera.said] == [each.verdict in TRIALS for each in triggers]
    assert all((each.why == "") == (each.verdict in TRIALS) for each in triggers)
    for config in story.configs:
        trials = [each.trial for each in triggers if each.rule == config.name and each.trial is not None]
        assert trials == list(range(1, len(trials) + 1))
        verdicts = [each.verdict for each in triggers if each.rule == config.name]
        assert camera.rules.state()[config.name].verdicts == {each: verdicts.count(each) for each in verdicts}


@given(stories())
@often
def test_no_limit_is_exceeded_in_any_window(story):
    given_orders = orders(lived(story).said)
    for config in story.configs:
        own = [each for each in given_orders if each.trigger.rule == config.name]
        _within(config.limits, own)
        rest_ns = max(config.refractory_ms * MS, 1000 * length_us(config))
        assert all(later - earlier >= rest_ns for earlier, later in pairwise(each.trigger.media_ns for each in own))
    whole = StimulationConfig.model_validate(story.stimulation).subject_limits
    for subject in set(SUBJECTS.values()):
        _within(whole, [each for each in given_orders if SUBJECTS[each.trigger.arena] == subject])


def _within(limits, given_orders):
    began = [each.trigger.media_ns for each in given_orders]
    if limits.per_minute is not None:
        assert all(sum(at <= each < at + MINUTE_NS for each in began) <= limits.per_minute for at in began)
    if limits.total_on_s is not None:
        assert sum(each.train.light_us for each in given_orders) <= limits.total_on_s * 1e6


@given(stories())
@often
def test_the_same_story_has_the_same_end(story):
    first, second = lived(story), lived(story)
    assert first.said == second.said
    assert first.stimuli == second.stimuli
    assert first.rules.state() == second.rules.state()
    assert first.rules.take_notices() == second.rules.take_notices()


@given(stories(), st.integers(6, 9))
@often
def test_blinded_decisions_and_states_are_the_same_whatever_is_sham(story, other_seed):
    story = replace(story, stimulation={**story.stimulation, "blind": True})
    story.configs = [_without_jitter(each) for each in story.configs]
    first, second = lived(story), lived(replace(story, seed=other_seed))
    assert [trigger_of(each) for each in first.said] == [trigger_of(each) for each in second.said]
    assert not {"fired", "sham"} & {trigger_of(each).verdict for each in first.said}
    assert first.stimuli == second.stimuli
    assert first.rules.state() == second.rules.state()


def _without_jitter(config):
    """The seed moves planned times too."""
    if config.schedule is None:
        return config
    return config.model_copy(update={"schedule": config.schedule.model_copy(update={"jitter_s": 0.0})})


@given(stories())
@often
def test_an_order_expires_max_age_after_its_exposure_and_was_decided_before(story):
    ages = {config.name: config.max_age_ms * MS for config in story.configs}
    for order in orders(lived(story).said):
        trigger = order.trigger
        assert order.expires_ns == trigger.newest_captured_ns + ages[trigger.rule]
        assert trigger.decided_ns <= order.expires_ns


@given(stories())
@often
def test_of_each_block_of_trials_exactly_the_fraction_is_withheld(story):
    camera = lived(story)
    for config in story.configs:
        withheld = [each.withheld for each in orders(camera.said) if each.trigger.rule == config.name]
        shams = round(config.sham_fraction * config.sham_block)
        whole = len(withheld) // config.sham_block * config.sham_block
        blocks = [withheld[at : at + config.sham_block] for at in range(0, whole, config.sham_block)]
        assert all(sum(block) == shams for block in blocks)


@given(stories(), st.data())
@often
def test_a_session_that_was_stopped_anywhere_goes_on_as_if_it_had_not_been(story, data):
    """Arming aside: both are armed anew. The stop is a gap, since nobody looked meanwhile."""
    story = replace(story, stimulation={**story.stimulation, "arm_for_s": 604_800.0})
    at = data.draw(st.integers(len(story.configs), len(story.events)))
    before, after = story.events[:at], [each for each in story.events[at:] if not isinstance(each, tuple)]
    if not after:
        return
    after[0] = {**after[0], "step_ms": 1_000.0}
    whole = tell(before, Camera(story.rule_set()))
    begun = len(whole.said)
    elapsed_ns = whole.media_ns - FIRST_MEDIA_NS + (S if whole.started else 0)
    decisions = [trigger_of(each) for each in whole.said]
    history = History(recall(decisions, story.configs, start_media_ns=FIRST_MEDIA_NS + elapsed_ns), elapsed_ns)
    new = Camera(story.rule_set(history=history, first_id=begun + 1), media_ns=FIRST_MEDIA_NS + elapsed_ns)
    new.index = whole.index + (10 if whole.started else 0)
    for camera in (whole, new):
        camera.rules.disarm()
        camera.rules.arm()
        tell(after, camera)
    assert new.said == whole.said[begun:]
    assert new.stimuli == whole.stimuli[-len(after) :]
