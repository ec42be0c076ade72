import { DatabaseError } from 'pg';

/** Why a write did not happen, in the words the engine branches on. */
export interface WriteFailure {
  readonly code:
    | 'RACED'
    | 'LOCKED'
    | 'TIMEOUT'
    | 'PERMISSION'
    | 'NOT_PRIMARY'
    | 'UNREACHABLE'
    | 'CREDENTIALS'
    | 'APPROVAL'
    | 'NOT_CONVERGED'
    | 'CONFIG_INVALID'
    | 'TLS_WEAK'
    | 'CANCELLED'
    | 'STATEMENT_FAILED';
  readonly message: string;
  readonly retry: 'no' | 'later';
}

/** An expected end of a write; never leaves this folder. */
export class WriteRefusal extends Error {
  override readonly name = 'WriteRefusal';
  readonly failure: WriteFailure;

  constructor(failure: WriteFailure, cause?: unknown) {
    super(failure.message, { cause });
    this.failure = failure;
  }
}

type Meaning = Pick<WriteFailure, 'code' | 'retry'>;

const RACED: Meaning = { code: 'RACED', retry: 'later' };
const UNREACHABLE: Meaning = { code: 'UNREACHABLE', retry: 'later' };

const BY_STATE: Readonly<Record<string, Meaning>> = {
  '40001': RACED,
  '40P01': RACED,
  '23505': RACED,
  '42704': RACED,
  '42P01': RACED,
  '42883': RACED,
  '42710': RACED,
  '42P06': RACED,
  '3F000': RACED,
  '3D000': RACED,
  '55P03': { code: 'LOCKED', retry: 'later' },
  '55006': { code: 'LOCKED', retry: 'later' },
  '57014': { code: 'TIMEOUT', retry: 'later' },
  '42501': { code: 'PERMISSION', retry: 'no' },
  '25006': { code: 'NOT_PRIMARY', retry: 'later' },
  '2BP01': { code: 'APPROVAL', retry: 'no' },
  '53300': UNREACHABLE,
};

const BY_CLASS: Readonly<Record<string, Meaning>> = {
  '08': UNREACHABLE,
  '57': UNREACHABLE,
  '28': { code: 'CREDENTIALS', retry: 'no' },
};

function meaningOf(error: DatabaseError): Meaning {
  const state = error.code ?? '';
  if (state === 'XX000' && error.message.startsWith('tuple concurrently')) return RACED;
  return BY_STATE[state] ?? BY_CLASS[state.slice(0, 2)] ?? { code: 'STATEMENT_FAILED', retry: 'no' };
}

/** Server text on one line: names on a server may hold anything, and a message is shown on terminals. */
export function oneLine(text: string): string {
  return text.replaceAll(
    /[\p{Cc}\p{Cf}\u2028\u2029]/gu,
    (character) => `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`,
  );
}

/** Puts what a server or a socket said into the words of this adapter. */
export function toFailure(error: unknown, attempt: string): WriteFailure {
  if (error instanceof WriteRefusal) return error.failure;
  if (error instanceof DatabaseError) {
    const detail = error.detail === undefined ? '' : ` (${oneLine(error.detail)})`;
    return { ...meaningOf(error), message: `cannot ${attempt}: ${oneLine(error.message)}${detail}` };
  }
  const message = error instanceof Error ? oneLine(error.message) : 'the connection failed';
  return { ...UNREACHABLE, message: `cannot ${attempt}: ${message}` };
}
