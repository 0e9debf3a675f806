"""Runs the unmodified Azure CLI of this environment against the sandbox."""

import json
import os
import pathlib
import subprocess
import sys
import time

import pytest

AZ = pathlib.Path(sys.executable).with_name("az.bat" if os.name == "nt" else "az")


class Failed(Exception):
    """What `az` wrote to stderr as it left with another code than 0."""


class Az:
    def __init__(self, config_dir, sandbox):
        self._env = {**os.environ, "AZURE_CONFIG_DIR": str(config_dir)}
        self.workspace = (
            f"/subscriptions/{sandbox['subscriptionId']}/resourceGroups/{sandbox['resourceGroup']}"
            f"/providers/Microsoft.MachineLearningServices/workspaces/{sandbox['workspaceName']}"
        )

    def __call__(self, *arguments):
        """The command's JSON; None where it writes nothing."""
        done = subprocess.run(
            [str(AZ), *arguments, "--only-show-errors", "--output", "json"],
            env=self._env,
            capture_output=True,
            text=True,
            stdin=subprocess.DEVNULL,
        )
        if done.returncode != 0:
            raise Failed(done.stderr)
        return json.loads(done.stdout) if done.stdout.strip() else None

    def rest(self, method, path, query, body=None):
        """`az rest`: one request as it is, with the token of the signed-in identity."""
        words = ["rest", "--method", method.lower(), "--url", path]
        words += ["--uri-parameters", *(f"{name}={value}" for name, value in query.items())]
        if body is not None:
            words += ["--body", json.dumps(body)]
        return self(*words)

    def settled(self, path, api_version, within=60):
        """The resource once nothing is under way on it; `az rest` does not wait itself."""
        until = time.monotonic() + within
        while time.monotonic() < until:
            found = self.rest("GET", path, {"api-version": api_version})
            if found["properties"]["provisioningState"] in ("Succeeded", "Failed"):
                return found
        pytest.fail(f"{path} is still {found['properties']['provisioningState']}")

    def gone(self, path, api_version, within=60):
        """Returns once there is no such resource any more."""
        until = time.monotonic() + within
        while time.monotonic() < until:
            try:
                self.rest("GET", path, {"api-version": api_version})
            except Failed as failed:
                assert "not found" in str(failed)
                return
        pytest.fail(f"{path} is still there")


@pytest.fixture(scope="session")
def az(sandbox, tmp_path_factory):
    """Signed in with the managed identity that the sandbox serves, as on a machine in Azure."""
    az = Az(tmp_path_factory.mktemp("azure"), sandbox)
    az("login", "--identity")
    return az
