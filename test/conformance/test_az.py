"""The Azure CLI without extensions: signing in, looking around, and a rollout by `az resource`."""

import json
import re

import pytest

from az import Az, Failed, az  # noqa: F401  a fixture
from conftest import SAMPLES

CLIENTS = ("azure-cli",)
API = "2023-04-01"


def endpoint_body(sandbox, **properties):
    return json.dumps(
        {
            "location": sandbox["location"],
            "identity": {"type": "SystemAssigned"},
            "properties": {"authMode": "Key"} | properties,
        }
    )


def deployment_body(sandbox, model, **properties):
    return json.dumps(
        {
            "location": sandbox["location"],
            "sku": {"name": "Default", "capacity": 1},
            "properties": {
                "endpointComputeType": "Managed",
                "instanceType": "Standard_DS3_v2",
                "model": model,
            }
            | properties,
        }
    )


@pytest.fixture
def create(az):
    """`az resource create`. It waits for the operation, and looks first after 30 s."""

    def run(path, body):
        return az(
            *("resource", "create", "--id", az.workspace + path, "--api-version", API),
            *("--is-full-object", "--properties", body),
        )

    return run


@pytest.fixture
def put(az):
    """The same write by `az rest` and `az resource wait`, which can look every second."""

    def run(path, body):
        path = az.workspace + path
        az.rest("PUT", path, {"api-version": API}, json.loads(body))
        words = ["--ids", path, "--api-version", API, "--interval", "1", "--timeout", "60"]
        az("resource", "wait", "--created", *words)
        return az.rest("GET", path, {"api-version": API})

    return run


def delete(az, path):
    az.rest("DELETE", az.workspace + path, {"api-version": API})
    az.gone(az.workspace + path, API)


def test_sign_in(sandbox, step, tmp_path):
    az = Az(tmp_path, sandbox)
    with step("az login --identity"):
        (account,) = az("login", "--identity")
        assert account["id"] == sandbox["subscriptionId"]
        assert account["tenantId"] == sandbox["tenantId"]
        assert account["user"]["assignedIdentityInfo"] == "MSI"
    with step("az account show, list, set"):
        assert az("account", "show")["id"] == sandbox["subscriptionId"]
        assert [each["isDefault"] for each in az("account", "list")] == [True]
        az("account", "set", "--subscription", sandbox["subscriptionId"])
    with step("az account get-access-token, by resource"):
        for resource in ("https://management.azure.com", "https://ml.azure.com"):
            token = az("account", "get-access-token", "--resource", resource)
            assert token["accessToken"].count(".") == 2
    with step("az configure --defaults"):
        az("configure", "--defaults", f"workspace={sandbox['workspaceName']}", "group=rg")
        assert f"workspace = {sandbox['workspaceName']}" in (tmp_path / "config").read_text()


def test_what_is_not_served(sandbox, step, tmp_path):
    az = Az(tmp_path, sandbox)
    az("login", "--identity")
    with step("not served: az login --service-principal, az logout (there is no sign-in host)"):
        no_host = r"login\.microsoftonline\.com.*403 Forbidden"
        with pytest.raises(Failed, match=no_host):
            words = ["--username", "app", "--password", "x", "--tenant", sandbox["tenantId"]]
            az("login", "--service-principal", *words)
        with pytest.raises(Failed, match=no_host):
            az("logout")


def test_look_around(az, sandbox, step):
    group = sandbox["resourceGroup"]
    with step("az group list, show, exists"):
        assert [each["name"] for each in az("group", "list")] == [group]
        assert az("group", "show", "--name", group)["location"] == sandbox["location"]
        assert az("group", "exists", "--name", group) is True
        assert az("group", "exists", "--name", "nowhere") is False
    with step("az account list-locations"):
        assert [each["name"] for each in az("account", "list-locations")] == [sandbox["location"]]
    with step("az provider show, register"):
        for name in ("Microsoft.MachineLearningServices", "Microsoft.PolicyInsights"):
            assert az("provider", "show", "--namespace", name)["registrationState"] == "Registered"
        az("provider", "register", "--namespace", "Microsoft.Cdn")
    with step("az resource list, show: the workspace"):
        kind = "Microsoft.MachineLearningServices/workspaces"
        (found,) = az("resource", "list", "--resource-group", group, "--resource-type", kind)
        assert found["id"] == az.workspace
        shown = az("resource", "show", "--ids", az.workspace)
        assert shown["properties"]["provisioningState"] == "Succeeded"
    with step("az rest: the workspace"):
        found = az.rest("GET", az.workspace, {"api-version": API})
        assert found["name"] == sandbox["workspaceName"]


def test_rollout(az, create, put, sandbox, step):
    store = az.rest(
        "GET", f"{az.workspace}/datastores/workspaceblobstore", {"api-version": API}
    )["properties"]
    with step("az storage blob upload-batch: two model folders"):
        for version in ("v1", "v2"):
            az(
                *("storage", "blob", "upload-batch", "--auth-mode", "login", "--no-progress"),
                *("--account-name", store["accountName"]),
                *("--destination", store["containerName"]),
                *("--destination-path", f"by-az/{version}"),
                *("--source", str(SAMPLES / "heart-classifier" / version)),
            )
    with step("az rest: register two model versions"):
        for version in ("1", "2"):
            az.rest(
                "PUT",
                f"{az.workspace}/models/heart-az/versions/{version}",
                {"api-version": API},
                {
                    "properties": {
                        "modelType": "mlflow_model",
                        "modelUri": f"azureml:/{_paths(az.workspace)}/datastores/workspaceblobstore"
                        f"/paths/by-az/v{version}",
                    }
                },
            )
    endpoint = "/onlineEndpoints/heart-az"
    with step("az resource create: the endpoint, waited for"):
        made = create(endpoint, endpoint_body(sandbox))
        assert made["properties"]["provisioningState"] == "Succeeded"
    with step("az rest and az resource wait: blue and green"):
        for name, version in (("blue", 1), ("green", 2)):
            model = f"{az.workspace}/models/heart-az/versions/{version}"
            made = put(f"{endpoint}/deployments/{name}", deployment_body(sandbox, model))
            assert made["properties"]["provisioningState"] == "Succeeded"
    with step("az rest and az resource wait: 90 / 10"):
        split = {"blue": 90, "green": 10}
        made = put(endpoint, endpoint_body(sandbox, traffic=split))
        assert made["properties"]["traffic"] == split
    with step("az resource list, tag: endpoint and deployments; the split stays"):
        kind = "Microsoft.MachineLearningServices/workspaces/onlineEndpoints/deployments"
        listed = az("resource", "list", "--resource-type", kind)
        assert {each["name"].split("/")[-1] for each in listed} >= {"blue", "green"}
        words = ["--ids", az.workspace + endpoint, "--tags", "team=heart", "--api-version", API]
        az("resource", "tag", *words)
        after = az("resource", "show", "--ids", az.workspace + endpoint, "--api-version", API)
        assert (after["tags"], after["properties"]["traffic"]) == ({"team": "heart"}, split)
    with step("az rest: score with the endpoint's key"):
        path = f"{az.workspace}{endpoint}"
        key = az.rest("POST", f"{path}/listKeys", {"api-version": API})["primaryKey"]
        words = ["--method", "post", "--url", after["properties"]["scoringUri"]]
        words += ["--skip-authorization-header", "--body", f"@{SAMPLES / 'sample.json'}"]
        headers = [f"Authorization=Bearer {key}", "Content-Type=application/json"]
        assert len(az("rest", *words, "--headers", *headers)) == 5
        pinned = az("rest", *words, "--headers", *headers, "azureml-model-deployment=green")
        assert len(pinned) == 5
    with step("az monitor metrics list"):
        found = az(
            *("monitor", "metrics", "list", "--resource", az.workspace + endpoint),
            *("--metrics", "RequestsPerMinute", "--interval", "PT1M", "--aggregation", "Average"),
        )
        assert found["value"][0]["name"]["value"] == "RequestsPerMinute"
    with step("az rest: 0 / 100, then delete blue"):
        put(endpoint, endpoint_body(sandbox, traffic={"blue": 0, "green": 100}))
        delete(az, f"{endpoint}/deployments/blue")
        with pytest.raises(Failed, match="not found"):
            words = ["--ids", f"{az.workspace}{endpoint}/deployments/blue", "--api-version", API]
            az("resource", "show", *words)
    with step("az resource delete: the endpoint, waited for"):
        az("resource", "delete", "--ids", az.workspace + endpoint, "--api-version", API)
        kind = "Microsoft.MachineLearningServices/workspaces/onlineEndpoints"
        names = [each["name"] for each in az("resource", "list", "--resource-type", kind)]
        assert "heart-az" not in [name.split("/")[-1] for name in names]


def test_refusals(az, create, put, faults, sandbox, step):
    endpoint = "/onlineEndpoints/heart-az-refusals"
    for name in ("ab", "x" * 33, "1heart", "heart-", "heart_disease"):
        with step(f"refused by the service: endpoint named {name}"):
            with pytest.raises(Failed, match="(?s)not valid"):
                create(f"/onlineEndpoints/{name}", endpoint_body(sandbox))
    with step("refused by the service: an endpoint without an identity"):
        with pytest.raises(Failed, match="(?i)identity"):
            body = {"location": sandbox["location"], "properties": {"authMode": "Key"}}
            create(endpoint, json.dumps(body))
    put(endpoint, endpoint_body(sandbox))
    with step("refused by the service: traffic to a missing deployment, a sum of 60"):
        with pytest.raises(Failed, match="purple"):
            create(endpoint, endpoint_body(sandbox, traffic={"purple": 100}))
    with step("refused by the service: unknown instance type"):
        with pytest.raises(Failed, match="Standard_Nothing_v9"):
            model = f"{az.workspace}/models/heart-az/versions/1"
            body = deployment_body(sandbox, model, instanceType="Standard_Nothing_v9")
            create(f"{endpoint}/deployments/odd", body)
    with step("failed: an operation that ends in an error"):
        words = "Resource provider [N/A] isn't registered"
        error = {"code": "SubscriptionNotRegistered", "message": words}
        faults.add({"operationError": error}, method="PUT", path="heart-az-unregistered")
        with pytest.raises(Failed, match="SubscriptionNotRegistered"):
            create("/onlineEndpoints/heart-az-unregistered", endpoint_body(sandbox))
    with step("429: Retry-After is obeyed"):
        faults.add({"status": 429, "headers": {"Retry-After": "1"}}, path="heart-az-refusals")
        words = ["--ids", az.workspace + endpoint, "--api-version", API]
        assert az("resource", "show", *words)["name"] == "heart-az-refusals"
        assert faults.left() == []
    with step("403: reported with the service's words"):
        faults.add({"status": 403}, path="heart-az-refusals")
        with pytest.raises(Failed, match="AuthorizationFailed"):
            az("resource", "show", *words)
    for name in ("heart-az-refusals", "heart-az-unregistered"):
        delete(az, f"/onlineEndpoints/{name}")


def _paths(workspace_id):
    """`/subscriptions/…/resourcegroups/…/workspaces/…`, as azureml:// spells it."""
    return re.sub("/providers/Microsoft.MachineLearningServices", "", workspace_id)
