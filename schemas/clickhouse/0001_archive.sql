-- The archive: every record that was collected, decoded or not, sorted for the fold.
-- Rows are visible only through their claim: `unit_log` says which (claim, offset range) counts.
CREATE TABLE IF NOT EXISTS {db}.{prefix}audit_events
(
    tenant_id            LowCardinality(String) COMMENT 'Tenant; empty where the record did not decode',
    entity_type          LowCardinality(String) COMMENT 'Entity type by event type, else as the envelope declares it; empty: none',
    entity_id            String COMMENT 'Entity id; empty: none' CODEC(ZSTD(1)),
    entity_hash          UInt64 DEFAULT sipHash64(entity_type, entity_id) COMMENT 'Spreads entities over fold units',
    occurred_at          DateTime64(9, 'UTC') COMMENT 'Event time, nanoseconds; the record time where the record did not decode' CODEC(GCD, Delta, ZSTD(1)),
    event_id             String COMMENT 'Event id as produced, or derived from the coordinates' CODEC(ZSTD(1)),
    topic_id             LowCardinality(String) COMMENT 'Broker topic UUID: a recreated topic is another topic',
    topic                LowCardinality(String) COMMENT 'Topic name when it was read',
    partition            Int32 COMMENT 'Log partition' CODEC(ZSTD(1)),
    offset               UInt64 COMMENT 'Log offset' CODEC(Delta, ZSTD(1)),
    n                    UInt16 COMMENT 'Counts the entities that one record touches, from 0' CODEC(ZSTD(1)),
    record_time          DateTime64(3, 'UTC') COMMENT 'Record timestamp in the log' CODEC(GCD, Delta, ZSTD(1)),
    event_type           LowCardinality(String) COMMENT 'For example content.updated',
    declared_entity_type LowCardinality(String) COMMENT 'Entity type that the envelope declared, where it differs from entity_type',
    actor                String COMMENT 'Who did it' CODEC(ZSTD(1)),
    action               LowCardinality(String) COMMENT 'What was done',
    severity             LowCardinality(String) COMMENT 'Severity as produced',
    decision             String COMMENT 'Canonical JSON of the decision; empty: none' CODEC(ZSTD(1)),
    payload_shape        LowCardinality(String) COMMENT 'Names of the payload''s members as JSON strings in canonical order, a line feed around each; empty: did not decode',
    payload_values       String COMMENT 'Canonical JSON values of the members of payload_shape, joined by line feeds' CODEC(ZSTD(1)),
    error_code           LowCardinality(String) COMMENT 'Empty: decoded; else why it did not decode',
    error                String COMMENT 'The decode error in words' CODEC(ZSTD(1)),
    schema_id            Int32 COMMENT 'Registry schema id; -1: none' CODEC(ZSTD(1)),
    raw_key_is           Enum8('stored' = 0, 'entity_id' = 1, 'null' = 2, 'dropped' = 3) COMMENT 'The record key: stored in raw_key; the bytes of entity_id; null; or not kept' CODEC(ZSTD(1)),
    raw_value_is         Enum8('stored' = 0, 'encoded' = 1, 'null' = 2, 'dropped' = 3) COMMENT 'The record value: stored in raw_value; the columns of this row written again by the Avro schema of schema_id (empty texts as null where it allows null, declared_entity_type where set in place of entity_type), byte for byte; null; or not kept' CODEC(ZSTD(1)),
    raw_key              String COMMENT 'Record key as produced, where raw_key_is says stored' CODEC(ZSTD(1)),
    raw_value            String COMMENT 'Record value as produced, where raw_value_is says stored' CODEC(ZSTD(1)),
    headers              String COMMENT 'Record headers: JSON array of [name, base64 value or null]' CODEC(ZSTD(1)),
    claim                UInt64 COMMENT 'Claim under which the row was written',
    -- One entry for each part: what came last stands in parts of its own until it is merged with older rows.
    INDEX offsets offset TYPE minmax GRANULARITY 1000000,
    -- Where an id may stand: whether one occurred before is asked of the whole history.
    INDEX ids cityHash64(event_id) TYPE bloom_filter(0.001) GRANULARITY 8,
    -- What jobs are narrowed to where the place in the sort order does not say it: ids of whatever type, rare types.
    INDEX entity_ids entity_id TYPE bloom_filter(0.001) GRANULARITY 1,
    INDEX entity_types entity_type TYPE set(64) GRANULARITY 8,
    INDEX event_types event_type TYPE set(64) GRANULARITY 8
)
ENGINE = MergeTree
PARTITION BY toYYYYMM(occurred_at)
PRIMARY KEY (tenant_id, entity_hash)
ORDER BY (tenant_id, entity_hash, entity_type, entity_id, occurred_at, event_id)
-- Short granules: one entity is read without thousands of rows of its neighbours. Few, wide merges: a row is written again
-- once for each factor of 16 in parts.
SETTINGS index_granularity = 1024, merge_selector_base = 16, min_parts_to_merge_at_once = 16
COMMENT 'Archived audit records, sorted by entity; read through v1_ views';

-- The same columns for one job's own input: `source: kafka` collects here, derived entities are shuffled here.
CREATE TABLE IF NOT EXISTS {db}.{prefix}replay_events
(
    job_id               LowCardinality(String) COMMENT 'Replay job',
    stage                LowCardinality(String) COMMENT 'collected: read from the log for this job; mapped: entities derived by its encoding',
    tenant_id            LowCardinality(String) COMMENT 'Tenant; empty where the record did not decode',
    entity_type          LowCardinality(String) COMMENT 'Entity type',
    entity_id            String COMMENT 'Entity id' CODEC(ZSTD(1)),
    entity_hash          UInt64 DEFAULT sipHash64(entity_type, entity_id) COMMENT 'Spreads entities over fold units',
    occurred_at          DateTime64(9, 'UTC') COMMENT 'Event time' CODEC(GCD, Delta, ZSTD(1)),
    event_id             String COMMENT 'Event id' CODEC(ZSTD(1)),
    topic_id             LowCardinality(String) COMMENT 'Broker topic UUID',
    topic                LowCardinality(String) COMMENT 'Topic name',
    partition            Int32 COMMENT 'Log partition' CODEC(ZSTD(1)),
    offset               UInt64 COMMENT 'Log offset' CODEC(Delta, ZSTD(1)),
    n                    UInt16 COMMENT 'Counts the entities that one record touches' CODEC(ZSTD(1)),
    record_time          DateTime64(3, 'UTC') COMMENT 'Record timestamp' CODEC(GCD, Delta, ZSTD(1)),
    event_type           LowCardinality(String) COMMENT 'Event type',
    declared_entity_type LowCardinality(String) COMMENT 'Entity type that the envelope declared, where it differs',
    envelope_entity_type LowCardinality(String) COMMENT 'mapped: entity type of the event before its entities were derived',
    envelope_entity_id   String COMMENT 'mapped: entity id of the event before its entities were derived' CODEC(ZSTD(1)),
    actor                String COMMENT 'Who did it' CODEC(ZSTD(1)),
    action               LowCardinality(String) COMMENT 'What was done',
    severity             LowCardinality(String) COMMENT 'Severity',
    decision             String COMMENT 'Canonical JSON of the decision' CODEC(ZSTD(1)),
    payload_shape        LowCardinality(String) COMMENT 'Names of the payload''s members, a line feed around each',
    payload_values       String COMMENT 'Values of the payload''s members, joined by line feeds' CODEC(ZSTD(1)),
    error_code           LowCardinality(String) COMMENT 'Empty: decoded',
    error                String COMMENT 'The decode error in words' CODEC(ZSTD(1)),
    schema_id            Int32 COMMENT 'Registry schema id; -1: none' CODEC(ZSTD(1)),
    raw_key_is           Enum8('stored' = 0, 'entity_id' = 1, 'null' = 2, 'dropped' = 3) COMMENT 'Where the record key is: see audit_events' CODEC(ZSTD(1)),
    raw_value_is         Enum8('stored' = 0, 'encoded' = 1, 'null' = 2, 'dropped' = 3) COMMENT 'Where the record value is: see audit_events' CODEC(ZSTD(1)),
    raw_key              String COMMENT 'Record key' CODEC(ZSTD(1)),
    raw_value            String COMMENT 'Record value' CODEC(ZSTD(1)),
    headers              String COMMENT 'Record headers' CODEC(ZSTD(1)),
    claim                UInt64 COMMENT 'Claim under which the row was written'
)
ENGINE = MergeTree
PARTITION BY job_id
ORDER BY (job_id, stage, tenant_id, entity_hash, entity_type, entity_id, occurred_at, event_id)
SETTINGS merge_selector_base = 16, min_parts_to_merge_at_once = 16
COMMENT 'Input rows that belong to one replay job; dropped with it';
