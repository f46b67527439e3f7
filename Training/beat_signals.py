"""The signals that the classes of beats are learnt from and judged by: recordings as they are, with noise, with beats given
at their marks a little off and some left out, and hearts made of their beats.
"""
import os
import re
import subprocess

import numpy
import scipy.signal
import wfdb

import made_hearts
from records import MITDB, NSRDB, Noise, Record, match

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
BEATS = os.path.join(ROOT, "Sources", "Analysis", "ECG", "Beats")
PACED = {"102", "104"}
RECORDS = [name for name in MITDB if name not in PACED]
PARTS = 11
RATE = 200
MATCH_SAMPLES = 30
RATES = (128, 250, 360, 500)
# So much of a healthy heart is learnt from.
HEALTHY_SECONDS = 3125
NORMAL, ATRIAL, VENTRICULAR, FUSION, UNKNOWN, FLUTTER, UNMATCHED = 0, 1, 2, 3, 4, 5, 6
CLASSES = {
    **dict.fromkeys("NLRBej", NORMAL), **dict.fromkeys("AaJSn", ATRIAL), **dict.fromkeys("VEr", VENTRICULAR),
    "F": FUSION,
}
SCENES = (("atrial", made_hearts.ATRIAL_SCENES), ("ventricular", made_hearts.VENTRICULAR_SCENES))
with open(os.path.join(BEATS, "BeatFeature.swift"), encoding="utf-8") as file:
    FEATURES = re.findall(r"^    case (\w+)$", file.read(), re.MULTILINE)


def part(name):
    return (RECORDS.index(name) if name in RECORDS else NSRDB.index(name)) % PARTS


class Marked(Record):
    """A record with classes, and the spans of atrial fibrillation or flutter."""

    def __init__(self, folder, name):
        super().__init__(folder, name)
        self.classes = numpy.array([CLASSES.get(symbol, UNKNOWN) for symbol in self.symbols])
        self.classes[self.in_flutter(self.beats)] = FLUTTER
        self.fibrillates, since = numpy.zeros(len(self.beats), bool), None
        marks = wfdb.rdann(os.path.join(folder, name), "atr")
        changes = [(s, text.strip("\0")) for s, text in zip(marks.sample, marks.aux_note) if text.startswith("(")]
        for sample, text in changes + [(self.leads.shape[1], "(")]:
            if since is not None:
                self.fibrillates |= (self.beats >= since) & (self.beats < sample)
            since = sample if text in ("(AFIB", "(AFL") else None

    @property
    def marks(self):
        return numpy.round(self.beats * RATE / self.rate).astype(int)

    def host(self, lead):
        seconds = numpy.diff(self.beats, prepend=self.beats[0] - self.rate, append=self.beats[-1] + self.rate) / self.rate
        isNormal = self.classes == NORMAL
        alone = isNormal & numpy.roll(isNormal, 1) & numpy.roll(isNormal, -1) & (seconds[:-1] > 0.5) & (seconds[1:] > 0.5)
        return made_hearts.Host(made_hearts.clean(self.leads[lead], self.rate), self.marks, alone & ~self.fibrillates)

    def lent(self, host, random):
        seconds = numpy.diff(self.beats, prepend=self.beats[0] - self.rate, append=self.beats[-1] + self.rate) / self.rate
        free = numpy.flatnonzero((self.classes == VENTRICULAR) & (seconds[:-1] > 0.35) & (seconds[1:] > 0.5))
        if len(free) < 5 or host.height <= 0:
            return []
        return made_hearts.lend(host, self.marks[random.permutation(free)[:40]])


class Variant:
    """One signal, where the feature program reads it, with the truth about its beats (working samples)."""

    def __init__(self, folder, name, kind, signal, rate, marks, classes, fibrillates, positions=None, flutter=()):
        self.name, self.kind, self.rate = name, kind, rate
        self.marks, self.classes, self.fibrillates = marks, classes, fibrillates
        self.flutter = flutter
        self.path = os.path.join(folder, f"{name}-{kind}")
        self.given = positions is not None
        signal.astype("<f4").tofile(self.path + ".signal")
        if self.given:
            positions.astype("<f4").tofile(self.path + ".positions")

    @property
    def job(self):
        given = f" {self.path}.positions" if self.given else ""
        return f"{self.rate} {self.path}.signal {self.path}.out{given}"

    def found(self):
        """The beats that were found, in order."""
        return numpy.sort(self.table()[:, 0].astype(int))

    def table(self):
        return numpy.fromfile(self.path + ".out", "<f4").reshape(-1, 3 + 2 * len(FEATURES))

    def read(self):
        """Features of the beats that were found, their true classes, and what was missed."""
        table = self.table()
        found = table[:, 0].astype(int)
        order = numpy.argsort(found, kind="stable")
        table, found = table[order], found[order]
        self.learnt_by, self.fits = table[:, 1].astype(int), table[:, 2 + len(FEATURES)].astype(int)
        self.provisional, self.settled = table[:, 2 : 2 + len(FEATURES)], table[:, 3 + len(FEATURES) :]
        self.truth = numpy.full(len(found), UNMATCHED)
        for start, end in self.flutter:
            self.truth[(found >= start * RATE) & (found <= end * RATE)] = FLUTTER
        self.fibrillating = numpy.zeros(len(found), bool)
        hit = numpy.zeros(len(self.marks), bool)
        for mark, beat in match(self.marks, found, MATCH_SAMPLES):
            self.truth[beat], self.fibrillating[beat], hit[mark] = self.classes[mark], self.fibrillates[mark], True
        self.missed = self.classes[~hit]
        return self


class Healthy:
    """One lead of a recording without marks, of a heart that beats as it should: each beat that is found is normal."""

    def __init__(self, data, name, lead, folder):
        recording = wfdb.rdrecord(os.path.join(data, "nsrdb", name))
        self.name, self.lead, self.rate = name, lead, recording.fs
        self.signal = numpy.nan_to_num(recording.p_signal[:, lead])
        nothing = numpy.array([], int)
        self.search = Variant(folder, name, f"search{lead}", self.signal, self.rate, nothing, nothing, nothing)

    def variants(self, folder, noise, lenders):
        """To be called when the search is done. `whole` is only judged; the others are of its beginning."""
        beats = self.search.found()
        yield self.variant(folder, "whole", self.signal, self.rate, beats)
        signal = self.signal[: HEALTHY_SECONDS * self.rate]
        beats = beats[beats < (HEALTHY_SECONDS - 1) * RATE]
        random = numpy.random.default_rng(int(self.name) * 2 + self.lead)
        yield self.variant(folder, "found", signal, self.rate, beats)
        worse = noise.add(
            signal, (beats * self.rate / RATE).astype(int), self.rate, random, int(random.integers(2)), (6, 24))
        yield self.variant(folder, "noisy", worse, self.rate, beats)
        isApart = numpy.diff(beats, prepend=0, append=beats[-1]) > RATE / 2
        host = made_hearts.Host(made_hearts.clean(signal, self.rate), beats, isApart[:-1] & isApart[1:])
        yield from made(folder, self.name, self.lead, host, lenders, random)

    def variant(self, folder, kind, signal, rate, beats):
        normal = numpy.full(len(beats), NORMAL)
        return Variant(folder, self.name, f"{kind}{self.lead}", signal, rate, beats, normal, normal > NORMAL)


def made(folder, name, lead, host, lenders, random):
    """Hearts made of a host's beats and of those of the recordings in its part."""
    lent = [lenders[key] for key in sorted(lenders) if part(key[0]) == part(name) and lenders[key]]
    for kind, scenes in SCENES:
        if len(host.beats) >= 100:
            signal, places, classes = made_hearts.make(host, lent, scenes, random)
            yield Variant(
                folder, name, f"{kind}{lead}", signal, RATE, places, classes, numpy.zeros(len(places), bool))


def marked(folder, record, lead, host, noise, lenders):
    """All signals of one lead of a recording with marks."""
    random = numpy.random.default_rng(int(record.name) * 2 + lead)
    truth = (record.marks, record.classes, record.fibrillates)
    signal = record.leads[lead]
    flutter = [(start / record.rate, end / record.rate) for start, end in record.flutter]
    yield Variant(folder, record.name, f"found{lead}", signal, record.rate, *truth, flutter=flutter)
    exact = made_hearts.peaks(made_hearts.clean(signal, record.rate), record.marks)
    yield Variant(folder, record.name, f"exact{lead}", signal, record.rate, *truth, exact)
    kept = random.random(len(exact)) > 0.012
    off = exact + numpy.clip(numpy.round(random.normal(0, 1.2, len(exact))), -3, 3)
    yield Variant(folder, record.name, f"given{lead}", signal, record.rate, *truth, numpy.sort(off[kept]))
    worse = noise.add(signal, record.beats, record.rate, random, lead=int(random.integers(2)), decibels=(6, 24))
    rate = int(random.choice(RATES))
    if rate != record.rate:
        worse = scipy.signal.resample_poly(worse, rate, record.rate)
    yield Variant(folder, record.name, f"noisy{lead}", worse, rate, *truth, flutter=flutter)
    yield from made(folder, record.name, lead, host, lenders, random)


def compute(program, signals):
    """Has the feature program read them."""
    subprocess.run([program, "beats"], input="".join(one.job + "\n" for one in signals), text=True, check=True)


def variants(data, folder, program):
    """All signals of all recordings, with their features."""
    noise = Noise(os.path.join(data, "nstdb"))
    records = [Marked(os.path.join(data, "mitdb"), name) for name in RECORDS]
    hosts = {(record.name, lead): record.host(lead) for record in records for lead in (0, 1)}
    lenders = {key: r.lent(hosts[key], numpy.random.default_rng(int(r.name))) for r in records
               for key in ((r.name, 0), (r.name, 1))}
    healthy = [Healthy(data, name, lead, folder) for name in NSRDB for lead in (0, 1)]
    compute(program, [one.search for one in healthy])
    every = []
    for record in records:
        for lead in (0, 1):
            every += marked(folder, record, lead, hosts[record.name, lead], noise, lenders)
    for one in healthy:
        every += one.variants(folder, noise, lenders)
    compute(program, every)
    return [variant.read() for variant in every]
