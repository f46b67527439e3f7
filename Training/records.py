"""Reads the recordings that weights are learnt from, and makes them worse than they are."""
import os

import numpy
import wfdb

BEATS = set("NLRBAaJSVrFejnE/fQ?")
MITDB = [
    "101", "102", "104", "106", "108", "109", "112", "114", "115", "116", "118", "119", "122", "124", "201", "203",
    "205", "207", "208", "209", "215", "220", "223", "230",
]
NSRDB = ["16265", "16272", "16273", "16420", "16483", "16539"]


class Record:
    """Both leads (mV), the beats (samples), and the spans of ventricular flutter, in which no beat is marked."""

    def __init__(self, folder, name):
        path = os.path.join(folder, name)
        header = wfdb.rdrecord(path)
        self.name, self.rate, self.leads = name, header.fs, header.p_signal.T
        marks = wfdb.rdann(path, "atr")
        isBeat = numpy.array([symbol in BEATS for symbol in marks.symbol])
        self.beats = marks.sample[isBeat]
        self.symbols = numpy.array(marks.symbol)[isBeat]
        self.flutter, start = [], None
        for sample, symbol in zip(marks.sample, marks.symbol):
            if symbol == "[":
                start = sample
            elif symbol == "]" and start is not None:
                self.flutter.append((start, sample))
                start = None
        if start is not None:
            self.flutter.append((start, self.leads.shape[1]))

    def in_flutter(self, samples, margin=0):
        inside = numpy.zeros(len(samples), bool)
        for start, end in self.flutter:
            inside |= (samples >= start - margin) & (samples <= end + margin)
        return inside


def match(reference, found, window):
    """Pairs of indices, each to its nearest inside the window, as WFDB's bxb pairs them. Both are in order."""
    pairs, i, j = [], 0, 0
    while i < len(reference) and j < len(found):
        distance = found[j] - reference[i]
        if abs(distance) > window:
            i, j = (i, j + 1) if distance < 0 else (i + 1, j)
        elif j + 1 < len(found) and abs(found[j + 1] - reference[i]) < abs(distance):
            j += 1
        elif i + 1 < len(reference) and abs(found[j] - reference[i + 1]) < abs(distance):
            i += 1
        else:
            pairs.append((i, j))
            i, j = i + 1, j + 1
    return pairs


def qrs_height(signal, beats):
    """Median peak to peak of the QRS complexes: 50 ms on either side at 360 Hz."""
    spans = [numpy.ptp(signal[beat - 18 : beat + 18]) for beat in beats if 18 < beat < len(signal) - 18]
    return float(numpy.median(spans))


def moving_mean(values, width):
    sums = numpy.cumsum(numpy.concatenate([numpy.zeros(1), values]))
    ends = numpy.clip(numpy.arange(len(values)) + width // 2 + 1, 0, len(values))
    starts = numpy.clip(numpy.arange(len(values)) - width // 2, 0, len(values))
    return (sums[ends] - sums[starts]) / (ends - starts)


def electrode_motion(count, rate, random):
    """Noise of an electrode that moves: wander, steps that fade, and blunt waves that look like ectopic beats."""
    time = numpy.arange(int(1.2 * rate)) / rate
    noise = numpy.zeros(count + len(time))
    at = 0.0
    while at < count / rate:
        isBurst = random.random() < 0.5
        end = at + random.uniform(3, 20)
        while at < end:
            at += random.exponential(0.25 if isBurst else 1.5)
            rise, fall = random.uniform(0.02, 0.15), random.uniform(0.05, 0.5)
            shape = (1 - numpy.exp(-time / rise)) * numpy.exp(-time / fall)
            if random.random() < 0.5:
                # A wave with two sides.
                shape = numpy.gradient(shape) * rate * rise
            place = int(at * rate)
            if place < count:
                size = random.standard_normal() * (2 if random.random() < 0.15 else 1)
                noise[place : place + len(time)] += size * shape / max(abs(shape).max(), 1e-6)
    noise = noise[:count]
    wander = numpy.cumsum(random.standard_normal(count))
    width = int(0.4 * rate)
    drift = moving_mean(wander, width) - moving_mean(wander, 8 * width)
    noise = noise / noise.std() + 0.7 * drift / drift.std()
    return noise / noise.std()


class Noise:
    """The noises of the Noise Stress Test Database that may be trained on, and the made one. Unit variance."""

    def __init__(self, folder):
        self.recorded = {}
        for name in ("bw", "ma"):
            leads = wfdb.rdrecord(os.path.join(folder, name)).p_signal.T
            leads = leads - leads.mean(axis=1, keepdims=True)
            self.recorded[name] = leads / leads.std(axis=1, keepdims=True)

    def add(self, signal, beats, rate, random, lead=1, decibels=(-3, 18)):
        """Every second minute, more or less of one of them; the ratio is that of the Noise Stress Test."""
        height = qrs_height(signal, beats)
        made = electrode_motion(len(signal), rate, random)
        worse = signal.copy()
        minute = 60 * rate
        for start in range(0, len(signal), 2 * minute):
            end = min(len(signal), start + minute)
            share = random.random()
            if share < 0.55:
                noise = made[start:end]
            else:
                source = self.recorded["ma" if share < 0.85 else "bw"][lead]
                begin = random.integers(len(source) - minute)
                noise = source[begin : begin + end - start]
            ratio = 10 ** (random.uniform(*decibels) / 10)
            worse[start:end] += noise * numpy.sqrt(height * height / 8 / ratio)
        return worse
