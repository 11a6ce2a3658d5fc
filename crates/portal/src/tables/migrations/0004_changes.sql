-- What a setting was before and after each change; the states are JSON, '' where there was none.
CREATE TABLE changes (
    id INTEGER PRIMARY KEY,
    org_id BIGINT NOT NULL REFERENCES orgs (id) ON DELETE CASCADE,
    kind TEXT NOT NULL,
    row_key TEXT NOT NULL,
    subject TEXT NOT NULL,
    version BIGINT NOT NULL,
    author_id BIGINT NOT NULL,
    author TEXT NOT NULL,
    undoes BIGINT NOT NULL,
    before_state TEXT NOT NULL,
    after_state TEXT NOT NULL,
    at_ms BIGINT NOT NULL,
    UNIQUE (org_id, kind, row_key, version)
);
CREATE TABLE quotas (
    org_id BIGINT NOT NULL REFERENCES orgs (id) ON DELETE CASCADE,
    user_id BIGINT NOT NULL,
    limits TEXT NOT NULL,
    PRIMARY KEY (org_id, user_id)
);
