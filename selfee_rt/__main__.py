"""`python -m selfee_rt`: the command line where its script is not on the path."""

from selfee_rt.cli import main

main(prog_name="selfee-rt")
