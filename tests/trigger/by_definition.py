"""What conditions mean, said a second time: slowly, without state, from the whole history at every exposure."""

import math

from selfee_rt.trigger.syntax import (
    Alarm,
    And,
    BoutEdge,
    BoutLength,
    Brightness,
    Held,
    LabelIs,
    Match,
    Not,
    Or,
    Probability,
    Score,
)
from selfee_rt.trigger.values import Comparison
from tests.trigger.trees import LABELS


class History:
    """All moments; `t` is a position among them."""

    def __init__(self, moments, longest_step_ns):
        self.moments = moments
        self.longest_step_ns = longest_step_ns

    def value(self, node, t):
        """Whether it holds at t."""
        return None if self.moments[t].blanked else self.unblanked(node, t)

    def held_since_ns(self, node, t):
        """Time of the first of the moments up to t at all of which it holds."""
        since = None
        for u in self.back_from(t):
            if self.value(node, u) is not True:
                break
            since = self.moments[u].media_ns
        return since

    def back_from(self, t):
        """T and the moments before it, back to the last interruption."""
        while not self.moments[t].blanked:
            yield t
            step = self.moments[t].media_ns - self.moments[t - 1].media_ns
            if t == 0 or step < 0 or step > self.longest_step_ns:
                return
            t -= 1

    def unlit_from(self, t):
        """The first exposure after the last stimulus."""
        while t > 0 and not self.moments[t - 1].blanked:
            t -= 1
        return self.observation(t).label_index

    def observation(self, t):
        return self.moments[t].seen.observation

    def unblanked(self, node, t):
        match node:
            case Not(part):
                return {True: False, False: True, None: None}[self.value(part, t)]
            case And(parts):
                values = [self.value(part, t) for part in parts]
                return False if False in values else None if None in values else True
            case Or(parts):
                values = [self.value(part, t) for part in parts]
                return True if True in values else None if None in values else False
            case Held(part, duration):
                return self.held(part, duration.ns, t)
            case BoutEdge() | BoutLength():
                return self.of_bout(node, t)
            case Probability() | Score() | Brightness():
                return self.compared(node.threshold, t, lambda u: self.number(node, u))
            case _:
                return self.word(node, t)

    def number(self, node, t):
        """What is compared."""
        observation, seen = self.observation(t), self.moments[t].seen
        match node:
            case Probability(label):
                return (observation.probabilities or [None] * 3)[LABELS.index(label.text)]
            case Score(detector):
                return observation.scores[detector.text]
            case Brightness():
                return seen.brightness

    def word(self, node, t):
        observation, seen = self.observation(t), self.moments[t].seen
        match node:
            case LabelIs(label, negated):
                if observation.label is None:
                    return None
                return observation.label != label.text if negated else observation.label == label.text
            case Alarm(None):
                return observation.alarm
            case Alarm(detector):
                score, threshold = observation.scores[detector.text], seen.thresholds[detector.text]
                return None if None in (score, threshold) else score > threshold
            case Match(template):
                found = [each for each in seen.ended if each.label == f"template:{template.text}"]
                return found[0].start_index >= self.unlit_from(t) or None if found else False

    def of_bout(self, node, t):
        seen, label = self.moments[t].seen, node.label.text
        match node:
            case BoutEdge(edge="starts"):
                return self.starts(label, t)
            case BoutEdge(edge="ends"):
                return self.ended(label, t, lambda bout: True)
            case BoutLength(verb="ended after"):
                return self.ended(label, t, lambda bout: self.length(node, bout, t))
            case BoutLength(verb="lasts"):
                if seen.current is not None and seen.current.label == label:
                    return self.length(node, seen.current, t)
                return None if self.observation(t).label is None else False

    def held(self, part, duration_ns, t):
        for u in self.back_from(t):
            value = self.value(part, u)
            if value is not True:
                return value
            if self.moments[t].media_ns - self.moments[u].media_ns >= duration_ns:
                return True
        return None

    def compared(self, threshold, t, value_at):
        for u in self.back_from(t):
            value = value_at(u)
            if value is None:
                return None
            if threshold.on.holds(value):
                return True
            if threshold.until is None or threshold.until.holds(value):
                return False
        return None

    def starts(self, label, t):
        bout = self.moments[t].seen.current
        if bout is None:
            return None if self.observation(t).label is None else False
        reported = [self.moments[u].seen.current for u in self.back_from(t) if u < t]
        if bout.label != label or any(each and each.start_index == bout.start_index for each in reported):
            return False
        return bout.start_index > self.first_index(t) or None

    def ended(self, label, t, judged):
        bouts = [each for each in self.moments[t].seen.ended if (each.label, each.source) == (label, "predicted")]
        if not bouts:
            return None if self.observation(t).label is None else False
        return judged(bouts[0]) if bouts[0].stop_index >= self.first_index(t) else None

    def first_index(self, t):
        return self.observation(min(self.back_from(t))).label_index

    def length(self, node, bout, t):
        """What all lengths that the bout may have agree on: the seen one alone, or it and all longer ones."""
        first = self.observation(min(self.back_from(t))).exposure.media_ns
        compared = Comparison(node.sign, node.duration.ns)
        if bout.start_index > self.first_index(t):
            return compared.holds(bout.stop_media_ns - bout.start_media_ns)
        lengths = (bout.stop_media_ns - max(first, bout.start_media_ns), math.inf)
        said = {compared.holds(length) for length in lengths}
        return said.pop() if len(said) == 1 else None
