"""az_ml_requests.json is what the pinned azure-ai-ml sends, request by request."""

import pytest

import az_ml
import sdk
from az_ml import ENDPOINT, MODEL

CLIENTS = ("azure-ai-ml",)
KNOWN = dict(az_ml.load())


@pytest.fixture
def sent(control, sandbox):
    """Runs a call and gives what it sent to Resource Manager, without the polling."""

    def run(call):
        control.send("DELETE", "requests")
        control.send("POST", "requests", {"record": True})
        try:
            call()
        finally:
            control.send("POST", "requests", {"record": False})
            seen = control.send("GET", "requests")["requests"]
        return [
            az_ml.with_placeholders(request, sandbox)
            for request in seen
            if request["host"].startswith("management.")
            and "/mfeOperation" not in request["path"]
            and not request["path"].startswith("/metadata/")
        ]

    return run


def commands(client, request_file):
    """Each command of the article's CLI tab, with the call that it stands for."""
    endpoints, deployments = client.online_endpoints, client.online_deployments

    def model():
        return sdk.register(client, "v1", name=MODEL)

    def deploy(name):
        return sdk.deploy(client, ENDPOINT, name, f"azureml:{MODEL}:1")

    def scale(name, count):
        found = deployments.get(name, ENDPOINT)
        found.instance_count = count
        return deployments.begin_create_or_update(found).result()

    def update(traffic=None, mirror=None):
        found = endpoints.get(ENDPOINT)
        if traffic is not None:
            found.traffic = traffic
        if mirror is not None:
            found.mirror_traffic = mirror
        return endpoints.begin_create_or_update(found).result()

    e, d = f"--name {ENDPOINT}", f"--endpoint-name {ENDPOINT}"
    return {
        f"az ml model create --name {MODEL} --type mlflow_model --path v1": model,
        f"az ml online-endpoint create {e} --auth-mode key": lambda: sdk.create_endpoint(
            client, ENDPOINT, auth_mode="key"
        ),
        f"az ml online-endpoint show {e}": lambda: endpoints.get(ENDPOINT),
        "az ml online-endpoint list": lambda: list(endpoints.list()),
        f"az ml online-endpoint get-credentials {e}": lambda: endpoints.get_keys(ENDPOINT),
        "az ml online-deployment create --file blue.yml": lambda: deploy("blue"),
        f"az ml online-endpoint update {e} --traffic blue=100": lambda: update({"blue": 100}),
        f"az ml online-endpoint invoke {e} --request-file sample.json": lambda: sdk.invoke(
            client, ENDPOINT, request_file
        ),
        "az ml online-deployment create --file green.yml": lambda: deploy("green"),
        f"az ml online-deployment list {d}": lambda: list(deployments.list(ENDPOINT)),
        f"az ml online-deployment show {d} --name green": lambda: deployments.get(
            "green", ENDPOINT
        ),
        f"az ml online-deployment get-logs {d} --name green --lines 100": lambda: (
            deployments.get_logs("green", ENDPOINT, lines=100)
        ),
        f"az ml online-deployment get-logs {d} --name green --lines 100"
        " --container storage-initializer": lambda: deployments.get_logs(
            "green", ENDPOINT, lines=100, container_type="storage-initializer"
        ),
        f"az ml online-endpoint invoke {e} --deployment-name green"
        " --request-file sample.json": lambda: sdk.invoke(client, ENDPOINT, request_file, "green"),
        f"az ml online-endpoint update {e} --mirror-traffic green=10": lambda: update(
            None, {"green": 10}
        ),
        f"az ml online-endpoint update {e} --mirror-traffic green=0": lambda: update(
            None, {"green": 0}
        ),
        f"az ml online-endpoint update {e} --traffic 'blue=90 green=10'": lambda: update(
            {"blue": 90, "green": 10}
        ),
        f"az ml online-deployment update {d} --name green --set instance_count=2": lambda: scale(
            "green", 2
        ),
        f"az ml online-endpoint update {e} --traffic 'blue=0 green=100'": lambda: update(
            {"blue": 0, "green": 100}
        ),
        f"az ml online-endpoint regenerate-keys {e} --key-type secondary": lambda: (
            endpoints.begin_regenerate_keys(ENDPOINT, key_type="secondary").result()
        ),
        f"az ml online-deployment delete {d} --name blue --yes": lambda: deployments.begin_delete(
            "blue", ENDPOINT
        ).result(),
        f"az ml online-endpoint delete {e} --yes": lambda: endpoints.begin_delete(
            ENDPOINT
        ).result(),
    }


def test_every_command(ml_client, sent, sample_request, step):
    calls = commands(ml_client, sample_request)
    assert list(calls) == list(KNOWN)
    for command, call in calls.items():
        with step(f"sends what is kept for: {command}"):
            assert sent(call) == KNOWN[command]
