-- What people read. Views apply visibility: a row shows only if its claim is the one that counted for its unit.
-- The rule is that of processors/replay/units.ts, for units that one final manifest seals.
CREATE OR REPLACE VIEW {db}.{prefix}sealed_units AS
SELECT scope AS job_id, unit, claim, counters
FROM
(
    SELECT
        scope, unit, kind, claim, from_pos, final, counters, _block_number AS block, _block_offset AS block_offset,
        last_value(if(kind = 'claim', claim, NULL)) IGNORE NULLS OVER (
            PARTITION BY scope, unit ORDER BY _block_number, _block_offset
            ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW) AS fence
    FROM {db}.{prefix}unit_log
    WHERE scope != 'archive' AND NOT startsWith(unit, 'collect/')
        -- Rows of dropped jobs vanish with one event, however long their removal takes.
        AND scope NOT IN (SELECT job_id FROM {db}.{prefix}job_events WHERE kind IN ('dropped', 'deleted'))
)
WHERE kind = 'manifest' AND final = 1 AND from_pos = 0 AND claim = fence
ORDER BY job_id, unit, block, block_offset
LIMIT 1 BY job_id, unit;

-- A query takes its snapshot of a table when the table is resolved. The claims that count must be known before the rows
-- are looked up, or a unit that is sealed in between shows without its last rows. So the views below read their claims in
-- a scalar subquery, which runs while the view is analysed, and their rows through a view, which is resolved after that.
CREATE OR REPLACE VIEW {db}.{prefix}snapshot_rows AS SELECT * FROM {db}.{prefix}snapshots;
CREATE OR REPLACE VIEW {db}.{prefix}timeline_rows AS SELECT * FROM {db}.{prefix}snapshot_timeline;
CREATE OR REPLACE VIEW {db}.{prefix}timeline_index_rows AS SELECT * FROM {db}.{prefix}timeline_index;
CREATE OR REPLACE VIEW {db}.{prefix}entity_state_rows AS SELECT * FROM {db}.{prefix}entity_states;
CREATE OR REPLACE VIEW {db}.{prefix}dead_letter_rows AS SELECT * FROM {db}.{prefix}dead_letters;

-- A snapshot stores the values of its fields and not the texts that people read: those are made here, from a row and the
-- one before it. A field that the row before did not know yet was missing there. Before the first row of an incremental
-- run comes the state that the run began with.
CREATE OR REPLACE VIEW {db}.{prefix}snapshot_steps AS
SELECT
    job_id, entity_type, entity_id, entity_hash, fold_seq, occurred_at, event_id, event_type,
    topic_id, partition, offset, n, exists, changes,
    splitByChar('\n', shape) AS names,
    splitByChar('\n', state) AS values_after,
    if(shape = shape_before, splitByChar('\n', state_before),
        arrayMap(name -> splitByChar('\n', state_before)[indexOf(splitByChar('\n', shape_before), name)], names)) AS values_before
FROM
(
    SELECT
        *,
        lagInFrame(shape) OVER entity AS shape_before,
        lagInFrame(state) OVER entity AS state_before
    FROM
    (
        SELECT
            job_id, entity_type, entity_id, entity_hash, fold_seq, occurred_at, event_id, event_type,
            topic_id, partition, offset, n, exists, changes, shape, state, 0 AS is_base
        FROM {db}.{prefix}snapshot_rows
        WHERE claim IN (SELECT arrayJoin((SELECT groupArray(claim) FROM {db}.{prefix}sealed_units)))
        UNION ALL
        SELECT
            scope AS job_id, entity_type, entity_id, entity_hash, fold_seq, occurred_at, event_id, toLowCardinality(''),
            toLowCardinality(''), toInt32(0), toUInt64(0), toUInt16(0), exists, toUInt32(0), shape, state, 1 AS is_base
        FROM {db}.{prefix}entity_state_rows
        WHERE generation = 0 AND step = 0
            AND claim IN (SELECT arrayJoin((SELECT groupArray(claim) FROM {db}.{prefix}sealed_units)))
    )
    WINDOW entity AS (
        PARTITION BY job_id, entity_hash, entity_type, entity_id ORDER BY fold_seq
        ROWS BETWEEN 1 PRECEDING AND CURRENT ROW)
)
WHERE is_base = 0;

CREATE OR REPLACE VIEW {db}.{prefix}v1_snapshots AS
SELECT
    job_id, entity_type, entity_id, entity_hash, fold_seq, occurred_at, event_id, event_type,
    topic_id, partition, offset, n, exists, changes,
    concat('{', arrayStringConcat(arrayFilter(member -> member != '',
        arrayMap((name, value) -> if(value = '', '', concat(name, ':', value)), names, values_before)), ','), '}') AS state_before,
    concat('{', arrayStringConcat(arrayFilter(member -> member != '',
        arrayMap((name, value) -> if(value = '', '', concat(name, ':', value)), names, values_after)), ','), '}') AS state_after,
    concat('[', arrayStringConcat(arrayMap(step -> concat(
        '{"field":', step.1, if(step.2 = '', '', concat(',"before":', step.2)), if(step.3 = '', '', concat(',"after":', step.3)),
        ',"operation":"', multiIf(step.2 = '', 'added', step.3 = '', 'removed', 'modified'), '"}'),
        arrayFilter(step -> step.2 != step.3, arrayZip(names, values_before, values_after))), ','), ']') AS diff
FROM {db}.{prefix}snapshot_steps;

CREATE OR REPLACE VIEW {db}.{prefix}v1_field_changes AS
SELECT
    job_id, entity_type, entity_id, entity_hash, fold_seq, occurred_at, event_id, event_type,
    JSONExtractString(step.1) AS field,
    multiIf(step.2 = '', 'added', step.3 = '', 'removed', 'modified') AS operation,
    concat(
        '{"field":', step.1, if(step.2 = '', '', concat(',"before":', step.2)), if(step.3 = '', '', concat(',"after":', step.3)),
        ',"operation":"', multiIf(step.2 = '', 'added', step.3 = '', 'removed', 'modified'), '"}') AS change
FROM
(
    SELECT
        job_id, entity_type, entity_id, entity_hash, fold_seq, occurred_at, event_id, event_type,
        arrayJoin(arrayFilter(one -> one.2 != one.3, arrayZip(names, values_before, values_after))) AS step
    FROM {db}.{prefix}snapshot_steps
);

CREATE OR REPLACE VIEW {db}.{prefix}v1_timeline AS
SELECT job_id, occurred_at, event_id, n, entity_type, entity_id, fold_seq, event_type, changes
FROM {db}.{prefix}timeline_rows
WHERE claim IN (SELECT arrayJoin((SELECT groupArray(claim) FROM {db}.{prefix}sealed_units)));

CREATE OR REPLACE VIEW {db}.{prefix}v1_timeline_index AS
SELECT job_id, idx, occurred_at, event_id, n
FROM {db}.{prefix}timeline_index_rows
WHERE claim IN (SELECT arrayJoin((SELECT groupArray(claim) FROM {db}.{prefix}sealed_units WHERE unit = 'seal')));

CREATE OR REPLACE VIEW {db}.{prefix}v1_dead_letters AS
SELECT * EXCEPT (claim)
FROM {db}.{prefix}dead_letter_rows
WHERE claim IN (SELECT arrayJoin((SELECT groupArray(claim) FROM {db}.{prefix}sealed_units)));

-- The rule is that of processors/replay/job-state.ts, one event after the other: (status, place of the event that ended
-- the job; 0: none).
CREATE OR REPLACE VIEW {db}.{prefix}v1_runs AS
SELECT
    job_id, tenant_id, status,
    JSONExtractString(spec, 'jobType') AS job_type,
    JSONExtractUInt(spec, 'encodingVersion') AS encoding_version,
    JSONExtractUInt(spec, 'ruleVersion') AS rule_version,
    fromUnixTimestamp64Nano(toInt64OrZero(JSONExtractString(spec, 'startNs')), 'UTC') AS time_range_start,
    fromUnixTimestamp64Nano(toInt64OrZero(JSONExtractString(spec, 'endNs')), 'UTC') AS time_range_end,
    JSONExtractUInt(result, 'counters', 'processed') AS events_processed,
    JSONExtractUInt(result, 'counters', 'failed') AS events_failed,
    JSONExtractUInt(result, 'counters', 'snapshots') AS snapshots,
    JSONExtractString(result, 'verdict', 'exactness') AS exactness,
    created_at,
    if(ended = 0, NULL, events[ended].written_at) AS completed_at,
    JSONExtractString(spec, 'name') AS name,
    JSONExtractString(spec, 'parentJobId') AS parent_job_id,
    JSONExtractString(spec, 'verifies') AS verifies,
    deleted
FROM
(
    SELECT
        job_id, any(tenant_id) AS tenant_id,
        argMinIf(body, (_block_number, _block_offset), kind = 'created') AS spec,
        minIf(written_at, kind = 'created') AS created_at,
        countIf(kind = 'deleted') > 0 AS deleted,
        arraySort(groupArray(CAST(
            (_block_number, _block_offset, kind, if(kind IN ('complete', 'settled'), body, ''), written_at),
            'Tuple(block UInt64, place UInt64, kind String, body String, written_at DateTime64(3, \'UTC\'))'))) AS events,
        arrayFold(
            (state, event, place) -> multiIf(
                state.1 IN ('Complete', 'Cancelled'), state,
                event.kind = 'resumed', if(state.1 IN ('Paused', 'Failed'), ('Pending', 0::UInt32), state),
                state.1 = 'Failed', state,
                event.kind = 'started', (if(state.1 = 'Pending', 'Running', state.1), 0::UInt32),
                event.kind = 'paused', ('Paused', 0::UInt32),
                event.kind = 'complete', ('Complete', place),
                event.kind = 'failed', ('Failed', place),
                event.kind = 'cancelled', ('Cancelled', place),
                state),
            events, arrayEnumerate(events), ('Pending', 0::UInt32)) AS last,
        last.1 AS status,
        last.2 AS ended,
        multiIf(status = 'Complete', events[ended].body,
            status = 'Cancelled', arrayFirst(event -> event.kind = 'settled', events).body, '') AS result
    FROM {db}.{prefix}job_events
    GROUP BY job_id
);
