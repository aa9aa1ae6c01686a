"""The steps of an undo, in order: the standby's host first, then the primary."""
