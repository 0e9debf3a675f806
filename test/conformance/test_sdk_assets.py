"""Deployments with a scoring script, and data assets, by azure-ai-ml."""

import pytest
from azure.ai.ml import load_online_deployment
from azure.ai.ml.constants import AssetTypes
from azure.ai.ml.entities import CodeConfiguration, Data, Environment
from azure.core.exceptions import HttpResponseError
from azure.identity import DefaultAzureCredential
from azure.storage.blob import BlobClient

import sdk
from conftest import SAMPLES

CLIENTS = ("azure-ai-ml",)
SCRIPT = """
def init():
    pass


def run(raw_data):
    return []
"""


@pytest.fixture
def scripted(tmp_path):
    """What a deployment needs beside its model, as Microsoft's articles have it."""
    code = tmp_path / "code"
    code.mkdir()
    (code / "score.py").write_text(SCRIPT)
    environment = Environment(
        name="heart-scoring",
        conda_file=str(SAMPLES / "heart-classifier" / "v1" / "conda.yaml"),
        image="mcr.microsoft.com/azureml/openmpi4.1.0-ubuntu22.04:latest",
    )
    code_configuration = CodeConfiguration(code=str(code), scoring_script="score.py")
    return {"environment": environment, "code_configuration": code_configuration}


def test_a_deployment_with_a_script(ml_client, scripted, sample_request, step):
    endpoint = "heart-scripted"
    sdk.create_endpoint(ml_client, endpoint, auth_mode="key")
    model = sdk.register(ml_client, name="heart-scripted")
    with step("deploy a model with a scoring script and an environment"):
        blue = sdk.deploy(ml_client, endpoint, "blue", model, **scripted)
        assert blue.provisioning_state == "Succeeded"
        found = ml_client.online_deployments.get("blue", endpoint)
        assert found.code_configuration.scoring_script == "score.py"
        assert "/codes/" in found.code_configuration.code
        assert "/environments/heart-scoring/versions/" in found.environment
    with step("the log begins with: the sandbox does not run scoring scripts"):
        log = ml_client.online_deployments.get_logs("blue", endpoint, lines=200)
        assert "The sandbox does not run scoring scripts: it skips score.py" in log
        assert len(sdk.invoke(ml_client, endpoint, sample_request, "blue")) == 5
    with step("a second deployment with the same folder: one code, sent once"):
        sdk.deploy(ml_client, endpoint, "green", model, **scripted)
        green = ml_client.online_deployments.get("green", endpoint)
        assert green.code_configuration.code == found.code_configuration.code
    ml_client.online_endpoints.begin_delete(endpoint).result()


CONDA = """name: model-env
channels: [conda-forge]
dependencies:
  - python=3.10
  - numpy=1.23.5
  - pip: [mlflow==2.9.2, "scikit-learn>=1.2, <2", --extra-index-url https://pypi.example.com/simple/]
"""
DEPLOYMENT = """name: blue
endpoint_name: heart-own-image
instance_type: Standard_DS3_v2
instance_count: 1
environment:
  image: a.azurecr.io/mlflow:v1
  conda_file: conda.yaml
  inference_config:
    liveness_route: {port: 5001, path: /}
    readiness_route: {port: 5001, path: /}
    scoring_route: {port: 5001, path: /score}
"""
# What test/unit/interop/environment-file.test.ts wants of our own.
VERSION = "af58340e3d0f5a59bd21fbffc4aab7553096cdbcb8ce4e02fe8e2f275beb947b"


def test_an_environment_in_a_deployment_file(ml_client, tmp_path, step):
    (tmp_path / "conda.yaml").write_text(CONDA)
    (tmp_path / "blue.yml").write_text(DEPLOYMENT)
    sdk.create_endpoint(ml_client, "heart-own-image", auth_mode="key")
    model = sdk.register(ml_client, name="heart-own-image")
    with step("deploy a file whose environment is an image: the version that aml-rollout gives it"):
        blue = load_online_deployment(tmp_path / "blue.yml")
        blue.model = model
        ml_client.online_deployments.begin_create_or_update(blue).result()
        found = ml_client.online_deployments.get("blue", "heart-own-image")
        name = "CliV2AnonymousEnvironment"
        assert found.environment.endswith(f"/environments/{name}/versions/{VERSION}")
        environment = ml_client.environments.get(name, version=VERSION)
        assert environment.image == "a.azurecr.io/mlflow:v1"
        assert environment.inference_config.scoring_route.port == 5001
    ml_client.online_endpoints.begin_delete("heart-own-image").result()


def test_data_assets(ml_client, tmp_path, step):
    rows = tmp_path / "rows.csv"
    rows.write_text((SAMPLES / "heart.csv").read_text())

    def create(**fields):
        return ml_client.data.create_or_update(
            Data(name="heart-rows", path=str(rows), type=AssetTypes.URI_FILE, **fields)
        )

    with step("create a data asset: the file is sent"):
        made = create(version="1", description="the clinic's rows", tags={"clinic": "north"})
        assert (made.name, made.version, made.type) == ("heart-rows", "1", "uri_file")
        assert made.path.startswith("azureml://") and made.path.endswith("/rows.csv")
        store = ml_client.datastores.get_default()
        blob = BlobClient(
            f"https://{store.account_name}.blob.{store.endpoint}",
            store.container_name,
            made.path.split("/paths/")[1],
            credential=DefaultAzureCredential(),
        )
        with blob:
            assert blob.download_blob().readall() == rows.read_bytes()
    with step("get it by its version, and by its label"):
        found = ml_client.data.get("heart-rows", version="1")
        assert (found.id, found.path) == (made.id, made.path)
        assert (found.description, found.tags) == ("the clinic's rows", {"clinic": "north"})
        rows.write_text(rows.read_text() + "0,0,0\n")
        assert create().version == "2"
        assert ml_client.data.get("heart-rows", label="latest").version == "2"
    with step("list all assets, and the versions of one"):
        assert "heart-rows" in [one.name for one in ml_client.data.list()]
        assert [one.version for one in ml_client.data.list("heart-rows")] == ["2", "1"]
    with step("refused: another path for a version that exists"):
        with pytest.raises(Exception, match="(?i)path"):
            create(version="1")
    with step("an archived version is no longer listed, a restored one is"):
        ml_client.data.archive("heart-rows", version="1")
        assert [one.version for one in ml_client.data.list("heart-rows")] == ["2"]
        ml_client.data.restore("heart-rows", version="1")
        assert len(list(ml_client.data.list("heart-rows"))) == 2


def test_a_data_asset_that_is_not_there(ml_client, step):
    with step("refused: a data asset that is not there"):
        with pytest.raises(HttpResponseError) as refused:
            ml_client.data.get("no-such-rows", version="1")
        assert refused.value.status_code == 404
