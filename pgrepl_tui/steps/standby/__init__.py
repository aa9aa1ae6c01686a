"""The steps of the Standby stage, in order."""
