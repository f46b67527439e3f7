"""An ear thermometer of the Bluetooth SIG's Health Thermometer service (1809)."""

from __future__ import annotations

from encode import date_time, float32
from peripheral import Peripheral, beats

EAR = 3


class Device(Peripheral):
    """Each reading is a tenth of a degree above the last: 36.0 + number modulo 30 tenths."""

    NAME = "Ear Thermo"
    MANUFACTURER = "Thermo Works"
    MODEL = "ET-3"
    ADVERTISED = (0x1809,)

    def build(self) -> None:
        self.every: float = self.options.get("every", 2.0)
        self.measurement = self.characteristic(0x1809, 0x2A1C, "indicate")
        self.characteristic(0x1809, 0x2A1D, "read", bytes([EAR]))

    async def run(self) -> None:
        async for _ in beats(self.every):
            if self.is_subscribed(self.measurement):
                tenths = 360 + self.next_count("tenths") % 30
                data = b"\x06" + float32(tenths / 10) + date_time() + bytes([EAR])
                await self.indicate(self.measurement, data, **{"body-temperature": tenths / 10})
