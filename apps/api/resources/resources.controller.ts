import { Controller, Get, Query } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import type { z } from 'zod';
import { ResourceRepository } from '#db/repositories/resource.repository.js';
import { CurrentCaller, type Caller } from '../auth/caller.js';
import { Answers } from '../http/answers.decorator.js';
import { listEnvelope, splitListQuery } from '../http/list-envelope.js';
import { resourceList, resourceQuery } from './resources.schema.js';

@ApiTags('resources')
@Controller('api/v1/resources')
export class ResourcesController {
  constructor(private readonly resources: ResourceRepository) {}

  @Get()
  @Answers(200, resourceList)
  async list(@CurrentCaller() caller: Caller, @Query({ schema: resourceQuery }) query: z.infer<typeof resourceQuery>) {
    const { request, filter } = splitListQuery(query);
    return listEnvelope(await this.resources.list(caller.scope, filter, request));
  }
}
