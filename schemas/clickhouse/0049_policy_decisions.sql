-- The decisions of policy engines once more, in the order of the log: the archive is sorted by entity, and a log replay reads
-- offset ranges. Rows come with those of the archive, under the same claims, and count as they do.
CREATE TABLE IF NOT EXISTS {db}.{prefix}policy_decisions
(
    tenant_id      LowCardinality(String) COMMENT 'Tenant',
    topic_id       LowCardinality(String) COMMENT 'Broker topic UUID',
    partition      Int32 COMMENT 'Log partition' CODEC(ZSTD(1)),
    offset         UInt64 COMMENT 'Log offset' CODEC(Delta, ZSTD(1)),
    occurred_at    DateTime64(9, 'UTC') COMMENT 'When it was decided' CODEC(GCD, Delta, ZSTD(1)),
    event_id       String COMMENT 'Decision id' CODEC(ZSTD(1)),
    path           LowCardinality(String) COMMENT 'Path that was asked, without slashes around it',
    revision       LowCardinality(String) COMMENT 'JSON of the bundles with their revisions, or of the one revision; empty: none',
    payload_shape  LowCardinality(String) COMMENT 'Names of the decision''s members, a line feed around each',
    payload_values String COMMENT 'Values of the decision''s members, joined by line feeds' CODEC(ZSTD(1)),
    claim          UInt64 COMMENT 'Claim under which the row was written'
)
ENGINE = MergeTree
ORDER BY (tenant_id, topic_id, partition, offset)
COMMENT 'Logged policy decisions in log order; valid only under the claims of the archive';

CREATE MATERIALIZED VIEW IF NOT EXISTS {db}.{prefix}policy_decisions_mv TO {db}.{prefix}policy_decisions AS
WITH
    splitByChar('\n', substring(payload_shape, 2, length(payload_shape) - 2)) AS names,
    splitByChar('\n', payload_values) AS members,
    members[indexOf(names, '"bundles"')] AS of_bundles,
    members[indexOf(names, '"revision"')] AS of_one
SELECT tenant_id, topic_id, partition, offset, occurred_at, event_id,
    trim(BOTH '/' FROM toString(action)) AS path,
    if(of_bundles IN ('', 'null', '{}'), of_one, of_bundles) AS revision,
    payload_shape, payload_values, claim
FROM {db}.{prefix}audit_events
WHERE event_type = 'policy.decision' AND error_code = '' AND n = 0;
