import type { Reporter, TestModule } from 'vitest/node';

type Suites = TestModule['children'];

/** Prints the skipped suites by name, and as the very last line what passed, failed and was skipped. */
export default class SummaryReporter implements Reporter {
  onTestRunEnd(modules: readonly TestModule[], errors: readonly unknown[]): void {
    const counts = { passed: 0, failed: errors.length, skipped: 0 };
    const lines: string[] = [];
    for (const module of modules) {
      // A file that cannot be imported, or a hook that fails, has no failed test.
      for (const suite of [module, ...module.children.allSuites()]) if (suite.errors().length > 0) counts.failed += 1;
      for (const test of module.children.allTests()) {
        const { state } = test.result();
        counts[state === 'pending' ? 'skipped' : state] += 1;
      }
      const skipped = skippedNames(module.children);
      lines.push(...skipped.map((name) => `Skipped: ${module.relativeModuleId} > ${name}`));
    }
    // A task later than the default reporter, which prints its own summary at the same event.
    setImmediate(() => {
      for (const line of lines) console.log(line);
      console.log(`Tests: ${counts.passed} passed, ${counts.failed} failed, ${counts.skipped} skipped`);
    });
  }
}

/** The outermost suites of which everything was skipped, and single tests skipped within others. */
function skippedNames(children: Suites): string[] {
  return [...children].flatMap((child) => {
    if (child.type === 'test') return child.result().state === 'skipped' ? [child.fullName] : [];
    const tests = [...child.children.allTests()];
    if (tests.length > 0 && tests.every((test) => test.result().state === 'skipped')) return [child.fullName];
    return skippedNames(child.children);
  });
}
