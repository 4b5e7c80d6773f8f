import {
  judgeFlexibleServer,
  scaleServer,
  SERVER_SAVINGS,
  SERVER_THRESHOLDS,
  SERVERS_LEFT_OUT,
} from '../flexible-server.js';
import { defineRule } from '../rule.js';

/** MySQL servers that the next lower size would do for. */
export const underusedMysqlServer = defineRule({
  id: 'underused-mysql-server',
  title: 'Scale the MySQL server down',
  finds:
    'Flexible servers of Azure Database for MySQL whose CPU and memory would still suffice, 95 % of the time, at the next lower size of the same series.',
  leavesOut: SERVERS_LEFT_OUT,
  savings: SERVER_SAVINGS,
  category: 'rightsizing',
  action: 'resize',
  impact: 'Medium',
  risk: 'medium',
  effort: 'low',
  resourceTypes: ['microsoft.dbformysql/flexibleservers'],
  needs: ['metrics', 'costs'],
  thresholds: SERVER_THRESHOLDS,
  runbook: scaleServer('mysql', 'azurerm_mysql_flexible_server'),
  links: [
    {
      title: 'Compute of Azure Database for MySQL flexible server',
      url: 'https://learn.microsoft.com/azure/mysql/flexible-server/concepts-service-tiers-storage',
    },
  ],
  evaluate: (server, { estate, thresholds }) => judgeFlexibleServer(server, estate, thresholds),
});
