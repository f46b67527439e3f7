"""What is plugged in: each kind of serial device as a gadget, with a mark of its own and a count in what it says."""

from __future__ import annotations

import sys

from gadget import Gadget
from home import ROOT

sys.path.insert(1, str(ROOT / "Tests" / "System"))
from harness import devices, spirometer  # noqa: E402
from harness.devices import Shown  # noqa: E402
from harness.ecg_board import HEADERS_PER_SECOND, Board  # noqa: E402

CP210X = (0x10C4, 0xEA60, "Silicon Labs", "CP2102")
FTDI = (0x0403, 0x6001, "FTDI", "FT232R")
PICO = (0x2E8A, 0x000A, "Raspberry Pi", "Pico")


class Wired(Gadget):
    """`mark` says which device it is, `count` which plugging: both are in everything that it measures."""

    def __init__(self, number: str, mark: int, chip: tuple[int, int, str, str]) -> None:
        vendor, product, maker, model = chip
        super().__init__(number.lower(), vendor, product, number, maker, model)
        self.mark = mark
        self.count = 0


class Oximeter(Wired):
    """Shows 90 + mark % and 50 + count beats a minute."""

    _frames = 0

    @property
    def shown(self) -> Shown:
        return Shown(90 + self.mark, 50 + self.count)


class Contec(Oximeter):
    """Speaks when it is asked."""

    rate = 60.0
    _talks = False
    _commands = bytearray()

    #: A device that knows all questions, and has a clock: 0B names the command that was done.
    ANSWERS = devices.CONTEC_ANSWERS | {
        0xA0: bytes.fromhex("06808087"), 0xAA: bytes.fromhex("0480F5F3E5F2A0A0A0"),
        0xB1: devices.contec(0x0B, bytes([0xB1, 0])), 0xB2: devices.contec(0x0B, bytes([0xB2, 0])),
    }

    def began(self) -> None:
        self._talks = False
        self._commands = bytearray()

    @property
    def is_talking(self) -> bool:
        return self._talks

    def frame(self) -> bytes:
        self._frames += 1
        return devices.contec_live(self.shown, self._frames % 100)

    def obey(self, said: bytes) -> None:
        self._commands += said
        while len(self._commands) >= 9:
            if self._commands[0] != 0x7D:
                del self._commands[0]
                continue
            command = devices.contec_command(bytes(self._commands[:9]))
            del self._commands[:9]
            if command == 0xA1:
                self._talks = True
            elif command == 0xA2:
                self._talks = False
            self._write(self.ANSWERS.get(command, b""))


class BerryMed(Oximeter):
    rate = 100.0

    def frame(self) -> bytes:
        self._frames += 1
        return devices.bci(self.shown, self._frames)


class Nonin(Oximeter):
    """Data format 7: 75 frames in a second, 25 to a packet."""

    rate = 75.0

    def frame(self) -> bytes:
        place = self._frames % 25
        self._frames += 1
        pulse, saturation = self.shown.pulse or 0, self.shown.saturation or 0
        wave = 1000 + self._frames % 100
        number = {0: pulse >> 7, 1: pulse & 0x7F, 2: saturation}.get(place, 0)
        start = bytes([0x81 if place == 0 else 0x80, wave >> 8, wave & 0xFF, number])
        return start + bytes([sum(start) & 0xFF])


class Spirometer(Wired):
    """Says who it is once a second; behind the second time somebody blows: peak flow `mark`, FVC 1 + count / 100."""

    rate = 20.0
    FLOWS = tuple(min(300 * n, 3000 - 60 * n) for n in range(50))
    _sessions = 0
    _script: list[bytes] = []
    _ticks = 0

    @property
    def name_of_it(self) -> bytes:
        return spirometer.line("idle", "model=ATS-26", f"serial={self.number}", "firmware=1.0")

    def began(self) -> None:
        self._ticks = 0
        self._script = []

    def blow(self) -> None:
        self._sessions += 1
        samples = [
            spirometer.line("s", start, *self.FLOWS[start:start + 10]) for start in range(0, len(self.FLOWS), 10)]
        self._script = [
            spirometer.line("session", f"id={self._sessions}"),
            spirometer.line("signal", "unit=mL/s", "rate=100", "btps=1", "calibrated=2026-01-10"),
            spirometer.line("blow", "number=1"), *samples,
            spirometer.line("done", f"samples={len(self.FLOWS)}", "verdict=good", f"pef={self.mark}",
                            f"fvc={1 + self.count / 100:.2f}"),
            spirometer.line("end", "blows=1", "best=1"),
        ]

    def frame(self) -> bytes:
        """A tick of a twentieth of a second; a blow every other second."""
        tick, self._ticks = self._ticks, self._ticks + 1
        if tick % 20 == 0 and not self._script:
            return self.name_of_it
        if tick % 40 == 21:
            self.blow()
        said, self._script = b"".join(self._script[:2]), self._script[2:]
        return said

    def torn(self) -> bytes:
        return spirometer.line("blow", "number=2")[:9]


class ECGBoard(Wired):
    """Three leads, 250 Hz: lead I is always `mark`, lead II `count`, V1 goes up and down."""

    rate = 25.0
    _sets = 0
    _frames = 0

    def __init__(self, number: str, mark: int, chip: tuple[int, int, str, str] = PICO) -> None:
        super().__init__(number, mark, chip)
        self.board = Board(number=number)

    def began(self) -> None:
        # Switched on by the plug.
        self._sets = self._frames = 0

    def frame(self) -> bytes:
        sets = [(self.mark, self.count, (self._sets + n) % 500 - 250) for n in range(self.board.rate // 25)]
        said = self.board.samples(self._sets, sets)
        if self._frames % (25 // HEADERS_PER_SECOND) == 0:
            said = self.board.header() + said
        self._sets += len(sets)
        self._frames += 1
        return said

    def torn(self) -> bytes:
        return self.frame()[:-11]
