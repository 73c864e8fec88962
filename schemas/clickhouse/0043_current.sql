-- What a tenant's current state is: an append-only log, in insertion order. Nothing is ever deleted from it.
CREATE TABLE IF NOT EXISTS {db}.{prefix}promotions
(
    tenant_id    LowCardinality(String) COMMENT 'Tenant',
    promotion_id String COMMENT 'One act of a person, or of the follower: rows of it share this',
    kind         Enum8('asked' = 1, 'current' = 2, 'failed' = 3, 'removed' = 4, 'swept' = 5)
        COMMENT 'asked: a copy of the run''s states is to be made; current: the set is the current state from here on; failed: it never will be; removed: the set can be returned to no more; swept: its rows are gone',
    act          LowCardinality(String) COMMENT 'asked, current: promote or revert',
    job_id       String COMMENT 'Run whose states these are',
    set_id       String COMMENT 'The copy: scope of its rows in entity_states and of its units in unit_log',
    generation   UInt32 COMMENT 'current: generation of the rows in entity_states',
    claims       Array(UInt64) COMMENT 'current: claims of the rows that count',
    returns_to   String COMMENT 'revert: the promotion whose run is current again',
    actor        String COMMENT 'Who asked for it; of removed and swept: the worker',
    reason       String COMMENT 'Why, in the words of who asked' CODEC(ZSTD(1)),
    as_of        DateTime64(9, 'UTC') COMMENT 'End of the run''s range: what came later is not in the states',
    exactness    LowCardinality(String) COMMENT 'Verdict of the run',
    reasons      Array(LowCardinality(String)) COMMENT 'Why the run is not exact',
    entities     UInt64 COMMENT 'current: entities that exist',
    error_code   LowCardinality(String) COMMENT 'failed: stable code; see docs/errors.md',
    error        String COMMENT 'failed: in words' CODEC(ZSTD(1)),
    written_at   DateTime64(3, 'UTC') DEFAULT now64(3) COMMENT 'For people; decides nothing'
)
ENGINE = MergeTree
ORDER BY (tenant_id, promotion_id)
SETTINGS enable_block_number_column = 1, enable_block_offset_column = 1
COMMENT 'Promotions of runs to current state, in insertion order; the last that counts wins';

-- Each tenant's current set. The rule is that of processors/current/promotions.ts: of a promotion the first `current` or
-- `failed` counts, and `current` only if the set was not removed before it.
CREATE OR REPLACE VIEW {db}.{prefix}current_sets AS
SELECT tenant_id, promotion_id, act, job_id, set_id, generation, claims, actor, reason, as_of, exactness, reasons, entities, written_at AS promoted_at
FROM
(
    SELECT
        *, _block_number AS block, _block_offset AS place,
        countIf(kind = 'removed') OVER (
            PARTITION BY tenant_id, set_id ORDER BY _block_number, _block_offset
            ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW) AS removals,
        row_number() OVER (
            PARTITION BY tenant_id, promotion_id, kind IN ('current', 'failed') ORDER BY _block_number, _block_offset) AS nth
    FROM {db}.{prefix}promotions
)
WHERE kind = 'current' AND removals = 0 AND nth = 1
ORDER BY tenant_id, block DESC, place DESC
LIMIT 1 BY tenant_id;

-- Steps of followed sets that count: `live/<generation>/<step>`. The rule is that of processors/replay/units.ts, for units
-- that one final manifest seals.
CREATE OR REPLACE VIEW {db}.{prefix}live_steps AS
SELECT set_id, toUInt32(splitByChar('/', unit)[2]) AS generation, toUInt64(splitByChar('/', unit)[3]) AS step, claim, written_at
FROM
(
    SELECT
        scope AS set_id, unit, kind, claim, from_pos, final, written_at, _block_number AS block, _block_offset AS place,
        last_value(if(kind = 'claim', claim, NULL)) IGNORE NULLS OVER (
            PARTITION BY scope, unit ORDER BY _block_number, _block_offset
            ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW) AS fence
    FROM {db}.{prefix}unit_log
    WHERE scope IN (SELECT set_id FROM {db}.{prefix}current_sets) AND startsWith(unit, 'live/')
)
WHERE kind = 'manifest' AND final = 1 AND from_pos = 0 AND claim = fence
ORDER BY set_id, unit, block, place
LIMIT 1 BY set_id, unit;

-- The rows of each tenant's current set that count: those of its newest generation.
CREATE OR REPLACE VIEW {db}.{prefix}current_rows AS
SELECT
    c.tenant_id AS tenant_id, c.set_id AS set_id, greatest(c.generation, l.generation) AS generation, c.job_id AS job_id,
    c.as_of AS as_of, c.promoted_at AS promoted_at,
    if(l.generation > c.generation, l.claims, arrayConcat(c.claims, l.claims)) AS claims
FROM {db}.{prefix}current_sets AS c
LEFT JOIN
(
    SELECT set_id, generation, groupArray(claim) AS claims
    FROM {db}.{prefix}live_steps
    GROUP BY set_id, generation
    ORDER BY set_id, generation DESC
    LIMIT 1 BY set_id
) AS l ON l.set_id = c.set_id;

-- The last state of each entity of a tenant that exists. A query takes its snapshot of a table when the table is resolved:
-- the sets are read first and once, in a scalar subquery, or a promotion in between would show rows of no set.
CREATE OR REPLACE VIEW {db}.{prefix}v1_current_state AS
WITH (SELECT groupArray((tenant_id, set_id, generation, job_id, as_of, promoted_at, claims)) FROM {db}.{prefix}current_rows) AS sets
SELECT
    s.tenant_id AS tenant_id, s.entity_type AS entity_type, s.entity_id AS entity_id,
    concat('{', arrayStringConcat(arrayFilter(member -> member != '',
        arrayMap((name, value) -> if(value = '', '', concat(name, ':', value)),
            splitByChar('\n', s.shape), splitByChar('\n', s.state))), ','), '}') AS state,
    p.as_of AS as_of, p.job_id AS job_id, p.promoted_at AS promoted_at,
    s.event_id AS event_id, s.occurred_at AS occurred_at, s.fold_seq AS fold_seq, s.entity_hash AS entity_hash
FROM
(
    -- In the order of the table's key: nothing is held but the rows of one entity.
    SELECT
        tenant_id, scope, generation, entity_hash, entity_type, entity_id, step,
        fold_seq, occurred_at, event_id, exists, shape, state,
        max(step) OVER (PARTITION BY tenant_id, scope, generation, entity_hash, entity_type, entity_id) AS last_step
    FROM {db}.{prefix}entity_state_rows
    WHERE scope IN (SELECT arrayJoin(sets).2)
        AND claim IN (SELECT arrayJoin(arrayFlatten(arrayMap(one -> one.7, sets))))
) AS s
INNER JOIN
(
    SELECT one.1 AS tenant_id, one.2 AS set_id, one.3 AS generation, one.4 AS job_id, one.5 AS as_of, one.6 AS promoted_at
    FROM (SELECT arrayJoin(sets) AS one)
) AS p ON p.tenant_id = s.tenant_id AND p.set_id = s.scope AND p.generation = s.generation
WHERE s.step = s.last_step AND s.exists = 1;
