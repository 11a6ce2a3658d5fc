// Walks through the portal with Grafana's own generated Go client, the one that its Terraform
// provider is built on. Usage: go run . HOST:PORT USER PASSWORD
package main

import (
	"fmt"
	"net/url"
	"os"
	"time"

	gapi "github.com/grafana/grafana-openapi-client-go/client"
	"github.com/grafana/grafana-openapi-client-go/client/dashboards"
	"github.com/grafana/grafana-openapi-client-go/client/folders"
	"github.com/grafana/grafana-openapi-client-go/client/library_elements"
	"github.com/grafana/grafana-openapi-client-go/client/search"
	"github.com/grafana/grafana-openapi-client-go/client/service_accounts"
	"github.com/grafana/grafana-openapi-client-go/client/teams"
	"github.com/grafana/grafana-openapi-client-go/models"
)

func check[T any](name string, value T, err error) T {
	if err != nil {
		fmt.Printf("%s: %v\n", name, err)
		os.Exit(1)
	}
	fmt.Printf("%s: done\n", name)
	return value
}

func text(s string) *string { return &s }

func main() {
	host, user, password := os.Args[1], os.Args[2], os.Args[3]
	mark := fmt.Sprintf("go%d", time.Now().Unix())
	api := gapi.NewHTTPClientWithConfig(nil, &gapi.TransportConfig{
		Host: host, BasePath: "/api", Schemes: []string{"http"},
		BasicAuth: url.UserPassword(user, password), OrgID: 1,
	})

	health, err := api.Health.GetHealth()
	fmt.Println("version:", check("health", health, err).Payload.Version)

	folder, err := api.Folders.CreateFolder(&models.CreateFolderCommand{Title: mark, UID: mark})
	check("create folder", folder, err)
	child, err := api.Folders.CreateFolder(&models.CreateFolderCommand{Title: mark + " child", ParentUID: mark})
	check("create child folder", child, err)
	moved, err := api.Folders.MoveFolder(child.Payload.UID, &models.MoveFolderCommand{ParentUID: ""})
	check("move it", moved, err)
	list, err := api.Folders.GetFolders(folders.NewGetFoldersParams())
	check("folders", list, err)

	model := map[string]any{"title": mark, "uid": mark, "tags": []string{mark}, "schemaVersion": 39, "panels": []any{}}
	saved, err := api.Dashboards.PostDashboard(&models.SaveDashboardCommand{Dashboard: model, FolderUID: mark, Message: "first"})
	check("save dashboard", saved, err)
	got, err := api.Dashboards.GetDashboardByUID(mark)
	check("get dashboard", got, err)
	versions, err := api.Dashboards.GetDashboardVersionsByUID(dashboards.NewGetDashboardVersionsByUIDParams().WithUID(mark))
	check("versions", versions, err)
	hits, err := api.Search.Search(search.NewSearchParams().WithTag([]string{mark}))
	if check("search", hits, err); len(hits.Payload) != 1 {
		fmt.Println("search found", len(hits.Payload))
		os.Exit(1)
	}
	permissions, err := api.Dashboards.UpdateDashboardPermissionsByUID(mark, &models.UpdateDashboardACLCommand{
		Items: []*models.DashboardACLUpdateItem{{Role: "Viewer", Permission: 1}},
	})
	check("permissions", permissions, err)

	source, err := api.Datasources.AddDataSource(&models.AddDataSourceCommand{
		Name: mark, Type: "prometheus", Access: "proxy", URL: "http://127.0.0.1:9090",
		JSONData: map[string]any{"httpMethod": "POST"}, SecureJSONData: map[string]string{"basicAuthPassword": "secret"},
	})
	check("create data source", source, err)
	uid := source.Payload.Datasource.UID
	one, err := api.Datasources.GetDataSourceByUID(uid)
	check("get data source", one, err)
	updated, err := api.Datasources.UpdateDataSourceByUID(uid, &models.UpdateDataSourceCommand{
		Name: mark, Type: "prometheus", Access: "proxy", URL: "http://127.0.0.1:9091",
	})
	check("update data source", updated, err)
	gone, err := api.Datasources.DeleteDataSourceByUID(uid)
	check("delete data source", gone, err)

	person, err := api.AdminUsers.AdminCreateUser(&models.AdminCreateUserForm{Login: mark, Password: models.Password("walked through")})
	check("create user", person, err)
	team, err := api.Teams.CreateTeam(&models.CreateTeamCommand{Name: text(mark)})
	check("create team", team, err)
	id := fmt.Sprint(team.Payload.TeamID)
	member, err := api.Teams.AddTeamMember(id, &models.AddTeamMemberCommand{UserID: &person.Payload.ID})
	check("add member", member, err)
	found, err := api.Teams.SearchTeams(teams.NewSearchTeamsParams().WithName(text(mark)))
	check("search teams", found, err)

	account, err := api.ServiceAccounts.CreateServiceAccount(
		service_accounts.NewCreateServiceAccountParams().WithBody(&models.CreateServiceAccountForm{Name: mark, Role: "Editor"}))
	check("service account", account, err)
	token, err := api.ServiceAccounts.CreateToken(
		service_accounts.NewCreateTokenParams().WithServiceAccountID(account.Payload.ID).WithBody(&models.AddServiceAccountTokenCommand{Name: mark}))
	check("token", token, err)

	playlist, err := api.Playlists.CreatePlaylist(&models.CreatePlaylistCommand{Name: mark, Interval: "5m", Items: []*models.PlaylistItem{{Type: "dashboard_by_tag", Value: mark}}})
	check("playlist", playlist, err)
	element, err := api.LibraryElements.CreateLibraryElement(&models.CreateLibraryElementCommand{
		Name: mark, Kind: 1, FolderUID: mark, Model: map[string]any{"type": "text", "title": mark},
	})
	check("library element", element, err)
	elements, err := api.LibraryElements.GetLibraryElements(library_elements.NewGetLibraryElementsParams())
	check("library elements", elements, err)
	note, err := api.Annotations.PostAnnotation(&models.PostAnnotationsCmd{Text: text(mark), Tags: []string{mark}, Time: time.Now().UnixMilli()})
	check("annotation", note, err)

	org, err := api.Orgs.CreateOrg(&models.CreateOrgCommand{Name: mark})
	check("create organisation", org, err)
	_, err = api.Orgs.DeleteOrgByID(*org.Payload.OrgID)
	check("delete organisation", 0, err)

	_, err = api.LibraryElements.DeleteLibraryElementByUID(element.Payload.Result.UID)
	check("delete library element", 0, err)
	_, err = api.Playlists.DeletePlaylist(playlist.Payload.UID)
	check("delete playlist", 0, err)
	_, err = api.ServiceAccounts.DeleteServiceAccount(account.Payload.ID)
	check("delete service account", 0, err)
	_, err = api.Teams.DeleteTeamByID(id)
	check("delete team", 0, err)
	_, err = api.AdminUsers.AdminDeleteUser(person.Payload.ID)
	check("delete user", 0, err)
	_, err = api.Dashboards.DeleteDashboardByUID(mark)
	check("delete dashboard", 0, err)
	_, err = api.Folders.DeleteFolder(folders.NewDeleteFolderParams().WithFolderUID(mark))
	check("delete folder", 0, err)
	_, err = api.Folders.DeleteFolder(folders.NewDeleteFolderParams().WithFolderUID(child.Payload.UID))
	check("delete child folder", 0, err)
	fmt.Println("all done")
}
