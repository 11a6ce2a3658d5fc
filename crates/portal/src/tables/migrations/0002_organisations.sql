CREATE TABLE orgs (
    id INTEGER PRIMARY KEY,
    name TEXT NOT NULL UNIQUE,
    tenant TEXT NOT NULL,
    label_policy TEXT NOT NULL,
    address TEXT NOT NULL,
    created_ms BIGINT NOT NULL,
    updated_ms BIGINT NOT NULL
);
INSERT INTO orgs (name, tenant, label_policy, address, created_ms, updated_ms)
    VALUES ('Main Org.', 'default', '', '{}', 0, 0);
CREATE TABLE org_users (
    org_id BIGINT NOT NULL REFERENCES orgs (id) ON DELETE CASCADE,
    user_id BIGINT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    role TEXT NOT NULL,
    added_ms BIGINT NOT NULL,
    PRIMARY KEY (org_id, user_id)
);
CREATE INDEX org_users_by_user ON org_users (user_id);
INSERT INTO org_users (org_id, user_id, role, added_ms) SELECT 1, id, role, created_ms FROM users;
ALTER TABLE users ADD COLUMN org_id BIGINT NOT NULL DEFAULT 1;
ALTER TABLE users ADD COLUMN is_service_account BIGINT NOT NULL DEFAULT 0;
ALTER TABLE users ADD COLUMN seen_ms BIGINT NOT NULL DEFAULT 0;
ALTER TABLE users DROP COLUMN role;
CREATE TABLE teams (
    id INTEGER PRIMARY KEY,
    org_id BIGINT NOT NULL REFERENCES orgs (id) ON DELETE CASCADE,
    uid TEXT NOT NULL,
    name TEXT NOT NULL,
    email TEXT NOT NULL,
    label_policy TEXT NOT NULL,
    provisioned_from TEXT NOT NULL,
    created_ms BIGINT NOT NULL,
    updated_ms BIGINT NOT NULL,
    UNIQUE (org_id, name),
    UNIQUE (org_id, uid)
);
CREATE TABLE team_members (
    team_id BIGINT NOT NULL REFERENCES teams (id) ON DELETE CASCADE,
    user_id BIGINT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    permission BIGINT NOT NULL,
    added_ms BIGINT NOT NULL,
    PRIMARY KEY (team_id, user_id)
);
CREATE INDEX team_members_by_user ON team_members (user_id);
CREATE TABLE permissions (
    org_id BIGINT NOT NULL REFERENCES orgs (id) ON DELETE CASCADE,
    kind TEXT NOT NULL,
    resource TEXT NOT NULL,
    subject_kind TEXT NOT NULL,
    subject TEXT NOT NULL,
    permission BIGINT NOT NULL,
    created_ms BIGINT NOT NULL,
    updated_ms BIGINT NOT NULL,
    PRIMARY KEY (org_id, kind, resource, subject_kind, subject)
);
CREATE TABLE tokens (
    id INTEGER PRIMARY KEY,
    org_id BIGINT NOT NULL REFERENCES orgs (id) ON DELETE CASCADE,
    service_account_id BIGINT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    name TEXT NOT NULL,
    token_hash TEXT NOT NULL UNIQUE,
    role TEXT NOT NULL,
    created_ms BIGINT NOT NULL,
    expires_ms BIGINT NOT NULL,
    used_ms BIGINT NOT NULL,
    revoked BIGINT NOT NULL,
    UNIQUE (service_account_id, name)
);
CREATE TABLE audit (
    id INTEGER PRIMARY KEY,
    at_ms BIGINT NOT NULL,
    org_id BIGINT NOT NULL,
    actor_id BIGINT NOT NULL,
    actor TEXT NOT NULL,
    address TEXT NOT NULL,
    action TEXT NOT NULL,
    kind TEXT NOT NULL,
    resource TEXT NOT NULL,
    outcome TEXT NOT NULL,
    detail TEXT NOT NULL
);
CREATE INDEX audit_by_time ON audit (at_ms);

CREATE TABLE folders_2 (
    id INTEGER PRIMARY KEY,
    org_id BIGINT NOT NULL REFERENCES orgs (id) ON DELETE CASCADE,
    uid TEXT NOT NULL,
    parent_uid TEXT NOT NULL,
    title TEXT NOT NULL,
    description TEXT NOT NULL,
    version BIGINT NOT NULL,
    created_ms BIGINT NOT NULL,
    created_by BIGINT NOT NULL,
    updated_ms BIGINT NOT NULL,
    updated_by BIGINT NOT NULL,
    UNIQUE (org_id, uid)
);
INSERT INTO folders_2 (id, org_id, uid, parent_uid, title, description, version, created_ms, created_by, updated_ms, updated_by)
    SELECT id, 1, uid, '', title, '', 1, created_ms, 0, updated_ms, 0 FROM folders;
CREATE TABLE dashboards_2 (
    id INTEGER PRIMARY KEY,
    org_id BIGINT NOT NULL REFERENCES orgs (id) ON DELETE CASCADE,
    uid TEXT NOT NULL,
    folder_uid TEXT NOT NULL,
    title TEXT NOT NULL,
    slug TEXT NOT NULL,
    tags TEXT NOT NULL,
    version BIGINT NOT NULL,
    received TEXT NOT NULL,
    checksum TEXT NOT NULL,
    provisioned_by TEXT NOT NULL,
    provisioned_from TEXT NOT NULL,
    drifted BIGINT NOT NULL,
    created_ms BIGINT NOT NULL,
    created_by BIGINT NOT NULL,
    updated_ms BIGINT NOT NULL,
    updated_by BIGINT NOT NULL,
    UNIQUE (org_id, uid)
);
INSERT INTO dashboards_2 (id, org_id, uid, folder_uid, title, slug, tags, version, received, checksum, provisioned_by,
        provisioned_from, drifted, created_ms, created_by, updated_ms, updated_by)
    SELECT d.id, 1, d.uid, COALESCE(f.uid, ''), d.title, d.slug, d.tags, d.version, d.received, d.checksum, d.provisioned_by,
        d.provisioned_from, 0, d.created_ms, 0, d.updated_ms, 0
    FROM dashboards d LEFT JOIN folders f ON f.id = d.folder_id;
DROP TABLE dashboards;
DROP TABLE folders;
ALTER TABLE dashboards_2 RENAME TO dashboards;
ALTER TABLE folders_2 RENAME TO folders;
CREATE INDEX dashboards_in_folder ON dashboards (org_id, folder_uid);
CREATE INDEX folders_by_parent ON folders (org_id, parent_uid);
CREATE TABLE dashboard_versions (
    id INTEGER PRIMARY KEY,
    dashboard_id BIGINT NOT NULL REFERENCES dashboards (id) ON DELETE CASCADE,
    version BIGINT NOT NULL,
    parent_version BIGINT NOT NULL,
    restored_from BIGINT NOT NULL,
    received TEXT NOT NULL,
    message TEXT NOT NULL,
    created_ms BIGINT NOT NULL,
    created_by BIGINT NOT NULL,
    UNIQUE (dashboard_id, version)
);
INSERT INTO dashboard_versions (dashboard_id, version, parent_version, restored_from, received, message, created_ms, created_by)
    SELECT id, version, version - 1, 0, received, '', updated_ms, 0 FROM dashboards;

CREATE TABLE data_sources_2 (
    id INTEGER PRIMARY KEY,
    org_id BIGINT NOT NULL REFERENCES orgs (id) ON DELETE CASCADE,
    uid TEXT NOT NULL,
    name TEXT NOT NULL,
    type TEXT NOT NULL,
    url TEXT NOT NULL,
    access TEXT NOT NULL,
    is_default BIGINT NOT NULL,
    login TEXT NOT NULL,
    database_name TEXT NOT NULL,
    basic_auth BIGINT NOT NULL,
    basic_auth_user TEXT NOT NULL,
    with_credentials BIGINT NOT NULL,
    json_data TEXT NOT NULL,
    secure_json_data TEXT NOT NULL,
    read_only BIGINT NOT NULL,
    provisioned_from TEXT NOT NULL,
    version BIGINT NOT NULL,
    created_ms BIGINT NOT NULL,
    updated_ms BIGINT NOT NULL,
    UNIQUE (org_id, uid),
    UNIQUE (org_id, name)
);
INSERT INTO data_sources_2 (id, org_id, uid, name, type, url, access, is_default, login, database_name, basic_auth,
        basic_auth_user, with_credentials, json_data, secure_json_data, read_only, provisioned_from, version, created_ms, updated_ms)
    SELECT id, 1, uid, name, type, url, access, is_default, login, database_name, basic_auth, basic_auth_user, with_credentials,
        json_data, '', read_only, provisioned_from, version, created_ms, updated_ms FROM data_sources;
DROP TABLE data_sources;
ALTER TABLE data_sources_2 RENAME TO data_sources;

CREATE TABLE stars_2 (
    user_id BIGINT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    org_id BIGINT NOT NULL REFERENCES orgs (id) ON DELETE CASCADE,
    dashboard_uid TEXT NOT NULL,
    starred_ms BIGINT NOT NULL,
    PRIMARY KEY (user_id, org_id, dashboard_uid)
);
INSERT INTO stars_2 (user_id, org_id, dashboard_uid, starred_ms) SELECT user_id, 1, dashboard_uid, starred_ms FROM stars;
DROP TABLE stars;
ALTER TABLE stars_2 RENAME TO stars;
CREATE TABLE preferences_2 (
    org_id BIGINT NOT NULL REFERENCES orgs (id) ON DELETE CASCADE,
    user_id BIGINT NOT NULL,
    team_id BIGINT NOT NULL,
    theme TEXT NOT NULL,
    timezone TEXT NOT NULL,
    week_start TEXT NOT NULL,
    home_dashboard_uid TEXT NOT NULL,
    PRIMARY KEY (org_id, user_id, team_id)
);
INSERT INTO preferences_2 (org_id, user_id, team_id, theme, timezone, week_start, home_dashboard_uid)
    SELECT 1, user_id, 0, theme, timezone, week_start, home_dashboard_uid FROM preferences;
DROP TABLE preferences;
ALTER TABLE preferences_2 RENAME TO preferences;
