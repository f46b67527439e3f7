"""A cuff of the Bluetooth SIG's Blood Pressure service (1810): sends what it stored when somebody subscribes."""

from __future__ import annotations

from encode import date_time, sfloat
from peripheral import Peripheral, beats


class Device(Peripheral):
    """Systolic pressure carries the number: 110 + number modulo 60. What was confirmed is not sent again."""

    NAME = "BP Cuff 17"
    MANUFACTURER = "Cuff Works"
    MODEL = "BP-17"
    ADVERTISED = (0x1810,)

    def build(self) -> None:
        self.stored: list[tuple[int, int, int, int]] = []
        self.measurement = self.characteristic(0x1810, 0x2A35, "indicate")
        self.cuff = self.characteristic(0x1810, 0x2A36, "notify")
        self.characteristic(0x1810, 0x2A49, "read", bytes([0x07, 0x00]))
        self.measure()

    def measure(self, systolic: int | None = None, diastolic: int = 80, pulse: int = 66) -> None:
        systolic = 110 + self.next_count("systolic") % 60 if systolic is None else systolic
        self.stored.append((systolic, diastolic, (systolic + 2 * diastolic) // 3, pulse))

    async def run(self) -> None:
        async for _ in beats(0.2):
            while self.stored and self.is_subscribed(self.measurement):
                systolic, diastolic, mean, pulse = self.stored[0]
                data = (b"\x16" + sfloat(systolic) + sfloat(diastolic) + sfloat(mean) + date_time() + sfloat(pulse)
                        + b"\x00\x00")
                values = {"systolic": systolic, "diastolic": diastolic, "mean": mean, "pulse-rate": pulse}
                if not await self.indicate(self.measurement, data, **values):
                    break
                self.stored.pop(0)
