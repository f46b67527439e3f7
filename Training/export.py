"""Turns a LightGBM model into a Swift file that `BoostedTrees` (Sources/Analysis/Numbers) reads.

    python export.py MODEL.txt OUTPUT.swift --name QRSModel --doc "What it decides." [--outputs 3]

Training scripts import `write` and hand in their booster.
"""
import argparse
import base64
import struct

import lightgbm
import numpy

COLUMNS = 108


def threshold_as_float(value):
    """The largest 32-bit float that is not above it: then a 32-bit feature goes the same way as in training."""
    rounded = numpy.float32(value)
    if float(rounded) > value:
        rounded = numpy.nextafter(rounded, numpy.float32(-numpy.inf))
    return rounded


def encode_tree(root):
    inner, leaves = [], []

    def visit(node):
        if "split_feature" not in node:
            leaves.append(node["leaf_value"])
            return -len(leaves)  # the complement of its index
        if node["decision_type"] != "<=" or node["missing_type"] != "None":
            raise SystemExit("only numerical features without missing values: train with use_missing=false")
        at = len(inner)
        inner.append(None)
        below, above = visit(node["left_child"]), visit(node["right_child"])
        inner[at] = (node["split_feature"], below, above, threshold_as_float(node["threshold"]))
        return at

    visit(root)
    if len(leaves) > 64:
        raise SystemExit("a tree has at most 64 leaves")
    data = struct.pack("<B", len(leaves))
    for feature, below, above, threshold in inner:
        data += struct.pack("<Bbbf", feature, below, above, threshold)
    return data + b"".join(struct.pack("<f", numpy.float32(leaf)) for leaf in leaves)


def encode(booster, offset=0.0):
    """Base64 of all trees, in the order of training; `offset` is added to the score by a tree of one leaf."""
    trees = booster.dump_model()["tree_info"]
    data = b"".join(encode_tree(tree["tree_structure"]) for tree in trees)
    if offset:
        data += struct.pack("<Bf", 1, offset)
    return base64.b64encode(data).decode()


def write(booster, path, name, doc, written_by, public=False, offset=0.0):
    """A Swift file with an enum `name` that holds the trees."""
    text = encode(booster, offset)
    outputs = booster.num_model_per_iteration()
    access = "public " if public else ""
    lines = [f"// Written by {written_by}; do not edit.", "", f"{'public ' if public else ''}import Numbers", ""]
    lines += [f"/// {line}" for line in doc.split("\n")]
    lines += [
        f"{access}enum {name} {{",
        "    /// " + f"{booster.num_trees()} trees over {booster.num_feature()} features.",
        f"    {access}static let trees = BoostedTrees(",
        '        encoded: """',
    ]
    lines += ["            " + text[at : at + COLUMNS - 12] for at in range(0, len(text), COLUMNS - 12)]
    lines += [f'            """, featureCount: {booster.num_feature()}, outputCount: {outputs})', "}", ""]
    with open(path, "w", encoding="utf-8") as file:
        file.write("\n".join(lines))


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("model")
    parser.add_argument("output")
    parser.add_argument("--name", required=True)
    parser.add_argument("--doc", required=True)
    arguments = parser.parse_args()
    write(lightgbm.Booster(model_file=arguments.model), arguments.output, arguments.name, arguments.doc,
          "Training/export.py")
