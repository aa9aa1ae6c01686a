"""The dialog about a host key that is not known: only the typed word ``yes`` accepts it."""

from pgrepl_tui.screens.typed_word import TypedWordScreen


class HostKeyScreen(TypedWordScreen):
    """Dismissed with True once ``yes`` was typed."""

    title_text = "Unknown host key"
    purpose = "to accept this key"
    button = "Accept"

    def fits(self, typed: str) -> bool:
        """The word in capitals is the word, too."""
        return typed.lower() == self.word
