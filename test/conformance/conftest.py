"""Starts the built sandbox once, and lets unmodified clients reach it by environment alone."""

import json
import os
import pathlib
import subprocess
import time

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]
SAMPLES = ROOT / "samples"


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


@pytest.fixture(scope="session", params=["account-key", "sas", "identity"])
def sandbox(request, tmp_path_factory):
    """A sandbox whose datastore hands out access in one of Azure's three ways."""
    state_dir = tmp_path_factory.mktemp(f"sandbox-{request.param}")
    process, info = start(state_dir, "--credentials", request.param)
    before = dict(os.environ)
    os.environ.update(info["env"])
    # The clients' telemetry would knock at hosts that the sandbox refuses.
    os.environ["AZUREML_CLI_TELEMETRY"] = "false"
    os.environ["APPLICATIONINSIGHTS_STATSBEAT_DISABLED_ALL"] = "true"
    yield info
    os.environ.clear()
    os.environ.update(before)
    process.terminate()
    process.wait(timeout=10)
    process.stdin.close()
    process.stdout.close()


@pytest.fixture(scope="session")
def short_waits():
    """The clients poll every 5 to 30 s, made for Azure's minutes; here nothing takes so long."""
    from azure.core.pipeline.transport import RequestsTransport

    before = RequestsTransport.sleep
    RequestsTransport.sleep = lambda self, duration: time.sleep(min(duration, 0.2))
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
