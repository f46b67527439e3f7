"""A Viatom ER1 chest recorder: answers the A5 protocol; the electrocardiogram at 125 Hz comes with each live answer."""

from __future__ import annotations

import asyncio
import time

from encode import crc8, heart_wave
from peripheral import Peripheral

SERVICE = "14839AC4-7D7E-415C-9A42-167340CF2339"
WRITE = "8B00ACE7-EB0B-49B0-BBE9-9AEE0A26E1A3"
NOTIFY = "0734594A-A8E7-4B1A-A6B1-CD5243059A57"
INFO, BATTERY, SET_TIME, LIST, LIVE = 0xE1, 0xE4, 0xEC, 0xF1, 0x03
RATE_HZ = 125
MILLIVOLT_PER_STEP = 0.002467
SAMPLES_MAX = 250


class Device(Peripheral):
    """Samples count: every hundredth is replaced by a marker 10000 + (number // 100) modulo 1000."""

    NAME = "ER1 0456"
    MANUFACTURER = "Viatom"
    MODEL = "ER1"
    ADVERTISED = (SERVICE,)

    def build(self) -> None:
        self.rate = 72
        self._heard = b""
        self._began = 0.0
        self._told = 0
        self.answers = self.characteristic(SERVICE, NOTIFY, "notify")
        self.characteristic(SERVICE, WRITE, "write command", written=self.heard)

    async def run(self) -> None:
        self._heard = b""
        self._began = time.monotonic() - self._told / RATE_HZ
        await asyncio.Event().wait()

    async def heard(self, data: bytes) -> None:
        self._heard += data
        while len(self._heard) >= 8:
            if self._heard[0] != 0xA5:
                self._heard = self._heard[1:]
                continue
            length = int.from_bytes(self._heard[5:7], "little")
            if len(self._heard) < 8 + length:
                return
            request, self._heard = self._heard[:8 + length], self._heard[8 + length:]
            if crc8(request[:-1]) == request[-1]:
                await self.answer(request[1], request[4], request[7:-1])

    async def answer(self, command: int, number: int, _payload: bytes) -> None:
        values: dict[str, object] = {}
        kind, data = 0x01, b""
        if command == INFO:
            data = self.information()
        elif command == BATTERY:
            data = bytes([0, self.BATTERY_PERCENT]) + (3900).to_bytes(2, "little")
        elif command == LIST:
            data = bytes([0])
        elif command == LIVE:
            data, values = self.live()
        elif command != SET_TIME:
            kind = 0xFD
        head = bytes([0xA5, command, command ^ 0xFF, kind, number]) + len(data).to_bytes(2, "little")
        await self.notify_in_parts(self.answers, head + data + bytes([crc8(head + data)]), **values)

    def live(self) -> tuple[bytes, dict[str, object]]:
        """What has been sampled since the last answer; a recorder keeps two seconds at most."""
        now = int((time.monotonic() - self._began) * RATE_HZ)
        first = max(self._told, now - SAMPLES_MAX)
        samples = [self.sample(each) for each in range(first, now)]
        lost = first - self._told
        self._told = now
        seconds = now // RATE_HZ
        head = self.rate.to_bytes(2, "little") + bytes([0x00, self.BATTERY_PERCENT]) + seconds.to_bytes(4, "little") \
            + bytes([0x02]) + bytes(11)
        wave = len(samples).to_bytes(2, "little")
        wave += b"".join(each.to_bytes(2, "little", signed=True) for each in samples)
        return head + wave, {"heart-rate": self.rate, "first": first, "samples": samples, "lost": lost}

    @staticmethod
    def sample(number: int) -> int:
        if number % 100 == 0:
            return 10_000 + number // 100 % 1000
        return round(heart_wave(number, RATE_HZ) / MILLIVOLT_PER_STEP)

    def information(self) -> bytes:
        data = bytearray(60)
        data[0] = ord("A")
        data[1:5] = (0x01020003).to_bytes(4, "little")
        data[9:17] = b"40020000"
        data[22:24] = (0x0102).to_bytes(2, "little")
        at = time.localtime()
        data[24:31] = at.tm_year.to_bytes(2, "little") + bytes(
            [at.tm_mon, at.tm_mday, at.tm_hour, at.tm_min, at.tm_sec])
        data[31:33] = (512).to_bytes(2, "little")
        data[37] = 10
        data[38:48] = f"21{self.number:08d}".encode()
        return bytes(data)
