import { Body, Controller, Get, HttpCode, Param, Post, Query } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
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
  @RequireRole('AzCops.Admin')
  @HttpCode(202)
  @Answers(202, triggerAnswer)
  trigger(@CurrentCaller() caller: Caller, @Body({ schema: triggerRequest }) body: z.infer<typeof triggerRequest>) {
    return this.ingestion.trigger(caller, body);
  }

  @Get('status/:run_id')
  @Answers(200, runStatus)
  status(@CurrentCaller() caller: Caller, @Param({ schema: runId }) { run_id }: z.infer<typeof runId>) {
    return this.ingestion.status(caller, run_id);
  }

  @Get('runs')
  @Answers(200, runList)
  async list(@CurrentCaller() caller: Caller, @Query({ schema: runQuery }) query: z.infer<typeof runQuery>) {
    const { request, filter } = splitListQuery(query);
    const list = await this.runs.list(caller.scope, filter, request);
    return listEnvelope({ ...list, items: list.items.map(runView) });
  }

  @Post('runs/:run_id/cancel')
  @RequireRole('AzCops.Admin')
  @HttpCode(200)
  @Answers(200, runStatus)
  async cancel(@CurrentCaller() caller: Caller, @Param({ schema: runId }) { run_id }: z.infer<typeof runId>) {
    await this.runs.cancel(caller.scope, run_id, actorOf(caller));
    return this.ingestion.status(caller, run_id);
  }
}
