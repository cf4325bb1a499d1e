"""Page: what is kept with the recording, and how long and as what it is recorded."""

from PySide6.QtWidgets import QComboBox, QFormLayout, QLineEdit

from selfee_rt.setup.fields import EXPERIMENT, SEXES, SUBJECT, VIDEO, Field
from selfee_rt.setup.look import combo, form, heading, line, row
from selfee_rt.setup.page import Page


class RecordPage(Page):
    """Experiment, animal, recording."""

    def fill(self) -> None:
        """Put the fields in place."""
        self.fields: dict[str, QLineEdit] = {}
        self.rows.addWidget(heading(self.theme, "Experiment"))
        self.rows.addLayout(self._section("experiment", EXPERIMENT))
        self.rows.addWidget(heading(self.theme, "Animal"))
        animal = self._section("subject", tuple(field for field in SUBJECT if field.key != "sex"))
        self.sex = self._sex()
        row(self.theme, animal, "Sex", self.sex)
        self.rows.addLayout(animal)
        self.rows.addWidget(heading(self.theme, "Recording"))
        self.rows.addLayout(self._recording())
        super().fill()

    def _section(self, section: str, fields: tuple[Field, ...]) -> QFormLayout:
        rows = form(self.theme)
        for field in fields:
            key = f"{section}.{field.key}"
            self.fields[key] = line(field.example, lambda said, key=key: self.put(key, said))  # type: ignore[misc]
            row(self.theme, rows, field.asks.partition(",")[0], self.fields[key])
        return rows

    def _sex(self) -> QComboBox:
        letters = [None, *SEXES]
        return combo(["not said", *SEXES.values()], lambda place: self.put("subject.sex", letters[place]))

    def _recording(self) -> QFormLayout:
        rows = form(self.theme)
        self.seconds = line("empty: run until stopped", self._end_after)
        row(self.theme, rows, "End after, s", self.seconds)
        kinds = [None, *list(VIDEO)[1:]]
        self.video = combo(list(VIDEO.values()), lambda place: self.put("record.video", kinds[place]))
        row(self.theme, rows, "Video", self.video)
        return rows

    def _end_after(self, said: str) -> None:
        try:
            self.put("seconds", float(said) if said else None)
        except ValueError:
            self.put("seconds", said)
