"""A Polar H10: heart rate by the Bluetooth SIG's service, the electrocardiogram at 130 Hz by Polar's own (PMD)."""

from __future__ import annotations

import asyncio
import time

from encode import heart_wave
from peripheral import Peripheral, beats

SERVICE = "FB005C80-02E7-F387-1CAD-8ACD2D8DF0C8"
CONTROL = "FB005C81-02E7-F387-1CAD-8ACD2D8DF0C8"
DATA = "FB005C82-02E7-F387-1CAD-8ACD2D8DF0C8"
SETTINGS, START, STOP = 0x01, 0x02, 0x03
ECG, ACCELERATION = 0, 2
SAMPLES = 73
#: A little off its nominal 130, as the real one.
RATE_HZ = 130.17


class Device(Peripheral):
    """Samples count: every hundredth is 20000 + (number // 100) modulo 10000 µV. A clock that began in 2019."""

    NAME = "Polar H10 9EF6E824"
    MANUFACTURER = "Polar Electro Oy"
    MODEL = "H10"
    FIRMWARE = "3.1.1"
    ADVERTISED = (0x180D, 0xFEEE)
    MANUFACTURER_DATA = bytes.fromhex("6B0030")
    MTU = 232

    def build(self) -> None:
        self.rate = 72
        self.is_streaming = False
        self._number = 0
        self._answering: asyncio.Future[None] | None = None
        self._clock = 599_616_000_000_000_000 + self.number * 1_000_000_000
        self.measurement = self.characteristic(0x180D, 0x2A37, "notify")
        self.characteristic(0x180D, 0x2A38, "read", bytes([1]))
        features = bytes.fromhex("0F05") + bytes(15)
        self.control = self.characteristic(SERVICE, CONTROL, "read write indicate", features, self.asked)
        self.data = self.characteristic(SERVICE, DATA, "notify")

    async def asked(self, request: bytes) -> None:
        # The answer is an indication, and an indication waits for its confirmation.
        self._answering = asyncio.ensure_future(self._answer(request))

    async def _answer(self, request: bytes) -> None:
        command, kind = request[0], request[1] if len(request) > 1 else 0xFF
        error, more = 0, b""
        if self.mtu < self.MTU:
            error = 10
        elif kind not in (ECG, ACCELERATION):
            error = 3
        elif command == SETTINGS:
            more = bytes.fromhex("00018200 01010E00") if kind == ECG else \
                bytes.fromhex("0004190032006400C800 01011000 0203020004000800")
        elif command == START:
            if kind == ECG:
                error = 6 if self.is_streaming else 0
                self.is_streaming = True
            more = b""
        elif command == STOP:
            if kind == ECG:
                self.is_streaming = False
        else:
            error = 1
        await self.indicate(self.control, bytes([0xF0, command, kind, error, 0]) + more)

    async def run(self) -> None:
        self.is_streaming = False
        ecg = asyncio.ensure_future(self._stream())
        try:
            async for _ in beats(1.0):
                if self.is_subscribed(self.measurement):
                    interval = 600 + self.next_count("interval") % 300 * 2
                    data = bytes([0x10, self.rate]) + interval.to_bytes(2, "little")
                    await self.notify(self.measurement, data, **{"heart-rate": self.rate, "rr": interval})
        finally:
            ecg.cancel()

    async def _stream(self) -> None:
        began: float | None = None
        first = 0
        while True:
            if not self.is_streaming or not self.is_subscribed(self.data):
                began = None
                await asyncio.sleep(0.05)
                continue
            if began is None:
                began, first = time.monotonic(), self._number
            end = self._number + SAMPLES
            await asyncio.sleep(max(0.0, began + (end - first) / RATE_HZ - time.monotonic()))
            samples = [self.sample(each) for each in range(self._number, end)]
            at = self._clock + round((end - 1) * 1e9 / RATE_HZ)
            data = bytes([ECG]) + at.to_bytes(8, "little") + bytes([0]) \
                + b"".join(each.to_bytes(3, "little", signed=True) for each in samples)
            if await self.notify(self.data, data, first=self._number, samples=samples):
                self._number = end

    @staticmethod
    def sample(number: int) -> int:
        if number % 100 == 0:
            return 20_000 + number // 100 % 10_000
        return round(heart_wave(number, RATE_HZ) * 1000)
