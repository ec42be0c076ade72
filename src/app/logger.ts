import { pino } from 'pino';
import type { Logger } from '../ports/logger.ts';
import type { SecretGuard } from '../ports/secret-guard.ts';

/** How the log is written. */
export interface LoggerOptions {
  readonly level: 'debug' | 'info' | 'warn' | 'error';
  readonly format: 'json' | 'text';
  readonly guard: SecretGuard;
  readonly write: (line: string) => void;
}

function asText(line: string): string {
  const { time, level, msg, ...fields } = JSON.parse(line) as Record<string, unknown>;
  const rest = Object.entries(fields).map(
    ([name, value]) => `${name}=${typeof value === 'string' ? value : JSON.stringify(value)}`,
  );
  return `${String(time)} ${String(level)} ${String(msg)}${rest.length === 0 ? '' : ` ${rest.join(' ')}`}\n`;
}

/** Structured log lines, each through the secret guard before it leaves. */
export function createLogger(options: LoggerOptions): Logger {
  const stream = {
    write: (line: string): void => {
      const scrubbed = options.guard.scrub(line, 'log');
      options.write(options.format === 'json' ? scrubbed : asText(scrubbed));
    },
  };
  const logger = pino(
    {
      level: options.level,
      base: null,
      timestamp: () => `,"time":"${new Date().toISOString()}"`,
      formatters: { level: (label) => ({ level: label }) },
    },
    stream,
  );
  return {
    debug: (message, fields = {}) => {
      logger.debug(fields, message);
    },
    info: (message, fields = {}) => {
      logger.info(fields, message);
    },
    warn: (message, fields = {}) => {
      logger.warn(fields, message);
    },
    error: (message, fields = {}) => {
      logger.error(fields, message);
    },
  };
}
