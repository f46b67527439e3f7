"""A chest strap of the Bluetooth SIG's Heart Rate service (180D): rate and beat intervals, once a second."""

from __future__ import annotations

from typing import Any

from peripheral import Peripheral, beats


def measurement(rate: int, intervals: list[int], has_contact: bool = True) -> bytes:
    """2A37. `intervals`: R-R in 1/1024 s, oldest first."""
    flags = 0x04 | (0x02 if has_contact else 0) | (0x10 if intervals else 0) | (0x01 if rate > 255 else 0)
    value = rate.to_bytes(2, "little") if rate > 255 else bytes([rate])
    return bytes([flags]) + value + b"".join(each.to_bytes(2, "little") for each in intervals)


class Device(Peripheral):
    """The number of each notification is in its last R-R interval: 600 + twice the number modulo 300."""

    NAME = "HRM Strap 0042"
    MANUFACTURER = "Strap Works"
    MODEL = "HRM-2"
    ADVERTISED = (0x180D, 0x180F)

    def build(self) -> None:
        self.rate = 72
        self.has_contact = True
        self.every: float = self.options.get("every", 1.0)
        self.measurement = self.characteristic(0x180D, 0x2A37, "notify")
        self.characteristic(0x180D, 0x2A38, "read", bytes([1]))
        self.characteristic(0x180D, 0x2A39, "write")

    async def run(self) -> None:
        async for _ in beats(self.every):
            if not self.is_subscribed(self.measurement):
                continue
            interval = 600 + self.next_count("interval") % 300 * 2
            await self.notify(self.measurement, measurement(self.rate, [interval], self.has_contact),
                              **self.values(interval))

    def values(self, interval: int) -> dict[str, Any]:
        return {"heart-rate": self.rate, "rr": interval}
