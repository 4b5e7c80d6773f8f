import { Controller, Get, Query } from '@nestjs/common';
import { ApiOperation, ApiTags } from '@nestjs/swagger';
import type { z } from 'zod';
import { ResourceMetricRepository } from '#db/repositories/resource-metric.repository.js';
import { CurrentCaller, type Caller } from '../auth/caller.js';
import { Answers } from '../http/answers.decorator.js';
import { Conditional } from '../http/conditional.js';
import { listEnvelope, splitListQuery } from '../http/list-envelope.js';
import { resourceMetricList, resourceMetricQuery } from './resource-metrics.schema.js';

@ApiTags('resource-metrics')
@Controller('api/v1/resource-metrics')
export class ResourceMetricsController {
  constructor(private readonly metrics: ResourceMetricRepository) {}

  @Get()
  @ApiOperation({
    summary: 'How resources were used over the latest look-back window, one record per metric',
    description: 'Statistics are null where no point of the window had a value; coverage says how many had one.',
  })
  @Answers(200, resourceMetricList)
  @Conditional()
  async list(
    @CurrentCaller() caller: Caller,
    @Query({ schema: resourceMetricQuery }) query: z.infer<typeof resourceMetricQuery>,
  ) {
    const { request, filter } = splitListQuery(query);
    return listEnvelope(await this.metrics.list(caller.scope, filter, request));
  }
}
