"""Whatever kind of model it is, a deployment answers each row as `mlflow.pyfunc` does for the same folder."""

import io
import json
import math
import os
import sys

import mlflow
import pytest
from azure.core.exceptions import HttpResponseError
from mlflow.exceptions import MlflowException
from mlflow.pyfunc.scoring_server import predictions_to_json

import sdk
from model_kinds import KINDS, REFUSED

CLIENTS = ("azure-ai-ml", "mlflow")
ENDPOINT = "every-kind"
# ONNX Runtime computes in float32.
ROUNDING = 1e-4

# Read by the sandbox when it starts, which is when the first test asks for it.
os.environ["AML_ROLLOUT_SANDBOX_PYTHON"] = sys.executable


@pytest.fixture(scope="module")
def endpoint(ml_client):
    sdk.create_endpoint(ml_client, ENDPOINT, auth_mode="key")
    yield ENDPOINT
    ml_client.online_endpoints.begin_delete(ENDPOINT).result()


@pytest.fixture
def deploy(ml_client, endpoint):
    """Its deployments end with the test: the next one needs their quota."""
    names = []

    def start(kind, folder):
        names.append("kind-" + "".join(letter for letter in kind.name.lower() if letter.isalnum())[:20])
        model = sdk.Model(name=names[-1], path=str(folder), type="mlflow_model")
        sdk.deploy(ml_client, endpoint, names[-1], ml_client.models.create_or_update(model))
        return names[-1]

    yield start
    for name in names:
        ml_client.online_deployments.begin_delete(name, endpoint).wait()


@pytest.fixture
def folder(tmp_path):
    mlflow.set_tracking_uri(tmp_path.as_uri())
    return tmp_path / "model"


def by_pyfunc(folder, kind):
    """What pyfunc answers in this process, as JSON."""
    answer, text = mlflow.pyfunc.load_model(str(folder)).predict(kind.given, params=kind.params), io.StringIO()
    predictions_to_json(answer, text)
    return json.loads(text.getvalue())["predictions"]


def alike(given, wanted, rounding):
    """Equal in kind too: 1 is neither true nor "1"; where the sandbox computes itself, it may be 1.0."""
    if rounding and {type(given), type(wanted)} == {int, float}:
        given, wanted = float(given), float(wanted)
    if type(given) is not type(wanted):
        return False
    if isinstance(wanted, dict):
        return list(given) == list(wanted) and all(alike(given[key], wanted[key], rounding) for key in wanted)
    if isinstance(wanted, list):
        return len(given) == len(wanted) and all(map(alike, given, wanted, [rounding] * len(wanted)))
    if isinstance(wanted, float) and not math.isnan(wanted):
        return math.isclose(given, wanted, rel_tol=rounding, abs_tol=rounding)
    return given == wanted or (given != given and wanted != wanted)


def score(ml_client, endpoint, name, kind, tmp_path):
    request = tmp_path / "request.json"
    request.write_text(json.dumps(kind.body))
    return sdk.invoke(ml_client, endpoint, request, name)


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)
def test_each_row_is_answered_as_by_pyfunc(ml_client, endpoint, deploy, kind, folder, tmp_path, step):
    with step(f"each row is answered as by pyfunc: {kind.name}"):
        kind.save(folder)
        name = deploy(kind, folder)
        log = ml_client.online_deployments.get_logs(name, endpoint, lines=200)
        assert ("MLflow's scoring server" in log) == (kind.served_by == "mlflow"), log
        given, wanted = score(ml_client, endpoint, name, kind, tmp_path), by_pyfunc(folder, kind)
        assert len(wanted) > 0
        rounding = ROUNDING if kind.served_by == "onnx" else 0
        assert alike(given, wanted, rounding), f"given {str(given)[:400]}, wanted {str(wanted)[:400]}"


@pytest.mark.parametrize("kind", REFUSED, ids=lambda kind: kind.name)
def test_what_pyfunc_refuses_is_refused(ml_client, endpoint, deploy, kind, folder, tmp_path, step):
    with step(f"what pyfunc refuses is refused: {kind.name}"):
        kind.save(folder)
        name = deploy(kind, folder)
        with pytest.raises(MlflowException):
            by_pyfunc(folder, kind)
        with pytest.raises(HttpResponseError) as refused:
            score(ml_client, endpoint, name, kind, tmp_path)
        assert refused.value.status_code == 424
