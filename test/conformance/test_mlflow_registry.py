"""A model is logged, registered and deployed with MLflow's own clients, through azureml-mlflow."""

import json

import mlflow
import pandas
import pytest
from azure.ai.ml.entities import Model
from mlflow.deployments import get_deploy_client
from mlflow.exceptions import MlflowException
from mlflow.tracking import MlflowClient

from conftest import SAMPLES
from sdk import create_endpoint, deploy, invoke

CLIENTS = ("mlflow-skinny", "azureml-mlflow")
FOLDER = SAMPLES / "heart-classifier"
FILES = sorted((FOLDER / "v1").iterdir())


@pytest.fixture(scope="module")
def tracking_uri(ml_client, sandbox):
    uri = ml_client.workspaces.get(sandbox["workspaceName"]).mlflow_tracking_uri
    mlflow.set_tracking_uri(uri)
    mlflow.set_registry_uri(uri)
    return uri


@pytest.fixture(scope="module")
def run_id(tracking_uri):
    mlflow.set_experiment("heart")
    with mlflow.start_run(run_name="first") as run:
        mlflow.log_param("depth", 3)
        mlflow.log_params({"eta": 0.1, "rounds": 20})
        for step, loss in enumerate((0.7, 0.5, 0.4)):
            mlflow.log_metric("loss", loss, step=step)
        mlflow.log_metrics({"auc": 0.91})
        mlflow.set_tag("framework", "xgboost")
        mlflow.log_artifacts(str(FOLDER / "v1"), "model")
    return run.info.run_id


def logged_model(run_id):
    """What `register_model` takes for the model of a run.

    `runs:/…` with MLflow 2. MLflow 3 looks for the model among its "logged models" then, which Azure
    does not serve (Azure/azureml-examples#3885), so that there it is the address of the artifacts.
    """
    if mlflow.__version__.startswith("2."):
        return f"runs:/{run_id}/model"
    return f"{MlflowClient().get_run(run_id).info.artifact_uri}/model"


def test_what_was_logged_is_found(run_id, ml_client):
    client = MlflowClient()
    run = client.get_run(run_id)
    assert run.info.status == "FINISHED"
    assert run.info.run_name == "first"
    assert run.data.params == {"depth": "3", "eta": "0.1", "rounds": "20"}
    assert run.data.metrics == {"loss": 0.4, "auc": 0.91}
    assert run.data.tags["framework"] == "xgboost"
    history = client.get_metric_history(run_id, "loss")
    assert [(point.step, point.value) for point in history] == [(0, 0.7), (1, 0.5), (2, 0.4)]

    # MLflow 3 asks for its "logged models", which Azure does not serve, as soon as a path is given.
    assert [(item.path, item.is_dir) for item in client.list_artifacts(run_id)] == [("model", True)]
    logged = mlflow.artifacts.list_artifacts(artifact_uri=f"{run.info.artifact_uri}/model")
    assert {item.path for item in logged} == {f"model/{file.name}" for file in FILES}

    experiment = client.get_experiment_by_name("heart")
    for matching in ("metrics.auc > 0.9", "params.depth = '3' and tags.framework = 'xgboost'"):
        found = client.search_runs([experiment.experiment_id], filter_string=matching)
        assert [one.info.run_id for one in found] == [run_id]
    assert client.search_runs([experiment.experiment_id], filter_string="metrics.auc > 0.95") == []

    job = ml_client.jobs.get(run_id)
    assert job.status == "Completed"
    assert job.experiment_name == "heart"
    assert run_id in [each.name for each in ml_client.jobs.list()]


def test_artifacts_come_back_as_they_were_sent(run_id, tmp_path):
    uri = MlflowClient().get_run(run_id).info.artifact_uri
    mlflow.artifacts.download_artifacts(artifact_uri=f"{uri}/model", dst_path=str(tmp_path))
    for file in FILES:
        assert (tmp_path / "model" / file.name).read_bytes() == file.read_bytes()


def test_registered_with_mlflow_it_is_deployed_and_answers(
    run_id, tracking_uri, ml_client, sample_request, tmp_path
):
    client = MlflowClient()
    first = mlflow.register_model(logged_model(run_id), "heart-registered", tags={"by": "mlflow"})
    assert first.version == "1"
    second = client.create_model_version(
        "heart-registered",
        f"{client.get_run(run_id).info.artifact_uri}/model",
        run_id,
        description="the same once more",
    )
    assert second.version == "2"

    # One store: what MLflow registered is a model of the workspace, and the other way round.
    model = ml_client.models.get("heart-registered", "1")
    assert model.type == "mlflow_model"
    assert model.path.endswith(f"/workspaceartifactstore/paths/ExperimentRun/dcid.{run_id}/model")
    assert model.job_name == run_id
    assert "python_function" in model.flavors
    ml_client.models.create_or_update(
        Model(name="heart-registered", path=str(FOLDER / "v2"), type="mlflow_model")
    )
    versions = client.search_model_versions("name='heart-registered'")
    assert sorted(each.version for each in versions) == ["1", "2", "3"]
    assert client.get_registered_model("heart-registered").latest_versions[0].version == "3"
    downloaded = mlflow.artifacts.download_artifacts(
        "models:/heart-registered/3", dst_path=str(tmp_path / "v3")
    )
    assert "MLmodel" in {path.name for path in (tmp_path / "v3").rglob("*")}, downloaded

    deploy_client = get_deploy_client(tracking_uri)
    endpoint_file, deployment_file = tmp_path / "endpoint.json", tmp_path / "deployment.json"
    endpoint_file.write_text(
        json.dumps({"auth_mode": "key", "identity": {"type": "system_assigned"}})
    )
    deployment_file.write_text(
        json.dumps({"instance_type": "Standard_DS3_v2", "instance_count": 1})
    )
    deploy_client.create_endpoint(
        "heart-by-mlflow", config={"endpoint-config-file": endpoint_file}
    )
    deploy_client.create_deployment(
        "blue",
        "models:/heart-registered/1",
        config={"deploy-config-file": deployment_file},
        endpoint="heart-by-mlflow",
    )
    rows = json.loads(sample_request.read_text())["input_data"]
    frame = pandas.DataFrame(rows["data"], columns=rows["columns"], index=rows["index"])
    answered = deploy_client.predict(
        deployment_name="blue", df=frame, endpoint="heart-by-mlflow"
    )
    assert len(answered) == len(frame)
    deploy_client.delete_endpoint("heart-by-mlflow")


def test_local_folder_is_registered(tracking_uri, ml_client):
    version = mlflow.register_model(f"file://{FOLDER / 'v2'}", "heart-local")
    assert version.version == "1"
    path = ml_client.models.get("heart-local", "1").path
    assert "/workspaceartifactstore/paths/LocalUpload/" in path


def test_versions_are_edited_as_azure_allows(run_id):
    client = MlflowClient()
    name = "heart-edited"
    for _ in range(2):
        mlflow.register_model(logged_model(run_id), name)
    client.update_model_version(name, "1", description="described")
    client.set_model_version_tag(name, "1", "type", "classification")
    client.transition_model_version_stage(name, "1", "Staging")
    version = client.get_model_version(name, "1")
    assert (version.description, version.tags) == ("described", {"type": "classification"})
    assert [each.version for each in client.get_latest_versions(name, ["Staging"])] == ["1"]
    client.transition_model_version_stage(name, "2", "Staging", archive_existing_versions=True)
    assert client.get_model_version(name, "1").current_stage == "Archived"
    client.delete_model_version_tag(name, "1", "type")
    client.delete_model_version(name, "2")
    assert [each.version for each in client.search_model_versions(f"name='{name}'")] == ["1"]


@pytest.mark.parametrize(
    "attempt",
    [
        lambda client: client.rename_registered_model("heart-edited", "other"),
        lambda client: client.delete_registered_model("heart-edited"),
        lambda client: client.search_registered_models("name LIKE 'heart%'"),
        lambda client: client.set_registered_model_alias("heart-edited", "champion", "1"),
        lambda client: client.search_runs(
            [client.get_experiment_by_name("heart").experiment_id], order_by=["metrics.auc DESC"]
        ),
    ],
    ids=[
        "rename a model",
        "delete a model",
        "search models by a pattern",
        "name an alias",
        "order runs by a metric",
    ],
)
def test_what_azure_does_not_do_is_refused(run_id, attempt):
    with pytest.raises(MlflowException) as refused:
        attempt(MlflowClient())
    assert refused.value.error_code in (
        "FEATURE_DISABLED",
        "ENDPOINT_NOT_FOUND",
        # MLflow puts a tag into every filter, which Azure does not know (Azure/azure-sdk-for-python#42155).
        "INVALID_PARAMETER_VALUE",
    )


def test_only_mlflow_models_are_registered(run_id):
    with pytest.raises(MlflowException, match="MLmodel"):
        mlflow.register_model(f"{logged_model(run_id)}-not", "heart-wrong")


def test_job_output_is_registered_with_the_sdk(run_id, ml_client):
    for number, path in enumerate(
        (f"azureml://jobs/{run_id}/outputs/artifacts/paths/model", f"runs:/{run_id}/model")
    ):
        model = ml_client.models.create_or_update(
            Model(name="heart-of-job", path=path, type="mlflow_model")
        )
        assert model.version == str(number + 1)
        assert model.path.endswith(
            f"/workspaceartifactstore/paths/ExperimentRun/dcid.{run_id}/model"
        )


def test_registry_model_is_uploaded_and_deployed(sandbox, ml_client, sample_request):
    from azure.ai.ml import MLClient
    from azure.identity import DefaultAzureCredential

    registry = MLClient(DefaultAzureCredential(), registry_name="sandbox-registry")
    created = registry.models.create_or_update(
        Model(name="heart-shared", version="1", path=str(FOLDER / "v1"), type="mlflow_model")
    )
    assert created.version == "1"
    assert [each.name for each in registry.models.list()] == ["heart-shared"]
    model = registry.models.get("heart-shared", version="1")
    assert model.type == "mlflow_model"
    assert model.id == "azureml://registries/sandbox-registry/models/heart-shared/versions/1"

    create_endpoint(ml_client, "heart-from-registry")
    deploy(ml_client, "heart-from-registry", "blue", model.id)
    rows = json.loads(sample_request.read_text())["input_data"]["data"]
    answered = invoke(ml_client, "heart-from-registry", sample_request, "blue")
    assert len(answered) == len(rows)
    ml_client.online_endpoints.begin_delete("heart-from-registry").result()


def test_other_registry_is_refused(sandbox):
    from azure.ai.ml import MLClient
    from azure.core.exceptions import ResourceNotFoundError
    from azure.identity import DefaultAzureCredential

    with pytest.raises(ResourceNotFoundError):
        MLClient(DefaultAzureCredential(), registry_name="no-such-registry")
