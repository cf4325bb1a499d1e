"""Page: stimulus devices."""

from typing import Any

from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QListWidget, QWidget

from selfee_rt.setup.ask_devices import as_said, free_name, needs_serial
from selfee_rt.setup.kinds import DEVICES, required, summary
from selfee_rt.setup.look import button, combo, form, heading, line, words
from selfee_rt.setup.look import row as named_row
from selfee_rt.setup.page import Page
from selfee_rt.view import theme as look

TALLEST_LIST_PX = 120
NO_PORTS = "No serial port was found; plug the board in and start again."
RULES = "When a stimulus is given is said by rules, which are written into the file: docs/triggers.md explains them."


class DevicePage(Page):
    """The devices, the settings of the chosen one, and the ports that were found."""

    def fill(self) -> None:
        """Put the fields in place."""
        self.rows.addWidget(heading(self.theme, "Serial ports found"))
        ports = "\n".join(str(port) for port in self.found.ports) or self.found.ports_problem or NO_PORTS
        self.rows.addWidget(words(ports, look.TEXT if self.found.ports else look.DIM))
        self.rows.addWidget(heading(self.theme, "Stimulus devices"))
        self.devices = QListWidget()
        self.devices.setMaximumHeight(self.theme.px(TALLEST_LIST_PX))
        self.devices.currentRowChanged.connect(self._show)
        self.rows.addWidget(self.devices)
        row = QHBoxLayout()
        self.kinds = combo(list(DEVICES), lambda _row: self._say_kind())
        row.addWidget(self.kinds, 1)
        row.addWidget(button("Add", self.add))
        row.addWidget(button("Remove", self.remove))
        self.rows.addLayout(row)
        self.about = words("", look.DIM)
        self.rows.addWidget(self.about)
        self.settings = QWidget()
        self.setting_rows = form(self.theme)
        self.settings.setLayout(self.setting_rows)
        self.fields: dict[str, QLineEdit] = {}
        self.rows.addWidget(self.settings)
        self.rows.addWidget(words(RULES, look.DIM))
        self._say_kind()
        super().fill()

    def add(self) -> None:
        """A device of the kind that is shown, on the first port where it needs one."""
        kind = self.kinds.currentText()
        device: dict[str, Any] = {"kind": kind, "name": free_name(self.draft)}
        if "port" in required(DEVICES[kind]) and needs_serial(kind, "port") and self.found.ports:
            device["port"] = self.found.ports[0].port
        self.draft.devices.append(device)
        self.devices.addItem(_title(device))
        self.devices.setCurrentRow(self.devices.count() - 1)
        self.changed.emit()

    def remove(self) -> None:
        """Take the chosen device away."""
        row = self.devices.currentRow()
        if row >= 0:
            del self.draft.devices[row]
            self.devices.takeItem(row)
            self._show(self.devices.currentRow())
            self.changed.emit()

    def _say_kind(self) -> None:
        self.about.setText(summary(DEVICES[self.kinds.currentText()]).replace("`", ""))

    def _show(self, row: int) -> None:
        """Fields for what the chosen device must be told."""
        self.fields.clear()
        while self.setting_rows.rowCount():
            self.setting_rows.removeRow(0)
        if not 0 <= row < len(self.draft.devices):
            return
        device = self.draft.devices[row]
        for key in ("name", *required(DEVICES[device["kind"]])):
            self.fields[key] = line("", lambda said, key=key: self._tell(row, key, said))  # type: ignore[misc]
            self.fields[key].setText(str(device.get(key, "")))
            named_row(self.theme, self.setting_rows, key.capitalize(), self.fields[key])

    def _tell(self, row: int, key: str, said: str) -> None:
        device = self.draft.devices[row]
        if said:
            device[key] = as_said(device["kind"], key, said)
        else:
            device.pop(key, None)
        self.devices.item(row).setText(_title(device))
        self.changed.emit()


def _title(device: dict[str, Any]) -> str:
    return f"{device.get('name', '?')}: {device['kind']}"
