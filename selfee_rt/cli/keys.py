"""`selfee-rt keys`: key pairs for encrypted connections."""

from pathlib import Path

import click


@click.command()
@click.option(
    "--out",
    "folder",
    type=click.Path(file_okay=False, path_type=Path),
    required=True,
    help="Folder to put the key files in; made if it does not exist.",
)
@click.argument("names", nargs=-1, required=True, metavar="NAME...")
def keys(folder: Path, names: tuple[str, ...]) -> None:
    """Make a pair of keys for each NAME: NAME.key (public) and NAME.key_secret.

    The session needs its own secret file and a folder of its clients' public files (publish.curve in the
    configuration); a client needs its own secret file and the session's public one. Existing files are kept.
    """
    from selfee_rt.publish.curve import make_keys

    for secret in make_keys(folder, names):
        click.echo(f"{secret.with_suffix('.key')}  public: give it to the others")
        click.echo(f"{secret}  secret: keep it here, readable by its user only")
