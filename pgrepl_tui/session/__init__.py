"""A run as an ordered stream of events: recorded, folded into a state, replayed."""
