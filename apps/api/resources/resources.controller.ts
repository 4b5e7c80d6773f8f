import { Controller, Get, Inject, Query } from '@nestjs/common';
import { ApiOperation, ApiTags } from '@nestjs/swagger';
import type { z } from 'zod';
import type { Logger } from '#core/logger.js';
import type { ListRequest } from '#db/list.js';
import { ResourceRepository } from '#db/repositories/resource.repository.js';
import { CurrentCaller, type Caller } from '../auth/caller.js';
import { Answers } from '../http/answers.decorator.js';
import { Conditional } from '../http/conditional.js';
import { AlsoAsCsv, csvFailure, csvFile, CsvWanted } from '../http/csv.js';
import { listEnvelope, splitListQuery } from '../http/list-envelope.js';
import { LOGGER } from '../tokens.js';
import { RESOURCE_COLUMNS, resourceList, resourceQuery } from './resources.schema.js';

@ApiTags('resources')
@Controller('api/v1/resources')
export class ResourcesController {
  constructor(
    private readonly resources: ResourceRepository,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {}

  @Get()
  @ApiOperation({ summary: 'The inventory: what exists, and on request what existed' })
  @Answers(200, resourceList)
  @Conditional()
  @AlsoAsCsv()
  async list(
    @CurrentCaller() caller: Caller,
    @Query({ schema: resourceQuery }) query: z.infer<typeof resourceQuery>,
    @CsvWanted() csv: boolean,
  ) {
    const { request, filter } = splitListQuery(query);
    const read = (part: ListRequest) => this.resources.list(caller.scope, filter, part);
    if (!csv) return listEnvelope(await read(request));
    return csvFile({
      name: 'resources.csv',
      columns: RESOURCE_COLUMNS,
      query,
      read,
      onFailure: csvFailure(this.logger, caller.correlationId),
    });
  }
}
