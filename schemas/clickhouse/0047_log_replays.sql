-- Log replays that run as jobs: what was asked for and what became of it, in insertion order. The first end of a replay counts.
CREATE TABLE IF NOT EXISTS {db}.{prefix}log_replays
(
    tenant_id   LowCardinality(String) COMMENT 'Tenant',
    replay_id   String COMMENT 'Log replay',
    kind        Enum8('created' = 1, 'complete' = 2, 'failed' = 3, 'cancelled' = 4, 'deleted' = 5, 'swept' = 6)
        COMMENT 'complete, failed, cancelled: how it ended; deleted: nobody sees it any more; swept: its rows are gone',
    actor       String COMMENT 'Who asked for it; of complete, failed and swept: the worker',
    body        String COMMENT 'JSON. created: request and plan; complete: what was found; failed: code and message' CODEC(ZSTD(1)),
    written_at  DateTime64(3, 'UTC') DEFAULT now64(3) COMMENT 'When it was written; decides nothing'
)
ENGINE = MergeTree
ORDER BY (tenant_id, replay_id)
SETTINGS enable_block_number_column = 1, enable_block_offset_column = 1
COMMENT 'Log replays that run as jobs, in insertion order';

-- What each unit of a log replay found. Rows count under the claims of sealed units, as all rows of jobs do.
CREATE TABLE IF NOT EXISTS {db}.{prefix}log_replay_units
(
    replay_id  LowCardinality(String) COMMENT 'Log replay',
    unit       String COMMENT 'Unit of work: contiguous batches of a partition',
    body       String COMMENT 'JSON of the counts, groups, samples and errors of its decisions' CODEC(ZSTD(1)),
    claim      UInt64 COMMENT 'Claim under which the row was written'
)
ENGINE = MergeTree
PARTITION BY replay_id
ORDER BY (replay_id, unit)
COMMENT 'Findings of log replays, unit by unit';
