"""Kinds of models, each saved as a folder by MLflow, with what a caller sends and what pyfunc is given for it."""

import dataclasses
import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import cloudpickle
import lightgbm
import mlflow
import numpy as np
import onnx
import onnxmltools
import pandas as pd
import statsmodels.api
import xgboost
import yaml
from mlflow.models import ModelSignature, infer_signature
from mlflow.types import ColSpec, DataType, ParamSchema, ParamSpec, Schema, TensorSpec
from mlflow.types.schema import AnyType, Array
from onnxmltools.convert.common.data_types import FloatTensorType
from skl2onnx import to_onnx
from sklearn.compose import ColumnTransformer
from sklearn.datasets import load_breast_cancer, load_diabetes
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LinearRegression, LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer, StandardScaler

# The models' own classes are not to be imported where they are served.
cloudpickle.register_pickle_by_value(sys.modules[__name__])

CONDA = {
    "dependencies": [
        "python=3.11.7",
        {"pip": ["mlflow==2.22.5", "azureml-inference-server-http", "azureml-ai-monitoring"]},
    ]
}
_cancer = load_breast_cancer(as_frame=True)
CANCER, BENIGN = _cancer.data[["mean radius", "mean texture", "worst concave points"]], _cancer.target
_diabetes = load_diabetes(as_frame=True)
DIABETES, PROGRESSION = _diabetes.data[["bmi", "bp", "s5"]], _diabetes.target
MATRIX = np.ascontiguousarray(DIABETES)
VISITS = pd.DataFrame(
    {
        "at": pd.date_range("2024-01-30 22:30", periods=80, freq="7h"),
        "smokes": [at % 3 == 0 for at in range(80)],
        "note": [["no pain", "chest pain", "pain on effort, ÄÖ", ""][at % 4] for at in range(80)],
        "age": np.arange(20, 100),
        "pressure": [None if at % 5 == 0 else 110 + at / 4 for at in range(80)],
    }
)
_sick = (VISITS["age"] % 2).to_numpy()
_labels = make_pipeline(StandardScaler(), LogisticRegression()).fit(CANCER, BENIGN)
_words = make_pipeline(StandardScaler(), LogisticRegression()).fit(
    CANCER, np.where(BENIGN == 1, "benign", "malignant")
)
_regressor = LinearRegression().fit(DIABETES, PROGRESSION)
_booster = xgboost.XGBRegressor(n_estimators=20, max_depth=3).fit(DIABETES, PROGRESSION)
_leaves = {"n_estimators": 20, "num_leaves": 7, "verbose": -1}


@dataclasses.dataclass(frozen=True)
class Kind:
    name: str
    save: Callable[[Path], None]
    # What pyfunc is given. A frame is sent as columns and rows, arrays as they are.
    given: Any
    params: dict | None = None
    served_by: str = "mlflow"
    # Another form of `given`, as a caller may send it.
    sent: Any = None

    @property
    def body(self):
        sent = self.sent if self.sent is not None else _json(self.given)
        return {"input_data": sent} | ({"params": self.params} if self.params else {})


def _json(given):
    if isinstance(given, pd.DataFrame):
        # Every digit of a number: pandas writes 15 at most.
        rows = [[_value(one) for one in row] for row in given.itertuples(index=False)]
        return {"columns": list(given.columns), "index": list(range(len(rows))), "data": rows}
    if isinstance(given, dict):
        return {name: value.tolist() for name, value in given.items()}
    return given.tolist() if isinstance(given, np.ndarray) else given


def _value(value):
    if isinstance(value, pd.Timestamp):
        return value.isoformat()
    return None if value is pd.NA or value != value else getattr(value, "item", lambda: value)()


def _sklearn(model, rows, answer=None, flavor=None, **more):
    """`flavor`: the same model as ONNX, written beside it."""

    def save(folder):
        signature = infer_signature(rows, answer) if answer is not None else None
        mlflow.sklearn.save_model(model, folder, signature=signature, conda_env=CONDA, **more)
        if flavor is not None:
            _add_onnx(folder, flavor)

    return save


def _add_onnx(folder, model):
    onnx.save(model, str(folder / "model.onnx"))
    _edit(folder, lambda mlmodel: mlmodel["flavors"].update(onnx={"data": "model.onnx"}))


def _edit(folder, change):
    mlmodel = yaml.safe_load((folder / "MLmodel").read_text())
    change(mlmodel)
    (folder / "MLmodel").write_text(yaml.safe_dump(mlmodel))


def _trees(flavor, model, rows, answer, converted=None):
    def save(folder):
        module = getattr(mlflow, flavor)
        module.save_model(model, folder, signature=infer_signature(rows, answer), conda_env=CONDA)
        if converted is not None:
            _add_onnx(folder, converted)

    return save


def _python(function, inputs, params=None, outputs=None):
    class Model(mlflow.pyfunc.PythonModel):
        def predict(self, context, model_input, params=None):
            return function(model_input) if params is None else function(model_input, **params)

    def save(folder):
        signature = None
        if inputs is not None:
            signature = ModelSignature(Schema(inputs), outputs, ParamSchema(params) if params else None)
        mlflow.pyfunc.save_model(folder, python_model=Model(), signature=signature, conda_env=CONDA)

    return save


def _columns(rows):
    return infer_signature(rows).inputs.inputs


def _by_mlflow_1_30(folder):
    """As 1.30 wrote it: a file's name for the environment, no `required`, no members of later versions."""
    _sklearn(_labels, CANCER, _labels.predict(CANCER))(folder)

    def change(mlmodel):
        pyfunc = mlmodel["flavors"]["python_function"]
        inputs = [{"name": name, "type": "double"} for name in CANCER]
        outputs = [{"type": "tensor", "tensor-spec": {"dtype": "int64", "shape": [-1]}}]
        kept = {key: mlmodel[key] for key in ("flavors", "model_uuid", "utc_time_created")}
        pyfunc["env"] = "conda.yaml"
        mlmodel.clear()
        mlmodel.update(kept, artifact_path="model", run_id="0" * 32, mlflow_version="1.30.0")
        mlmodel["signature"] = {"inputs": json.dumps(inputs), "outputs": json.dumps(outputs)}

    _edit(folder, change)


def _by_mlflow_3(folder):
    """As 3.15 writes a model without type hints: a column of any type, and an id of its own."""
    _python(lambda rows: rows.sum(axis=1), [ColSpec(AnyType())])(folder)
    _edit(
        folder,
        lambda mlmodel: mlmodel.update(
            mlflow_version="3.15.0", artifact_path="models:/m-" + "0" * 32, model_id="m-" + "0" * 32, prompts=None
        ),
    )


def _onnx_alone(folder):
    signature = infer_signature(DIABETES, pd.DataFrame({"variable": [0.5]}))
    model = to_onnx(_regressor, MATRIX[:1].astype(np.float32), target_opset=17)
    mlflow.onnx.save_model(model, folder, signature=signature, conda_env=CONDA)


def _statsmodels(folder):
    results = statsmodels.api.OLS(PROGRESSION, DIABETES).fit()
    signature = infer_signature(DIABETES, results.predict(DIABETES))
    mlflow.statsmodels.save_model(results, folder, signature=signature, conda_env=CONDA)


def _onnx_columns(model, **options):
    return to_onnx(model, CANCER[:1].astype(np.float32), target_opset=17, **options)


def _text(rows):
    columns = ColumnTransformer([("note", TfidfVectorizer(), "note")])
    return make_pipeline(columns, LogisticRegression()).fit(rows, _sick)


def _hours(rows):
    return pd.DataFrame({"hour": rows["at"].dt.hour, "day": rows["at"].dt.dayofweek})


def _dated(rows):
    return make_pipeline(FunctionTransformer(_hours), LogisticRegression()).fit(rows, _sick)


def _kinds():
    proba = _words.predict_proba(CANCER)
    xgb = xgboost.XGBClassifier(n_estimators=20, max_depth=3).fit(CANCER.to_numpy(), BENIGN)
    lgbm = lightgbm.LGBMClassifier(**_leaves).fit(CANCER.to_numpy(), BENIGN)
    gbm = lightgbm.LGBMRegressor(**_leaves).fit(DIABETES, PROGRESSION)
    as_floats = {"initial_types": [("rows", FloatTensorType([None, 3]))], "target_opset": 15}
    yield Kind(
        "sklearn, numbers as labels, ONNX",
        _sklearn(_labels, CANCER, _labels.predict(CANCER), _onnx_columns(_labels)),
        CANCER,
        served_by="onnx",
    )
    yield Kind(
        "sklearn, words as labels, ONNX",
        _sklearn(_words, CANCER, _words.predict(CANCER), _onnx_columns(_words)),
        CANCER,
        served_by="onnx",
    )
    yield Kind(
        "sklearn, predict_proba, ONNX",
        _sklearn(
            _words,
            CANCER,
            proba,
            _onnx_columns(_words, options={"zipmap": False}),
            pyfunc_predict_fn="predict_proba",
        ),
        CANCER,
        served_by="onnx",
    )
    yield Kind(
        "sklearn, predict_proba with ZipMap, ONNX",
        _sklearn(_words, CANCER, proba, _onnx_columns(_words), pyfunc_predict_fn="predict_proba"),
        CANCER,
    )
    yield Kind(
        "sklearn, regressor, ONNX",
        _sklearn(
            _regressor,
            DIABETES,
            _regressor.predict(DIABETES),
            to_onnx(_regressor, MATRIX[:1].astype(np.float32), target_opset=17),
        ),
        DIABETES,
        served_by="onnx",
    )
    yield Kind("MLflow's own ONNX flavor", _onnx_alone, DIABETES, served_by="onnx")
    yield Kind(
        "XGBoost, classifier, ONNX",
        _trees("xgboost", xgb, CANCER, xgb.predict(CANCER), onnxmltools.convert_xgboost(xgb, **as_floats)),
        CANCER,
        served_by="onnx",
    )
    yield Kind(
        "XGBoost, Booster",
        _trees("xgboost", _booster.get_booster(), DIABETES, _booster.predict(DIABETES)),
        DIABETES,
    )
    yield Kind(
        "LightGBM, classifier, ONNX",
        _trees(
            "lightgbm",
            lgbm,
            CANCER,
            lgbm.predict(CANCER),
            onnxmltools.convert_lightgbm(lgbm, zipmap=False, **as_floats),
        ),
        CANCER,
        served_by="onnx",
    )
    yield Kind(
        "LightGBM, Booster",
        _trees("lightgbm", gbm.booster_, DIABETES, gbm.predict(DIABETES)),
        DIABETES,
    )
    yield Kind("statsmodels", _statsmodels, DIABETES)
    yield Kind(
        "pyfunc, frame",
        _python(lambda rows: pd.DataFrame({"sum": rows.sum(axis=1), "high": rows["bmi"] > 0}), _columns(DIABETES)),
        DIABETES,
    )
    yield Kind(
        "pyfunc, dict",
        _python(
            lambda rows: {"sum": rows.sum(axis=1).to_numpy(), "count": len(rows), "note": None},
            _columns(DIABETES),
        ),
        DIABETES,
    )
    yield Kind(
        "pyfunc, list of strings",
        _python(lambda rows: [text.upper() for text in rows.iloc[:, 0]], [ColSpec(DataType.string)]),
        list(VISITS["note"]),
    )
    yield Kind(
        "pyfunc, numbers that no double holds",
        _python(lambda rows: (rows["age"] + 2**53).to_numpy(), _columns(VISITS[["age"]])),
        VISITS[["age"]],
    )
    ids = pd.DataFrame({"id": [2**53 + 1, 2**63 - 1, -(2**63), 7] * 5})
    yield Kind(
        "pyfunc, ids that no double holds",
        _python(lambda rows: rows["id"].to_numpy(), _columns(ids)),
        ids,
    )
    yield Kind(
        "text",
        _sklearn(_text(VISITS[["note"]]), VISITS[["note"]], _sick),
        VISITS[["note"]],
    )
    yield Kind("datetime", _sklearn(_dated(VISITS[["at"]]), VISITS[["at"]], _sick), VISITS[["at"]])
    yield Kind(
        "boolean",
        _python(lambda rows: [bool(one) for one in ~rows["smokes"]], _columns(VISITS[["smokes", "age"]])),
        VISITS[["smokes", "age"]],
    )
    optional = [ColSpec(DataType.long, "age"), ColSpec(DataType.double, "pressure", required=False)]
    yield Kind(
        "optional column, missing",
        _python(lambda rows: [f"{list(rows)} {len(rows)}" for _ in range(len(rows))], optional),
        VISITS[["age"]],
    )
    yield Kind(
        "optional column, empty in places",
        _python(lambda rows: rows["pressure"] * 2, optional),
        VISITS[["age", "pressure"]],
    )
    yield Kind(
        "params",
        _python(
            lambda rows, times, name: [f"{name}{value}" for value in rows["age"] * times],
            _columns(VISITS[["age"]]),
            params=[ParamSpec("times", DataType.long, 1), ParamSpec("name", DataType.string, "n")],
        ),
        VISITS[["age"]],
        params={"times": 3},
    )
    yield Kind(
        "tensor",
        _python(lambda array: array * 2, [TensorSpec(np.dtype("float64"), (-1, 3))]),
        MATRIX,
    )
    yield Kind(
        "tensors by name",
        _python(
            lambda arrays: {"sum": arrays["x"].sum(axis=(1, 2)), "y": arrays["y"]},
            [
                TensorSpec(np.dtype("float32"), (-1, 3, 2), "x"),
                TensorSpec(np.dtype("int64"), (-1,), "y"),
            ],
        ),
        {
            "x": np.linspace(0, 1, 120, dtype=np.float32).reshape(20, 3, 2),
            "y": np.arange(20, dtype=np.int64),
        },
    )
    yield Kind("no signature, frame", _sklearn(_regressor, DIABETES), DIABETES)
    yield Kind("no signature, array", _sklearn(LinearRegression().fit(MATRIX, PROGRESSION), DIABETES), MATRIX)
    yield Kind(
        "lists in a column",
        _python(
            lambda rows: [float(sum(values)) for values in rows["values"]],
            [ColSpec(Array(DataType.double), "values")],
        ),
        pd.DataFrame({"values": MATRIX.tolist()}),
    )
    yield Kind("folder of mlflow 1.30", _by_mlflow_1_30, CANCER)
    yield Kind("folder of mlflow 3.15", _by_mlflow_3, DIABETES)
    yield Kind(
        "dict of lists",
        _sklearn(_labels, CANCER, _labels.predict(CANCER)),
        CANCER,
        sent=CANCER.to_dict(orient="list"),
    )
    yield Kind(
        "records",
        _sklearn(_labels, CANCER, _labels.predict(CANCER)),
        CANCER,
        sent=CANCER.to_dict(orient="records"),
    )


def _refused():
    for name, served_by, flavor in (("ONNX", "onnx", _onnx_columns(_labels)), ("pickled", "mlflow", None)):
        save = _sklearn(_labels, CANCER, _labels.predict(CANCER), flavor)
        yield Kind(f"a column is missing, {name}", save, CANCER[["mean radius"]], served_by=served_by)
        words = CANCER.assign(**{"mean texture": "high"})
        yield Kind(f"words for numbers, {name}", save, words, served_by=served_by)


KINDS, REFUSED = list(_kinds()), list(_refused())
