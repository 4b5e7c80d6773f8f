import { Controller, Get, Query } from '@nestjs/common';
import { ApiOperation, ApiTags } from '@nestjs/swagger';
import type { z } from 'zod';
import { AuditLogRepository } from '#db/repositories/audit-log.repository.js';
import { CurrentCaller, RequireRole, type Caller } from '../auth/caller.js';
import { Answers } from '../http/answers.decorator.js';
import { listEnvelope, splitListQuery } from '../http/list-envelope.js';
import { auditLogList, auditLogQuery } from './audit-logs.schema.js';

@ApiTags('audit-logs')
@Controller('api/v1/audit-logs')
export class AuditLogsController {
  constructor(private readonly auditLogs: AuditLogRepository) {}

  @Get()
  @ApiOperation({ summary: 'Who wrote or triggered what, when', description: 'Append-only; newest first.' })
  @RequireRole('AzCops.Admin')
  @Answers(200, auditLogList)
  async list(@CurrentCaller() caller: Caller, @Query({ schema: auditLogQuery }) query: z.infer<typeof auditLogQuery>) {
    const { request, filter } = splitListQuery(query);
    return listEnvelope(await this.auditLogs.list(caller.scope, filter, request));
  }
}
