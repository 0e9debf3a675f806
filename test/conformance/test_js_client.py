"""Azure's client for JavaScript carries a rollout through, in a process of Node.js: js_client.mjs."""

import json
import os
import subprocess

import conftest

CLIENTS = ("@azure/arm-machinelearning",)


def test_a_rollout(sandbox, step):
    done = subprocess.run(
        ["node", str(conftest.ROOT / "test" / "conformance" / "js_client.mjs")],
        env=os.environ
        | {
            "SUBSCRIPTION": sandbox["subscriptionId"],
            "GROUP": sandbox["resourceGroup"],
            "WORKSPACE": sandbox["workspaceName"],
            "LOCATION": sandbox["location"],
            "MODELS": str(conftest.SAMPLES / "heart-classifier"),
        },
        capture_output=True,
        text=True,
    )
    seen = json.loads(done.stdout)

    def saw(name, expected):
        """Where the rollout broke off, the first thing that was not seen says why."""
        assert seen.get(name, done.stderr) == expected

    with step("workspace, datastore and its key"):
        saw("workspace", sandbox["workspaceName"])
        saw("stores", ["AccountKey", "AccountKey"])
    with step("register v1 and v2"):
        saw("models", ["2", "1"])
    with step("create the endpoint and blue"):
        uri = f"https://from-js.{sandbox['location']}.inference.ml.azure.com/score"
        saw("made", ["Succeeded", uri])
        saw("blue", ["Succeeded", "PT5S", 1])
    with step("failed: a deployment of a version that does not exist"):
        # The client's own way to tell of a failed operation: a plain error, without a code.
        name, status, code, message, details = seen["failed"]
        assert (name, status, code, details) == ("Error", None, None, None)
        assert f"ModelRegistryError. Could not find asset with ID: {seen['missingModel']}" in message
    with step("all traffic to blue, which is scaled and tagged"):
        saw("live", {"blue": 100})
        saw("scaled", 2)
        saw("tagged", [{"a": "b"}, {"blue": 100}])
        saw("log", "SystemSetup: Succeeded")
    with step("regenerate the primary key; no token where there are keys"):
        saw("keys", [False, True])
        saw("noToken", 400)
    with step("refused: deleting the deployment with traffic, a missing endpoint, a bad name"):
        name, status, code, _, details = seen["liveDeletion"]
        assert (name, status, code) == ("RestError", 400, "BadRequest")
        assert "live traffic" in details
        gone = ["RestError", 404, "NotFound", "The specified resource was not found."]
        saw("missing", [*gone, '{{"title":"Not Found"}}'])
        saw("badName", 400)
        endpoints, deployments = seen["listed"]
        assert ("from-js" in endpoints, deployments) == (True, ["blue", "bad"])
    with step("create green; 90 / 10, then 0 / 100; delete blue"):
        saw("green", ["Succeeded", True])
        saw("splits", [{"blue": 90, "green": 10}, {"blue": 0, "green": 100}])
        saw("left", ["bad", "green"])
    with step("workspace keys, computes, connections, features, private links, operations"):
        saw("surrounding", [True, [], [], [], [], [], 1, True])
    with step("refused: approving a private endpoint"):
        name, status, code, message, _ = seen["network"]
        assert (name, status, code) == ("RestError", 400, "NoPrivateNetwork")
        assert "The sandbox has no private network" in message
    with step("delete the endpoint"):
        assert "from-js" not in seen.get("gone", [done.stderr])
        assert (done.returncode, done.stderr) == (0, "")
