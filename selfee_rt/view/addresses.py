"""Where a session's sockets are, seen from here."""

import re

_TCP = re.compile(r"tcp://(?P<host>\[[^\]]+\]|[^:\[\]]+):(?P<port>\d+)")
_ITS_OWN = {"127.0.0.1", "0.0.0.0", "[::1]", "[::]", "*", "localhost"}  # noqa: S104 - compared with, not bound to


def reachable(bound: str, observations: str) -> str:
    """The address to connect to, of a socket that the session calls `bound`, where we reached it at `observations`.

    What is bound to loopback or to every interface is reached where its observations are: the same computer, or the
    near end of a tunnel.

    >>> reachable("tcp://0.0.0.0:5572", "tcp://rig.lab:5571")
    'tcp://rig.lab:5572'
    >>> reachable("tcp://192.168.1.4:5572", "tcp://rig.lab:5571")
    'tcp://192.168.1.4:5572'
    """
    there, here = _TCP.fullmatch(bound), _TCP.fullmatch(observations)
    if there is None or here is None or there["host"] not in _ITS_OWN:
        return bound
    return f"tcp://{here['host']}:{there['port']}"
