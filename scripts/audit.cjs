'use strict';
// Informs and gates nothing: advisories appear at any time, and must not stop an unrelated change.
const { spawnSync } = require('node:child_process');

const { error, stdout } = spawnSync('npm', ['audit', '--json', '--audit=true'], {
  encoding: 'utf8',
  maxBuffer: 1 << 28,
});
let report = null;
try {
  report = JSON.parse(stdout);
} catch {
  // npm answers plain text when it cannot reach the registry at all.
}
const vulnerabilities = report?.metadata?.vulnerabilities;
if (!vulnerabilities) {
  const reason = error?.message ?? report?.message ?? report?.error?.summary ?? 'no readable answer';
  console.log(
    `Dependency advisories could not be checked: the registry does not answer (${String(reason).trim().split('\n')[0]}).`,
  );
} else {
  for (const { name, severity, via } of Object.values(report.vulnerabilities)) {
    const titles = via.map((cause) => (typeof cause === 'string' ? `through ${cause}` : `${cause.title} ${cause.url}`));
    console.log(`${severity.padEnd(8)} ${name}: ${titles.join('; ')}`);
  }
  console.log(
    `Dependency advisories: ${vulnerabilities.total} (${vulnerabilities.critical} critical, ${vulnerabilities.high} high).`,
  );
}
