import { Controller, Get, Res } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import { Database } from '#db/database.js';
import { Public } from '../auth/caller.js';
import { VERSION } from '../version.js';

@ApiTags('health')
@Public()
@Controller('health')
export class HealthController {
  constructor(private readonly database: Database) {}

  @Get()
  health(@Res({ passthrough: true }) reply: FastifyReply) {
    return this.check(reply);
  }

  /** The process runs: restarting it would not help a database that is down. */
  @Get('live')
  live() {
    return { status: 'ok', version: VERSION };
  }

  /** The process can answer: traffic may come. */
  @Get('ready')
  ready(@Res({ passthrough: true }) reply: FastifyReply) {
    return this.check(reply);
  }

  private async check(reply: FastifyReply) {
    const up = await this.database.isUp();
    void reply.status(up ? 200 : 503);
    return { status: up ? 'ok' : 'unavailable', version: VERSION, database: up ? 'up' : 'down' };
  }
}
