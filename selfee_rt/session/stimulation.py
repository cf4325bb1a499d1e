"""Rules and devices of one session: orders go out, arming comes in, and everything is answered and logged."""

import threading
from collections.abc import Callable, Mapping
from concurrent.futures import Future
from concurrent.futures import TimeoutError as FutureTimeoutError
from contextlib import suppress
from typing import Any, TypeVar

from selfee_rt.clock import now_ns
from selfee_rt.decide import Decision
from selfee_rt.errors import ControlError
from selfee_rt.session.boundary import Boundary
from selfee_rt.session.device import DeviceStage, Lost, Report
from selfee_rt.session.jobs import Jobs, Reply, plain
from selfee_rt.session.line import Line
from selfee_rt.session.stage import Ready
from selfee_rt.stimuli import Delivery, Order, Tripped
from selfee_rt.trigger.rules import RuleSet
from selfee_rt.trigger.state import RuleState
from selfee_rt.types import Action
from selfee_rt.wire import ArmingEffect, Effect, RuleStatus, TestFired

T = TypeVar("T")

ARMING_TIMEOUT_S = 40.0
"""How long a device may take to be found again and armed."""
TEST_TIMEOUT_S = 5.0
"""How long a test may take from the request to the device's answer."""

TRIPPED = {"lease": "nobody kept it alive", "arming": "armed for too long", "budget": "its light is used up"}
"""Why a device switched off by itself."""


class Stimulation:
    """Carries orders to the devices, and arm, disarm and fire from clients to rules and devices.

    Disarming never waits for anything: the devices are told at once, the rules between two exposures. Arming and test
    fires wait for the devices, in a thread of their own, and are answered when these have.
    """

    def __init__(
        self,
        rules: RuleSet,
        devices: Mapping[str, DeviceStage],
        boundary: Boundary,
        line: Line,
        next_index: Callable[[], int],
    ) -> None:
        self._rules = rules
        self._devices = devices
        self._rule_of = {device.name: rule for rule, device in devices.items()}
        self._boundary = boundary
        self._line = line
        self._next_index = next_index
        self._jobs = Jobs("stimulation", waiting="requests", refusal=ControlError, then=", and ends")
        self._lock = threading.Lock()
        self._tests: dict[int, Future[Delivery]] = {}
        self._asked: dict[str, Future[Delivery]] = {}
        self._alarms: dict[str, str] = {}
        """Per rule what a person must know; until the rule is armed or disarmed."""

    # --- in the deciding thread ----------------------------------------------------------------------------------

    def decided(self, decision: Decision) -> None:
        """Hand one exposure's orders to the devices, and log what happened to the rules by itself."""
        for order in decision.orders:
            self._expect(order)
            self._devices[order.trigger.rule].fire(order)
        for trigger in decision.triggers:
            if trigger.origin == "test" and (asked := self._asked.pop(trigger.rule, None)) is not None:
                asked.set_exception(ControlError(f"the test of {trigger.rule!r} was {trigger.verdict}: {trigger.why}"))
        for notice in self._rules.take_notices():
            self._alarms[notice.rule] = "arming ends soon"
            if notice.action == "arming_ended":
                self._devices[notice.rule].disarm()
                self._alarms[notice.rule] = f"arming has ended: {notice.why}"
            index = decision.embeddings.exposure.index
            self._line.acted(Action(now_ns(), index, notice.action, {"rules": (notice.rule,)}, notice.why))

    def _expect(self, order: Order) -> None:
        """Remember who waits for a test's delivery."""
        trigger = order.trigger
        if trigger.origin == "test" and trigger.rule in self._asked:
            with self._lock:
                self._tests[trigger.trigger_id] = self._asked.pop(trigger.rule)

    # --- from any thread -----------------------------------------------------------------------------------------

    def state(self) -> dict[str, RuleStatus]:
        """How each rule is doing."""
        rules = self._rules.state().items()
        return {name: _status(state, self._devices[name], self._alarms.get(name)) for name, state in rules}

    # --- in the devices' threads ---------------------------------------------------------------------------------

    def report(self, device: str, report: Report) -> None:
        """Log what a device's thread reports; the rules of a lost device are disarmed."""
        match report:
            case Delivery():
                self._line.delivered(report)
                with self._lock:
                    test = self._tests.pop(report.trigger_id, None)
                if test is not None:
                    test.set_result(report)
            case Tripped():
                rule = self._rule_of[device]
                arguments = {"device": device, "rules": (rule,), "why": report.why, "device_us": report.device_us}
                said = f"the device switched off by itself: {TRIPPED[report.why]}"
                self._alarms[rule] = said
                self._note("device_tripped", arguments, said)
            case Lost():
                rule = self._rule_of[device]
                self._alarms[rule] = f"its device is lost: {report.why}"
                with suppress(ControlError):  # then the session is ending anyway
                    self._jobs.run_later(lambda: self._disarm_lost(device, rule, report.why))
            case _:
                self._line.recording.log(report)

    def _note(self, action: str, arguments: Mapping[str, Any], result: str) -> None:
        self._line.acted(Action(now_ns(), self._next_index(), action, arguments, result))

    # --- asked by the thread of the control socket -----------------------------------------------------------------

    def ask(self, verb: str, arguments: dict[str, Any]) -> dict[str, Any] | Reply:
        """Carry out arm, disarm, disarm_all or fire.

        Raises:
            ControlError: it is refused at once.
        """
        match verb:
            case "arm":
                rules = self._named(arguments["rules"])
                epochs = {rule: self._devices[rule].epoch for rule in rules}
                return self._jobs.ask(lambda: self._arm(rules, epochs))
            case "disarm":
                return self._disarm(verb, self._named(arguments["rules"]))
            case "disarm_all":
                return self._disarm(verb, tuple(self._devices))
            case _:
                (rule,) = self._named([arguments["rule"]])
                return self._jobs.ask(lambda: self._test(rule))

    def disarm_devices(self) -> None:
        """Switch every device off at once."""
        for device in self._devices.values():
            device.disarm()

    def close(self) -> None:
        """Refuse what waits and everything from now on; from any thread."""
        self._jobs.close()

    def _named(self, rules: list[str] | None) -> tuple[str, ...]:
        if rules is None:
            return tuple(self._devices)
        for rule in rules:
            if rule not in self._devices:
                raise ControlError(f"no rule is called {rule!r}; expected one of: {', '.join(self._devices)}")
        return tuple(rules)

    def _disarm(self, verb: str, rules: tuple[str, ...]) -> dict[str, Any]:
        for rule in rules:
            self._devices[rule].disarm()

        def change() -> None:
            self._rules.disarm(rules)

        try:
            effect = self._boundary.run(verb, {"rules": rules}, change)
            self._calm(rules)
        except ControlError as error:
            raise ControlError(f"the devices are disarmed, but the session does not answer: {error}") from error
        return plain(ArmingEffect(index=effect.index, at_ns=effect.at_ns, rules=rules))

    # --- in the thread of its own ----------------------------------------------------------------------------------

    def run(self, ready: Ready) -> None:
        """The stage's body."""
        self._jobs.run(ready)

    def _arm(self, rules: tuple[str, ...], epochs: Mapping[str, int]) -> ArmingEffect:
        """Arm the devices, then the rules; where one refuses, none of them is armed."""

        def change() -> None:
            late = [rule for rule in rules if self._devices[rule].epoch != epochs[rule]]
            if late:
                raise ControlError(f"{', '.join(late)} was disarmed meanwhile, and disarming wins; arm again")
            self._rules.arm(rules)

        try:
            for rule, done in [(rule, self._devices[rule].arm(self._rules.device_limits(rule))) for rule in rules]:
                _await(done, ARMING_TIMEOUT_S, f"the device of {rule!r} did not say that it is armed")
            effect = self._boundary.run("arm", {"rules": rules}, change)
            self._calm(rules)
        except ControlError:
            for rule in rules:
                self._devices[rule].disarm()
            raise
        return ArmingEffect(index=effect.index, at_ns=effect.at_ns, rules=rules)

    def _calm(self, rules: tuple[str, ...]) -> None:
        """A person has armed or disarmed these rules, and knows."""
        for rule in rules:
            self._alarms.pop(rule, None)

    def _test(self, rule: str) -> TestFired:
        asked: Future[Delivery] = Future()

        def change() -> None:
            self._rules.test_fire(rule)
            self._asked[rule] = asked

        effect = self._boundary.run("fire", {"rule": rule}, change)
        delivery = _await(
            asked, TEST_TIMEOUT_S, f"no exposure, or no answer of the device, came after the test of {rule!r}"
        )
        return TestFired(
            index=effect.index,
            at_ns=effect.at_ns,
            rule=rule,
            trigger_id=delivery.trigger_id,
            outcome=delivery.outcome,
            why=delivery.why,
        )

    def _disarm_lost(self, device: str, rule: str, why: str) -> Effect | None:
        """Disarm the rule of a lost device, unless the session is ending anyway."""

        def change() -> str:
            self._rules.disarm((rule,))
            return f"its rule is disarmed: {why}"

        with suppress(ControlError):
            return self._boundary.run("device_lost", {"device": device, "rules": (rule,)}, change)
        self._note("device_lost", {"device": device, "rules": ()}, why)
        return None


def _status(rule: RuleState, device: DeviceStage, alarm: str | None) -> RuleStatus:
    lost, makes_light = device.state.startswith("lost"), device.info.makes_light
    return RuleStatus(
        armed=rule.armed,
        remaining_s=rule.remaining_s,
        trials=rule.trials,
        light_s=rule.light_s,
        verdicts=dict(rule.verdicts),
        device=device.name,
        device_state=device.state if lost else "ok" if makes_light else "rehearsal",
        makes_light=makes_light,
        alarm=alarm,
    )


def _await(future: "Future[T]", timeout_s: float, otherwise: str) -> T:
    try:
        return future.result(timeout_s)
    except FutureTimeoutError:
        raise ControlError(f"{otherwise} within {timeout_s:g} s") from None
