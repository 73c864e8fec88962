/** Builds what compares: reports of dry runs, comparisons of two runs, verifications of one. */
import type { Runs } from '../replay/runs.js';
import { type ComparisonsContext, RunComparisons } from './comparisons.js';
import type { CompareServices } from './contract.js';
import { RunReports } from './reports.js';
import { RunVerifications } from './verifications.js';

/** `closers`: gets what is to be ended before the store is closed. */
export function openCompare(
  context: ComparisonsContext & { readonly runs: Runs },
  closers: (() => Promise<void>)[],
): CompareServices {
  const { reader, jobLog, unitLog, config } = context;
  const comparisons = new RunComparisons(context);
  closers.push(() => comparisons.close());
  return {
    reports: new RunReports(reader, jobLog, unitLog, config.compare),
    comparisons,
    verifications: new RunVerifications(context),
  };
}
