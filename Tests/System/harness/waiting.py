"""Waiting for events, always with an end."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")

#: Long enough for a loaded machine; reached only when something is wrong.
PATIENCE = 45.0


class Happening:
    """A lock with a bell: whoever changes something rings, whoever waits looks again."""

    def __init__(self) -> None:
        self._condition = threading.Condition(threading.RLock())

    def __enter__(self) -> None:
        self._condition.acquire()

    def __exit__(self, *_: object) -> None:
        self._condition.notify_all()
        self._condition.release()

    def wait(self, look: Callable[[], T | None], what: str, within: float = PATIENCE) -> T:
        """The first truthy answer of `look`, which is called with the lock held."""
        with self._condition:
            answer = self._condition.wait_for(look, timeout=within)
        if not answer:
            raise AssertionError(f"did not happen within {within:.0f} s: {what}")
        return answer


def until(look: Callable[[], T | None], what: str, within: float = PATIENCE) -> T:
    """For what cannot ring, such as files and sockets: looks again and again."""
    end = time.monotonic() + within
    while not (answer := look()):
        if time.monotonic() > end:
            raise AssertionError(f"did not happen within {within:.0f} s: {what}")
        time.sleep(0.02)
    return answer
