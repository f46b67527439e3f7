"""An open spirometer behind a pseudo terminal, written from docs/open-spirometer.md and not from the program's code."""

from __future__ import annotations

import math
import os
import select
import threading
import time
import tty
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

LINE_MAX = 200
RATE = 500
#: Bytes that are written at once: a bridge chip has no more room.
PIECE = 512


def crc(data: bytes) -> int:
    """CRC-16/CCITT-FALSE."""
    value = 0xFFFF
    for byte in data:
        value ^= byte << 8
        for _ in range(8):
            value = ((value << 1) ^ 0x1021 if value & 0x8000 else value << 1) & 0xFFFF
    return value


def line(kind: str, *words: object) -> bytes:
    text = " ".join(["osp1", kind, *map(str, words)]).encode()
    whole = text + b"*%04X\n" % crc(text)
    assert len(whole) <= LINE_MAX, whole
    return whole


@dataclass(frozen=True)
class Blow:
    """Flow in mL/s at 500 Hz, and what the device makes of it."""

    samples: tuple[int, ...]
    results: dict[str, float] = field(default_factory=dict)
    verdict: str = "good"


def small_blow(peak: float = 6.0, capacity: float = 3.0) -> Blow:
    """A steep rise and an exponential fall: enough for a test, and nobody's."""
    decay = capacity / peak
    flow = (peak * min(1.0, t / 0.05) * math.exp(-max(0.0, t - 0.05) / decay) for t in
            (n / RATE for n in range(4 * RATE)))
    return Blow(tuple(round(value * 1000) for value in flow), {"pef": peak, "fvc": capacity})


def ats_blows(folder: Path) -> dict[int, Blow]:
    """The ATS waveforms (one flow in L/s a line, 2 ms apart) with the published peak flow and FEV1."""
    blows = {}
    for row in (folder / "expected.txt").read_text().splitlines():
        words = row.split()
        if len(words) == 9 and words[0].isdigit() and (folder / f"{words[0]}.txt").exists():
            flows = (folder / f"{words[0]}.txt").read_text().split()
            samples = tuple(round(float(flow) * 1000) for flow in flows)
            blows[int(words[0])] = Blow(samples, {"pef": float(words[1]), "fev1": float(words[8])})
    return blows


class Spirometer:
    """Says who it is once a second; plays a session when it is told to."""

    def __init__(self, folder: Path, name: str = "spirometer") -> None:
        self.name = name
        self.path = str(folder / name)
        self.heard = bytearray()
        self._session = 0
        self._is_under_way = False
        self._master, slave = os.openpty()
        tty.setraw(slave)
        os.symlink(os.ttyname(slave), self.path)
        os.close(slave)
        os.set_blocking(self._master, False)
        self._lock = threading.Lock()
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._idle, daemon=True)
        self._thread.start()

    def entry(self, **more: object) -> dict[str, object]:
        return {"id": self.name, "driver": "open-spirometer", "port": self.path} | more

    def play(self, blows: Iterable[Blow], best: int = 1, grade: str = "A", ends: bool = True,
             damage: Iterable[int] = ()) -> int:
        """A whole session, faster than a patient. `damage`: lines of samples, counted from 0, that are spoilt."""
        with self._lock:
            self._session += 1
            count = 0
            self._say(line("session", f"id={self._session}", "time=2026-01-15T09:30:00"))
            self._say(line("signal", "unit=mL/s", f"rate={RATE}", "btps=1", "calibrated=2026-01-10"))
            spoilt = set(damage)
            for number, blow in enumerate(blows, 1):
                count = number
                self._say(line("blow", f"number={number}"))
                for index, said in enumerate(self._samples(blow)):
                    self._say(said.replace(b"osp1 s ", b"osp1 s 9", 1) if index in spoilt else said)
                results = [f"{key}={value}" for key, value in blow.results.items()]
                self._say(line("done", f"samples={len(blow.samples)}", f"verdict={blow.verdict}", *results))
                self._say(line("session", f"id={self._session}"))
            self._is_under_way = not ends
            if ends:
                self._say(line("end", f"blows={count}", f"best={best}", f"grade={grade}"))
            return count

    def rename(self, firmware: str) -> None:
        """Says between two blows that it has another firmware: the twin tells when that was heard."""
        with self._lock:
            self._say(line("session", f"id={self._session}", f"firmware={firmware}"))

    def pull(self) -> None:
        """The cable, whatever is under way."""
        with self._lock:
            if self._master >= 0:
                os.unlink(self.path)
                os.close(self._master)
                self._master = -1

    def close(self) -> None:
        self._stop.set()
        self._thread.join(timeout=10)
        self.pull()

    @staticmethod
    def _samples(blow: Blow, per_line: int = 20) -> Iterator[bytes]:
        for start in range(0, len(blow.samples), per_line):
            yield line("s", start, *blow.samples[start:start + per_line])

    def _idle(self) -> None:
        while not self._stop.wait(1.0):
            with self._lock:
                if self._master >= 0 and self._is_open():
                    if self._is_under_way:
                        self._say(line("session", f"id={self._session}"))
                    else:
                        self._say(line("idle", "model=ATS-26", "serial=0001", "firmware=1.0"))

    def _is_open(self) -> bool:
        poll = select.poll()
        poll.register(self._master, select.POLLIN)
        events = dict(poll.poll(0)).get(self._master, 0)
        if events & select.POLLIN:
            try:
                self.heard += os.read(self._master, 4096)
            except OSError:
                return False
        return not events & select.POLLHUP

    def _say(self, data: bytes, within: float = 10) -> None:
        """All of it: the line waits while the host is slow."""
        until = time.monotonic() + within
        while data and time.monotonic() < until:
            try:
                data = data[os.write(self._master, data[:PIECE]):]
            except BlockingIOError:
                select.select([], [self._master], [], 0.1)
