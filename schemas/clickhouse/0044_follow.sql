-- What the steps of a followed set of current states wrote: a snapshot for each event, as in `snapshots`. These are news
-- for those who listen and not a history: a generation goes when the set was written together twice since.
CREATE TABLE IF NOT EXISTS {db}.{prefix}live_snapshots
(
    job_id       LowCardinality(String) COMMENT 'Set of current states and its generation, joined by a point',
    entity_hash  UInt64 COMMENT 'Spreads entities over fold units' CODEC(ZSTD(1)),
    entity_type  LowCardinality(String) COMMENT 'Entity type',
    entity_id    String COMMENT 'Entity id' CODEC(ZSTD(1)),
    fold_seq     UInt64 COMMENT 'Position in which the entity''s events were folded, from 0' CODEC(ZSTD(1)),
    occurred_at  DateTime64(9, 'UTC') COMMENT 'Event time' CODEC(GCD, Delta, ZSTD(1)),
    event_id     String COMMENT 'Source event' CODEC(ZSTD(1)),
    event_type   LowCardinality(String) COMMENT 'For example content.updated',
    topic_id     LowCardinality(String) COMMENT 'Source topic',
    partition    Int32 COMMENT 'Source partition' CODEC(ZSTD(1)),
    offset       UInt64 COMMENT 'Source offset' CODEC(Delta, ZSTD(1)),
    n            UInt16 COMMENT 'Which entity of the record' CODEC(ZSTD(1)),
    exists       UInt8 COMMENT '0 after an event that ends the entity' CODEC(ZSTD(1)),
    changes      UInt32 COMMENT 'Number of fields that the event changed' CODEC(ZSTD(1)),
    shape        LowCardinality(String) COMMENT 'Names of the fields as JSON strings, joined by line feeds' CODEC(ZSTD(1)),
    state        String COMMENT 'Canonical JSON value of each field of shape, joined by line feeds; empty: missing' CODEC(ZSTD(1)),
    claim        UInt64 COMMENT 'Claim of the step that wrote the row; an entity that was folded again begins at fold_seq 0 in it' CODEC(ZSTD(1))
)
ENGINE = MergeTree
PARTITION BY job_id
ORDER BY (job_id, claim, entity_hash, entity_type, entity_id, fold_seq)
-- A step is read by its claim, and a generation goes soon: merging gains little.
SETTINGS merge_selector_base = 64, min_parts_to_merge_at_once = 64
COMMENT 'Snapshots of the steps of followed current states';

CREATE TABLE IF NOT EXISTS {db}.{prefix}follow_events
(
    tenant_id   LowCardinality(String) COMMENT 'Tenant',
    kind        Enum8('on' = 1, 'off' = 2, 'failed' = 3, 'recovered' = 4) COMMENT 'on, off: asked by people; failed: a step could not be made; recovered: one was, after that',
    actor       String COMMENT 'on, off: who asked for it; else the worker',
    job_id      String COMMENT 'failed, recovered: the run whose states are followed',
    error_code  LowCardinality(String) COMMENT 'failed: stable code; see docs/errors.md',
    error       String COMMENT 'failed: in words' CODEC(ZSTD(1)),
    written_at  DateTime64(3, 'UTC') DEFAULT now64(3) COMMENT 'When it was written; decides nothing'
)
ENGINE = MergeTree
ORDER BY tenant_id
SETTINGS enable_block_number_column = 1, enable_block_offset_column = 1
COMMENT 'Whether the current state of a tenant is followed; the last event in insertion order counts';
