import type { ServerResponse } from 'node:http';
import { Controller, Get, Query } from '@nestjs/common';
import { ApiOperation, ApiTags } from '@nestjs/swagger';
import type { z } from 'zod';
import { ResourceRepository } from '#db/repositories/resource.repository.js';
import { CurrentCaller, type Caller } from '../auth/caller.js';
import { Answers } from '../http/answers.decorator.js';
import { Conditional } from '../http/conditional.js';
import { AlsoAsCsv, CsvFiles, CsvWanted } from '../http/csv.js';
import { listEnvelope, splitListQuery } from '../http/list-envelope.js';
import { RESOURCE_COLUMNS, resourceList, resourceQuery } from './resources.schema.js';

@ApiTags('resources')
@Controller('api/v1/resources')
export class ResourcesController {
  constructor(
    private readonly resources: ResourceRepository,
    private readonly files: CsvFiles,
  ) {}

  @Get()
  @ApiOperation({ summary: 'The inventory: what exists, and on request what existed' })
  @Answers(200, resourceList)
  @Conditional()
  @AlsoAsCsv()
  async list(
    @CurrentCaller() caller: Caller,
    @Query({ schema: resourceQuery }) query: z.infer<typeof resourceQuery>,
    @CsvWanted() csv: ServerResponse | undefined,
  ) {
    const { request, filter } = splitListQuery(query);
    if (!csv) return listEnvelope(await this.resources.list(caller.scope, filter, request));
    return this.files.answer(csv, {
      correlationId: caller.correlationId,
      name: 'resources.csv',
      columns: RESOURCE_COLUMNS,
      query,
      rows: this.resources.all(caller.scope, filter, query.sort),
    });
  }
}
