import { runIngestionCommand } from './foreground.js';

const args = process.argv.slice(2);

// Without a mode the entry point would become a worker, which never ends by itself.
if (args[0] === 'full' || args[0] === 'incremental') {
  await runIngestionCommand(args);
} else {
  console.error(
    'Say which run: make ingest ARGS="full" or ARGS="incremental" [--tenant ID] [--subscription ID]… [--connector NAME]… [--from DAY --to DAY]',
  );
  process.exitCode = 64;
}
