import { counted } from '../../core/model/counted.ts';
import { CLOSED_STATES, FINDING_STATES, RISKS, type FindingState, type Risk } from '../../core/model/vocabulary.ts';
import { flagOption, listOption, type Invocation } from '../invocation.ts';
import { inert } from '../render/inert-text.ts';
import { columns, printStructured } from '../structured.ts';
import { requireWords } from '../require-words.ts';

/** Lists findings: open and set aside, or those the filters name. */
export async function run(invocation: Invocation): Promise<number> {
  const states = requireWords(listOption(invocation, 'state'), FINDING_STATES, '--state');
  const risks = requireWords(listOption(invocation, 'risk'), RISKS, '--risk');
  const units = listOption(invocation, 'unit');
  const classes = listOption(invocation, 'class');
  const owners = listOption(invocation, 'owner');
  const kedge = await invocation.open({ keepGoing: true });
  const open = FINDING_STATES.filter((state) => !(CLOSED_STATES as readonly string[]).includes(state));
  const records = await kedge.store.listFindings({
    ...(states.length > 0
      ? { states: states as FindingState[] }
      : flagOption(invocation, 'all')
        ? {}
        : { states: open }),
    ...(risks.length > 0 ? { risks: risks as Risk[] } : {}),
    ...(units.length > 0 ? { units } : {}),
    ...(classes.length > 0 ? { driftClasses: classes } : {}),
    ...(owners.length > 0 ? { owners } : {}),
  });
  const findings = records.map((record) => record.finding);
  if (printStructured(invocation, findings)) return 0;
  const rows = findings.map((finding) => [
    finding.findingId,
    finding.risk,
    finding.state,
    inert(finding.unit),
    inert(finding.resourceRef),
    finding.pathRoot,
    finding.driftClass,
    finding.decision.action,
    finding.firstSeenAt,
  ]);
  const count = `${counted(findings.length, 'finding')} of ${counted(kedge.documents().set.units.length, 'unit')}`;
  invocation.console.result(
    rows.length === 0
      ? count
      : `${columns([['finding', 'risk', 'state', 'unit', 'resource', 'path', 'class', 'action', 'first seen'], ...rows])}\n${count}`,
  );
  return 0;
}
