"""A stimulus device of the tests' own: it does what it is told, remembers it, and fails when asked to."""

import threading

from selfee_rt.clock import now_ns
from selfee_rt.errors import DeviceLost
from selfee_rt.stimuli import Acknowledgement, DeviceInfo


class Board:
    """An Actuator that answers at once, from inside the process."""

    def __init__(self, *, makes_light=True):
        self.makes_light = makes_light
        self.did = []
        """Every call, in order: its name, or for a fire the trigger's id."""
        self.leases_ms = []
        self.armed = self.is_open = False
        self.silent = False
        """True: every call but open and close raises DeviceLost."""
        self.held_up = threading.Event()
        """Cleared: `fire` and `arm` wait for it, as for a slow board."""
        self.held_up.set()
        self.events = []
        """What the next keep_alive returns."""

    def open(self):
        assert not self.is_open
        self.is_open = True
        self.did.append("open")
        return DeviceInfo("test board", True, self.makes_light, True, 100)

    def arm(self, limits):
        self._answer("arm")
        self.held_up.wait(10)
        self.armed = True

    def fire(self, order):
        sent_ns = now_ns()
        self._answer(order.trigger.trigger_id)
        self.held_up.wait(10)
        if not self.armed:
            return Acknowledgement("refused", "it is disarmed", sent_ns, now_ns(), None)
        return Acknowledgement("acknowledged", "", sent_ns, now_ns(), 1000 * order.trigger.trigger_id)

    def release(self):
        self._answer("release")

    def disarm(self):
        self._answer("disarm")
        self.armed = False

    def keep_alive(self, lease_ms):
        if self.silent:
            raise DeviceLost("the test board says nothing")
        self.leases_ms.append(lease_ms)
        events, self.events = tuple(self.events), []
        return events

    def close(self):
        self.armed = self.is_open = False
        self.did.append("close")

    def _answer(self, what):
        if self.silent:
            raise DeviceLost("the test board says nothing")
        self.did.append(what)
