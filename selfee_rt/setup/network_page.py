"""Page: the model, and the reference that it compares with."""

from PySide6.QtWidgets import QCheckBox, QComboBox, QFileDialog, QHBoxLayout

from selfee_rt.setup.ask_network import ANOTHER, SHIPPED, nothing_said
from selfee_rt.setup.background_fields import BackgroundFields
from selfee_rt.setup.backgrounds import wants_background
from selfee_rt.setup.look import button, combo, heading, words
from selfee_rt.setup.page import Page
from selfee_rt.view import theme as look


class NetworkPage(Page):
    """Two choices among the files that were found; another file can be looked for."""

    def fill(self) -> None:
        """Put the fields in place."""
        self.rows.addWidget(heading(self.theme, "Model"))
        titles = [f"{model.path.name}  ({model.title})" for model in self.found.models]
        self.models = [SHIPPED, *titles]
        self.model_files = ["", *(str(model.path) for model in self.found.models)]
        self.model = combo(self.models, lambda row: self._choose("model.file", self.model_files[row]))
        self.rows.addLayout(self._row(self.model, "model.file", self.model_files, "Model files (*.onnx)"))
        self.mismatch = QCheckBox("Use it although the camera's frame rate does not suit it")
        self.mismatch.toggled.connect(lambda on: self.put("model.allow_interval_mismatch", on or None))
        self.rows.addWidget(self.mismatch)
        self.background = BackgroundFields(self.theme)
        self.background.changed.connect(self._subtract)
        self.background.hide()
        self.rows.addWidget(self.background)
        self.rows.addWidget(heading(self.theme, "Reference"))
        self.rows.addWidget(words("Known behaviour, embedded with this model by `selfee-rt fit`.", look.DIM))
        labels = [f"{each.path.name}  ({', '.join(each.labels) or 'no labels'})" for each in self.found.references]
        self.reference_files = ["", *(str(each.path) for each in self.found.references)]
        self.reference = combo(
            [nothing_said(self.draft), *labels],
            lambda row: self._choose("observe.reference", self.reference_files[row]),
        )
        self.rows.addLayout(
            self._row(self.reference, "observe.reference", self.reference_files, "Reference files (*.npz)")
        )
        super().fill()

    def refresh(self) -> None:
        """What it means to name no reference follows from source and model; a background is for some models only."""
        self.background.setVisible(wants_background(self.draft))
        self.reference.setItemText(0, nothing_said(self.draft))

    def _row(self, field: QComboBox, key: str, files: list[str], pattern: str) -> QHBoxLayout:
        row = QHBoxLayout()
        row.addWidget(field, 1)
        row.addWidget(button("Browse …", lambda: self._browse(field, key, files, pattern)))
        return row

    def _browse(self, field: QComboBox, key: str, files: list[str], pattern: str) -> None:
        chosen, _ = QFileDialog.getOpenFileName(self, ANOTHER, "", pattern)
        if chosen:
            self.add(field, key, files, chosen)

    def add(self, field: QComboBox, key: str, files: list[str], path: str) -> None:
        """Offer another file, and choose it."""
        if path not in files:
            files.append(path)
            field.addItem(path)
        field.setCurrentIndex(files.index(path))
        self._choose(key, path)

    def _choose(self, key: str, path: str) -> None:
        self.draft.put(key, path)
        self._subtract()

    def _subtract(self) -> None:
        self.draft.arenas.background = self.background.said() if wants_background(self.draft) else None
        self.changed.emit()
