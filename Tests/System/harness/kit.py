"""A simulated device behind a pseudo terminal: the program sees a serial port."""

from __future__ import annotations

import os
import select
import threading
import time
import tty
from collections.abc import Callable, Iterable
from pathlib import Path

from . import devices
from .devices import Shown
from .waiting import Happening

#: Frames due are sent together this often, as a bridge chip does.
TICK = 0.05
#: A Contec that hears no "PC connected" for so long stops talking.
KEEP_ALIVE_MAX = 30.0


class Kit:
    """One device: a thread that sends frames at the device's own rate and drains what the host says."""

    def __init__(self, folder: Path, name: str, driver: str) -> None:
        self.name = name
        self.driver = driver
        self.path = str(folder / name)
        self.heard = bytearray()
        self.frames = 0
        #: Changes the numbers with every frame, for load.
        self.is_busy = False
        #: Says nothing, although the cable is in.
        self.is_mute = False
        #: Sent as they are, each once, instead of frames.
        self.script: list[bytes] = []
        self.happening = Happening()
        self._shown = Shown()
        self._master = -1
        self._stop = threading.Event()
        self._asked_at: float | None = None
        self._commands = bytearray()
        self._frame: Callable[[Shown, int], bytes]
        self._frame, self._rate, self._waits = {
            "contec-cms50-v7": (devices.contec_live, 60.0, True),
            "berrymed-bci": (devices.bci, 100.0, False),
            "nonin-serial": (devices.nonin_format_8, 1.0, False),
        }[driver]
        self.plug()
        self._thread = threading.Thread(target=self._run, name=f"kit {name}", daemon=True)
        self._thread.start()

    # What a test says.

    def show(self, saturation: int | None = 98, pulse: int | None = 72, perfusion: int | None = 350) -> None:
        self._shown = Shown(saturation, pulse, perfusion)

    def take_finger_out(self) -> None:
        self._shown = devices.OUT

    def plug(self) -> None:
        """A new pseudo terminal under the same name, as udev's by-id links are."""
        master, slave = os.openpty()
        tty.setraw(slave)
        temporary = f"{self.path}.new"
        os.symlink(os.ttyname(slave), temporary)
        os.replace(temporary, self.path)
        os.close(slave)
        os.set_blocking(master, False)
        with self.happening:
            self._asked_at = None
            self._commands.clear()
            self._master = master

    def pull(self) -> None:
        with self.happening:
            master, self._master = self._master, -1
            os.unlink(self.path)
            if master >= 0:
                os.close(master)

    def close(self) -> None:
        self._stop.set()
        self._thread.join(timeout=10)
        if self._master >= 0:
            self.pull()

    def entry(self, **more: object) -> dict[str, object]:
        """The device's section in the configuration."""
        entry: dict[str, object] = {"id": self.name, "driver": self.driver, "port": self.path}
        if self.driver == "nonin-serial":
            entry["format"] = "8"
        return entry | more

    # The device's own life.

    def _run(self) -> None:
        sent_until = time.monotonic()
        while not self._stop.wait(TICK):
            now = time.monotonic()
            with self.happening:
                if self._master < 0 or not self._listen():
                    sent_until = now
                    continue
                due = int((now - sent_until) * self._rate)
                sent_until += due / self._rate
                if self.script:
                    self._write(self.script.pop(0))
                elif self._is_talking(now):
                    self._write(b"".join(self._next() for _ in range(min(due, int(self._rate) + 1))))

    def _is_talking(self, now: float) -> bool:
        if self.is_mute:
            return False
        return not self._waits or self._asked_at is not None and now - self._asked_at < KEEP_ALIVE_MAX

    def _next(self) -> bytes:
        self.frames += 1
        shown = self._shown
        if self.is_busy:
            step = self.frames % 10
            shown = Shown(90 + step, 60 + step, 300 + step)
        return self._frame(shown, self.frames)

    def _listen(self) -> bool:
        """Whether somebody has the port open; takes what they said."""
        poll = select.poll()
        poll.register(self._master, select.POLLIN)
        events = dict(poll.poll(0)).get(self._master, 0)
        if events & select.POLLIN:
            try:
                said = os.read(self._master, 4096)
            except OSError:
                said = b""
            self.heard += said
            if self._waits:
                self._obey(said)
        if events & select.POLLHUP:
            self._asked_at = None
            self._commands.clear()
            return False
        return True

    def _obey(self, said: bytes) -> None:
        self._commands += said
        for frame in self._whole(0x7D, 9):
            command = devices.contec_command(frame)
            if command in (0xA1, 0xAF) and (command == 0xA1 or self._asked_at is not None):
                self._asked_at = time.monotonic()
            elif command == 0xA2:
                self._asked_at = None
            self._write(devices.CONTEC_ANSWERS.get(command, b""))

    def _whole(self, first: int, length: int) -> Iterable[bytes]:
        while self._commands:
            if self._commands[0] != first:
                del self._commands[0]
            elif len(self._commands) < length:
                return
            else:
                frame = bytes(self._commands[:length])
                del self._commands[:length]
                yield frame

    def _write(self, data: bytes) -> None:
        try:
            if data:
                os.write(self._master, data)
        except OSError:
            pass  # Full or hung up: a real line loses it too.
