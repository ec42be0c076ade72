import { describe, expect, it } from 'vitest';
import { aFinding } from '../../../test/support/builders.ts';
import { digestJson } from '../../core/model/digest.ts';
import { RISKS } from '../../core/model/vocabulary.ts';
import type { CheckReport, ReportedFinding } from './report.ts';
import { renderSarif } from './sarif.ts';

interface SarifResult {
  readonly ruleId: string;
  readonly ruleIndex: number;
  readonly level: string;
  readonly message: { readonly text: string };
  readonly locations: readonly {
    readonly physicalLocation: {
      readonly artifactLocation: { readonly uri: string };
      readonly region: { readonly startLine: number };
    };
  }[];
  readonly partialFingerprints: { readonly primaryLocationLineHash: string };
  readonly properties: { readonly risk: (typeof RISKS)[number] };
}

interface SarifRun {
  readonly tool: { readonly driver: { readonly name: string; readonly rules: readonly { readonly id: string }[] } };
  readonly invocations: readonly {
    readonly executionSuccessful: boolean;
    readonly toolExecutionNotifications: readonly { readonly message: { readonly text: string } }[];
  }[];
  readonly results: readonly SarifResult[];
}

function reportOf(count: number): CheckReport {
  const findings = Array.from({ length: count }, (_, index): ReportedFinding => {
    const risk = RISKS[index % RISKS.length] ?? 'INFO';
    const finding = aFinding({
      risk,
      identity: digestJson(`finding ${index}`),
      resourceRef: `role/r${index}`,
    });
    return index % 2 === 0 ? { finding } : { finding, declaredAt: { file: 'kedge/a b.yaml', line: index + 1 } };
  });
  return {
    kedgeVersion: '1.2.3',
    mode: 'check',
    startedAt: '2026-07-03T10:22:31Z',
    finishedAt: '2026-07-03T10:22:32Z',
    exitCode: 2,
    results: [],
    findings,
    diagnostics: [],
  };
}

describe('renderSarif', () => {
  it('UI-14: keeps the 25,000 riskiest of 30,000 findings, counts the rest, and gives each a place and a fingerprint', () => {
    const log = JSON.parse(renderSarif(reportOf(30_000))) as { readonly version: string; readonly runs: [SarifRun] };
    const [run] = log.runs;
    expect(log.version).toBe('2.1.0');
    expect(run.results).toHaveLength(25_000);
    // 6,000 of each of five risks: of the lowest, a thousand fit.
    expect(
      Object.fromEntries(
        RISKS.map((risk) => [risk, run.results.filter((each) => each.properties.risk === risk).length]),
      ),
    ).toEqual({ INFO: 1_000, LOW: 6_000, MEDIUM: 6_000, HIGH: 6_000, CRITICAL: 6_000 });
    expect(run.invocations[0]?.toolExecutionNotifications.map(({ message }) => message.text)).toContain(
      '5000 findings of the lowest risk are left out',
    );
    for (const result of run.results) {
      const place = result.locations[0]?.physicalLocation;
      expect(place?.artifactLocation.uri).toMatch(/^(?:kedge\.yaml|kedge\/a%20b\.yaml)$/);
      expect(place?.region.startLine).toBeGreaterThan(0);
      expect(result.partialFingerprints.primaryLocationLineHash).toMatch(/^[0-9a-f]{64}$/);
      expect(run.tool.driver.rules[result.ruleIndex]?.id).toBe(result.ruleId);
      expect(['none', 'note', 'warning', 'error']).toContain(result.level);
      expect(result.message.text).not.toBe('');
    }
    expect(new Set(run.results.map((each) => each.partialFingerprints.primaryLocationLineHash)).size).toBe(25_000);
  });
});
