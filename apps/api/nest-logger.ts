import type { LoggerService } from '@nestjs/common';
import type { Logger } from '#core/logger.js';

/** Nest's own messages in the process's log: its start-up chatter at debug level, trouble as it is. */
export function nestLogger(logger: Logger): LoggerService {
  const line = (context: unknown) => ({
    operation_name: 'nest',
    context: typeof context === 'string' ? context : undefined,
  });
  return {
    log: (message: unknown, context?: unknown) => logger.debug(line(context), String(message)),
    debug: (message: unknown, context?: unknown) => logger.debug(line(context), String(message)),
    verbose: (message: unknown, context?: unknown) => logger.trace(line(context), String(message)),
    warn: (message: unknown, context?: unknown) => logger.warn(line(context), String(message)),
    error: (message: unknown, ...rest: unknown[]) => logger.error(line(rest.at(-1)), String(message)),
    fatal: (message: unknown, context?: unknown) => logger.fatal(line(context), String(message)),
  };
}
