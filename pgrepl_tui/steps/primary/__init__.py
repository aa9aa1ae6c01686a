"""The steps of the Primary stage, in order."""
