import type { ServerResponse } from 'node:http';
import { Controller, Get, Inject, Query } from '@nestjs/common';
import { ApiOperation, ApiTags } from '@nestjs/swagger';
import type { z } from 'zod';
import type { Clock } from '#core/clock.js';
import { addDays, dayOf, type DayRange } from '#core/day.js';
import { CostRepository } from '#db/repositories/cost.repository.js';
import { CostSummaryRepository } from '#db/repositories/cost-summary.repository.js';
import { CurrentCaller, type Caller } from '../auth/caller.js';
import { Answers } from '../http/answers.decorator.js';
import { Conditional } from '../http/conditional.js';
import { AlsoAsCsv, CsvFiles, CsvWanted } from '../http/csv.js';
import { listEnvelope, splitListQuery } from '../http/list-envelope.js';
import { CLOCK } from '../tokens.js';
import {
  COST_COLUMNS,
  costList,
  costQuery,
  costSummary,
  revisionList,
  revisionQuery,
  summaryQuery,
} from './costs.schema.js';

const SUMMARY_DAYS = 30;

@ApiTags('costs')
@Controller('api/v1/costs')
export class CostsController {
  constructor(
    private readonly costs: CostRepository,
    private readonly summaries: CostSummaryRepository,
    private readonly files: CsvFiles,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  @Get()
  @ApiOperation({
    summary: 'Daily cost records, or sums of them',
    description:
      'Without group_by and granularity: the ledger at its finest grain. With them: sums per period and dimension; ' +
      'currency always stays a key, because amounts of different currencies are never added.',
  })
  @Answers(200, costList)
  @Conditional()
  @AlsoAsCsv()
  async list(
    @CurrentCaller() caller: Caller,
    @Query({ schema: costQuery }) query: z.infer<typeof costQuery>,
    @CsvWanted() csv: ServerResponse | undefined,
  ) {
    const { request, filter } = splitListQuery(query);
    const { group_by: dimensions = [], granularity = 'daily', ...where } = filter;
    const grouped = query.group_by !== undefined || query.granularity !== undefined;
    if (!csv) {
      const page = grouped
        ? this.costs.group(caller.scope, where, dimensions, granularity, request)
        : this.costs.list(caller.scope, where, request);
      return listEnvelope(await page);
    }
    const period = granularity === 'none' ? [] : ['date'];
    return this.files.answer(csv, {
      correlationId: caller.correlationId,
      name: 'costs.csv',
      columns: grouped ? [...period, ...dimensions, 'currency', 'cost', 'amortized_cost'] : COST_COLUMNS,
      query,
      rows: grouped
        ? this.costs.allGroups(caller.scope, where, dimensions, granularity, query.sort)
        : this.costs.all(caller.scope, where, query.sort),
    });
  }

  @Get('summary')
  @ApiOperation({
    summary: 'What a period cost, by service, provider and day, against the period before',
    description:
      'By default the thirty days that end yesterday; one given end fixes the other. The previous period is as long ' +
      'and ends the day before. Where either period is not covered for every subscription, change_ratio is null, ' +
      'reason says why, and incomplete lists the subscriptions.',
  })
  @Answers(200, costSummary)
  @Conditional()
  summary(@CurrentCaller() caller: Caller, @Query({ schema: summaryQuery }) query: z.infer<typeof summaryQuery>) {
    const { from, to, ...filter } = query;
    const now = this.clock.now();
    return this.summaries.summarize(caller.scope, filter, summaryRange(from, to, now), dayOf(now));
  }

  @Get('revisions')
  @ApiOperation({
    summary: 'How days that had been published moved',
    description:
      'Azure restates past days. Each time a published total changes there is one record with the old and the new ' +
      'amounts and the run that brought the change; newest first.',
  })
  @Answers(200, revisionList)
  @Conditional()
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
