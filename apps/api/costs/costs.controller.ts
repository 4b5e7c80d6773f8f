import { Controller, Get, Query } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import type { z } from 'zod';
import { addDays, dayOf, type DayRange } from '#core/day.js';
import { CostRepository } from '#db/repositories/cost.repository.js';
import { CostSummaryRepository } from '#db/repositories/cost-summary.repository.js';
import { CurrentCaller, type Caller } from '../auth/caller.js';
import { Answers } from '../http/answers.decorator.js';
import { listEnvelope, splitListQuery } from '../http/list-envelope.js';
import { costList, costQuery, costSummary, revisionList, revisionQuery, summaryQuery } from './costs.schema.js';

const SUMMARY_DAYS = 30;

@ApiTags('costs')
@Controller('api/v1/costs')
export class CostsController {
  constructor(
    private readonly costs: CostRepository,
    private readonly summaries: CostSummaryRepository,
  ) {}

  @Get()
  @Answers(200, costList)
  async list(@CurrentCaller() caller: Caller, @Query({ schema: costQuery }) query: z.infer<typeof costQuery>) {
    const { request, filter } = splitListQuery(query);
    const { group_by, granularity, ...where } = filter;
    return listEnvelope(
      group_by || granularity
        ? await this.costs.group(caller.scope, where, group_by ?? [], granularity ?? 'daily', request)
        : await this.costs.list(caller.scope, where, request),
    );
  }

  @Get('summary')
  @Answers(200, costSummary)
  summary(@CurrentCaller() caller: Caller, @Query({ schema: summaryQuery }) query: z.infer<typeof summaryQuery>) {
    const { from, to, ...filter } = query;
    return this.summaries.summarize(caller.scope, filter, summaryRange(from, to, new Date()));
  }

  @Get('revisions')
  @Answers(200, revisionList)
  async revisions(
    @CurrentCaller() caller: Caller,
    @Query({ schema: revisionQuery }) query: z.infer<typeof revisionQuery>,
  ) {
    const { request, filter } = splitListQuery(query);
    return listEnvelope(await this.costs.revisions(caller.scope, filter, request));
  }
}

/** Thirty days ending yesterday, because today is still being metered; one given end fixes the other. */
export function summaryRange(from: string | undefined, to: string | undefined, now: Date): DayRange {
  const yesterday = addDays(dayOf(now), -1);
  if (from && to) return { from, to };
  if (from) return { from, to: from > yesterday ? from : yesterday };
  const end = to ?? yesterday;
  return { from: addDays(end, 1 - SUMMARY_DAYS), to: end };
}
