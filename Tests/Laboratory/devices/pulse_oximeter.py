"""A fingertip oximeter of the Bluetooth SIG's Pulse Oximeter service (1822): continuous, and spot checks on request."""

from __future__ import annotations

import asyncio
import datetime

from encode import date_time, sfloat
from peripheral import Peripheral, beats

#: Bits of the measurement status: ongoing; validated and fully qualified.
ONGOING, VALIDATED = 1 << 5, 1 << 7 | 1 << 8


class Device(Peripheral):
    """The number of each continuous notification is its pulse rate: 40 + number modulo 100."""

    NAME = "PLX Fingertip"
    MANUFACTURER = "Oxi Works"
    MODEL = "PLX-1"
    ADVERTISED = (0x1822,)

    def build(self) -> None:
        self.saturation: float | None = 97
        self.every: float = self.options.get("every", 1.0)
        self.stored: list[bytes] = []
        self.continuous = self.characteristic(0x1822, 0x2A5F, "notify")
        self.spot = self.characteristic(0x1822, 0x2A5E, "indicate")
        # Status of the measurement and storage are supported.
        self.characteristic(0x1822, 0x2A60, "read", bytes.fromhex("0D00A001"))
        self.control = self.characteristic(0x1822, 0x2A52, "write indicate", written=self.asked)

    async def run(self) -> None:
        async for _ in beats(self.every):
            if self.is_subscribed(self.continuous):
                pulse = None if self.saturation is None else 40 + self.next_count("pulse") % 100
                data = b"\x04" + sfloat(self.saturation) + sfloat(pulse) + ONGOING.to_bytes(2, "little")
                await self.notify(self.continuous, data, **{"oxygen-saturation": self.saturation, "pulse-rate": pulse})

    def spot_check(self, saturation: float | None = 96, pulse: float | None = 71,
                   at: datetime.datetime | None = None) -> bytes:
        return (b"\x03" + sfloat(saturation) + sfloat(pulse) + date_time(at) + VALIDATED.to_bytes(2, "little"))

    async def measure(self, saturation: float = 96, pulse: float = 71) -> bool:
        """The finger is taken out: the result is indicated, or kept while nobody listens."""
        data = self.spot_check(saturation, pulse)
        if await self.indicate(self.spot, data, **{"oxygen-saturation": saturation, "pulse-rate": pulse}):
            return True
        self.stored.append(data)
        return False

    async def asked(self, request: bytes) -> None:
        """Record access: report all (01 01), count (04 01), delete (02 01)."""
        self._answering = asyncio.ensure_future(self._answer(request))

    async def _answer(self, request: bytes) -> None:
        if request == b"\x04\x01":
            await self.indicate(self.control, b"\x05\x00" + len(self.stored).to_bytes(2, "little"))
        elif request == b"\x01\x01":
            for data in self.stored:
                await self.indicate(self.spot, data)
            await self.indicate(self.control, bytes([0x06, 0x00, 0x01, 0x01 if self.stored else 0x06]))
        elif request == b"\x02\x01":
            self.stored.clear()
            await self.indicate(self.control, b"\x06\x00\x02\x01")
        else:
            await self.indicate(self.control, bytes([0x06, 0x00, request[0] if request else 0, 0x02]))
