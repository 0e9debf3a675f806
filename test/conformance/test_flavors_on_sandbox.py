"""A model without an ONNX flavor is served by MLflow's own scoring server, and answers like the ONNX one."""

import json
import os
import shutil
import signal
import subprocess
import sys
import time

import mlflow
import numpy as np
import pandas as pd
import pytest
import requests
import yaml
from azure.ai.ml import MLClient
from azure.core.exceptions import HttpResponseError
from azure.identity import DefaultAzureCredential

import conftest
import sdk

CLIENTS = ("azure-ai-ml", "mlflow")
MODELS = conftest.SAMPLES / "heart-classifier"
ROWS = pd.read_csv(conftest.SAMPLES / "heart.csv").drop(columns="target").sample(50, random_state=7)
ENDPOINT = "heart-flavors"

# Read by the sandbox when it starts, which is when the first test asks for it.
os.environ["AML_ROLLOUT_SANDBOX_PYTHON"] = sys.executable


def without_onnx(folder, into, **changes):
    """A copy of a sample model that only MLflow can serve; `changes` are made to its pyfunc flavor."""
    shutil.copytree(MODELS / folder, into, ignore=shutil.ignore_patterns("*.onnx"))
    mlmodel = yaml.safe_load((into / "MLmodel").read_text())
    del mlmodel["flavors"]["onnx"]
    mlmodel["flavors"]["python_function"].update(changes)
    (into / "MLmodel").write_text(yaml.safe_dump(mlmodel))
    return into


def deploy(client, endpoint, name, folder, **fields):
    model = client.models.create_or_update(
        sdk.Model(name=f"{endpoint}-{name}", path=str(folder), type="mlflow_model")
    )
    return sdk.deploy(client, endpoint, name, model, **fields)


@pytest.fixture
def request_file(tmp_path):
    file = tmp_path / "request.json"
    file.write_text(json.dumps({"input_data": json.loads(ROWS.to_json(orient="split"))}))
    return file


@pytest.fixture
def endpoint(ml_client):
    sdk.create_endpoint(ml_client, ENDPOINT, auth_mode="key")
    yield ENDPOINT
    ml_client.online_endpoints.begin_delete(ENDPOINT).result()


def served_models():
    """The model folders that processes of this machine serve, by process."""
    # The launcher is a program of many lines, given as an argument; `ps` prints it as one.
    lines = subprocess.run(["ps", "-ewwo", "pid=,args="], capture_output=True, text=True).stdout
    served = [line.split() for line in lines.splitlines() if "aml-rollout-model-" in line]
    return {int(words[0]): words[-1] for words in served if "-c" in words}


@pytest.mark.parametrize("folder", ["v1", "v2"])
def test_both_flavors_answer_alike(ml_client, endpoint, folder, request_file, tmp_path, step):
    plain = without_onnx(folder, tmp_path / "plain")
    with step(f"deploy {folder} with its ONNX flavor"):
        deploy(ml_client, endpoint, "onnx", MODELS / folder)
    with step(f"deploy {folder} without: MLflow's own scoring server runs the pickled flavor"):
        deploy(ml_client, endpoint, "pickled", plain)
        log = ml_client.online_deployments.get_logs("pickled", endpoint, lines=200)
        assert f"MLflow's scoring server: mlflow {mlflow.__version__}" in log
        assert "does not start with the web framework" not in log
    with step(f"both answer {len(ROWS)} rows with the same labels"):
        labels = sdk.invoke(ml_client, endpoint, request_file, "onnx")
        assert sdk.invoke(ml_client, endpoint, request_file, "pickled") == labels
        mlflow.set_tracking_uri(tmp_path.as_uri())
        direct = mlflow.pyfunc.load_model(str(plain)).predict(ROWS)
        np.testing.assert_array_equal(labels, direct)
        assert set(labels) == {0, 1}
    with step("both describe themselves with the same swagger.json"):
        uri = ml_client.online_endpoints.get(endpoint).openapi_uri
        key = ml_client.online_endpoints.get_keys(endpoint).primary_key
        described = [
            requests.get(
                f"{uri}?version=3",
                headers={"Authorization": f"Bearer {key}", "azureml-model-deployment": name},
                timeout=30,
            ).json()
            for name in ("onnx", "pickled")
        ]
        assert described[0] == described[1]


def test_a_web_framework_that_does_not_suit(ml_client, endpoint, request_file, tmp_path, step):
    with step("MLflow's scoring function answers where its server does not start"):
        broken = tmp_path / "broken"
        broken.mkdir()
        (broken / "fastapi.py").write_text("raise ImportError('made for another starlette')")
        plain = without_onnx("v1", tmp_path / "plain")
        variables = {"PYTHONPATH": str(broken)}
        deploy(ml_client, endpoint, "function", plain, environment_variables=variables)
        log = ml_client.online_deployments.get_logs("function", endpoint, lines=200)
        assert "does not start with the web framework installed here (made for another" in log
        mlflow.set_tracking_uri(tmp_path.as_uri())
        direct = mlflow.pyfunc.load_model(str(plain)).predict(ROWS)
        np.testing.assert_array_equal(
            sdk.invoke(ml_client, endpoint, request_file, "function"), direct
        )


def test_a_package_that_is_not_installed(ml_client, endpoint, tmp_path, step):
    with step("crashed: the model needs a package that is not there"):
        lacking = without_onnx("v1", tmp_path / "lacking", loader_module="catboost")
        with pytest.raises(HttpResponseError, match="User container has crashed or terminated"):
            deploy(ml_client, endpoint, "lacking", lacking)
        log = ml_client.online_deployments.get_logs("lacking", endpoint, lines=200)
        assert "ModuleNotFoundError: No module named 'catboost'" in log


def test_nothing_is_left_behind(ml_client, endpoint, tmp_path, step):
    with step("its processes end with the deployment"):
        others = served_models()
        deploy(ml_client, endpoint, "pickled", without_onnx("v1", tmp_path / "plain"))
        mine = {pid: folder for pid, folder in served_models().items() if pid not in others}
        assert len(mine) == 1
        ml_client.online_deployments.begin_delete("pickled", endpoint).result()
        assert not mine.keys() & served_models().keys()
        assert not [folder for folder in mine.values() if os.path.exists(folder)]


def test_nothing_outlives_a_killed_sandbox(short_waits, tmp_path, monkeypatch, step):
    others = served_models()
    process, info = conftest.start(tmp_path / "state")
    for name, value in {**info["env"], **conftest.NO_TELEMETRY}.items():
        monkeypatch.setenv(name, value)
    client = MLClient(
        DefaultAzureCredential(),
        info["subscriptionId"],
        info["resourceGroup"],
        info["workspaceName"],
    )
    with step("its processes end with a sandbox that was killed"):
        sdk.create_endpoint(client, "heart-killed", auth_mode="key")
        deploy(client, "heart-killed", "pickled", without_onnx("v1", tmp_path / "plain"))
        mine = {pid: folder for pid, folder in served_models().items() if pid not in others}
        assert len(mine) == 1
        os.kill(process.pid, signal.SIGKILL)
        process.wait()
        deadline = time.monotonic() + 20
        while mine.keys() & served_models().keys():
            assert time.monotonic() < deadline
            time.sleep(0.1)
        assert not [folder for folder in mine.values() if os.path.exists(folder)]
    process.stdin.close()
    process.stdout.close()
