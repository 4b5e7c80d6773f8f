import type { INestApplication } from '@nestjs/common';
import { DocumentBuilder, SwaggerModule, type OpenAPIObject } from '@nestjs/swagger';
import { VERSION } from './version.js';

/** The OpenAPI description of the running API; needs no database. */
export function describeApi(app: INestApplication): OpenAPIObject {
  const builder = new DocumentBuilder()
    .setTitle('AzCops API')
    .setDescription(
      'What an Azure estate holds, what it costs, and how it was read. Decimals are strings; days are UTC.',
    )
    .setVersion(VERSION)
    .addBearerAuth();
  return SwaggerModule.createDocument(app, builder.build(), {
    operationIdFactory: (controller, method) => `${controller.replace(/Controller$/, '')}_${method}`,
  });
}
