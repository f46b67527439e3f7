"""A Nonin 3230: its own continuous oximetry characteristic once a second, big-endian."""

from __future__ import annotations

from peripheral import Peripheral, beats

SERVICE = "46A970E0-0D5F-11E2-8B5E-0002A5D5C51B"
CONTINUOUS = "0AAD7EA0-0D60-11E2-8E3C-0002A5D5C51B"
CONTROL = "1447AF80-0D60-11E2-88B6-0002A5D5C51B"
#: Status bits.
SYNC, SMART_POINT, SEARCHING, PLACED = 1, 4, 8, 16


class Device(Peripheral):
    """The second counter carries the number; the pulse follows it: 40 + number modulo 100."""

    NAME = "Nonin3230_502000001"
    MANUFACTURER = "Nonin Medical, Inc."
    MODEL = "3230"
    ADVERTISED = (SERVICE,)

    def build(self) -> None:
        self.saturation = 98
        self.is_finger_in = True
        self.continuous = self.characteristic(SERVICE, CONTINUOUS, "notify")
        self.characteristic(SERVICE, CONTROL, "write indicate")

    async def run(self) -> None:
        async for _ in beats(1):
            if not self.is_subscribed(self.continuous):
                continue
            number = self.next_count("seconds")
            pulse = 40 + number % 100
            status = SYNC | SMART_POINT | PLACED if self.is_finger_in else SEARCHING
            shown = (300, self.saturation, pulse) if self.is_finger_in else (0, 127, 511)
            data = bytes([10, status, 29]) + shown[0].to_bytes(2, "big") + (number & 0xFFFF).to_bytes(2, "big") \
                + bytes([shown[1]]) + shown[2].to_bytes(2, "big")
            values = {"oxygen-saturation": self.saturation, "pulse-rate": pulse} if self.is_finger_in else {}
            await self.notify(self.continuous, data, number=number, **values)
