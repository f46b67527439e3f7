"""A terminal with a person in front of it: runs the program, draws what it writes, types."""

from __future__ import annotations

import fcntl
import os
import pty
import re
import select
import struct
import subprocess
import termios
import threading
from typing import Any

from .daemon import binary
from .waiting import PATIENCE, Happening

CONTROL = re.compile(r"\x1b\[([?0-9;]*)([A-Za-z])")


class Screen:
    """As much of a terminal as the program uses. Whatever else it sends is a fault."""

    def __init__(self, columns: int, rows: int) -> None:
        self.columns, self.rows = columns, rows
        self.lines: list[str] = [""]
        self.row = self.column = 0
        self.has_cursor = True
        self.styles: set[str] = set()
        self._below: tuple[list[str], int, int] | None = None
        self._rest = ""

    def feed(self, text: str) -> None:
        text, self._rest = self._rest + text, ""
        at = 0
        while at < len(text):
            if text[at] == "\x1b":
                if not (match := CONTROL.match(text, at)):
                    assert len(text) - at < 16, f"an unknown control sequence: {text[at:at + 16]!r}"
                    self._rest = text[at:]
                    return
                self._control(match[1], match[2])
                at = match.end()
            else:
                self._put(text[at])
                at += 1

    def _put(self, character: str) -> None:
        if character == "\n":
            self.row += 1
        elif character == "\r":
            self.column = 0
        elif character == "\b":
            self.column = max(0, self.column - 1)
        else:
            assert character.isprintable(), f"{character!r} reaches the terminal"
            assert self.column < self.columns, f"wider than {self.columns}: {self.lines[self.row]!r}"
            line = self.lines[self.row].ljust(self.column)
            self.lines[self.row] = line[:self.column] + character + line[self.column + 1:]
            self.column += 1
        while self.row >= len(self.lines):
            self.lines.append("")

    def _control(self, numbers: str, name: str) -> None:
        match name, numbers:
            case "m", _:
                self.styles.add(numbers)
            case "K", "":
                self.lines[self.row] = self.lines[self.row][:self.column]
            case "J", "":
                self.lines[self.row] = self.lines[self.row][:self.column]
                del self.lines[self.row + 1:]
            case "H", "":
                self.row = self.column = 0
            case "A", _:
                self.row -= int(numbers)
                assert self.row >= 0, "above the top"
            case ("h" | "l"), "?25":
                self.has_cursor = name == "h"
            case "h", "?1049":
                self._below = (self.lines, self.row, self.column)
                self.lines, self.row, self.column = [""], 0, 0
            case "l", "?1049":
                assert self._below, "leaves a screen that it has not entered"
                (self.lines, self.row, self.column), self._below = self._below, None
            case _:
                raise AssertionError(f"an unknown control sequence: {numbers}{name}")

    @property
    def is_own(self) -> bool:
        return self._below is not None

    @property
    def text(self) -> str:
        return "\n".join(line.rstrip() for line in self.lines).strip("\n")


class Terminal:
    def __init__(self, *arguments: str, columns: int = 80, rows: int = 24, **environment: str) -> None:
        self.screen = Screen(columns, rows)
        self.happening = Happening()
        self.fault: Exception | None = None
        self._master, self._slave = pty.openpty()
        fcntl.ioctl(self._slave, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
        self.before = termios.tcgetattr(self._slave)
        clean = {name: value for name, value in os.environ.items()
                 if name not in ("NO_COLOR", "LANG", "LC_ALL", "LC_CTYPE", "TERM")}
        self.process = subprocess.Popen(
            [binary(), *arguments], stdin=self._slave, stdout=self._slave, stderr=self._slave,
            env=clean | {"TERM": "xterm", "LANG": "C.UTF-8"} | environment, start_new_session=True,
            preexec_fn=lambda: fcntl.ioctl(0, termios.TIOCSCTTY, 0))
        self._thread = threading.Thread(target=self._read, daemon=True)
        self._thread.start()

    def _read(self) -> None:
        pending = b""
        while True:
            ready, _, _ = select.select([self._master], [], [], 0.1)
            if not ready:
                if self.process.poll() is not None:
                    return
                continue
            pending += os.read(self._master, 1 << 16)
            # Half a character waits for its other half.
            whole = pending.decode(errors="ignore")
            pending = pending[len(whole.encode()):]
            with self.happening:
                try:
                    self.screen.feed(whole)
                except Exception as error:
                    self.fault = error
                    return

    def wait_for(self, *texts: str, within: float = PATIENCE) -> str:
        """The screen, as soon as all of them stand on it."""
        def look() -> str | None:
            if self.fault:
                raise self.fault
            text = self.screen.text
            return text if all(wanted in text for wanted in texts) else None
        try:
            return self.happening.wait(look, f"{texts} on the screen", within)
        except AssertionError as error:
            raise AssertionError(f"{error}\n{self.screen.text}") from None

    def resize(self, columns: int, rows: int = 24) -> None:
        with self.happening:
            self.screen.columns, self.screen.rows = columns, rows
        fcntl.ioctl(self._slave, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))

    def type(self, text: str) -> None:
        os.write(self._master, text.encode())

    def end(self, within: float = PATIENCE) -> tuple[int, str]:
        """The exit status, and what is left on the screen."""
        code = self.process.wait(timeout=within)
        self._thread.join(timeout=5)
        if self.fault:
            raise self.fault
        return code, self.screen.text

    @property
    def settings(self) -> Any:
        return termios.tcgetattr(self._slave)

    def close(self) -> None:
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait(timeout=10)
        self._thread.join(timeout=5)
        os.close(self._master)
        os.close(self._slave)
