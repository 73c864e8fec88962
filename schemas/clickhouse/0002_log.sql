-- The two append-only logs that decide everything. Their order is the store's own insertion order
-- (_block_number, _block_offset), which survives merges and restarts: no clock and no compare-and-swap is needed.
CREATE TABLE IF NOT EXISTS {db}.{prefix}unit_log
(
    scope       LowCardinality(String) COMMENT 'archive, or the job id',
    unit        String COMMENT 'Unit of work within the scope',
    kind        Enum8('claim' = 1, 'manifest' = 2, 'beat' = 3, 'release' = 4) COMMENT 'claim: taken; manifest: output stored; beat: still alive; release: given back',
    claim       UInt64 COMMENT 'Random claim id; every row written under it carries it',
    worker      String COMMENT 'Who: host, process, worker',
    from_pos    UInt64 COMMENT 'claim: first position of an empty unit; manifest: start of what it adds',
    to_pos      UInt64 COMMENT 'manifest: end (exclusive) of what it adds',
    final       UInt8 COMMENT 'manifest: 1 seals the unit',
    counters    String COMMENT 'manifest: JSON of the counters of just this manifest' CODEC(ZSTD(1)),
    written_at  DateTime64(3, 'UTC') DEFAULT now64(3) COMMENT 'For people; decides nothing'
)
ENGINE = MergeTree
ORDER BY (scope, unit)
SETTINGS enable_block_number_column = 1, enable_block_offset_column = 1
COMMENT 'Claims and manifests of units of work, in insertion order';

CREATE TABLE IF NOT EXISTS {db}.{prefix}job_events
(
    job_id      String COMMENT 'Replay job',
    tenant_id   LowCardinality(String) COMMENT 'Tenant',
    kind        LowCardinality(String) COMMENT 'created, admitted, planned, started, mapping, folding, paused, resumed, complete, failed, cancelled, dropped, deleted, settled',
    actor       String COMMENT 'Who asked for it',
    body        String COMMENT 'JSON: spec, plan, result or error' CODEC(ZSTD(1)),
    written_at  DateTime64(3, 'UTC') DEFAULT now64(3) COMMENT 'When it was written'
)
ENGINE = MergeTree
ORDER BY (tenant_id, job_id)
SETTINGS enable_block_number_column = 1, enable_block_offset_column = 1
COMMENT 'What happened to replay jobs, in insertion order; the first terminal event of a job wins';
