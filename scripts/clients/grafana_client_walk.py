"""Walks through the portal with the Python package `grafana-client`, as a script written for
Grafana would. Usage: grafana_client_walk.py URL USER PASSWORD; exit status 0 when all of it worked.
"""

import sys
import time
from urllib.parse import urlsplit

from grafana_client import GrafanaApi, TokenAuth
from grafana_client.client import GrafanaBadInputError, GrafanaClientError, GrafanaUnauthorizedError

url, user, password = sys.argv[1:4]
at = urlsplit(url)
mark = f"walk{int(time.time())}"


def connect(auth, organization_id=None):
    return GrafanaApi(auth=auth, host=at.hostname, port=at.port, protocol=at.scheme, organization_id=organization_id)


api = connect((user, password))
done = []


def step(name, value):
    done.append(name)
    print(f"{name}: {str(value)[:100]}")
    return value


def refused(name, error, action):
    try:
        action()
    except error as reason:
        step(name, reason)
    else:
        raise SystemExit(f"{name}: was not refused")


step("health", api.health.check())
step("version", api.version)
step("current user", api.user.get_actual_user())
step("organisation", api.organization.get_current_organization())

# Data sources
source = step(
    "create data source",
    api.datasource.create_datasource(
        {"name": mark, "type": "prometheus", "access": "proxy", "url": "http://127.0.0.1:9090",
         "secureJsonData": {"httpHeaderValue1": "secret"}, "jsonData": {"httpHeaderName1": "X-Walk"}}
    ),
)["datasource"]
step("list data sources", [s["name"] for s in api.datasource.list_datasources()])
step("by uid", api.datasource.get_datasource_by_uid(source["uid"])["secureJsonFields"])
step("by name", api.datasource.get_datasource_by_name(mark)["id"])
step("id by name", api.datasource.get_datasource_id_by_name(mark))
step("update", api.datasource.update_datasource(source["id"], {**source, "url": "http://127.0.0.1:9090/"}))
default = next(s for s in api.datasource.list_datasources() if s["isDefault"])
step("health of the default", api.datasource.health(default["uid"]))
query = {"refId": "A", "datasource": {"uid": default["uid"], "type": "prometheus"}, "expr": "up", "instant": True}
frames = api.client.POST("/ds/query", json={"from": "now-5m", "to": "now", "queries": [query]})["results"]["A"]["frames"]
step("query", [frame["schema"]["fields"][1]["labels"] for frame in frames])
step("delete data source", api.datasource.delete_datasource_by_uid(source["uid"]))

# Folders and dashboards
folder = step("create folder", api.folder.create_folder(mark, uid=mark))
step("folder", api.folder.get_folder(mark)["url"])
step("folders", len(api.folder.get_all_folders()))
step("folder permissions", api.folder.get_folder_permissions(mark))
board = {
    "dashboard": {"uid": mark, "title": mark, "tags": [mark], "schemaVersion": 39,
                  "panels": [{"id": 1, "type": "timeseries", "title": "Up", "targets": [{"refId": "A", "expr": "up"}]}]},
    "folderUid": mark, "message": "first", "overwrite": False,
}
step("save dashboard", api.dashboard.update_dashboard(board))
board["dashboard"]["title"] = mark + " changed"
board["dashboard"]["version"] = 1
step("save again", api.dashboard.update_dashboard(board))
refused("save over a newer version", GrafanaClientError, lambda: api.dashboard.update_dashboard(board))
step("dashboard", api.dashboard.get_dashboard(mark)["meta"]["version"])
step("tags", api.dashboard.get_dashboards_tags())
step("search", [hit["uid"] for hit in api.search.search_dashboards(tag=mark)])
step("versions", api.dashboard_versions.get_dashboard_versions_by_uid(mark) if hasattr(api.dashboard_versions, "get_dashboard_versions_by_uid") else "not in this client")
step("permissions", api.dashboard.get_permissions_by_uid(mark))

# Annotations
note = step("annotation", api.annotations.add_annotation(dashboard_uid=mark, panel_id=1, time_from=int(time.time() * 1000), tags=[mark], text="walked"))
step("find it", api.annotations.get_annotation(tags=[mark]))
step("delete it", api.annotations.delete_annotations_by_id(note["id"]))

# Users, teams, organisations
person = step("create user", api.admin.create_user({"name": mark, "login": mark, "email": f"{mark}@example.test", "password": "walked through"}))
step("find user", api.users.find_user(mark))
team = step("create team", api.teams.add_team({"name": mark, "orgId": 1}))
step("add member", api.teams.add_team_member(team["teamId"], person["id"]))
step("members", [m["login"] for m in api.teams.get_team_members(team["teamId"])])
step("find team", api.teams.search_teams(mark))
refused("as a viewer", GrafanaClientError, lambda: connect((mark, "walked through")).datasource.list_datasources())
refused("wrong password", GrafanaUnauthorizedError, lambda: connect((mark, "wrong")).user.get_actual_user())
org = step("create organisation", api.organization.create_organization({"name": mark}))
step("nothing of ours in it", connect((user, password), org["orgId"]).search.search_dashboards())

# Service accounts
account = step("service account", api.serviceaccount.create({"name": mark, "role": "Editor"}))
token = step("token", {**api.serviceaccount.create_token(account["id"], {"name": mark})})
robot = connect(TokenAuth(token["key"]))
step("by token", robot.search.search_dashboards(tag=mark)[0]["uid"])
refused("bad input", GrafanaBadInputError, lambda: robot.dashboard.update_dashboard({"dashboard": {"title": ""}}))

# And away with it
step("delete account", api.serviceaccount.delete(account["id"]))
step("delete organisation", api.organizations.delete_organization(org["orgId"]))
step("delete team", api.teams.delete_team(team["teamId"]))
step("delete user", api.admin.delete_user(person["id"]))
step("delete dashboard", api.dashboard.delete_dashboard(mark))
step("delete folder", api.folder.delete_folder(mark))
print(f"{len(done)} steps, all done")
