-- Who did what. Entries are only ever appended. Each writing process chains its own entries by hash, and anchors record
-- how far the chains of all writers had come, so that a changed, inserted or missing entry shows (docs/access.md).
CREATE TABLE IF NOT EXISTS {db}.{prefix}audit_entries
(
    tenant_id       LowCardinality(String) COMMENT 'Tenant that the act was about; empty: the instance',
    recorded_ns     Int64 COMMENT 'When, nanoseconds since 1970 by the clock of the writer' CODEC(Delta, ZSTD(1)),
    audit_entry_id  String COMMENT 'UUID version 7, in hexadecimal text',
    actor           String COMMENT 'Who did it',
    action          LowCardinality(String) COMMENT 'What was done: noun.verbed',
    target          String COMMENT 'What it was done to: an id',
    outcome         LowCardinality(String) COMMENT 'success or failure',
    detail          String COMMENT 'JSON object: what else is known' CODEC(ZSTD(1)),
    writer          LowCardinality(String) COMMENT 'Chain: host, process, start, number of the chain in the process',
    seq             UInt64 COMMENT 'Place in the chain of the writer, from 1',
    prev_hash       String COMMENT 'Hash of the entry before it in the chain; empty: the first',
    hash            String COMMENT 'SHA-256 over all columns above, hexadecimal'
)
ENGINE = MergeTree
ORDER BY (tenant_id, recorded_ns, audit_entry_id)
COMMENT 'Audit trail: acts on the instance, in chains by hash';

CREATE TABLE IF NOT EXISTS {db}.{prefix}audit_anchors
(
    writer       LowCardinality(String) COMMENT 'Process that made the anchor: the chain of anchors it belongs to',
    seq          UInt64 COMMENT 'Place in the chain of anchors of the writer, from 1',
    recorded_ns  Int64 COMMENT 'When, nanoseconds since 1970 by the clock of the writer',
    entries      UInt64 COMMENT 'Entries of all writers that were there',
    heads        String COMMENT 'JSON: [writer, seq, hash] of the last entry of each chain that had moved' CODEC(ZSTD(1)),
    prev_hash    String COMMENT 'Hash of the anchor before it; empty: the first',
    hash         String COMMENT 'SHA-256 over all columns above, hexadecimal',
    key_id       String COMMENT 'First 16 hexadecimal digits of the SHA-256 of the public key; empty: not signed',
    signature    String COMMENT 'Ed25519 over the hash, Base64; empty: not signed'
)
ENGINE = MergeTree
ORDER BY (writer, seq)
COMMENT 'How far the chains of the audit trail had come, from time to time';

CREATE OR REPLACE VIEW {db}.{prefix}v1_audit_entries AS
SELECT
    audit_entry_id, tenant_id, actor, action, target, outcome, detail,
    fromUnixTimestamp64Nano(recorded_ns, 'UTC') AS recorded_at, writer, seq, prev_hash, hash
FROM {db}.{prefix}audit_entries;
