"""A scale of the Bluetooth SIG's Weight Scale service (181D)."""

from __future__ import annotations

from encode import date_time
from peripheral import Peripheral, beats


class Device(Peripheral):
    """Each weighing is 0.1 kg above the last: 70.0 + number modulo 100 tenths."""

    NAME = "Scale 5"
    MANUFACTURER = "Scale Works"
    MODEL = "WS-5"
    ADVERTISED = (0x181D,)

    def build(self) -> None:
        self.every: float = self.options.get("every", 2.0)
        self.measurement = self.characteristic(0x181D, 0x2A9D, "indicate")
        self.characteristic(0x181D, 0x2A9E, "read", bytes([0x11, 0x00, 0x00, 0x00]))

    async def run(self) -> None:
        async for _ in beats(self.every):
            if self.is_subscribed(self.measurement):
                tenths = 700 + self.next_count("tenths") % 100
                # In steps of 5 g.
                data = b"\x02" + (tenths * 20).to_bytes(2, "little") + date_time()
                await self.indicate(self.measurement, data, weight=tenths / 10)
