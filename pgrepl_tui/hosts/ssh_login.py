"""What a login wants besides a key: a password, or answers to what the server asks (keyboard-interactive, RFC 4256).

The operator is asked while the server waits, and no clock runs meanwhile. The question outlives the connection: where
the server closes it in the meantime (sshd's LoginGraceTime), the password counts for the next one.
"""

import asyncio
import re
from collections import Counter
from collections.abc import Sequence

from pgrepl_tui.hosts.become import ATTEMPTS, AskPassword
from pgrepl_tui.hosts.secret import Secret

VARIABLE = "PGREPL_SSH_PASSWORD_FILE"
"""Names the operator's file with the password, for runs with nobody at a terminal."""
_SHOWN = 120
_PASSWORD = re.compile(
    r"pass(word|code|wort)|mot de passe|contraseñ|senha|parola|wachtwoord|lösenord|salasana|hasło|heslo|пароль"
    r"|密码|密碼|パスワード|암호",
    re.IGNORECASE,
)
"""PAM asks in the language of the server (Linux-PAM's translations)."""
_NEW = re.compile(r"\b(new|retype|current|old)\b", re.IGNORECASE)


class Passwords:
    """The passwords of one run, by login: each is asked for once, and stays in memory alone.

    Attributes:
        ask: who is asked, a first time (1), which a file may answer, or again; None is nobody.
    """

    def __init__(self, ask: AskPassword | None = None) -> None:
        self.ask = ask
        self._known: dict[str, Secret] = {}

    def known(self, login: str) -> Secret | None:
        """The password that this login took, or is about to try."""
        return self._known.get(login)

    def keep(self, login: str, password: Secret) -> None:
        """Remember it for the next connection."""
        self._known[login] = password

    def forget(self, login: str) -> None:
        """It was not the right one."""
        self._known.pop(login, None)


class Login:
    """Answers what one login asks, over as many connections as that takes.

    Args:
        user: who logs in.
        where: the host and port, for questions.
        passwords: those of the run.
        patience: how long the server may take between two answers, in seconds.

    Attributes:
        wanted: the server wanted a password or an answer.
        refused: it did not take the last password.
        expired: it wants a new password.
        nobody: there was nobody to ask, or no answer.
    """

    def __init__(self, user: str, where: str, passwords: Passwords, patience: float) -> None:
        self._user, self._where, self._passwords, self._patience = user, where, passwords, patience
        self._name = f"{user}@{where}"
        self._clock: asyncio.Timeout | None = None
        self._asked: Counter[str] = Counter()
        self._tried = self._in_challenge = False
        self._question: asyncio.Task[Secret | None] | None = None
        self._carried: asyncio.Task[Secret | None] | None = None
        self.wanted = self.refused = self.expired = self.nobody = False

    def begin(self, clock: asyncio.Timeout) -> None:
        """A connection is being made: nothing was tried on it yet, and this clock measures it."""
        self._clock = clock
        self._tried = False

    def leave(self) -> None:
        """It was made, or has failed."""
        self._clock = None

    async def answered(self) -> bool:
        """After a lost connection: wait for the answer that it was lost with; False where there is none.

        An answer carries over to one more connection, not to a third: then it is not the waiting that ends them.
        """
        question = self._question
        if question is None or question is self._carried:
            return False
        self._carried = question
        await asyncio.wait({question})
        return _answer_of(question) is not None

    def denied(self) -> None:
        """The server let nobody in: a password that was tried was the wrong one.

        Raises:
            Exception: what kept the operator from being asked.
        """
        if self._tried:
            self.refused = True
            self._passwords.forget(self._name)
        trouble = _trouble(self._question)
        if trouble is not None:
            raise trouble

    async def withdraw(self) -> None:
        """Nobody waits for the answer any more."""
        if self._question is not None and not self._question.done():
            self._question.cancel()
            await asyncio.wait({self._question})

    async def password(self) -> str | None:
        """The password, known or asked for; None gives the method up. Asked for again, the last one was refused."""
        self.wanted = True
        if self.expired:
            return None
        if self._tried:
            self.refused = True
            self._passwords.forget(self._name)
        found = self._passwords.known(self._name)
        if found is None:
            again = " (that was not it)" if self.refused else ""
            found = await self._ask(f"Password of {self._user} on {self._where}, for SSH{again}", "password")
        self._tried = found is not None
        return found.reveal() if found else None

    def change(self) -> None:
        """The server wants a new password in place of this one, which is not for us to choose."""
        self.wanted = self.expired = True

    def challenge(self) -> None:
        """A dialogue begins, for the first time or after a refusal."""
        self._in_challenge = False

    async def answers(self, instructions: str, prompts: Sequence[tuple[str, bool]]) -> list[str] | None:
        """The answers to a turn of the dialogue, one a prompt; None gives the method up."""
        if any(_PASSWORD.search(prompt) and _NEW.search(prompt) for prompt, _ in prompts):
            self.change()
            return None
        said: list[str] = []
        for prompt, _ in prompts:
            answer = await self._answer(instructions, prompt)
            if answer is None:
                return None
            said.append(answer)
        return said

    async def _answer(self, instructions: str, prompt: str) -> str | None:
        """The first password of a dialogue is the login's; whatever else is asked is the operator's to read."""
        if _PASSWORD.search(prompt) and not self._in_challenge:
            self._in_challenge = True
            return await self.password()
        self.wanted = True
        text = " ".join(filter(None, (_plain(instructions), _plain(prompt))))
        found = await self._ask(f"{self._where} asks {self._user}: {text}", "answer")
        return found.reveal() if found else None

    async def _ask(self, text: str, kind: str) -> Secret | None:
        """Ask, with the clock stopped."""
        ask = self._passwords.ask
        self._asked[kind] += 1
        self.nobody = self.nobody or ask is None
        if ask is None or self.nobody or self._asked[kind] > ATTEMPTS:
            return None
        self._question = asyncio.create_task(self._put(ask, text, kind))
        self._set_clock(None)
        await asyncio.wait({self._question})
        self._set_clock(asyncio.get_running_loop().time() + self._patience)
        return _answer_of(self._question)

    async def _put(self, ask: AskPassword, text: str, kind: str) -> Secret | None:
        """A password is kept at once; an answer, such as a code, holds but once, and no file has it."""
        attempt = self._asked[kind] if kind == "password" else ATTEMPTS
        found = await ask(text, attempt=attempt)
        self.nobody = found is None
        if found is not None and kind == "password":
            self._passwords.keep(self._name, found)
        return found

    def _set_clock(self, when: float | None) -> None:
        if self._clock is not None and not self._clock.expired():
            self._clock.reschedule(when)


def _trouble(question: "asyncio.Task[Secret | None] | None") -> BaseException | None:
    return None if question is None or not question.done() or question.cancelled() else question.exception()


def _answer_of(question: "asyncio.Task[Secret | None]") -> Secret | None:
    return None if question.cancelled() or question.exception() else question.result()


def _plain(text: str) -> str:
    """What a server asks, on one line and harmless on a terminal."""
    text = " ".join("".join(character if character.isprintable() else " " for character in text).split())
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}…"
