-- A change that another one made necessary names it: the contents of a deleted folder, the data
-- source that stopped being the default. 0 for a change of its own.
ALTER TABLE changes ADD COLUMN part_of BIGINT NOT NULL DEFAULT 0;
CREATE INDEX changes_by_part ON changes (org_id, part_of);
