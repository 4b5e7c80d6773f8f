import { runIngestionCommand } from './foreground.js';

await runIngestionCommand(process.argv.slice(2));
