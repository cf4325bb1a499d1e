"""A configuration in the making: what has been answered so far, checked as a whole after every answer."""

from copy import deepcopy
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from selfee_rt.config import SessionConfig, SourceConfig, parse
from selfee_rt.errors import ConfigError
from selfee_rt.setup.arenas import Arenas
from selfee_rt.setup.fitting import misfits
from selfee_rt.setup.words import in_words
from selfee_rt.types import SourceInfo

NO_SOURCE = "source: none is chosen yet; choose a camera or a file"


class Draft:
    """Answers by the keys of the TOML file ("subject.id"); relative paths among them are relative to `folder`."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        """Where the file is going to be."""
        self.arenas = Arenas()
        self.devices: list[dict[str, Any]] = []
        self.seen: SourceInfo | None = None
        """What the chosen source said of itself when it was opened; None: it was not."""
        self._source: dict[str, Any] = {}
        self._answers: dict[str, Any] = {}

    @property
    def source(self) -> dict[str, Any]:
        """The section [source]; empty while none is chosen."""
        return dict(self._source)

    @source.setter
    def source(self, section: dict[str, Any]) -> None:
        """Choose another source, of which nothing has been seen."""
        if section != self._source:
            self._source, self.seen = dict(section), None

    @property
    def picture_px(self) -> tuple[int, int] | None:
        """Height and width of the source's picture; None while it has not been seen."""
        return None if self.seen is None else (self.seen.height_px, self.seen.width_px)

    def put(self, key: str, answer: Any) -> None:
        """Answer for one key, sections and key joined by a dot; None and "" take the answer back."""
        if answer is None or answer == "":
            self._answers.pop(key, None)
        else:
            self._answers[key] = answer

    def get(self, key: str) -> Any:
        """The answer for one key; None where there is none."""
        return self._answers.get(key)

    def document(self) -> dict[str, Any]:
        """The answers in the shape of the TOML file; what nobody has answered is not in it."""
        whole: dict[str, Any] = {"source": self.source} if self._source else {}
        if arenas := self.arenas.document():
            whole["arena"] = arenas
        if self.devices:
            whole["device"] = deepcopy(self.devices)
        for key, answer in self._answers.items():
            *sections, last = key.split(".")
            table = whole
            for section in sections:
                table = table.setdefault(section, {})
            table[last] = answer
        return whole

    def problems(self) -> list[str]:
        """What is wrong or missing, a sentence each; empty: it can be written."""
        if not self._source:
            return [NO_SOURCE, *(each for each in self._wrong() if not each.startswith("source"))]
        wrong = self._wrong()
        return wrong or list(misfits(self.config(), self.seen))

    def source_config(self) -> SourceConfig | None:
        """The source by itself, whatever else is still missing; None while it is not one."""
        try:
            return parse({"source": self.source}, where="setup", base=self.folder).source
        except ConfigError:
            return None

    def config(self) -> SessionConfig:
        """The configuration that these answers are.

        Raises:
            ConfigError: with every problem.
        """
        wrong = self._wrong()
        if wrong:
            raise ConfigError(wrong)
        return parse(self.document(), where="setup", base=self.folder)

    def _wrong(self) -> list[str]:
        """What the configuration itself does not allow."""
        try:
            SessionConfig.model_validate(self.document())
        except ValidationError as error:
            return in_words(error.errors())
        return []
