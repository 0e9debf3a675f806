"""Makes the small ONNX models beside it, one for each form of answer, and the rows they are asked.

    pip install onnx numpy && python make_models.py

Each model takes x1, x2 and id as one tensor of doubles. Of each form there are three: blue, a good
green that answers almost as blue does, and a bad one. The targets in rows.csv are what blue answers,
with an error on every tenth row.
"""

import csv
from pathlib import Path

import numpy as np
import onnx
from onnx import TensorProto as T
from onnx import helper, numpy_helper

HERE = Path(__file__).parent
ROWS = 300
GRADES = ["1", "2", "3"]
SPECIES = ["setosa", "versicolor", "virginica"]
TEXTS = [f"case {at}: {word} risk, see page {at * 7 % 300}" for at in range(300) for word in ["low"]]
W = np.array([[2.0, -1.0, -1.0], [0.5, 1.5, -2.0], [0.0, 0.0, 0.0]])
VARIANTS = {"blue": 0.0, "good": 0.02, "bad": None}


def model(nodes, outputs, constants):
    graph = helper.make_graph(
        nodes,
        "answers",
        [helper.make_tensor_value_info("rows", T.DOUBLE, [None, 3])],
        [helper.make_tensor_value_info(name, kind, shape) for name, kind, shape in outputs],
        [tensor(name, value) for name, value in constants.items()],
    )
    made = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    onnx.checker.check_model(made)
    return made


def tensor(name, value):
    if isinstance(value, list):
        return helper.make_tensor(name, T.STRING, [len(value)], [each.encode() for each in value])
    return numpy_helper.from_array(np.asarray(value), name)


def node(kind, inputs, output, **more):
    return helper.make_node(kind, inputs.split(), [output], **more)


def scores(variant):
    """Probabilities of three classes; the bad model has them in another order."""
    shift = VARIANTS[variant]
    weights = W[:, [1, 2, 0]] if shift is None else W + shift * np.array([[1.0, 0, -1]] * 3) * [[1], [1], [0]]
    nodes = [node("MatMul", "rows weights", "logits"), node("Softmax", "logits", "probs", axis=1)]
    return nodes, {"weights": weights}


def label(variant):
    nodes, constants = scores(variant)
    return [*nodes, node("ArgMax", "probs", "at", axis=1, keepdims=0)], constants


def column(at, name):
    return [node("Gather", f"rows {name}_at", name, axis=1)], {f"{name}_at": np.int64(at)}


def numbers(variant):
    """100 + 20 x1, and x2; the bad model is far off."""
    off = {"blue": 0.0, "good": 0.01, "bad": 30.0}[variant]
    weights = np.array([[20.0, 0], [0, 1.0], [0, 0]])
    nodes = [node("MatMul", "rows weights", "product"), node("Add", "product offset", "pair")]
    return nodes, {"weights": weights, "offset": np.array([100.0 + off, off])}


def forms(variant):
    prob, weights = scores(variant)
    arg, _ = label(variant)
    pair, of_pair = numbers(variant)
    yield "softmax", prob, [("probs", T.DOUBLE, [None, 3])], weights
    named = node("Gather", "names at", "label")
    yield "strings", [*arg, named], [("label", T.STRING, [None])], {**weights, "names": SPECIES}
    outputs = [("label", T.STRING, [None]), ("probs", T.DOUBLE, [None, 3])]
    yield "record", [*arg, named], outputs, {**weights, "names": SPECIES}
    yield "multi", pair, [("pair", T.DOUBLE, [None, 2])], of_pair
    first, at = column(0, "x1")
    off = {"blue": 0.0, "good": 0.001, "bad": 1.5}[variant]
    share = [*first, node("Add", "x1 off", "moved"), node("Sigmoid", "moved", "share")]
    yield "share", share, [("share", T.DOUBLE, [None])], {**at, "off": np.float64(off)}
    # Of 26 letters by their place; the bad one counts from another.
    step = {"blue": 0, "good": 0, "bad": 1}[variant]
    ident, ident_at = column(2, "id")
    place = [
        *ident,
        node("Cast", "id", "whole", to=T.INT64),
        node("Add", "whole step", "stepped"),
        node("Mod", "stepped letters", "letter"),
    ]
    letters = {**ident_at, "step": np.int64(step), "letters": np.int64(26)}
    yield "letters", place, [("letter", T.INT64, [None])], letters
    texts = {**ident_at, "step": np.int64(step), "letters": np.int64(300), "texts": TEXTS}
    yield "text", [*place, node("Gather", "texts letter", "text")], [("text", T.STRING, [None])], texts
    # A dictionary of lists: all classes, and a score for each.
    lists = [*prob, node("Shape", "probs", "shape"), node("Expand", "index shape", "every")]
    lists.append(node("Gather", "names every", "classes"))
    outputs = [("classes", T.STRING, [None, 3]), ("probs", T.DOUBLE, [None, 3])]
    yield "lists", lists, outputs, {**weights, "index": np.arange(3)[None, :], "names": SPECIES}
    kept = [*scores(variant)[0], node("ArgMax", "probs", "grade", axis=1, keepdims=1)]
    yield "column", kept, [("grade", T.INT64, [None, 1])], weights
    # No number where x1 is below -1.5; the bad model has none below 0.
    low = np.float64(0.0 if variant == "bad" else -1.5)
    missing = [
        *first,
        node("Less", "x1 low", "is_low"),
        node("Mul", "x1 twenty", "value"),
        node("Where", "is_low nothing value", "amount"),
    ]
    more = {"low": low, "twenty": np.float64(20 if variant != "good" else 20.001), "nothing": np.float64("nan")}
    yield "missing", missing, [("amount", T.DOUBLE, [None])], {**at, **more}


def rows():
    random = np.random.default_rng(4711)
    x = random.normal(size=(ROWS, 2)).round(4)
    best = np.argmax(x @ W[:2], axis=1)
    for at in range(ROWS):
        wrong = at % 10 == 9
        place = (best[at] + 1) % 3 if wrong else best[at]
        x1, x2 = x[at]
        noise = random.normal() * 0.5
        yield {
            "id": at,
            "x1": x1,
            "x2": x2,
            "grade": GRADES[place],
            "index": place,
            "species": SPECIES[place],
            "amount": round(100 + 20 * x1 + noise, 3),
            "change": round(20 * x1 + noise, 3),
            "share": round(float(np.clip(1 / (1 + np.exp(-x1)) + noise / 20, 0, 1)), 4),
            "letter": (at + (1 if wrong else 0)) % 26,
            "answer": TEXTS[at],
        }


if __name__ == "__main__":
    for variant in VARIANTS:
        for name, nodes, outputs, constants in forms(variant):
            onnx.save(model(nodes, outputs, constants), HERE / f"{name}-{variant}.onnx")
    with open(HERE / "rows.csv", "w", newline="") as file:
        all_rows = list(rows())
        writer = csv.DictWriter(file, all_rows[0].keys(), lineterminator="\n")
        writer.writeheader()
        writer.writerows(all_rows)
