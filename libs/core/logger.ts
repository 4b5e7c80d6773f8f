import { pino, type DestinationStream, type Logger } from 'pino';
import { traceId } from './tracing.js';

export type { Logger };

const SECRET_PATHS = [
  'authorization',
  'headers.authorization',
  'req.headers.authorization',
  '*.client_secret',
  '*.password',
  '*.access_token',
];

/**
 * A URL without what must not reach a log: user information, SAS signatures and continuation tokens.
 * Other query parameters stay, because they tell requests apart.
 */
export function safeUrl(text: string): string {
  if (!URL.canParse(text)) return '(not a URL)';
  const url = new URL(text);
  url.username = '';
  url.password = '';
  for (const name of [...url.searchParams.keys()]) {
    if (/^(sig|se|sp|sv|sr|skoid|sktid|\$?skiptoken|code|token)$/i.test(name)) url.searchParams.set(name, '…');
  }
  return url.href;
}

export interface LoggerOptions {
  level: string;
  format: 'json' | 'pretty';
  /** Which process speaks: `api`, `ingestion` … */
  service: string;
}

/** The process's logger: pino JSON on stdout (or readable lines), secrets redacted by path. */
export function createLogger({ level, format, service }: LoggerOptions, destination?: DestinationStream): Logger {
  const options = {
    level,
    base: { service },
    redact: { paths: SECRET_PATHS, censor: '[redacted]' },
    timestamp: pino.stdTimeFunctions.isoTime,
    mixin: () => {
      const id = traceId();
      return id === undefined ? {} : { trace_id: id };
    },
  };
  if (destination) return pino(options, destination);
  if (format === 'json') return pino(options);
  return pino({
    ...options,
    transport: { target: 'pino-pretty', options: { colorize: false, ignore: 'pid,hostname', singleLine: true } },
  });
}
