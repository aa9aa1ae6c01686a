"""The steps of a set-up: each can be inspected, previewed, run and confirmed."""
