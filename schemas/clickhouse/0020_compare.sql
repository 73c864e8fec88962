-- Rows of a fold that are only looked at: a unit of a dry run folds into a partition of its own,
-- counts or compares what is there, and drops it. What a crash leaves behind goes at the end of the job, or after a day.
CREATE TABLE IF NOT EXISTS {db}.{prefix}fold_scratch
(
    job_id       LowCardinality(String) COMMENT 'Replay job',
    entity_hash  UInt64 COMMENT 'Spreads entities over fold units',
    entity_type  LowCardinality(String) COMMENT 'Entity type',
    entity_id    String COMMENT 'Entity id',
    fold_seq     UInt64 COMMENT 'Position in which the entity''s events were folded, from 0',
    occurred_at  DateTime64(9, 'UTC') COMMENT 'Event time',
    event_id     String COMMENT 'Source event',
    event_type   LowCardinality(String) COMMENT 'For example content.updated',
    topic_id     LowCardinality(String) COMMENT 'Source topic',
    partition    Int32 COMMENT 'Source partition',
    offset       UInt64 COMMENT 'Source offset',
    n            UInt16 COMMENT 'Which entity of the record',
    exists       UInt8 COMMENT '0 after an event that ends the entity',
    changes      UInt32 COMMENT 'Number of fields that the event changed',
    shape        LowCardinality(String) COMMENT 'Names of the fields as JSON strings, joined by line feeds',
    state        String COMMENT 'Canonical JSON value of each field of shape, joined by line feeds; empty: missing',
    claim        UInt64 COMMENT 'Which fold of a unit wrote the row; each is a partition',
    written_at   DateTime DEFAULT now() COMMENT 'When it was written'
)
ENGINE = MergeTree
PARTITION BY claim
ORDER BY (entity_hash, entity_type, entity_id, fold_seq)
TTL written_at + INTERVAL 1 DAY
SETTINGS ttl_only_drop_parts = 1
COMMENT 'Passing rows of folds whose result is a count or a comparison; nothing to read here';

-- What a dry run counted, one row for each group and unit. No entity belongs to two units, so the counts of units add up.
CREATE TABLE IF NOT EXISTS {db}.{prefix}report_counts
(
    job_id       LowCardinality(String) COMMENT 'Replay job',
    kind         Enum8('event' = 1, 'entity' = 2, 'field' = 3) COMMENT 'event: by event type; entity: by entity type; field: by field and operation',
    entity_type  LowCardinality(String) COMMENT 'Entity type',
    name         String COMMENT 'event: the event type; field: the field as a JSON string' CODEC(ZSTD(1)),
    operation    LowCardinality(String) COMMENT 'field: added, modified or removed',
    count        UInt64 COMMENT 'event, entity: events folded; field: changes' CODEC(ZSTD(1)),
    changed      UInt64 COMMENT 'event, entity: of these the events that changed a field' CODEC(ZSTD(1)),
    entities     UInt64 COMMENT 'Entities that these belong to' CODEC(ZSTD(1)),
    samples      Array(Tuple(rank UInt64, entity_id String, event_id String, fold_seq UInt64, ns Int64, before String, after String, cut UInt8))
                 COMMENT 'field: changes with the smallest ranks, a hash of entity and event; cut: a value was too long to be shown' CODEC(ZSTD(1)),
    claim        UInt64 COMMENT 'Claim under which the row was written' CODEC(ZSTD(1))
)
ENGINE = MergeTree
ORDER BY (job_id, kind, entity_type, name, operation)
COMMENT 'What dry runs counted; read through v1_report_counts';

-- Entities that two folds see differently: a run and its baseline.
CREATE TABLE IF NOT EXISTS {db}.{prefix}run_differences
(
    job_id            LowCardinality(String) COMMENT 'Replay job, or comparison of two',
    run_a             LowCardinality(String) COMMENT 'Comparison: the first run; else empty',
    run_b             LowCardinality(String) COMMENT 'Comparison: the second run; else empty',
    entity_hash       UInt64 COMMENT 'Spreads entities over units' CODEC(ZSTD(1)),
    entity_type       LowCardinality(String) COMMENT 'Entity type',
    entity_id         String COMMENT 'Entity id' CODEC(ZSTD(1)),
    presence          Enum8('both' = 1, 'only_a' = 2, 'only_b' = 3) COMMENT 'Which side has the entity; a is the baseline or the first run',
    final_differs     UInt8 COMMENT '0: the entity ends alike on both sides, and differed on the way' CODEC(ZSTD(1)),
    signature         UInt64 COMMENT 'Change signature: hash of entity type, presence, final_differs and changes' CODEC(ZSTD(1)),
    changes           Array(Tuple(field String, operation LowCardinality(String)))
                      COMMENT 'From a to b, sorted: field as a JSON string with added, modified or removed; an empty field with ended or revived; empty where one side lacks the entity' CODEC(ZSTD(1)),
    differences       Array(Tuple(field String, before String, after String))
                      COMMENT 'Fields whose last values differ: the canonical JSON values of a and of b; empty: missing' CODEC(ZSTD(1)),
    events            UInt64 COMMENT 'Events after which the states differed; 0: not looked at' CODEC(ZSTD(1)),
    first_at          DateTime64(9, 'UTC') COMMENT 'Time of the first of them' CODEC(ZSTD(1)),
    first_event_id    String COMMENT 'Its id' CODEC(ZSTD(1)),
    first_event_type  LowCardinality(String) COMMENT 'Its type',
    first_topic_id    LowCardinality(String) COMMENT 'Its topic',
    first_partition   Int32 COMMENT 'Its partition' CODEC(ZSTD(1)),
    first_offset      UInt64 COMMENT 'Its offset' CODEC(ZSTD(1)),
    claim             UInt64 COMMENT 'Claim under which the row was written' CODEC(ZSTD(1))
)
ENGINE = MergeTree
PARTITION BY job_id
ORDER BY (job_id, entity_hash, entity_type, entity_id)
COMMENT 'Entities that two folds see differently; read through v1_run_differences';
