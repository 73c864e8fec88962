/** Reports of dry runs and comparisons of runs in the words of the tenants' routes: snake_case rows, values as the text that the store holds. */
import type {
  ComparisonView,
  DifferenceTotals,
  DifferingEvent,
  DryRunReport,
  EntityDifference,
  EventPlace,
  FieldDifference,
  Signature,
} from '../processors/compare/contract.js';
import { jsonOrNull } from './json/raw-json.js';
import { deadLetterRow } from './views.js';

export function reportRow(report: DryRunReport) {
  const { baseline } = report;
  return {
    job_id: report.jobId,
    status: report.status,
    counters: { ...report.counters },
    events: report.events.map(({ eventType, entityType, ...counts }) => ({
      event_type: eventType,
      entity_type: entityType,
      ...counts,
    })),
    entities: report.entities.map(({ entityType, ...counts }) => ({ entity_type: entityType, ...counts })),
    fields: report.fields.map((field) => ({
      entity_type: field.entityType,
      field: field.field,
      operation: field.operation,
      changes: field.changes,
      entities: field.entities,
      samples: field.samples.map((sample) => ({
        entity_id: sample.entityId,
        event_id: sample.eventId,
        fold_seq: sample.foldSeq,
        timestamp: sample.timestamp,
        before: jsonOrNull(sample.beforeJson),
        after: jsonOrNull(sample.afterJson),
        cut: sample.cut,
      })),
    })),
    failures: report.failures.map(({ samples, ...group }) => ({
      ...group,
      samples: samples.map(deadLetterRow),
    })),
    cut: report.cut,
    baseline:
      baseline === null
        ? null
        : {
            encoding_version: baseline.encodingVersion,
            rule_version: baseline.ruleVersion,
            job_id: baseline.jobId,
            processed: baseline.processed,
            failed: baseline.failed,
            skipped: baseline.skipped,
            totals: totalsRow(baseline.totals),
            signatures: baseline.signatures.map(signatureRow),
          },
  };
}

export function differenceRow(one: EntityDifference) {
  return {
    entity_type: one.entityType,
    entity_id: one.entityId,
    signature: one.signature,
    presence: one.presence,
    final_differs: one.finalDiffers,
    differences: one.differences.map(fieldRow),
    events: one.events,
    first: one.first === null ? null : placeRow(one.first),
  };
}

export function comparisonRow(one: ComparisonView) {
  return {
    comparison_id: one.comparisonId,
    run_a: one.runA,
    run_b: one.runB,
    status: one.status,
    percent: one.percent,
    comparable: one.comparable,
    reasons: [...one.reasons],
    history: one.history,
    totals: totalsRow(one.totals),
    error: one.error,
    created_by: one.createdBy,
    created_at: one.createdAt,
  };
}

export function differingEventRow(one: DifferingEvent) {
  return {
    place: one.place,
    ...placeRow(one),
    presence: one.presence,
    exists_a: one.existsA,
    exists_b: one.existsB,
    differences: one.differences.map(fieldRow),
  };
}

function totalsRow(totals: DifferenceTotals) {
  return {
    entities: totals.entities,
    unchanged: totals.unchanged,
    history_only: totals.historyOnly,
    differing: totals.differing,
    only_a: totals.onlyA,
    only_b: totals.onlyB,
  };
}

export function signatureRow(signature: Signature) {
  return {
    signature: signature.signature,
    entity_type: signature.entityType,
    presence: signature.presence,
    final_differs: signature.finalDiffers,
    changes: signature.changes.map((change) => ({ ...change })),
    entities: signature.entities,
    samples: signature.samples.map(differenceRow),
  };
}

export function fieldRow({ field, operation, beforeJson, afterJson }: FieldDifference) {
  return { field, operation, before: jsonOrNull(beforeJson), after: jsonOrNull(afterJson) };
}

function placeRow(place: EventPlace) {
  return {
    event_id: place.eventId,
    event_type: place.eventType,
    timestamp: place.timestamp,
    topic_id: place.topicId,
    partition: place.partition,
    offset: place.offset,
  };
}
