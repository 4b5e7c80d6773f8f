import type { Behaviour, Received, Reply } from './https-receiver.js';

const AUTHORIZATION = `Basic ${Buffer.from('azcops:p4ssw0rd').toString('base64')}`;
const failure = (status: number, message: string, detail: string | null = null): Reply => ({
  status,
  body: { error: { message, detail }, status: 'failure' },
});

/** ServiceNow as its Table API documents it, with `incident`, and `u_plain` that does not extend Task. */
export class FakeServiceNow {
  readonly tables: Record<string, Record<string, string>[]> = { incident: [], u_plain: [] };
  /** Takes part in the next insert before or after ServiceNow does. */
  weather: { before?: Reply | 'cut'; after?: Reply | 'cut' } | null = null;

  readonly behaviour: Behaviour = (request) => {
    const { before, after } = (request.method === 'POST' && this.weather) || {};
    if (before || after) this.weather = null;
    if (before) return before;
    const reply = this.answer(request);
    return after ?? reply;
  };

  private answer({ method, path, headers, json }: Received): Reply {
    if (headers.authorization !== AUTHORIZATION) {
      return failure(401, 'User Not Authenticated', 'Required to provide Auth information');
    }
    const { pathname, searchParams } = new URL(path, 'https://servicenow');
    const [, table = '', sysId] = /^\/api\/now\/table\/([a-z0-9_]+)(?:\/([0-9a-f]{32}))?$/.exec(pathname) ?? [];
    const records = this.tables[table];
    if (!records) return failure(400, `Invalid table ${table}`);
    const shown = (record: Record<string, string>) => {
      const fields = searchParams.get('sysparm_fields')!.split(',');
      return Object.fromEntries(fields.filter((field) => field in record).map((field) => [field, record[field]]));
    };
    if (method === 'GET') {
      const limit = Number(searchParams.get('sysparm_limit'));
      return {
        status: 200,
        body: { result: this.query(table, searchParams.get('sysparm_query')!).slice(0, limit).map(shown) },
      };
    }
    if (method === 'POST') {
      const record = { ...this.known(table, json), sys_id: String(records.length + 1).padStart(32, '0') };
      if (table === 'incident')
        Object.assign(record, { number: `INC${String(records.length + 1).padStart(7, '0')}`, state: '1' });
      records.push(record);
      return { status: 201, body: { result: shown(record) } };
    }
    const record = records.find(({ sys_id: id }) => id === sysId);
    if (!record) return failure(404, 'No Record found', "Record doesn't exist or ACL restricts the record retrieval");
    if (json.state === '6' && !(json.close_code && json.close_notes)) {
      return failure(
        403,
        'Operation Failed',
        'Data Policy Exception: The following fields are mandatory: Resolution code',
      );
    }
    const notes = [record['work_notes'], json.work_notes].filter(Boolean).join('\n\n');
    Object.assign(record, this.known(table, json), { work_notes: notes });
    return { status: 200, body: { result: shown(record) } };
  }

  /** Conditions on fields that the table does not have are ignored, as the documentation says. */
  private query(table: string, query: string): Record<string, string>[] {
    const found = [...this.tables[table]!];
    if (query.includes('ORDERBYDESCsys_created_on')) found.reverse();
    const [, correlation] = /^correlation_id=([^^]+)/.exec(query) ?? [];
    if (!correlation || table === 'u_plain') return found;
    return found.filter((record) => record['correlation_id'] === correlation);
  }

  /** Unknown fields are dropped without a word. */
  private known(table: string, fields: Record<string, string>): Record<string, string> {
    return table === 'u_plain' ? { short_description: fields['short_description']! } : fields;
  }
}
