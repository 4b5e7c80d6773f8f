import { Body, Controller, Get, HttpCode, Param, Post, Query } from '@nestjs/common';
import { ApiOperation, ApiTags } from '@nestjs/swagger';
import type { z } from 'zod';
import { IngestionRunRepository } from '#db/repositories/ingestion-run.repository.js';
import { actorOf, CurrentCaller, RequireRole, type Caller } from '../auth/caller.js';
import { Answers } from '../http/answers.decorator.js';
import { listEnvelope, splitListQuery } from '../http/list-envelope.js';
import { runId, runList, runQuery, runStatus, triggerAnswer, triggerRequest } from './ingestion.schema.js';
import { IngestionService, runView } from './ingestion.service.js';

@ApiTags('ingestion')
@Controller('api/v1/ingestion')
export class IngestionController {
  constructor(
    private readonly ingestion: IngestionService,
    private readonly runs: IngestionRunRepository,
  ) {}

  @Post('trigger')
  @ApiOperation({
    summary: 'Start an ingestion run',
    description:
      'Answers at once; follow status_url. The same request while an equal run is queued or running returns that run. ' +
      'Only the operator may leave tenant_id out to read all tenants; for everyone else it means their own.',
  })
  @RequireRole('AzCops.Admin')
  @HttpCode(202)
  @Answers(202, triggerAnswer, 404, 413, 415)
  trigger(@CurrentCaller() caller: Caller, @Body({ schema: triggerRequest }) body: z.infer<typeof triggerRequest>) {
    return this.ingestion.trigger(caller, body);
  }

  @Get('status/:run_id')
  @ApiOperation({
    summary: 'How a run stands',
    description:
      'Progress, and for each window what became of it, why, what to do, and the proof of completeness. ' +
      'windows_total is null until the run is planned.',
  })
  @Answers(200, runStatus, 404)
  status(@CurrentCaller() caller: Caller, @Param({ schema: runId }) { run_id }: z.infer<typeof runId>) {
    return this.ingestion.status(caller, run_id);
  }

  @Get('runs')
  @ApiOperation({ summary: 'Runs, newest first' })
  @Answers(200, runList)
  async list(@CurrentCaller() caller: Caller, @Query({ schema: runQuery }) query: z.infer<typeof runQuery>) {
    const { request, filter } = splitListQuery(query);
    const list = await this.runs.list(caller.scope, filter, request);
    return listEnvelope({ ...list, items: list.items.map(runView) });
  }

  @Post('runs/:run_id/cancel')
  @ApiOperation({ summary: 'Cancel a queued or running run', description: 'What was published stays.' })
  @RequireRole('AzCops.Admin')
  @HttpCode(200)
  @Answers(200, runStatus, 404, 409)
  async cancel(@CurrentCaller() caller: Caller, @Param({ schema: runId }) { run_id }: z.infer<typeof runId>) {
    await this.runs.cancel(caller.scope, run_id, actorOf(caller));
    return this.ingestion.status(caller, run_id);
  }
}
