"""The MLflow SDK tab of the same article: MLflow's deployments client, through azureml-mlflow."""

import json

import mlflow
import pandas
import pytest
import yaml
from azure.core.exceptions import HttpResponseError, ResourceNotFoundError, SerializationError
from mlflow.deployments import get_deploy_client
from mlflow.exceptions import MlflowException

import sdk

CLIENTS = ("mlflow-skinny", "azureml-mlflow")
MODEL = "heart-mlflow"
DEPLOYMENT = {"instance_type": "Standard_DS3_v2", "instance_count": 1}


@pytest.fixture(scope="module")
def deploy_client(ml_client, sandbox):
    tracking_uri = ml_client.workspaces.get(sandbox["workspaceName"]).mlflow_tracking_uri
    mlflow.set_tracking_uri(tracking_uri)
    return get_deploy_client(tracking_uri)


@pytest.fixture(scope="module")
def versions(ml_client):
    """Two versions of the model; registering is azure-ai-ml's part here."""
    for folder in ("v1", "v2"):
        model = sdk.register(ml_client, folder, name=MODEL)
    assert model.version == "2"


@pytest.fixture
def frame(sample_request):
    rows = json.loads(sample_request.read_text())["input_data"]
    return pandas.DataFrame(rows["data"], columns=rows["columns"], index=rows["index"])


@pytest.fixture
def file(tmp_path):
    """Writes a configuration file, JSON or YAML by its name, and gives its path."""

    def write(name, content):
        path = tmp_path / name
        path.write_text(json.dumps(content) if name.endswith("json") else yaml.safe_dump(content))
        return str(path)

    return write


@pytest.mark.credentials("account-key", "sas", "identity")
def test_the_article(deploy_client, versions, frame, file, step):
    endpoint, green = "heart-mlflow", "xgboost-model-2"
    split = lambda **traffic: {  # noqa: E731
        "endpoint-config-file": file("traffic.json", {"traffic": traffic})
    }

    with step("create_endpoint with a configuration file"):
        made = deploy_client.create_endpoint(
            name=endpoint,
            config={
                "endpoint-config-file": file(
                    "endpoint.json",
                    {
                        "auth_mode": "key",
                        "identity": {"type": "system_assigned"},
                        "tags": {"team": "heart"},
                        "description": "heart disease",
                    },
                )
            },
        )
        properties = made["properties"]
        assert (made["name"], made["tags"]) == (endpoint, {"team": "heart"})
        assert (properties["authMode"], properties["provisioningState"]) == ("Key", "Succeeded")

    with step("get_endpoint: the scoring URI"):
        found = deploy_client.get_endpoint(endpoint=endpoint)["properties"]
        assert found["scoringUri"].endswith(".inference.ml.azure.com/score")

    deployment = {"deploy-config-file": file("deployment.yml", DEPLOYMENT)}
    with step("create_deployment: blue"):
        blue = deploy_client.create_deployment(
            name="default", endpoint=endpoint, model_uri=f"models:/{MODEL}/1", config=deployment
        )
        assert (blue["name"], blue["flavor"]) == ("default", "python_function")
        assert blue["properties"]["model"].endswith(f"/models/{MODEL}/versions/1")

    with step("update_endpoint: all traffic to blue"):
        after = deploy_client.update_endpoint(endpoint=endpoint, config=split(default=100))
        assert after["properties"]["traffic"] == {"default": 100}

    with step("predict through the endpoint"):
        answer = deploy_client.predict(endpoint=endpoint, df=frame)
        assert len(answer) == 5 and set(answer[0]) <= {0, 1}

    with step("create_deployment: green"):
        deploy_client.create_deployment(
            name=green, endpoint=endpoint, model_uri=f"models:/{MODEL}/2", config=deployment
        )
        traffic = deploy_client.get_endpoint(endpoint)["properties"]["traffic"]
        assert traffic == {"default": 100}

    with step("predict by green's name, without traffic"):
        assert len(deploy_client.predict(endpoint=endpoint, deployment_name=green, df=frame)) == 5

    with step("list_deployments, get_deployment, list_endpoints"):
        names = {each["name"] for each in deploy_client.list_deployments(endpoint=endpoint)}
        assert names == {"default", green}
        shown = deploy_client.get_deployment(green, endpoint=endpoint)
        assert shown["properties"]["instanceType"] == "Standard_DS3_v2"
        assert endpoint in {each["name"] for each in deploy_client.list_endpoints()}

    with step("update_endpoint: 90 / 10"):
        traffic = {"default": 90, green: 10}
        after = deploy_client.update_endpoint(endpoint=endpoint, config=split(**traffic))
        assert after["properties"]["traffic"] == traffic
        assert after["tags"] == {"team": "heart"}
        assert len(deploy_client.predict(endpoint=endpoint, df=frame)) == 5

    with step("update_endpoint: 0 / 100"):
        traffic = {"default": 0, green: 100}
        after = deploy_client.update_endpoint(endpoint=endpoint, config=split(**traffic))
        assert after["properties"]["traffic"] == traffic

    with step("delete_deployment: blue"):
        deploy_client.delete_deployment("default", endpoint=endpoint)
        names = [each["name"] for each in deploy_client.list_deployments(endpoint=endpoint)]
        assert names == [green]
        traffic = deploy_client.get_endpoint(endpoint)["properties"]["traffic"]
        assert {name: share for name, share in traffic.items() if share} == {green: 100}

    with step("delete_endpoint"):
        deploy_client.delete_endpoint(endpoint)
        assert endpoint not in {each["name"] for each in deploy_client.list_endpoints()}


def test_without_a_configuration(deploy_client, versions, frame, file, step):
    """What the plugin takes where nothing is said (deploy/_mir/_util.py)."""
    with step("create_endpoint without a configuration: token, system identity"):
        made = deploy_client.create_endpoint("heart-mlflow-bare")
        assert made["properties"]["authMode"] == "AMLToken"
        assert made["identity"]["type"] == "SystemAssigned"
        assert made["properties"]["properties"]["azureml.mlflow_client_endpoint"] == "True"
        deploy_client.delete_endpoint("heart-mlflow-bare")
    with step("create_deployment without an endpoint: makes one of its name, with all traffic"):
        name = "heart-mlflow-own"
        deploy_client.create_deployment(
            name,
            f"models:/{MODEL}/1",
            config={"deploy-config-file": file("deployment.json", DEPLOYMENT)},
        )
        assert deploy_client.get_endpoint(name)["properties"]["traffic"] == {name: 100}
        assert deploy_client.get_deployment(name)["name"] == name
    with step("predict by the name of such a deployment, with a token"):
        assert len(deploy_client.predict(deployment_name=name, df=frame)) == 5
    with step("delete_deployment with delete_empty_endpoint"):
        deploy_client.delete_deployment(name, delete_empty_endpoint=True)
        assert name not in {each["name"] for each in deploy_client.list_endpoints()}


def test_changes(deploy_client, versions, frame, file, step):
    endpoint = "heart-mlflow-changes"
    deploy_client.create_endpoint(endpoint)
    settings = DEPLOYMENT | {
        "description": "tuned",
        "app_insights_enabled": True,
        "environment_variables": {"LEVEL": "info"},
        "liveness_probe": {"initial_delay": 500, "period": 20, "timeout": 4},
        "scale_settings": {"type": "default"},
        "type": "managed",
    }
    for name, config in (("blue", DEPLOYMENT), ("green", settings)):
        deploy_client.create_deployment(
            name,
            f"models:/{MODEL}/1",
            config={"deploy-config-file": file(f"{name}.json", config)},
            endpoint=endpoint,
        )
    with step("create_deployment with everything that its file may say"):
        green = deploy_client.get_deployment("green", endpoint)["properties"]
        assert (green["description"], green["appInsightsEnabled"]) == ("tuned", True)
        assert green["environmentVariables"] == {"LEVEL": "info"}
        assert green["livenessProbe"]["initialDelay"].startswith("PT")
    with step("update_endpoint: mirror and tags"):
        change = {
            "traffic": {"blue": 100},
            "mirror_traffic": {"green": 20},
            "tags": {"team": "heart"},
        }
        after = deploy_client.update_endpoint(
            endpoint, config={"endpoint-config-file": file("change.json", change)}
        )
        assert after["properties"]["traffic"] == {"blue": 100}
        assert after["properties"]["mirrorTraffic"] == {"green": 20}
        assert after["tags"] == {"team": "heart"}
        change = {"traffic": {"blue": 100}, "mirror_traffic": {}}
        after = deploy_client.update_endpoint(
            endpoint, config={"endpoint-config-file": file("change.json", change)}
        )
        assert after["properties"]["mirrorTraffic"] == {}
    with step("update_deployment: number of instances; the model stays"):
        # It is a PATCH of 2022-02-01-preview, which defines tags and sku only.
        deploy_client.update_deployment(
            "green",
            model_uri=f"models:/{MODEL}/2",
            config={"deploy-config-file": file("scale.json", {"instance_count": 2})},
            endpoint=endpoint,
        )
        after = deploy_client.get_deployment("green", endpoint)
        assert after["sku"]["capacity"] == 2
        assert after["properties"]["model"].endswith("/versions/1")
        assert len(deploy_client.predict("green", frame, endpoint)) == 5
    deploy_client.delete_endpoint(endpoint)


def test_refusals(ml_client, deploy_client, versions, frame, file, step):
    endpoint = "heart-mlflow-refusals"
    deploy_client.create_endpoint(endpoint)
    create = lambda name, config, version=1: deploy_client.create_deployment(  # noqa: E731
        name,
        f"models:/{MODEL}/{version}",
        config={"deploy-config-file": file(f"{name}.json", config)},
        endpoint=endpoint,
    )
    update = lambda **change: deploy_client.update_endpoint(  # noqa: E731
        endpoint, config={"endpoint-config-file": file("change.json", change)}
    )
    create("blue", DEPLOYMENT)
    update(traffic={"blue": 100})

    for field in ("model", "environment", "code_configuration", "endpoint_name"):
        with step(f"refused by the client: a file that says {field}"):
            with pytest.raises(MlflowException, match="Failed to parse provided configuration"):
                create("green", DEPLOYMENT | {field: "x"})
    with step("refused: a missing deployment in the split, a sum of 60"):
        with pytest.raises(HttpResponseError, match="purple"):
            update(traffic={"blue": 90, "purple": 10})
        with pytest.raises(HttpResponseError, match="sum to 0 or 100"):
            update(traffic={"blue": 60})
    with step("refused: a bad name, a name taken in the region"):
        with pytest.raises(HttpResponseError, match="not valid"):
            deploy_client.create_endpoint("heart_mlflow")
        with pytest.raises(HttpResponseError, match="unique within a region"):
            deploy_client.create_endpoint("taken-in-region")
    with step("refused: quota, unknown instance type"):
        with pytest.raises(HttpResponseError, match="Not enough quota available"):
            create("huge", {"instance_type": "Standard_F16s_v2", "instance_count": 2})
        with pytest.raises(HttpResponseError, match="Standard_Nothing_v9"):
            create("odd", {"instance_type": "Standard_Nothing_v9"})
    with step("refused by the client: a request timeout"):
        # deploy/_mir/_util.py copies the milliseconds into a field that holds a duration.
        with pytest.raises(SerializationError, match="duration"):
            create("slow", DEPLOYMENT | {"request_settings": {"request_timeout_ms": 90_000}})
    with step("failed: a model version that is not there"):
        with pytest.raises(HttpResponseError, match="Could not find asset with ID"):
            create("lost", DEPLOYMENT, version=99)
        deploy_client.delete_deployment("lost", endpoint=endpoint)
    with step("not found: get_endpoint, get_deployment; delete_endpoint has nothing to do"):
        with pytest.raises(ResourceNotFoundError):
            deploy_client.get_endpoint("heart-never")
        assert deploy_client._get_v2_deployment("purple", endpoint) is None
        deploy_client.delete_endpoint("heart-never")
    with step("not found: predict by the name of a missing deployment"):
        with pytest.raises(Exception, match="any valid deployment"):
            deploy_client.predict("purple", frame, endpoint)
    deploy_client.delete_endpoint(endpoint)
