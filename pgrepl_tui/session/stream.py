"""The one place where events are made: stamped, made harmless, freed of secrets, recorded, then handed on."""

from collections.abc import Callable, Iterator
from dataclasses import fields, is_dataclass, replace
from enum import Enum
from typing import Any, Protocol, TypeVar

from pgrepl_tui.events import Event, Output
from pgrepl_tui.session.redact import RedactingStream, Redactor
from pgrepl_tui.session.sanitise import Decoder, harmless
from pgrepl_tui.session.span import Span

MAX_PIECE = 32 * 1024
"""The longest text of one ``Output``, in bytes of UTF-8."""
_WIDEST = 4  # bytes of a character in UTF-8
_WORDS_OF_THE_PROGRAM = frozenset(
    {"id", "step", "host", "role", "stream", "kind", "mode", "level", "point", "seen_on", "choices", "by", "name"}
)

E = TypeVar("E", bound=Event)
Listener = Callable[[Event, Span], None]
"""Takes an event and where it lies in the recording."""


class Writer(Protocol):
    """What keeps events; a ``Recorder``."""

    def write(self, event: Event) -> Span:
        """Keep an event; return where it lies."""


class Stream:
    """Makes the events of one run.

    No listener sees an event that is not recorded: where the recorder raises, so do ``emit`` and ``output``.
    """

    def __init__(self, recorder: Writer, clock: Callable[[], float]) -> None:
        """Begin a session now.

        Args:
            recorder: keeps each event.
            clock: seconds of a clock that never goes back, such as ``time.monotonic``.
        """
        self._recorder = recorder
        self._clock = clock
        self._began = clock()
        self._redactor = Redactor()
        self._listeners: list[Listener] = []
        self._outputs: dict[tuple[int, str], _Piecewise] = {}

    def add_secret(self, value: str) -> None:
        """Hide a secret from now on, in every form (see ``session/redact.py``); before it can turn up anywhere."""
        self._redactor.add(value)

    def redact(self, text: str) -> str:
        """The text without the secrets that are known by now."""
        return self._redactor.clean(text)

    def listen(self, listener: Listener) -> None:
        """Call a listener for each event from now on."""
        self._listeners.append(listener)

    def emit(self, event: E) -> E:
        """Stamp, clean, record and hand on an event; return it as it was recorded.

        The words of the program itself (ids, roles, kinds) are made harmless but kept where a secret happens to be
        one of them: a password ``standby`` must not rename the standby.

        Raises:
            RecordingError: it could not be recorded.
        """
        cleaned: E = self._clean(event)
        return self._hand_on(cleaned)

    def output(self, number: int, step: str, host: str, stream: str, data: bytes) -> None:
        """Take a piece of output as it came; what could be the beginning of a secret is held back until more comes.

        Raises:
            RecordingError: it could not be recorded.
        """
        key = (number, stream)
        if key not in self._outputs:
            self._outputs[key] = _Piecewise(step, host, self._redactor)
        self._put_out(key, self._outputs[key].feed(data))

    def end_output(self, number: int) -> None:
        """Hand on what was held back of a command's output, at its end.

        Raises:
            RecordingError: it could not be recorded.
        """
        for key in [key for key in self._outputs if key[0] == number]:
            self._put_out(key, self._outputs[key].flush())
            del self._outputs[key]

    def _put_out(self, key: tuple[int, str], text: str) -> None:
        number, stream = key
        source = self._outputs[key]
        for piece in _pieces(text):
            self._hand_on(Output(number=number, step=source.step, host=source.host, stream=stream, text=piece))

    def _hand_on(self, event: E) -> E:
        event = replace(event, t=round(self._clock() - self._began, 6))
        span = self._recorder.write(event)
        for listener in self._listeners:
            listener(event, span)
        return event

    def _clean(self, value: Any, name: str = "") -> Any:
        """The same value with every text in it cleaned."""
        if isinstance(value, str) and not isinstance(value, Enum):
            text = harmless(value)
            return text if name in _WORDS_OF_THE_PROGRAM else self._redactor.clean(text)
        if isinstance(value, tuple):
            return tuple(self._clean(item, name) for item in value)
        if is_dataclass(value) and not isinstance(value, type):
            return replace(value, **{f.name: self._clean(getattr(value, f.name), f.name) for f in fields(value)})
        return value


class _Piecewise:
    """Bytes of one output to clean text; its state goes over the cuts."""

    def __init__(self, step: str, host: str, redactor: Redactor) -> None:
        self.step = harmless(step)
        self.host = harmless(host)
        self._decoder = Decoder()
        self._redacting = RedactingStream(redactor)

    def feed(self, data: bytes) -> str:
        return self._redacting.feed(harmless(self._decoder.decode(data)))

    def flush(self) -> str:
        return self._redacting.feed(harmless(self._decoder.flush())) + self._redacting.flush()


def _pieces(text: str) -> Iterator[str]:
    size = MAX_PIECE if text.isascii() else MAX_PIECE // _WIDEST
    for begin in range(0, len(text), size):
        yield text[begin : begin + size]
