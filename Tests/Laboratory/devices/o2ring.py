"""A Viatom O2Ring: answers requests of the Oxy protocol; live values and wave, information, clock, stored nights."""

from __future__ import annotations

import asyncio
import datetime
import json

from encode import crc8, pulse_wave
from peripheral import Peripheral

SERVICE = "14839AC4-7D7E-415C-9A42-167340CF2339"
WRITE = "8B00ACE7-EB0B-49B0-BBE9-9AEE0A26E1A3"
NOTIFY = "0734594A-A8E7-4B1A-A6B1-CD5243059A57"
OPEN, READ, CLOSE, INFO, PING, SET, VALUES, WAVE = 0x03, 0x04, 0x05, 0x14, 0x15, 0x16, 0x17, 0x1B
BLOCK_BYTES = 512


def reply(payload: bytes, status: int = 0, block: int = 0) -> bytes:
    head = bytes([0x55, status, status ^ 0xFF]) + block.to_bytes(2, "little") + len(payload).to_bytes(2, "little")
    return head + payload + bytes([crc8(head + payload)])


def night(began: datetime.datetime, seconds: int) -> bytes:
    """A stored night of version 3 with a record every four seconds."""
    records = b"".join(
        bytes([90 + each % 8]) + (50 + each % 40).to_bytes(2, "little") + bytes([each % 5, 0])
        for each in range(seconds // 4))
    head = bytearray(40)
    head[0:2] = bytes([3, 0])
    head[2:4] = began.year.to_bytes(2, "little")
    head[4:9] = bytes([began.month, began.day, began.hour, began.minute, began.second])
    head[9:13] = (40 + len(records)).to_bytes(4, "little")
    head[13:15] = seconds.to_bytes(2, "little")
    head[17:19] = bytes([93, 90])
    return bytes(head) + records


class Device(Peripheral):
    """Pulse carries the number of the answer with values: 40 + number modulo 100; the wave repeats it."""

    NAME = "O2Ring 1234"
    MANUFACTURER = "Viatom"
    MODEL = "O2Ring"
    ADVERTISED = (SERVICE,)

    def build(self) -> None:
        self.saturation = 97
        self.is_worn = True
        self.clock_offset = datetime.timedelta(seconds=self.options.get("clock_offset_seconds", 0))
        self.nights: dict[str, bytes] = {}
        self._open: bytes | None = None
        self._heard = b""
        self._samples = 0
        self._pulse = 40
        self.options.setdefault("part_bytes", 20)
        self.answers = self.characteristic(SERVICE, NOTIFY, "notify")
        self.characteristic(SERVICE, WRITE, "write command", written=self.heard)

    async def run(self) -> None:
        self._heard = b""
        await asyncio.Event().wait()

    async def heard(self, data: bytes) -> None:
        """Requests come in parts too."""
        self._heard += data
        while len(self._heard) >= 8:
            if self._heard[0] != 0xAA:
                self._heard = self._heard[1:]
                continue
            length = int.from_bytes(self._heard[5:7], "little")
            if len(self._heard) < 8 + length:
                return
            request, self._heard = self._heard[:8 + length], self._heard[8 + length:]
            if crc8(request[:-1]) == request[-1] and request[1] ^ request[2] == 0xFF:
                await self.answer(request[1], int.from_bytes(request[3:5], "little"), request[7:-1])

    async def answer(self, command: int, block: int, payload: bytes) -> None:
        values: dict[str, object] = {}
        data, status = b"", 0
        if command == INFO:
            data = self.information()
        elif command == SET:
            told = json.loads(payload)
            if "SetTIME" in told:
                at = datetime.datetime.strptime(told["SetTIME"], "%Y-%m-%d,%H:%M:%S")
                self.clock_offset = at - datetime.datetime.now()
        elif command in (VALUES, WAVE):
            data, values = self.live(command)
        elif command == OPEN:
            self._open = self.nights.get(payload.rstrip(b"\0").decode(errors="replace"))
            status = 0 if self._open is not None else 9
            data = len(self._open or b"").to_bytes(4, "little") if self._open is not None else b""
        elif command == READ and self._open is not None:
            data = self._open[block * BLOCK_BYTES:(block + 1) * BLOCK_BYTES]
        elif command == CLOSE:
            self._open = None
        elif command != PING:
            status = 1
        await self.notify_in_parts(self.answers, reply(data, status, block if command == READ else 0), **values)

    def live(self, command: int) -> tuple[bytes, dict[str, object]]:
        if command == VALUES:
            self._pulse = 40 + self.next_count("pulse") % 100
        pulse = self._pulse
        shown = bytes([self.saturation if self.is_worn else 0xFF]) + \
            (pulse if self.is_worn else 0xFFFF).to_bytes(2, "little")
        values: dict[str, object] = {}
        if self.is_worn and command == VALUES:
            values = {"oxygen-saturation": self.saturation, "pulse-rate": pulse, "perfusion-index": 1.0}
        if command == VALUES:
            return shown + bytes([0, 0, 0, 0, self.BATTERY_PERCENT, 0, 3, 10, 1 if self.is_worn else 0, 0]), values
        wave = bytes(pulse_wave(self._samples + each, 125, high=150) for each in range(125))
        self._samples += 125
        head = shown + bytes([self.BATTERY_PERCENT, 0, 10, 1 if self.is_worn else 0, 0, 0, 0])
        return head + (125).to_bytes(2, "little") + wave, values

    def information(self) -> bytes:
        now = datetime.datetime.now() + self.clock_offset
        told = {
            "Region": "CE", "Model": "1641", "HardwareVer": "AA", "SoftwareVer": "1.9.0", "BootloaderVer": "0.1.0.0",
            "FileVer": "3", "SPCPVer": "1.3", "SN": f"2041{self.number:06d}",
            "CurTIME": now.strftime("%Y-%m-%d,%H:%M:%S"), "CurBAT": f"{self.BATTERY_PERCENT}%", "CurBatState": "0",
            "CurOxiThr": "88", "CurMotor": "40", "CurPedtar": "9999", "CurMode": "0", "CurState": "2",
            "BranchCode": "22010000", "FileList": "".join(f"{name}," for name in self.nights),
        }
        return json.dumps(told, separators=(",", ":")).encode().ljust(256, b"\0")
