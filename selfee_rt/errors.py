"""Every error a user can cause, each also the Python builtin that it means.

A message says what happened, what was got, what was expected and what to do about it.
The command line prints the message alone and exits with status 1; nothing here reaches a user as a traceback.

- SelfeeRTError
    - ConfigError (ValueError): the configuration is wrong; carries every problem found
    - MissingExtra (ImportError): an optional dependency is not installed
    - ModelError (ValueError): a model file is missing, broken or not one of ours
        - ModelMismatch: model, camera and configuration do not fit together
        - ProviderMissing: an inference provider that was asked for is not available
    - ReferenceFileError (ValueError): a reference file is broken or made with another model
    - TemplateFileError (ValueError): a template file is broken, made with another model, or does not fit
    - LabelsError (ValueError): a label file does not fit
    - AlignmentError (ValueError): edges of another recorder cannot be read, or do not fit the session's
    - SourceError (OSError): a source cannot be opened
        - SourceLost (ConnectionError): an open source went away
    - EndOfStream (EOFError): a source has no more frames
    - ChannelError
        - Overrun (BufferError): a channel that may not lose anything is full
        - ChannelClosed (EOFError): the other side has ended
    - AccountingError (RuntimeError): an exposure has no fate, or two
    - FolderError (OSError): a session folder cannot be made or read
    - RankLost (ConnectionError): another process of the same training ended before its time
    - RecordingFailed (OSError): recording stopped working
    - PublishError (OSError): an address cannot be bound, or may not be
    - ControlError (ValueError): a control request was refused
    - DeviceError (OSError): a stimulus device cannot be opened, or does not speak its protocol
        - DeviceLost (ConnectionError): an open device stopped answering
"""

from collections.abc import Sequence


class SelfeeRTError(Exception):
    """Base of everything this package raises on purpose."""


class ConfigError(SelfeeRTError, ValueError):
    """The configuration is wrong; `problems` holds every one that was found."""

    def __init__(self, problems: Sequence[str]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(self.problems))


class MissingExtra(SelfeeRTError, ImportError):
    """An optional dependency is not installed; the message names the extra."""


class ModelError(SelfeeRTError, ValueError):
    """A model file is missing, broken or not one of ours."""


class ModelMismatch(ModelError):
    """Model, camera and configuration do not fit together."""


class ProviderMissing(ModelError):
    """An inference provider that was asked for is not available here."""


class ReferenceFileError(SelfeeRTError, ValueError):
    """A reference file is broken, or was made with another model."""


class TemplateFileError(SelfeeRTError, ValueError):
    """A template file is broken, was made with another model, or does not fit what it is searched in."""


class LabelsError(SelfeeRTError, ValueError):
    """A label file cannot be read or does not fit its video."""


class AlignmentError(SelfeeRTError, ValueError):
    """Edges that another recorder saw cannot be read, or do not fit those of the session's device."""


class SourceError(SelfeeRTError, OSError):
    """A source cannot be opened."""


class SourceLost(SourceError, ConnectionError):
    """A source that was open went away and did not come back."""


class EndOfStream(SelfeeRTError, EOFError):
    """A source has no more frames; the message reports how it ended."""


class ChannelError(SelfeeRTError):
    """A channel between two threads cannot do what was asked."""


class Overrun(ChannelError, BufferError):
    """A channel that may not lose anything is full."""


class ChannelClosed(ChannelError, EOFError):
    """The other side of a channel has ended."""


class AccountingError(SelfeeRTError, RuntimeError):
    """An exposure has no fate, or two: a fault of ours, never hidden."""


class FolderError(SelfeeRTError, OSError):
    """A session folder cannot be made or read."""


class RankLost(SelfeeRTError, ConnectionError):
    """Another of the processes that train one network together ended before its time."""


class RecordingFailed(SelfeeRTError, OSError):
    """Recording stopped working; what was written before stays readable."""


class PublishError(SelfeeRTError, OSError):
    """An address cannot be bound, or may not be."""


class ControlError(SelfeeRTError, ValueError):
    """A control request was refused; the message goes back to the client."""


class DeviceError(SelfeeRTError, OSError):
    """A stimulus device cannot be opened, is busy, or does not speak its protocol."""


class DeviceLost(DeviceError, ConnectionError):
    """A stimulus device that was open stopped answering, or answers nonsense."""
