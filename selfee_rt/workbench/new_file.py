"""A report in a file of its own: refused before the work where it cannot be made, and never over another."""

from pathlib import Path

from selfee_rt.errors import ConfigError, FolderError


def new_file_problems(option: str, path: Path, kind: str, endings: tuple[str, ...]) -> list[str]:
    """What stands against making a file, a sentence each; empty where nothing does.

    Args:
        option: of the command line, where the file was named.
        path: the file to make.
        kind: what it will be, in a sentence without its stop.
        endings: those that its name may have, in small letters with their dots.
    """
    problems = []
    folder = path.absolute().parent
    if path.exists():
        problems.append(f"{option} {path} exists; nothing is ever overwritten, choose another file")
    if path.suffix.lower() not in endings:
        problems.append(f"{option} {path}: {kind}; choose a name that ends in {' or '.join(endings)}")
    if not folder.is_dir():
        problems.append(f"{option} {path}: there is no folder {folder}; make it first")
    return problems


def check_new_file(option: str, path: Path, kind: str, endings: tuple[str, ...]) -> None:
    """Refuse a file that cannot be made, with every reason; arguments as of `new_file_problems`.

    Raises:
        ConfigError: it exists, its folder does not, or its name ends otherwise.
    """
    problems = new_file_problems(option, path, kind, endings)
    if problems:
        raise ConfigError(problems)


def write_new_file(path: Path, text: str) -> None:
    """Write a file that is not there yet, in UTF-8.

    Raises:
        FolderError: it is there, or cannot be written.
    """
    try:
        with path.open("x", encoding="utf-8") as file:
            file.write(text)
    except OSError as error:
        raise FolderError(f"cannot write {path}: {error.strerror}; choose a writable folder") from error
