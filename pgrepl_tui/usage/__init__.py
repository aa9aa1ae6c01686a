"""What the argument parser takes, for shells to complete and for a man page: generated, so never out of date."""

SHELLS = ("bash", "zsh", "fish")
