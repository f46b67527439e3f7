"""A technician pairs in a terminal of 80 columns: every question is asked in words, and every line fits."""

from __future__ import annotations

import asyncio
import fcntl
import os
import pty
import re
import struct
import subprocess
import termios
from typing import Any

from home import Home, expect, until

BOUND_SECONDS = 150
COLUMNS = 80


class Screen:
    """A command at a terminal, and what it has written there."""

    def __init__(self, home: Home, *arguments: str) -> None:
        master, slave = pty.openpty()
        fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", 24, COLUMNS, 0, 0))
        self.home = home
        self.master = master
        self.text = ""
        self.process = subprocess.Popen(
            [home.program, *arguments, "--socket", str(home.socket)], stdin=slave, stdout=slave, stderr=slave,
            env={**os.environ, "TERM": "xterm-256color"}, start_new_session=True)
        os.close(slave)
        os.set_blocking(master, False)

    def look(self) -> str:
        try:
            while data := os.read(self.master, 65536):
                self.text += data.decode(errors="replace")
        except (BlockingIOError, OSError):
            pass
        return self.plain

    @property
    def plain(self) -> str:
        return re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", self.text).replace("\r\n", "\n")

    async def sees(self, words: str, within: float = 40) -> None:
        await until(lambda: words in self.look(), lambda: f"{words!r} in\n{self.plain}", within)

    def types(self, line: str) -> None:
        os.write(self.master, line.encode() + b"\n")

    async def end(self) -> int:
        code: Any = await until(lambda: (self.look(), [self.process.poll()])[1] != [None], lambda: self.plain, 40)
        self.look()
        self.home.log("\n" + self.plain)
        for line in self.plain.splitlines():
            expect(len(line.rsplit("\r", 1)[-1]) <= COLUMNS, f"longer than {COLUMNS}: {line!r}")
        os.close(self.master)
        del code
        return self.process.returncode


async def scenario(home: Home) -> None:
    await home.air.plug()
    await home.daemon()
    await home.ready()
    # Two numbers are compared; the device is given to its patient at the end.
    strap = await home.device("heart_rate", person=home.person("comparison"), security="authenticated")
    screen = Screen(home, "pair", strap.address)
    number = await strap.person.read()
    await screen.sees(f"{number[:3]} {number[3:]}")
    screen.types("yes")
    await screen.sees("Patient:")
    screen.types("p-7")
    expect(await screen.end() == 0, screen.plain)
    await until(lambda: home.values("heart-rate", patient="p-7"), home.last_lines, 20)
    # A number is typed here; a slip is asked about again.
    oximeter = await home.device("pulse_oximeter", person=home.person("shows-passkey"), security="authenticated")
    screen = Screen(home, "pair", oximeter.address, "--patient", "p-8")
    number = await oximeter.person.read()
    await screen.sees("digits")
    screen.types("12 34")
    await asyncio.sleep(0.5)
    screen.types(number)
    expect(await screen.end() == 0, screen.plain)
    await until(lambda: home.values("pulse-rate", patient="p-8"), home.last_lines, 20)
    # A wrong number, and what is said then.
    ear = await home.device("thermometer", person=home.person("shows-passkey", passkey=123_456),
                            security="authenticated")
    screen = Screen(home, "pair", ear.address)
    await ear.person.read()
    await screen.sees("digits")
    screen.types("123457")
    expect(await screen.end() != 0, screen.plain)
    expect("wrong" in screen.plain, screen.plain)
    # It is how it was said.
    screen = Screen(home, "devices")
    expect(await screen.end() == 0, screen.plain)
    screen = Screen(home, "status")
    expect(await screen.end() == 0, screen.plain)
    # Held by a phone.
    phone = await home.device("jumper")
    phone.refuse_connections()
    screen = Screen(home, "pair", phone.address)
    expect(await screen.end() != 0, screen.plain)
    expect("phone" in screen.plain, screen.plain)
