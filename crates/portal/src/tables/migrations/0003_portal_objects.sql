CREATE TABLE correlations (
    uid TEXT NOT NULL,
    org_id BIGINT NOT NULL REFERENCES orgs (id) ON DELETE CASCADE,
    source_uid TEXT NOT NULL,
    target_uid TEXT NOT NULL,
    label TEXT NOT NULL,
    description TEXT NOT NULL,
    type TEXT NOT NULL,
    config TEXT NOT NULL,
    provisioned BIGINT NOT NULL,
    created_ms BIGINT NOT NULL,
    PRIMARY KEY (org_id, uid)
);
CREATE TABLE annotations (
    id INTEGER PRIMARY KEY,
    org_id BIGINT NOT NULL REFERENCES orgs (id) ON DELETE CASCADE,
    dashboard_uid TEXT NOT NULL,
    panel_id BIGINT NOT NULL,
    user_id BIGINT NOT NULL,
    time_ms BIGINT NOT NULL,
    time_end_ms BIGINT NOT NULL,
    text TEXT NOT NULL,
    tags TEXT NOT NULL,
    data TEXT NOT NULL,
    created_ms BIGINT NOT NULL,
    updated_ms BIGINT NOT NULL
);
CREATE INDEX annotations_by_time ON annotations (org_id, time_ms);
CREATE TABLE library_elements (
    id INTEGER PRIMARY KEY,
    org_id BIGINT NOT NULL REFERENCES orgs (id) ON DELETE CASCADE,
    uid TEXT NOT NULL,
    folder_uid TEXT NOT NULL,
    name TEXT NOT NULL,
    kind BIGINT NOT NULL,
    type TEXT NOT NULL,
    description TEXT NOT NULL,
    model TEXT NOT NULL,
    version BIGINT NOT NULL,
    created_ms BIGINT NOT NULL,
    created_by BIGINT NOT NULL,
    updated_ms BIGINT NOT NULL,
    updated_by BIGINT NOT NULL,
    UNIQUE (org_id, uid),
    UNIQUE (org_id, folder_uid, name, kind)
);
CREATE TABLE library_connections (
    org_id BIGINT NOT NULL REFERENCES orgs (id) ON DELETE CASCADE,
    element_uid TEXT NOT NULL,
    dashboard_uid TEXT NOT NULL,
    created_ms BIGINT NOT NULL,
    PRIMARY KEY (org_id, element_uid, dashboard_uid)
);
CREATE TABLE snapshots (
    id INTEGER PRIMARY KEY,
    org_id BIGINT NOT NULL REFERENCES orgs (id) ON DELETE CASCADE,
    key TEXT NOT NULL UNIQUE,
    delete_key TEXT NOT NULL UNIQUE,
    name TEXT NOT NULL,
    dashboard TEXT NOT NULL,
    user_id BIGINT NOT NULL,
    expires_ms BIGINT NOT NULL,
    created_ms BIGINT NOT NULL,
    updated_ms BIGINT NOT NULL
);
CREATE TABLE playlists (
    id INTEGER PRIMARY KEY,
    org_id BIGINT NOT NULL REFERENCES orgs (id) ON DELETE CASCADE,
    uid TEXT NOT NULL,
    name TEXT NOT NULL,
    interval_text TEXT NOT NULL,
    items TEXT NOT NULL,
    created_ms BIGINT NOT NULL,
    updated_ms BIGINT NOT NULL,
    UNIQUE (org_id, uid)
);
CREATE TABLE short_urls (
    uid TEXT NOT NULL,
    org_id BIGINT NOT NULL REFERENCES orgs (id) ON DELETE CASCADE,
    path TEXT NOT NULL,
    created_by BIGINT NOT NULL,
    created_ms BIGINT NOT NULL,
    seen_ms BIGINT NOT NULL,
    PRIMARY KEY (org_id, uid)
);
CREATE TABLE query_history (
    uid TEXT NOT NULL,
    org_id BIGINT NOT NULL REFERENCES orgs (id) ON DELETE CASCADE,
    user_id BIGINT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    data_source_uid TEXT NOT NULL,
    queries TEXT NOT NULL,
    comment TEXT NOT NULL,
    starred BIGINT NOT NULL,
    created_ms BIGINT NOT NULL,
    PRIMARY KEY (org_id, user_id, uid)
);
