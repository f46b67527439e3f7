"""Small WFDB records, written and read by the published formats alone (header(5), signal(5), annot(5))."""

from __future__ import annotations

import math
import random
import struct
from pathlib import Path

CODES = {"N": 1, "V": 5, "S": 9, "Q": 13, '"': 22, "+": 28, "F": 6, "[": 32, "]": 33}
SYMBOLS = {code: symbol for symbol, code in CODES.items()}
GAIN = 200


def ecg(beats: list[float], seconds: float, rate: int, seed: int = 1) -> list[int]:
    """P wave, QRS and T wave at each beat, a little noise: in steps of the converter."""
    dice = random.Random(seed)
    samples = [dice.gauss(0, 1.5) for _ in range(int(seconds * rate))]
    waves = [(-0.16, 0.025, 0.12), (-0.028, 0.010, -0.12), (0.0, 0.011, 1.1), (0.03, 0.011, -0.2), (0.28, 0.05, 0.28)]
    for beat in beats:
        for at, width, height in waves:
            middle = beat + at
            for index in range(int((middle - 4 * width) * rate), int((middle + 4 * width) * rate) + 1):
                if 0 <= index < len(samples):
                    away = (index / rate - middle) / width
                    samples[index] += GAIN * height * math.exp(-away * away / 2)
    return [round(value) for value in samples]


def write(folder: Path, name: str, samples: list[int], rate: int, comments: list[str] | None = None,
          offset: int = 0, file: str | None = None) -> None:
    file = file or f"{name}.dat"
    data = struct.pack(f"<{len(samples)}h", *samples)
    checksum = (sum(samples) + 32768) % 65536 - 32768
    layout = "16" if offset == 0 else f"16+{offset}"
    header = [f"{name} 1 {rate} {len(samples)}", f"{file} {layout} {GAIN}(0)/mV 16 0 {samples[0]} {checksum} 0 II"]
    (folder / f"{name}.hea").write_text("\n".join(header + [f"#{line}" for line in comments or []]) + "\n")
    (folder / file).write_bytes(bytes(offset) + data)


def annotate(file: Path, marks: list[tuple[int, str, str]]) -> None:
    """Sample, letter, text."""
    words, time = b"", 0
    for sample, symbol, text in sorted(marks, key=lambda mark: mark[0]):
        interval = sample - time
        if interval > 1023:
            words += struct.pack("<HHH", 59 << 10, interval >> 16, interval & 0xFFFF)
            interval = 0
        words += struct.pack("<H", CODES[symbol] << 10 | interval)
        time = sample
        if text:
            words += struct.pack("<H", 63 << 10 | len(text)) + text.encode() + b"\0" * (len(text) % 2)
    file.write_bytes(words + b"\0\0")


def annotations(file: Path) -> list[tuple[int, str, str]]:
    data, at, time = file.read_bytes(), 0, 0
    marks: list[tuple[int, str, str]] = []
    while at + 1 < len(data):
        word = struct.unpack_from("<H", data, at)[0]
        code, rest = word >> 10, word & 0x3FF
        at += 2
        if word == 0:
            break
        if code == 59:
            high, low = struct.unpack_from("<HH", data, at)
            time += struct.unpack("<i", struct.pack("<I", high << 16 | low))[0]
            at += 4
        elif code == 63:
            marks[-1] = (*marks[-1][:2], data[at:at + rest].decode())
            at += rest + rest % 2
        elif code < 50:
            time += rest
            marks.append((time, SYMBOLS.get(code, str(code)), ""))
    return marks
