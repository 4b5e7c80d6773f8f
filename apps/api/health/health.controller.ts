import { applyDecorators, Controller, Get, Res } from '@nestjs/common';
import { ApiOperation, ApiResponse, ApiTags } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import { Database } from '#db/database.js';
import { Public } from '../auth/caller.js';
import { VERSION } from '#core/version.js';
import { health, liveness } from './health.schema.js';

const Checked = (summary: string) =>
  applyDecorators(
    ApiOperation({ summary }),
    ApiResponse({ status: 200, description: 'The database answers.', standardSchema: health }),
    ApiResponse({ status: 503, description: 'The database does not answer.', standardSchema: health }),
  );

@ApiTags('health')
@Public()
@Controller('health')
export class HealthController {
  constructor(private readonly database: Database) {}

  @Get()
  @Checked('Whether the API and its database work')
  health(@Res({ passthrough: true }) reply: FastifyReply) {
    return this.check(reply);
  }

  /** The process runs: restarting it would not help a database that is down. */
  @Get('live')
  @ApiOperation({ summary: 'Liveness probe: the process runs' })
  @ApiResponse({ status: 200, description: 'The process runs.', standardSchema: liveness })
  live() {
    return { status: 'ok', version: VERSION };
  }

  /** The process can answer: traffic may come. */
  @Get('ready')
  @Checked('Readiness probe: traffic may come')
  ready(@Res({ passthrough: true }) reply: FastifyReply) {
    return this.check(reply);
  }

  private async check(reply: FastifyReply) {
    const up = await this.database.isUp();
    void reply.status(up ? 200 : 503);
    return { status: up ? 'ok' : 'unavailable', version: VERSION, database: up ? 'up' : 'down' };
  }
}
