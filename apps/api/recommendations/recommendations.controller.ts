import type { ServerResponse } from 'node:http';
import { Controller, Get, Param, Query } from '@nestjs/common';
import { ApiOperation, ApiTags } from '@nestjs/swagger';
import type { z } from 'zod';
import { movesFrom } from '#core/workflow.js';
import { RecommendationRepository } from '#db/repositories/recommendation.repository.js';
import { SavingsSummaryRepository } from '#db/repositories/savings-summary.repository.js';
import { CurrentCaller, type Caller } from '../auth/caller.js';
import { Answers } from '../http/answers.decorator.js';
import { Conditional } from '../http/conditional.js';
import { AlsoAsCsv, CsvFiles, CsvWanted } from '../http/csv.js';
import { listEnvelope, splitListQuery } from '../http/list-envelope.js';
import { runbookOf } from './runbook.js';
import {
  RECOMMENDATION_COLUMNS,
  recommendationId,
  recommendationList,
  recommendationQuery,
  recommendationView,
  savingsSummary,
  summaryQuery,
} from './recommendations.schema.js';

@ApiTags('recommendations')
@Controller('api/v1/recommendations')
export class RecommendationsController {
  constructor(
    private readonly recommendations: RecommendationRepository,
    private readonly savings: SavingsSummaryRepository,
    private readonly files: CsvFiles,
  ) {}

  @Get()
  @ApiOperation({
    summary: 'What should change, and what it would save',
    description:
      'By default what the last complete evaluation still saw and nobody has silenced at its source, whatever people ' +
      'decided about it. Do not add the savings up: alternatives exclude each other, and guesses stand beside known ' +
      'amounts; GET /api/v1/recommendations/summary adds what can be added.',
  })
  @Answers(200, recommendationList)
  @Conditional()
  @AlsoAsCsv()
  async list(
    @CurrentCaller() caller: Caller,
    @Query({ schema: recommendationQuery }) query: z.infer<typeof recommendationQuery>,
    @CsvWanted() csv: ServerResponse | undefined,
  ) {
    const { request, filter } = splitListQuery(query);
    const {
      observed = filter.status === 'executed' ? 'any' : 'present',
      suppressed = 'false',
      min_savings,
      ...where
    } = filter;
    const shown = {
      ...where,
      minimum_savings: min_savings,
      observed: observed === 'any' ? undefined : observed,
      suppressed: suppressed === 'any' ? undefined : suppressed === 'true',
    };
    if (!csv) return listEnvelope(await this.recommendations.list(caller.scope, shown, request));
    return this.files.answer(csv, {
      correlationId: caller.correlationId,
      name: 'recommendations.csv',
      columns: RECOMMENDATION_COLUMNS,
      query,
      rows: this.recommendations.all(caller.scope, shown, query.sort),
    });
  }

  @Get('summary')
  @ApiOperation({
    summary: 'What recommendations would save a month, and what they have saved',
    description:
      'potential: open and approved recommendations that are still seen and not silenced. Per currency and ' +
      'savings_method, because a guess is never added to a known amount, and nothing is counted twice: of alternatives ' +
      'the best one, of the actions on one resource the first whole and each later one on what those before leave of ' +
      'its cost, of commitments what is left of the usage. verified: what the ledger confirms of what was carried out.',
  })
  @Answers(200, savingsSummary)
  @Conditional()
  summary(@CurrentCaller() caller: Caller, @Query({ schema: summaryQuery }) query: z.infer<typeof summaryQuery>) {
    return this.savings.summary(caller.scope, query);
  }

  @Get(':id')
  @ApiOperation({
    summary: 'One recommendation with its history, its runbook and what else can be done with the resource',
    description: 'Also when it is resolved or suppressed.',
  })
  @Answers(200, recommendationView, 404)
  async get(
    @CurrentCaller() caller: Caller,
    @Param({ schema: recommendationId }) { id }: z.infer<typeof recommendationId>,
  ) {
    const item = await this.recommendations.get(caller.scope, id);
    const { resource, ...background } = await this.recommendations.background(caller.scope, item);
    return { ...item, ...background, allowed_moves: [...movesFrom(item.status)], runbook: runbookOf(item, resource) };
  }
}
