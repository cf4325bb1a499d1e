"""What people, rules and losses did before the window was opened: read from the session folder, where that is here."""

import threading
from heapq import merge
from operator import itemgetter
from pathlib import Path

from selfee_rt.errors import FolderError
from selfee_rt.folder import SessionFolder
from selfee_rt.view import saying
from selfee_rt.view.model import Model


class Recall:
    """A thread reads once and fills the model; `close` waits for it."""

    def __init__(self, model: Model) -> None:
        self._model = model
        self._thread = threading.Thread(target=self._run, name="selfee-rt view recall")
        self._thread.start()

    @property
    def is_reading(self) -> bool:
        """Whether it is still under way."""
        return self._thread.is_alive()

    def close(self) -> None:
        """Wait for the thread."""
        self._thread.join()

    def _run(self) -> None:
        session = self._model.session
        try:
            if session.folder is None:
                raise FolderError("the session does not say where its folder is")
            with SessionFolder(Path(session.folder)) as folder:
                if folder.record.session_id != session.session_id:
                    raise FolderError(f"in {session.folder} there is another session")
                tables = (saying.actions, saying.triggers, saying.losses)
                said = merge(*(each(folder) for each in tables), key=itemgetter(0))
                self._model.recall(message for *_, message in said)
        except FolderError as error:
            self._model.cannot_recall(str(error))
