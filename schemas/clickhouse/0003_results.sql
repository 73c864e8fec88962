CREATE TABLE IF NOT EXISTS {db}.{prefix}snapshots
(
    job_id       LowCardinality(String) COMMENT 'Replay job',
    entity_hash  UInt64 COMMENT 'Spreads entities over fold units' CODEC(ZSTD(1)),
    entity_type  LowCardinality(String) COMMENT 'Entity type',
    entity_id    String COMMENT 'Entity id' CODEC(ZSTD(1)),
    fold_seq     UInt64 COMMENT 'Position in which the entity''s events were folded, from 0' CODEC(DoubleDelta, ZSTD(1)),
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
    state        String COMMENT 'State after the event: the canonical JSON value of each field of shape, joined by line feeds; empty: missing' CODEC(ZSTD(1)),
    claim        UInt64 COMMENT 'Claim under which the row was written' CODEC(ZSTD(1))
)
ENGINE = MergeTree
PARTITION BY job_id
ORDER BY (job_id, entity_hash, entity_type, entity_id, fold_seq)
SETTINGS index_granularity = 4096, merge_selector_base = 32, min_parts_to_merge_at_once = 32
COMMENT 'State of an entity after each event; read through v1_snapshots';

-- The run in event-time order, written with the snapshots, block by block. Ids of entities come in no order here, and
-- repeat over long stretches: larger blocks let the codec find them.
CREATE TABLE IF NOT EXISTS {db}.{prefix}snapshot_timeline
(
    job_id       LowCardinality(String) COMMENT 'Replay job',
    occurred_at  DateTime64(9, 'UTC') COMMENT 'Event time' CODEC(GCD, Delta, ZSTD(1)),
    event_id     String COMMENT 'Source event' CODEC(ZSTD(1)),
    n            UInt16 COMMENT 'Which entity of the record' CODEC(ZSTD(1)),
    entity_type  LowCardinality(String) COMMENT 'Entity type',
    entity_id    String COMMENT 'Entity id' CODEC(ZSTD(3)) SETTINGS (min_compress_block_size = 1048576, max_compress_block_size = 1048576),
    fold_seq     UInt64 COMMENT 'Place among the snapshots of the entity' CODEC(ZSTD(1)),
    event_type   LowCardinality(String) COMMENT 'Event type',
    changes      UInt32 COMMENT 'Number of fields that changed' CODEC(ZSTD(1)),
    claim        UInt64 COMMENT 'Claim under which the row was written' CODEC(ZSTD(1))
)
ENGINE = MergeTree
PARTITION BY job_id
ORDER BY (job_id, occurred_at, event_id, n)
SETTINGS index_granularity = 2048, merge_selector_base = 16, min_parts_to_merge_at_once = 16
COMMENT 'Run timeline in event-time order; read through v1_timeline';

CREATE MATERIALIZED VIEW IF NOT EXISTS {db}.{prefix}snapshots_to_timeline TO {db}.{prefix}snapshot_timeline AS
SELECT job_id, occurred_at, event_id, n, entity_type, entity_id, fold_seq, event_type, changes, claim
FROM {db}.{prefix}snapshots;

-- The state of entities at one moment, one row for each: the base that an incremental run begins with, and the states of
-- a tenant's promoted run (processors/current/).
CREATE TABLE IF NOT EXISTS {db}.{prefix}entity_states
(
    tenant_id    LowCardinality(String) COMMENT 'Of a set of current states: its tenant; else empty',
    scope        LowCardinality(String) COMMENT 'Replay job that begins with these states, or set of current states',
    generation   UInt32 COMMENT 'Of a set of current states: from 1, raised when the set is written together; else 0',
    step         UInt64 COMMENT 'Of a set of current states: the step that wrote the row; else 0',
    entity_hash  UInt64 COMMENT 'Spreads entities over fold units' CODEC(ZSTD(1)),
    entity_type  LowCardinality(String) COMMENT 'Entity type',
    entity_id    String COMMENT 'Entity id' CODEC(ZSTD(1)),
    fold_seq     UInt64 COMMENT 'Place of the last snapshot in the entity''s fold order' CODEC(ZSTD(1)),
    occurred_at  DateTime64(9, 'UTC') COMMENT 'Event time of the last snapshot' CODEC(GCD, Delta, ZSTD(1)),
    event_id     String COMMENT 'Event of the last snapshot' CODEC(ZSTD(1)),
    exists       UInt8 COMMENT '0 after an event that ends the entity' CODEC(ZSTD(1)),
    shape        LowCardinality(String) COMMENT 'Names of the fields as JSON strings, joined by line feeds' CODEC(ZSTD(1)),
    state        String COMMENT 'The canonical JSON value of each field of shape, joined by line feeds; empty: missing' CODEC(ZSTD(1)),
    claim        UInt64 COMMENT 'Claim under which the row was written' CODEC(ZSTD(1)),
    INDEX entity entity_id TYPE bloom_filter GRANULARITY 1
)
ENGINE = MergeTree
PARTITION BY (tenant_id, scope, generation)
ORDER BY (scope, generation, entity_hash, entity_type, entity_id, step)
SETTINGS index_granularity = 2048, merge_selector_base = 32, min_parts_to_merge_at_once = 32
COMMENT 'States of entities that a fold goes on from';

-- Written at the seal: every 1,024th row of the timeline, by index.
CREATE TABLE IF NOT EXISTS {db}.{prefix}timeline_index
(
    job_id       LowCardinality(String) COMMENT 'Replay job',
    idx          UInt64 COMMENT 'Timeline index of the row, a multiple of 1024' CODEC(Delta, ZSTD(1)),
    occurred_at  DateTime64(9, 'UTC') COMMENT 'Key of the row in snapshot_timeline' CODEC(Delta, ZSTD(1)),
    event_id     String COMMENT 'Key of the row in snapshot_timeline' CODEC(ZSTD(1)),
    n            UInt16 COMMENT 'Key of the row in snapshot_timeline',
    claim        UInt64 COMMENT 'Claim under which the row was written'
)
ENGINE = MergeTree
ORDER BY (job_id, idx)
COMMENT 'Every 1,024th row of a finished run''s timeline';

CREATE TABLE IF NOT EXISTS {db}.{prefix}dead_letters
(
    job_id       LowCardinality(String) COMMENT 'Replay job',
    tenant_id    LowCardinality(String) COMMENT 'Tenant of the job',
    kind         Enum8('failed' = 1, 'conflict' = 2) COMMENT 'failed: could not be processed; conflict: same event id, other body',
    stage        LowCardinality(String) COMMENT 'decode, map or fold',
    error_code   LowCardinality(String) COMMENT 'Stable code; see docs/errors.md',
    error        String COMMENT 'In words' CODEC(ZSTD(1)),
    event_id     String COMMENT 'Event id; empty where the record did not decode' CODEC(ZSTD(1)),
    event_type   LowCardinality(String) COMMENT 'Event type; empty where the record did not decode',
    entity_type  LowCardinality(String) COMMENT 'Entity type',
    entity_id    String COMMENT 'Entity id' CODEC(ZSTD(1)),
    occurred_at  DateTime64(9, 'UTC') COMMENT 'Event time, or record time',
    topic_id     LowCardinality(String) COMMENT 'Source topic',
    partition    Int32 COMMENT 'Source partition',
    offset       UInt64 COMMENT 'Source offset',
    n            UInt16 COMMENT 'Which entity of the record',
    schema_id    Int32 COMMENT 'Registry schema id; -1: none',
    claim        UInt64 COMMENT 'Claim under which the row was written'
)
ENGINE = MergeTree
ORDER BY (job_id, kind, topic_id, partition, offset, n)
COMMENT 'What a run could not process; the raw bytes stay in audit_events at the same coordinates';
