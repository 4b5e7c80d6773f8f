import { Body, Controller, Delete, Get, HttpCode, Inject, Param, Post, Query } from '@nestjs/common';
import { ApiOperation, ApiTags } from '@nestjs/swagger';
import type { z } from 'zod';
import type { Clock } from '#core/clock.js';
import { InvalidInputError } from '#core/errors.js';
import { ExemptionRepository } from '#db/repositories/exemption.repository.js';
import { actorOf, CurrentCaller, RequireRole, type Caller } from '../auth/caller.js';
import { Answers } from '../http/answers.decorator.js';
import { listEnvelope, splitListQuery } from '../http/list-envelope.js';
import { CLOCK } from '../tokens.js';
import { exemption, exemptionId, exemptionList, exemptionQuery, newExemption } from './exemptions.schema.js';

@ApiTags('exemptions')
@Controller('api/v1/exemptions')
export class ExemptionsController {
  constructor(
    private readonly exemptions: ExemptionRepository,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  @Get()
  @ApiOperation({ summary: 'What tenants do not want to hear about' })
  @Answers(200, exemptionList)
  async list(
    @CurrentCaller() caller: Caller,
    @Query({ schema: exemptionQuery }) query: z.infer<typeof exemptionQuery>,
  ) {
    const { request, filter } = splitListQuery(query);
    const { active = 'true', ...where } = filter;
    const shown = { ...where, active: active === 'any' ? undefined : active === 'true' };
    return listEnvelope(await this.exemptions.list(caller.scope, shown, request));
  }

  @Post()
  @ApiOperation({
    summary: 'Silence recommendations',
    description:
      'Of a rule, a subscription, a resource group, a resource, or where they meet; those to come as well. They are ' +
      'still found, and shown with suppressed=true; they count for nothing in the summary.',
  })
  @RequireRole('AzCops.Approver')
  @Answers(201, exemption, 404, 413, 415)
  create(@CurrentCaller() caller: Caller, @Body({ schema: newExemption }) body: z.infer<typeof newExemption>) {
    const { expires_at, ...rest } = body;
    const expiresAt = expires_at === undefined ? undefined : new Date(expires_at);
    if (expiresAt && expiresAt <= this.clock.now()) {
      throw new InvalidInputError('expires_at must lie ahead.', [{ field: 'expires_at', message: 'must lie ahead' }]);
    }
    return this.exemptions.create(caller.scope, { ...rest, expires_at: expiresAt }, actorOf(caller));
  }

  @Delete(':id')
  @ApiOperation({ summary: 'End an exemption', description: 'It stays in the list of those that have ended.' })
  @RequireRole('AzCops.Approver')
  @HttpCode(204)
  @Answers(204, undefined, 404)
  async end(
    @CurrentCaller() caller: Caller,
    @Param({ schema: exemptionId }) { id }: z.infer<typeof exemptionId>,
  ): Promise<void> {
    await this.exemptions.end(caller.scope, id, actorOf(caller));
  }
}
