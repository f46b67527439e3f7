"""Writes made hearts as WFDB records, to see which rhythms are taken for atrial fibrillation, and which is not.

    python Training/made_rhythms.py DATA OUT
    homeward evaluate ecg --records OUT/sick_sinus

DATA is a folder with `mitdb` and `cpsc2021`; OUT gets a folder for each rhythm. The hearts are made as those that beats
are learnt from (`made_hearts.py`), with other seeds. Those that fibrillate are made of beats of fibrillating atria.
"""
import argparse
import os
import zlib

import numpy
import wfdb

import made_hearts
import records

HOSTS = ["101", "106", "108", "112", "114", "115", "116", "119", "122", "205", "208", "209", "215", "220", "223", "230"]
FIBRILLATING = ["mitdb/201", "mitdb/203"] + [f"cpsc2021/data_{name}" for name in ("101_8", "8_2", "8_3", "8_4")]
BEATS = 300
REPEATS = 3


def fibrillating(random, cycle):
    """The beats are without P waves already."""
    for interval, _ in made_hearts.fibrillating(random, cycle):
        yield interval, made_hearts.NORMAL


SCENES = [
    made_hearts.sick_sinus, made_hearts.mostly_ectopic, made_hearts.atrial_ectopy, made_hearts.sinus_arrhythmia,
    made_hearts.atrial_runs, made_hearts.blocked, made_hearts.aberrant_ectopy, made_hearts.ventricular_pattern,
    made_hearts.both_ectopies,
]


def host(data, name, isFibrillating, lead=0):
    record = records.Record(os.path.join(data, os.path.dirname(name)), os.path.basename(name))
    signal = made_hearts.clean(record.leads[lead], record.rate)
    usable = record.symbols == "N"
    if isFibrillating:
        marks = wfdb.rdann(os.path.join(data, name), "atr")
        rhythms = [(sample, note.strip("\0")) for sample, note in zip(marks.sample, marks.aux_note) if note[:1] == "("]
        ends = [sample for sample, _ in rhythms[1:]] + [record.leads.shape[1]]
        inside = numpy.zeros(len(record.beats), bool)
        for (start, rhythm), end in zip(rhythms, ends):
            if rhythm.startswith("(AFIB"):
                inside |= (record.beats > start + 0.3 * record.rate) & (record.beats < end)
        usable = usable & inside
    return made_hearts.Host(signal, (record.beats * made_hearts.RATE / record.rate).astype(int), usable)


def write(folder, name, signal, places, classes, rhythm):
    os.makedirs(folder, exist_ok=True)
    wfdb.wrsamp(name, fs=made_hearts.RATE, units=["mV"], sig_name=["I"], p_signal=numpy.clip(signal, -9, 9)[:, None],
                fmt=["16"], adc_gain=[2000], baseline=[0], write_dir=folder)
    wfdb.wrann(name, "atr", numpy.r_[1, places], numpy.array(["+"] + ["NAV"[kind] for kind in classes]),
               aux_note=[rhythm] + [""] * len(places), fs=made_hearts.RATE, write_dir=folder)


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("data")
    parser.add_argument("output")
    arguments = parser.parse_args()
    hosts = {name: host(arguments.data, f"mitdb/{name}", False) for name in HOSTS}
    lenders = []
    for name in HOSTS:
        record = records.Record(os.path.join(arguments.data, "mitdb"), name)
        marks = record.beats[record.symbols == "V"] * made_hearts.RATE / record.rate
        if len(marks) > 20:
            lenders.append(made_hearts.lend(hosts[name], marks.astype(int)))
    plays = [(scene, name, hosts[name], lenders, "(N") for scene in SCENES for name in HOSTS]
    plays += [(fibrillating, f"{os.path.basename(name)}_{lead}", host(arguments.data, name, True, lead), [], "(AFIB")
              for name in FIBRILLATING for lead in (0, 1)]
    for scene, name, heart, lent, rhythm in plays:
        for repeat in range(REPEATS):
            random = numpy.random.default_rng(zlib.crc32(f"{scene.__name__} {name} {repeat}".encode()))
            made = made_hearts.make(heart, lent, [(scene, 1.0)], random, BEATS)
            write(os.path.join(arguments.output, scene.__name__), f"{name}_{repeat}", *made, rhythm)


if __name__ == "__main__":
    main()
