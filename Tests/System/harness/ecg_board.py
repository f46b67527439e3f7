"""Packets of an open ECG board, written from docs/open-ecg.md and not from the program's code."""

from __future__ import annotations

import struct
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from .spirometer import crc

#: Each lead's code.
LEADS = {
    "ecg": 0, "ecg-lead-i": 1, "ecg-lead-ii": 2, "ecg-lead-iii": 3, "ecg-lead-avr": 4, "ecg-lead-avl": 5,
    "ecg-lead-avf": 6, "ecg-lead-v1": 7, "ecg-lead-v2": 8, "ecg-lead-v3": 9, "ecg-lead-v4": 10, "ecg-lead-v5": 11,
    "ecg-lead-v6": 12,
}
CONTENT_MAX = 250
HEADERS_PER_SECOND = 4


def packet(kind: str, content: bytes) -> bytes:
    assert len(content) <= CONTENT_MAX, len(content)
    checked = kind.encode() + bytes([len(content)]) + content
    return b"\xEC\x47" + checked + struct.pack("<H", crc(checked))


@dataclass(frozen=True)
class Board:
    """What it says of itself."""

    leads: tuple[str, ...] = ("ecg-lead-i", "ecg-lead-ii", "ecg-lead-v1")
    rate: int = 250
    nanovolts: int = 500
    battery: int = 0xFF
    model: str = "ECG-3"
    number: str = ""
    firmware: str = "1.0"

    def header(self) -> bytes:
        content = struct.pack("<BBHIB", 1, len(self.leads), self.rate, self.nanovolts, self.battery)
        content += bytes(LEADS[lead] for lead in self.leads)
        for text in (self.model, self.number, self.firmware):
            content += bytes([len(text)]) + text.encode()
        return packet("H", content)

    def samples(self, place: int, sets: Iterable[Sequence[int]], off: int = 0) -> bytes:
        """`sets`: one number for each lead, in their order."""
        content = struct.pack("<IBB", place & 0xFFFF_FFFF, off, 0)
        for each in sets:
            assert len(each) == len(self.leads)
            content += b"".join(number.to_bytes(3, "little", signed=True) for number in each)
        return packet("S", content)
