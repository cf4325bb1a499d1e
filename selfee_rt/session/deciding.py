"""The deciding stage: embed, observe, hand on; nothing else may hold it up."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from selfee_rt.accounting import Ledger
from selfee_rt.clock import NS_PER_S, now_ns
from selfee_rt.decide import Decider, Decision
from selfee_rt.errors import ChannelClosed
from selfee_rt.session.commands import Commands
from selfee_rt.session.drift import drift_actions
from selfee_rt.session.line import Line
from selfee_rt.session.meter import Meter
from selfee_rt.session.progress import Progress
from selfee_rt.session.stage import Ready
from selfee_rt.session.stages import Decided
from selfee_rt.types import LiveFrames, Loss

IDLE_S = 1.0
"""Without a live frame for this long, the losses so far are settled: a stream of gaps does not pile them up."""


@dataclass(slots=True)
class Round:
    """When the deciding thread last came round; stimulus devices live on it."""

    ns: int = 0


class DecideStage:
    """Gives every exposure its fate, in order of index: an observation, or a place in a range of losses."""

    def __init__(
        self,
        decider: Decider,
        line: Line,
        ledger: Ledger,
        commands: Commands,
        progress: Progress,
        last_index: Callable[[], int],
        meters: Mapping[str, Meter],
        *,
        round_: Round,
        ordered: Callable[[Decision], None],
        idle_s: float = IDLE_S,
    ) -> None:
        self._round = round_
        self._ordered = ordered
        self._idle_s = idle_s
        self._decider = decider
        self._channel = line.live
        self._ledger = ledger
        self._commands = commands
        self._progress = progress
        self._hand_on, self._acted = line.decided, line.acted
        self._last_index = last_index
        self._embed_meter, self._decide_meter = meters["embed"], meters["decide"]

    def run(self, ready: Ready) -> None:
        """The stage's body."""
        ready()
        quiet_since_ns = now_ns()
        try:
            while True:
                self._commands.apply()
                self._round.ns = now_ns()
                try:
                    live = self._channel.get(self._idle_s)
                except ChannelClosed:
                    break
                if live is not None:
                    self._decide(live)
                    quiet_since_ns = now_ns()
                elif now_ns() - quiet_since_ns >= IDLE_S * NS_PER_S:
                    self._hand_on_losses(self._ledger.settle_known())
                    quiet_since_ns = now_ns()
        finally:
            self._channel.close()
            self._commands.close()
        self._finish(self._ledger.settle(self._last_index() + 1))

    def account_for_the_rest(self) -> None:
        """Account for what a failed session has left; called after `run` has ended with an error."""
        self._channel.drain()
        self._finish(self._ledger.conclude(self._last_index() + 1))

    def _decide(self, live: LiveFrames) -> None:
        index = live.exposure.index
        losses = self._ledger.settle(index)
        self._hand_on_losses(losses)
        self._embed_meter.n_in += 1
        decision = self._decider.step(live)
        self._round.ns = now_ns()
        self._ordered(decision)
        self._ledger.observed(index)
        self._progress.observed(decision)
        embedded_ns = decision.embeddings.embedded_ns
        self._embed_meter.n_out += 1
        self._embed_meter.took(embedded_ns - live.composed_ns)
        self._decide_meter.n_in += 1
        self._decide_meter.n_out += 1
        self._decide_meter.took(decision.observations[-1].decided_ns - embedded_ns)
        self._hand_on(Decided((), decision))
        self._look_for_drift(index)

    def _look_for_drift(self, index: int) -> None:
        drifts = self._decider.drifts
        if drifts or self._progress.drifts:
            for action in drift_actions(self._progress.drifts, drifts, index, now_ns()):
                self._acted(action)
            self._progress.drifts = drifts

    def _hand_on_losses(self, losses: tuple[Loss, ...]) -> None:
        if losses:
            self._progress.lost(losses)
            self._hand_on(Decided(losses, None))

    def _finish(self, losses: tuple[Loss, ...]) -> None:
        self._progress.lost(losses)
        ending = self._decider.finish()
        self._progress.bouts.extend(ending.bouts)
        self._hand_on(Decided(losses, None, ending))
