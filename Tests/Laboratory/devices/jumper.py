"""A Jumper JPD-500 fingertip oximeter: parameters once a second, plethysmogram beside them, no command needed."""

from __future__ import annotations

from encode import pulse_wave
from peripheral import Peripheral, beats

SERVICE = "CDEACB80-5235-4C07-8846-93A37EE6B86D"
NOTIFY = "CDEACB81-5235-4C07-8846-93A37EE6B86D"


class Device(Peripheral):
    """Pulse carries the number: 40 + number modulo 100."""

    NAME = "My Oximeter"
    MANUFACTURER = "Jumper Medical"
    MODEL = "JPD-500F"
    ADVERTISED = (SERVICE,)

    def build(self) -> None:
        self.saturation = 98
        self.is_finger_in = True
        self.values = self.characteristic(SERVICE, NOTIFY, "notify")

    async def run(self) -> None:
        async for beat in beats(0.2):
            if not self.is_subscribed(self.values):
                continue
            wave = [pulse_wave(beat * 10 + each, 50, high=127) for each in range(10)]
            await self.notify(self.values, bytes([0x80, *wave]), samples=wave)
            if beat % 5 == 0:
                if self.is_finger_in:
                    pulse = 40 + self.next_count("pulse") % 100
                    await self.notify(self.values, bytes([0x81, pulse, self.saturation, 68]), **{
                        "oxygen-saturation": self.saturation, "pulse-rate": pulse, "perfusion-index": 6.8})
                else:
                    await self.notify(self.values, bytes([0x81, 255, 127, 0]))
