CREATE TABLE IF NOT EXISTS {db}.{prefix}api_keys
(
    key_id       String COMMENT 'Public part of the key',
    kind         Enum8('created' = 1, 'revoked' = 2) COMMENT 'A key that was revoked once stays so',
    tenant_id    LowCardinality(String) COMMENT 'Tenant; empty: a key of an operator of the instance',
    name         String COMMENT 'What it is for',
    role         LowCardinality(String) COMMENT 'Role in the tenant; empty: operator',
    salt         String COMMENT 'Random, hexadecimal',
    hash         String COMMENT 'SHA-256 of salt and secret part, hexadecimal; the secret itself is kept nowhere',
    expires_ms   Int64 COMMENT 'End of its life, milliseconds since 1970',
    actor        String COMMENT 'Who created or revoked it',
    written_at   DateTime64(3, 'UTC') DEFAULT now64(3) COMMENT 'When'
)
ENGINE = MergeTree
ORDER BY (key_id, kind)
COMMENT 'API keys: what was created and what was revoked';
