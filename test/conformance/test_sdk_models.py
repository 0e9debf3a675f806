"""Models that are there already: found, reused, deployed by reference, archived, downloaded."""

import pathlib

import pytest
from azure.ai.ml import load_online_deployment
from azure.core.exceptions import ResourceNotFoundError
from azure.identity import DefaultAzureCredential
from azure.storage.blob import ContainerClient

import sdk
from conftest import SAMPLES

CLIENTS = ("azure-ai-ml",)
MODEL = "heart-reused"


def uploads(client):
    """Every file of the default datastore's uploads, and when it was written."""
    store = client.datastores.get_default()
    container = ContainerClient(
        f"https://{store.account_name}.blob.{store.endpoint}",
        store.container_name,
        credential=DefaultAzureCredential(),
    )
    with container:
        return {blob.name: blob.last_modified for blob in container.list_blobs("LocalUpload/")}


@pytest.mark.credentials("account-key", "sas", "identity")
def test_reuse(ml_client, step, tmp_path):
    first = sdk.register(ml_client, "v1", name=MODEL)
    with step("register the same content again: a new version, nothing is sent"):
        before = uploads(ml_client)
        again = sdk.register(ml_client, "v1", name=MODEL)
        assert (again.version, again.path) == ("2", first.path)
        after = uploads(ml_client)
        assert set(after) == set(before)
        # The client writes the new version into the metadata of one file, which changes its time.
        assert len([name for name in after if after[name] != before[name]]) <= 1
    with step("find it by version and as @latest"):
        assert ml_client.models.get(MODEL, version="1").path == first.path
        assert ml_client.models.get(MODEL, label="latest").version == "2"
    with step("download it: file by file what was uploaded"):
        ml_client.models.download(MODEL, version="1", download_path=str(tmp_path))
        original = SAMPLES / "heart-classifier" / "v1"
        copy = next(pathlib.Path(tmp_path).rglob("MLmodel")).parent
        assert {p.relative_to(copy): p.read_bytes() for p in copy.rglob("*") if p.is_file()} == {
            p.relative_to(original): p.read_bytes() for p in original.rglob("*") if p.is_file()
        }


def test_deploy_by_reference(ml_client, sample_request, step, tmp_path):
    name = "heart-by-reference"
    first, second = (sdk.register(ml_client, folder, name="heart-refs") for folder in ("v1", "v2"))
    sdk.create_endpoint(ml_client, name, auth_mode="key")
    references = {
        "by-version": ("azureml:heart-refs:1", "1"),
        # The client strips "azureml:" off labels in YAML only (get_asset_arm_id).
        "by-label": ("heart-refs@latest", "2"),
        "by-id": (first.id, "1"),
        "by-entity": (ml_client.models.get("heart-refs", second.version), "2"),
    }
    for deployment, (model, version) in references.items():
        with step(f"deploy an existing model {deployment.replace('-', ' ')}"):
            made = sdk.deploy(ml_client, name, deployment, model)
            assert made.model == f"{first.id.rsplit('/', 1)[0]}/{version}"
            assert len(sdk.invoke(ml_client, name, sample_request, deployment)) == 5
    with step("deploy from YAML that says azureml:NAME@latest"):
        file = tmp_path / "deployment.yml"
        file.write_text(
            f"name: from-yaml\nendpoint_name: {name}\nmodel: azureml:heart-refs@latest\n"
            "instance_type: Standard_DS3_v2\ninstance_count: 1\n"
        )
        ml_client.online_deployments.begin_create_or_update(load_online_deployment(file)).result()
        assert ml_client.online_deployments.get("from-yaml", name).model.endswith("/versions/2")
    ml_client.online_endpoints.begin_delete(name).result()


def test_archive(ml_client, step):
    for folder in ("v1", "v2"):
        sdk.register(ml_client, folder, name="heart-archive")
    versions = lambda: [each.version for each in ml_client.models.list("heart-archive")]  # noqa: E731
    with step("archive a version: no longer listed, still found"):
        ml_client.models.archive("heart-archive", version="1")
        assert versions() == ["2"]
        assert ml_client.models.get("heart-archive", "1").version == "1"
    with step("restore it"):
        ml_client.models.restore("heart-archive", version="1")
        assert versions() == ["2", "1"]
    with step("archive the model"):
        ml_client.models.archive("heart-archive")
        assert "heart-archive" not in {each.name for each in ml_client.models.list()}


def test_missing(ml_client, step):
    with step("not found: a model, a label of a model"):
        with pytest.raises(ResourceNotFoundError):
            ml_client.models.get("heart-nowhere", "1")
        with pytest.raises(Exception, match="heart-nowhere"):
            ml_client.models.get("heart-nowhere", label="latest")
