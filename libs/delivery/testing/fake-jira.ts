import type { Behaviour, Received, Reply } from './https-receiver.js';

interface Issue {
  key: string;
  fields: any;
  comments: any[];
  status: string;
  /** What the search has noticed. */
  indexed: boolean;
}

const AUTHORIZATION = `Basic ${Buffer.from('azcops:p4ssw0rd').toString('base64')}`;
const errors = (status: number, errorMessages: string[], byField: Record<string, string> = {}): Reply => ({
  status,
  body: { errorMessages, errors: byField },
});

/** Jira Cloud as its REST API v3 documents it: one project FIN, and a search that lags behind. */
export class FakeJira {
  readonly issues: Issue[] = [];
  permissions = new Set(['CREATE_ISSUES', 'ADD_COMMENTS', 'TRANSITION_ISSUES']);
  /** Takes part in the next request before or after Jira does. */
  weather: { before?: Reply | 'cut'; after?: Reply | 'cut' } | null = null;

  readonly behaviour: Behaviour = (request) => {
    const { before, after } = (request.path.endsWith('/issue') && this.weather) || {};
    if (before || after) this.weather = null;
    if (before) return before;
    const reply = this.answer(request);
    return after ?? reply;
  };

  /** Lets the search notice everything. */
  settle(): void {
    for (const issue of this.issues) issue.indexed = true;
  }

  private answer({ method, path, headers, json }: Received): Reply {
    if (headers.authorization !== AUTHORIZATION) return errors(401, ['Client must be authenticated.']);
    const { pathname, searchParams } = new URL(path, 'https://jira');
    const route = pathname.replace('/rest/api/3/', '');
    if (method === 'POST' && route === 'search/jql') return this.search(json);
    if (method === 'POST' && route === 'issue') return this.create(json.fields);
    if (method === 'GET' && route === 'mypermissions') return this.permitted(searchParams);
    const [, key, part] = /^issue\/([^/]+)\/(comment|transitions)$/.exec(route) ?? [];
    const issue = this.issues.find((known) => known.key === key);
    if (!issue) return errors(404, ['Issue does not exist or you do not have permission to see it.']);
    if (part === 'comment') return this.comment(issue, json.body);
    const transitions = [
      { id: '11', name: 'Close', to: { name: 'Done' } },
      { id: '21', name: 'Reopen', to: { name: 'To Do' } },
    ].filter(({ to }) => to.name !== issue.status);
    if (method === 'GET') return { status: 200, body: { transitions } };
    const chosen = transitions.find(({ id }) => id === json.transition.id);
    if (!chosen)
      return errors(400, ['It seems that you have tried to perform a workflow operation that is not valid.']);
    issue.status = chosen.to.name;
    return { status: 204, body: '' };
  }

  private search({ jql, maxResults }: { jql: string; maxResults: number }): Reply {
    const [, project, label] = /^project = "([A-Z0-9_]+)" AND labels = "(\S+)" ORDER BY created DESC$/.exec(jql) ?? [];
    if (!project || !label) return errors(400, [`Error in the JQL Query: ${jql}`]);
    const found = this.issues.filter(({ indexed, fields }) => indexed && fields.labels.includes(label)).toReversed();
    return {
      status: 200,
      body: { issues: found.slice(0, maxResults).map(({ key }) => ({ id: key, key })), isLast: true },
    };
  }

  private create(fields: any): Reply {
    if (fields.project?.key !== 'FIN') return errors(400, [], { project: 'valid project is required' });
    if (!['Task', 'Story'].includes(fields.issuetype?.name)) {
      return errors(400, [], { issuetype: 'Specify a valid issue type' });
    }
    if (!fields.summary || fields.summary.length > 255 || /[\r\n]/.test(fields.summary)) {
      return errors(400, [], { summary: 'Summary must be less than 255 characters.' });
    }
    if (!isDocument(fields.description))
      return errors(400, [], { description: 'Operation value must be an ADF document' });
    if (!fields.labels.every((label: string) => /^\S{1,255}$/.test(label))) {
      return errors(400, [], { labels: "The label can't contain spaces." });
    }
    const key = `FIN-${this.issues.length + 1}`;
    this.issues.push({ key, fields, comments: [], status: 'To Do', indexed: false });
    return { status: 201, body: { id: '10000', key, self: `https://jira/rest/api/3/issue/10000` } };
  }

  private comment(issue: Issue, body: any): Reply {
    if (!isDocument(body)) return errors(400, ['INVALID_INPUT']);
    issue.comments.push(body);
    return { status: 201, body: { id: String(issue.comments.length) } };
  }

  private permitted(query: URLSearchParams): Reply {
    if (query.get('projectKey') !== 'FIN') return errors(404, ['No project could be found with key.']);
    const asked = query.get('permissions')!.split(',');
    const permissions = Object.fromEntries(
      asked.map((key) => [key, { key, type: 'PROJECT', havePermission: this.permissions.has(key) }]),
    );
    return { status: 200, body: { permissions } };
  }
}

/** The text of an ADF document, a line per paragraph. */
export function textOf(document: any): string[] {
  return document.content.map((block: any) => block.content.map(({ text }: any) => text).join(''));
}

/** Checks what the published schema of ADF says of the nodes that are used. */
function isDocument(document: any): boolean {
  const isText = (node: any) =>
    node.type === 'text' &&
    typeof node.text === 'string' &&
    node.text.length > 0 &&
    (node.marks ?? []).every((mark: any) => mark.type === 'strong' || (mark.type === 'link' && mark.attrs.href));
  return (
    document?.type === 'doc' &&
    document.version === 1 &&
    document.content.every((block: any) => block.type === 'paragraph' && block.content.every(isText)) &&
    JSON.stringify(document).length < 32_767
  );
}
