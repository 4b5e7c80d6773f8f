import { describeRule } from '../testing/describe-rule.js';
import { serverCases } from '../testing/server-cases.js';
import { underusedPostgresqlServer } from './rule.js';

describeRule(underusedPostgresqlServer, serverCases('microsoft.dbforpostgresql/flexibleservers'));
