"""`python -m clockd`: the same as the `clockd` command."""

from clockd.cli import main

main()
