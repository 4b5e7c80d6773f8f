import { runInForeground, runIngestionCommand } from './foreground.js';

const args = process.argv.slice(2);

// The list of queries, and a command line that makes no sense, need no database and no Azure.
if (args.includes('--list') || !args.some((arg) => arg.startsWith('--tenant'))) {
  process.exitCode = await runInForeground('dist/apps/ingestion/main.js', ['query', ...args], process.env);
} else {
  await runIngestionCommand(['query', ...args]);
}
