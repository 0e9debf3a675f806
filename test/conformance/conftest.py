"""Starts the built sandbox once, and lets unmodified clients reach it by environment alone."""

import json
import os
import pathlib
import re
import subprocess
import time
import urllib.request

import pytest

from steps import pytest_addoption, pytest_runtest_makereport, step  # noqa: F401  pytest finds them here

ROOT = pathlib.Path(__file__).resolve().parents[2]
SAMPLES = ROOT / "samples"

# None of the clients may tell anyone about its use. Some read this as they are imported.
NO_TELEMETRY = {
    "AZUREML_CLI_TELEMETRY": "false",
    "APPLICATIONINSIGHTS_STATSBEAT_DISABLED_ALL": "true",
    "AZURE_CORE_COLLECT_TELEMETRY": "false",
    "MLFLOW_DISABLE_TELEMETRY": "true",
    "DO_NOT_TRACK": "true",
    # onnxruntime sends its own on Linux too, since 1.29.
    "ORT_DISABLE_TELEMETRY": "1",
}
os.environ.update(NO_TELEMETRY)


# Hosts that `az` asks by itself: for its index of commands, and to sign in otherwise than by
# managed identity. Any other that a client knocks at is worth knowing about.
ASKED_IN_VAIN = {"azcliprod.blob.core.windows.net", "aka.ms", "login.microsoftonline.com"}


def pytest_configure(config):
    config.addinivalue_line(
        "markers", "credentials(*kinds): run with datastores that hand out access in these ways"
    )


def pytest_generate_tests(metafunc):
    """One way in is enough for a test, unless it says that it uploads."""
    if "sandbox" in metafunc.fixturenames:
        marker = metafunc.definition.get_closest_marker("credentials")
        kinds = marker.args if marker else ["account-key"]
        metafunc.parametrize("sandbox", kinds, indirect=True, scope="session")


def start(state_dir, *arguments):
    """Returns the sandbox's process and what its one line said."""
    process = subprocess.Popen(
        ["node", str(ROOT / "dist" / "main.js"), "sandbox", "--json", "--parent-pipe"]
        + ["--state-dir", str(state_dir), "--time-scale", "0.05", *arguments],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    line = process.stdout.readline()
    assert line, f"the sandbox ended with code {process.wait()}"
    return process, json.loads(line)


def stop(process):
    process.terminate()
    process.wait(timeout=10)
    process.stdin.close()
    process.stdout.close()


@pytest.fixture(scope="session")
def sandbox(request, tmp_path_factory):
    """A sandbox whose datastore hands out access in one of Azure's three ways."""
    state_dir = tmp_path_factory.mktemp(f"sandbox-{request.param}")
    process, info = start(state_dir, "--credentials", request.param)
    before = dict(os.environ)
    os.environ.update(info["env"])
    yield info
    os.environ.clear()
    os.environ.update(before)
    stop(process)
    log = (state_dir / "sandbox.log").read_text()
    refused = set(re.findall(r"connect: refused ([^:\s]+)", log))
    assert refused <= ASKED_IN_VAIN, f"the clients knocked at {sorted(refused - ASKED_IN_VAIN)}"


class Control:
    """The sandbox's control address: faults on demand, and the requests that it was sent."""

    def __init__(self, state_dir):
        lock = json.loads((pathlib.Path(state_dir) / "lock.json").read_text())
        self._url = f"{lock['controlUrl']}/_sandbox/"
        self._token = lock["token"]

    def send(self, method, path, body=None):
        request = urllib.request.Request(self._url + path, method=method)
        request.add_header("x-sandbox-token", self._token)
        if body is not None:
            request.add_header("content-type", "application/json")
            request.data = json.dumps(body).encode()
        with urllib.request.build_opener(urllib.request.ProxyHandler({})).open(request) as reply:
            return json.load(reply)


class Faults:
    def __init__(self, control):
        self._control = control

    def add(self, action, times=1, **match):
        fault = {"match": match, "times": times, "action": action}
        self._control.send("POST", "faults", fault)

    def left(self):
        return self._control.send("GET", "faults")["faults"]

    def clear(self):
        self._control.send("DELETE", "faults")


@pytest.fixture
def control(sandbox):
    return Control(sandbox["stateDir"])


@pytest.fixture
def faults(control):
    faults = Faults(control)
    yield faults
    faults.clear()


@pytest.fixture(scope="session")
def short_waits():
    """The clients poll every 5 to 30 s, made for Azure's minutes; here nothing takes so long.

    What is shorter than a poll, such as a service's Retry-After, is waited for.
    """
    from azure.core.pipeline.transport import RequestsTransport

    before = RequestsTransport.sleep
    RequestsTransport.sleep = lambda self, duration: time.sleep(0.2 if duration >= 5 else duration)
    yield
    RequestsTransport.sleep = before


@pytest.fixture(scope="session")
def ml_client(sandbox, short_waits):
    from azure.ai.ml import MLClient
    from azure.identity import DefaultAzureCredential

    return MLClient(
        DefaultAzureCredential(),
        sandbox["subscriptionId"],
        sandbox["resourceGroup"],
        sandbox["workspaceName"],
    )


@pytest.fixture
def sample_request():
    return SAMPLES / "sample.json"
