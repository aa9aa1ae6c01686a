"""Secrets replaced by value, in every form in which they may be written: the second net behind never printing them."""

from collections.abc import Iterable

from pgrepl_tui.session.secret_forms import forms

MASK = "********"


class Redactor:
    """Knows the secrets of a run and hides them in text.

    Where two secrets overlap or touch, all of it is one mask. A secret shorter than four characters is hidden only
    where quotes or ``password=`` stand around it (see ``secret_forms.forms``); an empty one is no secret.
    """

    def __init__(self, secrets: Iterable[str] = ()) -> None:
        self._forms: tuple[str, ...] = ()
        for secret in secrets:
            self.add(secret)

    def add(self, secret: str) -> None:
        """Hide one more secret from now on."""
        self._forms = tuple({*self._forms, *forms(secret)})

    def clean(self, text: str) -> str:
        """The text with a mask in place of each secret."""
        spans = self.spans(text)
        return masked(text, spans) if spans else text

    def spans(self, text: str) -> list[tuple[int, int]]:
        """Where secrets are: begin and end of each stretch, in order; overlapping and touching ones are one."""
        return _merged(sorted(span for form in self._forms for span in _places(text, form)))

    def hold(self, text: str) -> int:
        """Where the end of the text that could be the beginning of a secret begins; its length where nothing could."""
        earliest = len(text)
        for form in self._forms:
            at = text.find(form[0], max(0, len(text) - len(form) + 1), earliest)
            while at >= 0 and not form.startswith(text[at:]):
                at = text.find(form[0], at + 1, earliest)
            if at >= 0:
                earliest = at
        return earliest


class RedactingStream:
    """Hides secrets in text that comes in pieces; the outcome is that of ``Redactor.clean`` over the whole.

    Only what could be the beginning of a secret is held back, until more text or ``flush`` tells.
    """

    def __init__(self, redactor: Redactor) -> None:
        self._redactor = redactor
        self._held = ""
        # how much of the held text an emitted mask covers; -1 when no mask ends where it begins
        self._covered = -1

    def feed(self, text: str) -> str:
        """Take a piece; return what can be shown by now."""
        text = self._held + text
        return self._emit(text, self._redactor.hold(text))

    def flush(self) -> str:
        """Return what was held back, at the end of the text."""
        shown = self._emit(self._held, len(self._held))
        self._covered = -1
        return shown

    def _emit(self, text: str, until: int) -> str:
        """Show ``text`` up to ``until`` and hold the rest; a secret that reaches over ``until`` is masked now."""
        spans = self._redactor.spans(text)
        if self._covered >= 0:
            spans = _merged([(0, self._covered), *spans])
        pieces: list[str] = []
        done = 0
        covered = -1
        for begin, end in spans:
            out_already = begin == 0 and self._covered >= 0
            if begin >= until and not out_already:
                break
            pieces += (text[done:begin], "" if out_already else MASK)
            done = min(end, until)
            covered = end - until
        self._covered = max(covered, -1)
        self._held = text[until:]
        return "".join([*pieces, text[done:until]])


def masked(text: str, spans: list[tuple[int, int]]) -> str:
    """The text with a mask in place of each stretch."""
    pieces: list[str] = []
    done = 0
    for begin, end in spans:
        pieces += (text[done:begin], MASK)
        done = end
    return "".join([*pieces, text[done:]])


def _places(text: str, form: str) -> Iterable[tuple[int, int]]:
    at = text.find(form)
    while at >= 0:
        yield at, at + len(form)
        at = text.find(form, at + 1)


def _merged(spans: Iterable[tuple[int, int]]) -> list[tuple[int, int]]:
    merged: list[tuple[int, int]] = []
    for begin, end in spans:
        if merged and begin <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((begin, end))
    return merged
