"""pylsl, told to stay on this machine, and inlets for what our outlets send."""

import os
from pathlib import Path

from tests.support import need_module

os.environ.setdefault("LSLAPICFG", str(Path(__file__).with_name("lsl_api.cfg")))

pylsl = need_module("pylsl")

PATIENCE_S = 20


class Inlet:
    """An inlet of the stream with this name; `pull` returns what has come."""

    def __init__(self, name: str) -> None:
        found = pylsl.resolve_byprop("name", name, timeout=PATIENCE_S)
        assert found, f"no stream called {name!r}"
        self._inlet = pylsl.StreamInlet(found[0], recover=False)
        self._inlet.open_stream(timeout=PATIENCE_S)
        self.info = self._inlet.info(timeout=PATIENCE_S)
        self.samples: list[tuple[list, float]] = []

    def pull(self) -> list[tuple[list, float]]:
        """All samples so far, each with its timestamp."""
        while True:
            sample, at_s = self._inlet.pull_sample(timeout=0.0)
            if sample is None:
                return self.samples
            self.samples.append((sample, at_s))

    def close(self) -> None:
        self._inlet.close_stream()
