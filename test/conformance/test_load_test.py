"""The Locust file that the program exports is run by Locust itself, against green at 10% on the sandbox."""

import json
import os
import subprocess
import sys

import pytest
from azure.ai.ml import MLClient
from azure.identity import DefaultAzureCredential

from conftest import ROOT, SAMPLES, start, stop
from test_exports import environment, reached

CLIENTS = ("locust",)

ENDPOINT, BLUE, GREEN = "heart-load", "default", "xgboost-model"
#: Requests a minute to blue at its peak; green's next weight is all of it.
PEAK = 600
SECONDS = 5


def plan(folder):
    """Green at 10%, waiting for an approval: its next weight is 100%."""
    deployment = lambda name, version: {  # noqa: E731
        "name": name,
        "model": {"name": "heart-classifier", "path": str(SAMPLES / "heart-classifier" / version)},
        "instanceType": "Standard_DS3_v2",
        "instanceCount": 1,
    }
    content = {
        "version": 1,
        "endpoint": {"name": ENDPOINT, "auth": "key"},
        "blue": deployment(BLUE, "v1"),
        "green": deployment(GREEN, "v2"),
        "evidence": {"data": str(SAMPLES / "heart.csv"), "rows": 300, "seed": 4711, "target": "target"},
        "weights": [10, 100],
        "holds": {"minutes": 0},
        "steps": [{"at": 10, "holds": {"approval": True}}],
        "gates": {"latency": {"mode": "off"}, "split": {"mode": "warn"}},
    }
    file = folder / "plan.yml"
    file.write_text(json.dumps(content))
    return file


@pytest.fixture(scope="module")
def held(tmp_path_factory):
    """A sandbox with the rollout at its hold: the program's home, and what the sandbox said."""
    home = tmp_path_factory.mktemp("load")
    process, info = start(home / "sandbox")
    ran = run_program(home, "run", plan(home), "--sandbox", "--yes")
    assert ran.returncode == 8, ran.stdout + ran.stderr
    yield home, info
    stop(process)


def run_program(home, *arguments):
    return subprocess.run(
        ["node", str(ROOT / "dist" / "main.js"), *map(str, arguments)],
        cwd=home,
        env=os.environ | {"AML_ROLLOUT_HOME": str(home)},
        capture_output=True,
        text=True,
    )


def run_locust(folder, info, home, key):
    """Its exit code, and its figures for all requests."""
    ran = subprocess.run(
        [sys.executable, "-m", "locust", "-f", str(folder / "locustfile.py"), "--headless", "--json"]
        + ["-u", "2", "-r", "2", "-t", f"{SECONDS}s"],
        cwd=home,
        env=environment(info, home) | {"ENDPOINT_KEY": key},
        capture_output=True,
        text=True,
        timeout=120,
    )
    return ran.returncode, json.loads(ran.stdout or "[]"), ran.stderr


def test_locust_runs_the_exported_load_test(held, step):
    home, info = held
    folder = home / "load"
    with step("export the load test"):
        ran = run_program(home, "export", ENDPOINT, "--load-test", "--sandbox", "--rate", PEAK, "--dir", folder)
        assert ran.returncode == 0, ran.stdout + ran.stderr
    with reached(info, home):
        client = MLClient(
            DefaultAzureCredential(), info["subscriptionId"], info["resourceGroup"], info["workspaceName"]
        )
        key = client.online_endpoints.get_keys(ENDPOINT).primary_key
    with step("without a key it says so"):
        code, _, said = run_locust(folder, info, home, "")
        assert code != 0
        assert "ENDPOINT_KEY" in said
    with step("two users send the rows to green alone, at blue's peak times the next weight"):
        code, [figures], said = run_locust(folder, info, home, key)
        assert (code, figures["num_failures"]) == (0, 0), said
        expected = PEAK / 60 * SECONDS
        assert 0.5 * expected <= figures["num_requests"] <= 1.5 * expected
    with step("an answer of blue is a failure"):
        script = folder / "locustfile.py"
        pinned = script.read_text()
        unpinned = pinned.replace('    "azureml-model-deployment": DEPLOYMENT,\n', "")
        assert unpinned != pinned
        script.write_text(unpinned)
        code, [figures], said = run_locust(folder, info, home, key)
        assert code == 1
        assert figures["num_failures"] > 0
        assert f"{BLUE} answered in place of {GREEN}" in said
