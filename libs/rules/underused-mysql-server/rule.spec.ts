import { describeRule } from '../testing/describe-rule.js';
import { serverCases } from '../testing/server-cases.js';
import { underusedMysqlServer } from './rule.js';

describeRule(underusedMysqlServer, serverCases('microsoft.dbformysql/flexibleservers'));
