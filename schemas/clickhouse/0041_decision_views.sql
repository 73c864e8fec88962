-- Visibility as in the views of snapshots: claims in a scalar subquery, rows through a view of their own.
CREATE OR REPLACE VIEW {db}.{prefix}decision_rows AS SELECT * FROM {db}.{prefix}decisions;

CREATE OR REPLACE VIEW {db}.{prefix}v1_decisions AS
SELECT * EXCEPT (claim)
FROM {db}.{prefix}decision_rows
WHERE claim IN (SELECT arrayJoin((SELECT groupArray(claim) FROM {db}.{prefix}sealed_units)));
