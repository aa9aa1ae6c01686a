"""The one exception of the lab."""


class LabError(Exception):
    """The lab cannot be started or used.

    Attributes:
        what: what went wrong, in a sentence.
        remedy: what to do next.
    """

    def __init__(self, what: str, remedy: str = "") -> None:
        super().__init__(f"{what}\n{remedy}" if remedy else what)
        self.what = what
        self.remedy = remedy
