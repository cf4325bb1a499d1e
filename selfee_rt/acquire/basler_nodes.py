"""Settings of a Basler camera, refused clearly where it lacks or limits them."""

from typing import Any

from selfee_rt.errors import SourceError


class Nodes:
    """The settings of one open camera, by the names that its generation uses.

    Nothing is clamped: a value that the camera does not take is an error. `notes` says what the camera made of each.

    Args:
        camera: an open `pypylon.pylon.InstantCamera`.
        genicam: the module `pypylon.genicam`.
        name: of the camera, for messages.
    """

    def __init__(self, camera: Any, genicam: Any, name: str) -> None:
        self._camera = camera
        self._genicam = genicam
        self.name = name
        self.notes: list[str] = []

    def find(self, *names: str) -> Any | None:
        """First of the nodes that this camera has, or None."""
        for name in names:
            node = getattr(self._camera, name, None)
            if node is not None and self._genicam.IsImplemented(node):
                return node
        return None

    def number(self, *names: str) -> float | None:
        """Value of the first of the nodes that can be read, or None."""
        node = self.find(*names)
        return float(node.GetValue()) if node is not None and self._genicam.IsReadable(node) else None

    def set_number(self, key: str, value: float, *names: str) -> None:
        """Set the first of the nodes that exists.

        Args:
            key: of the configuration, for messages.
            value: in the node's unit; a whole number for an integer node.
            names: of the node, newest generation first.

        Raises:
            SourceError: the camera has no such setting, or does not take this value.
        """
        node = self._writable(key, names)
        low, high = node.GetMin(), node.GetMax()
        if not low <= value <= high:
            raise SourceError(f"{key} is {value:g}, but {self.name} takes {low:g} to {high:g}; set one of these")
        step = node.GetInc() if isinstance(value, int) else 1
        if isinstance(value, int) and (value - low) % step:
            raise SourceError(
                f"{key} is {value}, but {self.name} takes {low}, {low + step}, {low + 2 * step} … {high}; "
                "set one of these"
            )
        node.SetValue(value)
        self.notes.append(f"{key} = {node.GetValue():g}")

    def choose(self, key: str, value: str, *names: str) -> None:
        """Set the first of the enumerations that exists.

        Raises:
            SourceError: the camera has no such setting, or not this choice.
        """
        node = self._writable(key, names)
        choices = tuple(node.GetSettableValues())
        if value not in choices:
            raise SourceError(f"{key} is {value!r}, but {self.name} offers {', '.join(choices)}; set one of these")
        node.SetValue(value)

    def choose_if_there(self, value: str, name: str) -> None:
        """Set an enumeration where the camera has it, such as an automatic that would override a setting."""
        if self.find(name) is not None:
            self.choose(name, value, name)

    def choices(self, name: str) -> tuple[str, ...]:
        """What an enumeration can be set to at present; empty where the camera does not have it."""
        node = self.find(name)
        return () if node is None else tuple(node.GetSettableValues())

    def reset(self, *names: str) -> None:
        """Set numbers to their least value, where the camera has them."""
        for name in names:
            node = self.find(name)
            if node is not None and self._genicam.IsWritable(node):
                node.SetValue(node.GetMin())

    def switch_if_there(self, on: bool, name: str) -> None:
        """Switch something on or off where the camera has such a switch."""
        node = self.find(name)
        if node is not None and self._genicam.IsWritable(node):
            node.SetValue(on)

    def _writable(self, key: str, names: tuple[str, ...]) -> Any:
        node = self.find(*names)
        if node is None or not self._genicam.IsWritable(node):
            state = "does not offer" if node is None else "does not let change"
            raise SourceError(f"{key} is set, but {self.name} {state} {' or '.join(names)}; remove {key}")
        return node
