"""`python -m linework.cli`, for torchrun and where no script is on the path."""

from . import main

main(prog_name="linework")
