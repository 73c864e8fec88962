-- What people note about snapshots: annotations, and bookmarks that lead back to them. Rows are only ever appended; the
-- last one of a note in insertion order counts, and one that says deleted ends the note for good.
CREATE TABLE IF NOT EXISTS {db}.{prefix}notes
(
    note_id         String COMMENT 'Annotation or bookmark: a UUID as text',
    type            Enum8('annotation' = 1, 'bookmark' = 2) COMMENT 'annotation: a text about the snapshot; bookmark: a name for it',
    kind            Enum8('added' = 1, 'edited' = 2, 'deleted' = 3) COMMENT 'What was done to the note',
    tenant_id       LowCardinality(String) COMMENT 'Tenant',
    job_id          String COMMENT 'Replay job that the snapshot is of',
    entity_type     LowCardinality(String) COMMENT 'Entity of the snapshot',
    entity_id       String COMMENT 'Entity of the snapshot',
    event_id        String COMMENT 'Event of the snapshot',
    fold_seq        UInt64 COMMENT 'Place of the snapshot in the entity''s fold order',
    snapshot_index  UInt64 COMMENT 'Place of the snapshot in the timeline of the job',
    text            String COMMENT 'annotation: what it says; bookmark: its name' CODEC(ZSTD(1)),
    shared          UInt8 COMMENT '1: all of the tenant see it; 0: its author alone',
    actor           String COMMENT 'Who did it; of the first row: the author',
    written_at      DateTime64(3, 'UTC') DEFAULT now64(3) COMMENT 'When'
)
ENGINE = MergeTree
ORDER BY (tenant_id, type, job_id, note_id)
SETTINGS enable_block_number_column = 1, enable_block_offset_column = 1
COMMENT 'Annotations and bookmarks of snapshots; read through v1_annotations and v1_bookmarks';

-- Notes as they stand. Those of a job whose rows are dropped go with them.
CREATE OR REPLACE VIEW {db}.{prefix}standing_notes AS
SELECT
    n.note_id AS note_id, n.type AS type, n.tenant_id AS tenant_id, n.job_id AS job_id,
    any(n.entity_type) AS entity_type, any(n.entity_id) AS entity_id, any(n.event_id) AS event_id,
    any(n.fold_seq) AS fold_seq, any(n.snapshot_index) AS snapshot_index,
    argMax(n.text, (n._block_number, n._block_offset)) AS text,
    argMax(n.shared, (n._block_number, n._block_offset)) AS shared,
    argMin(n.actor, (n._block_number, n._block_offset)) AS author,
    min(n.written_at) AS created_at,
    max(n.written_at) AS changed_at,
    countIf(n.kind = 'edited') > 0 AS edited,
    min((n._block_number, n._block_offset)) AS at
FROM {db}.{prefix}notes AS n
WHERE n.job_id NOT IN (SELECT job_id FROM {db}.{prefix}job_events WHERE kind IN ('dropped', 'deleted'))
GROUP BY n.tenant_id, n.type, n.job_id, n.note_id
HAVING countIf(n.kind = 'deleted') = 0;

CREATE OR REPLACE VIEW {db}.{prefix}v1_annotations AS
SELECT
    note_id AS annotation_id, tenant_id, job_id, entity_type, entity_id, event_id, fold_seq, snapshot_index, text,
    author, created_at, if(edited, changed_at, NULL) AS edited_at
FROM {db}.{prefix}standing_notes
WHERE type = 'annotation';

-- Those that all of the tenant may see.
CREATE OR REPLACE VIEW {db}.{prefix}v1_bookmarks AS
SELECT
    note_id AS bookmark_id, tenant_id, job_id, entity_type, entity_id, event_id, fold_seq, snapshot_index, text AS name,
    author, created_at, if(edited, changed_at, NULL) AS edited_at
FROM {db}.{prefix}standing_notes
WHERE type = 'bookmark' AND shared = 1;
