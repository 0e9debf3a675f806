"""Train the three sample models and write them as MLflow folders under heart-classifier/.

Each model is one scikit-learn pipeline from the 13 raw columns of heart.csv to a class (0 or 1), and is
saved twice in its folder: pickled, which is what Azure serves, and as ONNX, which the sandbox serves.

    v1            ten stumps
    v2            a hundred stumps that learn more slowly: better on the held-out rows and on the whole file
    v3-regressed  v2 again, trained on an extract whose columns came back sorted by name and got the
                  old header pasted on top. On its own extract it scores as v2 does; served, it fails.

Usage: pip install -r requirements.txt && python train.py
A rerun with the same Python and packages writes the same bytes.
"""

import hashlib
import logging
import os
import platform
import shutil
import uuid
from dataclasses import dataclass
from pathlib import Path

# Before numpy is loaded: more threads gain nothing on 300 rows and may change the order of sums.
os.environ.setdefault("OMP_NUM_THREADS", "1")

import mlflow
import numpy as np
import pandas as pd
from mlflow.models import Model, ModelSignature
from mlflow.types import ColSpec, DataType, Schema
from onnx import ModelProto, NodeProto, TensorProto, save_model
from onnx import __version__ as onnx_version
from onnx.helper import make_node
from onnxmltools.convert.xgboost.operator_converters.XGBoost import convert_xgboost
from skl2onnx import convert_sklearn, update_registered_converter
from skl2onnx.common.data_types import DoubleTensorType, Int64TensorType, StringTensorType
from skl2onnx.common.shape_calculator import calculate_linear_classifier_output_shapes
from sklearn.compose import ColumnTransformer
from sklearn.model_selection import train_test_split
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import OneHotEncoder
from xgboost import XGBClassifier

HERE = Path(__file__).parent
TARGET = "target"
MEASURED = ["age", "sex", "trestbps", "chol", "fbs", "thalach", "exang", "oldpeak", "ca"]
CODES = ["cp", "restecg", "slope", "thal"]

SEED = 2024
HOLDOUT_ROWS = 91
EXAMPLE_ROWS = 5

# The day these samples were first created; fixed, so that a rerun changes nothing.
CREATED = "2026-11-22 00:00:00.000000"
# ONNX that runtimes of the last years read; newer opsets would bring nothing for trees.
OPSET = {"": 16, "ai.onnx.ml": 3}
ONNX_FILE = "model.onnx"

# What an Azure container installs when it starts. MLflow stays on 2.x: 3.7 and later crash the scoring
# script of no-code deployments; the last two packages are imported by that script.
SERVING_PINS = [
    "mlflow==2.22.5",
    "scikit-learn==1.6.1",
    "xgboost==2.1.4",
    "numpy==2.4.6",
    "pandas==2.3.3",
    "scipy==1.17.1",
    "cloudpickle==3.1.2",
    "azureml-inference-server-http==1.5.1",
    "azureml-ai-monitoring==1.0.0",
]


@dataclass(frozen=True)
class Version:
    """One model version: its folder, its booster's settings, and how its training rows are extracted."""

    folder: str
    trees: int
    learning_rate: float
    sorted_extract: bool = False


VERSIONS = [
    Version("v1", trees=10, learning_rate=0.3),
    Version("v2", trees=100, learning_rate=0.1),
    Version("v3-regressed", trees=100, learning_rate=0.1, sorted_extract=True),
]


def read_data() -> tuple[pd.DataFrame, pd.Series]:
    """(303, 13) raw columns and (303,) classes."""
    data = pd.read_csv(HERE / "heart.csv")
    return data.drop(columns=TARGET), data[TARGET]


def split_rows(classes: pd.Series) -> tuple[np.ndarray, np.ndarray]:
    """Positions of the (212,) rows to train on and of the (91,) held out, stratified by class."""
    return train_test_split(np.arange(len(classes)), test_size=HOLDOUT_ROWS, random_state=SEED, stratify=classes)


def with_pasted_header(rows: pd.DataFrame) -> pd.DataFrame:
    """The same shape with the measured columns sorted by name under the unsorted header: v3's mistake.

    `ca` ends up holding blood pressure, `oldpeak` heart rate and so on; nothing fails, as all are numbers.
    """
    pasted = rows.copy()
    for header, source in zip(MEASURED, sorted(MEASURED), strict=True):
        pasted[header] = rows[source]
    return pasted


def make_pipeline(version: Version) -> Pipeline:
    """Raw columns -> (n, 9 measured + 13 one-hot) -> class."""
    columns = ColumnTransformer(
        [
            ("measured", "passthrough", MEASURED),
            ("codes", OneHotEncoder(handle_unknown="ignore", sparse_output=False), CODES),
        ],
        # A sparse matrix would make XGBoost read every 0 as missing.
        sparse_threshold=0,
    )
    booster = XGBClassifier(
        n_estimators=version.trees,
        learning_rate=version.learning_rate,
        max_depth=1,
        tree_method="exact",
        n_jobs=1,
        random_state=SEED,
    )
    return Pipeline([("columns", columns), ("booster", booster)])


def signature(rows: pd.DataFrame) -> ModelSignature:
    """Names and types of the raw columns, in the CSV's order, and one `long` class called `label`."""
    types = {"i": DataType.long, "f": DataType.double, "O": DataType.string}
    inputs = Schema([ColSpec(types[rows[name].dtype.kind], name) for name in rows.columns])
    return ModelSignature(inputs=inputs, outputs=Schema([ColSpec(DataType.long, "label")]))


def to_onnx(pipeline: Pipeline, rows: pd.DataFrame) -> ModelProto:
    """The pipeline as ONNX: an (n, 1) tensor for each raw column -> `label` (n,), `probabilities` (n, 2)."""
    update_registered_converter(
        XGBClassifier,
        "XGBClassifier",
        calculate_linear_classifier_output_shapes,
        convert_xgboost,
        options={"nocl": [True, False], "zipmap": [True, False, "columns"]},
    )
    types = {"i": Int64TensorType, "f": DoubleTensorType, "O": StringTensorType}
    model = convert_sklearn(
        pipeline,
        name="heart-classifier",
        initial_types=[(column, types[rows[column].dtype.kind]([None, 1])) for column in rows.columns],
        # Maps, the default for classifiers, can't be read by the web build of ONNX Runtime.
        options={id(pipeline): {"zipmap": False}},
        target_opset=OPSET,
    )
    compare_as_xgboost(model)
    put_in_fixed_order(model)
    return model


def compare_as_xgboost(model: ModelProto) -> None:
    """Cast the trees' input to float32, in place.

    XGBoost does so; compared in float64, a value on a threshold could turn the other way.
    """
    (trees,) = (node for node in model.graph.node if node.op_type == "TreeEnsembleClassifier")
    cast = make_node("Cast", list(trees.input), ["features_float32"], name="features_float32", to=TensorProto.FLOAT)
    trees.input[0] = cast.output[0]
    model.graph.node.append(cast)


def put_in_fixed_order(model: ModelProto) -> None:
    """Sort what the converter leaves in an order that changes from run to run, in place.

    Nodes are sorted by their distance from the inputs, then by name.
    """
    maker = {output: node for node in model.graph.node for output in node.output}

    def depth(node: NodeProto) -> int:
        return 1 + max((depth(maker[source]) for source in node.input if source in maker), default=0)

    for items, key in (
        (model.graph.node, lambda node: (depth(node), node.output[0])),
        (model.graph.initializer, lambda constant: constant.name),
        (model.opset_import, lambda opset: opset.domain),
    ):
        ordered = sorted(items, key=key)
        del items[:]
        items.extend(ordered)


def accuracy(pipeline: Pipeline, rows: pd.DataFrame, classes: pd.Series) -> float:
    """The fraction of rows classified right, to four places."""
    return round(float((pipeline.predict(rows) == classes).mean()), 4)


def conda_env() -> dict:
    """The environment a server builds, as in conda.yaml: the Python that pickled the model, and the pins."""
    return {
        "name": "heart-classifier",
        "channels": ["conda-forge"],
        "dependencies": [f"python={platform.python_version()}", "pip=24.3.1", {"pip": SERVING_PINS}],
    }


def save(pipeline: Pipeline, graph: ModelProto, folder: Path, rows: pd.DataFrame, metadata: dict) -> None:
    """Write the MLflow folder again: the sklearn and pyfunc flavors by MLflow, the ONNX one beside them."""
    shutil.rmtree(folder, ignore_errors=True)
    content = hashlib.sha256(graph.SerializeToString()).digest()
    mlflow.sklearn.save_model(
        pipeline,
        folder,
        conda_env=conda_env(),
        mlflow_model=Model(utc_time_created=CREATED, model_uuid=uuid.UUID(bytes=content[:16], version=4).hex),
        signature=signature(rows),
        input_example=rows.head(EXAMPLE_ROWS),
        metadata=metadata,
    )
    save_model(graph, folder / ONNX_FILE)
    # The keys mlflow.onnx.save_model writes; it can't be asked to add a flavor to an existing folder.
    written = Model.load(folder)
    written.add_flavor("onnx", onnx_version=onnx_version, data=ONNX_FILE, providers=["CPUExecutionProvider"], code=None)
    written.save(folder / "MLmodel")


def train(version: Version, rows: pd.DataFrame, classes: pd.Series) -> tuple[Pipeline, dict]:
    """Fit one version on the training rows, measure it on the held-out ones as they are served, and save it."""
    kept, held = split_rows(classes)
    extract = with_pasted_header(rows) if version.sorted_extract else rows
    pipeline = make_pipeline(version).fit(extract.iloc[kept], classes.iloc[kept])
    metadata = {
        "holdout_accuracy": accuracy(pipeline, rows.iloc[held], classes.iloc[held]),
        # What its own training run reported: for v3, the reason why nobody noticed.
        "own_extract_accuracy": accuracy(pipeline, extract.iloc[held], classes.iloc[held]),
        "holdout_rows": len(held),
        "train_rows": len(kept),
        "train_seed": SEED,
    }
    save(pipeline, to_onnx(pipeline, rows), HERE / "heart-classifier" / version.folder, rows, metadata)
    return pipeline, metadata


def main() -> None:
    # MLflow would warn, once a model, that the two packages only a server needs are not installed here.
    logging.getLogger("mlflow.utils.requirements_utils").setLevel(logging.ERROR)
    rows, classes = read_data()
    first = None
    print("| model | own extract, held out | as served, held out | as served, whole file | classes unlike v1's |")
    print("| --- | --- | --- | --- | --- |")
    for version in VERSIONS:
        pipeline, metadata = train(version, rows, classes)
        labels = pipeline.predict(rows)
        first = labels if first is None else first
        shares = metadata["own_extract_accuracy"], metadata["holdout_accuracy"], accuracy(pipeline, rows, classes)
        cells = [version.folder, *(f"{share:.2%}" for share in shares), f"{(labels != first).sum()} of {len(rows)}"]
        print(f"| {' | '.join(cells)} |")


if __name__ == "__main__":
    main()
