-- What folding a finished run again found. The job that folds is hidden from lists; its rows pass through fold_scratch.
CREATE TABLE IF NOT EXISTS {db}.{prefix}run_digests
(
    job_id        LowCardinality(String) COMMENT 'Job that verifies',
    run           LowCardinality(String) COMMENT 'Run that is verified',
    rows          UInt64 COMMENT 'Rows of the run in the unit' CODEC(ZSTD(1)),
    rows_again    UInt64 COMMENT 'Rows that folding them again gave' CODEC(ZSTD(1)),
    digest        UInt128 COMMENT 'Sum of the digests of the rows of the run, modulo 2^128' CODEC(ZSTD(1)),
    digest_again  UInt128 COMMENT 'The same of the rows that folding again gave' CODEC(ZSTD(1)),
    entities      UInt64 COMMENT 'Entities of the unit on either side' CODEC(ZSTD(1)),
    differing     UInt64 COMMENT 'Entities whose rows or digests differ' CODEC(ZSTD(1)),
    claim         UInt64 COMMENT 'Claim under which the row was written' CODEC(ZSTD(1))
)
ENGINE = MergeTree
ORDER BY job_id
COMMENT 'Digests of verified runs, by unit; read through the API';

CREATE TABLE IF NOT EXISTS {db}.{prefix}verified_entities
(
    job_id        LowCardinality(String) COMMENT 'Job that verifies',
    run           LowCardinality(String) COMMENT 'Run that is verified',
    entity_hash   UInt64 COMMENT 'Spreads entities over units' CODEC(ZSTD(1)),
    entity_type   LowCardinality(String) COMMENT 'Entity type',
    entity_id     String COMMENT 'Entity id' CODEC(ZSTD(1)),
    rows          UInt64 COMMENT 'Rows of the entity in the run' CODEC(ZSTD(1)),
    rows_again    UInt64 COMMENT 'Rows that folding it again gave' CODEC(ZSTD(1)),
    fold_seq      UInt64 COMMENT 'First place in its fold order that differs' CODEC(ZSTD(1)),
    here          UInt64 COMMENT 'Rows of the run at that place; 1 as it should be' CODEC(ZSTD(1)),
    here_again    UInt64 COMMENT 'Rows at that place after folding again' CODEC(ZSTD(1)),
    columns       Array(LowCardinality(String)) COMMENT 'What differs there beside the fields: event_id, occurred_at, exists and so on' CODEC(ZSTD(1)),
    differences   Array(Tuple(field String, before String, after String))
                  COMMENT 'Fields that differ there: the values of the run and those of folding again; empty: missing; cut where they are long' CODEC(ZSTD(1)),
    cut           UInt8 COMMENT '1: a value was too long to be kept, and is null here' CODEC(ZSTD(1)),
    claim         UInt64 COMMENT 'Claim under which the row was written' CODEC(ZSTD(1))
)
ENGINE = MergeTree
ORDER BY (job_id, entity_hash, entity_type, entity_id)
COMMENT 'Entities of verified runs that folding again gave otherwise, the first of each unit; read through the API';
