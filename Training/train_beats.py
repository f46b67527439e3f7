"""Learns the classes of beats, and writes the three models in Sources/Analysis/ECG/Beats.

    swift build -c release --product Train
    python Training/train_beats.py --data DIR [--folds] [--no-write]

DIR holds `mitdb`, `nsrdb` and `nstdb`. Learnt from both leads of each recording (`beat_signals.py`) and from hearts made
of their beats (`made_hearts.py`). With `--folds` the recordings are parted and each part is judged by models that saw
nothing of it: neither its signals, nor its beats in a made heart.
"""
import argparse
import os
import tempfile

import lightgbm
import numpy

import export
from beat_signals import (
    ATRIAL, BEATS, FEATURES, FUSION, NORMAL, PARTS, ROOT, UNMATCHED, VENTRICULAR, part, variants)
from records import NSRDB

# As in BeatModels.swift: while the atria fibrillate a ventricular beat must be surer.
VENTRICULAR_MIN, VENTRICULAR_MIN_IN_FIBRILLATION, ATRIAL_MIN = 0.4, 0.65, 0.42
PROVISIONAL_MIN = 0.5
CLUSTER_SHARE, LOG_ODDS_LIMIT = 0.2, 5.0
# As in BeatTemplates.swift and BeatIntervals.swift.
EVIDENCE_SHARE, EVIDENCE_BEATS, LOOKAHEAD = 0.02, 3, 10
GATE_BEATS, GATE_SHARE_MIN, SURE_MIN = 30, 0.3, 0.65
# A fusion beat is half a ventricular one: it counts little on either side.
FUSION_WEIGHT = 0.3
ATRIAL_WEIGHT = 3.0
# Normal beats abound: so many of them are learnt from, at so much more weight.
NORMAL_SHARE, HEALTHY_SHARE = 0.4, 0.2
# Made hearts teach what is early; the shapes of their ventricular beats are nobody's.
MADE_WEIGHT = {VENTRICULAR: 0.15, ATRIAL: 0.5}
# The second lead of most recordings is one that nobody wears at home.
SECOND_LEAD_WEIGHT = 0.5
# How many, and of what weight. The first word on a beat is soon followed by the second: fewer will do. Atrial beats are
# few, and told by many small signs: more of less weight.
TREES = {
    "ProvisionalBeatModel": (80, 0.1), "VentricularBeatModel": (200, 0.055), "SupraventricularBeatModel": (200, 0.05),
}
PARAMETERS = dict(
    objective="binary", num_leaves=10, max_depth=4, min_data_in_leaf=80, lambda_l2=10,
    feature_fraction=0.4, bagging_fraction=0.6, bagging_freq=1, max_bin=127, use_missing=False, num_threads=1,
    deterministic=True, force_row_wise=True, seed=1, verbosity=-1,
)
# More of it speaks for the class, or against.
MONOTONE = {
    VENTRICULAR: {"dominantCorrelation": -1, "dominantDifference": 1, "widthToDominant": 1, "slopeSpreadToDominant": 1},
    ATRIAL: dict.fromkeys(
        [
            "intervalToMedian10", "intervalToSlowMean", "intervalToUpperQuartile64", "intervalToMaximum10",
            "intervalToPrevious", "intervalToNext", "intervalToCentredMedian", "intervalToCentredMaximum",
            "intervalToCentredUpperQuartile", "intervalToLongMedian", "intervalToLikeMaximum",
        ],
        -1,
    ),
}
MODELS = {
    "ProvisionalBeatModel": (VENTRICULAR, False, "Ventricular or not, as soon as the beat is measured."),
    "VentricularBeatModel": (VENTRICULAR, True, "Ventricular or not, with the beats that follow."),
    "SupraventricularBeatModel": (
        ATRIAL, True, "Supraventricular or not, of a beat that is not ventricular, with those that follow."),
}


def samples(learnt, wanted, settled):
    """Rows, whether they are of the class, and weights."""
    rows, truths, weights = [], [], []
    for variant in learnt:
        if variant.kind[:-1] in ("exact", "whole"):
            continue
        truth = variant.truth
        random = numpy.random.default_rng(len(truth))
        share = HEALTHY_SHARE if variant.name in NSRDB else NORMAL_SHARE
        use = (truth <= FUSION) & ((truth != NORMAL) | (random.random(len(truth)) < share))
        weight = numpy.where(truth == NORMAL, 1 / share, 1.0)
        if wanted == VENTRICULAR:
            weight = numpy.where(truth == FUSION, FUSION_WEIGHT, weight)
        else:
            use &= truth != FUSION
            weight = numpy.where(truth == ATRIAL, ATRIAL_WEIGHT, weight)
        if variant.kind[:-1] in ("atrial", "ventricular"):
            weight = weight * MADE_WEIGHT[wanted]
        elif variant.kind.endswith("1"):
            weight = weight * SECOND_LEAD_WEIGHT
        rows.append((variant.settled if settled else variant.provisional)[use])
        truths.append(truth[use] == wanted)
        weights.append(weight[use])
    return numpy.concatenate(rows), numpy.concatenate(truths).astype(int), numpy.concatenate(weights)


def learn(learnt, name):
    wanted, settled, _ = MODELS[name]
    rows, truth, weight = samples(learnt, wanted, settled)
    monotone = [MONOTONE[wanted].get(feature, 0) for feature in FEATURES]
    data = lightgbm.Dataset(rows, truth, weight=weight, params={"max_bin": PARAMETERS["max_bin"], "use_missing": False})
    trees, rate = TREES[name]
    return lightgbm.train({**PARAMETERS, "learning_rate": rate, "monotone_constraints": monotone}, data, trees)


def log_odds(probability):
    return numpy.clip(numpy.log(probability / (1 - probability)), -LOG_ODDS_LIMIT, LOG_ODDS_LIMIT)


def with_cluster(variant, provisional, ventricular):
    """As in BeatTemplates.swift and BeatModels.swift: what the beats of the same shape say counts, too."""
    said, own, means, counts = log_odds(provisional), log_odds(ventricular), {}, {}
    evidence, heard = numpy.zeros(len(own)), 0
    for beat in range(len(own)):
        while heard < min(len(own), beat + LOOKAHEAD + 1):
            cluster = variant.learnt_by[heard]
            counts[cluster] = counts.get(cluster, 0) + 1
            mean = means.get(cluster, 0.0)
            means[cluster] = mean + (said[heard] - mean) * max(EVIDENCE_SHARE, 1 / counts[cluster])
            heard += 1
        count = counts.get(variant.fits[beat], 0)
        evidence[beat] = means.get(variant.fits[beat], 0.0) * count / (count + EVIDENCE_BEATS)
    return 1 / (1 + numpy.exp(-(own + (evidence - own) * CLUSTER_SHARE)))


def through_gate(told, isAtrial, isSure, fibrillating):
    """As AtrialGate in BeatModels.swift."""
    passed, share = isAtrial.copy(), 0.0
    for beat in numpy.flatnonzero(told == NORMAL):
        share += ((isAtrial[beat] and isSure[beat]) - share) / GATE_BEATS
        passed[beat] &= not (fibrillating[beat] and share < GATE_SHARE_MIN)
    return passed


def matrix(variant, ventricular, atrial, limits=(VENTRICULAR_MIN, ATRIAL_MIN), fibrillating=None):
    """True class (N S V F Q flutter unmatched) by told class (N S V missed)."""
    lowest = limits[0] if fibrillating is None else numpy.where(
        fibrillating, max(limits[0], VENTRICULAR_MIN_IN_FIBRILLATION), limits[0])
    told = numpy.where(ventricular >= lowest, VENTRICULAR, NORMAL)
    isAtrial = (told == NORMAL) & (atrial >= limits[1])
    if fibrillating is not None:
        isAtrial = through_gate(told, isAtrial, atrial * (1 - ventricular) >= SURE_MIN, fibrillating)
    told[isAtrial] = ATRIAL
    counts = numpy.zeros((7, 4), int)
    numpy.add.at(counts, (variant.truth, told), 1)
    numpy.add.at(counts, (variant.missed, 3), 1)
    return counts


def shares(counts, wanted):
    """Sensitivity and positive predictivity (%) as EC57 counts them: F and Q told V are no error."""
    hit, of = counts[wanted, wanted], counts[wanted].sum()
    others = [NORMAL, ATRIAL, VENTRICULAR, UNMATCHED] + ([FUSION] if wanted == ATRIAL else [])
    told = counts[sorted(set(others)), wanted].sum()
    return 100 * hit / of if of else numpy.nan, 100 * hit / told if told else numpy.nan


def line(label, counts):
    v, s = shares(counts, VENTRICULAR), shares(counts, ATRIAL)
    return (f"{label:14s} V {v[0]:6.2f} / {v[1]:6.2f} of {counts[VENTRICULAR].sum():5d}   "
            f"S {s[0]:6.2f} / {s[1]:6.2f} of {counts[ATRIAL].sum():5d}   F told V {counts[FUSION, VENTRICULAR]}")


class Judged:
    """What models that saw nothing of a recording say of it."""

    def __init__(self, variant, models):
        self.variant = variant
        self.provisional = models["ProvisionalBeatModel"].predict(variant.provisional)
        self.ventricular = with_cluster(
            variant, self.provisional, models["VentricularBeatModel"].predict(variant.settled))
        self.atrial = models["SupraventricularBeatModel"].predict(variant.settled)

    def counts(self, gated=True, limits=(VENTRICULAR_MIN, ATRIAL_MIN)):
        return matrix(self.variant, self.ventricular, self.atrial, limits,
                      self.variant.fibrillating if gated else None)


def report(judged, kind):
    kept = [one for one in judged if one.variant.kind == kind]
    lines = [f"--- {kind}, recordings that were not learnt from; the rhythm gate goes by the marks"]
    for one in kept:
        lines.append(line(one.variant.name, one.counts()))
    total = sum(one.counts() for one in kept)
    lines.append(line("all", total))
    for name in ("203", "208", "209"):
        lines.append(line(f"without {name}", sum(one.counts() for one in kept if one.variant.name != name)))
    lines.append(line("no rhythm gate", sum(one.counts(gated=False) for one in kept)))
    provisional = sum(
        matrix(one.variant, one.provisional, 0 * one.provisional, (PROVISIONAL_MIN, ATRIAL_MIN)) for one in kept)
    lines.append(line("provisional", provisional))
    lines.append("class matrix (rows N S V F Q flutter unmatched; told N S V, missed): " + str(total.tolist()))
    for limit in (0.4, 0.5, 0.6, 0.7):
        lines.append(line(f"limits {limit}", sum(one.counts(limits=(limit, limit)) for one in kept)))
    return lines


def line_of_healthy(one):
    """Of a healthy heart, whose beats are all taken as normal."""
    told = one.counts()[NORMAL]
    return (f"{one.variant.name}, {one.variant.kind}: told S {told[ATRIAL]} ({100 * told[ATRIAL] / told.sum():.2f} %), "
            f"V {told[VENTRICULAR]} of {told.sum()}")


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--data", default=os.environ.get("HOMEWARD_DATA"), required="HOMEWARD_DATA" not in os.environ)
    parser.add_argument("--program", default=os.path.join(ROOT, ".build", "release", "Train"))
    parser.add_argument("--folds", action="store_true", help="also judge each part by models that saw nothing of it")
    parser.add_argument("--no-write", action="store_true")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        every = variants(arguments.data, folder, arguments.program)
    if arguments.folds:
        judged = []
        for fold in range(PARTS):
            learnt = [variant for variant in every if part(variant.name) != fold]
            models = {name: learn(learnt, name) for name in MODELS}
            judged += [Judged(variant, models) for variant in every if part(variant.name) == fold
                       and variant.kind[:-1] in ("found", "exact", "whole")]
        judged.sort(key=lambda one: one.variant.name)
        for kind in ("found0", "exact0", "found1"):
            print("\n".join(report([one for one in judged if one.variant.name not in NSRDB], kind)), flush=True)
        print("\n".join(line_of_healthy(one) for one in judged if one.variant.kind[:-1] == "whole"))
    if not arguments.no_write:
        for name, (_, _, doc) in MODELS.items():
            export.write(
                learn(every, name), os.path.join(BEATS, name + ".swift"), name, doc, "Training/train_beats.py")


if __name__ == "__main__":
    main()
