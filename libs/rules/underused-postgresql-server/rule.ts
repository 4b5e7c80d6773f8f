import {
  judgeFlexibleServer,
  scaleServer,
  SERVER_SAVINGS,
  SERVER_THRESHOLDS,
  SERVERS_LEFT_OUT,
} from '../flexible-server.js';
import { defineRule } from '../rule.js';

/** PostgreSQL servers that the next lower size would do for. */
export const underusedPostgresqlServer = defineRule({
  id: 'underused-postgresql-server',
  title: 'Scale the PostgreSQL server down',
  finds:
    'Flexible servers of Azure Database for PostgreSQL whose CPU and memory would still suffice, 95 % of the time, at the next lower size of the same series.',
  leavesOut: SERVERS_LEFT_OUT,
  savings: SERVER_SAVINGS,
  category: 'rightsizing',
  action: 'resize',
  impact: 'Medium',
  risk: 'medium',
  effort: 'low',
  resourceTypes: ['microsoft.dbforpostgresql/flexibleservers'],
  needs: ['metrics', 'costs'],
  thresholds: SERVER_THRESHOLDS,
  runbook: scaleServer('postgres', 'azurerm_postgresql_flexible_server'),
  links: [
    {
      title: 'Compute of Azure Database for PostgreSQL flexible server',
      url: 'https://learn.microsoft.com/azure/postgresql/flexible-server/concepts-compute',
    },
  ],
  evaluate: (server, { estate, thresholds }) => judgeFlexibleServer(server, estate, thresholds),
});
