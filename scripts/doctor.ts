import { runInForeground, runIngestionCommand } from './foreground.js';

const args = process.argv.slice(2);

// The explanation of the command needs no database and no Azure.
if (args.includes('--help')) {
  process.exitCode = await runInForeground('dist/apps/ingestion/main.js', ['doctor', ...args], process.env);
} else {
  await runIngestionCommand(['doctor', ...args]);
}
