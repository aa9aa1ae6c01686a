"""The steps of the Verify stage, in order."""
