"""Makes a heart beat less evenly: beats of another height and shape, and beats that come early, alone and in runs.

Two hours of arrhythmia in 24 people hold few ectopic beats that look like a T wave of the beat before. Here any recording
gives some of them, with the place of each beat known.
"""
import copy

import numpy

# Of each beat, the probability that a wide one, one of another height, or an early one begins with it.
WIDE, OTHER_HEIGHT, EARLY = 0.1, 0.06, 0.1
RUN_BEATS_MAX = 30
# What of a beat is made anew, before and behind its R peak, and how it fades into the rest: seconds.
BEFORE, BEHIND, FADE = 0.15, 0.36, 0.04
# How far a wide beat is smeared (standard deviation, seconds), and how high a changed one is, beside what it was.
SMEAR, HEIGHT = (0.008, 0.03), (0.4, 2.0)
# The interval to an early beat: seconds.
EARLY_INTERVAL = (0.36, 0.6)


def smear(values, deviation):
    reach = int(4 * deviation) + 1
    kernel = numpy.exp(-0.5 * (numpy.arange(-reach, reach + 1) / deviation) ** 2)
    return numpy.convolve(numpy.pad(values, reach, mode="edge"), kernel / kernel.sum(), "valid")


def run_length(random, share):
    """Beats in a row: more than one with the probability `share`."""
    return min(RUN_BEATS_MAX, 1 + int(random.exponential(2.0))) if random.random() < share else 1


def uneven(signal, beats, rate, random):
    """Some beats are wider, higher, lower or upside down."""
    made, beat = signal.copy(), 0
    while beat < len(beats):
        choice = random.random()
        if choice > WIDE + OTHER_HEIGHT:
            beat += 1
            continue
        count = run_length(random, 0.6)
        deviation = random.uniform(*SMEAR) * rate if choice < WIDE else None
        gain = numpy.exp(random.uniform(*numpy.log(HEIGHT)))
        sign = -1 if deviation and random.random() < 0.5 else 1
        for index in range(beat, min(len(beats), beat + count)):
            replace(made, signal, beats, index, rate, lambda wave: sign * gain * widened(wave, deviation))
        beat += count
    return made


def widened(wave, deviation):
    """As high as it was, when `deviation` (samples) is not None smeared."""
    if deviation is None:
        return wave
    wide = smear(wave, deviation)
    return wide * numpy.ptp(wave) / max(numpy.ptp(wide), 1e-6)


def replace(made, signal, beats, index, rate, change):
    """Puts another complex in the place of one: its deflection from the line between its ends, changed."""
    start, end = beats[index] - int(BEFORE * rate), beats[index] + int(BEHIND * rate)
    if index > 0:
        start = max(start, beats[index] - max(4, (beats[index] - beats[index - 1]) // 2))
    if index + 1 < len(beats):
        end = min(end, beats[index + 1] - int(BEFORE * rate))
    if start < 8 or end > len(signal) - 8 or end - start < 20:
        return
    line = numpy.linspace(signal[start], signal[end - 1], end - start)
    wave = signal[start:end] - line
    fade = min(int(FADE * rate), (end - start) // 2)
    share = numpy.ones(end - start)
    share[:fade] = 0.5 - 0.5 * numpy.cos(numpy.pi * numpy.arange(fade) / fade)
    share[len(share) - fade :] = share[:fade][::-1]
    made[start:end] = line + (1 - share) * wave + share * change(wave)


def early(signal, record, random):
    """Some beats come early: signal between beats is left out. Gives it with the record that belongs to it."""
    beats, rate, cuts, beat = record.beats, record.rate, [], 1
    while beat < len(beats):
        if random.random() < EARLY:
            count = run_length(random, 0.4)
            for index in range(beat, min(len(beats), beat + count)):
                interval, less = (beats[index] - beats[index - 1]) / rate, random.uniform(*EARLY_INTERVAL)
                if interval > less + 0.05 and not record.in_flutter(beats[index : index + 1], margin=rate)[0]:
                    end = beats[index] - int(0.12 * rate)
                    cuts.append((end - int((interval - less) * rate), end))
            beat += count
        beat += 1
    return leave_out(signal, record, cuts)


def leave_out(signal, record, cuts):
    made, isKept = signal.copy(), numpy.ones(len(signal), bool)
    for start, end in cuts:
        # What follows begins on the level that was left.
        fade = min(int(0.1 * record.rate), len(made) - end)
        made[end : end + fade] += (made[start - 1] - made[end]) * numpy.linspace(1, 0, int(0.1 * record.rate))[:fade]
        isKept[start:end] = False
    place = numpy.cumsum(isKept) - 1
    shorter = copy.copy(record)
    shorter.beats = place[record.beats]
    shorter.flutter = [(place[start], place[min(end, len(place) - 1)]) for start, end in record.flutter]
    return made[isKept], shorter
