import { createHash } from 'node:crypto';
import { applyDecorators, SetMetadata, type CanActivate, type ExecutionContext } from '@nestjs/common';
import type { Reflector } from '@nestjs/core';
import { ApiHeader, ApiResponse } from '@nestjs/swagger';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Clock } from '#core/clock.js';
import type { TenantScope } from '#core/scope.js';
import type { DataVersionRepository } from '#db/repositories/data-version.repository.js';
import { VERSION } from '#core/version.js';
import { prefersCsv } from './csv.js';

const CONDITIONAL = Symbol('conditional');

/** The route's answer is a function of what is stored: a reader that has it already is told so. */
export const Conditional = () =>
  applyDecorators(
    SetMetadata(CONDITIONAL, true),
    ApiHeader({ name: 'If-None-Match', description: 'ETag of an earlier answer to the same request', required: false }),
    ApiResponse({ status: 304, description: 'Nothing has been published or decided since the answer with this ETag.' }),
  );

/** Not an error: ends the request before the route runs. Nest has no other way out of a guard with a status. */
export class NotModified extends Error {}

/** How long a version is taken for current without asking: other processes publish, and may be seen this much later. */
const VERSION_LASTS_MS = 1_000;
/** Scopes; any tenant of the world may send a token. */
const MOST_KNOWN = 10_000;

/** Versions of what callers see, asked of the database once a second at most. */
export class DataVersions {
  private readonly known = new Map<string, { version: Promise<string>; askedAt: number }>();

  constructor(
    private readonly repository: DataVersionRepository,
    private readonly clock: Clock,
  ) {}

  of(scope: TenantScope): Promise<string> {
    const key = JSON.stringify(scope);
    const now = this.clock.now().getTime();
    const known = this.known.get(key);
    if (known && now - known.askedAt < VERSION_LASTS_MS) return known.version;
    if (this.known.size >= MOST_KNOWN) this.known.clear();
    // Others wait for the same: it is not over when the first of them hangs up.
    const version = this.repository.current({ ...scope, reader: undefined });
    this.known.set(key, { version, askedAt: now });
    version.catch(() => this.known.delete(key));
    return version;
  }

  /** Callers see their own changes at once. */
  observe(server: FastifyInstance): void {
    server.addHook('onSend', (request, _reply, _payload, done) => {
      if (request.method !== 'GET' && request.method !== 'HEAD') this.known.clear();
      done();
    });
  }
}

/**
 * Answers `If-None-Match` before the route reads anything. An ETag stands for the caller's scope, the request, the
 * version of the data and the hour, because some answers depend on the time.
 */
export class ConditionalGuard implements CanActivate {
  constructor(
    private readonly reflector: Reflector,
    private readonly versions: DataVersions,
    private readonly clock: Clock,
  ) {}

  async canActivate(context: ExecutionContext): Promise<boolean> {
    if (!this.reflector.get<boolean | undefined>(CONDITIONAL, context.getHandler())) return true;
    const request = context.switchToHttp().getRequest<FastifyRequest>();
    const reply = context.switchToHttp().getResponse<FastifyReply>();
    const { scope } = request.caller!;
    const version = await this.versions.of(scope);
    const hour = this.clock.now().toISOString().slice(0, 13);
    const parts = [VERSION, version, hour, scope, request.url, prefersCsv(request.headers.accept)];
    const hash = createHash('sha1').update(JSON.stringify(parts)).digest('base64url');
    const etag = `W/"${hash}"`;
    void reply.headers({ ETag: etag, 'Cache-Control': 'private, no-cache', Vary: 'Accept' });
    if (matches(request.headers['if-none-match'], hash)) throw new NotModified();
    return true;
  }
}

/**
 * Weak comparison, as RFC 9110 asks of If-None-Match. `*` stands for whatever the route would answer, and whether it would
 * is not known yet: only an ETag proves that it did.
 */
function matches(header: string | undefined, hash: string): boolean {
  if (header === undefined) return false;
  return header.split(',').some((tag) => tag.trim().replace(/^W\//, '') === `"${hash}"`);
}
