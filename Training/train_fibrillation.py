"""Learns when a lead shows ventricular fibrillation or flutter.

    swift build -c release --product Train
    python Training/train_fibrillation.py DATA --train .build/release/Train [--report]

DATA is a folder with `cudb`, `mitdb`, `cpsc2021`, `nsrdb` and `nstdb`. Learnt from are both leads of all of them, and
the first lead of each record of `mitdb` once more with the noise of `nstdb` added: none of that noise is fibrillation.
Those of `cudb`, which are few, are learnt from twice more: half a second later, and with made electrode motion.
Without `--report` it writes the weights; with it, the figures out of record: every record of `cudb` alone, and the
others in as many folds, are tested with weights that saw nothing of them (for `cpsc2021` nothing of the patient).
"""
import argparse
import glob
import os
import subprocess
import tempfile

import lightgbm
import numpy
import wfdb

import export
import records

OUTPUT = "Sources/Analysis/ECG/Fibrillation/FibrillationModel.swift"
WINDOW_SECONDS = 5
# As many as FibrillationFeature.swift has.
FEATURES = 23
# Windows with less of it show no fibrillation, with more of it they do; those between are not learnt from.
SHARE_NONE, SHARE_ALL = 0.2, 0.8
# Of the nsrdb every fourth second is learnt from, of mitdb without fibrillation every second one.
EVERY = {"nsrdb": 4, "mitdb": 2}
WEIGHTS = {"nsrdb": 0.6, "mitdb": 0.8, "noise": 1.0, "nstdb": 0.5}
FIBRILLATION_WEIGHT = 3.0
FOLDS = 18
TREES = 150
PARAMETERS = dict(
    objective="binary", num_leaves=12, max_depth=5, learning_rate=0.08, min_data_in_leaf=100, lambda_l2=20,
    feature_fraction=0.5, bagging_fraction=0.7, bagging_freq=1, verbosity=-1, num_threads=1, seed=1,
    deterministic=True, force_row_wise=True, use_missing=False)
# What noise is added to which fifth of a record: kind, signal to noise (dB), lead of the noise.
NOISES = (("ma", 6, 0), ("ma", 0, 1), ("bw", 0, 0), ("ma", -6, 0), ("bw", -6, 1))
# Electrode motion that is added to `cudb`, in shares of the usual height of a second.
MOTION_SHARE = 0.25
# The same limits as in FibrillationWatch.swift.
BEGIN_SCORE, END_SCORE, BEGIN_VOTES, END_VOTES = 0.6, 0.2, (2, 3), (4, 5)
CERTAIN_SCORE, CERTAIN_VOTES = 0.8, (4, 5)
BACKDATED_SECONDS, SCORE_MIN_BESIDE_USUAL = 2.5, 0.9
# The same rules for windows as in DurationTally.swift.
FOUND_SHARE = 0.5


def with_noise(signal, rate, marks, name, noise):
    signal = numpy.nan_to_num(signal).copy()
    reach = int(0.1 * rate)
    heights = [numpy.ptp(signal[max(0, at - reach): at + reach]) for at in marks[5:200]]
    power = numpy.median(heights) ** 2 / 8
    length = 300 * rate
    for part, (kind, decibel, lead) in enumerate(NOISES):
        added = noise[kind][:, lead]
        start = int(name) * 1000 % (len(added) - length - 1)
        added = added[start: start + length] - added[start: start + length].mean()
        target = signal[(part + 1) * length: (part + 2) * length]
        gain = numpy.sqrt(power / 10 ** (decibel / 10) / added.var())
        target += gain * added[: len(target)]
    return signal


def again(signal, rate, name):
    """Between the seconds, and with electrode motion: (kind, signal, seconds left out at its start)."""
    signal = numpy.nan_to_num(signal)
    random = numpy.random.default_rng(int(name[2:]))
    seconds = signal[: len(signal) // rate * rate].reshape(-1, rate)
    size = numpy.median(numpy.ptp(seconds, axis=1))
    motion = MOTION_SHARE * size * records.electrode_motion(len(signal), rate, random)
    return [("shifted", signal[rate // 2:], 0.5), ("motion", signal + motion, 0)]


def spans(record, header):
    """Of fibrillation and flutter, and of ventricular tachycardia: (start, end) in seconds."""
    if not os.path.exists(record + ".atr"):
        return [], []
    marks = wfdb.rdann(record, "atr")
    fibrillation, tachycardia, opened, rhythm = [], [], None, None
    for sample, symbol, note in zip(marks.sample, marks.symbol, marks.aux_note):
        at = sample / header.fs
        if symbol == "[":
            opened = at
        elif symbol == "]" and opened is not None:
            fibrillation.append((opened, at))
            opened = None
        elif symbol == "+":
            if rhythm is not None:
                tachycardia.append((rhythm, at))
            rhythm = at if note.strip("\0") == "(VT" else None
    if opened is not None:
        fibrillation.append((opened, header.sig_len / header.fs))
    return fibrillation, tachycardia


def share(of, seconds, width):
    """Of the `width` seconds that end with each of `seconds`, how much lies in the spans."""
    return numpy.array([
        sum(max(0, min(end, at + 1) - max(start, at + 1 - width)) for start, end in of) / width for at in seconds])


class Table:
    """Of all seconds of all recordings."""

    def __init__(self, data, train):
        self.parts = []
        noise = {kind: wfdb.rdrecord(os.path.join(data, "nstdb", kind)).p_signal for kind in ("ma", "bw")}
        with tempfile.TemporaryDirectory() as folder:
            for database in ("mitdb", "cudb", "cpsc2021", "nsrdb", "nstdb"):
                for path in sorted(glob.glob(os.path.join(data, database, "*.hea"))):
                    self.add(database, path[:-4], noise, folder, train)
        self.features = numpy.vstack([part["features"] for part in self.parts])
        for name in ("second", "veto", "trusted", "fibrillation", "tachycardia", "now"):
            setattr(self, name, numpy.concatenate([part[name] for part in self.parts]))
        for name in ("database", "kind", "name", "patient"):
            setattr(self, name, numpy.concatenate(
                [numpy.full(len(part["second"]), part[name]) for part in self.parts]))

    def add(self, database, path, noise, folder, train):
        name = os.path.basename(path)
        record = wfdb.rdrecord(path)
        fibrillation, tachycardia = spans(path, record)
        signals = [("first" if lead == 0 else "second", record.p_signal[:, lead], 0)
                   for lead in range(min(2, record.n_sig))]
        if database == "cudb":
            signals += again(record.p_signal[:, 0], record.fs, name)
        if database == "mitdb":
            marks = wfdb.rdann(path, "atr").sample
            signals.append(("noise", with_noise(record.p_signal[:, 0], record.fs, marks, name, noise), 0))
        for kind, signal, after in signals:
            source, target = os.path.join(folder, "signal"), os.path.join(folder, "features")
            numpy.asarray(signal, "<f4").tofile(source)
            subprocess.run([train, "fibrillation"], input=f"{record.fs} {source} {target}\n", text=True, check=True,
                           stdout=subprocess.DEVNULL)
            values = numpy.fromfile(target, "<f4")
            table = values.reshape(-1, FEATURES + 3)
            second = table[:, 0].astype(int)
            self.parts.append(dict(
                features=table[:, 1:-2], second=second, veto=table[:, -2].astype(int), trusted=table[:, -1] > 0.5,
                fibrillation=share(fibrillation, second + after, WINDOW_SECONDS),
                tachycardia=share(tachycardia, second + after, WINDOW_SECONDS),
                now=share(fibrillation, second + after, 1),
                database=database, kind=kind, name=name,
                patient=f"{database} {name.split('_')[1] if database == 'cpsc2021' else name}"))

    def finish(self):
        is_clear = (self.fibrillation >= SHARE_ALL) | (self.fibrillation <= SHARE_NONE)
        self.scored = is_clear & ~((self.tachycardia > SHARE_NONE) & (self.fibrillation < SHARE_NONE))
        self.label = (self.fibrillation > 0.5).astype(int)
        self.learnt = self.scored.copy()
        weight = numpy.ones(len(self.label))
        for database, every in EVERY.items():
            of = (self.database == database) & (self.label == 0)
            self.learnt &= ~of | (self.second % every == 0)
        for name, value in WEIGHTS.items():
            weight[self.kind == name if name == "noise" else self.database == name] = value
        self.weight = weight * numpy.where(self.label == 1, FIBRILLATION_WEIGHT, 1)


def learn(table, chosen):
    data = lightgbm.Dataset(table.features[chosen], table.label[chosen], weight=table.weight[chosen])
    return lightgbm.train(PARAMETERS, data, TREES)


def out_of_record(table):
    patients = sorted(set(table.patient))
    ill = [patient for patient in patients if patient.startswith("cudb")]
    fold = {patient: at % FOLDS for group in (ill, [p for p in patients if p not in ill])
            for at, patient in enumerate(group)}
    folds = numpy.array([fold[patient] for patient in table.patient])
    score = numpy.zeros(len(folds))
    for number in range(FOLDS):
        model = learn(table, table.learnt & (folds != number))
        score[folds == number] = model.predict(table.features[folds == number])
    is_outvoted = (table.veto == 0) | (table.veto == 1) & (score >= SCORE_MIN_BESIDE_USUAL)
    return numpy.where(is_outvoted, score, 0)


def oldest(speaks, at, votes):
    """Of the last votes, the first that speaks, when there are enough."""
    first = max(0, at - votes[1] + 1)
    said = speaks[first: at + 1]
    return first + numpy.argmax(said) if said.sum() >= votes[0] else None


def episodes(second, score, trusted):
    """As FibrillationWatch.swift decides: (start, end, announced)."""
    found, start, announced = [], None, None
    for at in range(len(score)):
        begins, ends = oldest(score > BEGIN_SCORE, at, BEGIN_VOTES), oldest(score <= END_SCORE, at, END_VOTES)
        is_certain = oldest(score > CERTAIN_SCORE, at, CERTAIN_VOTES) is not None
        if start is None and begins is not None and (trusted[at] or is_certain):
            start, announced = second[begins] + 1 - BACKDATED_SECONDS, second[at] + 1
        elif start is not None and ends is not None:
            found.append((start, second[ends] + 1 - BACKDATED_SECONDS, announced))
            start = None
    return found + ([(start, second[-1] + 1, announced)] if start is not None else [])


def rates(truth, found):
    hit, right = (truth & found).sum(), (~truth & ~found).sum()
    return (f"Se {100 * hit / max(1, truth.sum()):6.2f} % of {truth.sum():5d}, "
            f"Sp {100 * right / max(1, (~truth).sum()):7.3f} % of {(~truth).sum():6d}")


def report(table):
    score = out_of_record(table)
    for title, of in [(name, (table.database == name) & (table.kind == "first"))
                      for name in ("cudb", "mitdb", "cpsc2021", "nsrdb")] + [
                          ("mitdb, noise added", table.kind == "noise")]:
        windows = of & table.scored
        print(f"{title}: windows {rates(table.label[windows] == 1, score[windows] > 0.5)}")
        truth, found, delays, alarms, filled = [], [], [], 0, numpy.zeros(0)
        for name in sorted(set(table.name[of])):
            own = of & (table.name == name)
            second, now = table.second[own], table.now[own] >= 0.5
            inside = numpy.zeros(len(second), bool)
            told = episodes(second, score[own], table.trusted[own])
            alarms += len(told)
            for start, end, _ in told:
                inside |= (second + 0.5 >= start) & (second + 0.5 < end)
            filled = numpy.append(filled, share([episode[:2] for episode in told], second, WINDOW_SECONDS))
            truth.append(now)
            found.append(inside)
            for at in second[numpy.flatnonzero(numpy.diff(now.astype(int), prepend=0) == 1)]:
                later = [episode for episode in told if episode[1] > at and episode[0] < at + 30]
                delays += [max(0, later[0][2] - at)] if later else []
        # In the order of the records, as the windows were gathered.
        names = sorted(set(table.name[of]))
        order = numpy.concatenate([numpy.flatnonzero(of & (table.name == name)) for name in names])
        told_of = numpy.zeros(len(score))
        told_of[order] = filled
        print(f"    findings by window {rates(table.label[windows] == 1, told_of[windows] >= FOUND_SHARE)}")
        print(f"    findings by time {rates(numpy.concatenate(truth), numpy.concatenate(found))}; {alarms} told"
              + (f"; delay median {numpy.median(delays):.0f} s, 90 % within {numpy.percentile(delays, 90):.0f} s"
                 if delays else ""))


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("data")
    parser.add_argument("--train", default=".build/release/Train")
    parser.add_argument("--report", action="store_true")
    arguments = parser.parse_args()
    table = Table(arguments.data, arguments.train)
    table.finish()
    if arguments.report:
        report(table)
        return
    export.write(learn(table, table.learnt), OUTPUT, "FibrillationModel",
                 "Ventricular fibrillation or flutter in the last five seconds, or none.",
                 "Training/train_fibrillation.py")


if __name__ == "__main__":
    main()
