"""Who teaches the classifiers of a session, and how what is taught gets to them."""

from collections.abc import Mapping

from selfee_rt.build.continued import taught_in
from selfee_rt.decide import Ending
from selfee_rt.observe.recent import Recent
from selfee_rt.observe.teaching import Teachings, taught
from selfee_rt.protocols import Classifier
from selfee_rt.session.boundary import Boundary
from selfee_rt.session.line import Line
from selfee_rt.session.opening import Opening
from selfee_rt.session.progress import Progress
from selfee_rt.session.stages import Decided
from selfee_rt.session.teacher import Teacher
from selfee_rt.types import Bout


def make_teacher(opened: Opening, line: Line, boundary: Boundary, progress: Progress) -> Teacher | None:
    """The teacher of a session that is open, who knows what was taught in the one that it continues.

    None where there is nothing to teach: no reference, or no classifier.
    """
    untaught = {each.arena: each.classifier for each in opened.arenas if each.classifier is not None}
    known, observe, decider = opened.plan.reference, opened.config.observe, opened.decider
    if known is None or not untaught:
        return None
    teachings = Teachings(known, observe.teach_exposures)
    if opened.continues is not None:
        teachings = taught_in(opened.continues, known, observe.teach_exposures)
        decider.teach(taught(untaught, teachings))
    recent = Recent(tuple(untaught), max(1, round(observe.teach_s * opened.capture.info.fps)))
    progress.recent = recent

    def swap(classifiers: Mapping[str, Classifier], bout: Bout | None) -> None:
        decider.teach(classifiers)
        if bout is not None:
            progress.bouts.append(bout)
            line.decided(Decided((), None, Ending(bouts=(bout,))))

    return Teacher(teachings, untaught, recent, boundary, swap, folder=opened.folder)
