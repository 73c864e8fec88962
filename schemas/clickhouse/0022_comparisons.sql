-- Comparisons of two finished runs; what they found is in run_differences under the comparison's id. The first row of an id counts.
CREATE TABLE IF NOT EXISTS {db}.{prefix}comparisons
(
    tenant_id      LowCardinality(String) COMMENT 'Tenant of both runs',
    comparison_id  String COMMENT 'Derived from both runs: the same pair is the same comparison',
    run_a          String COMMENT 'The first run: what was before',
    run_b          String COMMENT 'The second run: what is now',
    history        UInt8 COMMENT '0: only last states are compared',
    reasons        Array(LowCardinality(String)) COMMENT 'Why the two are not runs of one input; empty: they are',
    units          UInt32 COMMENT 'Parts of the hash space that are compared one by one',
    actor          LowCardinality(String) COMMENT 'Who asked for it',
    created_at     DateTime64(3, 'UTC') DEFAULT now64(3) COMMENT 'When it was asked for'
)
ENGINE = MergeTree
ORDER BY (tenant_id, comparison_id)
SETTINGS enable_block_number_column = 1, enable_block_offset_column = 1
COMMENT 'Comparisons of two finished runs';

CREATE OR REPLACE VIEW {db}.{prefix}v1_comparisons AS
SELECT tenant_id, comparison_id, run_a, run_b, history, reasons, actor, created_at
FROM {db}.{prefix}comparisons
ORDER BY tenant_id, comparison_id, _block_number, _block_offset
LIMIT 1 BY tenant_id, comparison_id;
