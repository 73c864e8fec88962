CREATE TABLE IF NOT EXISTS {db}.{prefix}instance_events
(
    kind        LowCardinality(String) COMMENT 'paused: nothing is read from log and archive; resumed: it goes on',
    actor       String COMMENT 'Who asked for it',
    reason      String COMMENT 'Why',
    written_at  DateTime64(3, 'UTC') DEFAULT now64(3) COMMENT 'When it was written'
)
ENGINE = MergeTree
ORDER BY written_at
SETTINGS enable_block_number_column = 1, enable_block_offset_column = 1
COMMENT 'The switch of the whole instance; the last event in insertion order counts';
