"""A value that must not be seen."""


class Secret:
    """A secret text: it shows itself as asterisks wherever it is printed, formatted or dumped."""

    __slots__ = ("_value",)

    def __init__(self, value: str) -> None:
        self._value = value

    def reveal(self) -> str:
        """The text itself: for the one place that has to hand it on."""
        return self._value

    def __repr__(self) -> str:
        return "********"

    def __format__(self, _spec: str) -> str:
        return "********"

    def __reduce__(self) -> str:
        raise TypeError("a secret cannot be saved")

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Secret) and other._value == self._value

    def __hash__(self) -> int:
        return hash(self._value)
