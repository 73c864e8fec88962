CREATE TABLE IF NOT EXISTS {db}.{prefix}bundles
(
    tenant_id    LowCardinality(String) COMMENT 'Tenant',
    revision     String COMMENT 'As decision logs name it',
    hash         String COMMENT 'SHA-256 of Rego version, modules and data',
    rego_version UInt8 COMMENT 'Of the modules',
    modules      String COMMENT 'Canonical JSON object: Rego by path' CODEC(ZSTD(3)),
    data         String COMMENT 'Canonical JSON object: the data document' CODEC(ZSTD(3)),
    actor        String COMMENT 'Who saved it',
    created_at   DateTime64(3, 'UTC') DEFAULT now64(3) COMMENT 'When'
)
ENGINE = MergeTree
ORDER BY (tenant_id, revision)
SETTINGS enable_block_number_column = 1, enable_block_offset_column = 1
COMMENT 'Policies and data by revision, as they stood when decisions were made; the first row of a revision in insertion order counts';
