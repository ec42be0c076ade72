import type { Finding } from '../model/finding.ts';
import { isOpenState } from '../model/vocabulary.ts';

/**
 * Whether a finding counts: open, and of risk LOW or more or unclassified. This one test gives check result, unit status,
 * gauges and exit codes everywhere.
 */
export function counts(finding: Pick<Finding, 'state' | 'risk' | 'driftClass'>): boolean {
  return isOpenState(finding.state) && (finding.risk !== 'INFO' || finding.driftClass === 'UNCLASSIFIED');
}
