"""What a board with this project's firmware says, in words."""

from selfee_rt.trigger.board_messages import Hello, Status


def limits_of(said: Hello) -> str:
    """What is built into it."""
    return f"{_pulse_limits(said)}; {_train_limits(said)}; {_duty_limit(said)}"


def why(status: int, said: Hello) -> str:
    """Why it refused something, from the status of its answer."""
    words = {
        Status.UNKNOWN: "it does not know this message; flash the firmware that came with this version",
        Status.DISARMED: "it is disarmed",
        Status.NO_LEASE: "nobody keeps it alive",
        Status.RUNNING: "a train is running",
        Status.REFRACTORY: "it is within the refractory time of the last train",
        Status.BUDGET: "it would be more light than it may make until it is armed again",
        Status.PULSE: f"its firmware says that {_pulse_limits(said)}",
        Status.TRAIN: f"its firmware says that {_train_limits(said)}",
        Status.DUTY: f"its firmware says that {_duty_limit(said)}",
        Status.LEASE: f"its firmware allows leases of {said.longest_lease_ms} ms at most",
        Status.ARMING: "it cannot be armed for no time at all",
    }
    return words.get(Status(status), "") if status in set(Status) else f"for the unknown reason {status}"


def _pulse_limits(said: Hello) -> str:
    return (
        f"pulses last {said.shortest_pulse_us} to {said.longest_pulse_us} us, "
        f"pauses at least {said.shortest_pulse_us} us"
    )


def _train_limits(said: Hello) -> str:
    return f"a train has at least one pulse and lasts at most {said.longest_train_us} us"


def _duty_limit(said: Hello) -> str:
    return f"the pulses of a train take at most {said.most_duty_percent} % of its period"
