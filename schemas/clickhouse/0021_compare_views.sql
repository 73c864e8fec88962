-- Visibility as in the views of snapshots: claims in a scalar subquery, rows through a view of their own.
CREATE OR REPLACE VIEW {db}.{prefix}report_count_rows AS SELECT * FROM {db}.{prefix}report_counts;
CREATE OR REPLACE VIEW {db}.{prefix}run_difference_rows AS SELECT * FROM {db}.{prefix}run_differences;

CREATE OR REPLACE VIEW {db}.{prefix}v1_report_counts AS
SELECT job_id, kind, entity_type, if(kind = 'field', JSONExtractString(name), name) AS name, operation,
    sum(count) AS count, sum(changed) AS changed, sum(entities) AS entities
FROM {db}.{prefix}report_count_rows
WHERE claim IN (SELECT arrayJoin((SELECT groupArray(claim) FROM {db}.{prefix}sealed_units)))
GROUP BY job_id, kind, entity_type, name, operation;

CREATE OR REPLACE VIEW {db}.{prefix}v1_run_differences AS
SELECT * EXCEPT (claim)
FROM {db}.{prefix}run_difference_rows
WHERE claim IN (SELECT arrayJoin((SELECT groupArray(claim) FROM {db}.{prefix}sealed_units)))
    -- Comparisons of a run whose rows are dropped vanish with it.
    AND run_a NOT IN (SELECT job_id FROM {db}.{prefix}job_events WHERE kind IN ('dropped', 'deleted'))
    AND run_b NOT IN (SELECT job_id FROM {db}.{prefix}job_events WHERE kind IN ('dropped', 'deleted'));

-- The same for exports: what differs as JSON texts, and the first event that made a difference.
CREATE OR REPLACE VIEW {db}.{prefix}v1_difference_lines AS
SELECT job_id, entity_hash, entity_type, entity_id, presence, final_differs, toString(signature) AS signature,
    concat('[', arrayStringConcat(arrayMap(one -> concat('{"field":', if(one.1 = '', 'null', one.1), ',"operation":"', one.2, '"}'), changes), ','), ']') AS changes,
    concat('[', arrayStringConcat(arrayMap(one -> concat(
        '{"field":', one.1, if(one.2 = '', '', concat(',"before":', one.2)), if(one.3 = '', '', concat(',"after":', one.3)),
        ',"operation":"', multiIf(one.2 = '', 'added', one.3 = '', 'removed', 'modified'), '"}'), `differences`), ','), ']') AS `differences`,
    events, first_event_id AS event_id, first_event_type AS event_type, first_at AS occurred_at
FROM {db}.{prefix}v1_run_differences;

-- Any two runs, compared by the last states of their entities when it is read:
-- SELECT * FROM v1_run_compare(run_a = 'run-…', run_b = 'run-…'). Grouping goes on in files beyond 256 MB.
CREATE OR REPLACE VIEW {db}.{prefix}v1_run_compare AS
SELECT
    {run_a:String} AS run_a, {run_b:String} AS run_b, entity_type, entity_id,
    multiIf(NOT in_b, 'only_a', NOT in_a, 'only_b', 'both') AS presence,
    a.1 AS exists_a, b.1 AS exists_b,
    arrayMap(d -> (JSONExtractString(d.1), multiIf(d.2 = '', 'added', d.3 = '', 'removed', 'modified'), d.2, d.3),
        arrayFilter(d -> d.2 != d.3, arrayMap(name -> (name, values_a[indexOf(names_a, name)], values_b[indexOf(names_b, name)]),
            arraySort(arrayDistinct(arrayConcat(names_a, names_b))))))
        AS `differences`
FROM
(
    SELECT *, splitByChar('\n', a.2) AS names_a, splitByChar('\n', a.3) AS values_a,
        splitByChar('\n', b.2) AS names_b, splitByChar('\n', b.3) AS values_b
    FROM
    (
        SELECT
            entity_type, entity_id, countIf(job_id = {run_a:String}) > 0 AS in_a, countIf(job_id = {run_b:String}) > 0 AS in_b,
            argMaxIf((exists, toString(shape), state), fold_seq, job_id = {run_a:String}) AS a,
            argMaxIf((exists, toString(shape), state), fold_seq, job_id = {run_b:String}) AS b
        FROM {db}.{prefix}snapshot_rows
        WHERE job_id IN ({run_a:String}, {run_b:String})
            AND claim IN (SELECT arrayJoin((SELECT groupArray(claim) FROM {db}.{prefix}sealed_units)))
        GROUP BY entity_hash, entity_type, entity_id
    )
)
WHERE presence != 'both' OR exists_a != exists_b OR notEmpty(`differences`)
SETTINGS max_bytes_before_external_group_by = 268435456;
