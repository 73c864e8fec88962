-- Acts of people that other tables tell of: each must have its entry in the trail, a row for each act. The actor of what a worker does by
-- itself is the worker's name (host, process, start).
CREATE OR REPLACE VIEW {db}.{prefix}audited_acts AS
SELECT tenant_id, concat('replay_job.', kind) AS action, job_id AS target, actor, written_at AS at
FROM {db}.{prefix}job_events
WHERE kind IN ('created', 'paused', 'resumed', 'cancelled', 'deleted') AND NOT match(actor, '^[^/]+/[0-9]+/[0-9a-z]+$')
UNION ALL
SELECT tenant_id, 'encoding.saved' AS action, toString(version) AS target, argMin(actor, (_block_number, _block_offset)) AS actor, min(created_at) AS at
FROM {db}.{prefix}encodings
GROUP BY tenant_id, version
UNION ALL
SELECT tenant_id, 'rules.saved' AS action, toString(version) AS target, argMin(actor, (_block_number, _block_offset)) AS actor, min(created_at) AS at
FROM {db}.{prefix}rules
GROUP BY tenant_id, version
UNION ALL
SELECT tenant_id, 'source.saved' AS action, toString(version) AS target, argMin(actor, (_block_number, _block_offset)) AS actor, min(created_at) AS at
FROM {db}.{prefix}sources
GROUP BY tenant_id, version
UNION ALL
SELECT tenant_id, 'bundle.saved' AS action, revision AS target, argMin(actor, (_block_number, _block_offset)) AS actor, min(created_at) AS at
FROM {db}.{prefix}bundles
GROUP BY tenant_id, revision
UNION ALL
SELECT tenant_id, concat(if(tenant_id = '', 'operator_key.', 'api_key.'), toString(kind)) AS action, key_id AS target, any(actor) AS actor, min(written_at) AS at
FROM {db}.{prefix}api_keys
GROUP BY tenant_id, kind, key_id
UNION ALL
SELECT tenant_id, 'comparison.created' AS action, comparison_id AS target, argMin(actor, (_block_number, _block_offset)) AS actor, min(created_at) AS at
FROM {db}.{prefix}comparisons
GROUP BY tenant_id, comparison_id
UNION ALL
SELECT tenant_id, concat('logreplay.', if(kind = 'created', 'run', toString(kind))) AS action, replay_id AS target, actor, written_at AS at
FROM {db}.{prefix}log_replays
WHERE kind IN ('created', 'cancelled', 'deleted')
UNION ALL
SELECT '' AS tenant_id, concat('instance.', kind) AS action, '' AS target, actor, written_at AS at
FROM {db}.{prefix}instance_events
UNION ALL
SELECT tenant_id, 'current_state.follow_switched' AS action, '' AS target, actor, written_at AS at
FROM {db}.{prefix}follow_events
WHERE kind IN ('on', 'off')
UNION ALL
SELECT tenant_id, if(any(act) = 'revert', 'current_state.reverted', 'current_state.promoted') AS action, any(job_id) AS target,
    any(actor) AS actor, min(written_at) AS at
FROM {db}.{prefix}promotions AS p
WHERE p.kind IN ('asked', 'current') AND NOT match(p.actor, '^[^/]+/[0-9]+/[0-9a-z]+$')
GROUP BY tenant_id, promotion_id
UNION ALL
SELECT tenant_id, concat(toString(type), '.', toString(kind)) AS action, note_id AS target, actor, written_at AS at
FROM {db}.{prefix}notes
UNION ALL
SELECT tenant_id, concat('webhook.', toString(kind)) AS action, webhook_id AS target, actor, written_at AS at
FROM {db}.{prefix}webhooks;
