CREATE TABLE IF NOT EXISTS {db}.{prefix}encodings
(
    tenant_id    LowCardinality(String) COMMENT 'Tenant',
    version      UInt32 COMMENT 'Numbered from 2; version 1 is built in',
    name         String COMMENT 'Name given by its author',
    hash         String COMMENT 'SHA-256 of the canonical definition',
    definition   String COMMENT 'JSON as it was written, without white space' CODEC(ZSTD(1)),
    revises      UInt32 DEFAULT 0 COMMENT 'Version that it was made from; 0: none',
    note         String COMMENT 'Why, by its author' CODEC(ZSTD(1)),
    actor        String COMMENT 'Who saved it',
    created_at   DateTime64(3, 'UTC') DEFAULT now64(3) COMMENT 'When'
)
ENGINE = MergeTree
ORDER BY (tenant_id, version)
SETTINGS enable_block_number_column = 1, enable_block_offset_column = 1
COMMENT 'Encoding versions; the first row of a version in insertion order counts';

CREATE TABLE IF NOT EXISTS {db}.{prefix}rules
(
    tenant_id    LowCardinality(String) COMMENT 'Tenant',
    version      UInt32 COMMENT 'Numbered from 2; version 1 is built in',
    name         String COMMENT 'Name given by its author',
    hash         String COMMENT 'SHA-256 of the canonical definition',
    definition   String COMMENT 'JSON as it was written, without white space' CODEC(ZSTD(1)),
    revises      UInt32 DEFAULT 0 COMMENT 'Version that it was made from; 0: none',
    note         String COMMENT 'Why, by its author' CODEC(ZSTD(1)),
    actor        String COMMENT 'Who saved it',
    created_at   DateTime64(3, 'UTC') DEFAULT now64(3) COMMENT 'When'
)
ENGINE = MergeTree
ORDER BY (tenant_id, version)
SETTINGS enable_block_number_column = 1, enable_block_offset_column = 1
COMMENT 'Rule versions; the first row of a version in insertion order counts';

CREATE TABLE IF NOT EXISTS {db}.{prefix}sources
(
    tenant_id    LowCardinality(String) COMMENT 'Tenant',
    version      UInt32 COMMENT 'Numbered from 2; version 1 is what the configuration names',
    name         String COMMENT 'Name given by its author',
    hash         String COMMENT 'SHA-256 of the canonical definition',
    definition   String COMMENT 'JSON as it was written, without white space' CODEC(ZSTD(1)),
    revises      UInt32 DEFAULT 0 COMMENT 'Version that it was made from; 0: none',
    note         String COMMENT 'Why, by its author' CODEC(ZSTD(1)),
    actor        String COMMENT 'Who saved it',
    created_at   DateTime64(3, 'UTC') DEFAULT now64(3) COMMENT 'When'
)
ENGINE = MergeTree
ORDER BY (tenant_id, version)
SETTINGS enable_block_number_column = 1, enable_block_offset_column = 1
COMMENT 'Source versions; the first row of a version in insertion order counts';
