"""Mutants of the guards: each breaks one guard on purpose, and some test has to turn red for it."""
