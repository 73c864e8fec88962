CREATE TABLE IF NOT EXISTS {db}.{prefix}decisions
(
    job_id         LowCardinality(String) COMMENT 'Replay job, or log replay: of that the decisions that changed or failed, with type policy and the path as entity',
    entity_hash    UInt64 DEFAULT sipHash64(entity_type, entity_id) COMMENT 'Spreads entities over fold units' CODEC(ZSTD(1)),
    entity_type    LowCardinality(String) COMMENT 'Entity type',
    entity_id      String COMMENT 'Entity id' CODEC(ZSTD(1)),
    fold_seq       UInt64 COMMENT 'Position in which the entity''s events were folded, from 0' CODEC(DoubleDelta, ZSTD(1)),
    occurred_at    DateTime64(9, 'UTC') COMMENT 'Event time' CODEC(GCD, Delta, ZSTD(1)),
    event_id       String COMMENT 'Source event' CODEC(ZSTD(1)),
    event_type     LowCardinality(String) COMMENT 'For example content.updated',
    topic_id       LowCardinality(String) COMMENT 'Source topic',
    partition      Int32 COMMENT 'Source partition' CODEC(ZSTD(1)),
    offset         UInt64 COMMENT 'Source offset' CODEC(Delta, ZSTD(1)),
    n              UInt16 COMMENT 'Which entity of the record' CODEC(ZSTD(1)),
    decision       String COMMENT 'Canonical JSON that the rules of the job gave; empty: undefined, or an error' CODEC(ZSTD(1)),
    error          String COMMENT 'Why the rules failed; empty: they did not' CODEC(ZSTD(1)),
    before         String COMMENT 'Canonical JSON of the decision before: by the baseline rules where the job names some, else as recorded with the event; empty: undefined, an error, or none recorded' CODEC(ZSTD(1)),
    before_error   String COMMENT 'Why the baseline rules failed; empty: they did not' CODEC(ZSTD(1)),
    was            LowCardinality(String) COMMENT 'What the decision before comes to: allow, deny, other, undefined, error, none',
    now            LowCardinality(String) COMMENT 'What the decision comes to: allow, deny, other, undefined, error',
    transition     LowCardinality(String) COMMENT 'unchanged, allow_to_deny, deny_to_allow, to_undefined, to_error, changed, unrecorded',
    claim          UInt64 COMMENT 'Claim under which the row was written' CODEC(ZSTD(1))
)
ENGINE = MergeTree
PARTITION BY job_id
ORDER BY (job_id, entity_hash, entity_type, entity_id, fold_seq)
SETTINGS index_granularity = 4096, merge_selector_base = 32, min_parts_to_merge_at_once = 32
COMMENT 'Decision of a job''s rules about each event; read through v1_decisions';
