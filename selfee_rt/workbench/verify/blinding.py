"""What was to be kept from people was kept, and is still what it was."""

from collections.abc import Iterator

from selfee_rt.errors import FolderError
from selfee_rt.folder import SessionFolder, StimulationRecord, read_blinding, read_unblindings
from selfee_rt.workbench.verify.report import Check


def check_blinding(folder: SessionFolder, stimulation: StimulationRecord) -> Check:
    """The seeds are in session.json, or if it is blinded in blinding.json alone, unchanged; never in both."""
    problem = next(_problems(folder, stimulation), None)
    return Check("blinding", problem is None, problem or _found(folder, stimulation))


def _problems(folder: SessionFolder, stimulation: StimulationRecord) -> Iterator[str]:
    sha256 = stimulation.blinding_sha256
    if stimulation.blind != (sha256 is not None):
        yield f"session.json says blind = {stimulation.blind}, and the sha256 of blinding.json is {sha256}"
        return
    try:
        sealed = {} if sha256 is None else read_blinding(folder.path, sha256)
        read_unblindings(folder.path)
    except FolderError as error:
        yield str(error)
        return
    for rule in stimulation.rules:
        if rule.name not in sealed and rule.seed is None:
            yield f"the seed of {rule.name!r} is not recorded"
        if rule.seed is not None and stimulation.blind:
            yield f"the session is blinded, but session.json holds the seed of {rule.name!r}"


def _found(folder: SessionFolder, stimulation: StimulationRecord) -> str:
    if not stimulation.blind:
        return "not blinded; every rule's seed is recorded"
    looked = read_unblindings(folder.path)
    if not looked:
        return "blinding.json is unchanged; nobody has looked"
    return f"blinding.json is unchanged; unblinded {len(looked)}x, first by {looked[0].who} at {looked[0].at}"
