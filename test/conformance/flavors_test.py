"""The sample models say the same through both their flavors, and what their metadata says is true.

Azure answers from the pickled pipeline, the sandbox from the ONNX file: if they differed on a row, a
rollout rehearsed in the sandbox would prove nothing.

Usage: pip install -r requirements-flavors.txt && pytest flavors_test.py
"""

import json
import re
from pathlib import Path

import mlflow
import numpy as np
import onnxruntime
import pandas as pd
import pytest
import yaml
from mlflow.models import Model
from sklearn.model_selection import train_test_split

CLIENTS = ("mlflow",)
SAMPLES = Path(__file__).parents[2] / "samples"
MODELS = SAMPLES / "heart-classifier"
FOLDERS = ["v1", "v2", "v3-regressed"]
DATA = pd.read_csv(SAMPLES / "heart.csv")
ROWS, CLASSES = DATA.drop(columns="target"), DATA["target"]
TENSORS = {"tensor(int64)": np.int64, "tensor(double)": np.float64, "tensor(string)": object}
# XGBoost sums its trees in float32, in another order than ONNX Runtime does.
ROUNDING = 1e-6


@pytest.fixture(autouse=True, scope="module")
def tracking_folder(tmp_path_factory):
    """MLflow makes its tracking folder on loading, by default where pytest was started."""
    mlflow.set_tracking_uri(tmp_path_factory.mktemp("mlruns").as_uri())


def served(folder: str, rows: pd.DataFrame = ROWS) -> np.ndarray:
    """(n,) classes as Azure's server computes them: through pyfunc, which enforces the signature."""
    return np.asarray(mlflow.pyfunc.load_model(str(MODELS / folder)).predict(rows))


def through_onnx(folder: str, rows: pd.DataFrame = ROWS) -> tuple[np.ndarray, np.ndarray]:
    """(n,) classes and (n, 2) probabilities from the ONNX file that MLmodel names."""
    data = Model.load(MODELS / folder).flavors["onnx"]["data"]
    session = onnxruntime.InferenceSession(MODELS / folder / data, providers=["CPUExecutionProvider"])
    feed = {i.name: rows[[i.name]].to_numpy().astype(TENSORS[i.type]) for i in session.get_inputs()}
    return session.run(["label", "probabilities"], feed)


def accuracy(folder: str, rows=slice(None)) -> float:
    return float((served(folder, ROWS.iloc[rows]) == CLASSES.iloc[rows]).mean())


@pytest.mark.parametrize("folder", FOLDERS)
def test_both_flavors_give_each_patient_the_same_class(folder):
    labels, _ = through_onnx(folder)
    np.testing.assert_array_equal(labels, served(folder))


@pytest.mark.parametrize("folder", FOLDERS)
def test_both_flavors_agree_right_beside_every_threshold(folder):
    pipeline = mlflow.sklearn.load_model(str(MODELS / folder))
    trees = pipeline["booster"].get_booster().trees_to_dataframe()
    at = list(pipeline["columns"].transformers_[0][2]).index("oldpeak")
    thresholds = trees.loc[trees["Feature"] == f"f{at}", "Split"].unique()
    near = [side for t in thresholds for side in (np.nextafter(t, -9), t, np.nextafter(t, 9), round(float(t), 6))]
    beside = pd.concat([ROWS.assign(oldpeak=value) for value in [0.0, *near]])
    _, probabilities = through_onnx(folder, beside)
    np.testing.assert_allclose(probabilities, pipeline.predict_proba(beside), atol=ROUNDING)


@pytest.mark.parametrize("folder", FOLDERS)
def test_an_unknown_category_is_no_category_in_both_flavors(folder):
    odd = ROWS.assign(thal="2", cp=0)
    np.testing.assert_array_equal(through_onnx(folder, odd)[0], served(folder, odd))


@pytest.mark.parametrize("folder", FOLDERS)
def test_the_signature_is_the_csv_and_the_onnx_inputs(folder):
    signature = Model.load(MODELS / folder).signature
    expected = {name: "double" if name == "oldpeak" else "string" if name == "thal" else "long" for name in ROWS}
    assert {column.name: column.type.name for column in signature.inputs} == expected
    assert [(column.name, column.type.name) for column in signature.outputs] == [("label", "long")]
    session = onnxruntime.InferenceSession(MODELS / folder / "model.onnx", providers=["CPUExecutionProvider"])
    tensors = {"long": "tensor(int64)", "double": "tensor(double)", "string": "tensor(string)"}
    assert {i.name: i.type for i in session.get_inputs()} == {name: tensors[kind] for name, kind in expected.items()}
    assert all(i.shape[1:] == [1] for i in session.get_inputs())


@pytest.mark.parametrize("folder", FOLDERS)
def test_the_metadata_is_what_a_new_measurement_gives(folder):
    metadata = Model.load(MODELS / folder).metadata
    kept, held = train_test_split(
        np.arange(len(DATA)),
        test_size=metadata["holdout_rows"],
        random_state=metadata["train_seed"],
        stratify=CLASSES,
    )
    assert len(kept) == metadata["train_rows"]
    assert accuracy(folder, held) == pytest.approx(metadata["holdout_accuracy"], abs=5e-5)


def test_the_sample_request_is_the_first_patients_and_is_served():
    request = json.loads((SAMPLES / "sample.json").read_text())["input_data"]
    frame = pd.DataFrame(**request)
    pd.testing.assert_frame_equal(frame, ROWS.head(len(frame)))
    np.testing.assert_array_equal(served("v1", frame), served("v1")[: len(frame)])


def test_v2_is_better_than_v1_and_differs_on_few_patients():
    held_out = {folder: Model.load(MODELS / folder).metadata["holdout_accuracy"] for folder in FOLDERS}
    assert held_out["v2"] > held_out["v1"]
    assert accuracy("v2") > accuracy("v1")
    flips = int((served("v1") != served("v2")).sum())
    assert 0 < flips <= 0.04 * len(DATA)


def test_v3_is_far_worse_than_v1_though_its_own_extract_hid_it():
    assert accuracy("v3-regressed") <= accuracy("v1") - 0.15
    assert Model.load(MODELS / "v3-regressed").metadata["own_extract_accuracy"] >= 0.85


@pytest.mark.parametrize("folder", FOLDERS)
def test_azure_can_serve_the_folder_without_code(folder):
    flavors = Model.load(MODELS / folder).flavors
    assert {"python_function", "sklearn", "onnx"} <= set(flavors)
    conda = yaml.safe_load((MODELS / folder / "conda.yaml").read_text())
    python = next(d for d in conda["dependencies"] if isinstance(d, str) and d.startswith("python="))
    assert re.match(r"python=3\.1[0-2]\.", python)
    pins = dict(line.split("==") for d in conda["dependencies"] if isinstance(d, dict) for line in d["pip"])
    # 3.7 and later crash the scoring script of no-code deployments.
    assert pins["mlflow"].startswith("2.")
    assert {"azureml-inference-server-http", "azureml-ai-monitoring", "scikit-learn", "xgboost"} <= set(pins)


@pytest.mark.parametrize("folder", FOLDERS)
def test_the_folder_is_small(folder):
    assert sum(file.stat().st_size for file in (MODELS / folder).rglob("*")) < 1_000_000
