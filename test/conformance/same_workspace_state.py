"""All that a rollout leaves in a workspace, and what was sent for it, as plain JSON."""

import re

import requests
from azure.identity import DefaultAzureCredential
from azure.storage.blob import ContainerClient

# One for all reads, so that what is compared is the workspace and not two views of it.
API_VERSION = "2023-10-01"
# Those of the tests' own files, which begin with zeros, have to arrive as they are.
GUID = re.compile(r"(?!0{8}-)[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)
TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:?\d\d)")
# The mark at the end of a packaged environment's name hangs on the subscription.
MARK = re.compile(r"(packaged_\w+_\d+)_[0-9a-f]{8}")


def normaliser(names):
    """Replaces what two workspaces can't have in common: `names` by value, other ids, and times."""

    def normal(value):
        if isinstance(value, dict):
            return {normal(name): normal(inner) for name, inner in value.items()}
        if isinstance(value, list):
            return [normal(inner) for inner in value]
        if not isinstance(value, str):
            return value
        for name, own in names.items():
            value = value.replace(own, f"{{{name}}}")
        value = MARK.sub(r"\1_{mark}", value)
        return TIME.sub("{time}", GUID.sub("{guid}", value))

    return normal


class Workspace:
    """Reads by plain REST: neither client's view of what is there."""

    def __init__(self, info):
        self._root = (
            f"{info['armUrl'].rstrip('/')}/subscriptions/{info['subscriptionId']}"
            f"/resourceGroups/{info['resourceGroup']}/providers"
            f"/Microsoft.MachineLearningServices/workspaces/{info['workspaceName']}"
        )
        self._credential = DefaultAzureCredential()
        token = self._credential.get_token("https://management.azure.com/.default").token
        self._headers = {"Authorization": f"Bearer {token}"}
        self.datastore = self._get("/datastores/workspaceblobstore")["properties"]
        # What is its own, by a name for it.
        self.names = {
            "subscription": info["subscriptionId"],
            "tenant": info["tenantId"],
            "workspace": self._get("")["properties"]["workspaceId"],
            "account": self.datastore["accountName"],
        }

    def _get(self, path):
        answer = requests.get(
            self._root + path,
            params={"api-version": API_VERSION},
            headers=self._headers,
            timeout=30,
        )
        answer.raise_for_status()
        return answer.json()

    def _named(self, path):
        page = self._get(path)
        assert "nextLink" not in page or not page["nextLink"], path
        return {each["name"]: self._get(f"{path}/{each['name']}") for each in page["value"]}

    def _blobs(self):
        store = self.datastore
        container = ContainerClient(
            f"https://{store['accountName']}.blob.{store['endpoint']}",
            store["containerName"],
            credential=self._credential,
        )
        with container:
            names = [blob.name for blob in container.list_blobs()]
            seen = {name: container.get_blob_client(name).get_blob_properties() for name in names}
        return {
            name: {
                "size": blob.size,
                "type": blob.blob_type,
                "contentType": blob.content_settings.content_type,
                "contentMd5": bytes(blob.content_settings.content_md5 or b"").hex(),
                "metadata": dict(blob.metadata or {}),
            }
            for name, blob in seen.items()
        }

    def resources(self):
        models = self._named("/models")
        environments = self._named("/environments")
        endpoints = self._named("/onlineEndpoints")
        return {
            "workspace": self._get(""),
            "datastores": self._named("/datastores"),
            "models": models,
            "modelVersions": {name: self._named(f"/models/{name}/versions") for name in models},
            "endpoints": endpoints,
            "deployments": {
                name: self._named(f"/onlineEndpoints/{name}/deployments") for name in endpoints
            },
            "codes": self._named("/codes"),
            "environments": environments,
            "environmentVersions": {
                name: self._named(f"/environments/{name}/versions") for name in environments
            },
            "blobs": self._blobs(),
        }


def changes_sent(requests_seen):
    """Each write by the step it was sent for; then what was asked for by POST, each once.

    Reads and polls are not compared: how often a client looks is its own affair.
    """
    steps = {}
    before = {}
    for seen in requests_seen:
        if seen["method"] not in ("PUT", "PATCH", "DELETE", "POST"):
            continue
        title = step(seen, before)
        if title is None:
            continue
        sent = {
            "method": seen["method"],
            "path": seen["path"],
            "query": seen["query"],
            "headers": headers_of(seen),
            **({"body": seen["body"]} if "body" in seen else {}),
        }
        if seen["method"] == "POST" and sent in steps.values():
            continue
        again = sum(1 for each in steps if each == title or each.startswith(f"{title}, again"))
        steps[f"{title}, again {again}" if again else title] = sent
    return steps


def headers_of(seen):
    # The length of JSON follows from the body, which is compared.
    derived = () if is_blob(seen) else ("content-length",)
    return {name: value for name, value in seen["headers"].items() if name not in derived}


def is_blob(seen):
    return ".blob." in seen["host"]


def step(seen, before):
    """What a person would call it. `before` remembers what each endpoint was sent last."""
    method, path, body = seen["method"], seen["path"], seen.get("body") or {}
    if is_blob(seen):
        comp = seen["query"].get("comp")
        what = {"metadata": "mark", "block": "send a block of", "blocklist": "commit"}.get(comp)
        # The hash of the content names the folder, and the folder names the version.
        return f"{what or 'send'} {path.split('/LocalUpload/', 1)[-1].split('/', 1)[-1]}"
    if ".inference." in seen["host"]:
        return None
    below = path.split("/workspaces/", 1)[-1].split("/")[1:]
    match below:
        case ["models", name, "versions", version] if method == "PUT":
            return f"register {name}:{version}"
        case ["models", name, "versions", version, "package"]:
            return f"package {name}:{version}"
        case ["onlineEndpoints", name] if method == "DELETE":
            return f"delete {name}"
        case ["onlineEndpoints", name] if method in ("PUT", "PATCH"):
            return endpoint_step(name, body, before)
        case ["onlineEndpoints", name, "deployments", deployment] if method in ("PUT", "PATCH"):
            title = f"{name} {deployment}"
            what = "change" if title in before else "deploy"
            before[title] = True
            return f"{what} {title}"
        case ["onlineEndpoints", name, "deployments", deployment] if method == "DELETE":
            return f"delete {name} {deployment}"
    return f"{method} {' '.join(below)}"


def endpoint_step(name, body, before):
    properties = body.get("properties") or {}
    last = before.get(name)
    now = {
        member: live(properties[member]) if member in properties else (last or {}).get(member, "")
        for member in ("traffic", "mirrorTraffic")
    }
    before[name] = now
    if last is None:
        return f"create {name}"
    if now["traffic"] != last["traffic"]:
        return f"set {name} traffic {now['traffic'] or 'none'}"
    if now["mirrorTraffic"] != last["mirrorTraffic"]:
        return f"set {name} mirror {now['mirrorTraffic'] or 'none'}"
    return f"tag {name}" if body.get("tags") else f"repeat the split of {name}"


def live(split):
    return " ".join(f"{name}={share}" for name, share in (split or {}).items() if share)
