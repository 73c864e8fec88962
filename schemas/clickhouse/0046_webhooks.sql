-- Where tenants want to be told what became of their jobs. A row for each change, with the whole webhook; the last one in
-- insertion order counts, and one that says deleted ends it for good.
CREATE TABLE IF NOT EXISTS {db}.{prefix}webhooks
(
    webhook_id     String COMMENT 'A UUID as text',
    kind           Enum8('created' = 1, 'changed' = 2, 'deleted' = 3) COMMENT 'What was done to the webhook',
    tenant_id      LowCardinality(String) COMMENT 'Tenant',
    name           String COMMENT 'What it is for',
    url            String COMMENT 'Where messages go',
    events         Array(LowCardinality(String)) COMMENT 'job.completed, job.failed, job.paused, job.cancelled',
    job_types      Array(LowCardinality(String)) COMMENT 'Only jobs of these types; empty: of all',
    labels         String COMMENT 'JSON object: only jobs that carry all of these labels',
    enabled        UInt8 COMMENT '0: nothing is sent',
    since_ms       Int64 COMMENT 'Only what happened from then on is sent, milliseconds since 1970; 0: from this row on',
    sealed_secret  String COMMENT 'Secret that signs messages, sealed with the secret of the server (AES-256-GCM)',
    actor          String COMMENT 'Who did it',
    written_at     DateTime64(3, 'UTC') DEFAULT now64(3) COMMENT 'When'
)
ENGINE = MergeTree
ORDER BY (tenant_id, webhook_id)
SETTINGS enable_block_number_column = 1, enable_block_offset_column = 1
COMMENT 'Webhooks: receivers of messages about jobs';

-- What became of messages. The last row of a delivery in insertion order says how it stands.
CREATE TABLE IF NOT EXISTS {db}.{prefix}webhook_deliveries
(
    delivery_id  String COMMENT 'Id of the message, the same on every try: from webhook, job and place of the event',
    webhook_id   String COMMENT 'Webhook',
    tenant_id    LowCardinality(String) COMMENT 'Tenant',
    job_id       String COMMENT 'Replay job; empty: a test message',
    event        LowCardinality(String) COMMENT 'job.completed, job.failed, job.paused, job.cancelled, webhook.ping',
    event_ms     Int64 COMMENT 'When it happened, milliseconds since 1970',
    outcome      Enum8('delivered' = 1, 'failed' = 2, 'given_up' = 3, 'requested' = 4) COMMENT 'failed: is tried again at next_ms; given_up: is not; requested: somebody asked for it once more',
    round        UInt32 COMMENT 'How often somebody asked for it once more',
    attempt      UInt32 COMMENT 'Try within the round, from 1; 0: requested',
    status       UInt16 COMMENT 'HTTP status of the answer; 0: none',
    error        String COMMENT 'Why it failed, in words; empty: it did not',
    duration_ms  UInt32 COMMENT 'How long the try took',
    next_ms      Int64 COMMENT 'failed: not tried again before, milliseconds since 1970',
    actor        String COMMENT 'Process that sent it, or who asked for it',
    written_at   DateTime64(3, 'UTC') DEFAULT now64(3) COMMENT 'When'
)
ENGINE = MergeTree
ORDER BY (tenant_id, webhook_id, delivery_id)
TTL toDateTime(written_at) + INTERVAL 90 DAY
SETTINGS enable_block_number_column = 1, enable_block_offset_column = 1
COMMENT 'Tries of messages to webhooks';
