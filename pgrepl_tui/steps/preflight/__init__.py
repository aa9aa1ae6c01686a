"""The Preflight stage: a table of checks, each with a verdict for both sides."""
