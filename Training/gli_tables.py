"""Writes the tables of the GLI reference equations as Swift.

    python3 Training/gli_tables.py DATA/gli Sources/Analysis/Spirometry/Reference

DATA/gli holds gli2012_lookup.csv (Quanjer et al., Eur Respir J 2012; 40: 1324, supplement) and
gli_global_2022_lookup.csv (Bowerman et al., Am J Respir Crit Care Med 2023; 207: 768, supplement). Nothing is fitted here:
the splines are copied, as whole numbers, for each quarter of a year from 3 to 95.
"""

import csv
import sys
from collections import defaultdict
from pathlib import Path

METRICS = {"FEV1": "fev1", "FVC": "fvc", "FEV1FVC": "ratio"}
SEXES = {"1": "Male", "2": "Female"}
AGES = [3 + quarter / 4 for quarter in range(4 * (95 - 3) + 1)]
WIDTH = 112


def lines(numbers):
    line = "       "
    for number in numbers:
        word = f" {number},"
        if len(line) + len(word) > WIDTH:
            yield line
            line = "       "
        line += word
    yield line


def table(name, values, scale):
    numbers = [round(value * scale) for value in values]
    if not any(numbers):
        return []
    return [f"    static let {name}: [Int32] = [", *lines(numbers), "    ]"]


def write(folder, equation, sex, spline, scale, title):
    sources = {"GLI2012": "Quanjer et al., Eur Respir J 2012; 40: 1324, supplement: lookup tables",
               "GLIGlobal": "Bowerman et al., Am J Respir Crit Care Med 2023; 207: 768, supplement: lookup tables"}
    whom = "men and boys" if sex == "Male" else "women and girls"
    text = ["// swift-format-ignore-file: made by Training/gli_tables.py, not to be changed by hand.", "",
            f"/// The splines of {title} for {whom}, in 1/{scale:_}: a value for each quarter", "/// of a year from 3 to 95.",
            "///", f"/// {sources[equation]}.", f"enum {equation}{sex} {{"]
    for metric, name in METRICS.items():
        for part in ("m", "s", "l"):
            text += table(f"{name}{part.upper()}", spline(metric, part), scale)
    text.append("}")
    (folder / f"{equation}{sex}.swift").write_text("\n".join(text) + "\n")


def main():
    data, folder = Path(sys.argv[1]), Path(sys.argv[2])
    old, new = defaultdict(dict), defaultdict(dict)
    with open(data / "gli2012_lookup.csv") as file:
        for row in csv.DictReader(file):
            old[row["sex"], row["f"]][float(row["agebound"])] = row
    with open(data / "gli_global_2022_lookup.csv") as file:
        for row in csv.DictReader(file):
            new[row["sex"], row["param"]][float(row["age"])] = row
    for number, sex in SEXES.items():
        write(folder, "GLI2012", sex, lambda metric, part: [
            float(old[number, metric][age][part + "0"]) for age in AGES], 10_000, "GLI-2012")
        write(folder, "GLIGlobal", sex, lambda metric, part: [
            float(new[number, metric][age][part + "spline"]) for age in AGES], 100_000_000, "GLI Global (2022)")


main()
