"""Learns which candidates are QRS complexes, and writes Sources/Analysis/ECG/QRS/QRSModel.swift.

    swift build -c release --product Train
    python Training/train_qrs.py --data DIR [--folds 6] [--no-write]

DIR holds `mitdb` and `nstdb`. What a feature is depends on the beats that were accepted before, so the trees are
learnt in rounds: first on what the rules and the truth lead to, then on what the trees themselves lead to. With
`--folds` the same is done for each part of the recordings with the others, and the figures are of recordings that were
not learnt from.
"""
import argparse
import os
import subprocess
import tempfile

import lightgbm
import numpy

import export
from records import MITDB, Noise, Record, match
from uneven import early, uneven

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
WORKING_RATE = 200
ROUNDS = 3
TREES = 120
LABEL_SECONDS = 0.12
# Added to the log odds: a beat that is missed is worse than one too many. Recordings with many noise variants in the
# training make the trees shy.
OFFSET = 0.6
EASY = 0.99
THINNING = 8
MATCH_SECONDS = 0.15
# In the order of QRSContext.features: more of it speaks for a beat, or against.
MONOTONE = [1, 1, 1, 1, 0, 0, 0, -1, -1, -1, -1, 1, 1, 0, 1, 0, 1, 0, -1, -1, 0, 1, -1, -1, 1, 1, -1]
PARAMETERS = dict(
    objective="binary", num_leaves=8, max_depth=5, learning_rate=0.12, min_data_in_leaf=80, lambda_l2=10,
    feature_fraction=0.6, bagging_fraction=0.6, bagging_freq=1, monotone_constraints=MONOTONE, use_missing=False,
    num_threads=1, deterministic=True, force_row_wise=True, seed=1, verbosity=-1,
)


class Variant:
    """One signal of one recording, on disk where the feature program reads it."""

    def __init__(self, record, signal, kind, folder, weight=1.0):
        self.record, self.kind, self.weight, self.rate = record, kind, weight, record.rate
        self.path = os.path.join(folder, f"{record.name}-{kind}")
        signal.astype("<f4").tofile(self.path + ".signal")


def run(program, variants, judge, model=None):
    """For each: candidates (samples of the recording), probabilities, whether a beat, features."""
    if not variants:
        return []
    jobs = []
    for variant in variants:
        extra = {"rules": "", "teacher": variant.path + ".labels", "trees": model}[judge]
        jobs.append(f"{variant.rate} {variant.path}.signal {variant.path}.out {judge} {extra}")
    subprocess.run([program, "qrs"], input="\n".join(jobs) + "\n", text=True, check=True)
    results = []
    for variant in variants:
        table = numpy.fromfile(variant.path + ".out", "<f4").reshape(-1, 3 + len(MONOTONE))
        peaks = table[:, 0].astype(float) * variant.rate / WORKING_RATE
        results.append((peaks, table[:, 1], table[:, 2] > 0.5, table[:, 3:]))
    return results


def beats(variant):
    """The R peaks that the last run found, in samples of the recording."""
    table = numpy.fromfile(variant.path + ".out.beats", "<f4").reshape(-1, 2).astype(float)
    return table.sum(axis=1) * variant.rate / WORKING_RATE


def label(variant, peaks):
    truth = numpy.zeros(len(peaks), bool)
    order = numpy.argsort(peaks, kind="stable")
    for _, found in match(variant.record.beats, peaks[order], LABEL_SECONDS * variant.rate):
        truth[order[found]] = True
    return truth, ~variant.record.in_flutter(peaks, margin=0.1 * variant.rate)


class Learner:
    def __init__(self, program, folder, parameters=PARAMETERS, trees=TREES, rounds=ROUNDS):
        self.program, self.folder = program, folder
        self.parameters, self.trees, self.rounds = parameters, trees, rounds
        self.cache = {}

    def samples(self, variants, judge, model=None):
        fresh = []
        for variant, (peaks, probability, _, features) in zip(variants, run(self.program, variants, judge, model)):
            truth, counts = label(variant, peaks)
            truth.astype("u1").tofile(variant.path + ".labels")
            weight = numpy.full(len(peaks), variant.weight)
            if model:
                # What is easy is seen often enough: one of four stands for all.
                isEasy = (truth & (probability > EASY)) | (~truth & (probability < 1 - EASY))
                isKept = ~isEasy | (numpy.arange(len(peaks)) % THINNING == 0)
                weight[isEasy] *= THINNING
                counts &= isKept
            # All zero: what the detector passed over without a look.
            counts &= features.any(axis=1)
            fresh.append((features[counts], truth[counts], weight[counts]))
        return fresh

    def policy_free(self, variants):
        """What the rules and the truth lead to, which no model changes; one of three samples."""
        missing = [variant for variant in variants if variant.path not in self.cache]
        for parts in zip(missing, self.samples(missing, "rules"), self.samples(missing, "teacher")):
            self.cache[parts[0].path] = [tuple(column[::3] for column in part) for part in parts[1:]]
        return [part for variant in variants for part in self.cache[variant.path]]

    def fit(self, parts, trees):
        features, truth, weight = (numpy.concatenate(column) for column in zip(*parts))
        return lightgbm.train(self.parameters, lightgbm.Dataset(features, truth, weight=weight), trees)

    def learn(self, variants):
        parts = self.policy_free(variants)
        booster = self.fit(parts, self.trees // 2)
        for turn in range(1, self.rounds):
            parts += self.samples(variants, "trees", self.save(booster))
            booster = self.fit(parts, self.trees if turn + 1 == self.rounds else self.trees // 2)
        return booster

    def save(self, booster, name="model", offset=0.0):
        path = os.path.join(self.folder, name + ".trees")
        with open(path, "w", encoding="ascii") as file:
            file.write(export.encode(booster, offset))
        return path


def count(variant, peaks):
    """True positives, false negatives, false positives and the distances (s); flutter is left out."""
    record, found = variant.record, numpy.sort(peaks)
    reference, window = record.beats.astype(float), MATCH_SECONDS * variant.rate
    matched, hit, distances = numpy.zeros(len(reference), bool), numpy.zeros(len(found), bool), []
    for one, other in match(reference, found, window):
        matched[one], hit[other] = True, True
        distances.append((found[other] - reference[one]) / variant.rate)
    counts = ~record.in_flutter(reference)
    return (
        int((matched & counts).sum()), int((~matched & counts).sum()),
        int((~hit & ~record.in_flutter(found)).sum()), numpy.array(distances),
    )


def figures(counts):
    hits, missed, false = (sum(row[column] for row in counts) for column in range(3))
    return (
        f"Se {100 * hits / (hits + missed):.3f}  +P {100 * hits / (hits + false):.3f}  "
        f"DER {100 * (missed + false) / (hits + missed):.3f}  FN {missed}  FP {false}  beats {hits + missed}"
    )


def prepare(data, folder):
    """All variants, by recording: as it is, its other lead, with noise, and with beats made uneven."""
    noise = Noise(os.path.join(data, "nstdb"))
    variants = {}
    for name in MITDB:
        record = Record(os.path.join(data, "mitdb"), name)
        first, second = record.leads
        random = numpy.random.Generator(numpy.random.PCG64(int(name)))
        worse = [noise.add(first, record.beats, record.rate, random) for _ in range(2)]
        variants[name] = [
            Variant(record, first, "first", folder, 1.0),
            Variant(record, worse[0], "noise0", folder, 0.25),
            Variant(record, worse[1], "noise1", folder, 0.25),
            Variant(record, second, "second", folder, 0.3),
        ]
        for kind, lead in (("uneven0", first), ("uneven1", second)):
            made, shorter = early(uneven(lead, record.beats, record.rate, random), record, random)
            variants[name].append(Variant(shorter, made, kind, folder, 0.6))
    return variants


def folds(number):
    names = list(MITDB)
    numpy.random.Generator(numpy.random.PCG64(5)).shuffle(names)
    return [names[start::number] for start in range(number)]


def cross_validate(learner, variants, number):
    rows, models = {}, {}
    for fold in folds(number):
        kept = [variant for name in MITDB if name not in fold for variant in variants[name]]
        booster = learner.learn(kept)
        path = learner.save(booster, f"fold-{fold[0]}", OFFSET)
        tested = [variants[name][0] for name in fold]
        run(learner.program, tested, "trees", path)
        for variant in tested:
            rows[variant.record.name] = count(variant, beats(variant))
            models[variant.record.name] = path
    return rows, models


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--data", required=True)
    parser.add_argument("--folds", type=int, default=0)
    parser.add_argument("--no-write", action="store_true")
    parser.add_argument("--program", default=os.path.join(ROOT, ".build/release/Train"))
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        variants = prepare(arguments.data, folder)
        learner = Learner(arguments.program, folder)
        if arguments.folds:
            rows, _ = cross_validate(learner, variants, arguments.folds)
            print("| record | FN | FP | SD ms |\n| --- | --- | --- | --- |")
            for name in MITDB:
                row = rows[name]
                print(f"| {name} | {row[1]} | {row[2]} | {1000 * row[3].std():.1f} |")
            print(figures(rows.values()), f" SD {1000 * numpy.concatenate([row[3] for row in rows.values()]).std():.1f} ms")
        if not arguments.no_write:
            booster = learner.learn([variant for name in MITDB for variant in variants[name]])
            export.write(
                booster, os.path.join(ROOT, "Sources/Analysis/ECG/QRS/QRSModel.swift"), "QRSModel",
                "Says of a candidate how likely it is a QRS complex, from the features of ``QRSContext``.\n"
                "Learnt from the 24 records of the MIT-BIH Arrhythmia Database that `Training/records.py` names\n"
                "(ODC-By 1.0), as they are and with the noises of the MIT-BIH Noise Stress Test Database.",
                "Training/train_qrs.py", offset=OFFSET)


if __name__ == "__main__":
    main()
