"""A model folder that either client uploaded is recognised by the other: nothing is sent twice."""

import json
import os
import shutil
import subprocess

import pytest
from azure.ai.ml.entities import Model
from azure.identity import DefaultAzureCredential
from azure.storage.blob import ContainerClient

from conftest import ROOT, SAMPLES

CLIENTS = ("azure-ai-ml",)
PLAN = """
version: 1
endpoint: {{name: heart-upload, auth: key}}
blue:
  name: blue
  model: {{name: by-rollout, path: {one}}}
  instanceType: Standard_DS3_v2
  instanceCount: 1
green:
  name: green
  model: {{name: by-rollout, path: {two}}}
evidence: {{csv: {csv}, rows: 50, seed: 1, target: target}}
weights: [100]
holds: {{minutes: 0}}
"""


@pytest.fixture
def folders(tmp_path):
    """Two models of their own, so that no other test has uploaded them; one has an ignore file."""
    one, two = tmp_path / "one", tmp_path / "two"
    shutil.copytree(SAMPLES / "heart-classifier" / "v1", one)
    shutil.copytree(SAMPLES / "heart-classifier" / "v2", two)
    for folder in (one, two):
        (folder / "Notes").mkdir()
        (folder / "Notes" / "ünï.txt").write_text(folder.name, encoding="utf-8")
        (folder / ".amlignore").write_text("*.tmp\n")
        (folder / "scratch.tmp").write_text("not sent")
    return one, two


def uploads(client):
    """Every uploaded file and when it was written, but for the one whose metadata says "completed"."""
    store = client.datastores.get_default()
    container = ContainerClient(
        f"https://{store.account_name}.blob.{store.endpoint}",
        store.container_name,
        credential=DefaultAzureCredential(),
    )
    with container:
        return {
            blob.name: None if blob.name.endswith("/.amlignore") else blob.last_modified
            for blob in container.list_blobs("LocalUpload/")
        }


def register(client, name, folder):
    return client.models.create_or_update(Model(name=name, path=str(folder), type="mlflow_model"))


def run_plan(sandbox, plan, cwd):
    """Registers both models of the plan on its way, whatever becomes of the rollout."""
    command = ["node", str(ROOT / "dist" / "main.js"), "run", str(plan), "--json", "--yes"]
    command += ["--subscription", sandbox["subscriptionId"]]
    command += ["--resource-group", sandbox["resourceGroup"]]
    command += ["--workspace", sandbox["workspaceName"]]
    command += ["--sign-in", "managed-identity"]
    command += ["--identity-endpoint", sandbox["identityEndpoint"]]
    command += ["--proxy-url", sandbox["proxyUrl"], "--ca-file", sandbox["caFile"]]
    done = subprocess.run(
        command,
        cwd=cwd,
        env={**os.environ, "AML_ROLLOUT_HOME": str(cwd / "home")},
        capture_output=True,
        text=True,
    )
    for line in done.stdout.splitlines():
        json.loads(line)
    return done


@pytest.mark.credentials("account-key", "sas", "identity")
def test_each_folder_is_uploaded_once(ml_client, sandbox, folders, tmp_path):
    one, two = folders
    plan = tmp_path / "plan.yml"
    plan.write_text(PLAN.format(one=one, two=two, csv=SAMPLES / "heart.csv"))

    first = register(ml_client, "by-sdk", one)
    sent = uploads(ml_client)
    done = run_plan(sandbox, plan, tmp_path)
    versions = {each.version for each in ml_client.models.list("by-rollout")}
    assert versions == {"1", "2"}, done.stdout + done.stderr

    # What the official client had uploaded was taken as it is.
    assert ml_client.models.get("by-rollout", "1").path == first.path
    after = uploads(ml_client)
    assert {name: after[name] for name in sent} == sent
    added = {name.split("/", 3)[3] for name in after if name not in sent}
    assert added == {
        str(path.relative_to(two)) for path in two.rglob("*") if path.is_file()
    } - {"scratch.tmp"}

    # And what we uploaded is taken by the official client.
    second = register(ml_client, "by-sdk", two)
    assert second.path == ml_client.models.get("by-rollout", "2").path
    assert uploads(ml_client) == after

    ml_client.online_endpoints.begin_delete("heart-upload").result()
