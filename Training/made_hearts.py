"""Makes hearts that the recordings lack, out of beats that they have.

Normal beats of one recording are laid out in time as another heart would: with atrial or ventricular ectopic beats,
blocks, sinus arrhythmia, pauses, fibrillating atria. An atrial ectopic beat is a normal one with another P wave; a
ventricular one is borrowed from another recording, stretched and scaled. The signal is at the working rate.
"""
import numpy
import scipy.signal

RATE = 200
BEFORE, AFTER = 56, 84  # of a normal beat, in samples: P wave to the end of T
ECTOPIC_BEFORE = 40
NORMAL, ATRIAL, VENTRICULAR = 0, 1, 2
FIBRILLATING = 3  # a normal beat without a P wave
ABERRANT_NORMAL, ABERRANT_ATRIAL = 4, 5  # conducted, but late on one side
WANDERING = 6  # of the sinus node, whose P wave changes a little with breath
CLASSES = {FIBRILLATING: NORMAL, ABERRANT_NORMAL: NORMAL, ABERRANT_ATRIAL: ATRIAL, WANDERING: NORMAL}
# One focus in so many is of the host's own beats, made wider; the others are borrowed.
OWN_FOCI = 5
WITHOUT_P_WAVE = {FIBRILLATING, ABERRANT_NORMAL}


def clean(signal, rate):
    """0.5 to 40 Hz at the working rate."""
    if rate != RATE:
        signal = scipy.signal.resample_poly(signal - signal[0], RATE, rate)
    numerator, denominator = scipy.signal.butter(2, [0.5 / (RATE / 2), 40 / (RATE / 2)], "band")
    return scipy.signal.lfilter(numerator, denominator, signal - signal[0])


def peaks(signal, marks):
    """The steepest energy within 70 ms of the marks."""
    numerator, denominator = scipy.signal.butter(2, [5 / (RATE / 2), 25 / (RATE / 2)], "band")
    energy = abs(scipy.signal.filtfilt(numerator, denominator, signal))
    found = [max(0, mark - 14) + int(numpy.argmax(energy[max(0, mark - 14) : mark + 15])) for mark in marks]
    return numpy.array(found)


def faded(segment, samples):
    """Straightened, and brought to zero at both ends."""
    segment = segment - numpy.linspace(segment[:6].mean(), segment[-6:].mean(), len(segment))
    ramp = 0.5 - 0.5 * numpy.cos(numpy.pi * (numpy.arange(samples) + 0.5) / samples)
    segment[:samples] *= ramp
    segment[-samples:] *= ramp[::-1]
    return segment


def with_other_p_wave(segment, kind, random):
    start, end = BEFORE - 50, BEFORE - 13
    wave = segment[start:end]
    base = numpy.linspace(wave[:3].mean(), wave[-3:].mean(), end - start)
    deviation = wave - base
    if kind in WITHOUT_P_WAVE:
        deviation = 0 * deviation
    elif kind == WANDERING:
        deviation = numpy.roll(deviation, int(random.integers(-2, 3))) * random.uniform(0.6, 1.3)
    else:
        scales = [random.uniform(-1.2, -0.3), random.uniform(-0.2, 0.3), random.uniform(0.4, 0.9), 1.0]
        shift = int(random.uniform(-4, 9))
        moved = numpy.zeros_like(deviation)
        if shift >= 0:
            moved[shift:] = deviation[: len(deviation) - shift]
        else:
            moved[:shift] = deviation[-shift:]
        deviation = moved * random.choice(scales, p=[0.25, 0.25, 0.3, 0.2])
    segment[start:end] = base + deviation
    return segment


def stretched(segment, before, after):
    """The complex made so many times longer before and behind its peak; the T wave ends where it did."""
    reach = 16
    places = numpy.arange(len(segment)) - BEFORE
    known = [-BEFORE, -reach * before, 0, reach * after, AFTER]
    return numpy.interp(numpy.interp(places, known, [-BEFORE, -reach, 0, reach, AFTER]), places, segment)


def conducted_aberrantly(segment, height, focus):
    """Begins as it does, and ends late: longer behind the peak, with another wave, and T against it."""
    random = numpy.random.default_rng(focus)
    segment = stretched(segment, 1, random.uniform(1.2, 2.2))
    size = height * random.uniform(0.15, 0.7) * random.choice([-1, 1])
    start, width = BEFORE + int(random.integers(3, 8)), int(random.integers(9, 19))
    segment[start : start + width] += size * numpy.sin(numpy.pi * (numpy.arange(width) + 0.5) / width)
    tail = numpy.arange(len(segment) - start - width)
    middle, spread = random.uniform(18, 32), random.uniform(7, 13)
    segment[start + width :] -= 0.5 * size * numpy.exp(-0.5 * ((tail - middle) / spread) ** 2)
    return segment


def ventricular_like(segment, focus):
    """A ventricular beat that resembles the usual one: longer altogether, higher or lower, with another T wave."""
    random = numpy.random.default_rng(focus)
    longer = random.uniform(1.25, 1.9)
    segment = stretched(segment, longer, longer * random.uniform(0.9, 1.1)) * random.uniform(0.7, 1.6)
    segment[: BEFORE - 30] *= 0.1
    segment[BEFORE - 30 : BEFORE - 20] *= numpy.linspace(0.1, 1, 10)
    segment[BEFORE + 36 :] *= random.uniform(-1, 1.2)
    return segment


class Host:
    """The normal beats of one lead."""

    def __init__(self, signal, marks, usable):
        self.signal, self.peaks = signal, peaks(signal, marks)
        fits = (self.peaks > BEFORE) & (self.peaks + AFTER < len(signal))
        self.beats = self.peaks[usable & fits]
        spans = [numpy.ptp(signal[peak - 12 : peak + 13]) for peak in self.beats[::10]]
        self.height = float(numpy.median(spans)) if spans else 0.0
        self.interval = float(numpy.median(numpy.diff(self.peaks))) / RATE

    def segment(self, peak, kind, random, focus):
        segment = self.signal[peak - BEFORE : peak + AFTER].copy()
        segment -= numpy.linspace(segment[:8].mean(), segment[-8:].mean(), len(segment))
        if kind not in (NORMAL, VENTRICULAR):
            isOneFocus = kind == ATRIAL and focus % 2 == 0
            segment = with_other_p_wave(segment, kind, numpy.random.default_rng(focus) if isOneFocus else random)
        if kind in (ABERRANT_NORMAL, ABERRANT_ATRIAL):
            segment = conducted_aberrantly(segment, self.height, focus)
        elif kind == VENTRICULAR:
            segment = ventricular_like(segment, focus)
        return faded(segment, 12)


def lend(host, marks):
    """Ventricular beats as shares of the host's QRS height."""
    found = peaks(host.signal, marks)
    fits = (found > ECTOPIC_BEFORE + 14) & (found + AFTER < len(host.signal))
    return [host.signal[peak - ECTOPIC_BEFORE : peak + AFTER] / host.height for peak in found[fits]]


def borrowed(segment, height, focus):
    """Stretched, scaled and turned as `focus`, a seed, says; and where its peak is."""
    random = numpy.random.default_rng(focus)
    stretch = random.uniform(0.85, 1.25)
    steps = numpy.arange(int(len(segment) * stretch))
    peak = int(ECTOPIC_BEFORE * stretch)
    segment = numpy.interp(ECTOPIC_BEFORE + (steps - peak) / stretch, numpy.arange(len(segment)), segment)
    size = height * numpy.exp(random.normal(0, 0.25)) * (-1 if random.random() < 0.3 else 1)
    return faded(segment * size, 10), peak


def sick_sinus(random, cycle):
    """A slow sinus node with pauses, overtaken by ectopic atrial beats."""
    cycle, many = random.uniform(0.95, 2.3), random.uniform(1, 6)
    coupling, spread = random.uniform(0.32, 0.8), random.uniform(0.03, 0.18)
    while True:
        yield cycle * (random.uniform(0.85, 1.3) if random.random() < 0.8 else random.uniform(1.2, 2.2)), NORMAL
        for _ in range(random.poisson(many) if random.random() < 0.85 else 0):
            yield max(0.33, coupling * cycle * (1 + random.normal(0, spread))), ATRIAL
        if random.random() < 0.35:
            for _ in range(random.integers(1, 4)):
                yield steady(random, cycle), NORMAL


def mostly_ectopic(random, cycle):
    """A sick sinus node: most beats are ectopic ones of the atria, and pauses last up to six seconds."""
    cycle, many = random.uniform(1.0, 1.7), random.uniform(2, 6)
    coupling, spread = random.uniform(0.4, 0.75), random.uniform(0.04, 0.15)
    while True:
        isPause = random.random() < 0.04
        yield random.uniform(2, 6) if isPause else cycle * random.uniform(0.85, 1.25), NORMAL
        for _ in range(random.poisson(many)):
            yield max(0.35, coupling * cycle * (1 + random.normal(0, spread))), ATRIAL


def steady(random, cycle):
    return cycle * (1 + random.normal(0, 0.012))


def atrial_ectopy(random, cycle, runs=False):
    share, depth = random.uniform(0.02, 0.5), random.uniform(0, 0.03)
    breath, phase, beat = random.uniform(3, 6), random.uniform(0, 6), 0
    while True:
        beat += 1
        yield steady(random, cycle) * (1 + depth * numpy.sin(2 * numpy.pi * beat / breath + phase)), NORMAL
        if random.random() < share:
            coupling = random.uniform(0.45, 0.86)
            many = int(random.uniform(3, 40)) if runs else 2 if random.random() < 0.2 else 1
            for _ in range(many):
                yield max(0.3, coupling * cycle * (1 + random.normal(0, 0.03))), ATRIAL
            yield cycle * random.uniform(0.95, 1.35), NORMAL


def atrial_runs(random, cycle):
    return atrial_ectopy(random, cycle, runs=True)


def sinus_arrhythmia(random, cycle):
    depth, breath, beat = random.uniform(0.04, 0.25), random.uniform(3, 9), 0
    while True:
        beat += 1
        breathing = 1 + depth * numpy.sin(2 * numpy.pi * beat / breath)
        yield (steady(random, cycle) * breathing if random.random() > 0.02 else cycle * random.uniform(1.3, 1.9)), NORMAL


def breathing_deeply(random, cycle):
    """Faster with each breath in, soon or slowly, and no two breaths alike: as in the young, and in the trained."""
    depth, seconds, skew = random.uniform(0.1, 0.3), random.uniform(3, 8), random.uniform(-0.8, 0.8)
    wanders, phase, this = random.random() < 0.7, 0.0, 1.0
    while True:
        angle = 2 * numpy.pi * phase
        breathing = 1 + depth * this * numpy.sin(angle + skew * numpy.sin(angle))
        interval = max(0.4, cycle * breathing * (1 + random.normal(0, 0.02)))
        phase += interval / seconds
        if phase >= 1:
            phase, this = phase % 1, random.uniform(0.4, 1.2)
        yield interval, WANDERING if wanders else NORMAL


def blocked(random, cycle):
    """Every so often a beat does not get through."""
    share = random.uniform(0.03, 0.5)
    while True:
        yield steady(random, cycle) * (2 if random.random() < share else 1), NORMAL


def fibrillating(random, cycle):
    cycle, spread = random.uniform(0.5, 1.1), random.uniform(0.12, 0.3)
    while True:
        yield max(0.32, cycle * (1 + random.normal(0, spread))), FIBRILLATING


def fibrillating_suddenly(random, cycle):
    """Now and then, and fast: the sinus node's P waves are still what is usual."""
    while True:
        for _ in range(random.integers(4, 25)):
            yield steady(random, cycle), NORMAL
        fast, spread = random.uniform(0.34, 0.6), random.uniform(0.1, 0.25)
        for _ in range(random.integers(6, 50)):
            yield max(0.27, fast * (1 + random.normal(0, spread))), FIBRILLATING


def fibrillating_aberrantly(random, cycle, ventricular=0.0):
    """A beat soon after a long interval is often conducted aberrantly, and others after it."""
    cycle, spread = random.uniform(0.45, 0.95), random.uniform(0.15, 0.32)
    likely, lasting, before, isAberrant = random.uniform(0.1, 0.6), random.uniform(0, 0.6), cycle, False
    while True:
        if random.random() < ventricular:
            before = max(0.28, cycle * random.uniform(0.4, 0.9))
            yield before, (VENTRICULAR, int(random.integers(2)))
            continue
        interval = max(0.32, cycle * (1 + random.normal(0, spread)))
        isShort = interval < 0.85 * before
        isAberrant = random.random() < (likely if isShort else lasting if isAberrant else 0.01)
        before = interval
        yield interval, (ABERRANT_NORMAL, 0) if isAberrant else FIBRILLATING


def both_while_fibrillating(random, cycle):
    return fibrillating_aberrantly(random, cycle, ventricular=random.uniform(0.02, 0.2))


def aberrant_ectopy(random, cycle):
    share = random.uniform(0.03, 0.3)
    while True:
        yield steady(random, cycle), NORMAL
        if random.random() < share:
            coupling = random.uniform(0.4, 0.75)
            for _ in range(int(random.integers(1, 4))):
                isAberrant = random.random() < 0.6
                yield max(0.3, coupling * cycle), (ABERRANT_ATRIAL, 0) if isAberrant else ATRIAL
            yield cycle * random.uniform(0.95, 1.35), NORMAL


def plain(random, cycle):
    drift, beat = random.uniform(-0.004, 0.004), 0
    while True:
        beat += 1
        yield steady(random, cycle * (1 + drift * beat)), NORMAL


def single_ventricular(random, cycle):
    foci = int(random.integers(1, 4))
    while True:
        for _ in range(random.integers(2, 20)):
            yield steady(random, cycle), NORMAL
        coupling = random.uniform(0.4, 0.95)
        yield max(0.28, coupling * cycle), (VENTRICULAR, int(random.integers(foci)))
        draw = random.random()
        if draw < 0.7:  # with a compensating pause
            yield cycle * (2 - coupling) * random.uniform(0.95, 1.05), NORMAL
        elif draw < 0.9 or coupling >= 0.6:
            yield cycle * random.uniform(0.9, 1.1), NORMAL
        else:  # between two that do not notice
            yield max(0.3, cycle * (1.05 - coupling)), NORMAL


def ventricular_pattern(random, cycle):
    while True:
        normals, coupling = int(random.integers(1, 4)), random.uniform(0.45, 0.8)
        for _ in range(random.integers(4, 15)):
            yield coupling * cycle * (1 + random.normal(0, 0.02)), (VENTRICULAR, 0)
            yield cycle * (2 - coupling) * random.uniform(0.97, 1.03), NORMAL
            for _ in range(normals - 1):
                yield steady(random, cycle), NORMAL


def ventricular_runs(random, cycle):
    while True:
        for _ in range(random.integers(2, 15)):
            yield steady(random, cycle), NORMAL
        fast = random.uniform(0.27, 0.6) if random.random() < 0.6 else cycle * random.uniform(0.6, 1.1)
        foci = int(random.integers(1, 3))
        yield max(0.3, random.uniform(0.4, 0.8) * cycle), (VENTRICULAR, 0)
        for beat in range(random.integers(1, 25) if random.random() < 0.8 else random.integers(25, 110)):
            yield fast * (1 + random.normal(0, 0.04)), (VENTRICULAR, beat % foci)
        yield cycle * random.uniform(1, 1.5), NORMAL


def ventricular_escape(random, cycle):
    while True:
        for _ in range(random.integers(5, 20)):
            yield steady(random, cycle), NORMAL
        yield cycle * random.uniform(1.05, 1.8), (VENTRICULAR, 0)
        for _ in range(random.integers(0, 19)):
            yield cycle * random.uniform(0.98, 1.25), (VENTRICULAR, 0)


def ventricular_while_fibrillating(random, cycle):
    while True:
        yield max(0.3, cycle * (1 + random.normal(0, 0.2))), FIBRILLATING
        if random.random() < 0.15:
            yield max(0.28, cycle * random.uniform(0.4, 0.9)), (VENTRICULAR, 0)


def both_ectopies(random, cycle):
    while True:
        yield steady(random, cycle), NORMAL
        draw = random.random()
        if draw < 0.1:
            yield cycle * random.uniform(0.5, 0.85), ATRIAL
        elif draw < 0.3:
            yield max(0.28, cycle * random.uniform(0.4, 0.9)), (VENTRICULAR, int(random.integers(2)))
            yield cycle * random.uniform(1, 1.5), NORMAL


ATRIAL_SCENES = [
    (sick_sinus, 0.17), (mostly_ectopic, 0.05), (atrial_ectopy, 0.14), (atrial_runs, 0.11), (sinus_arrhythmia, 0.09),
    (breathing_deeply, 0.14), (blocked, 0.07), (fibrillating, 0.05), (fibrillating_suddenly, 0.06),
    (fibrillating_aberrantly, 0.05), (aberrant_ectopy, 0.05), (plain, 0.02),
]
VENTRICULAR_SCENES = [
    (single_ventricular, 0.22), (ventricular_pattern, 0.18), (ventricular_runs, 0.2), (ventricular_escape, 0.08),
    (ventricular_while_fibrillating, 0.06), (both_while_fibrillating, 0.1), (fibrillating_suddenly, 0.06),
    (both_ectopies, 0.1),
]


def script(scenes, random, cycle, beats):
    """Intervals (s) and kinds of so many beats, scene by scene; a ventricular focus is one for its scene."""
    lines = []
    while len(lines) < beats:
        scene = random.choice(len(scenes), p=[share for _, share in scenes])
        foci = int(random.integers(1 << 30))
        play = scenes[scene][0](random, cycle * random.uniform(0.82, 1.22))
        for _ in range(int(random.uniform(25, 115))):
            interval, kind = next(play)
            kind, focus = kind if isinstance(kind, tuple) else (kind, 0)
            lines.append((interval, kind, foci + focus))
    return lines


def make(host, lenders, scenes, random, beats=1500):
    """A signal (mV), its beats (samples) and their classes. `lenders`: lists of ventricular segments."""
    lines = script(scenes, random, host.interval, beats)
    signal = numpy.zeros(int((sum(interval for interval, _, _ in lines) + 4) * RATE) + 600)
    at, turn, places, classes = 2.0, int(random.integers(len(host.beats) // 2 + 1)), [], []
    for interval, kind, focus in lines:
        at += interval
        place = int(round(at * RATE))
        if kind == VENTRICULAR and focus % OWN_FOCI != 0 and lenders:
            lender = lenders[focus % len(lenders)]
            segment, peak = borrowed(lender[random.integers(len(lender))], host.height, focus)
            signal[place - peak : place - peak + len(segment)] += segment
        else:
            beat = host.beats[turn % len(host.beats)]
            turn += 1
            signal[place - BEFORE : place + AFTER] += host.segment(beat, kind, random, focus)
        places.append(place)
        classes.append(CLASSES.get(kind, kind))
    numerator, denominator = scipy.signal.butter(2, [1 / (RATE / 2), 30 / (RATE / 2)], "band")
    muscle = scipy.signal.lfilter(numerator, denominator, random.standard_normal(len(signal)))
    signal += muscle / muscle.std() * host.height * random.uniform(0.004, 0.035)
    for (interval, kind, _), place in zip(lines, places):
        if kind in WITHOUT_P_WAVE:
            start = place - int(interval * RATE)
            time = numpy.arange(start, place) / RATE
            wave = numpy.sin(2 * numpy.pi * 6.3 * time + 0.6 * numpy.sin(2 * numpy.pi * 0.9 * time))
            signal[start:place] += host.height * 0.05 * wave
    return signal, numpy.array(places), numpy.array(classes)
