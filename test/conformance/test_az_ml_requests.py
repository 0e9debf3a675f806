"""The requests of `az ml` (az_ml.py says whence), sent by `az rest` and answered as it needs them."""

import json

import pytest

import az_ml
from az import Failed, az  # noqa: F401  a fixture
from az_ml import ENDPOINT, MODEL
from conftest import SAMPLES

CLIENTS = ("azure-cli",)
UPLOAD = "00000000000000000000000000000000"


@pytest.fixture
def sent(az, sandbox):
    """Sends the requests of one command, each when the one before is done; gives what was answered."""

    def send(requests):
        answers = []
        key = None
        for request in requests:
            given = az_ml.filled_in(
                request, sandbox, upload=UPLOAD, key=key or "", operation="none", time="none"
            )
            words = (given["method"], given["path"], given["query"], given.get("body"))
            if given["status"] >= 400:
                # What the client asks to hear that it is not there yet.
                with pytest.raises(Failed, match="not found"):
                    az.rest(*words)
                continue
            answer = az.rest(*words)
            answers.append(answer)
            if given["path"].endswith("/listKeys"):
                key = answer["secondaryKey"]
            if "/onlineEndpoints/" in given["path"] and given["method"] in ("PUT", "DELETE"):
                _wait(az, given)
            if given["path"].endswith("/regenerateKeys"):
                _wait(az, given | {"path": given["path"].rsplit("/", 1)[0], "method": "PUT"})
        return answers

    return send


def _wait(az, request):
    path, api = request["path"], request["query"]["api-version"]
    if request["method"] == "DELETE":
        az.gone(path, api)
    else:
        assert az.settled(path, api)["properties"]["provisioningState"] == "Succeeded"


def test_every_command(az, sandbox, sent, step):
    _upload(az)
    path = f"{az.workspace}/onlineEndpoints/{ENDPOINT}"
    before = None
    for command, requests in az_ml.load():
        with step(f"replayed: {command}"):
            answers = sent(requests)
            last = answers[-1]
            match command.removeprefix("az ml ").split()[:2]:
                case ["model", "create"]:
                    assert last["id"] == f"{az.workspace}/models/{MODEL}/versions/1"
                case ["online-endpoint", "create"]:
                    assert last["properties"]["scoringUri"]
                case ["online-endpoint", "show"]:
                    assert (answers[0]["name"], answers[1]["value"]) == (ENDPOINT, [])
                case ["online-endpoint", "list"]:
                    assert ENDPOINT in [each["name"] for each in last["value"]]
                case ["online-endpoint", "get-credentials"]:
                    assert last["primaryKey"] and last["secondaryKey"]
                case ["online-endpoint", "invoke"]:
                    pin = {"azureml-model-deployment": "green"} if "green" in command else {}
                    assert len(_score(az, answers[-2], last, pin)) == 5
                case ["online-endpoint", "update"]:
                    body = next(each["body"] for each in requests if each["method"] == "PUT")
                    for field in ("traffic", "mirrorTraffic"):
                        assert last["properties"][field] == body["properties"][field]
                case ["online-endpoint", "regenerate-keys"]:
                    before = answers[1]
                    after = az.rest("POST", f"{path}/listKeys", requests[1]["query"])
                    assert after["primaryKey"] == before["primaryKey"]
                    assert after["secondaryKey"] != before["secondaryKey"]
                case ["online-deployment", "create"]:
                    assert last["properties"]["provisioningState"] == "Succeeded"
                    assert last["sku"]["capacity"] == 1
                case ["online-deployment", "update"]:
                    assert last["sku"]["capacity"] == 2
                case ["online-deployment", "show"]:
                    # azure-ai-ml reads `.type` of this without looking.
                    assert last["properties"]["scaleSettings"] == {"scaleType": "Default"}
                case ["online-deployment", "list"]:
                    assert {each["name"] for each in last["value"]} == {"blue", "green"}
                case ["online-deployment", "get-logs"]:
                    words = "ModelDownload" if "storage" in command else "UserContainerStart"
                    assert f"{words}: Succeeded" in last["content"]
                case [_, "delete"]:
                    assert last is None
                case _:
                    pytest.fail(f"nothing is checked of {command}")


def _upload(az):
    store = az.rest(
        "GET", f"{az.workspace}/datastores/workspaceblobstore", {"api-version": "2023-04-01"}
    )["properties"]
    az(
        *("storage", "blob", "upload-batch", "--auth-mode", "login", "--no-progress"),
        *("--account-name", store["accountName"], "--destination", store["containerName"]),
        *("--destination-path", f"LocalUpload/{UPLOAD}/v1"),
        *("--source", str(SAMPLES / "heart-classifier" / "v1")),
    )


def _score(az, endpoint, keys, pin):
    headers = {"Authorization": f"Bearer {keys['primaryKey']}", "Content-Type": "application/json"}
    return az(
        *("rest", "--method", "post", "--url", endpoint["properties"]["scoringUri"]),
        *("--skip-authorization-header", "--body", f"@{SAMPLES / 'sample.json'}"),
        *("--headers", json.dumps(headers | pin)),
    )
