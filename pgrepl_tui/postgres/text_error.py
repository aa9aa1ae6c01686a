"""The error of a text that cannot be understood or written, in words for the operator."""


class TextError(ValueError):
    """A text cannot be understood, or not be written where it belongs; the message says which, and what was meant."""
