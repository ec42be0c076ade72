import { quoteIdentifier } from './quote.ts';
import type { WriteOf } from './schema.ts';

/** From this major on a membership has a grantor of its own, and options for inheriting and becoming. */
export const MEMBERSHIP_OPTIONS_SINCE = 16;

function grantedBy(grantor: string | undefined, major: number): string {
  return grantor === undefined || major < MEMBERSHIP_OPTIONS_SINCE ? '' : ` GRANTED BY ${quoteIdentifier(grantor)}`;
}

function option(word: string, value: boolean | undefined): readonly string[] {
  return value === undefined ? [] : [`${word} ${value ? 'TRUE' : 'FALSE'}`];
}

export function renderMembershipGrant(write: WriteOf<'membership-grant'>, major: number): string {
  const head = `GRANT ${quoteIdentifier(write.group)} TO ${quoteIdentifier(write.member)}`;
  if (major < MEMBERSHIP_OPTIONS_SINCE) return write.admin ? `${head} WITH ADMIN OPTION` : head;
  const options = [...option('ADMIN', write.admin), ...option('INHERIT', write.inherit), ...option('SET', write.set)];
  return `${head} WITH ${options.join(', ')}${grantedBy(write.grantor, major)}`;
}

export function renderMembershipRevoke(write: WriteOf<'membership-revoke'>, major: number): string {
  const option = write.adminOnly ? 'ADMIN OPTION FOR ' : '';
  return `REVOKE ${option}${quoteIdentifier(write.group)} FROM ${quoteIdentifier(write.member)}${grantedBy(write.grantor, major)}`;
}
