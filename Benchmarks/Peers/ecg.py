"""Other programs' detectors of heart beats on the same records, scored as ours: ecg.py RECORDS FOLDER [SVG]

RECORDS holds WFDB records with annotations. FOLDER holds what ours said: NAME.hwa, and `ecg.txt` with our speeds. Every
detector gets the first signal of a record in one piece and is timed in processor time of its own detection and filtering;
reading files is not counted. Beats are paired within 150 ms, one to one, as WFDB's bxb does; ventricular flutter and
fibrillation are set aside. Prints a table (Markdown), and draws it.
"""

from __future__ import annotations

import contextlib
import io
import math
import sys
import time
import warnings
from collections.abc import Callable
from pathlib import Path

import numpy as np
import wfdb
import wfdb.processing
from ecg_speed_accuracy import draw

BEATS = set("NLRBAaJSVrFejnE/fQ?")
WINDOW_SECONDS = 0.150
#: The slow ones get every so many of the records: the table says how many.
SLOW_EVERY = 6

Detector = Callable[[np.ndarray, np.ndarray, float, "wfdb.Record"], np.ndarray]


def sleepecg(x: np.ndarray, d: np.ndarray, fs: float, record: wfdb.Record) -> np.ndarray:
    import sleepecg

    return sleepecg.detect_heartbeats(x, fs)


def neurokit(method: str) -> Detector:
    def run(x: np.ndarray, d: np.ndarray, fs: float, record: wfdb.Record) -> np.ndarray:
        import neurokit2

        clean = neurokit2.ecg_clean(x, sampling_rate=int(fs), method=method)
        return neurokit2.ecg_peaks(clean, sampling_rate=int(fs), method=method)[1]["ECG_R_Peaks"]

    return run


def xqrs(x: np.ndarray, d: np.ndarray, fs: float, record: wfdb.Record) -> np.ndarray:
    return wfdb.processing.xqrs_detect(x, fs, verbose=False)


def gqrs(x: np.ndarray, d: np.ndarray, fs: float, record: wfdb.Record) -> np.ndarray:
    # On the converter's steps, with its own gain and zero: that is where it does best.
    return wfdb.processing.gqrs_detect(d_sig=d.copy(), fs=fs, adc_gain=record.adc_gain[0], adc_zero=record.adc_zero[0])


def ecg_detectors(method: str) -> Detector:
    def run(x: np.ndarray, d: np.ndarray, fs: float, record: wfdb.Record) -> np.ndarray:
        from ecgdetectors import Detectors

        return np.array(getattr(Detectors(fs), method)(x))

    return run


#: Name, detector, whether it is slow.
PEERS: list[tuple[str, Detector, bool]] = [
    ("sleepecg 0.6.0 (C)", sleepecg, False),
    ("NeuroKit2 0.2.13, default", neurokit("neurokit"), False),
    ("NeuroKit2 0.2.13, pantompkins1985", neurokit("pantompkins1985"), False),
    ("py-ecg-detectors 1.3.5, two_average", ecg_detectors("two_average_detector"), False),
    ("py-ecg-detectors 1.3.5, pan_tompkins", ecg_detectors("pan_tompkins_detector"), False),
    ("wfdb 4.3.1, xqrs", xqrs, True),
    ("wfdb 4.3.1, gqrs", gqrs, True),
]


def fibrillation(symbols: list[str], samples: np.ndarray, length: int) -> list[tuple[int, int]]:
    spans, start = [], None
    for symbol, sample in zip(symbols, samples):
        if symbol == "[" and start is None:
            start = sample
        elif symbol == "]" and start is not None:
            spans.append((start, sample))
            start = None
    return spans + ([(start, length)] if start is not None else [])


def aside(samples: np.ndarray, spans: list[tuple[int, int]]) -> np.ndarray:
    keep = np.ones(len(samples), bool)
    for start, end in spans:
        keep &= (samples < start) | (samples > end)
    return samples[keep]


def pair(reference: np.ndarray, found: np.ndarray, window: int) -> tuple[int, int, int]:
    """Hits, beats invented, beats missed."""
    one = two = hits = 0
    while one < len(reference) and two < len(found):
        truth, told = reference[one], found[two]
        near = abs(told - truth) <= window
        if told < truth:
            near = near and (two + 1 >= len(found) or abs(told - truth) <= abs(truth - found[two + 1]))
        else:
            near = near and (one + 1 >= len(reference) or abs(told - truth) <= abs(told - reference[one + 1]))
        hits += near
        if near:
            one, two = one + 1, two + 1
        elif told < truth:
            two += 1
        else:
            one += 1
    return hits, len(found) - hits, len(reference) - hits


class Result:
    def __init__(self, name: str) -> None:
        self.name = name
        self.hits = self.invented = self.missed = self.samples = self.records = 0
        self.seconds = 0.0

    def add(self, found: np.ndarray, truth: tuple[np.ndarray, list[tuple[int, int]]], fs: float) -> None:
        reference, spans = truth
        found = aside(np.unique(np.asarray(found, dtype=np.int64)), spans)
        hits, invented, missed = pair(reference, found, int(WINDOW_SECONDS * fs))
        self.hits, self.invented, self.missed = self.hits + hits, self.invented + invented, self.missed + missed
        self.records += 1

    @property
    def sensitivity(self) -> float:
        return 100 * self.hits / max(1, self.hits + self.missed)

    @property
    def predictivity(self) -> float:
        return 100 * self.hits / max(1, self.hits + self.invented)

    @property
    def errors(self) -> float:
        return 100 * (self.missed + self.invented) / max(1, self.hits + self.missed)

    @property
    def speed(self) -> float:
        return self.samples / self.seconds if self.seconds else math.nan


def load(folder: Path, name: str) -> tuple[np.ndarray, np.ndarray, wfdb.Record, tuple[np.ndarray, list]]:
    record = wfdb.rdrecord(str(folder / name), channels=[0], physical=False)
    digital = record.d_signal[:, 0].astype(np.int64)
    signal = record.dac()[:, 0]
    annotations = wfdb.rdann(str(folder / name), "atr")
    spans = fibrillation(annotations.symbol, annotations.sample, len(signal))
    beats = np.array([s for s, c in zip(annotations.sample, annotations.symbol) if c in BEATS], dtype=np.int64)
    return np.nan_to_num(signal), digital, record, (aside(beats, spans), spans)


def measure(folder: Path, names: list[str]) -> list[Result]:
    results = {name: Result(name) for name, _, _ in PEERS}
    for index, name in enumerate(names):
        signal, digital, record, truth = load(folder, name)
        for peer, detector, is_slow in PEERS:
            if is_slow and index % SLOW_EVERY:
                continue
            if results[peer].records == 0:
                # Whatever is imported, compiled or planned at first is not counted.
                quietly(detector, signal[: int(20 * record.fs)], digital[: int(20 * record.fs)], record)
            begin = time.process_time()
            found = quietly(detector, signal, digital, record)
            results[peer].seconds += time.process_time() - begin
            results[peer].samples += len(signal)
            results[peer].add(found, truth, record.fs)
        print(f"{name}: {index + 1} of {len(names)}", file=sys.stderr)
    return list(results.values())


def quietly(detector: Detector, signal: np.ndarray, digital: np.ndarray, record: wfdb.Record) -> np.ndarray:
    with warnings.catch_warnings(), contextlib.redirect_stdout(io.StringIO()):
        warnings.simplefilter("ignore")
        return detector(signal, digital, float(record.fs), record)


def ours(folder: Path, said: Path, names: list[str]) -> list[Result]:
    speeds = dict(line.split() for line in (said / "ecg.txt").read_text().splitlines())
    results = []
    for key, title in [("detection", "homeward, detection"), ("chain", "homeward, whole chain")]:
        result = Result(title)
        for name in names:
            record = wfdb.rdheader(str(folder / name))
            annotations = wfdb.rdann(str(said / name), "hwa")
            beats = np.array([s for s, c in zip(annotations.sample, annotations.symbol) if c in BEATS])
            result.add(beats, load(folder, name)[3], record.fs)
        result.samples, result.seconds = int(float(speeds[key])), 1.0
        results.append(result)
    return results


def main() -> None:
    folder, said = Path(sys.argv[1]), Path(sys.argv[2])
    names = sorted(path.stem for path in said.glob("*.hwa") if (folder / f"{path.stem}.atr").exists())
    others = measure(folder, names)
    results = ours(folder, said, names) + others
    print("\n| detector | records | Se % | +P % | DER % | million samples/s |")
    print("| --- | ---: | ---: | ---: | ---: | ---: |")
    for result in results:
        print(f"| {result.name} | {result.records} | {result.sensitivity:.3f} | {result.predictivity:.3f} "
              f"| {result.errors:.3f} | {result.speed / 1e6:.3g} |")
    if len(sys.argv) > 3:
        points = [(r.name, r.speed, r.errors, r.name.startswith("homeward")) for r in results]
        Path(sys.argv[3]).write_text(draw(points))


if __name__ == "__main__":
    main()
