"""What the service refuses, as azure-ai-ml reports it: the client's exception, with the service's words.

Where no recording of the service's own words is public, only the meaning is asked for
(docs/conformance.md says which).
"""

import time

import pytest
from azure.ai.ml.entities import FqdnDestination, Model
from azure.ai.ml.exceptions import MlException, ValidationException
from azure.core.exceptions import (
    ClientAuthenticationError,
    HttpResponseError,
    ResourceExistsError,
    ResourceNotFoundError,
)

import sdk
from conftest import SAMPLES

CLIENTS = ("azure-ai-ml",)
ENDPOINT = "heart-refusals"
MODEL = "heart-refusals"


@pytest.fixture(scope="module")
def model(ml_client):
    return sdk.register(ml_client, name=MODEL)


@pytest.fixture(scope="module")
def endpoint(ml_client, model):
    """All the traffic on blue, green beside it."""
    sdk.create_endpoint(ml_client, ENDPOINT, auth_mode="key")
    for name in ("blue", "green"):
        sdk.deploy(ml_client, ENDPOINT, name, model)
    sdk.set_traffic(ml_client, ENDPOINT, {"blue": 100})
    yield ENDPOINT
    ml_client.online_endpoints.begin_delete(ENDPOINT).result()


def refused(status, words, kind=HttpResponseError):
    return pytest.raises(kind, match=f"(?s){words}", check=lambda error: error.status_code == status)


def unchanged(client):
    found = client.online_endpoints.get(ENDPOINT)
    return (found.provisioning_state, found.traffic, found.mirror_traffic) == (
        "Succeeded",
        {"blue": 100, "green": 0},
        {},
    )


@pytest.mark.parametrize("name", ["a", "x" * 33, "1heart", "heart-", "heart_disease"])
def test_a_bad_endpoint_name(ml_client, step, name):
    with step(f"refused by the client: endpoint named {name}"):
        with pytest.raises(MlException, match="The name for an endpoint must"):
            sdk.create_endpoint(ml_client, name, auth_mode="key")


def test_a_bad_deployment_name(ml_client, endpoint, model, step):
    with step("refused by the client: deployment named green_2"):
        with pytest.raises(MlException, match="The name for a deployment must"):
            sdk.deploy(ml_client, ENDPOINT, "green_2", model)


def test_a_name_taken_in_the_region(ml_client, step):
    with step("refused: name of someone else's endpoint"):
        with refused(400, "Endpoint name needs to be unique within a region"):
            sdk.create_endpoint(ml_client, "taken-in-region", auth_mode="key")


@pytest.mark.parametrize(
    ("what", "split", "mirror", "words"),
    [
        ("traffic to a missing deployment", {"blue": 90, "purple": 10}, {}, "purple"),
        ("a missing name in capitals, sent in lower case", {"PURPLE": 100}, {}, "'purple'"),
        ("traffic that sums to 60", {"blue": 60}, {}, "sum to 0 or 100"),
        ("traffic that sums to 110", {"blue": 60, "green": 50}, {}, "sum to 0 or 100"),
        ("mirror above 50 %", {"blue": 100}, {"green": 51}, "50 percent"),
        ("mirror to live traffic", {"blue": 90, "green": 10}, {"green": 10}, "mirror"),
        ("mirror to a missing deployment", {"blue": 100}, {"purple": 10}, "purple"),
    ],
)
def test_traffic(ml_client, endpoint, step, what, split, mirror, words):
    with step(f"refused: {what}"):
        with refused(400, words):
            sdk.set_traffic(ml_client, ENDPOINT, split, mirror)
        assert unchanged(ml_client)


def test_traffic_at_creation(ml_client, step):
    with step("refused: traffic in the creation of an endpoint"):
        with refused(400, "blue"):
            sdk.create_endpoint(ml_client, "heart-too-early", traffic={"blue": 100})
        with refused(404, "not found", ResourceNotFoundError):
            ml_client.online_endpoints.get("heart-too-early")


def test_delete(ml_client, endpoint, step):
    with step("refused: delete a deployment with live traffic"):
        with refused(400, "live traffic"):
            ml_client.online_deployments.begin_delete("blue", ENDPOINT).result()
        assert unchanged(ml_client)
    with step("delete what is not there: nothing to do"):
        ml_client.online_deployments.begin_delete("purple", ENDPOINT).result()
        ml_client.online_endpoints.begin_delete("heart-never").result()


def test_missing(ml_client, endpoint, model, sample_request, step):
    with step("not found: endpoint, deployment, model"):
        with refused(404, "not found", ResourceNotFoundError):
            ml_client.online_endpoints.get("heart-never")
        with refused(404, "not found", ResourceNotFoundError):
            ml_client.online_deployments.get("purple", ENDPOINT)
        with refused(404, "ModelNotFound", ResourceNotFoundError):
            ml_client.models.get(MODEL, "99")
    with step("not found: deploy into a missing endpoint"):
        with refused(404, "not found", ResourceNotFoundError):
            sdk.deploy(ml_client, "heart-never", "blue", model)
    with step("not found: invoke a missing deployment"):
        # The client looks at the list first (_validate_deployment_name).
        with pytest.raises(ValidationException, match="Deployment name purple not found"):
            sdk.invoke(ml_client, ENDPOINT, sample_request, "purple")


def test_a_missing_model_version(ml_client, endpoint, step):
    with step("failed: deploy a model version that is not there"):
        with pytest.raises(HttpResponseError, match="Could not find asset with ID"):
            sdk.deploy(ml_client, ENDPOINT, "lost", f"azureml:{MODEL}:99")
        assert ml_client.online_deployments.get("lost", ENDPOINT).provisioning_state == "Failed"
    with step("refused: write again what failed when it was created"):
        with refused(400, "unrecoverable state. Delete and re-create"):
            sdk.deploy(ml_client, ENDPOINT, "lost", f"azureml:{MODEL}:1")
    with step("delete what failed"):
        ml_client.online_deployments.begin_delete("lost", ENDPOINT).result()


def test_quota(ml_client, endpoint, model, step):
    with step("refused: quota, 2 instances of 16 cores with the fifth that is reserved"):
        with refused(400, "Not enough quota available for Standard_F16s_v2.*Additional needed: 48"):
            sdk.deploy(
                ml_client,
                ENDPOINT,
                "huge",
                model,
                instance_type="Standard_F16s_v2",
                instance_count=2,
            )
        names = {each.name for each in ml_client.online_deployments.list(ENDPOINT)}
        assert names == {"blue", "green"}


def test_an_unknown_instance_type(ml_client, endpoint, model, step):
    with step("refused: unknown instance type"):
        with refused(400, "Standard_Nothing_v9"):
            sdk.deploy(ml_client, ENDPOINT, "odd", model, instance_type="Standard_Nothing_v9")


def test_a_crashed_container(ml_client, endpoint, model, faults, step):
    faults.add({"crash": "ModuleNotFoundError: No module named 'xgboost'"}, deployment="crashing")
    with step("failed: the container crashes at start"):
        with pytest.raises(HttpResponseError, match="User container has crashed or terminated"):
            sdk.deploy(ml_client, ENDPOINT, "crashing", model)
        found = ml_client.online_deployments.get("crashing", ENDPOINT)
        assert found.provisioning_state == "Failed"
        split = ml_client.online_endpoints.get(ENDPOINT).traffic
        assert split == {"blue": 100, "green": 0, "crashing": 0}
    with step("get_logs of the crashed container"):
        log = ml_client.online_deployments.get_logs("crashing", ENDPOINT, lines=200)
        assert "ModuleNotFoundError: No module named 'xgboost'" in log
        assert "UserContainerStart: Failed" in log
    with step("refused: traffic to what failed"):
        with refused(400, "unrecoverable state"):
            sdk.set_traffic(ml_client, ENDPOINT, {"blue": 90, "crashing": 10})
    ml_client.online_deployments.begin_delete("crashing", ENDPOINT).result()
    assert unchanged(ml_client)


def test_a_provider_that_is_not_registered(ml_client, faults, step):
    words = "Resource provider [N/A] isn't registered with Subscription [N/A]."
    faults.add(
        {"operationError": {"code": "SubscriptionNotRegistered", "message": words}},
        method="PUT",
        path="onlineEndpoints/heart-unregistered",
    )
    with step("failed: a resource provider is not registered"):
        with pytest.raises(HttpResponseError, match="SubscriptionNotRegistered") as failed:
            sdk.create_endpoint(ml_client, "heart-unregistered", auth_mode="key")
        assert words in failed.value.message
    with step("refused: go on with the endpoint that failed"):
        found = ml_client.online_endpoints.get("heart-unregistered")
        assert found.provisioning_state.lower() == "failed"
        with refused(400, "Please recreate the endpoint"):
            sdk.create_endpoint(ml_client, "heart-unregistered", auth_mode="key")
    ml_client.online_endpoints.begin_delete("heart-unregistered").result()


def test_too_many_requests(ml_client, endpoint, faults, step):
    faults.add(
        {"status": 429, "headers": {"Retry-After": "2"}}, method="GET", path=f"/{ENDPOINT}\\?"
    )
    with step("429: Retry-After is obeyed"):
        since = time.monotonic()
        assert ml_client.online_endpoints.get(ENDPOINT).name == ENDPOINT
        assert 2 <= time.monotonic() - since < 10
        assert faults.left() == []
    with step("429 without end: the client gives up with the service's words"):
        faults.add(
            {"status": 429, "headers": {"Retry-After": "0"}},
            times=50,
            method="GET",
            path=f"/{ENDPOINT}\\?",
        )
        with refused(429, "SubscriptionRequestsThrottled"):
            ml_client.online_endpoints.get(ENDPOINT)
        faults.clear()


def test_another_change_is_running(ml_client, endpoint, model, faults, step):
    with step("409: another change of the endpoint is still running"):
        faults.add({"slowOperationMs": 1_500}, method="PUT", path=f"/{ENDPOINT}\\?")
        found = ml_client.online_endpoints.get(ENDPOINT)
        running = ml_client.online_endpoints.begin_create_or_update(found)
        with refused(409, "in Updating provisioning state", ResourceExistsError):
            sdk.deploy(ml_client, ENDPOINT, "impatient", model)
        with refused(409, "in conflicting state", ResourceExistsError):
            ml_client.online_endpoints.begin_create_or_update(found).result()
        running.result()
        assert unchanged(ml_client)


@pytest.mark.parametrize(
    ("status", "kind", "words"),
    [
        (401, ClientAuthenticationError, "ExpiredAuthenticationToken"),
        (403, HttpResponseError, "AuthorizationFailed"),
        (503, HttpResponseError, "Received 503 from a service request"),
    ],
)
def test_refused_by_status(ml_client, endpoint, faults, step, status, kind, words):
    with step(f"{status}: reported with the service's words"):
        faults.add({"status": status}, times=50, method="PUT", path=f"/{ENDPOINT}\\?")
        with refused(status, words, kind):
            sdk.set_traffic(ml_client, ENDPOINT, {"green": 100})
        faults.clear()
        assert unchanged(ml_client)


def test_another_workspace(sandbox, short_waits, step):
    from azure.ai.ml import MLClient
    from azure.identity import DefaultAzureCredential

    with step("not found: workspace, resource group, subscription"):
        scope = [sandbox["subscriptionId"], sandbox["resourceGroup"], sandbox["workspaceName"]]
        for at, words in enumerate(["SubscriptionNotFound", "ResourceGroupNotFound", "not found"]):
            wrong = list(scope)
            wrong[at] = "11111111-2222-4333-8444-555555555555" if at == 0 else "nowhere"
            with refused(404, words, ResourceNotFoundError):
                MLClient(DefaultAzureCredential(), *wrong).workspaces.get(wrong[2])


def test_models(ml_client, model, tmp_path, step):
    with step("refused: another path for a version that exists"):
        with refused(400, "Asset paths cannot be updated"):
            sdk.register(ml_client, "v2", name=MODEL, version="1")
        assert ml_client.models.get(MODEL, "1").path == model.path
    with step("refused by the client: an empty folder"):
        empty = tmp_path / "empty"
        empty.mkdir()
        with pytest.raises(MlException, match="path or local_path must be a non-empty directory"):
            ml_client.models.create_or_update(
                Model(name="heart-empty", path=str(empty), type="mlflow_model")
            )
    with step("refused by the client: one file as an MLflow model"):
        with pytest.raises(MlException, match="cannot register a file"):
            ml_client.models.create_or_update(
                Model(
                    name="heart-file",
                    path=str(SAMPLES / "heart-classifier" / "v1" / "conda.yaml"),
                    type="mlflow_model",
                )
            )


def test_regenerate_keys_without_keys(ml_client, step):
    with step("refused by the client: regenerate keys where there are tokens"):
        sdk.create_endpoint(ml_client, "heart-no-keys", auth_mode="aml_token")
        with pytest.raises(ValidationException, match="does not use keys"):
            ml_client.online_endpoints.begin_regenerate_keys("heart-no-keys").result()
        ml_client.online_endpoints.begin_delete("heart-no-keys").result()


def test_a_private_network(ml_client, sandbox, step):
    workspace, rules = sandbox["workspaceName"], ml_client.workspace_outbound_rules
    rule = FqdnDestination(name="pypi", destination="pypi.org")
    with step("refused: provisioning a managed network, and its outbound rules"):
        for work in (
            lambda: ml_client.workspaces.begin_provision_network(workspace_name=workspace).result(),
            lambda: rules.begin_create(workspace, rule).result(),
            lambda: rules.begin_update(workspace, rule).result(),
        ):
            with pytest.raises(HttpResponseError, match="The sandbox has no private network") as refused:
                work()
            assert refused.value.status_code == 400
        assert list(rules.list(workspace)) == []
        with pytest.raises(ResourceNotFoundError):
            rules.get(workspace, "pypi")
        rules.begin_remove(workspace, "pypi").result()
