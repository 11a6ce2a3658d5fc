CREATE TABLE users (
    id INTEGER PRIMARY KEY,
    login TEXT NOT NULL,
    login_folded TEXT NOT NULL UNIQUE,
    email TEXT NOT NULL,
    name TEXT NOT NULL,
    password_hash TEXT NOT NULL,
    role TEXT NOT NULL,
    grafana_admin BIGINT NOT NULL,
    must_change_password BIGINT NOT NULL,
    disabled BIGINT NOT NULL,
    created_ms BIGINT NOT NULL,
    updated_ms BIGINT NOT NULL
);
CREATE TABLE sessions (
    id INTEGER PRIMARY KEY,
    user_id BIGINT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    token_hash TEXT NOT NULL UNIQUE,
    previous_token_hash TEXT NOT NULL,
    created_ms BIGINT NOT NULL,
    seen_ms BIGINT NOT NULL,
    rotated_ms BIGINT NOT NULL,
    address TEXT NOT NULL,
    user_agent TEXT NOT NULL
);
CREATE INDEX sessions_by_previous_token ON sessions (previous_token_hash);
CREATE INDEX sessions_by_user ON sessions (user_id);
CREATE TABLE folders (
    id INTEGER PRIMARY KEY,
    uid TEXT NOT NULL UNIQUE,
    title TEXT NOT NULL,
    created_ms BIGINT NOT NULL,
    updated_ms BIGINT NOT NULL
);
CREATE TABLE dashboards (
    id INTEGER PRIMARY KEY,
    uid TEXT NOT NULL UNIQUE,
    folder_id BIGINT REFERENCES folders (id),
    title TEXT NOT NULL,
    slug TEXT NOT NULL,
    tags TEXT NOT NULL,
    version BIGINT NOT NULL,
    received TEXT NOT NULL,
    checksum TEXT NOT NULL,
    provisioned_by TEXT NOT NULL,
    provisioned_from TEXT NOT NULL,
    created_ms BIGINT NOT NULL,
    updated_ms BIGINT NOT NULL
);
CREATE INDEX dashboards_by_folder ON dashboards (folder_id);
CREATE TABLE data_sources (
    id INTEGER PRIMARY KEY,
    uid TEXT NOT NULL UNIQUE,
    name TEXT NOT NULL UNIQUE,
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
    secure_fields TEXT NOT NULL,
    read_only BIGINT NOT NULL,
    provisioned_from TEXT NOT NULL,
    version BIGINT NOT NULL,
    created_ms BIGINT NOT NULL,
    updated_ms BIGINT NOT NULL
);
CREATE TABLE stars (
    user_id BIGINT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    dashboard_uid TEXT NOT NULL,
    starred_ms BIGINT NOT NULL,
    PRIMARY KEY (user_id, dashboard_uid)
);
CREATE TABLE preferences (
    user_id BIGINT PRIMARY KEY REFERENCES users (id) ON DELETE CASCADE,
    theme TEXT NOT NULL,
    timezone TEXT NOT NULL,
    week_start TEXT NOT NULL,
    home_dashboard_uid TEXT NOT NULL
);
CREATE TABLE settings (
    key TEXT PRIMARY KEY,
    value TEXT NOT NULL
);
