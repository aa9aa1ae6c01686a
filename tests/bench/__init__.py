"""Benchmarks: measured, not asserted. ``make bench`` runs them."""
